
/*
 * Makes again what "rt users export" has printed.  A user is known by his
 * userName and a group by its displayName, because ids are given anew.
 */


#ifndef RT_USERS_IMPORT_H_INCLUDED
#define RT_USERS_IMPORT_H_INCLUDED


#include "rt_users_api.h"


#pragma GCC visibility push(hidden)


/* ret: RT_EXIT_OK; RT_EXIT_FOUND: said which lines were refused; FAILED */
int rt_users_import(rt_users_api_t *api, const rt_str_t *text, int json);


#pragma GCC visibility pop


#endif /* RT_USERS_IMPORT_H_INCLUDED */

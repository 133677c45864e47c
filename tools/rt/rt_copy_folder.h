
/* The folder that a copy runs in, and who its workers are. */


#ifndef RT_COPY_FOLDER_H_INCLUDED
#define RT_COPY_FOLDER_H_INCLUDED


#include "rt_copy.h"


#pragma GCC visibility push(hidden)


/*
 * Finds uid and gid, and makes the folders in the scratch folder.  Workers can
 * go through it to their own folders and to our socket, and nobody else can.
 *
 * ret: NULL, or why not
 */
const char *rt_copy_folder(rt_copy_t *k, const rt_nginxconf_t *root);


#pragma GCC visibility pop


#endif /* RT_COPY_FOLDER_H_INCLUDED */

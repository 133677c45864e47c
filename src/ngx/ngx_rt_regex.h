
/*
 * Regular expressions by nginx's PCRE, bounded: see rt_regex_bounded().
 */


#ifndef NGX_RT_REGEX_H_INCLUDED
#define NGX_RT_REGEX_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_rt_str.h"
#include "text/rt_regex.h"


#pragma GCC visibility push(hidden)


/* an nginx without PCRE compiles none, and says so */
void ngx_rt_regex_init(rt_regex_t *regex);


#pragma GCC visibility pop


#endif /* NGX_RT_REGEX_H_INCLUDED */


/* Where a journal is: in a folder of the workers' own, which replace it. */


#ifndef NGX_RT_JOURNAL_PLACE_H_INCLUDED
#define NGX_RT_JOURNAL_PLACE_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>


#pragma GCC visibility push(hidden)


/*
 * In the master: the file is there, and the workers' alone.
 * ret:  NULL, or what is wrong with it, with *err, as words behind its name
 */
char *ngx_rt_journal_place(ngx_str_t *path, ngx_cycle_t *cycle,
    ngx_err_t *err);

/* while the configuration is read: 1, there is none, and it will be made */
ngx_uint_t ngx_rt_journal_none(ngx_str_t *path);


#pragma GCC visibility pop


#endif /* NGX_RT_JOURNAL_PLACE_H_INCLUDED */

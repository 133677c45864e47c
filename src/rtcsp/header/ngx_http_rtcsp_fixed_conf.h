/*
 * The directives of Talisman's other headers.
 */


#ifndef NGX_HTTP_RTCSP_FIXED_CONF_H_INCLUDED
#define NGX_HTTP_RTCSP_FIXED_CONF_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/* the directive of one header: cmd->post says which, and what it may say */
char *ngx_http_rtcsp_fixed(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

char *ngx_http_rtcsp_hsts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtcsp_trusted_proxy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* how a header's directive reads its arguments */

typedef struct {
    ngx_str_t                word;
    ngx_str_t                value;     /* what is sent instead, if any */
} ngx_http_rtcsp_word_t;

typedef struct ngx_http_rtcsp_grammar_s  ngx_http_rtcsp_grammar_t;

struct ngx_http_rtcsp_grammar_s {
    ngx_http_rtcsp_fixed_e   header;

    /* that may stand there; the last one is empty */
    ngx_http_rtcsp_word_t    words[9];

    /* several words, or text, are joined by it; NULL: one word */
    const char              *join;

    /* what a text must have in it (each argument); 0: words only */
    u_char                   text;

    const char              *mend;
};


extern ngx_http_rtcsp_grammar_t  ngx_http_rtcsp_grammars[];


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_FIXED_CONF_H_INCLUDED */

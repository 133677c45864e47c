
/*
 * Our cookies: taken out of what the client sent before anybody else reads
 * it, and written into answers.
 *
 *     NAME              the session
 *     NAME_l0 .. _l7    attempts to sign in, see rt_login.h
 *     NAME_p            the provider chosen last
 *
 * All of them together are held to what nginx's default buffers take beside
 * the application's own: a session has MAX_SESSION bytes, an attempt 200.
 */


#ifndef NGX_HTTP_RTAUTH_JAR_H_INCLUDED
#define NGX_HTTP_RTAUTH_JAR_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "session/ngx_http_rtauth_sessions.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_JAR_LOGINS       8
#define NGX_HTTP_RTAUTH_JAR_MAX_SESSION  3400   /* bytes of its value */


/*
 * What a client's request had, as bytes of its lines.  Empty: absent, or there
 * more than once.  A browser sends two of one name when another host of the
 * domain has set one, and does not say which is whose.
 */

struct ngx_http_rtauth_jar_s {
    ngx_str_t    session;

    /* at the addresses of a sign-in; elsewhere nobody looks for them */

    ngx_str_t    logins[NGX_HTTP_RTAUTH_JAR_LOGINS];
    ngx_str_t    chosen;
    unsigned     several:1;     /* cookies of the session's name */
    unsigned     written:1;     /* the answer has a Set-Cookie line of ours */
    unsigned     unread:1;      /* the request never came to POST_READ, for its
                                   header is not whole: nothing was kept */
};


/* the names of all of them, when the configuration was read */
ngx_int_t ngx_http_rtauth_jar_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/*
 * In POST_READ: takes the cookies of every rtauth_session of the configuration
 * out of the request, and keeps those of this server.
 */
ngx_int_t ngx_http_rtauth_jar_handler(ngx_http_request_t *r);

/*
 * SERVER_REWRITE and REWRITE, where an error page begins for a request that was
 * refused before POST_READ (a bad one, say): it may be passed on to the
 * application.  On that page it is nobody's.
 */
ngx_int_t ngx_http_rtauth_jar_again_handler(ngx_http_request_t *r);

/* what was kept; NULL: nothing was */
ngx_http_rtauth_jar_t *ngx_http_rtauth_jar(ngx_http_request_t *r);

/*
 * A Set-Cookie line of this server's rtauth_session.  suffix is what stands
 * behind the session cookie's name: "", "_l0", "_p".  max_age in seconds, 0
 * deletes it, -1: until the browser is closed.
 */
ngx_int_t ngx_http_rtauth_jar_set(ngx_http_request_t *r, char *suffix,
    ngx_str_t *value, time_t max_age);

/*
 * Deletes those of attempts to sign in, with an answer to a request whose
 * header is too large to be read: with them in it, every other one is as well.
 */
ngx_int_t ngx_http_rtauth_jar_drop_logins(ngx_http_request_t *r);

/* deletes cookies of the application, by rtauth_app_cookie */
ngx_int_t ngx_http_rtauth_jar_drop_app(ngx_http_request_t *r,
    ngx_array_t *names);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_JAR_H_INCLUDED */

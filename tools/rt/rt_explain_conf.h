
/*
 * A copy of a configuration that can be run beside the one it is of: it
 * listens on sockets in a private folder, writes there, and passes requests to
 * a socket of ours in place of applications.
 *
 * nginx itself decides, by the configuration as it is.  Each server, location
 * and "if" adds its number to a variable as the first thing that it does, so
 * that a request leaves its way behind: through nested locations, rewrites,
 * try_files and error_page.
 */


#ifndef RT_EXPLAIN_CONF_H_INCLUDED
#define RT_EXPLAIN_CONF_H_INCLUDED


#include "rt_merged.h"
#include "rt_nginx.h"


#pragma GCC visibility push(hidden)


#define RT_EXPLAIN_LISTENS  256     /* addresses */
#define RT_EXPLAIN_ADDRESS  256     /* the longest, with its NUL */
#define RT_EXPLAIN_NOTES    32
#define RT_EXPLAIN_APP      "app"   /* the socket of ours, in the folder */
#define RT_EXPLAIN_CONF     "up/rt-explain/rt.conf"
#define RT_EXPLAIN_LOG      "log/error"
#define RT_EXPLAIN_WAY      "log/way"


typedef struct {
    rt_str_t  address;              /* "*:443" */
    unsigned  port;                 /* 0: a socket's */
    unsigned  tls;                  /* unsigned tls:1 */
} rt_explain_listen_t;              /* its socket is "in/N" */

typedef struct {
    rt_mem_t                *mem;
    const rt_scratch_t      *scratch;
    const rt_nginx_said_t   *said;
    const rt_merged_t       *merged;
    const char              *from;      /* header that says the client's
                                           address; set when it counts */

    /* out */
    rt_explain_listen_t      listen[RT_EXPLAIN_LISTENS];
    unsigned                 nlistens;
    const char              *note[RT_EXPLAIN_NOTES];    /* what differs */
    unsigned                 nnotes;
    unsigned                 sinks;     /* "audit/N" */
    const rt_nginxconf_t   **at;        /* what stands on each line */
    unsigned                 lines;
    gid_t                    gid;       /* of workers */
    unsigned                 counted;   /* unsigned counted:1; from counts */
} rt_explain_conf_t;


/* an address of "listen" as rt_explain_listen_t has it, or cut off */
void rt_explain_address(char *text, size_t size, const rt_str_t *address);

/* constant text, which is said once */
void rt_explain_note(rt_explain_conf_t *c, const char *text);

/* ret: NULL, or why it cannot be done */
const char *rt_explain_conf(rt_explain_conf_t *c, const rt_nginxconf_t *root);


#pragma GCC visibility pop


#endif /* RT_EXPLAIN_CONF_H_INCLUDED */


/*
 * A copy of a configuration that can run beside the original.  It listens on
 * sockets in a private folder, writes only there, and passes requests to a
 * socket of ours instead of to applications.
 *
 * nginx itself decides, by the configuration as it is.  Each server, location
 * and "if" adds its number to a variable as the first thing that it does, so
 * that a request leaves its way behind: through nested locations, rewrites,
 * try_files and error_page.
 */


#ifndef RT_COPY_H_INCLUDED
#define RT_COPY_H_INCLUDED


#include <stdio.h>

#include "rt_merged.h"
#include "rt_nginx.h"


#pragma GCC visibility push(hidden)


#define RT_COPY_LISTENS  256        /* addresses */
#define RT_COPY_ADDRESS  256        /* the longest, with its NUL */
#define RT_COPY_NOTES    32
#define RT_COPY_APP      "app"      /* the socket of ours, in the folder */
#define RT_COPY_CONF     "up/rt-explain/rt.conf"
#define RT_COPY_LOG      "log/error"
#define RT_COPY_WAY      "log/way"


typedef struct {
    rt_str_t  address;              /* "*:443" */
    unsigned  port;                 /* 0: a socket's */
    unsigned  tls;                  /* unsigned tls:1 */
} rt_copy_listen_t;                 /* its socket is "in/N" */

typedef struct rt_copy_s  rt_copy_t;

struct rt_copy_s {
    const rt_scratch_t      *scratch;
    const rt_nginx_said_t   *said;
    const rt_merged_t       *merged;
    const char              *from;      /* the header with the client's
                                           address */

    /* what was made of it */

    rt_copy_listen_t         listen[RT_COPY_LISTENS];
    unsigned                 nlistens;
    const char              *note[RT_COPY_NOTES];       /* what differs */
    unsigned                 nnotes;
    unsigned                 sinks;     /* "audit/N" */
    const rt_nginxconf_t   **at;        /* what stands on each line */
    unsigned                 lines;
    uid_t                    uid;       /* of workers */
    gid_t                    gid;
    unsigned                 counted;   /* the copy reads the header "from" */

    /* while it is written */

    FILE                    *out;
    void                   (*level)(rt_copy_t *k, const rt_nginxconf_t *level);
    unsigned                 room;      /* of at */
    unsigned                 place;     /* the number of the next place */
    unsigned                 files;     /* made in the folder */
    const char              *why;       /* no copy can be made; or NULL */
};


/* notes how the copy differs; a text is constant, and is said once */
void rt_copy_note(rt_copy_t *k, const char *text);

/* ends a line, and notes that this directive stands on it */
void rt_copy_line(rt_copy_t *k, const rt_nginxconf_t *d);

/* writes a word of a directive in quotes; below, all its words from one on */
void rt_copy_word(rt_copy_t *k, const rt_nginxconf_t *d, const rt_str_t *word);
void rt_copy_words(rt_copy_t *k, const rt_nginxconf_t *d, unsigned from);

/* writes ";", or the block of the directive by level() */
void rt_copy_end(rt_copy_t *k, const rt_nginxconf_t *d);


static inline int
rt_copy_begins(const rt_str_t *word, const char *with)
{
    size_t  len;

    len = strlen(with);

    return word->len >= len && memcmp(word->data, with, len) == 0;
}


#pragma GCC visibility pop


#endif /* RT_COPY_H_INCLUDED */


/*
 * nginx's configuration as a tree of directives.
 *
 * What goes in is what "nginx -T" prints, or one file that includes nothing:
 *
 *     # configuration file /etc/nginx/nginx.conf:
 *     http {
 *         include conf.d/tools.conf;
 *     }
 *
 *     # configuration file /etc/nginx/conf.d/tools.conf:
 *     server { ... }
 *
 * The grammar is that of nginx's own reader (ngx_conf_read_token): words,
 * quotes, escapes, "${", blocks.  An "include" is replaced by the directives
 * of the files that it names, so that a file included twice stands in the tree
 * twice; in an rtauth_group it names groups and is a directive.  A block of Lua
 * (content_by_lua_block and the like) has a grammar of its own: it is skipped,
 * and becomes a directive without children.
 *
 * The header of a file counts only where nginx puts it: at the begin of a line,
 * between directives outside of all blocks.  Lines that nginx itself says
 * ("nginx: ...") may stand in front of the first one.
 */


#ifndef RT_NGINXCONF_H_INCLUDED
#define RT_NGINXCONF_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_NGINXCONF_WORD        4096       /* bytes of a word; nginx's own */
#define RT_NGINXCONF_WORDS       4096       /* of a directive */
#define RT_NGINXCONF_DEPTH       32         /* blocks and includes, nested */
#define RT_NGINXCONF_INCLUDES    16384      /* files put in place, in all */
#define RT_NGINXCONF_DIRECTIVES  400000     /* of the tree */


/* a comment that begins with this is a directive of the name "#" */
#define RT_NGINXCONF_NOTE        "# rt check "


typedef struct rt_nginxconf_s  rt_nginxconf_t;

struct rt_nginxconf_s {
    rt_str_t         *word;         /* the first is the name; unescaped */
    unsigned          nwords;       /* 0: the root */
    unsigned          line;         /* where it begins */
    unsigned          block;        /* unsigned block:1; "{" and not ";" */
    rt_str_t          file;
    rt_nginxconf_t   *parent;       /* NULL: the root */
    rt_nginxconf_t   *child;        /* the first one in its block */
    rt_nginxconf_t   *last;
    rt_nginxconf_t   *next;
};


/*
 * The words lie in the arena; name is that of the file when the text does not
 * say it.
 *
 * ret: RT_OK, RT_INVALID or RT_TOO_BIG with a sentence in *err that names file
 *      and line, RT_ERROR (memory)
 */
rt_status_e rt_nginxconf_parse(rt_mem_t *mem, const rt_str_t *name,
    const rt_str_t *text, rt_nginxconf_t **root, rt_str_t *err);


#pragma GCC visibility pop


#endif /* RT_NGINXCONF_H_INCLUDED */

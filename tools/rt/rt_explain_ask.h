
/* One request to an nginx that listens on a socket, and its application. */


#ifndef RT_EXPLAIN_ASK_H_INCLUDED
#define RT_EXPLAIN_ASK_H_INCLUDED


#include "rt_scratch.h"


#pragma GCC visibility push(hidden)


#define RT_EXPLAIN_HEADERS  64
#define RT_EXPLAIN_HEAD     65536   /* bytes of a head */


typedef struct {
    const char  *method;
    rt_str_t     host;              /* with its port, as in Host */
    rt_str_t     name;              /* without its port, for SNI */
    rt_str_t     target;            /* "/path?args" */
    rt_str_t     token;             /* or empty */
    rt_str_t     body;              /* or empty */
    const char  *header[RT_EXPLAIN_HEADERS];
    unsigned     nheaders;
    const char  *from;              /* header of the client's address; NULL */
    const char  *address;
    unsigned     tls;
} rt_explain_ask_t;


/*
 * Sends a request to the socket, and waits for the socket while pid runs.
 *
 * out: head of the answer, NUL-terminated
 * ret: NULL; or why not
 */
const char *rt_explain_ask(const rt_explain_ask_t *ask, const char *socket,
    pid_t pid, char *head);

/*
 * Starts a process that answers 200 to whatever comes to the socket "app".
 * Only the group of the workers can reach that socket.
 *
 * out: *reached, an eventfd that counts what came
 * ret: its pid; -1
 */
pid_t rt_explain_app(const rt_scratch_t *s, gid_t gid, int *reached);


#pragma GCC visibility pop


#endif /* RT_EXPLAIN_ASK_H_INCLUDED */

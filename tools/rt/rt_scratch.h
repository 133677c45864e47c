
/*
 * A folder for one run, and programs that end with it.
 *
 * From rt_scratch() on, signals are caught, so that only SIGKILL leaves the
 * folder behind, and nobody else can read new files.
 */


#ifndef RT_SCRATCH_H_INCLUDED
#define RT_SCRATCH_H_INCLUDED


#include <signal.h>
#include <sys/types.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_SCRATCH_PATH  4096       /* bytes of a path in it */


extern volatile sig_atomic_t  rt_scratch_ended;     /* the signal, or 0 */

typedef struct {
    char    dir[256];               /* "" when there is none */
} rt_scratch_t;


/*
 * From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end rt: they set
 * rt_scratch_ended and interrupt whatever waits, so that the caller can remove
 * what it made.  SIGPIPE becomes an error of the write.
 */
void rt_scratch_catch(void);

/* waits until fd can be read; ret: 1; 0: a signal came, before or meanwhile */
int rt_scratch_readable(int fd);

/* makes the folder, mode 0700, in TMPDIR or /tmp; ret: NULL, or why not */
const char *rt_scratch(rt_scratch_t *s);

/* the path of a name in it, in buf, RT_SCRATCH_PATH bytes */
char *rt_scratch_path(const rt_scratch_t *s, const char *name, char *buf);

/* removes the folder and all in it, and nothing else: no link is followed */
void rt_scratch_remove(rt_scratch_t *s);

/*
 * Starts a program.  What it prints goes to the file "out" of the folder, its
 * errors to the file "err".  It gets SIGTERM when rt dies.
 *
 * ret: its pid; -1
 */
pid_t rt_scratch_start(const rt_scratch_t *s, char *const *argv);

/*
 * Waits for a program.  After so many seconds, or when rt_scratch_ended is set,
 * it gets SIGTERM, which ends the workers of an nginx as well; at last SIGKILL.
 *
 * ret: its exit code; -1: it was ended
 */
int rt_scratch_wait(pid_t pid, unsigned seconds);

/* reads a file of the folder, but no link; ret: 0; -1 with errno */
int rt_scratch_read(const rt_scratch_t *s, const char *name, rt_str_t *text);


#pragma GCC visibility pop


#endif /* RT_SCRATCH_H_INCLUDED */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "ngx_rt_journal.h"
#include "ngx_rt_journal_file.h"
#include "text/rt_journal.h"


#define NGX_RT_JOURNAL_LOOK   200               /* ms between two looks at what
                                                   others appended */
#define NGX_RT_JOURNAL_SMALL  (64 * 1024)       /* a file is not replaced */
#define NGX_RT_JOURNAL_BATCH  256               /* records of one write() */
#define NGX_RT_JOURNAL_ALL    ((size_t) -1)     /* bytes of one read() */
#define NGX_RT_JOURNAL_HOLD   60000             /* ms that a worker which ends
                                                   waits for its disk */


typedef struct ngx_rt_journal_entry_s  ngx_rt_journal_entry_t;

struct ngx_rt_journal_entry_s {
    ngx_rt_journal_entry_t   *next;
    ngx_rt_journal_pt         handler;
    void                     *data;
    int                       err;
    rt_str_t                  line;             /* behind the entry */
};


/* in order */

typedef struct {
    ngx_rt_journal_entry_t   *first;
    ngx_rt_journal_entry_t  **last;
} ngx_rt_journal_list_t;


/* what the thread and the worker tell each other, under the mutex */

struct ngx_rt_journal_s {
    ngx_rt_journal_owner_t    owner;
    ngx_log_t                *log;
    ngx_connection_t         *c;                /* of the eventfd */
    ngx_event_t               hold;             /* set while any waits */
    ngx_uint_t                waiting;
    int                       told;             /* errno that the log has */
    int                       wake;             /* eventfd */

    pthread_t                 thread;
    pthread_mutex_t           mutex;
    pthread_cond_t            cond;
    ngx_rt_journal_list_t     jobs;
    ngx_rt_journal_list_t     done;
    rt_str_t                  read;             /* lines of others */
    rt_str_t                  all;              /* to replace the file with, */
    off_t                     all_end;          /*   when it ends there */
    off_t                     read_end;         /* of the file, with "read" */
    int                       err;              /* of the last try */
    unsigned                  big:1;            /* the file should be */
    unsigned                  stop:1;           /* nobody is told any more */

    ngx_rt_journal_file_t     file;             /* the thread's own */
    off_t                     base;             /* its size when it was new */
};


static ngx_int_t ngx_rt_journal_start(ngx_rt_journal_t *j);
static void ngx_rt_journal_list_init(ngx_rt_journal_list_t *list);
static void *ngx_rt_journal_run(void *data);
static void ngx_rt_journal_sleep(ngx_rt_journal_t *j);
static void ngx_rt_journal_pass(ngx_rt_journal_t *j,
    ngx_rt_journal_entry_t *batch, rt_str_t *all, off_t all_end);
static int ngx_rt_journal_write(ngx_rt_journal_t *j,
    ngx_rt_journal_entry_t *batch);
static int ngx_rt_journal_replace(ngx_rt_journal_t *j, rt_str_t *all);
static void ngx_rt_journal_heard(ngx_rt_journal_t *j, rt_str_t *lines,
    ngx_rt_journal_entry_t *batch, int err);
static void ngx_rt_journal_event(ngx_event_t *ev);
static void ngx_rt_journal_finish(ngx_rt_journal_t *j,
    ngx_rt_journal_entry_t *entry);
static void ngx_rt_journal_say(ngx_rt_journal_t *j, int err);
static void ngx_rt_journal_take(ngx_rt_journal_t *j, rt_str_t lines);
static void ngx_rt_journal_shrink(ngx_rt_journal_t *j, off_t end);
static void ngx_rt_journal_held(ngx_event_t *ev);


ngx_rt_journal_t *
ngx_rt_journal_open(ngx_str_t *path, ngx_rt_journal_owner_t *owner,
    ngx_log_t *log)
{
    int                err;
    rt_str_t           lines;
    ngx_rt_journal_t  *j;

    j = ngx_calloc(sizeof(ngx_rt_journal_t), log);
    if (j == NULL) {
        return NULL;
    }

    j->owner = *owner;
    j->log = log;
    j->file.path = (char *) path->data;
    j->file.fd = -1;
    ngx_rt_journal_list_init(&j->jobs);
    ngx_rt_journal_list_init(&j->done);

    err = ngx_rt_journal_file_open(&j->file);

    if (err == 0) {
        err = ngx_rt_journal_file_read(&j->file, NGX_RT_JOURNAL_ALL, &lines);

        if (err == 0) {
            ngx_rt_journal_take(j, lines);
        }

        free(lines.data);
    }

    if (err) {
        ngx_log_error(NGX_LOG_EMERG, log, err, "\"%V\" cannot be read", path);
    }

    if (err || ngx_rt_journal_start(j) != NGX_OK) {
        ngx_rt_journal_file_close(&j->file);
        ngx_free(j);
        return NULL;
    }

    return j;
}


static ngx_int_t
ngx_rt_journal_start(ngx_rt_journal_t *j)
{
    int                err;
    sigset_t           set, old;
    pthread_condattr_t attr;

    j->wake = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);
    if (j->wake == -1) {
        return NGX_ERROR;
    }

    j->c = ngx_get_connection(j->wake, j->log);
    if (j->c == NULL) {
        (void) close(j->wake);
        return NGX_ERROR;
    }

    j->c->data = j;
    j->c->read->log = j->log;
    j->c->read->handler = ngx_rt_journal_event;

    j->hold.data = j->c;
    j->hold.log = j->log;
    j->hold.handler = ngx_rt_journal_held;

    (void) pthread_mutex_init(&j->mutex, NULL);
    (void) pthread_condattr_init(&attr);
    (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void) pthread_cond_init(&j->cond, &attr);

    err = (ngx_add_event(j->c->read, NGX_READ_EVENT,
                         (ngx_event_flags & NGX_USE_CLEAR_EVENT)
                         ? NGX_CLEAR_EVENT : NGX_LEVEL_EVENT)
           == NGX_OK) ? 0 : ngx_errno;

    if (err == 0) {
        (void) sigfillset(&set);
        (void) pthread_sigmask(SIG_SETMASK, &set, &old);
        err = pthread_create(&j->thread, NULL, ngx_rt_journal_run, j);
        (void) pthread_sigmask(SIG_SETMASK, &old, NULL);
    }

    if (err == 0) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, j->log, err, "no thread for \"%s\"",
                  j->file.path);

    ngx_close_connection(j->c);

    return NGX_ERROR;
}


static void
ngx_rt_journal_list_init(ngx_rt_journal_list_t *list)
{
    list->first = NULL;
    list->last = &list->first;
}


void
ngx_rt_journal_close(ngx_rt_journal_t *j)
{
    (void) pthread_mutex_lock(&j->mutex);
    j->stop = 1;
    (void) pthread_cond_signal(&j->cond);
    (void) pthread_mutex_unlock(&j->mutex);

    (void) pthread_join(j->thread, NULL);

    ngx_rt_journal_event(j->c->read);

    if (j->hold.timer_set) {
        ngx_del_timer(&j->hold);
    }

    ngx_close_connection(j->c);
    ngx_rt_journal_file_close(&j->file);
    free(j->all.data);
    ngx_free(j);
}


void *
ngx_rt_journal_add(ngx_rt_journal_t *j, rt_str_t *record,
    ngx_rt_journal_pt handler, void *data)
{
    ngx_rt_journal_entry_t  *entry;

    entry = malloc(sizeof(ngx_rt_journal_entry_t) + record->len
                   + RT_JOURNAL_MORE);
    if (entry == NULL) {
        return NULL;
    }

    entry->next = NULL;
    entry->handler = handler;
    entry->data = data;
    entry->err = 0;
    entry->line.len = record->len + RT_JOURNAL_MORE;
    entry->line.data = (u_char *) (entry + 1);

    if (rt_journal_line(entry->line.data, record) != RT_OK) {
        free(entry);
        return NULL;
    }

    /* a worker that is to end waits for timers, and so for this */

    if (j->waiting++ == 0) {
        ngx_add_timer(&j->hold, NGX_RT_JOURNAL_HOLD);
    }

    (void) pthread_mutex_lock(&j->mutex);
    *j->jobs.last = entry;
    j->jobs.last = &entry->next;
    (void) pthread_cond_signal(&j->cond);
    (void) pthread_mutex_unlock(&j->mutex);

    return entry;
}


void
ngx_rt_journal_cancel(void *entry)
{
    ((ngx_rt_journal_entry_t *) entry)->handler = NULL;
}


static void
ngx_rt_journal_held(ngx_event_t *ev)
{
    /* the disk is stuck: the worker may end */
}


/* -- the thread */

static void *
ngx_rt_journal_run(void *data)
{
    ngx_rt_journal_t *j = data;

    off_t                    all_end;
    rt_str_t                 all;
    ngx_uint_t               n, stop;
    ngx_rt_journal_entry_t  *batch, *entry;

    (void) pthread_mutex_lock(&j->mutex);

    for ( ;; ) {
        if (j->jobs.first == NULL && j->all.data == NULL && !j->stop) {
            ngx_rt_journal_sleep(j);
        }

        stop = j->stop;
        batch = j->jobs.first;

        for (n = 1, entry = batch; entry; entry = entry->next, n++) {
            if (n == NGX_RT_JOURNAL_BATCH || entry->next == NULL) {
                j->jobs.first = entry->next;
                entry->next = NULL;
                break;
            }
        }

        if (j->jobs.first == NULL) {
            j->jobs.last = &j->jobs.first;
        }

        all = j->all;
        all_end = j->all_end;
        j->all = (rt_str_t) rt_null_string;

        if (stop && batch == NULL) {
            free(all.data);
            break;
        }

        (void) pthread_mutex_unlock(&j->mutex);
        ngx_rt_journal_pass(j, batch, &all, all_end);
        (void) pthread_mutex_lock(&j->mutex);
    }

    (void) pthread_mutex_unlock(&j->mutex);

    return NULL;
}


static void
ngx_rt_journal_sleep(ngx_rt_journal_t *j)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    ts.tv_nsec += NGX_RT_JOURNAL_LOOK * 1000000;
    ts.tv_sec += ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;

    (void) pthread_cond_timedwait(&j->cond, &j->mutex, &ts);
}


/* what others have appended is read first: then the file ends where we know */

static void
ngx_rt_journal_pass(ngx_rt_journal_t *j, ngx_rt_journal_entry_t *batch,
    rt_str_t *all, off_t all_end)
{
    int         err;
    ino_t       ino;
    rt_str_t    lines;
    ngx_uint_t  lock;

    ino = j->file.ino;
    lines = (rt_str_t) rt_null_string;
    lock = (batch || all->data);

    err = lock ? ngx_rt_journal_file_lock(&j->file)
               : ngx_rt_journal_file_look(&j->file);

    if (err == 0) {
        err = ngx_rt_journal_file_read(&j->file, NGX_RT_JOURNAL_ALL, &lines);

    } else if (!lock && err == EWOULDBLOCK) {
        err = 0;                    /* the next look */
    }

    if (j->file.ino != ino) {
        j->base = j->file.end;
    }

    if (err == 0 && batch) {
        err = ngx_rt_journal_write(j, batch);

    } else if (err == 0 && all->data && j->file.end == all_end) {
        err = ngx_rt_journal_replace(j, all);
        j->file.made = 0;
        j->base = j->file.end;      /* also if it failed: not at once again */
    }

    ngx_rt_journal_file_unlock(&j->file);

    free(all->data);

    ngx_rt_journal_heard(j, &lines, batch, err);
}


static int
ngx_rt_journal_write(ngx_rt_journal_t *j, ngx_rt_journal_entry_t *batch)
{
    int                      err;
    u_char                  *p;
    size_t                   size;
    rt_str_t                 lines;
    ngx_rt_journal_entry_t  *entry;

    size = 0;

    for (entry = batch; entry; entry = entry->next) {
        size += entry->line.len;
    }

    lines.len = size;
    lines.data = malloc(size);

    if (lines.data == NULL) {
        return ENOMEM;
    }

    p = lines.data;

    for (entry = batch; entry; entry = entry->next) {
        p = ngx_cpymem(p, entry->line.data, entry->line.len);
    }

    err = ngx_rt_journal_file_append(&j->file, &lines);

    free(lines.data);

    return err;
}


static int
ngx_rt_journal_replace(ngx_rt_journal_t *j, rt_str_t *all)
{
    int                    err;
    ngx_rt_journal_file_t  other;

    err = ngx_rt_journal_file_begin(&j->file, &other);

    if (err == 0) {
        err = ngx_rt_journal_file_put(&other, all);
    }

    return err ? err : ngx_rt_journal_file_replace(&j->file, &other);
}


/*
 * Lines are joined to those that the worker has not taken yet.  What it takes
 * in one go is all of the file up to read_end.
 */

static void
ngx_rt_journal_heard(ngx_rt_journal_t *j, rt_str_t *lines,
    ngx_rt_journal_entry_t *batch, int err)
{
    u_char      *p;
    ngx_uint_t   tell;

    (void) pthread_mutex_lock(&j->mutex);

    /* a look does not tell that it can be written to again */

    err = (err || batch) ? err : j->err;

    tell = (lines->len || batch || err != j->err);

    *j->done.last = batch;

    for ( /* void */ ; batch; batch = batch->next) {
        batch->err = err;
        j->done.last = &batch->next;
    }

    if (lines->len) {
        p = realloc(j->read.data, j->read.len + lines->len);

        if (p) {
            ngx_memcpy(p + j->read.len, lines->data, lines->len);
            j->read.data = p;
            j->read.len += lines->len;

        } else {
            ngx_rt_journal_file_close(&j->file);    /* and read anew */
            err = ENOMEM;
        }
    }

    j->err = err;
    j->read_end = j->file.end;
    j->big = j->file.made
             || j->file.end > 2 * j->base + NGX_RT_JOURNAL_SMALL;

    if (tell || j->big) {
        (void) eventfd_write(j->wake, 1);
    }

    (void) pthread_mutex_unlock(&j->mutex);

    free(lines->data);
}


/* -- the worker */

static void
ngx_rt_journal_event(ngx_event_t *ev)
{
    int                      err;
    off_t                    end;
    rt_str_t                 read;
    eventfd_t                n;
    ngx_uint_t               big;
    ngx_connection_t        *c;
    ngx_rt_journal_t        *j;
    ngx_rt_journal_entry_t  *done;

    c = ev->data;
    j = c->data;

    (void) eventfd_read(j->wake, &n);

    (void) pthread_mutex_lock(&j->mutex);

    err = j->err;
    end = j->read_end;
    big = j->big && j->jobs.first == NULL && j->all.data == NULL && !j->stop;
    read = j->read;
    done = j->done.first;
    j->read = (rt_str_t) rt_null_string;
    ngx_rt_journal_list_init(&j->done);

    (void) pthread_mutex_unlock(&j->mutex);

    ngx_rt_journal_say(j, err);
    ngx_rt_journal_take(j, read);
    free(read.data);
    ngx_rt_journal_finish(j, done);

    if (big) {
        ngx_rt_journal_shrink(j, end);
    }
}


static void
ngx_rt_journal_finish(ngx_rt_journal_t *j, ngx_rt_journal_entry_t *entry)
{
    ngx_rt_journal_entry_t  *next;

    for ( /* void */ ; entry; entry = next) {
        next = entry->next;

        if (entry->err == 0) {
            ngx_rt_journal_take(j, entry->line);
        }

        if (entry->handler && !j->stop) {
            entry->handler(entry->data, entry->err);
        }

        free(entry);

        if (--j->waiting == 0 && j->hold.timer_set) {
            ngx_del_timer(&j->hold);
        }
    }
}


static void
ngx_rt_journal_say(ngx_rt_journal_t *j, int err)
{
    if (err && err != j->told) {
        ngx_log_error(NGX_LOG_CRIT, j->log, err,
                      "\"%s\" cannot be written to", j->file.path);

    } else if (err == 0 && j->told) {
        ngx_log_error(NGX_LOG_NOTICE, j->log, 0,
                      "\"%s\" can be written to again", j->file.path);
    }

    j->told = err;
}


static void
ngx_rt_journal_take(ngx_rt_journal_t *j, rt_str_t lines)
{
    rt_str_t     record;
    ngx_uint_t   bad;
    rt_status_e  rc;

    bad = 0;

    while ((rc = rt_journal_next(&lines, &record)) != RT_DONE) {

        if (rc == RT_OK) {
            j->owner.take(j->owner.data, &record);

        } else {
            bad++;
        }
    }

    if (bad) {
        ngx_log_error(NGX_LOG_CRIT, j->log, 0,
                      "\"%s\": %ui damaged lines are passed over",
                      j->file.path, bad);
    }
}


static void
ngx_rt_journal_shrink(ngx_rt_journal_t *j, off_t end)
{
    rt_str_t  all;

    all = j->owner.all(j->owner.data);

    if (all.data == NULL) {
        return;
    }

    (void) pthread_mutex_lock(&j->mutex);
    j->all = all;
    j->all_end = end;
    (void) pthread_cond_signal(&j->cond);
    (void) pthread_mutex_unlock(&j->mutex);
}

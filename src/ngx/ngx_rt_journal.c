
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <pthread.h>

#include "ngx_rt_journal.h"
#include "ngx_rt_journal_file.h"
#include "ngx_rt_thread.h"
#include "text/rt_journal.h"


#define NGX_RT_JOURNAL_LOOK   200               /* ms between two looks at what
                                                   others appended */
#define NGX_RT_JOURNAL_SMALL  (64 * 1024)       /* a file is not replaced */
#define NGX_RT_JOURNAL_BATCH  256               /* records of one write() */
#define NGX_RT_JOURNAL_ALL    ((size_t) -1)     /* bytes of one read() */


typedef struct {
    ngx_rt_task_t             task;
    ngx_rt_journal_pt         handler;
    void                     *data;
    int                       err;
    rt_str_t                  line;             /* behind the entry */
} ngx_rt_journal_entry_t;


struct ngx_rt_journal_s {
    ngx_rt_journal_owner_t    owner;
    ngx_log_t                *log;
    ngx_rt_thread_t          *thread;
    int                       told;             /* errno that the log has */
    unsigned                  stop:1;           /* nobody is told any more */

    /* what the thread and the worker tell each other */

    pthread_mutex_t           mutex;
    rt_str_t                  read;             /* lines of others */
    off_t                     anew_end;         /* the worker has all of it, */
    off_t                     read_end;         /* of the file, with "read" */
    int                       err;              /* of the last try */
    ngx_uint_t                bad;              /* EBADMSG: in this line */
    unsigned                  big:1;            /* the file should be, and */
    unsigned                  anew:1;           /*   is to be, written anew */

    ngx_rt_journal_file_t     file;             /* the thread's own */
    off_t                     base;             /* its size when it was new */
};


static ngx_uint_t ngx_rt_journal_pass(void *data, ngx_rt_task_t *tasks);
static int ngx_rt_journal_work(ngx_rt_journal_t *j, ngx_rt_task_t *tasks,
    rt_str_t *lines);
static int ngx_rt_journal_write(ngx_rt_journal_t *j, ngx_rt_task_t *tasks);
static int ngx_rt_journal_replace(ngx_rt_journal_t *j);
static ngx_uint_t ngx_rt_journal_heard(ngx_rt_journal_t *j, rt_str_t *lines,
    ngx_rt_task_t *tasks, int err);
static void ngx_rt_journal_done(void *data, ngx_rt_task_t *tasks);
static void ngx_rt_journal_finish(ngx_rt_journal_t *j, ngx_rt_task_t *tasks);
static void ngx_rt_journal_say(ngx_rt_journal_t *j, int err);
static void ngx_rt_journal_take(ngx_rt_journal_t *j, rt_str_t lines);


ngx_rt_journal_t *
ngx_rt_journal_open(ngx_str_t *path, ngx_rt_journal_owner_t *owner,
    ngx_log_t *log)
{
    int                     err;
    rt_str_t                lines;
    ngx_rt_journal_t       *j;
    ngx_rt_thread_owner_t   thread;

    j = ngx_calloc(sizeof(ngx_rt_journal_t), log);
    if (j == NULL) {
        return NULL;
    }

    j->owner = *owner;
    j->log = log;
    j->file.path = (char *) path->data;
    j->file.fd = -1;
    (void) pthread_mutex_init(&j->mutex, NULL);

    err = ngx_rt_journal_file_open(&j->file);

    if (err == 0) {
        err = ngx_rt_journal_file_read(&j->file, NGX_RT_JOURNAL_ALL, &lines);

        if (err == 0 || err == EBADMSG) {
            ngx_rt_journal_take(j, lines);
        }

        free(lines.data);
    }

    /* the master has found it sound: the zone has what a worker has not */

    if (err == EBADMSG) {
        j->err = err;
        j->bad = ngx_rt_journal_file_line(&j->file);
        ngx_rt_journal_say(j, err);
        err = 0;
    }

    if (err) {
        ngx_log_error(NGX_LOG_EMERG, log, err, "\"%V\" cannot be read", path);

    } else {
        thread.pass = ngx_rt_journal_pass;
        thread.done = ngx_rt_journal_done;
        thread.data = j;
        thread.most = NGX_RT_JOURNAL_BATCH;
        thread.look = NGX_RT_JOURNAL_LOOK;

        j->thread = ngx_rt_thread_start(&thread, log);
    }

    if (j->thread == NULL) {
        ngx_rt_journal_file_close(&j->file);
        ngx_free(j);
        return NULL;
    }

    return j;
}


void
ngx_rt_journal_close(ngx_rt_journal_t *j)
{
    j->stop = 1;

    ngx_rt_thread_stop(j->thread);

    ngx_rt_journal_file_close(&j->file);
    free(j->read.data);
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

    entry->handler = handler;
    entry->data = data;
    entry->err = 0;
    entry->line.len = record->len + RT_JOURNAL_MORE;
    entry->line.data = (u_char *) (entry + 1);

    if (rt_journal_line(entry->line.data, record) != RT_OK) {
        free(entry);
        return NULL;
    }

    ngx_rt_thread_add(j->thread, &entry->task, 0);

    return entry;
}


void
ngx_rt_journal_cancel(void *entry)
{
    ((ngx_rt_journal_entry_t *) entry)->handler = NULL;
}


/* -- the thread */

static ngx_uint_t
ngx_rt_journal_pass(void *data, ngx_rt_task_t *tasks)
{
    ngx_rt_journal_t *j = data;

    int       err;
    rt_str_t  lines;

    err = ngx_rt_journal_work(j, tasks, &lines);

    return ngx_rt_journal_heard(j, &lines, tasks, err);
}


/* what others have appended is read first: then the file ends where we know */

static int
ngx_rt_journal_work(ngx_rt_journal_t *j, ngx_rt_task_t *tasks, rt_str_t *lines)
{
    int         err;
    ino_t       ino;
    off_t       anew_end;
    ngx_uint_t  lock, anew;

    (void) pthread_mutex_lock(&j->mutex);
    anew = j->anew;
    anew_end = j->anew_end;
    j->anew = 0;
    (void) pthread_mutex_unlock(&j->mutex);

    ino = j->file.ino;
    *lines = (rt_str_t) rt_null_string;
    lock = (tasks || anew);

    err = lock ? ngx_rt_journal_file_lock(&j->file)
               : ngx_rt_journal_file_look(&j->file);

    if (err == 0) {
        err = ngx_rt_journal_file_read(&j->file, NGX_RT_JOURNAL_ALL, lines);

    } else if (!lock && err == EWOULDBLOCK) {
        err = j->err;               /* the next look */
    }

    if (j->file.ino != ino) {
        j->base = j->file.end;
    }

    if (err == 0 && tasks) {
        err = ngx_rt_journal_write(j, tasks);

    } else if (err == 0 && anew && lines->len == 0
               && j->file.end == anew_end)
    {
        err = ngx_rt_journal_replace(j);
    }

    ngx_rt_journal_file_unlock(&j->file);

    return err;
}


static int
ngx_rt_journal_write(ngx_rt_journal_t *j, ngx_rt_task_t *tasks)
{
    int                      err;
    u_char                  *p;
    size_t                   size;
    rt_str_t                 lines;
    ngx_rt_task_t           *task;
    ngx_rt_journal_entry_t  *entry;

    size = 0;

    for (task = tasks; task; task = task->next) {
        size += ((ngx_rt_journal_entry_t *) task)->line.len;
    }

    lines.len = size;
    lines.data = malloc(size);

    if (lines.data == NULL) {
        return ENOMEM;
    }

    p = lines.data;

    for (task = tasks; task; task = task->next) {
        entry = (ngx_rt_journal_entry_t *) task;
        p = ngx_cpymem(p, entry->line.data, entry->line.len);
    }

    err = ngx_rt_journal_file_append(&j->file, &lines);

    free(lines.data);

    return err;
}


static int
ngx_rt_journal_replace(ngx_rt_journal_t *j)
{
    int                    err;
    rt_str_t               all;
    ngx_rt_journal_file_t  other;

    err = 0;
    all = j->owner.all(j->owner.data);

    if (all.data) {
        err = ngx_rt_journal_file_begin(&j->file, &other);

        if (err == 0) {
            err = ngx_rt_journal_file_put(&other, &all);
        }

        if (err == 0) {
            err = ngx_rt_journal_file_replace(&j->file, &other);
        }

        free(all.data);
        j->file.made = 0;
    }

    j->base = j->file.end;          /* also if it failed: not at once again */

    return err;
}


/*
 * Lines are joined to those that the worker has not taken yet.  What it takes
 * in one go is all of the file up to read_end.
 */

static ngx_uint_t
ngx_rt_journal_heard(ngx_rt_journal_t *j, rt_str_t *lines,
    ngx_rt_task_t *tasks, int err)
{
    u_char         *p;
    ngx_uint_t      tell, bad;
    ngx_rt_task_t  *task;

    bad = (err != EBADMSG) ? 0
          : (j->err == EBADMSG) ? j->bad
          : ngx_rt_journal_file_line(&j->file);

    (void) pthread_mutex_lock(&j->mutex);

    /* a look does not tell that it can be written to again, but it is read */

    if (err == 0 && tasks == NULL && j->err != EBADMSG) {
        err = j->err;
    }

    if (err == EBADMSG) {
        j->bad = bad;
    }

    tell = (lines->len || err != j->err);

    for (task = tasks; task; task = task->next) {
        ((ngx_rt_journal_entry_t *) task)->err = err;
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

    tell |= j->big;

    (void) pthread_mutex_unlock(&j->mutex);

    free(lines->data);

    return tell;
}


/* -- the worker */

static void
ngx_rt_journal_done(void *data, ngx_rt_task_t *tasks)
{
    ngx_rt_journal_t *j = data;

    int         err;
    off_t       end;
    rt_str_t    read;
    ngx_uint_t  big;

    (void) pthread_mutex_lock(&j->mutex);

    err = j->err;
    end = j->read_end;
    big = j->big && !j->stop;
    read = j->read;
    j->read = (rt_str_t) rt_null_string;

    (void) pthread_mutex_unlock(&j->mutex);

    ngx_rt_journal_file_say(&j->file, j->log);
    ngx_rt_journal_say(j, err);
    ngx_rt_journal_take(j, read);
    free(read.data);
    ngx_rt_journal_finish(j, tasks);

    if (big && ngx_rt_thread_idle(j->thread)) {
        (void) pthread_mutex_lock(&j->mutex);
        j->anew = 1;
        j->anew_end = end;
        (void) pthread_mutex_unlock(&j->mutex);
    }
}


static void
ngx_rt_journal_finish(ngx_rt_journal_t *j, ngx_rt_task_t *tasks)
{
    ngx_rt_task_t           *next;
    ngx_rt_journal_entry_t  *entry;

    for ( /* void */ ; tasks; tasks = next) {
        next = tasks->next;
        entry = (ngx_rt_journal_entry_t *) tasks;

        if (entry->err == 0) {
            ngx_rt_journal_take(j, entry->line);
        }

        if (entry->handler && !j->stop) {
            entry->handler(entry->data, entry->err);
        }

        free(entry);
    }
}


static void
ngx_rt_journal_say(ngx_rt_journal_t *j, int err)
{
    if (err == EBADMSG && err != j->told) {
        ngx_log_error(NGX_LOG_CRIT, j->log, 0, "\"%s\" is damaged in line %ui: "
                      "nothing is read from there on, and nothing is written "
                      "to it", j->file.path, j->bad);

    } else if (err && err != j->told) {
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
    rt_str_t  record;

    while (rt_journal_cut(&lines, &record)) {
        j->owner.take(j->owner.data, &record);
    }
}


ngx_uint_t
ngx_rt_journal_damaged(ngx_rt_journal_t *j)
{
    return j->told == EBADMSG;
}


/* rt audit rescrub: old files as today's rules would have written them. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "rt.h"
#include "rt_audit.h"
#include "rt_audit_read.h"
#include "rt_audit_scrub.h"
#include "rt_input.h"
#include "rt_term.h"
#include "rt_words.h"
#include "event/rt_query_line.h"
#include "json/rt_jsonw.h"
#include "text/rt_nginxconf.h"


/* bytes of a line, each of which may become an escape, and of its notes */
#define OUT_MAX   (6 * RT_AUDIT_LINE_MAX + 512 * 1024)


typedef struct {
    rt_mem_t          *mem;         /* of the whole run, for the rules */
    rt_redact_rule_t   rule[1024];
    rt_redact_set_t    rules;
    int                in_place;
    int                end_chain;
    int                json;
    unsigned char     *out;
} rescrub_t;


typedef struct {
    uint64_t           lines;
    uint64_t           changed;
    uint64_t           values;
    uint64_t           left_out;
    uint64_t           sealed;
    int                compressed;
} done_t;


/* a piece of the memory for one line */

typedef struct piece_s  piece_t;

struct piece_s {
    piece_t           *next;
    max_align_t        data[];
};


static void *
take(void *ctx, size_t size)
{
    piece_t  *piece, **pieces = ctx;

    piece = malloc(sizeof(piece_t) + size);

    if (piece == NULL) {
        return NULL;
    }

    piece->next = *pieces;
    *pieces = piece;

    return piece->data;
}


static void
give_back(piece_t *piece)
{
    piece_t  *next;

    for ( /* void */ ; piece; piece = next) {
        next = piece->next;
        free(piece);
    }
}


static int
failed(const char *name, const char *why)
{
    rt_term_warning("rt audit rescrub: %s: %s\n", name, why);

    return RT_EXIT_FAILED;
}


/* ret: RT_EXIT_OK, or it was said why not */

static int
add_rules(rescrub_t *r, const char *where, rt_str_t *words, unsigned nwords)
{
    unsigned     i, n;
    rt_str_t     err;
    rt_status_e  rc;

    for (i = 0; i < nwords; i++) {
        if (words[i].len >= 6 && memcmp(words[i].data, "regex:", 6) == 0) {
            return failed(where, "a rule of regex: cannot be used here, for"
                                 " it needs nginx's own PCRE");
        }
    }

    if (nwords > sizeof(r->rule) / sizeof(r->rule[0]) - r->rules.n) {
        return failed(where, "too many rules");
    }

    n = 0;
    rc = rt_redact_parse(r->mem, words, nwords, NULL, r->rule + r->rules.n, &n,
                         &err);

    if (rc != RT_OK) {
        return failed(where, rc == RT_ERROR ? "no memory" : (char *) err.data);
    }

    r->rules.n += n;

    return RT_EXIT_OK;
}


/* Adds up the rules of all levels: each line is redacted by all of them. */

static int
add_block(rescrub_t *r, const char *name, const rt_nginxconf_t *block)
{
    int                     rc;
    const rt_nginxconf_t   *d;
    const rt_str_t          directive = rt_string("rtaudit_redact");

    for (d = block->child, rc = RT_EXIT_OK; d && rc == RT_EXIT_OK; d = d->next)
    {
        rc = rt_str_eq(&d->word[0], &directive)
             ? add_rules(r, name, d->word + 1, d->nwords - 1)
             : add_block(r, name, d);
    }

    return rc;
}


static int
add_conf(rescrub_t *r, const char *name)
{
    rt_str_t         file, text, err;
    const char      *why;
    rt_status_e      rc;
    rt_nginxconf_t  *root;

    why = rt_input_file(&name, &text);

    if (why) {
        return failed(name, why);
    }

    file = rt_str_of(name);
    rc = rt_nginxconf_parse(r->mem, &file, &text, &root, &err);

    if (rc != RT_OK) {
        return failed(name, rc == RT_ERROR ? "no memory" : (char *) err.data);
    }

    return add_block(r, name, root);
}


static int
add_words(rescrub_t *r, const char *text)
{
    char      *word, *rest;
    unsigned   n;
    rt_str_t  *words;

    words = calloc(strlen(text) + 1, sizeof(rt_str_t));
    rest = strdup(text);

    if (words == NULL || rest == NULL) {
        return failed("memory", strerror(errno));
    }

    for (n = 0; (word = strsep(&rest, " ")) != NULL; /* void */) {
        if (*word) {
            words[n++] = rt_str_of(word);
        }
    }

    return add_rules(r, "--redact", words, n);
}


/* ret: NULL, or why the line is not in the new file */

static const char *
scrub_line(rescrub_t *r, rt_str_t line, FILE *out, done_t *done)
{
    piece_t           *pieces;
    rt_mem_t           mem = { take, &pieces };
    rt_jsonw_t         w;
    rt_status_e        rc;
    rt_query_line_t    ev;
    rt_audit_scrub_t   found;

    done->lines++;

    if (line.len && line.data[line.len - 1] == '\n') {
        line.len--;
    }

    pieces = NULL;
    rt_jsonw_init(&w, r->out, OUT_MAX);

    rc = rt_query_line(&line, &ev);

    if (rc == RT_OK) {
        rc = rt_audit_scrub(&mem, &r->rules, &line, &w, &found);
    }

    give_back(pieces);

    if (rc == RT_ERROR) {
        return "no memory";
    }

    if (rc != RT_OK) {
        done->left_out++;
        return NULL;
    }

    done->changed += found.values != 0;
    done->values += found.values;
    done->sealed += found.sealed;

    if (fwrite(r->out, 1, rt_jsonw_len(&w), out) != rt_jsonw_len(&w)
        || putc('\n', out) == EOF)
    {
        return strerror(errno);
    }

    return NULL;
}


/* Writes the lines of a file into another one; ret: NULL, or why not. */

static const char *
scrub_lines(rescrub_t *r, const char *name, const struct stat *st, int fd,
    done_t *done)
{
    FILE              *out;
    rt_str_t           line;
    const char        *why;
    rt_audit_read_t    in;

    out = fdopen(fd, "wb");

    if (out == NULL) {
        (void) close(fd);
        return strerror(errno);
    }

    why = rt_audit_read_open(&in, name);

    if (why) {
        (void) fclose(out);
        return why;
    }

    if (in.st.st_dev != st->st_dev || in.st.st_ino != st->st_ino) {
        why = "is another file now";
    }

    while (why == NULL && rt_audit_read_line(&in, &line)) {
        why = scrub_line(r, line, out, done);
    }

    why = why ? why : in.why;
    done->compressed = !gzdirect(in.gz);
    rt_audit_read_close(&in);

    if (why == NULL && (fflush(out) != 0 || fsync(fd) == -1)) {
        why = strerror(errno);
    }

    (void) fclose(out);

    return why;
}


/* Gives the new file its name; ret: NULL, or why not. */

static const char *
install(const rescrub_t *r, const char *name, const char *made,
    const char *target, const struct stat *before, const done_t *done)
{
    struct stat  now;

    if (!r->in_place) {
        return link(made, target) == 0 ? NULL : strerror(errno);
    }

    if (done->compressed) {
        return "is compressed: leave out --in-place";
    }

    if (done->sealed && !r->end_chain) {
        return "has lines of a chain, which ends with them: say --end-chain";
    }

    if (stat(name, &now) == -1 || now.st_ino != before->st_ino
        || now.st_size != before->st_size
        || now.st_mtim.tv_sec != before->st_mtim.tv_sec
        || now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
    {
        return "is written to: rotate it first";
    }

    return rename(made, target) == 0 ? NULL : strerror(errno);
}


static void
report(const rescrub_t *r, const char *target, const done_t *done)
{
    rt_str_t        s;
    rt_jsonw_t      w;
    unsigned char   buf[6 * 4096 + 512];

    if (!r->json) {
        rt_term_print("%s: %llu lines, %llu values taken out of %llu of them; "
                      "%llu that are no events left out%s\n", target,
                      (unsigned long long) done->lines,
                      (unsigned long long) done->values,
                      (unsigned long long) done->changed,
                      (unsigned long long) done->left_out,
                      done->sealed ? "; their chain ends: the old file is the "
                                     "one that \"rt audit verify\" knows"
                                   : "");
        return;
    }

    s = rt_str_of(target);

    rt_jsonw_init(&w, buf, sizeof(buf));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "file");
    rt_jsonw_str(&w, &s);
    rt_jsonw_lit(&w, "lines");
    rt_jsonw_uint(&w, done->lines);
    rt_jsonw_lit(&w, "changed");
    rt_jsonw_uint(&w, done->changed);
    rt_jsonw_lit(&w, "values");
    rt_jsonw_uint(&w, done->values);
    rt_jsonw_lit(&w, "leftOut");
    rt_jsonw_uint(&w, done->left_out);
    rt_jsonw_lit(&w, "chainEnds");
    rt_jsonw_bool(&w, done->sealed != 0);

    (void) rt_term_json_close(&w);
}


static int
scrub_file(rescrub_t *r, const char *name)
{
    int           fd;
    char          made[4096], target[4096];
    done_t        done;
    const char   *why;
    struct stat   st;

    if (strlen(name) > sizeof(made) - 32) {
        return failed(name, strerror(ENAMETOOLONG));
    }

    if (stat(name, &st) == -1) {
        return failed(name, strerror(errno));
    }

    if (!S_ISREG(st.st_mode)) {
        return failed(name, "is no regular file");
    }

    (void) sprintf(made, "%s.rescrub-XXXXXX", name);
    (void) sprintf(target, "%s%s", name, r->in_place ? "" : ".rescrubbed");

    fd = mkostemp(made, O_CLOEXEC);             /* mode 0600 */

    if (fd == -1) {
        return failed(made, strerror(errno));
    }

    memset(&done, 0, sizeof(done_t));

    /* the new file is its owner's alone, who is that of the very file that was
       read: the name may be another one's by now */

    if (r->in_place && fchown(fd, st.st_uid, st.st_gid) == -1) {
        why = strerror(errno);
        (void) close(fd);

    } else {
        why = scrub_lines(r, name, &st, fd, &done);
    }

    if (why == NULL) {
        why = install(r, name, made, target, &st, &done);
    }

    (void) unlink(made);

    if (why) {
        return failed(name, why);
    }

    report(r, target, &done);

    return RT_EXIT_OK;
}


static int
take_rules(void *r, const char *option, const char *value)
{
    return strcmp(option, "--rules") == 0 ? add_conf(r, value)
                                          : add_words(r, value);
}


int
rt_audit_rescrub(rt_mem_t *mem, int argc, char **argv)
{
    int                i, n, rc;
    static rescrub_t   r;

    const rt_option_t  options[] = {
        { "--rules", NULL, NULL },
        { "--redact", NULL, NULL },
        { "--in-place", NULL, &r.in_place },
        { "--end-chain", NULL, &r.end_chain },
        { "--json", NULL, &r.json }
    };

    r.mem = mem;
    r.rules.rule = r.rule;
    r.out = malloc(OUT_MAX);

    if (r.out == NULL) {
        return failed("memory", strerror(errno));
    }

    n = rt_words_all("rt audit rescrub", options,
                     sizeof(options) / sizeof(options[0]), take_rules, &r,
                     argc, argv);

    if (n <= 0) {
        return n ? RT_EXIT_FAILED : failed("FILE", "is missing");
    }

    for (i = 0, rc = RT_EXIT_OK; rc == RT_EXIT_OK && i < n; i++) {
        rc = scrub_file(&r, argv[i]);
    }

    return rc;
}


/* rt audit verify: whether files hold what nginx has written, and all of it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "rt.h"
#include "rt_audit.h"
#include "rt_audit_book.h"
#include "rt_audit_read.h"
#include "rt_input.h"
#include "rt_term.h"
#include "rt_words.h"
#include "json/rt_jsonw.h"


#define BEHIND      600             /* seconds that lines may be unsigned */


typedef struct {
    rt_audit_book_t   book;
    uint64_t          max_age;          /* seconds; 0: any */
    int               json;
    char            **file;
    int               nfiles;
} verify_t;


static int
failed(const char *name, const char *why)
{
    rt_term_warning("rt audit verify: %s: %s\n", name, why);

    return RT_EXIT_FAILED;
}


/* Reads a secret as nginx does, without the end of its line. */

static int
read_secret(const char *name, rt_str_t *s)
{
    const char  *why;

    why = rt_input_file(&name, s);

    if (why) {
        return failed(name, why);
    }

    rt_str_chomp(s);

    return RT_EXIT_OK;
}


static int
add_key(verify_t *v, const char *name)
{
    rt_str_t          secret;
    rt_audit_book_t  *book = &v->book;

    if (book->nkeys == RT_AUDIT_KEYS) {
        return failed(name, "is a key too many");
    }

    if (read_secret(name, &secret) != RT_EXIT_OK) {
        return RT_EXIT_FAILED;
    }

    if (rt_chain_key_open(&book->key[book->nkeys], &secret) != RT_OK) {
        return failed(name, "is no key of rtaudit_chain: it has at least 32 "
                            "bytes");
    }

    book->nkeys++;

    return RT_EXIT_OK;
}


static int
add_public(verify_t *v, const char *name)
{
    rt_str_t          pem;
    rt_audit_book_t  *book = &v->book;

    if (book->npubs == RT_AUDIT_KEYS) {
        return failed(name, "is a key too many");
    }

    if (read_secret(name, &pem) != RT_EXIT_OK) {
        return RT_EXIT_FAILED;
    }

    if (rt_chain_key_public(&book->pub[book->npubs], &pem) != RT_OK) {
        return failed(name, "is no public key of Ed25519 in PEM");
    }

    book->pub_name[book->npubs++] = name;

    return RT_EXIT_OK;
}


/* Takes a head, or a file whose events name heads, such as another sink's. */

static int
add_expected(verify_t *v, const char *name)
{
    rt_str_t          text;
    const char       *why;
    rt_chain_head_t   head;
    rt_audit_read_t   r;

    text = rt_str_of(name);

    if (rt_chain_head_read(&text, 1, &head) == RT_OK) {
        rt_audit_book_expect(&v->book, &head);
        return RT_EXIT_OK;
    }

    why = rt_audit_read_open(&r, name);

    if (why) {
        return failed(name, why);
    }

    while (rt_audit_read_line(&r, &text)) {
        rt_audit_book_witness(&v->book, &text);
    }

    why = r.why;
    rt_audit_read_close(&r);

    return why ? failed(name, why) : RT_EXIT_OK;
}


/* Reads 90, 90s, 5m, 2h or 1d; ret: 0: this is none of them. */

static uint64_t
read_time(const char *text)
{
    char                *end;
    size_t               i;
    unsigned long long   n;

    static const struct { const char *unit; unsigned seconds; }  units[] = {
        { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 }
    };

    errno = 0;
    n = strtoull(text, &end, 10);

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (text[0] >= '0' && text[0] <= '9' && errno == 0
            && n < 1000000000 && strcmp(end, units[i].unit) == 0)
        {
            return n * units[i].seconds;
        }
    }

    return 0;
}


static int
take(void *v, const char *option, const char *value)
{
    return strcmp(option, "--key") == 0 ? add_key(v, value)
           : strcmp(option, "--pub") == 0 ? add_public(v, value)
           : add_expected(v, value);
}


static int
read_args(verify_t *v, int argc, char **argv)
{
    const char  *age = NULL;

    const rt_option_t  options[] = {
        { "--key", NULL, NULL },
        { "--pub", NULL, NULL },
        { "--expect", NULL, NULL },
        { "--max-age", &age, NULL },
        { "--json", NULL, &v->json }
    };

    v->file = argv;
    v->nfiles = rt_words_all("rt audit verify", options,
                             sizeof(options) / sizeof(options[0]), take, v,
                             argc, argv);

    if (v->nfiles < 0) {
        return RT_EXIT_FAILED;
    }

    if (v->nfiles == 0 || v->book.nkeys == 0) {
        return failed("arguments", "write --key FILE, and the files to look "
                                   "at");
    }

    if (age && (v->max_age = read_time(age)) == 0) {
        return failed(age, "is no time: write 90s, 5m or 2h");
    }

    v->book.behind = (v->max_age ? v->max_age : BEHIND) * 1000;

    return RT_EXIT_OK;
}


/* Whether a file was given before, perhaps by another name. */

static int
seen_before(const verify_t *v, int n)
{
    int          i;
    struct stat  st, other;

    for (i = 0; i < n; i++) {
        if (stat(v->file[n], &st) == 0 && stat(v->file[i], &other) == 0
            && st.st_dev == other.st_dev && st.st_ino == other.st_ino)
        {
            return 1;
        }
    }

    return 0;
}


static int
read_file(verify_t *v, int n)
{
    rt_str_t          line;
    const char       *why;
    rt_audit_read_t   r;

    rt_audit_book_begin(&v->book);

    if (!seen_before(v, n)) {
        why = rt_audit_read_open(&r, v->file[n]);

        if (why) {
            return failed(v->file[n], why);
        }

        while (rt_audit_read_line(&r, &line)) {
            rt_audit_book_line(&v->book, &line);
        }

        why = r.why;
        rt_audit_read_close(&r);

        if (why) {
            return failed(v->file[n], why);
        }
    }

    rt_audit_book_end(&v->book);

    return RT_EXIT_OK;
}


static void
check_age(verify_t *v)
{
    int64_t           age;
    rt_audit_book_t  *book = &v->book;

    if (book->sealed == 0) {
        rt_audit_book_found(book, RT_AUDIT_UNSURE, book->nfiles, 0,
                            "no line is sealed");
        return;
    }

    age = (int64_t) time(NULL) - (int64_t) (book->clock / 1000);

    if (v->max_age && age > (int64_t) v->max_age) {
        rt_audit_book_found(book, RT_AUDIT_UNSURE, book->nfiles, 0,
                            book->clock ? "the last checkpoint is %lld seconds "
                                          "old"
                                        : "there is no checkpoint",
                            (long long) age);
    }
}


static const char *const  levels[] = { "note", "unsure", "tampered" };
static const char *const  results[] = { "intact", "unsure", "tampered" };


static const char *
end_of(const rt_audit_chain_t *c)
{
    return c->closed ? "stopped" : c->followed ? "killed" : "open";
}


static void
print_text(const verify_t *v)
{
    size_t                   i;
    const rt_audit_book_t   *book = &v->book;
    const rt_audit_found_t  *f;
    const rt_audit_chain_t  *c;

    for (i = 0; i < book->nfound; i++) {
        f = &book->found[i];

        if (f->line) {
            rt_term_print("%s:%llu: ", v->file[f->file],
                          (unsigned long long) f->line);
        }

        rt_term_print("%s: %s\n", levels[f->level], f->text);
    }

    if (book->more) {
        printf("and %llu more\n", (unsigned long long) book->more);
    }

    for (i = 0; i < book->nchains; i++) {
        c = &book->chain[i];

        printf("chain %.32s: %llu to %llu, ", c->run->first.id,
               (unsigned long long) c->run->first.n,
               (unsigned long long) c->last.n);

        if (c->signed_n) {
            rt_term_print("signed up to %llu by %s, ",
                          (unsigned long long) c->signed_n,
                          book->pub_name[c->signer]);

        } else if (book->npubs) {
            printf("not signed, ");
        }

        printf("%s\n", end_of(c));
        printf("head %.32s:%llu:%.64s\n", c->last.id,
               (unsigned long long) c->last.n, c->last.mac);
    }

    printf("rt audit verify: %s: %llu lines in %d file%s, %llu sealed\n",
           results[book->worst], (unsigned long long) book->lines, v->nfiles,
           v->nfiles == 1 ? "" : "s", (unsigned long long) book->sealed);
}


static void
json_found(rt_jsonw_t *w, const verify_t *v)
{
    size_t                   i;
    const rt_audit_found_t  *f;

    rt_jsonw_lit(w, "findings");
    rt_jsonw_open(w, '[');

    for (i = 0; i < v->book.nfound; i++) {
        f = &v->book.found[i];

        rt_jsonw_open(w, '{');
        rt_term_json_text(w, "level", levels[f->level]);

        if (f->line) {
            rt_term_json_text(w, "file", v->file[f->file]);
            rt_jsonw_lit(w, "line");
            rt_jsonw_uint(w, f->line);
        }

        rt_term_json_text(w, "text", f->text);
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');
    rt_jsonw_lit(w, "more");
    rt_jsonw_uint(w, v->book.more);
}


static void
json_chains(rt_jsonw_t *w, const verify_t *v)
{
    char                     head[RT_CHAIN_ID + RT_CHAIN_MAC + 24];
    size_t                   i;
    const rt_audit_chain_t  *c;

    rt_jsonw_lit(w, "chains");
    rt_jsonw_open(w, '[');

    for (i = 0; i < v->book.nchains; i++) {
        c = &v->book.chain[i];

        (void) snprintf(head, sizeof(head), "%.32s:%llu:%.64s", c->last.id,
                        (unsigned long long) c->last.n, c->last.mac);

        rt_jsonw_open(w, '{');
        rt_term_json_text(w, "head", head);
        rt_jsonw_lit(w, "first");
        rt_jsonw_uint(w, c->run->first.n);
        rt_jsonw_lit(w, "last");
        rt_jsonw_uint(w, c->last.n);
        rt_jsonw_lit(w, "signed");
        rt_jsonw_uint(w, c->signed_n);
        rt_term_json_text(w, "signedBy",
                          c->signed_n ? v->book.pub_name[c->signer] : NULL);
        rt_term_json_text(w, "end", end_of(c));
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');
}


/* ret: 0: there is no memory */

static int
print_json(const verify_t *v)
{
    int              ok;
    size_t           size, name;
    unsigned         i;
    rt_jsonw_t       w;
    unsigned char   *buf;

    for (i = 0, name = 0; i < v->book.npubs; i++) {
        name = strlen(v->book.pub_name[i]) > name
               ? strlen(v->book.pub_name[i]) : name;
    }

    size = 65536 + v->book.nchains * (512 + 6 * name)
           + v->book.nfound * (512 + 6 * 4096);
    buf = malloc(size);

    if (buf == NULL) {
        return 0;
    }

    rt_jsonw_init(&w, buf, size);

    rt_jsonw_open(&w, '{');
    rt_term_json_text(&w, "result", results[v->book.worst]);
    rt_jsonw_lit(&w, "lines");
    rt_jsonw_uint(&w, v->book.lines);
    rt_jsonw_lit(&w, "sealed");
    rt_jsonw_uint(&w, v->book.sealed);
    json_found(&w, v);
    json_chains(&w, v);

    ok = rt_term_json_close(&w);
    free(buf);

    return ok;
}


int
rt_audit_verify(rt_mem_t *mem, int argc, char **argv)
{
    int        i, rc;
    verify_t   v;

    static const int  codes[] = {
        RT_EXIT_OK, RT_EXIT_UNSURE, RT_EXIT_FOUND
    };

    (void) mem;

    memset(&v, 0, sizeof(v));

    rc = read_args(&v, argc, argv);

    for (i = 0; rc == RT_EXIT_OK && i < v.nfiles; i++) {
        rc = read_file(&v, i);
    }

    if (rc != RT_EXIT_OK) {
        return rc;
    }

    rt_audit_book_join(&v.book);
    check_age(&v);

    if (v.book.full) {
        return failed("memory", "there is not enough for so many breaks");
    }

    if (!v.json) {
        print_text(&v);

    } else if (!print_json(&v)) {
        return failed("memory", "there is not enough to print so much");
    }

    return codes[v.book.worst];
}

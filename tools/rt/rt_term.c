
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rt_term.h"
#include "text/rt_utf8.h"


#define MAX_JSON  (1024 * 1024)


/* Controls, and characters without width or that turn text around. */

static int
acts(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad
           || cp == 0x61c || (cp >= 0x200b && cp <= 0x200f)
           || (cp >= 0x2028 && cp <= 0x202e)
           || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff
           || (cp >= 0xe0000 && cp <= 0xe0fff);
}


/* Writes a character as JSON escapes it; ret: the length of that. */

static size_t
escaped(FILE *out, uint32_t cp)
{
    if (cp < 0x10000) {
        return (size_t) fprintf(out, "\\u%04x", cp);
    }

    cp -= 0x10000;

    return (size_t) fprintf(out, "\\u%04x\\u%04x", 0xd800 + (cp >> 10),
                            0xdc00 + (cp & 0x3ff));
}


size_t
rt_term_put(const unsigned char *p, size_t len, uint32_t cp)
{
    if (acts(cp)) {
        return escaped(stdout, cp);
    }

    (void) fwrite(p, 1, len, stdout);

    return 1;
}


static void
put_text(FILE *out, const rt_str_t *text)
{
    size_t                len;
    uint32_t              cp;
    const unsigned char  *p, *run, *end;

    end = text->data + text->len;

    for (run = p = text->data; p < end; p += len) {
        len = 1;
        cp = *p;

        if (cp >= 0x80) {
            cp = rt_utf8_step(p, end, &len);

        } else if (cp < 0x20) {
            cp = ' ';
        }

        if (acts(cp) || cp != *p) {
            (void) fwrite(run, 1, (size_t) (p - run), out);
            run = p + len;

            if (*p < 0x20) {
                putc(' ', out);

            } else if (cp == RT_UTF8_BAD) {
                fputs("\xef\xbf\xbd", out);          /* U+FFFD */

            } else if (acts(cp)) {
                (void) escaped(out, cp);

            } else {
                (void) fwrite(p, 1, len, out);
            }
        }
    }

    (void) fwrite(run, 1, (size_t) (end - run), out);
}


void
rt_term_text(const rt_str_t *text)
{
    put_text(stdout, text);
}


static void __attribute__((format(printf, 2, 0)))
print(FILE *out, const char *fmt, va_list args)
{
    int       n;
    char     *said;
    rt_str_t  text;

    n = vasprintf(&said, fmt, args);

    if (n < 0) {
        fprintf(stderr, "rt: no memory\n");
        return;
    }

    text.data = (unsigned char *) said;
    text.len = (size_t) n;

    if (n && said[n - 1] == '\n') {
        text.len--;
    }

    put_text(out, &text);

    if (text.len != (size_t) n) {
        putc('\n', out);
    }

    free(said);
}


void
rt_term_print(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    print(stdout, fmt, args);
    va_end(args);
}


void
rt_term_warning(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    print(stderr, fmt, args);
    va_end(args);
}


int
rt_term_json_open(rt_jsonw_t *w, rt_mem_t *mem)
{
    unsigned char  *p;

    p = rt_alloc(mem, MAX_JSON);

    if (p) {
        rt_jsonw_init(w, p, MAX_JSON);
        rt_jsonw_open(w, '{');
    }

    return p != NULL;
}


int
rt_term_json_close(rt_jsonw_t *w)
{
    rt_str_t  text;

    rt_jsonw_close(w, '}');

    text.data = w->start;
    text.len = rt_jsonw_len(w);

    if (!w->full) {
        rt_term_text(&text);
        putchar('\n');
    }

    return !w->full;
}


void
rt_term_json_text(rt_jsonw_t *w, const char *name, const char *text)
{
    rt_str_t  value;

    rt_jsonw_name(w, name, strlen(name));

    if (text == NULL) {
        rt_jsonw_null(w);
        return;
    }

    value = rt_str_of(text);
    rt_jsonw_str(w, &value);
}


#include <stdio.h>

#include "rt_audit_print.h"
#include "rt_term.h"
#include "json/rt_jsonscan.h"
#include "text/rt_utf8.h"


static const struct {
    const char         *name;       /* in a table */
    const char         *field;      /* in CSV */
    size_t              width;
    rt_query_member_e   member;
} columns[] = {
    { "TIME", "createdAt", 24, RT_QUERY_CREATED },
    { "ACTION", "actionType", 14, RT_QUERY_ACTION },
    { "STATUS", "status", 6, RT_QUERY_STATUS },
    { "MS", "responseTimeMs", 6, RT_QUERY_RESPONSE_MS },
    { "USER", "user", 24, RT_QUERY_USER },
    { "ADDRESS", "ipAddress", 15, RT_QUERY_IP },
    { "METHOD", "method", 6, RT_QUERY_METHOD },
    { "URL", "url", 0, RT_QUERY_URL },
    { NULL, "id", 0, RT_QUERY_ID }
};


#define NCOLUMNS  (sizeof(columns) / sizeof(columns[0]))


/* The next character of a value; ret: its length; 0: there is none. */

static size_t
character(rt_jsonscan_text_t *text, unsigned char *c, uint32_t *cp)
{
    int     byte;
    size_t  n, len;

    byte = rt_jsonscan_byte(text);

    if (byte == -1) {
        return 0;
    }

    c[0] = (unsigned char) byte;
    len = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;

    for (n = 1; n < len; n++) {
        c[n] = (unsigned char) rt_jsonscan_byte(text);
    }

    *cp = rt_utf8_step(c, c + len, &n);

    return len;
}


size_t
rt_audit_print_value(const rt_str_t *value, size_t width)
{
    size_t              n, len;
    uint32_t            cp;
    unsigned char       c[4];
    rt_jsonscan_text_t  text;

    rt_jsonscan_text(&text, value);
    n = 0;

    while ((len = character(&text, c, &cp)) != 0) {
        if (cp == '\\') {
            n += (size_t) printf("\\\\");

        } else {
            n += rt_term_put(c, len, cp);
        }
    }

    for (len = n; len < width; len++) {
        putchar(' ');
    }

    return n;
}


/* A cell in quotes.  A sign before a formula keeps spreadsheets from it. */

static void
print_cell(const rt_str_t *value)
{
    size_t              len, n;
    uint32_t            cp;
    unsigned char       c[4];
    rt_jsonscan_text_t  text;

    rt_jsonscan_text(&text, value);
    putchar('"');

    for (n = 0; (len = character(&text, c, &cp)) != 0; n++) {
        if (n == 0 && cp < 0x80 && strchr("=+-@", (int) cp)) {
            putchar('\'');
        }

        if (cp == '"') {
            putchar('"');
        }

        (void) rt_term_put(c, len, cp);
    }

    putchar('"');
}


rt_str_t
rt_audit_print_shown(const rt_query_line_t *ev, rt_query_member_e member)
{
    size_t    i;
    rt_str_t  value;

    static const rt_query_member_e  who[] = {
        RT_QUERY_USERS_EMAIL, RT_QUERY_USER_ID, RT_QUERY_USERS_ID
    };

    value = ev->at[member];

    if (member == RT_QUERY_USER) {
        value.len = 0;

        for (i = 0; i < sizeof(who) / sizeof(who[0]) && value.len == 0; i++) {
            value = rt_audit_print_shown(ev, who[i]);
        }
    }

    if (value.len && (rt_str_lit(&value, "null") || value.data[0] == '{'
                      || value.data[0] == '['))
    {
        value.len = 0;
    }

    return value;
}


void
rt_audit_print_head(rt_audit_format_e format)
{
    size_t  i;

    for (i = 0; i < NCOLUMNS; i++) {
        if (format == RT_AUDIT_CSV) {
            printf("%s%s", i ? "," : "", columns[i].field);

        } else if (format == RT_AUDIT_TABLE && columns[i].name) {
            printf("%s%-*s", i ? "  " : "", (int) columns[i].width,
                   columns[i].name);
        }
    }

    if (format != RT_AUDIT_JSON) {
        printf(format == RT_AUDIT_CSV ? "\r\n" : "\n");
    }
}


void
rt_audit_print(rt_audit_format_e format, const rt_str_t *line,
    const rt_query_line_t *ev)
{
    size_t    i;
    rt_str_t  value;

    static const rt_str_t  none = rt_string("-");

    if (format == RT_AUDIT_JSON) {
        rt_term_text(line);
        putchar('\n');
        return;
    }

    for (i = 0; i < NCOLUMNS; i++) {
        value = rt_audit_print_shown(ev, columns[i].member);

        if (format == RT_AUDIT_CSV) {
            printf("%s", i ? "," : "");
            print_cell(&value);

        } else if (columns[i].name) {
            printf("%s", i ? "  " : "");
            (void) rt_audit_print_value(value.len ? &value : &none,
                                        columns[i].width);
        }
    }

    printf(format == RT_AUDIT_CSV ? "\r\n" : "\n");
}

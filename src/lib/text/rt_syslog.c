
#include "text/rt_syslog.h"


#define LEN  (RT_DECIMAL + 1)       /* bytes of it, with its blank */


static const char  *const facilities[] = {
    "kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news",
    "uucp", "clock", "authpriv", "ftp", "ntp", "audit", "alert", "cron",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7"
};


int
rt_syslog_facility(const rt_str_t *name)
{
    int  i;

    for (i = 0; i < (int) (sizeof(facilities) / sizeof(facilities[0])); i++) {
        if (rt_str_is(name, facilities[i], strlen(facilities[i]))) {
            return i;
        }
    }

    return -1;
}


size_t
rt_syslog_word(unsigned char *dst, size_t max, const rt_str_t *text)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text->len && i < max; i++) {
        c = text->data[i];
        dst[i] = (c > 0x20 && c < 0x7f) ? c : '?';
    }

    if (i == 0) {
        dst[i++] = '-';
    }

    return i;
}


static unsigned char *
put(unsigned char *p, const void *data, size_t len)
{
    memcpy(p, data, len);

    return p + len;
}


/* milliseconds, of {"id":"017f22e2-79b0-7...; ret: 0 if that is not there */

static int
moment(const rt_str_t *event, uint64_t *ms)
{
    static const char  begin[] = "{\"id\":\"", form[] = "xxxxxxxx-xxxx-7";

    int            x;
    size_t         i;
    unsigned char  *id;

    if (event->len < sizeof(begin) + sizeof(form)
        || memcmp(event->data, begin, sizeof(begin) - 1) != 0)
    {
        return 0;
    }

    *ms = 0;
    id = event->data + sizeof(begin) - 1;

    for (i = 0; form[i]; i++) {
        x = (id[i] == rt_lower(id[i])) ? rt_hex(id[i]) : -1;

        if (form[i] == 'x' && x >= 0) {
            *ms = *ms << 4 | (uint64_t) x;

        } else if (form[i] == 'x' || form[i] != (char) id[i]) {
            return 0;
        }
    }

    return 1;
}


static unsigned char *
word(unsigned char *p, const unsigned char *text, size_t len)
{
    p = put(p, text, len);
    *p++ = ' ';

    return p;
}


rt_str_t
rt_syslog_head(rt_syslog_t *s, const rt_str_t *event, int counted,
    unsigned char *buf)
{
    size_t          len;
    uint64_t        ms;
    rt_str_t        head;
    unsigned char  *p, count[LEN];

    head.data = buf + LEN;

    p = put(head.data, "<", 1);
    p += rt_decimal(p, s->pri);
    p = put(p, ">1 ", 3);

    if (moment(event, &ms)) {
        rt_time_iso_kept(&s->clock, ms, p);
        p += RT_TIME_ISO_LEN;

    } else {
        *p++ = '-';
    }

    *p++ = ' ';

    p = word(p, s->host, s->host_len);
    p = word(p, s->app, s->app_len);
    p = word(p, s->procid, s->procid_len);
    p = word(p, s->msgid, s->msgid_len);
    p = put(p, "- ", 2);

    head.len = (size_t) (p - head.data);

    if (counted) {
        len = rt_decimal(count, head.len + event->len);
        count[len++] = ' ';

        head.data -= len;
        head.len += len;
        memcpy(head.data, count, len);
    }

    return head;
}


/*
 * Any bytes as a line for a sink: they are refused, or what comes out is
 * within its bound; nothing behind a line is read.
 */

#include <stdlib.h>

#include "event/rt_event_class.h"
#include "event/rt_event_format.h"


static const rt_pseudonym_key_t  key = {
    rt_string("k1"), rt_string("0123456789abcdef0123456789abcdef")
};

static const char *const  format[] = {
    "datadog", "loki", "es_bulk", "splunk_hec"
};


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* exactly as much room as is promised to be enough */

static void
project(const rt_str_t *line, unsigned classes)
{
    size_t          len, room;
    rt_status_e     rc;
    unsigned char  *buf;

    room = line->len + RT_EVENT_CLASS_MORE;
    buf = malloc(room);

    rc = rt_event_project(line, classes, &key, buf, room, &len);
    must(rc == RT_OK || rc == RT_INVALID);

    if (rc == RT_OK) {
        must(len <= room && buf[len - 1] == '\n');
    }

    free(buf);
}


static void
view_of(const rt_str_t *line, const char *text)
{
    size_t           len, room, n;
    rt_str_t         name, made;
    rt_status_e      rc;
    unsigned char   *buf, before[RT_EVENT_BEFORE];
    rt_event_view_t  view;

    memset(&view, 0, sizeof(view));

    name.data = (unsigned char *) text;
    name.len = strlen(text);
    view.format = rt_event_format_find(&name);

    room = rt_event_format_most(line->len);
    buf = malloc(room);

    rc = rt_event_format(&view, line, buf, room, &len);
    must(rc == RT_OK || rc == RT_INVALID || rc == RT_TOO_BIG);

    if (rc == RT_OK) {
        must(len <= room && buf[len - 1] == '\n');

        made.data = buf;
        made.len = len;
        n = rt_event_format_before(&view, &made, before);
        must(n <= sizeof(before) && (n == 0 || before[n - 1] == '\n'));
    }

    free(buf);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t     i;
    rt_str_t   line;
    unsigned   classes;

    if (size == 0) {
        return 0;
    }

    classes = data[0] & 0x3f;

    line.len = size - 1;
    line.data = malloc(size);
    memcpy(line.data, data + 1, line.len);

    project(&line, classes);
    (void) rt_event_alert(&line);

    for (i = 0; i < 4; i++) {
        view_of(&line, format[i]);
    }

    free(line.data);

    return 0;
}

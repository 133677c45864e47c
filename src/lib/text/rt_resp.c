
#include "text/rt_resp.h"


static rt_status_e head(const rt_str_t *bytes, rt_str_t *line);
static rt_status_e whole(const rt_str_t *line, int64_t *number);
static rt_status_e counted(rt_resp_t *value, int64_t max);
static rt_status_e bulk(rt_str_t *rest, rt_resp_t *value);
static size_t number_size(size_t n);
static unsigned char *number_write(unsigned char *p, unsigned char c, size_t n);


rt_status_e
rt_resp_scan(rt_resp_scan_t *scan, const rt_str_t *bytes)
{
    rt_str_t     rest;
    rt_resp_t    value;
    rt_status_e  rc;

    do {
        rest.data = bytes->data + scan->len;
        rest.len = bytes->len - scan->len;

        rc = rt_resp_next(&rest, &value);

        if (rc != RT_OK) {
            return rc;
        }

        if (++scan->values > RT_RESP_MAX_VALUES) {
            return RT_TOO_BIG;
        }

        scan->len = bytes->len - rest.len;

        if (scan->depth) {
            scan->left[scan->depth - 1]--;
        }

        if (value.type == RT_RESP_ARRAY && value.number) {

            if (scan->depth == RT_RESP_MAX_DEPTH) {
                return RT_TOO_BIG;
            }

            scan->left[scan->depth++] = (unsigned) value.number;
        }

        while (scan->depth && scan->left[scan->depth - 1] == 0) {
            scan->depth--;
        }

    } while (scan->depth);

    return RT_OK;
}


rt_status_e
rt_resp_next(rt_str_t *rest, rt_resp_t *value)
{
    rt_str_t     line, after;
    rt_status_e  rc;

    rc = head(rest, &line);

    if (rc != RT_OK) {
        return rc;
    }

    after.data = line.data + line.len + 2;
    after.len = rest->len - (size_t) (after.data - rest->data);

    value->text = line;
    value->number = 0;

    switch (rest->data[0]) {

    case '+':
        value->type = RT_RESP_STATUS;
        break;

    case '-':
        value->type = RT_RESP_ERROR;
        break;

    case ':':
        value->type = RT_RESP_INTEGER;
        rc = whole(&line, &value->number);
        break;

    case '$':
        value->type = RT_RESP_BULK;
        rc = counted(value, RT_RESP_MAX_BULK);

        if (rc == RT_OK && value->type == RT_RESP_BULK) {
            rc = bulk(&after, value);
        }

        break;

    default:        /* head() knows no other */
        value->type = RT_RESP_ARRAY;
        rc = counted(value, RT_RESP_MAX_VALUES);
    }

    if (rc == RT_OK) {
        *rest = after;
    }

    return rc;
}


rt_status_e
rt_resp_skip(rt_str_t *rest)
{
    rt_status_e     rc;
    rt_resp_scan_t  scan;

    memset(&scan, 0, sizeof(rt_resp_scan_t));

    rc = rt_resp_scan(&scan, rest);

    if (rc == RT_OK) {
        rest->data += scan.len;
        rest->len -= scan.len;
    }

    return rc;
}


rt_str_t
rt_resp_code(const rt_resp_t *error)
{
    rt_str_t  code, rest;

    (void) rt_str_cut(&error->text, ' ', &code, &rest);

    for (rest = code; rest.len; rest.data++, rest.len--) {

        if (*rest.data < 'A' || *rest.data > 'Z') {
            return (rt_str_t) rt_null_string;
        }
    }

    return code;
}


/* the line that a value begins with, without its type and its end */

static rt_status_e
head(const rt_str_t *bytes, rt_str_t *line)
{
    size_t          max;
    unsigned char  *lf;

    if (bytes->len == 0) {
        return RT_AGAIN;
    }

    if (memchr("+-:$*", bytes->data[0], 5) == NULL) {
        return RT_INVALID;
    }

    max = RT_RESP_MAX_LINE + sizeof("+\r\n") - 1;

    lf = memchr(bytes->data, '\n', bytes->len < max ? bytes->len : max);

    if (lf == NULL) {
        return bytes->len < max ? RT_AGAIN : RT_TOO_BIG;
    }

    if (lf - bytes->data < 2 || lf[-1] != '\r') {
        return RT_INVALID;
    }

    line->data = bytes->data + 1;
    line->len = (size_t) (lf - bytes->data) - 2;

    return RT_OK;
}


/* a number of up to 18 digits, which is as much as 64 bits surely hold */

static rt_status_e
whole(const rt_str_t *line, int64_t *number)
{
    size_t   i, sign;
    int64_t  n;

    sign = line->len && line->data[0] == '-';

    if (line->len == sign || line->len - sign > 18) {
        return RT_INVALID;
    }

    n = 0;

    for (i = sign; i < line->len; i++) {

        if (line->data[i] < '0' || line->data[i] > '9') {
            return RT_INVALID;
        }

        n = n * 10 + (line->data[i] - '0');
    }

    *number = sign ? -n : n;

    return RT_OK;
}


/* how much follows; -1: it is not there */

static rt_status_e
counted(rt_resp_t *value, int64_t max)
{
    rt_str_t  line;

    line = value->text;
    value->text = (rt_str_t) rt_null_string;

    if (whole(&line, &value->number) != RT_OK || value->number < -1) {
        return RT_INVALID;
    }

    if (value->number == -1) {
        value->type = RT_RESP_NIL;
        value->number = 0;
    }

    return value->number > max ? RT_TOO_BIG : RT_OK;
}


static rt_status_e
bulk(rt_str_t *rest, rt_resp_t *value)
{
    size_t  len;

    len = (size_t) value->number;

    if (rest->len < len + 2) {
        return RT_AGAIN;
    }

    if (memcmp(rest->data + len, "\r\n", 2) != 0) {
        return RT_INVALID;
    }

    value->number = 0;
    value->text.data = rest->data;
    value->text.len = len;

    rest->data += len + 2;
    rest->len -= len + 2;

    return RT_OK;
}


size_t
rt_resp_size(const rt_str_t *words, unsigned n)
{
    size_t    size;
    unsigned  i;

    size = 1 + number_size(n) + 2;

    for (i = 0; i < n; i++) {
        size += 1 + number_size(words[i].len) + 2 + words[i].len + 2;
    }

    return size;
}


unsigned char *
rt_resp_write(unsigned char *p, const rt_str_t *words, unsigned n)
{
    unsigned  i;

    p = number_write(p, '*', n);

    for (i = 0; i < n; i++) {
        p = number_write(p, '$', words[i].len);

        if (words[i].len) {
            memcpy(p, words[i].data, words[i].len);
            p += words[i].len;
        }

        *p++ = '\r';
        *p++ = '\n';
    }

    return p;
}


static size_t
number_size(size_t n)
{
    size_t  size;

    for (size = 1; n > 9; n /= 10) {
        size++;
    }

    return size;
}


static unsigned char *
number_write(unsigned char *p, unsigned char c, size_t n)
{
    *p++ = c;
    p += rt_decimal(p, n);
    *p++ = '\r';
    *p++ = '\n';

    return p;
}


/*
 * rt_uri: an accepted return address begins with one slash, and does so
 * after each round of decoding; an accepted raw path holds nothing, raw and
 * decoded, that two readers split in two ways, and is decoded but once.
 */

#include <assert.h>

#include "rt_arena.h"
#include "text/rt_uri.h"


static int
hex(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}


static size_t
decode(unsigned char *p, size_t len)
{
    size_t  i, n;

    for (i = 0, n = 0; i < len; n++) {

        if (p[i] == '%' && i + 2 < len && hex(p[i + 1]) >= 0
            && hex(p[i + 2]) >= 0)
        {
            p[n] = (unsigned char) (hex(p[i + 1]) << 4 | hex(p[i + 2]));
            i += 3;

        } else {
            p[n] = p[i++];
        }
    }

    return n;
}


static void
assert_one_slash(const unsigned char *p, size_t len)
{
    size_t  i;

    assert(len > 0 && p[0] == '/');

    for (i = 0; i < len; i++) {
        assert(p[i] >= 0x20 && p[i] != 0x7f && p[i] != '\\');
        assert(p[i] != '/' || i == 0 || p[i - 1] != '/');
    }
}


static void
assert_no_dots(const unsigned char *p, size_t len)
{
    size_t  i, start, end;

    for (i = 0, start = 0; i <= len; i++) {

        if (i < len && p[i] != '/') {
            continue;
        }

        for (end = i; end > start && p[end - 1] == ' '; end--) { /* void */ }

        assert(!(end - start == 1 && p[start] == '.'));
        assert(!(end - start == 2 && p[start] == '.' && p[start + 1] == '.'));
        start = i + 1;
    }
}


static size_t
count(const unsigned char *p, size_t len, unsigned char c)
{
    size_t  n;

    for (n = 0; len; len--) {
        n += (*p++ == c);
    }

    return n;
}


static void
check_return(rt_mem_t *mem, const rt_str_t *uri, unsigned char *copy)
{
    int          round;
    size_t       len;
    const char  *why;

    if (rt_uri_return_check(mem, uri, &why) != RT_OK) {
        assert(why != NULL);
        return;
    }

    for (len = 0; len < uri->len; len++) {
        if (uri->data[len] == '?' || uri->data[len] == '#') {
            break;
        }
    }

    memcpy(copy, uri->data, len);

    for (round = 0; round < 6; round++) {
        assert_one_slash(copy, len);
        assert_no_dots(copy, len);
        len = decode(copy, len);
    }
}


static void
check_raw(rt_mem_t *mem, const rt_str_t *path, unsigned char *copy)
{
    int          round;
    size_t       i, len, before, slashes, questions;
    const char  *why;

    if (rt_uri_raw_check(mem, path, &why) != RT_OK) {
        assert(why != NULL);
        return;
    }

    len = path->len;

    if (len) {
        memcpy(copy, path->data, len);
    }

    before = len;
    slashes = count(copy, len, '/');
    questions = count(copy, len, '?');

    for (round = 0; round < 2; round++) {
        assert_no_dots(copy, len);
        assert(count(copy, len, '/') == slashes);
        assert(count(copy, len, '\\') == 0 && count(copy, len, ';') == 0);
        assert(count(copy, len, '?') == questions);
        assert(count(copy, len, '#') == 0);

        for (i = 0; i < len; i++) {
            assert(copy[i] >= 0x20 && copy[i] != 0x7f);
        }

        before = len;
        len = decode(copy, len);
    }

    /* a second decoding finds nothing */

    assert(len == before);
}


static void
check_alike(const rt_str_t *uri)
{
    rt_str_t  path, name;

    path = *uri;
    path.len /= 2;

    name.data = uri->data + path.len;
    name.len = uri->len - path.len;

    if (rt_uri_alike(&path, &name)) {
        assert(!rt_str_eq(&path, &name));
    }

    assert(!rt_uri_alike(uri, uri));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t     mem;
    rt_str_t     uri;
    rt_arena_t   arena;

    mem = rt_arena_init(&arena);
    uri.data = (unsigned char *) data;
    uri.len = size;

    check_return(&mem, &uri, rt_arena_alloc(&arena, size + 1));
    check_raw(&mem, &uri, rt_arena_alloc(&arena, size + 1));
    check_alike(&uri);

    rt_arena_free(&arena);

    return 0;
}

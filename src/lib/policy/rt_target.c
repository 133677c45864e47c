
#include "policy/rt_target.h"
#include "text/rt_complain.h"
#include "text/rt_uri.h"


/* METHOD,... as the server reads them: capitals, "_" and "-" */

static int
are_methods(const rt_str_t *methods)
{
    size_t         i;
    unsigned char  c, last;

    last = ',';

    for (i = 0; i < methods->len; i++) {
        c = methods->data[i];

        if (c == ',' ? last == ','
                     : !((c >= 'A' && c <= 'Z') || c == '_' || c == '-'))
        {
            return 0;
        }

        last = c;
    }

    return last != ',';
}


/* NULL, or what is wrong with a configured path */

static const char *
path_fault(const rt_str_t *path)
{
    size_t         i, start;
    unsigned char  c;

    if (path->len == 0 || path->data[0] != '/') {
        return "begin it with a slash";
    }

    for (start = 1, i = 1; i <= path->len; i++) {
        c = (i < path->len) ? path->data[i] : '/';

        if (c < 0x20 || c == 0x7f || c == '\\') {
            return "control characters and backslashes are never let in";
        }

        if (c == '%' || c == '?' || c == '#') {
            return "write it decoded, without a query";
        }

        if (c != '/') {
            continue;
        }

        if (i == start && i < path->len) {
            return "nginx merges slashes, write one";
        }

        if ((i - start == 1 && path->data[start] == '.')
            || (i - start == 2 && path->data[start] == '.'
                && path->data[start + 1] == '.'))
        {
            return "nginx resolves segments of dots, leave them out";
        }

        start = i + 1;
    }

    return NULL;
}


rt_status_e
rt_target_parse(rt_mem_t *mem, const rt_str_t *arg, rt_target_t *target,
    rt_str_t *err)
{
    rt_str_t        path;
    const char     *why;
    unsigned char  *colon;

    memset(target, 0, sizeof(rt_target_t));
    path = *arg;

    if (path.len && path.data[0] != '/' && path.data[0] != '=') {
        colon = memchr(path.data, ':', path.len);

        if (colon == NULL) {
            return rt_complain(mem, err, "\"%.*s\" is not a path, write "
                               "/path, =/path or GET,POST:/path",
                               rt_str_args(arg));
        }

        target->methods.data = path.data;
        target->methods.len = (size_t) (colon - path.data);

        if (!are_methods(&target->methods)) {
            return rt_complain(mem, err, "\"%.*s\": methods are written in "
                               "capitals, with commas between them, as "
                               "GET,POST:/path", rt_str_args(arg));
        }

        path.data = colon + 1;
        path.len -= target->methods.len + 1;
    }

    if (path.len && path.data[0] == '=') {
        target->exact = 1;
        path.data++;
        path.len--;
    }

    why = path_fault(&path);
    if (why) {
        return rt_complain(mem, err, "path \"%.*s\": %s", rt_str_args(arg),
                           why);
    }

    target->path = path;

    return RT_OK;
}


/* is the method one of "GET,POST"; GET includes HEAD */

static int
method_in(const rt_str_t *methods, const rt_str_t *method)
{
    rt_str_t  name, rest;

    static const rt_str_t  get = rt_string("GET");
    static const rt_str_t  head = rt_string("HEAD");

    for (rest = *methods; rest.len; /* void */ ) {
        (void) rt_str_cut(&rest, ',', &name, &rest);

        if (rt_str_eq(&name, method)
            || (rt_str_eq(&name, &get) && rt_str_eq(method, &head)))
        {
            return 1;
        }
    }

    return 0;
}


int
rt_target_covers(const rt_target_t *target, const rt_str_t *method,
    const rt_str_t *path)
{
    if (target->methods.len && !method_in(&target->methods, method)) {
        return 0;
    }

    if (target->path.len == 0) {
        return 1;
    }

    return target->exact ? rt_str_eq(&target->path, path)
                         : rt_uri_below(path, &target->path);
}


/* the first segments of a path, as many as a name has; runs of slashes are
   one */

static rt_str_t
first_segments(const rt_str_t *path, const rt_str_t *name)
{
    size_t    i, n;
    rt_str_t  first;

    for (n = 0, i = 0; i < name->len; i++) {
        n += name->data[i] != '/' && (i == 0 || name->data[i - 1] == '/');
    }

    for (i = 0; i < path->len; i++) {

        if (path->data[i] != '/' || i == 0 || path->data[i - 1] == '/') {
            continue;
        }

        if (--n == 0) {
            break;
        }
    }

    first.data = path->data;
    first.len = i;

    return first;
}


int
rt_target_alike(const rt_target_t *target, const rt_str_t *path)
{
    rt_str_t  first;

    if (target->exact) {
        return rt_uri_alike(path, &target->path);
    }

    if (target->path.len <= 1 || rt_uri_below(path, &target->path)) {
        return 0;
    }

    first = first_segments(path, &target->path);

    return rt_uri_alike(&first, &target->path);
}

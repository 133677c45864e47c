
#include <stdarg.h>
#include <stdio.h>

#include "text/rt_complain.h"


rt_status_e
rt_complain(rt_mem_t *mem, rt_str_t *err, const char *fmt, ...)
{
    int      n;
    va_list  args;

    err->len = 0;

    err->data = rt_alloc(mem, RT_COMPLAIN_MAX);
    if (err->data == NULL) {
        return RT_ERROR;
    }

    va_start(args, fmt);
    n = vsnprintf((char *) err->data, RT_COMPLAIN_MAX, fmt, args);
    va_end(args);

    if (n > 0) {
        err->len = n < RT_COMPLAIN_MAX ? (size_t) n : RT_COMPLAIN_MAX - 1;
    }

    return RT_INVALID;
}

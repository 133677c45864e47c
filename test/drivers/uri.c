
/*
 * A return address a line in; "ok" or the reason out.  With the argument
 * "raw" the line is a raw request path (rtauth_raw_path).
 */

#include "rt_driver.h"
#include "text/rt_uri.h"


static int  raw;


static const char *
answer(rt_mem_t *mem, const rt_str_t *line)
{
    const char  *why;

    switch (raw ? rt_uri_raw_check(mem, line, &why)
                : rt_uri_return_check(mem, line, &why))
    {
    case RT_OK:
        return "ok";

    default:
        return why;
    }
}


int
main(int argc, char **argv)
{
    raw = (argc > 1 && strcmp(argv[1], "raw") == 0);

    return driver_run(answer);
}

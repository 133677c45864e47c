
/* Who reaches an address that the directive "listen" names. */


#ifndef RT_LISTEN_H_INCLUDED
#define RT_LISTEN_H_INCLUDED


#include <string.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * 1: only this machine does.  A port alone means every address, and a name that
 * is not known here counts as one that others reach.
 */

static inline int
rt_listen_is_local(const rt_str_t *address)
{
    size_t       i, n, len;
    const char  *s;

    static const char  *begins[] = { "unix:", "[::1]", "localhost", "127." };

    s = (const char *) address->data;

    for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        n = strlen(begins[i]);

        if (address->len < n || memcmp(s, begins[i], n) != 0) {
            continue;
        }

        if (i == 0) {
            return 1;
        }

        for (len = n; len < address->len && s[len] != ':'; len++) {
            if (i != 3 || ((s[len] < '0' || s[len] > '9') && s[len] != '.')) {
                return 0;
            }
        }

        return 1;
    }

    return 0;
}


#pragma GCC visibility pop


#endif /* RT_LISTEN_H_INCLUDED */

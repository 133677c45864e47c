
/*
 * rt_logpath: one bounded line of printable ASCII, with no query, no value
 * behind "=", no "@" and no long run of a token's alphabet.
 */

#include <assert.h>

#include "rt_arena.h"
#include "text/rt_logpath.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t         i, n, run;
    rt_str_t       path;
    unsigned char  out[RT_LOGPATH_MAX];

    path.data = (unsigned char *) data;
    path.len = size;

    n = rt_logpath(out, &path);
    assert(n <= RT_LOGPATH_MAX && n <= 4 * size + 3);

    for (i = 0, run = 0; i < n; i++) {
        assert(out[i] >= 0x20 && out[i] <= 0x7e && out[i] != '"');
        assert(memchr("?#=@", out[i], 4) == NULL);

        /* "..." may follow; a masked byte is four */
        run = (out[i] == '/' || out[i] == '\\') ? 0 : run + 1;
        assert(run <= 4 * RT_LOGPATH_SEGMENT);
    }

    return 0;
}

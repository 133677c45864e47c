
#include "rt_test.h"
#include "text/rt_ip.h"


static void
valid(void **state)
{
    size_t    i;
    rt_str_t  s;

    static const char *const  is[] = {
        "192.0.2.1", "0.0.0.0", "255.255.255.255", "192.0.2.1:80",
        "192.0.2.1:65535", "::", "::1", "1::", "2001:db8::1",
        "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
        "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "[::1]", "[::1]:443",
        "FE80::ABCD"
    };

    static const char *const  no[] = {
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.1000", "1.2.3.",
        "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:x", "1.2.3.4 ", ":", ":::",
        "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::",
        "1:2:3:4:5:6:7:8::", "::1%eth0", "[::1", "[::1]x", "[1.2.3.4]",
        "::1.2.3", "::1.2.3.4:5", "1:", ":1", "unknown", "_hidden",
        "1:2:3:4:5:6:7:1.2.3.4"
    };

    (void) state;

    for (i = 0; i < sizeof(is) / sizeof(is[0]); i++) {
        s = str(is[i]);

        if (!rt_ip_valid(&s)) {
            fail_msg("no address: %s", is[i]);
        }
    }

    for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        s = str(no[i]);

        if (rt_ip_valid(&s)) {
            fail_msg("an address: %s", no[i]);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(valid)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


#include "rt_test.h"
#include "text/rt_same.h"


#define LONGEST  200
#define OFFSETS  9


static unsigned char  left[LONGEST + OFFSETS];
static unsigned char  right[LONGEST + OFFSETS];


/* all bytes around them differ: none of these may count */

static void
lay(unsigned char **a, unsigned char **b, size_t n, unsigned offset)
{
    size_t  i;

    memset(left, 0x55, sizeof(left));
    memset(right, 0xaa, sizeof(right));

    *a = left + offset;
    *b = right + (OFFSETS - 1 - offset);

    for (i = 0; i < n; i++) {
        (*a)[i] = (*b)[i] = (unsigned char) chance(256);
    }
}


static void
test_equal(void **state)
{
    size_t          n;
    unsigned        offset;
    unsigned char  *a, *b;

    (void) state;

    for (n = 0; n < LONGEST; n++) {
        for (offset = 0; offset < OFFSETS; offset++) {
            lay(&a, &b, n, offset);
            assert_int_equal(rt_same(a, b, n), 1);
        }
    }
}


/* one bit, wherever it stands: no word of the text is left out */

static void
test_one_bit(void **state)
{
    size_t          n, i;
    unsigned        bit;
    unsigned char  *a, *b;

    (void) state;

    for (n = 1; n < LONGEST; n++) {
        lay(&a, &b, n, n % OFFSETS);

        for (i = 0; i < n; i++) {
            for (bit = 0; bit < 8; bit++) {
                b[i] ^= (unsigned char) (1 << bit);

                if (rt_same(a, b, n) != 0) {
                    fail_msg("%zu bytes: bit %u of byte %zu", n, bit, i);
                }

                b[i] ^= (unsigned char) (1 << bit);
            }
        }

        assert_int_equal(rt_same(a, b, n), 1);
    }
}


/* differences do not cancel each other out */

static void
test_many(void **state)
{
    size_t          n, i;
    unsigned char  *a, *b, flip;

    (void) state;

    for (n = 2; n < LONGEST; n++) {
        lay(&a, &b, n, n % OFFSETS);
        flip = (unsigned char) (1 + chance(255));

        for (i = 0; i < n; i++) {
            b[i] ^= flip;
            assert_int_equal(rt_same(a, b, n), 0);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_one_bit),
        cmocka_unit_test(test_many)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

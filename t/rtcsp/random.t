# Randomness fails: no nonce, and no script that needs one runs.

use lib 't/lib';
use RT::Preload;

BEGIN {
    # only for rtcsp: nginx with HTTP/3 wants random bytes to start at all

    $ENV{TEST_NGINX_LD_PRELOAD} = RT::Preload::list(RT::Preload::build(<<'EOF'));
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

int RAND_bytes(unsigned char *b, int n);

int
RAND_bytes(unsigned char *b, int n)
{
    Dl_info  who;
    int      (*next)(unsigned char *, int);

    if (dladdr(__builtin_return_address(0), &who)
        && strstr(who.dli_fname, "_rtcsp_"))
    {
        return 0;
    }

    *(void **) &next = dlsym(RTLD_NEXT, "RAND_bytes");

    return next ? next(b, n) : 0;
}
EOF
}

use RT qw(rtcsp);

our $Secret = 'pH7-placeholder_0123456789abcdef';

plan_all();
run_tests();

__DATA__

=== TEST 1: the policy goes out without a nonce, the secret does not go out
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    default_type text/html;
    return 200 '<script nonce=$::Secret>a</script>';
}"
--- request
GET /t
--- response_body_like: ^<script nonce=x{32}>a</script>$
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'self'; script-src 'self'
! Cache-Control
--- error_log
rtcsp: RAND_bytes() failed, so there is no nonce



=== TEST 2: upstream gets none, and none of the client's
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce header;
    proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/up;
}
location /up { default_type text/html; return 200 '[\$http_x_csp_nonce]'; }"
--- request
GET /t
--- more_headers
X-CSP-Nonce: evil
--- response_body: []
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'self'; script-src 'self'
--- error_log
rtcsp: RAND_bytes() failed



=== TEST 3: upstream's own nonce does not go out in its place
--- config
    rtcsp_nonce upstream;
    location /t {
        default_type text/html;
        add_header Content-Security-Policy "script-src 'nonce-abcdefghijklmnopq'";
        return 200 '<script nonce=abcdefghijklmnopq></script>';
    }
--- request
GET /t
--- error_code: 502
--- raw_response_headers_unlike: nonce
--- response_body_unlike: nonce
--- error_log
rtcsp: RAND_bytes() failed



=== TEST 4: nor with the error page
--- config
    rtcsp_nonce upstream;
    location /t {
        default_type text/html;
        add_header Content-Security-Policy "script-src 'nonce-abcdefghijklmnopq'" always;
        return 200 '<script nonce=abcdefghijklmnopq></script>';
    }
    location /alive { return 200 alive; }
--- request eval: ['GET /t', 'GET /alive']
--- error_code eval: ['', 200]
--- response_body eval: ['', 'alive']

use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;

# A provider that is slow, lies, breaks off or redirects: the token is not let in
# and the reason is in the log.

plan_all();
run_tests();

__DATA__

=== TEST 1: hang
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/hang.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/hang.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('hang.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: timed out after 700ms



=== TEST 2: slower
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/slower.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/slower.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('slower.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: timed out after 700ms



=== TEST 3: reset
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/reset.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/reset.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('reset.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: 



=== TEST 4: e500
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/e500.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/e500.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('e500.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: status 500



=== TEST 5: empty
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/empty.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/empty.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('empty.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: the answer is not strict JSON



=== TEST 6: garbage
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/garbage.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/garbage.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('garbage.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: the answer is not strict JSON



=== TEST 7: nokeys
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/nokeys.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/nokeys.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('nokeys.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: 



=== TEST 8: gzip
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/gzip.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/gzip.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('gzip.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: the answer is compressed (Content-Encoding), which was not asked for



=== TEST 9: redirect
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/redirect.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/redirect.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('redirect.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: status 302, redirects are not followed



=== TEST 10: redirect-file
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/redirect-file.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/redirect-file.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('redirect-file.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: status 302, redirects are not followed



=== TEST 11: short
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/short.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/short.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('short.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: 



=== TEST 12: badchunk
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/badchunk.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/badchunk.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('badchunk.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: 



=== TEST 13: http09
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/http09.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/http09.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('http09.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: Received HTTP/0.9 when not allowed



=== TEST 14: headers
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/headers.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/headers.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('headers.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: the header of the answer is too large



=== TEST 15: hugelen
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/hugelen.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/hugelen.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('hugelen.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: the answer is too large



=== TEST 16: huge
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/huge.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/huge.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('huge.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: the answer is too large



=== TEST 17: long
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/long.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/long.bad/jwks;
        timeout 700ms;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('long.bad'))
--- error_code: 503
--- response_headers_like
X-Result: keys_unavailable
Retry-After: \d+
--- error_log
keys could not be fetched: the answer is not strict JSON



=== TEST 18: nobody listens
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    i;
        audience  tools;
        jwks_uri  http://127.0.0.1:1/jwks;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => 'i')
--- error_code: 503
--- error_log
keys could not be fetched: Failed to connect to 127.0.0.1 port 1



=== TEST 19: one byte at a time
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/drip.good;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/drip.good/jwks;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('drip.good'))
--- response_body
hello



=== TEST 20: who asks
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.who;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.who/jwks;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/ok.who/seen"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.who'))
--- response_body eval
["hello\n", "http=1.1 agent=nginx-rtauth\n"]



=== TEST 21: proxies of the environment are not asked
--- main_config
    env http_proxy=http://127.0.0.1:1;
    env HTTP_PROXY=http://127.0.0.1:1;
    env all_proxy=http://127.0.0.1:1;
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.proxy;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.proxy/jwks;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.proxy'))
--- response_body
hello

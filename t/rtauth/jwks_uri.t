use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;

# jwks_uri: fetched first, refreshed, refetched for an unknown kid; and what holds
# when that fails.

plan_all();
run_tests();

__DATA__

=== TEST 1: keys by URL are there before the first request is let in
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/slow.first;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/slow.first/jwks;
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
["GET /t", "GET /t", "GET /ctl/slow.first/count"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('slow.first'))
--- response_body eval
["hello\n", "hello\n", "discovery=0 jwks=1\n"]



=== TEST 2: a key published later: one fetch, and the request does not notice
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.rotate;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.rotate/jwks;
        jwks_cooldown 1s;
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
["GET /t", "GET /ctl/ok.rotate/publish/k1,k2", "GET /t", "GET /t",
 "GET /ctl/ok.rotate/count"]
--- more_headers eval
my $iss = RT::Idp::idp('ok.rotate');
[RT::Idp::bearer(iss => $iss), "", RT::Idp::bearer(iss => $iss, key => 'k2'),
 RT::Idp::bearer(iss => $iss), ""]
--- response_body eval
["hello\n", "publish k1,k2\n", "hello\n", "hello\n",
 "discovery=0 jwks=2\n"]



=== TEST 3: a flood of unknown kids makes one fetch
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.flood;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.flood/jwks;
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
[("GET /t") x 20, "GET /ctl/ok.flood/count", "GET /t"]
--- more_headers eval
my $iss = RT::Idp::idp('ok.flood');
[(map { RT::Idp::bearer(iss => $iss, key => 'k3', kid => "bogus$_") } 1 .. 20),
 "", RT::Idp::bearer(iss => $iss)]
--- error_code eval
[(401) x 20, 200, 200]
--- response_headers eval
[("X-Result: unknown_key") x 20, "", "X-Result: ok"]
--- response_body_like eval
[("401") x 20, "^discovery=0 jwks=2\n\$", "hello"]



=== TEST 4: a kid that was looked for is not looked for again in jwks_cooldown
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.negative;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.negative/jwks;
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
["GET /t", "GET /ctl/ok.negative/count", "GET /ctl/ok.negative/until/2",
 "GET /t", "GET /ctl/ok.negative/count"]
--- more_headers eval
my $iss = RT::Idp::idp('ok.negative');
my $bogus = RT::Idp::bearer(iss => $iss, key => 'k3');
[$bogus, "", "", $bogus, ""]
--- error_code eval
[401, 200, 200, 401, 200]
--- response_body_like eval
["401", "jwks=2\n", "until 2", "401", "jwks=2\n"]



=== TEST 5: a key that is gone is refused after the refresh
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/age1.gone;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/age1.gone/jwks;
        jwks_cooldown 1s;
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
["GET /t", "GET /ctl/age1.gone/publish/k2", "GET /ctl/age1.gone/until/3",
 "GET /t", "GET /t"]
--- more_headers eval
my $iss = RT::Idp::idp('age1.gone');
[RT::Idp::bearer(iss => $iss), "", "", RT::Idp::bearer(iss => $iss),
 RT::Idp::bearer(iss => $iss, key => 'k2')]
--- error_code eval
[200, 200, 200, 401, 200]
--- response_headers eval
["X-Result: ok", "", "", "X-Result: unknown_key", "X-Result: ok"]



=== TEST 6: Cache-Control: no-store is held to jwks_cooldown
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/nostore.x;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/nostore.x/jwks;
        jwks_cooldown 1s;
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
["GET /t", "GET /ctl/nostore.x/until/2", "GET /t"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('nostore.x'))
--- error_code eval
[200, 200, 200]



=== TEST 7: a refresh that fails leaves the keys in use
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/age1.stale;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/age1.stale/jwks;
        jwks_cooldown 1s;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /log { default_type text/plain; alias logs/error.log; }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/age1.stale/mode/e500", "GET /ctl/age1.stale/until/3",
 "GET /t", "GET /log"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('age1.stale'))
--- error_code eval
[200, 200, 200, 200, 200]
--- response_body_like eval
["hello", "mode", "until", "hello",
 "keys could not be fetched: status 500.*the ones at hand stay in use"]


=== TEST 8: so does a set without a usable key
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/age1.bare;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/age1.bare/jwks;
        jwks_cooldown 1s;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /log { default_type text/plain; alias logs/error.log; }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/age1.bare/mode/nokeys", "GET /ctl/age1.bare/until/3",
 "GET /t", "GET /log"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('age1.bare'))
--- error_code eval
[200, 200, 200, 200, 200]
--- response_body_like eval
["hello", "mode", "until", "hello",
 "keys could not be fetched: the answer.*the ones at hand stay in use"]


=== TEST 9: an unknown kid while the provider is away
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.away;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.away/jwks;
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
["GET /t", "GET /ctl/ok.away/mode/e500", "GET /t", "GET /t"]
--- more_headers eval
my $iss = RT::Idp::idp('ok.away');
[RT::Idp::bearer(iss => $iss), "", RT::Idp::bearer(iss => $iss, key => 'k2'),
 RT::Idp::bearer(iss => $iss)]
--- error_code eval
[200, 200, 503, 200]
--- response_headers eval
["X-Result: ok", "", "X-Result: keys_unavailable", "X-Result: ok"]


=== TEST 10: the file stands in while the address gives nothing
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/e500.fallback;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/e500.fallback/jwks;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
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
RT::Idp::bearer(iss => RT::Idp::idp('e500.fallback'))
--- response_body
hello
--- error_log
those of "jwks_file" are used



=== TEST 11: once the address gave keys, the file is out of use
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.over;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.over/jwks;
        jwks_file $TEST_NGINX_IDP_DIR/both.json;
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
["GET /t", "GET /t"]
--- more_headers eval
my $iss = RT::Idp::idp('ok.over');
[RT::Idp::bearer(iss => $iss), RT::Idp::bearer(iss => $iss, key => 'k2')]
--- error_code eval
[200, 401]



=== TEST 12: the provider comes back
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/e500.back;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/e500.back/jwks;
        jwks_cooldown 1s;
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
["GET /t", "GET /ctl/e500.back/mode/ok", "GET /ctl/e500.back/until/2",
 "GET /t"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('e500.back'))
--- error_code eval
[503, 200, 200, 200]
--- response_headers eval
["X-Result: keys_unavailable", "", "", "X-Result: ok"]


=== TEST 13: a token that is no good is refused without waiting for keys
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/hang.bad;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/hang.bad/jwks;
        timeout 3s;
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
--- more_headers
Authorization: Bearer a.b.c
--- timeout: 1
--- error_code: 401
--- response_headers
X-Result: malformed



=== TEST 14: four workers, one fetch
--- workers: 4
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/slow.four;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/slow.four/jwks;
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
[("GET /t") x 8, "GET /ctl/slow.four/count"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('slow.four'))
--- response_body eval
[("hello\n") x 8, "discovery=0 jwks=1\n"]

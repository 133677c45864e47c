# rtauth NAME ... | off: who may vouch here

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $partner = partner();

# TEST_NGINX_USE_HUP asks a server of its own, which inherits from http:
# blocks that test just this are skipped then

plan_all();
run_tests();

__DATA__

=== TEST 1: a good token is let in, its claims are there
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { proxy_set_header X-Email $rtauth_claim_email;
                  proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { rtauth off; return 200 "$http_x_email\n"; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- response_body
ann@example.com



=== TEST 2: nobody gets 401 with a challenge that names no error
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer realm="corp"
Cache-Control: no-store
--- error_log eval
qr/\[info\] .* rtauth: refused with 401: anonymous/



=== TEST 3: a forged token gets 401 and is told why
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(-key => 'rogue', -kid => 'rsa')
--- error_code: 401
--- response_headers_like
WWW-Authenticate: Bearer realm="corp", error="invalid_token", error_description="[^"]+"
Cache-Control: no-store
--- error_log
rtauth: refused with 401: bad_signature



=== TEST 4: an expired one
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(exp => 1000000000)
--- error_code: 401
--- error_log
rtauth: refused with 401: expired



=== TEST 5: one for somebody else
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(aud => 'payroll')
--- error_code: 401
--- error_log
rtauth: refused with 401: wrong_audience



=== TEST 6: every kind of key
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t", "GET /t", "GET /t"]
--- more_headers eval
[map { RT::JWT::bearer(-key => $_) } qw(rsa pss ec ed)]
--- response_body eval
["in\n", "in\n", "in\n", "in\n"]
--- error_code eval
[200, 200, 200, 200]



=== TEST 7: two providers, chosen by issuer
--- http_config eval: RT::JWT::corp('', $::partner)
--- config
    rtauth corp partner;
    location /t { proxy_set_header X-P $rtauth_provider;
                  proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { rtauth off; return 200 "$http_x_p\n"; }
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(),
 RT::JWT::bearer(-key => 'rsa2', iss => 'https://id.partner.example')]
--- response_body eval
["corp\n", "partner\n"]



=== TEST 8: one provider's key does not sign for the other
--- http_config eval: RT::JWT::corp('', $::partner)
--- config
    rtauth corp partner;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(-key => 'rsa2')
--- error_code: 401
--- error_log
rtauth: refused with 401: unknown_key



=== TEST 9: a provider that is not named here vouches for nobody
--- http_config eval: RT::JWT::corp('', $::partner)
--- config
    rtauth corp;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- more_headers eval
RT::JWT::bearer(-key => 'rsa2', iss => 'https://id.partner.example')
--- error_code: 401
--- error_log eval
qr/rtauth: refused with 401: (?:wrong_issuer|unknown_key)/



=== TEST 10: off, and inheritance from http
--- skip_eval: 1: $ENV{TEST_NGINX_USE_HUP}
--- http_config eval
RT::JWT::corp('', '
    rtauth corp;
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location /open { rtauth off; return 200 "open\n"; }
        location /shut { try_files /x =404; }
    }')
--- config
    rtauth off;
    location ~ ^/(open|shut) {
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
["GET /open", "GET /shut"]
--- error_code eval
[200, 401]



=== TEST 11: credentials of another scheme are nobody's
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- more_headers
Authorization: Basic dTpw
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer realm="corp"



=== TEST 12: the token is in no log
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { proxy_pass http://127.0.0.1:1; }
--- request
GET /t
--- more_headers
Authorization: Bearer eyJzZWNyZXQiOjF9.c2VjcmV0.c2VjcmV0
--- error_code: 401
--- error_log
rtauth: refused with 401:
--- no_error_log eval
qr/(?<!")\brtauth:.*c2VjcmV0/



=== TEST 13: keep-alive: nobody inherits the one before
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- pipelined_requests eval
["GET /t", "GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(), "", RT::JWT::bearer()]
--- error_code eval
[200, 401, 200]

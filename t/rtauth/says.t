use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;
use RT::JWT;

# What the error log says of a refusal: what was expected, what came, the mend.

plan_all();
run_tests();

__DATA__

=== TEST 1: another issuer
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(iss => "https://evil.example/a\"\n")
--- error_code: 401
--- error_log
provider "corp" expects "issuer https://login.example.com", the token has "https://evil.example/a\x22\x0a"
refused with 401: wrong_issuer



=== TEST 2: another audience, the first of several
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(aud => ['other-app', 'x'])
--- error_code: 401
--- error_log
provider "corp" expects "audience tools", the token has "other-app"



=== TEST 3: an issuer of no provider here; what looks like a token is masked
--- http_config eval
RT::JWT::corp() . ' rtauth_provider partner { issuer https://p.example;
    audience tools; jwks_file $TEST_NGINX_DATA/keys/jwks.json; }'
--- config
    location /t { rtauth corp partner; try_files /ok.txt =404; }
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
my $t = RT::JWT::token();
[RT::JWT::bearer(iss => 'https://q.example/'), RT::JWT::bearer(iss => $t)]
--- error_code eval
[401, 401]
--- error_log
no provider of this location has the token's issuer, "
--- log_level: info
--- no_error_log eval
qr/eyJ\w{8}/



=== TEST 4: undecided says what to write
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; return 200 "secret"; }
--- request
GET /t
--- error_code: 403
--- error_log
refused with 403: undecided (a "return", "rewrite" or the like answered before anybody was asked: write "rtauth off" where all may have it



=== TEST 5: so does an error page that is guarded
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 401 /sorry;
    location /t { try_files /ok.txt =404; }
    location /sorry { try_files /ok.txt =404; }
--- request
GET /t
--- error_code: 401
--- error_log
refused with 401: anonymous (an error page is for all: write "rtauth off" in its location)



=== TEST 6: who may come in by "satisfy any" is not simply refused
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; satisfy any; allow all; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- more_headers
Authorization: Bearer a.b.c
--- error_log
rtauth: would be refused with 401: malformed (unless another of "satisfy any" lets it in)
--- no_error_log
rtauth: refused



=== TEST 7: the issuers of a discovery document
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer     $TEST_NGINX_IDP/wrong-issuer.says;
        audience   tools;
        discovery  $TEST_NGINX_IDP/wrong-issuer.says/.well-known/openid-configuration;
    }
--- config
    location /t { rtauth p; try_files /ok.txt =404; }
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('wrong-issuer.says'))
--- error_code: 503
--- error_log eval
qr{another "issuer", "http://127.0.0.1:\d+/wrong-issuer.says/", than the block: "http://127.0.0.1:\d+/wrong-issuer.says"}



=== TEST 8: a name that is empty for want of email_verified, once
--- http_config eval
RT::JWT::corp() . ' rtauth_provider partner { issuer https://p.example;
    audience tools; jwks_file $TEST_NGINX_DATA/keys/jwks.json; }'
--- config
    rtauth corp partner;
    location /t { add_header X-User "<$rtauth_user>"; try_files /ok.txt =404; }
    location /log { rtauth off; default_type text/plain; alias logs/error.log; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t", "GET /log"]
--- more_headers eval
[RT::JWT::bearer(), RT::JWT::bearer(), ""]
--- response_headers eval
["X-User: <>", "X-User: <>", ""]
--- response_body_like eval
["in", "in", qr/\A(?!.*rtauth_user is empty.*rtauth_user is empty)
    .*\[warn\][^\n]*rtauth_user\ is\ empty,\ for\ tokens\ of\ provider\ "corp"/sx]

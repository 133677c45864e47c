use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;
use RT::JWT;

# WWW-Authenticate of a target of auth_request: it comes to the client.

plan_all();
run_tests();

__DATA__

=== TEST 1: the challenge of a subrequest, without and with a token
--- http_config eval: RT::JWT::corp()
--- config
    location = /check { internal; rtauth corp; try_files /nope =204; }
    location /app { auth_request /check; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /app", "GET /app", "HEAD /app", "GET /app"]
--- more_headers eval
["", "Authorization: Bearer a.b.c", "", RT::JWT::bearer()]
--- error_code eval
[401, 401, 401, 200]
--- response_headers eval
['WWW-Authenticate: Bearer realm="corp"',
 'WWW-Authenticate: Bearer realm="corp", error="invalid_token", '
 . 'error_description="the token is malformed"',
 'WWW-Authenticate: Bearer realm="corp"',
 "!WWW-Authenticate"]



=== TEST 2: the target has an error page of its own
--- http_config eval: RT::JWT::corp()
--- config
    location = /check { rtauth corp; error_page 401 /sorry;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/yes; }
    location = /sorry { return 401 "sorry"; }
    location = /yes { return 200 "yes"; }
    location /app { auth_request /check; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /app", "GET /app"]
--- more_headers eval
["", RT::JWT::bearer()]
--- error_code eval
[401, 200]
--- response_headers eval
['WWW-Authenticate: Bearer realm="corp"', "!WWW-Authenticate"]



=== TEST 3: rtauth and auth_request in one location
--- http_config eval: RT::JWT::corp()
--- config
    location = /check { rtauth corp; try_files /nope =204; }
    location /all { rtauth corp; auth_request /check; try_files /ok.txt =404; }
    location /any { satisfy any; deny all; auth_request /check;
        try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /all", "GET /all", "GET /any", "GET /any"]
--- more_headers eval
["", RT::JWT::bearer(), "", RT::JWT::bearer()]
--- error_code eval
[401, 200, 401, 200]
--- response_headers eval
['WWW-Authenticate: Bearer realm="corp"', "!WWW-Authenticate",
 'WWW-Authenticate: Bearer realm="corp"', "!WWW-Authenticate"]



=== TEST 4: other requests are challenged by the header filter alone
--- http_config eval: RT::JWT::corp()
--- config
    ssi on;
    ssi_types text/plain;
    location /page { try_files /page.txt =404; }
    location /part { rtauth corp; try_files /ok.txt =404; }
--- user_files
>>> page.txt
<!--# include virtual="/part" -->
>>> ok.txt
in
--- request eval
["GET /page", "GET /part"]
--- error_code eval
[200, 401]
--- response_headers eval
["!WWW-Authenticate", 'WWW-Authenticate: Bearer realm="corp"']



=== TEST 5: keys that cannot be had are nginx's 500 there
--- http_config
    rtauth_zone 1m;
    rtauth_provider p { issuer i; audience tools;
        jwks_uri $TEST_NGINX_IDP/e500.challenge/jwks; }
--- config
    location = /check { rtauth p; try_files /nope =204; }
    location /app { auth_request /check; try_files /ok.txt =404; }
--- request
GET /app
--- more_headers eval: RT::Idp::bearer(iss => 'i')
--- error_code: 500
--- error_log
refused with 503: keys_unavailable
auth request unexpected status: 503

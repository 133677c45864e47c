# What must never let anybody past: the ways around the access phase

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

plan_all();
run_tests();

__DATA__

=== TEST 1: return: the backstop
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { return 200 "secret\n"; }
--- request
GET /t
--- error_code: 403
--- response_body_unlike: secret
--- response_headers
Cache-Control: no-store
--- error_log
rtauth: refused with 403: undecided



=== TEST 2: return, with a good token: nobody was asked for it
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { return 200 "secret\n"; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- error_code: 403
--- response_body_unlike: secret



=== TEST 3: return in the server
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    if ($arg_x) { return 200 "secret\n"; }
    location /t { try_files /ok.txt =404; }
--- request
GET /t?x=1
--- error_code: 403
--- response_body_unlike: secret



=== TEST 4: if, in a location
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t {
        if ($arg_x) { return 200 "secret\n"; }
        try_files /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t?x=1", "GET /t", "GET /t"]
--- more_headers eval
["", "", RT::JWT::bearer()]
--- error_code eval
[403, 401, 200]



=== TEST 5: redirects and errors carry nothing and pass
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /r { return 302 /elsewhere; }
    location /p { return 308 /elsewhere; }
    location /n { return 404; }
--- request eval
["GET /r", "GET /p", "GET /n"]
--- error_code eval
[302, 308, 404]



=== TEST 6: a static file, an index, a directory listing
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location ~ ^/ { index ok.txt; autoindex on; }
--- user_files
>>> ok.txt
secret
>>> d/x
--- request eval
["GET /ok.txt", "GET /", "GET /d/", "HEAD /ok.txt", "POST /ok.txt"]
--- error_code eval
[401, 401, 401, 401, 401]



=== TEST 7: try_files and its fallback
--- http_config eval: RT::JWT::corp()
--- config
    location /a { rtauth off; try_files /none /b; }
    location /b { rtauth corp; try_files /ok.txt =404; }
    location /c { rtauth off; try_files /none @b; }
    location @b { rtauth corp; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request eval
["GET /a", "GET /a", "GET /c", "GET /c"]
--- more_headers eval
["", RT::JWT::bearer(), "", RT::JWT::bearer()]
--- error_code eval
[401, 200, 401, 200]



=== TEST 8: rewrite
--- http_config eval: RT::JWT::corp()
--- config
    location /a { rtauth off; rewrite ^ /b last; }
    location /b { rtauth corp; try_files /ok.txt =404; }
    location /c { rtauth off; rewrite ^ /ok.txt break; }
--- user_files
>>> ok.txt
text
--- request eval
["GET /a", "GET /a", "GET /c"]
--- more_headers eval
["", RT::JWT::bearer(), ""]
--- error_code eval
[401, 200, 200]



=== TEST 9: X-Accel-Redirect from an open location
--- http_config eval: RT::JWT::corp()
--- config
    location /app { rtauth off; add_header X-Accel-Redirect /b; return 204; }
    location /a { rtauth off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /b { rtauth corp; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request eval
["GET /a", "GET /a"]
--- more_headers eval
["", RT::JWT::bearer()]
--- error_code eval
[401, 200]



=== TEST 10: X-Accel-Redirect from a guarded one to an internal one
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /app { rtauth off; add_header X-Accel-Redirect /i; return 204; }
    location /a { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /i { internal; rtauth off; add_header X-Who $rtauth_claim_email;
        try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request eval
["GET /a", "GET /a"]
--- more_headers eval
["", RT::JWT::bearer()]
--- error_code eval
[401, 200]
--- response_headers eval
["X-Who:", "X-Who: ann\@example.com"]



=== TEST 11: another provider's location after an internal redirect
--- http_config eval
RT::JWT::corp('', RT::JWT::partner())
--- config
    location /a { rtauth partner; rewrite ^ /a0 break; try_files /none /b; }
    location /b { rtauth corp; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request
GET /a
--- more_headers eval
RT::JWT::bearer(-key => 'rsa2', iss => 'https://id.partner.example')
--- error_code: 401



=== TEST 12: a token that the second location does not read
--- http_config eval: RT::JWT::corp()
--- config
    location /a { rtauth corp; rtauth_token $arg_t; try_files /none /b; }
    location /b { rtauth corp; try_files /ok.txt =404; }
    location /c { rtauth corp; rtauth_token $arg_t; try_files /none /d?x=1; }
    location /d { rtauth corp; rtauth_token $arg_t; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /a?t=" . RT::JWT::token(), "GET /c?t=" . RT::JWT::token()]
--- error_code eval
[401, 200]



=== TEST 13: error_page shows no guarded page to nobody
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 401 =200 /x;
    location /t { try_files /ok.txt =404; }
    location /x { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request
GET /t
--- error_code: 401
--- response_body_unlike: secret



=== TEST 14: nor a return made into one
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 401 =200 /x;
    location /t { try_files /ok.txt =404; }
    location /x { return 200 "secret\n"; }
--- request
GET /t
--- error_code: 403
--- response_body_unlike: secret



=== TEST 15: nor a named location that passes on
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 401 = @x;
    location /t { try_files /ok.txt =404; }
    location @x { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    location /app { rtauth off; return 200 "secret\n"; }
--- request
POST /t
--- error_code: 401
--- response_body_unlike: secret



=== TEST 16: an error page of an open location is shown, with its status
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 401 /login.html;
    location /t { try_files /ok.txt =404; }
    location = /login.html { rtauth off; add_header Cache-Control "public" always;
                             expires 1h; }
--- user_files
>>> login.html
please sign in
--- request
GET /t
--- error_code: 401
--- response_body
please sign in
--- response_headers
Cache-Control: no-store
WWW-Authenticate: Bearer realm="corp"



=== TEST 17: and with another status, still not stored
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 401 =200 /login.html;
    location /t { try_files /ok.txt =404; }
    location = /login.html { rtauth off; expires 1h; }
--- user_files
>>> login.html
please sign in
--- request
GET /t
--- error_code: 200
--- response_body
please sign in
--- response_headers
Cache-Control: no-store
!Expires



=== TEST 18: an error page of fixed text under rtauth is shown
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 401 /e;
    location /t { try_files /ok.txt =404; }
    location = /e { return 200 "who are you?\n"; }
--- request
GET /t
--- error_code: 401
--- response_body
who are you?



=== TEST 19: recursive error pages end
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    recursive_error_pages on;
    error_page 401 /x;
    location ~ ^/ { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request
GET /t
--- error_code: 500
--- response_body_unlike: secret



=== TEST 20: error pages of what nginx itself refuses
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    error_page 400 405 413 414 @x;
    location /t { try_files /ok.txt =404; }
    location @x { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- raw_request eval
"GET /t HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
--- response_body_unlike: secret
--- error_code: 401



=== TEST 21: a subrequest of auth_request is decided
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth off; auth_request /auth; try_files /ok.txt =404; }
    location = /auth { rtauth corp; proxy_pass_request_body off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/yes; }
    location = /yes { rtauth off; return 200 "yes\n"; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
["", RT::JWT::bearer()]
--- error_code eval
[401, 200]



=== TEST 22: and one that is a return says no
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth off; auth_request /auth; try_files /ok.txt =404; }
    location = /auth { rtauth corp; return 200; }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- error_code: 403



=== TEST 23: an SSI include of a guarded location
--- http_config eval: RT::JWT::corp()
--- config
    ssi on;
    ssi_types text/plain;
    location /t { rtauth off; try_files /page.txt =404; }
    location /s { rtauth corp; try_files /ok.txt =404; }
    location /r { rtauth corp; return 200 "a return's secret\n"; }
--- user_files
>>> page.txt
<!--#include virtual="/s" --><!--#include virtual="/r" -->end
>>> ok.txt
secret
--- request
GET /t
--- response_body_unlike: secret
--- response_body_like: end



=== TEST 24: the same with a token
--- http_config eval: RT::JWT::corp()
--- config
    ssi on;
    ssi_types text/plain;
    location /t { rtauth corp; try_files /page.txt =404; }
    location /s { rtauth corp; try_files /ok.txt =404; }
--- user_files
>>> page.txt
<!--#include virtual="/s" -->end
>>> ok.txt
in
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- response_body
in
end



=== TEST 25: a mirrored request of nobody does not arrive
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth off; mirror /m; try_files /ok.txt =404; }
    location /m { internal; rtauth corp;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/arrived; }
    location /arrived { rtauth off; return 204; }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- response_body
in
--- no_error_log eval
qr/"GET \/arrived/
--- error_log
rtauth: refused with 401: anonymous



=== TEST 26: satisfy any: either is enough
--- http_config eval: RT::JWT::corp()
--- config
    satisfy any;
    rtauth corp;
    location /allow { allow all; try_files /ok.txt =404; }
    location /deny  { deny all;  try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /allow", "GET /deny", "GET /deny", "GET /allow"]
--- more_headers eval
["", "", RT::JWT::bearer(), "Authorization: Bearer x.y.z"]
--- error_code eval
[200, 401, 200, 200]
--- allow_log
access forbidden by rule



=== TEST 27: satisfy any: who came in otherwise is no user, and no refusal
--- http_config eval: RT::JWT::corp()
--- config
    satisfy any;
    allow all;
    rtauth corp;
    add_header X-Who "<$rtauth_user$rtauth_groups$rtauth_claim_sub>" always;
    add_header X-Result $rtauth_result always;
    add_header X-Event $rtauth_event always;
    location /t { try_files /ok.txt =404; }
    location /no { rtauth_require claim sub eq u-9; try_files /ok.txt =404; }
    location /on { rtauth_require claim sub eq u-9; try_files /none /off; }
    location = /off { rtauth off; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t", "GET /no", "GET /on", "GET /no"]
--- more_headers eval
["", "Authorization: Bearer x.y.z", (RT::JWT::bearer()) x 2,
 RT::JWT::bearer(sub => 'u-9')]
--- response_headers eval
[q(X-Who: <>
X-Result: anonymous
X-Event: {"decision":"allow","reason":"anonymous"}
!WWW-Authenticate
!Cache-Control
), q(X-Who: <>
X-Result: malformed
X-Event: {"decision":"allow","reason":"malformed"}
!WWW-Authenticate
Cache-Control: private
), q(X-Who: <>
X-Result: requirement
X-Event: {"decision":"allow","reason":"requirement","provider":"corp"}
!WWW-Authenticate
Cache-Control: private
), q(X-Who: <>
), q(X-Who: <ann@example.com[]u-9>
X-Result: ok
Cache-Control: private
)]



=== TEST 28: satisfy all
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /deny { deny all;  try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /deny", "GET /deny"]
--- more_headers eval
["", RT::JWT::bearer()]
--- error_code eval
[401, 403]



=== TEST 29: limit_except
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t {
        limit_except GET { rtauth_require claim email eq boss@example.com; }
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app;
    }
    location /app { rtauth off; return 200 "in\n"; }
--- request eval
["GET /t", "POST /t", "POST /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(), RT::JWT::bearer(),
 RT::JWT::bearer(email => 'boss@example.com'), ""]
--- error_code eval
[200, 403, 200, 401]



=== TEST 30: a request for another server of this host brings nothing along
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request eval
["OPTIONS /t", "PROPFIND /t", "GET http://other/t"]
--- error_code eval
[401, 401, 401]



=== TEST 31: HTTP/1.0 and a conditional request
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
secret
--- request
GET /t HTTP/1.0
--- more_headers
If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT
Range: bytes=0-1
--- error_code: 401



=== TEST 32: the text of a return 204 is no part of a page
--- http_config eval: RT::JWT::corp()
--- config
    location /page { ssi on; ssi_types text/plain; try_files /page.txt =404; }
    location /n { rtauth corp; return 204 "secret\n"; }
--- user_files
>>> page.txt
[<!--# include virtual="/n" -->]
--- request
GET /page
--- response_body_unlike: secret



=== TEST 33: nor an answer in HTTP/0.9
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /n { return 204 "secret\n"; }
--- raw_request eval: "GET /n\r\n"
--- http09
--- ignore_response
--- error_log
rtauth: refused with 403: undecided



=== TEST 34: a refusal stays one when its error page is let in
--- http_config eval: RT::JWT::corp()
--- config
    add_header X-Event $rtauth_event always;
    rtauth corp;
    location /a { rtauth_require claim x present; error_page 403 /ok.txt;
                  try_files /ok.txt =404; }
    location /b { rtauth_require claim x present; error_page 403 =200 /ok.txt;
                  try_files /ok.txt =404; }
    location /ok.txt { }
--- user_files
>>> ok.txt
denied
--- request eval
["GET /a", "GET /b", "GET /ok.txt"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[403, 200, 200]
--- response_headers eval
my $deny = 'X-Event: {"decision":"deny","reason":"requirement",'
           . '"provider":"corp","action":"ACCESS_DENIED"}';
[$deny, $deny,
 'X-Event: {"decision":"allow","reason":"ok","provider":"corp"}']



=== TEST 35: but not when another provider let the client in instead
--- http_config eval
RT::JWT::corp('', 'rtauth_provider partner {
    issuer https://partner.example.com;
    audience tools;
    jwks_file $TEST_NGINX_DATA/keys/jwks.json;
}')
--- config
    add_header X-Event $rtauth_event always;
    location /a { rtauth partner; error_page 401 = @corp;
                  try_files /ok.txt =404; }
    location @corp { rtauth corp; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
text
--- request
GET /a
--- more_headers eval: RT::JWT::bearer()
--- response_headers
X-Event: {"decision":"allow","reason":"ok","provider":"corp"}



=== TEST 36: a 204 is no yes, whatever a request brings
--- http_config eval: RT::JWT::corp()
--- config
    location = /auth { rtauth corp; return 204; }
    location /w { rtauth corp; rtauth_require claim x present; return 204; }
    location /if { rtauth corp; if ($arg_x) { return 204; } }
    location /n { rtauth corp; location /n/n { return 204; } }
    location /re { rtauth off; rewrite ^ /auth last; }
    location /ep { rtauth off; error_page 404 =204 /e; return 404; }
    location = /e { rtauth corp; return 200 "secret\n"; }
--- request eval
["GET /auth", "HEAD /auth", "POST /auth", "GET /auth", "GET /w", "GET /if?x=1",
 "GET /n/n", "GET /re", "GET /ep"]
--- more_headers eval
["", "", "", "Authorization: Bearer x.y.z", RT::JWT::bearer(), ("") x 4]
--- error_code eval
[(403) x 9]
--- response_headers eval: [("Cache-Control: no-store") x 9]
--- response_body_unlike eval: [("secret") x 9]
--- error_log
rtauth: refused with 403: undecided



=== TEST 37: nor is it one to auth_request, in any method
--- http_config eval: RT::JWT::corp()
--- config
    location /app { auth_request /in; try_files /ok.txt =404; }
    location = /in { internal; rtauth corp;
                     add_header Access-Control-Allow-Origin *;
                     if ($request_method = OPTIONS) { return 204; }
                     return 204; }
--- user_files
>>> ok.txt
secret
--- request eval
["GET /app", "GET /app", "OPTIONS /app", "HEAD /app"]
--- more_headers eval
["", RT::JWT::bearer(), "", ""]
--- error_code eval
[(403) x 4]
--- response_body_unlike eval: [("secret") x 4]



=== TEST 38: what a target of auth_request looks like
--- http_config eval: RT::JWT::corp()
--- config
    location /app { auth_request /in; try_files /ok.txt =404; }
    location = /in { internal; rtauth corp; try_files /nope =204; }
    location = /out { rtauth corp; try_files /nope =204; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /app", "GET /app", "GET /out", "GET /out", "OPTIONS /out"]
--- more_headers eval
["", RT::JWT::bearer(), "", RT::JWT::bearer(), ""]
--- error_code eval
[401, 200, 401, 204, 401]



=== TEST 39: a preflight is answered, as the client sent it
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t {
        if ($request_method = OPTIONS) { return 204; }
        try_files /ok.txt =404;
    }
    location /u { error_page 401 =204 /none; try_files /ok.txt =404; }
    location = /none { return 204; }
--- user_files
>>> ok.txt
secret
--- request eval
["OPTIONS /t", "GET /t", "OPTIONS /u", "GET /u"]
--- error_code eval
[204, 401, 204, 403]
--- response_body_unlike eval: [("secret") x 4]



=== TEST 40: any other code below 300, and one that a condition made
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /100 { return 100 "secret\n"; }
    location /101 { return 101 "secret\n"; }
    location /201 { return 201 "secret\n"; }
    location /202 { return 202; }
    location /206 { return 206 "secret\n"; }
    location /299 { return 299 "secret\n"; }
    location /300 { return 300 "secret\n"; }
    location /200 { return 200 "secret\n"; }
--- request eval
["GET /100", "GET /101", "GET /201", "GET /202", "GET /206", "GET /299",
 "GET /300", "GET /200", "OPTIONS /201", "HEAD /200"]
--- more_headers
If-None-Match: *
--- error_code eval
[(403) x 10]
--- response_body_unlike eval: [("secret") x 10]



=== TEST 41: a return 444 says nothing at all
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t { return 444; }
--- raw_request eval
"GET /t HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- ignore_response
--- no_error_log
undecided



=== TEST 42: what only looks like fixed text is made in the content phase
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /gif { empty_gif; }
    location /status { stub_status; }
--- request eval
["GET /gif", "GET /status", "GET /status"]
--- more_headers eval
["", "", RT::JWT::bearer()]
--- error_code eval
[401, 401, 200]



=== TEST 43: a subrequest's redirect lets nobody in either
--- http_config eval: RT::JWT::corp()
--- config
    location /app { auth_request /in; try_files /ok.txt =404; }
    location = /in { rtauth corp; return 302 /elsewhere; }
--- user_files
>>> ok.txt
secret
--- request
GET /app
--- error_code: 500
--- response_body_unlike: secret



=== TEST 44: an application behind an error page is not told of whom it is about
--- http_config eval
RT::JWT::corp('', '
    rtauth_group all { match email present; permission edit; deny /denied; }
    proxy_set_header X-Told "$rtauth_user|$rtauth_claim_email|$rtauth_groups|$rtauth_groups_list|$rtauth_user_json|$rtauth_provider|$rtauth_permission";
')
--- config
    rtauth corp;
    error_page 403 = @guest;
    location @guest { rtauth off; rewrite ^ /app break;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    location = /page { rtauth off; ssi on; ssi_types text/plain;
        try_files /page.txt =404; }
    location = /part { rtauth off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { rtauth off; return 200 "told $http_x_told\n"; }
    location /denied { try_files /none =404; }
    location /unmet { rtauth_require claim x present;
                      try_files /none =404; }
    location /bound { rtauth_bind arg:email $rtauth_claim_email;
                      try_files /none =404; }
    location /ssi { rtauth_require claim x present; error_page 403 =200 /page;
                    try_files /none =404; }
    location /let { error_page 404 = @guest; try_files /none =404; }
--- user_files
>>> page.txt
<!--# include virtual="/part" -->
--- request eval
["GET /denied", "GET /unmet", "GET /bound?email=b\@x", "GET /ssi", "GET /let"]
--- more_headers eval
RT::JWT::bearer(email => 'a@x', email_verified => JSON::PP::true)
--- response_body_like eval
[("^told \\|{6}\n+\\z") x 4,
 "^told a\@x\\|a\@x\\|\\[\"all\"\\]\\|all\\|\\{.*\\}\\|corp\\|edit\$"]
--- error_code eval
[(200) x 5]



=== TEST 45: nor one where a subrequest asked, and refused him
--- http_config eval
RT::JWT::corp('', 'proxy_set_header X-Told "$rtauth_user|$rtauth_claim_email";')
--- config
    location /in { internal; rtauth corp; try_files /ok.txt =404; }
    location /no { internal; rtauth corp; rtauth_require claim x present;
                   try_files /ok.txt =404; }
    location /asked { auth_request /in;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /refused { auth_request /no; error_page 403 = @guest;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /both { auth_request /no; error_page 403 = /asked;
        try_files /none =404; }
    location /set { auth_request /no; auth_request_set $who $rtauth_user;
        error_page 403 = @set; try_files /none =404; }
    location @set { rewrite ^ /app break; proxy_set_header X-Told "$who|";
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    location @guest { rewrite ^ /app break;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    location /app { return 200 "told $http_x_told\n"; }
--- user_files
>>> ok.txt
--- request eval
["GET /asked", "GET /refused", "GET /both", "GET /set"]
--- more_headers eval
RT::JWT::bearer(email => 'a@x', email_verified => JSON::PP::true)
--- response_body eval
["told a\@x|a\@x\n", "told |\n", "told a\@x|a\@x\n", "told |\n"]



=== TEST 46: what is written, and a page of nginx's own, still tell
--- http_config eval
RT::JWT::corp('', '
    log_format who "WHO $rtauth_claim_email $rtauth_result";
')
--- config
    rtauth corp;
    access_log logs/error.log who;
    location /own { rtauth_require claim x present; error_page 403 = /sorry;
                    try_files /none =404; }
    location /sorry { rtauth off; return 200 "sorry $rtauth_claim_email\n"; }
    location /app { rtauth_require claim x present; error_page 403 = @guest;
                    try_files /none =404; }
    location @guest { rtauth off; rewrite ^ /up break;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    location /up { rtauth off; access_log off; return 200 "up\n"; }
--- request eval
["GET /own", "GET /app"]
--- more_headers eval
RT::JWT::bearer(email => 'a@x', email_verified => JSON::PP::true)
--- response_body eval
["sorry a\@x\n", "up\n"]
--- grep_error_log eval: qr/WHO [^,\n]*/
--- grep_error_log_out eval
["WHO a\@x requirement\n", "WHO a\@x requirement\n"]



=== TEST 47: auth_request: the event of the request says why it was refused
--- http_config eval: RT::JWT::corp()
--- config
    add_header X-Event $rtauth_event always;
    location /in { internal; rtauth corp; try_files /ok.txt =404; }
    location /no { internal; rtauth corp; rtauth_require claim x present;
                   try_files /ok.txt =404; }
    location /asked { auth_request /in; try_files /ok.txt =404; }
    location /refused { auth_request /no; try_files /ok.txt =404; }
    location /page { ssi on; ssi_types text/plain; try_files /page.txt =404; }
    location /paged { auth_request /no; error_page 403 =200 /ok;
                      try_files /ok.txt =404; }
    location /ok { try_files /ok.txt =404; }
    location /also { rtauth corp; auth_request /no; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
>>> page.txt
<!--# include virtual="/no" -->
--- request eval
["GET /refused", "GET /asked", "GET /asked", "GET /page", "GET /paged",
 "GET /also"]
--- more_headers eval
[RT::JWT::bearer(), RT::JWT::bearer(exp => 1), RT::JWT::bearer(),
 (RT::JWT::bearer()) x 3]
--- response_headers eval
['X-Event: {"decision":"deny","reason":"requirement","provider":"corp","action":"ACCESS_DENIED"}',
 'X-Event: {"decision":"deny","reason":"expired","action":"TOKEN_REJECTED"}',
 '! X-Event', '! X-Event',
 ('X-Event: {"decision":"deny","reason":"requirement","provider":"corp","action":"ACCESS_DENIED"}') x 2]
--- error_code eval
[403, 401, (200) x 3, 403]



=== TEST 48: nor one that is told of him by what was read on the way
--- http_config eval
RT::JWT::corp('', 'proxy_set_header X-Told "$who|$rtauth_user";')
--- config
    set $who "";
    set $early $rtauth_user;
    location /in { internal; rtauth corp; try_files /ok.txt =404; }
    location /no { internal; rtauth corp; rtauth_require claim x present;
                   error_page 403 = @why; try_files /ok.txt =404; }
    location @why { return 403; }
    location /set { auth_request /no; auth_request_set $who $rtauth_user;
        error_page 403 = @guest; try_files /none =404; }
    location /also { rtauth corp; auth_request /no; error_page 403 = @guest;
        try_files /none =404; }
    location /unmet { rtauth corp; rtauth_require claim x present;
        error_page 403 = /guest; try_files /none =404; }
    location /then { rtauth corp; auth_request /no; error_page 403 = /met;
        try_files /none =404; }
    location /met { rtauth corp; try_files /none @guest; }
    location @guest { rewrite ^ /app break;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    location /guest { proxy_set_header X-Told "$early|$rtauth_user";
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { return 200 "told $http_x_told\n"; }
--- user_files
>>> ok.txt
--- request eval
["GET /set", "GET /also", "GET /unmet", "GET /then"]
--- more_headers eval
RT::JWT::bearer(email => 'a@x', email_verified => JSON::PP::true)
--- response_body eval
[("told |\n") x 3, "told |a\@x\n"]

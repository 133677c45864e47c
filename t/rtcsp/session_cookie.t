# Flags that an application forgot on its session's cookie.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

plan_all();
run_tests();

__DATA__

=== TEST 1: Talisman's flags, where they are missing; other cookies stay
--- config
    rtcsp_session_cookie session;
    location /t {
        add_header Set-Cookie "session=1; Path=/";
        add_header Set-Cookie "other=1";
        add_header Set-Cookie "Session=1";
        return 204;
    }
--- request
GET /t
--- error_code: 204
--- raw_response_headers_like: (?s)Set-Cookie: session=1; Path=/; Secure; HttpOnly; SameSite=Lax\r\nSet-Cookie: other=1\r\nSet-Cookie: Session=1\r\n



=== TEST 2: what the application says stays: framed by others, deleted
--- config
    rtcsp_session_cookie session;
    location /framed  { add_header Set-Cookie "session=1; SameSite=None"; return 204; }
    location /deleted { add_header Set-Cookie "session=; Max-Age=0"; return 204; }
    location /strict  { add_header Set-Cookie "session=1;secure;httponly;samesite=strict"; return 204; }
--- request eval
["GET /framed", "GET /deleted", "GET /strict"]
--- error_code eval
[204, 204, 204]
--- response_headers eval
["Set-Cookie: session=1; SameSite=None; Secure; HttpOnly",
 "Set-Cookie: session=; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
 "Set-Cookie: session=1;secure;httponly;samesite=strict"]



=== TEST 3: of an upstream, in an error and in a 304, and only the flags named
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/app.sock;
        add_header Set-Cookie "a=1" always;
        location = /t/ok  { return 200 "ok"; }
        location = /t/500 { return 500; }
        location = /t/304 { return 304; }
    }
--- config
    rtcsp_session_cookie a b httponly;
    location /t { proxy_pass http://unix:$TEST_NGINX_HTML_DIR/app.sock; }
--- request eval
["GET /t/ok", "GET /t/500", "GET /t/304", "HEAD /t/ok"]
--- error_code eval
[200, 500, 304, 200]
--- response_headers eval
[("Set-Cookie: a=1; HttpOnly") x 4]



=== TEST 4: off, inherited and replaced
--- config
    rtcsp_session_cookie a httponly;
    add_header Set-Cookie "a=1";
    location /in  { return 204; }
    location /off { rtcsp_session_cookie off; return 204; }
    location /b   { rtcsp_session_cookie b; return 204; }
--- request eval
["GET /in", "GET /off", "GET /b"]
--- error_code eval
[204, 204, 204]
--- response_headers eval
["Set-Cookie: a=1; HttpOnly", ("Set-Cookie: a=1") x 2]



=== TEST 5: Secure for the prefixes that ask for it
--- config
    rtcsp_session_cookie __Host-a __Secure-b httponly;
    location /host { add_header Set-Cookie "__Host-a=1; Path=/x; HttpOnly"; return 204; }
    location /sec  { add_header Set-Cookie "__Secure-b=1; HttpOnly"; return 204; }
--- request eval
["GET /host", "GET /host", "GET /sec"]
--- error_code eval
[204, 204, 204]
--- response_headers eval
[("Set-Cookie: __Host-a=1; Path=/x; HttpOnly; Secure") x 2,
 "Set-Cookie: __Secure-b=1; HttpOnly; Secure"]



=== TEST 6: what browsers drop is told once
--- config
    rtcsp_session_cookie __Host-a httponly;
    location /t { add_header Set-Cookie "__Host-a=1; Path=/x"; return 204; }
--- raw_request eval
my $get = "GET /t HTTP/1.1\r\nHost: x\r\n\r\n" x 3;
$get =~ s/\r\n$/Connection: close\r\n\r\n/r
--- ignore_response
--- grep_error_log eval: qr/browsers drop the cookie "__Host-a" of upstream: it begins with __Host-, and has no Path=./
--- grep_error_log_out
browsers drop the cookie "__Host-a" of upstream: it begins with __Host-, and has no Path=/



=== TEST 7: beside a page with a nonce
--- config
    rtcsp strict;
    rtcsp_nonce placeholder=data:abcdefghijklmnopqrstuvwxyz012345;
    rtcsp_session_cookie a;
    location /t {
        default_type text/html;
        add_header Set-Cookie "a=1";
        return 200 "<script nonce=abcdefghijklmnopqrstuvwxyz012345></script>";
    }
--- request
GET /t
--- response_headers
Set-Cookie: a=1; Secure; HttpOnly; SameSite=Lax
--- response_body_unlike: abcdefghijklmnopqrstuvwxyz012345



=== TEST 8: no name
--- config
    rtcsp_session_cookie secure;
--- must_die
--- error_log
"rtcsp_session_cookie" directive names no cookie: write "rtcsp_session_cookie NAME ..."



=== TEST 9: neither a name nor a flag
--- config
    rtcsp_session_cookie a samesite=lax;
--- must_die
--- error_log
invalid parameter "samesite=lax" in "rtcsp_session_cookie": write a cookie's name



=== TEST 10: a lost semicolon
--- config
    rtcsp_session_cookie a
    rtcsp talisman;
--- must_die
--- error_log
rtcsp_session_cookie

# Requests that did not come over https are sent there: by whom, to which host,
# with which status, and before what else a location does.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

plan_all();
run_tests();

__DATA__

=== TEST 1: status by method; a body is sent again, not dropped
--- config
    rtcsp_force_https on host=tools.example.com;
    location /for-ever {
        rtcsp_force_https permanent host=tools.example.com:8443;
        return 200 "open";
    }
--- request eval
["GET /a?b=%2F..&c", "HEAD /a", "POST /a\nx=1", "DELETE /a", "OPTIONS /a",
 "GET /for-ever", "HEAD /for-ever", "PUT /for-ever\nx"]
--- error_code eval
[302, 302, 307, 307, 307, 301, 301, 308]
--- response_headers eval
["Location: https://tools.example.com/a?b=%2F..&c",
 ("Location: https://tools.example.com/a") x 4,
 ("Location: https://tools.example.com:8443/for-ever") x 3]



=== TEST 2: before rewrite and return, in its location alone
--- config
    rtcsp_force_https on host=tools.example.com;
    location /return { return 403; }
    location /rewrite { rewrite ^ /other break; return 204; }
    location /health { rtcsp_force_https off; return 200 "fine"; }
    location /.well-known/acme-challenge/ {
        rtcsp_force_https off;
        return 200 "key";
    }
--- request eval
["GET /return", "GET /rewrite", "GET /health",
 "GET /.well-known/acme-challenge/x"]
--- error_code eval
[302, 302, 200, 200]
--- response_headers eval
["Location: https://tools.example.com/return",
 "Location: https://tools.example.com/rewrite", "! Location", "! Location"]



=== TEST 3: a server's rewrite, which makes a request internal, opens no way in
--- config
    rewrite ^/old/(.*) /new/$1;
    location /new/ {
        rtcsp_force_https on host=tools.example.com;
        return 200 "open";
    }
--- request
GET /old/x?y
--- error_code: 302
--- response_headers
Location: https://tools.example.com/old/x?y



=== TEST 4: Host does not say where to, unless it is the server's
--- config
    server_name *.example.org second.example.com ~^re;
    rtcsp_force_https on;
--- request eval
[("GET /t") x 6]
--- more_headers eval
["Host: second.example.com", "Host: SECOND.example.com:8080",
 "Host: evil.test", "Host: a.example.org", "Host: re", "Host: second.example.com."]
--- error_code eval
[(302) x 6]
--- response_headers eval
[("Location: https://second.example.com/t") x 2,
 ("Location: https://localhost/t") x 3,
 "Location: https://second.example.com/t"]



=== TEST 5: paths that look like hosts
--- config
    rtcsp_force_https on;
    merge_slashes off;
--- request eval
["GET //evil.test/a", "GET /a\@evil.test", "GET /\\evil.test"]
--- error_code eval
[302, 302, 302]
--- response_headers eval
["Location: https://localhost//evil.test/a",
 "Location: https://localhost/a\@evil.test",
 "Location: https://localhost/\\evil.test"]



=== TEST 6: an address in the request line
--- config
    rtcsp_force_https on;
--- raw_request eval
"GET http://evil.test/a HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n"
--- error_code: 302
--- response_headers
Location: https://localhost/a



=== TEST 7: one without a path, and HTTP/1.0 without Host
--- config
    rtcsp_force_https on;
--- raw_request eval
"GET http://evil.test HTTP/1.0\r\n\r\n"
--- error_code: 302
--- response_headers
Location: https://localhost/



=== TEST 8: https as a trusted proxy says, and as anybody else says
--- http_config
    server {
        listen       unix:$TEST_NGINX_HTML_DIR/far.sock;
        server_name  far.example.com;
        rtcsp_force_https on;
        rtcsp_trusted_proxy 192.0.2.1;
        location / { return 200 "open"; }
    }
--- config
    rtcsp_trusted_proxy 127.0.0.1;
    rtcsp_force_https on host=tools.example.com;
    location /near { return 200 "open"; }
    location /far  {
        rtcsp_force_https off;
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/far.sock;
        proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
        proxy_redirect off;
    }
--- request eval
["GET /near", "GET /near", "GET /near", "GET /far"]
--- more_headers eval
["X-Forwarded-Proto: https", "X-Forwarded-Proto: http",
 "X-Forwarded-Proto: https, http", "X-Forwarded-Proto: https"]
--- error_code eval
[200, 302, 302, 302]
--- response_headers eval
["! Location", ("Location: https://tools.example.com/near") x 2,
 "Location: https://far.example.com/far"]



=== TEST 9: an error that has its page stays one
--- config
    location = /page.html {
        rtcsp_force_https on host=tools.example.com;
        internal;
        return 200 "sorry";
    }
    location /t {
        error_page 403 /page.html;
        return 403;
    }
--- request
GET /t
--- error_code: 403
--- response_headers
! Location



=== TEST 10: subrequests are not sent anywhere
--- config
    location = /part { rtcsp_force_https on host=tools.example.com; return 200 "part"; }
    location /t {
        default_type text/html;
        ssi on;
        return 200 '[<!--#include virtual="/part" -->]';
    }
--- request
GET /t
--- response_body: [part]



=== TEST 11: the redirect has the policy, and no Strict-Transport-Security
--- config
    rtcsp talisman;
    rtcsp_force_https on host=tools.example.com;
--- request
GET /
--- error_code: 302
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'
! Strict-Transport-Security



=== TEST 12: without a preset, and with rtcsp off, it holds
--- config
    rtcsp off;
    rtcsp_force_https on host=tools.example.com;
--- request
GET /
--- error_code: 302



=== TEST 13: inherited by servers, each with its own names
--- http_config
    rtcsp_force_https on;
    server {
        listen unix:$TEST_NGINX_HTML_DIR/other.sock;
        server_name other.example.com;
    }
--- config
    location /other {
        rtcsp_force_https off;
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/other.sock;
        proxy_redirect off;
    }
--- request eval
["GET /x", "GET /other"]
--- error_code eval
[302, 302]
--- response_headers eval
["Location: https://localhost/x",
 "Location: https://other.example.com/other"]



=== TEST 14: old browsers that nginx refreshes
--- config
    msie_refresh on;
    rtcsp_force_https on host=tools.example.com;
--- request
GET /<b>
--- more_headers
User-Agent: Mozilla/4.0 (compatible; MSIE 5.5)
--- error_code: 200
--- response_body_like: URL=https://tools.example.com/



=== TEST 15: a server without a name
--- http_config
    server {
        listen       unix:$TEST_NGINX_HTML_DIR/other.sock;
        server_name  *.example.com _;
        rtcsp_force_https on;
    }
--- config
--- must_die
--- error_log
"rtcsp_force_https" does not know where to send people, for the server has no exact "server_name": write it, or "rtcsp_force_https on host=NAME"



=== TEST 16: a host that is none
--- config
    rtcsp_force_https on host=https://tools.example.com;
--- must_die
--- error_log
invalid parameter "host=https://tools.example.com" in "rtcsp_force_https": write "host=" and a name such as "tools.example.com", without a path



=== TEST 17: a port that is none
--- config
    rtcsp_force_https on host=tools.example.com:0;
--- must_die
--- error_log
invalid parameter "host=tools.example.com:0" in "rtcsp_force_https"



=== TEST 18: another word
--- config
    rtcsp_force_https yes;
--- must_die
--- error_log
invalid value "yes" in "rtcsp_force_https": write "on", "permanent" or "off"



=== TEST 19: twice
--- config
    rtcsp_force_https off;
    rtcsp_force_https off;
--- must_die
--- error_log
"rtcsp_force_https" directive is duplicate

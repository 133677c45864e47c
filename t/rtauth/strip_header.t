# rtauth_strip_header NAME ... | overrides: request headers a client can never send

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

# one location shows what the application gets, raw

our $app = '
    location /app { rtauth off; return 200
        "email=$http_x_email id=$http_x_id connection=$http_connection\n"; }
    location /t { rtauth off;
        proxy_set_header Connection $http_connection;
        proxy_http_version 1.1;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
';

plan_all();
run_tests();

__DATA__

=== TEST 1: gone in every spelling, with rtauth off too
--- http_config
    rtauth_strip_header X-Email;
    underscores_in_headers on;
    ignore_invalid_headers off;
--- config eval: $::app
--- request eval
[("GET /t") x 6]
--- more_headers eval
["X-Email: a", "x-email: b", "X_Email: c", "x-EMAIL: d\nX_EMAIL: e",
 "X-Email: f\nX-Email: g", "X_email: h\nX-Id: 7"]
--- response_body eval
[("email= id= connection=close\n") x 5, "email= id=7 connection=close\n"]



=== TEST 2: other headers stay
--- http_config
    rtauth_strip_header X-Email;
--- config eval: $::app
--- request
GET /t
--- more_headers
X-Email: a
X-Id: 7
--- response_body
email= id=7 connection=close



=== TEST 3: names in Connection, which a next hop would obey
--- http_config
    rtauth_strip_header X-Email;
--- config eval: $::app
--- raw_request eval
"GET /t HTTP/1.1\r\nHost: a\r\nConnection: close , x_email,X-Email, X-Id\r\n\r\n"
--- response_body
email= id= connection=close,X-Id



=== TEST 4: in a Connection header that has nothing else
--- http_config
    rtauth_strip_header X-Email;
--- config eval: $::app
--- raw_request eval
"GET /t HTTP/1.0\r\nHost: a\r\nConnection: X-Email\r\n\r\n"
--- response_body
email= id= connection=



=== TEST 5: server and http add up
--- http_config
    rtauth_strip_header X-Email;
--- config eval
'rtauth_strip_header X-Id X-More;' . $::app
--- request
GET /t
--- more_headers
X-Email: a
X-Id: 7
--- response_body
email= id= connection=close



=== TEST 6: more headers than one part of the list
--- http_config
    rtauth_strip_header X-Email;
--- config eval: $::app
--- request
GET /t
--- more_headers eval
CORE::join("\n", (map { "H$_: $_" } 1 .. 30), 'X-Email: a', 'X-Id: 9',
           (map { "I$_: $_" } 1 .. 30), 'x-email: b')
--- response_body
email= id=9 connection=close



=== TEST 7: headers nginx knows are forgotten too
--- http_config
    rtauth_strip_header X-Forwarded-For Referer Cookie;
--- config
    location /t { proxy_set_header X-A "<$http_x_forwarded_for>";
                  proxy_set_header X-B "<$proxy_add_x_forwarded_for>";
                  proxy_set_header X-C "<$http_referer$http_cookie$cookie_a>";
                  proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { return 200 "$http_x_a $http_x_b $http_x_c\n"; }
--- request
GET /t
--- more_headers
X-Forwarded-For: 6.6.6.6
Referer: http://evil/
Cookie: a=b
--- response_body
<> <127.0.0.1> <>



=== TEST 8: the header this server sets arrives
--- http_config eval
RT::JWT::corp('', '
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        return 200 "<$http_x_email>\n";
    }')
--- config
    rtauth_strip_header X-Email;
    location /t { rtauth corp; proxy_set_header X-Email $rtauth_claim_email;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
    location /o { rtauth off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
["GET /t", "GET /o"]
--- more_headers eval
[RT::JWT::bearer() . "\nX-Email: root\@x", "X_Email: e\nX-Email: root\@x"]
--- response_body eval
["<ann\@example.com>\n", "<>\n"]



=== TEST 9: before a return or a rewrite looks at it
--- http_config
    rtauth_strip_header X-Email;
--- config
    location /t { return 200 "<$http_x_email>\n"; }
--- request
GET /t
--- more_headers
X-Email: a
--- response_body
<>



=== TEST 10: in the error page of a request nginx refused early
--- http_config
    rtauth_strip_header X-Email;
--- config
    error_page 400 =200 @e;
    location /t { return 200; }
    location @e { return 200 "<$http_x_email>\n"; }
--- raw_request eval
"GET /t HTTP/1.1\r\nX-Email: a\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
--- response_body
<>



=== TEST 11: a subrequest has what is left
--- http_config
    rtauth_strip_header X-Email;
--- config
    ssi on;
    ssi_types text/plain;
    location /t { try_files /page.txt =404; }
    location /s { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { return 200 "<$http_x_email>"; }
--- user_files
>>> page.txt
<!--#include virtual="/s" -->
--- request
GET /t
--- more_headers
X-Email: a
--- response_body
<>



=== TEST 12: an invalid name
--- http_config
    rtauth_strip_header "X-Email:";
--- config
--- must_die
--- error_log
invalid header name "X-Email:" in "rtauth_strip_header": write the name alone



=== TEST 13: a header nginx needs
--- http_config
    rtauth_strip_header content-length;
--- config
--- must_die
--- error_log
invalid header name "content-length" in "rtauth_strip_header": write none that nginx itself needs



=== TEST 14: overrides: what would be another path or method
--- http_config
    underscores_in_headers on;
    rtauth_strip_header overrides X-Id;
--- config
    location /t { rtauth off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { rtauth off; return 200
        "<$http_x_original_url$http_x_rewrite_url$http_x_http_method_override$http_x_http_method$http_x_method_override$http_x_forwarded_prefix$http_script_name$http_x_id> $http_x_url\n"; }
--- request
GET /t
--- more_headers
X-Original-URL: /admin
X_Rewrite_Url: /admin
X-HTTP-Method-Override: DELETE
X-HTTP-Method: DELETE
x-method-override: DELETE
X-Forwarded-Prefix: /admin
SCRIPT_NAME: /admin
X-Id: 7
X-Url: 8
--- response_body
<> 8



=== TEST 15: without the word, and in capitals, they stay
--- http_config
    rtauth_strip_header Overrides;
--- config
    location /t { return 200 "<$http_x_original_url$http_overrides>\n"; }
--- request
GET /t
--- more_headers
X-Original-URL: /admin
Overrides: 1
--- response_body
</admin>



=== TEST 16: a variable sees what is left, also where it was asked before
--- http_config eval: RT::JWT::corp()
--- config
    set $before "<$http_upgrade$http_http2_settings>";
    location /t { rtauth off; return 200 "$before <$http_upgrade>\n"; }
    location /u { rtauth off; rtauth_upgrade tcp;
                  return 200 "$before <$http_upgrade>\n"; }
    location /on { rtauth corp; }
--- request eval
["GET /t", "GET /t", "GET /t", "GET /u", "GET /u"]
--- more_headers eval
["Upgrade: h2c\nHTTP2-Settings: AAAA", "Upgrade: websocket", "Upgrade: tcp",
 "Upgrade: tcp", "Upgrade: websocket"]
--- response_body eval
["<> <>\n", "<websocket> <websocket>\n", "<tcp> <>\n", "<tcp> <tcp>\n",
 "<websocket> <>\n"]

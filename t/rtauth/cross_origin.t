# Who a browser's cookie says it is counts only for requests that a page of our
# own has started: here a token in a cookie, as something in front may set it.

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $ok = 'try_files /ok.txt =404; error_page 405 =200 /ok.txt;';

our $config = "
    rtauth_origin https://tools.example.com;
    rtauth corp;
    rtauth_token \$cookie_token \$http_x_token;

    location /x { $ok }
    location = /ok.txt { rtauth_cross_origin allow; }
    location /open/ { rtauth_cross_origin allow; $ok }
    location /listed/ {
        rtauth_cross_origin https://app.example.com capacitor://localhost;
        $ok
    }";

my $token = RT::JWT::token();

sub with { my $how = shift; join "\n", "$how$token", @_ }

plan_all();
run_tests();

__DATA__

=== TEST 1: a GET of another site shows a page, as a link does
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
GET /x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: cross-site', 
    'Origin: https://evil.example')
--- error_code: 200



=== TEST 2: a POST of another site
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: cross-site')
--- error_code: 403
--- error_log
refused with 403: cross_origin



=== TEST 3: of a sibling domain
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: same-site')
--- error_code: 403



=== TEST 4: of our own
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: same-origin', 
    'Origin: https://tools.example.com')
--- error_code: 200



=== TEST 5: by the person himself
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: none')
--- error_code: 200



=== TEST 6: a browser that says only Origin
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Origin: https://TOOLS.example.com:443')
--- error_code: 200



=== TEST 7: and another's
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Origin: https://tools.example.com.evil.example')
--- error_code: 403



=== TEST 8: null
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Origin: null')
--- error_code: 403



=== TEST 9: a program says neither
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=')
--- error_code: 200



=== TEST 10: two Origins
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('Cookie: token=', 
    'Origin: https://tools.example.com', 
    'Origin: https://evil.example')
--- error_code: 403



=== TEST 11: a WebSocket is opened by GET
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
GET /x
--- more_headers eval
::with('Cookie: token=', 
    'Upgrade: websocket', 
    'Sec-WebSocket-Version: 13', 
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 
    'Origin: https://evil.example')
--- error_code: 403



=== TEST 12: whoever can set a header is no page of another site
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /x
--- more_headers eval
::with('X-Token: ', 
    'Sec-Fetch-Site: cross-site', 
    'Origin: https://evil.example')
--- error_code: 200



=== TEST 13: allow
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /open/x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: cross-site', 
    'Origin: https://evil.example')
--- error_code: 200



=== TEST 14: one of those listed
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /listed/x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: cross-site', 
    'Origin: https://app.example.com')
--- error_code: 200



=== TEST 15: an application's own scheme
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
POST /listed/x
--- more_headers eval
::with('Cookie: token=', 
    'Origin: capacitor://localhost')
--- error_code: 200



=== TEST 16: none of those
--- http_config eval: RT::JWT::corp()
--- config eval: $::config
--- user_files
>>> ok.txt
in
--- request
DELETE /listed/x
--- more_headers eval
::with('Cookie: token=', 
    'Sec-Fetch-Site: cross-site', 
    'Origin: https://app.example.com.evil.example')
--- error_code: 403

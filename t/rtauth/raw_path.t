# rtauth_raw_path refuse | strict | allow

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our @bad = map { "GET $_" } qw(
    /a/../t /./t /t/.. /t;x=1 /t/..;/x /..%2ft /a%2f..%2ft /t/%2e%2e/x /t%5cx
    /t%00 /t%252fx /t%3bx /t%zz);

our @netloc = map { "GET $_" } qw(
    //t //t/admin ///t http://a//t/admin);

our @good = map { "GET $_" } qw(
    /t /t/a%20b /t/a.b/..c /t?x=../y;z%2f /t/%C3%A4 http://a/t);

# what one application behind two locations was reached by

our @public = map { "GET $_" } qw(
    /public/..;/admin/x /public/;/..;/admin/x /public/%2e%2e;/admin/x
    /public/..%5cadmin/x /public/..%2fadmin/x /admin/users;x.js
    /admin/users%3bx.css /public/..%20/admin/x);

our @twice = map { "GET $_" } qw(
    /%2561dmin /%25%36%31dmin /x%3f/admin /x%3fpath=/admin&y /a%23b
    /%25u0061dmin);

our $pass = 'proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;';

our $upstream = '
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        rtauth off;
        return 200 "app got $request_uri\n";
    }';

our $conf = 'rtauth corp; location ~ ^/ { try_files /ok.txt =404; }';

no_root_location();
plan_all();
run_tests();

__DATA__

=== TEST 1: refused, for users too
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request eval: [@::bad[0 .. 9]]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(403) x 5, 400, (403) x 3, 400]



=== TEST 2: encoded twice, an encoded parameter, a broken percent sign
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request eval: [@::bad[10 .. 12]]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[403, 403, 400]



=== TEST 3: let be
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- user_files
>>> ok.txt
in
--- request eval: [@::good]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(200) x 6]



=== TEST 4: the answer names it, no challenge
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request
GET /a%2ft
--- more_headers eval: RT::JWT::bearer()
--- error_code: 403
--- response_headers
!WWW-Authenticate
Cache-Control: no-store
--- error_log
rtauth: refused with 403: bad_path
rtauth: the raw path holds an encoded slash
application behind location "^/"
write "rtauth_raw_path allow" there



=== TEST 5: allow
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth_raw_path allow; $::conf"
--- user_files
>>> ok.txt
in
--- request eval
["GET /a%2ft", "GET /a;b"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[200, 200]



=== TEST 6: a server without rtauth
--- http_config eval: RT::JWT::corp()
--- config
    location ~ ^/ { rtauth off; return 204; }
--- request
GET /a%2ft
--- error_code: 204



=== TEST 7: two slashes begin a host to who resolves an address
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request eval: \@::netloc
--- more_headers eval: RT::JWT::bearer()
--- error_code eval: [(403) x 4]



=== TEST 8: public prefixes and suffixes in front of the same application
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"location / { rtauth corp; $::pass }
 location /public/ { rtauth off; $::pass }
 location ~ \\.(js|css|png)\$ { rtauth off; $::pass }"
--- request eval
[@::public, "GET /public/x", "GET /x.js", "GET /x"]
--- error_code eval
[(403) x 8, 200, 200, 401]
--- response_body_unlike eval
[("app got") x 8, "none", "none", "app got"]



=== TEST 9: for users too, and in a server that has rtauth from the http block
--- skip_eval: 1: $ENV{TEST_NGINX_USE_HUP}
--- http_config eval: RT::JWT::corp('', "rtauth corp; $::upstream")
--- config eval
"location / { rtauth off; $::pass }"
--- request eval: [@::public, "GET /x"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(403) x 8, 200]



=== TEST 10: rtauth on in a nested location alone
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"location / { $::pass  location /n/ { location /n/m/ { rtauth corp; } } }"
--- request eval: [@::public, "GET /x"]
--- error_code eval
[(403) x 8, 200]



=== TEST 11: what a second decoding still changes, and what ends a path
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config
    location /admin { rtauth corp; rtauth_require claim x present; }
    location / { rtauth corp;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1$uri$is_args$args; }
--- request eval: [@::twice, "GET /x?y=%2561"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(403) x 6, 200]



=== TEST 12: satisfy any does not lift it
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"satisfy any; allow all; rtauth corp; location / { $::pass }"
--- request eval
["GET /a;b", "GET /a"]
--- error_code eval
[403, 200]
--- response_headers eval
["Cache-Control: no-store\n!WWW-Authenticate", "!Cache-Control"]



=== TEST 13: an error page of nginx itself is shown
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"error_page 403 /denied.html;
 location = /denied.html { rtauth off; }
 location / { rtauth corp; $::pass }
 location /p/ { rtauth off; $::pass }
 location /n/ { rtauth off; error_page 403 \@n; $::pass }
 location \@n { rtauth off; return 403 'denied there'; }
 location /q/ { rtauth off; error_page 403 =200 /denied.html; $::pass }"
--- user_files
>>> denied.html
denied here
--- request eval
["GET /a;b", "GET /p/a;b", "GET /n/a;b", "GET /q/a;b"]
--- error_code eval
[403, 403, 403, 200]
--- response_body_like eval
["denied here", "denied here", "denied there", "denied here"]
--- response_headers eval
[("Cache-Control: no-store") x 4]



=== TEST 14: one that an application would make is not: it might get the path
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"location /a/ { rtauth off; error_page 403 404 = \@app; try_files /none =404; }
 location /b/ { rtauth corp; error_page 403 404 = \@user;
                try_files /none =404; }
 location /c/ { rtauth off; error_page 403 404 /front; try_files /none =404; }
 location \@app { rtauth off; $::pass }
 location \@user { rtauth corp; $::pass }
 location = /front { rtauth off; proxy_set_header X-Uri \$request_uri;
                     $::pass }"
--- request eval
["GET /a/..;/x", "GET /b/..;/x", "GET /c/..;/x", "GET /a/x", "GET /b/x",
 "GET /c/x"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[403, 403, 403, 200, 200, 404]
--- response_body_unlike eval
[("app got") x 3, ("none") x 3]



=== TEST 15: an application behind an error page that stands for another word
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"location / { rtauth corp; $::pass }
 location /public/ { rtauth off; error_page 418 = \@app; return 418; }
 location \@app { rtauth off; $::pass }"
--- request eval
["GET /public/..;/admin/x", "GET /public/x"]
--- error_code eval
[403, 200]



=== TEST 16: the setting of the first location chosen, and looked at once
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"rtauth corp;
 location /files/ { rtauth_raw_path allow; try_files /none \@app; }
 location \@app { $::pass }
 location /first/ { rewrite ^ /files/x last; }
 location /allow/ { rtauth_raw_path allow; rewrite ^ /other/x last; }
 location /other/ { $::pass }
 rewrite ^/v1(/.*) \$1;"
--- request eval
["GET /files/a%2fb", "GET /first/a%2fb", "GET /allow/a%2fb",
 "GET /other/a%2fb", "GET /v1/files/a%2fb", "GET /v1/other/a%2fb"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[200, 403, 200, 403, 200, 403]



=== TEST 17: a return does not come to it
--- http_config eval: RT::JWT::corp()
--- config
    location /a/ { rtauth corp; }
    location / { rtauth off; return 301 https://example.com$request_uri; }
--- request
GET /x;y
--- error_code: 301



=== TEST 18: but what a page includes does
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"location /a/ { rtauth corp; }
 location /public/ { rtauth off; ssi on; default_type text/html;
     return 200 '[<!--#include virtual=\"/part\" -->]'; }
 location = /part { rtauth off; $::pass }"
--- request eval
["GET /public/..;/a/", "GET /public/x"]
--- response_body_like eval
['^\[(?!app got)', '^\[app got /part']



=== TEST 19: other spellings of what an exact location or a group names
--- http_config eval
RT::JWT::corp('', $::upstream . '
    rtauth_group staff { match sub eq u-1; permission use;
                         permission edit =/settings; }')
--- config eval
"rtauth corp; rtauth_raw_path strict;
 location = / { $::pass }
 location / { $::pass }
 location = /admin { rtauth_require permission edit; $::pass }
 location /n/ { $::pass  location = /n/Deep/ { $::pass } }
 location /app { $::pass } location /app/ { $::pass }
 location = /app { $::pass }
 location /w { rewrite ^/w(.*) \$1 last; }"
--- request eval
["GET /Admin", "GET /admin/", "GET /admin.", "GET /admin%20", "GET /admin.json",
 "GET /ADMIN.tar.gz/", "GET /n/deep", "GET /n/Deep.", "GET /Settings",
 "GET /settings.html", "GET /%61dmin%2e", "GET /adm%C4%B1n",
 "GET /admin%C2%A0",
 "GET /settings", "GET /n/Deep/", "GET /app/", "GET /app", "GET /administrator",
 "GET /admin.d/x", "GET /x.html"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(403) x 13, (200) x 7]



=== TEST 20: by default these are the application's own affair
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"rtauth corp; location / { $::pass } location = /admin { $::pass }"
--- request eval
["GET /Admin", "GET /admin/", "GET /admin.json"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(200) x 3]



=== TEST 21: an unknown word
--- http_config eval: RT::JWT::corp()
--- config
    rtauth_raw_path off;
--- must_die
--- error_log
invalid value "off"



=== TEST 22: the log line names location and mend
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location = /admin { }
    location / { rtauth_raw_path strict; }
--- request
GET /admin/
--- error_code: 403
--- error_log
rtauth: the path is another spelling of "/admin"
application behind location "/" tells them apart, write "rtauth_raw_path refuse" there



=== TEST 23: a segment of dots to what comes behind a location's name
--- http_config eval: RT::JWT::corp('', $::upstream)
--- config eval
"rtauth corp; root html;
 location / { $::pass }
 location /p { rtauth off;
               proxy_pass http://127.0.0.1:\$TEST_NGINX_RAND_PORT_1/p/; }
 location /s { rtauth off; alias html/static/; }
 location ~ ^/r(.*)\$ { rtauth off; alias html/static\$1; }
 location ~ ^/c(.*)\$ { rtauth off; $::pass }"
--- user_files
>>> secret.txt
secret
>>> static/a...
dots
--- request eval
["GET /p../admin/x", "GET /p.%2e/admin/x", "GET /s../secret.txt",
 "GET /r/../secret.txt", "GET /r../secret.txt", "GET /r.../secret.txt",
 "GET /s..", "GET /s/a...", "GET /pa...", "GET /c/a..b"]
--- error_code eval
[(403) x 7, (200) x 3]
--- response_body_unlike eval
[("secret|app got") x 7, ("secret") x 3]

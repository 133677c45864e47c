# Caches: rtauth_cache on | off, whether nginx's own store what users get; and
# what caches in front are told

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $cache = '
    proxy_cache_path $TEST_NGINX_SERVER_ROOT/cache keys_zone=pages:1m;
    proxy_cache_valid any 10m;
';

# an application that answers with the user's email

our $app = '
    location /app { rtauth off; return 200 "$http_x_email\n"; }
';

our $t = '
    proxy_cache pages;
    proxy_cache_key $uri;
    proxy_set_header X-Email $rtauth_claim_email;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app;
';

# what an application says to caches, by its query; it shows whom it is asked by

our $says = '
    location /says {
        rtauth off;
        add_header Cache-Control $arg_control;
        add_header CDN-Cache-Control $arg_cdn;
        add_header Surrogate-Control $arg_cdn;
        return 200 "$http_x_email\n";
    }
';

our $of = '
    proxy_set_header Host localhost;
    proxy_set_header X-Email $rtauth_claim_email;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/says;
';

# nginx is the cache in front, and keeps whatever it may

our $front = RT::JWT::corp('', $cache . '
    server {
        listen $TEST_NGINX_SERVER_PORT;
        server_name behind;
        location /t { rtauth corp; ' . $of . ' }
        location /public { ' . $of . ' }
        location /any { satisfy any; allow all; rtauth corp; ' . $of . ' }
        location /over { rtauth corp; error_page 404 = /moved;
            try_files /nope =404; }
        location = /moved { ' . $of . ' }
    }
');

our $before = '
    location ~ ^/(t|public|any|over)$ {
        proxy_cache pages;
        proxy_cache_key $uri$is_args$args;
        proxy_set_header Host behind;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT;
        add_header X-Cache $upstream_cache_status;
    }
' . $says;

plan_all();
run_tests();

__DATA__

=== TEST 1: B does not get A's page
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
"rtauth corp; location /t { $::t add_header X-Cache \$upstream_cache_status; } $::app"
--- request eval
["GET /t", "GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), RT::JWT::bearer(email => 'b@x'), ""]
--- response_body_like eval
["a\@x\n", "b\@x\n", "401"]
--- error_code eval
[200, 200, 401]



=== TEST 2: on: the operator says that the key holds the user
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
"rtauth corp; location /t { rtauth_cache on; $::t
    proxy_cache_key \$uri\$rtauth_user;
    add_header X-Cache \$upstream_cache_status; } $::app"
=~ s/proxy_cache_key \$uri;//r
--- request eval
["GET /t", "GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), RT::JWT::bearer(email => 'b@x'),
 RT::JWT::bearer(email => 'a@x')]
--- response_body eval
["a\@x\n", "b\@x\n", "a\@x\n"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]



=== TEST 3: a cached page is shown to nobody who is not let in
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
"rtauth corp; location /t { rtauth_cache on; $::t } $::app"
--- request eval
["GET /t", "GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), "", RT::JWT::bearer(exp => 1)]
--- error_code eval
[200, 401, 401]



=== TEST 4: without rtauth nothing changes
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
"location /t { $::t add_header X-Cache \$upstream_cache_status; } $::app"
--- request eval
["GET /t", "GET /t"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]



=== TEST 5: proxy_store is a cache too
--- http_config eval: RT::JWT::corp()
--- config eval
'rtauth corp;
location /t { proxy_store $TEST_NGINX_SERVER_ROOT/html/stored.txt;
    proxy_set_header X-Email $rtauth_claim_email;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
location = /stored.txt { rtauth off; }' . $::app
--- request eval
["GET /t", "GET /stored.txt"]
--- more_headers eval
[RT::JWT::bearer(), ""]
--- error_code eval
[200, 404]



=== TEST 6: slices, which start behind the phase that decides subrequests
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
'rtauth corp;
location /t { slice 4; rtauth_cache on; proxy_cache pages;
    proxy_cache_key $uri$slice_range; proxy_http_version 1.1;
    proxy_set_header Range $slice_range;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/file.txt; }
location /file.txt { rtauth off; }'
--- user_files
>>> file.txt
abcdefghijklmno
--- request eval
["GET /t", "GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(), RT::JWT::bearer(), ""]
--- response_body_like eval
["^abcdefghijklmno\n\$", "^abcdefghijklmno\n\$", "401"]
--- error_code eval
[200, 200, 401]



=== TEST 7: a refusal says nothing else to caches in front
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth corp;
        expires 1h;
        add_header Cache-Control public always;
        add_header CDN-Cache-Control max-age=60 always;
        add_header Cloudflare-CDN-Cache-Control max-age=60 always;
        add_header Surrogate-Control max-age=60 always;
        add_header X-Accel-Expires 60 always;
        add_header Edge-Control max-age=60 always;
        add_header Age 5 always;
    }
--- request
GET /t
--- response_headers
Cache-Control: no-store
! CDN-Cache-Control
! Cloudflare-CDN-Cache-Control
! Surrogate-Control
! X-Accel-Expires
! Edge-Control
! Age
! Expires
--- error_code: 401



=== TEST 8: nor does its error page from upstream
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth corp;
        error_page 401 /sorry;
    }
    location = /sorry {
        rtauth off;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app;
    }
    location = /app {
        rtauth off;
        expires 1h;
        add_header CDN-Cache-Control max-age=60;
        add_header Surrogate-Control max-age=60;
        return 200 sorry;
    }
--- request
GET /t
--- response_headers
Cache-Control: no-store
! CDN-Cache-Control
! Surrogate-Control
! Expires
--- response_body chomp
sorry
--- error_code: 401



=== TEST 9: a key with the user first and something between its parts
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
"rtauth corp; location /c { rtauth_cache on; $::t
    proxy_cache_key \"\$rtauth_provider|\$rtauth_claim_sub|\$uri\$is_args\$args\";
    add_header X-Cache \$upstream_cache_status; } $::app"
=~ s/proxy_cache_key \$uri;//r
--- request eval
["GET /c/x", "GET /c/", "GET /c/?a", "GET /c/?b", "GET /c/?b"]
--- more_headers eval
[RT::JWT::bearer(sub => 'admin'), RT::JWT::bearer(sub => 'x|admin'),
 RT::JWT::bearer(sub => 'admin'), RT::JWT::bearer(sub => 'admin'),
 RT::JWT::bearer(sub => 'admin')]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: MISS", "X-Cache: MISS",
 "X-Cache: HIT"]



=== TEST 10: a key without the user is warned of
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
"rtauth corp; location /t { rtauth_cache on; $::t } $::app"
--- request
GET /t
--- more_headers eval
RT::JWT::bearer()
--- error_log
in location "/t" stores a user's response
--- error_code: 200



=== TEST 11: one with the user is not
--- http_config eval: RT::JWT::corp('', $::cache)
--- config eval
"rtauth corp; location /t { rtauth_cache on; $::t
    proxy_cache_key \"\$rtauth_claim_sub|\$uri\"; } $::app"
=~ s/proxy_cache_key \$uri;//r
--- request
GET /t
--- more_headers eval
RT::JWT::bearer()
--- no_error_log
stores a user's response
--- error_code: 200



=== TEST 12: a cache in front: B does not get A's page
--- http_config eval: $::front
--- config eval: $::before
--- request eval
my $u = 'control=public,max-age=60,s-maxage=600&cdn=max-age=600';
["GET /t?$u", "GET /t?$u", "GET /t?$u"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), RT::JWT::bearer(email => 'b@x'), ""]
--- response_body_like eval
["^a\@x\n\$", "^b\@x\n\$", "401"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "Cache-Control: no-store"]
--- error_code eval
[200, 200, 401]



=== TEST 13: nor when the application says nothing and the cache takes all
--- http_config eval: $::front
--- config eval: $::before
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), RT::JWT::bearer(email => 'b@x')]
--- response_body eval
["a\@x\n", "b\@x\n"]
--- response_headers eval
["Cache-Control: private", "Cache-Control: private"]



=== TEST 14: what is nobody's is kept as it was
--- http_config eval: $::front
--- config eval: $::before
--- request eval
my $u = 'control=public,max-age=60,s-maxage=600&cdn=max-age=600';
["GET /public?$u", "GET /public?$u"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT
Cache-Control: public,max-age=60,s-maxage=600
CDN-Cache-Control: max-age=600
Surrogate-Control: max-age=600"]



=== TEST 15: who is known and came in by his address is a user all the same
--- http_config eval: $::front
--- config eval: $::before
--- request eval
["GET /any?control=public", "GET /any?control=public"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), RT::JWT::bearer(email => 'b@x')]
--- response_body eval
["a\@x\n", "b\@x\n"]



=== TEST 16: an internal redirect to where nobody is asked
--- http_config eval: $::front
--- config eval: $::before
--- request eval
["GET /over?control=public", "GET /over?control=public"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), RT::JWT::bearer(email => 'b@x')]
--- response_body eval
["a\@x\n", "b\@x\n"]



=== TEST 17: what is for browsers stays, of each line
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth corp;
        expires 1h;
        add_header Cache-Control "public, immutable";
        add_header Cache-Control 'private="Set-Cookie", no-cache="X-A, X-B"';
        add_header Cache-Control "max-age=1 public";
        add_header Edge-Control max-age=60;
        add_header Cloudflare-CDN-Cache-Control max-age=60;
        add_header X-Accel-Expires 60;
        add_header Vary Accept-Encoding;
        try_files /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- response_headers
Cache-Control: private, max-age=3600, immutable, no-cache="X-A, X-B"
! Edge-Control
! Cloudflare-CDN-Cache-Control
! X-Accel-Expires
Vary: Accept-Encoding
--- error_code: 200



=== TEST 18: a 304 says it, too, and an error, and a redirect of the application
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /ok.txt { add_header Cache-Control public; }
    location /app/ { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; }
    location = /gone { rtauth off;
        add_header Cache-Control "public, max-age=5" always; return 410; }
    location = /away { rtauth off;
        add_header Cache-Control "public, max-age=5"; return 302 /x; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /ok.txt", "GET /app/gone", "GET /app/away"]
--- more_headers eval
[RT::JWT::bearer() . "\nIf-None-Match: *", RT::JWT::bearer(), RT::JWT::bearer()]
--- response_headers eval
["Cache-Control: private", "Cache-Control: private, max-age=5",
 "Cache-Control: private, max-age=5"]
--- error_code eval
[304, 410, 302]



=== TEST 19: an error of the application's for A is not B's, where another page is shown for it
--- http_config eval: RT::JWT::corp('', $::cache)
--- config
    location = /other { rtauth off; return 200 "other\n"; }
    location /t/ {
        rtauth corp;
        proxy_cache pages;
        proxy_cache_key $uri;
        proxy_intercept_errors on;
        error_page 403 = /other;
        proxy_set_header X-Email $rtauth_claim_email;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app/;
        if ($arg_if) { set $unused 1; }
    }
    location /app/ {
        rtauth off;
        add_header Cache-Control $arg_control always;
        add_header X-Accel-Expires $arg_expires always;
        if ($http_x_email = a@x) { return 403; }
        return 200 "$http_x_email\n";
    }
--- request eval
["GET /t/valid", "GET /t/valid",
 "GET /t/control?control=max-age=600", "GET /t/control",
 "GET /t/expires?expires=600", "GET /t/expires",
 "GET /t/if?if=1", "GET /t/if"]
--- more_headers eval
[map { RT::JWT::bearer(email => $_) } ('a@x', 'b@x') x 4]
--- response_body eval
[("other\n", "b\@x\n") x 4]



=== TEST 20: nor is an upstream that did not answer A
--- http_config eval
RT::JWT::corp('', $::cache . '
    map $rtauth_claim_email $app {
        volatile;
        a@x      127.0.0.1:1;
        default  127.0.0.1:$TEST_NGINX_SERVER_PORT;
    }
')
--- config
    location /t {
        rtauth corp;
        proxy_cache pages;
        proxy_cache_key $uri;
        proxy_set_header X-Email $rtauth_claim_email;
        proxy_pass http://$app/app;
    }
    location /app { rtauth off; return 200 "$http_x_email\n"; }
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(email => 'a@x'), RT::JWT::bearer(email => 'b@x')]
--- response_body_like eval
["502", "b\@x\n"]
--- error_code eval
[502, 200]



=== TEST 21: nor is B's what was made for A in a location that asks nobody itself
--- http_config eval: RT::JWT::corp('', $::cache)
--- config
    proxy_cache pages;
    proxy_cache_key $uri;
    proxy_set_header X-Email $rtauth_claim_email;
    location /t { rtauth corp; try_files /none @app; }
    location /in { internal; rtauth corp; try_files /ok.txt =404; }
    location /asked { auth_request /in;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /kept { auth_request /in; rtauth_cache on;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location @app { rewrite ^ /app break;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    location /app { return 200 "$http_x_email $request_id\n"; }
    location /same { rewrite ^ /app break; proxy_cache_key one;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT;
        add_header X-Cache $upstream_cache_status; }
--- user_files
>>> ok.txt
--- request eval
["GET /t", "GET /t", "GET /asked", "GET /asked", "GET /kept", "GET /kept",
 "GET /same", "GET /same"]
--- more_headers eval
[map { RT::JWT::bearer(email => $_) } ('a@x', 'b@x') x 4]
--- response_body_like eval
[("^a\@x ", "^b\@x ") x 2, ("^a\@x ") x 2, ("^ ") x 2]
--- response_headers eval
[("! X-Cache") x 6, "X-Cache: MISS", "X-Cache: HIT"]

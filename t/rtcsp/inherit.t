# What a location takes over, and what presets bring.

use lib 't/lib';
use RT qw(rtcsp);

use File::Temp qw(tempdir);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Dir = tempdir(CLEANUP => 1);

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
       . " -keyout $Dir/key.pem -out $Dir/cert.pem >$Dir/log 2>&1") == 0
    or die "openssl failed, see $Dir/log\n";

our $Secret = 'pH7-placeholder_0123456789abcdef';

open my $fh, '>', "$Dir/secret" or die;
print $fh "$Secret\n";
close $fh;
chmod 0640, "$Dir/secret";

plan_all();
run_tests();

__DATA__

=== TEST 1: each header on its own
--- http_config
    rtcsp_referrer_policy no-referrer;
--- config
    rtcsp talisman;
    rtcsp_frame_options DENY;
    location /a { return 200; }
    location /b { rtcsp_referrer_policy origin, strict-origin; return 200; }
    location /c { rtcsp_coop same-origin; rtcsp_coep require-corp; rtcsp_corp same-site; return 200; }
    location /d { rtcsp strict; return 200; }
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d"]
--- response_headers eval
["Referrer-Policy: no-referrer\nX-Frame-Options: DENY",
 "Referrer-Policy: origin, strict-origin\nX-Frame-Options: DENY\nX-Content-Type-Options: nosniff",
 "Cross-Origin-Opener-Policy: same-origin\nCross-Origin-Embedder-Policy: require-corp\nCross-Origin-Resource-Policy: same-site\nX-Frame-Options: DENY",
 "X-Frame-Options: DENY\nCross-Origin-Opener-Policy: same-origin\nReferrer-Policy: no-referrer"]



=== TEST 2: lines of rtcsp_directive belong to the policy beside them
--- config
    rtcsp talisman;
    rtcsp_directive img-src self data:;
    rtcsp_directive default-src + https://cdn.example.com;
    location /a { return 200; }
    location /b { rtcsp_directive object-src off; return 200; }
    location /c { rtcsp_policy "default-src https:"; return 200; }
    location /d { rtcsp api; return 200; }
    location /e { rtcsp_frame_options off; return 200; }
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"]
--- response_headers eval
["Content-Security-Policy: default-src 'self' https://cdn.example.com; object-src 'none'; img-src 'self' data:",
 "Content-Security-Policy: default-src 'self'",
 "Content-Security-Policy: default-src https:",
 "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\nX-Frame-Options: DENY\nReferrer-Policy: no-referrer\nCross-Origin-Resource-Policy: same-origin",
 "Content-Security-Policy: default-src 'self' https://cdn.example.com; object-src 'none'; img-src 'self' data:\n! X-Frame-Options"]



=== TEST 3: one header alone, without a preset
--- config
    location /a { rtcsp_frame_options sameorigin; return 200; }
    location /b { rtcsp_policy "default-src 'self'"; return 200; }
    location /c { rtcsp_policy "default-src 'self'"; rtcsp off; return 200; }
    location /d { return 200; }
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d"]
--- response_headers eval
["X-Frame-Options: SAMEORIGIN\n! Content-Security-Policy\n! Referrer-Policy",
 "Content-Security-Policy: default-src 'self'\n! X-Frame-Options",
 "! Content-Security-Policy", "! Content-Security-Policy"]



=== TEST 4: the way to a nonce is inherited with its secret, and may be ended
--- config eval
"rtcsp talisman;
 rtcsp_nonce_in script-src;
 rtcsp_nonce placeholder=file:$::Dir/secret;
 default_type text/html;
 location /a { return 200 '<script nonce=$::Secret>'; }
 location /b { rtcsp_nonce off; return 200 '<script nonce=$::Secret>'; }
 location /c { rtcsp_nonce_in off; return 200 '<script nonce=$::Secret>'; }
 location /d { rtcsp_policy off; return 200 '<script nonce=$::Secret>'; }
 location /e { rtcsp_nonce_in style-src; return 200 '<script nonce=$::Secret>'; }"
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"]
--- response_body_like eval
["^<script nonce=(?!x{32}|pH7)[\\w-]{32}>", "^<script nonce=pH7",
 "^<script nonce=x{32}>", "^<script nonce=x{32}>",
 "^<script nonce=(?!x{32}|pH7)[\\w-]{32}>"]
--- raw_response_headers_like eval
["script-src 'self' 'nonce-[\\w-]{32}'\r\n", "object-src 'none'\r\n",
 "object-src 'none'\r\n", "X-Frame-Options: SAMEORIGIN",
 "object-src 'none'; base-uri 'self'; style-src 'self' 'nonce-[\\w-]{32}'\r\n"]



=== TEST 5: rtcsp_types adds pages
--- config eval
"rtcsp talisman;
 rtcsp_nonce_in script-src;
 rtcsp_nonce placeholder=file:$::Dir/secret;
 rtcsp_types text/x-page;
 location /a { default_type text/html; return 200 '<script nonce=$::Secret>'; }
 location /b { default_type text/x-page; return 200 '<script nonce=$::Secret>'; }
 location /c { default_type TEXT/HTML; return 200 '<script nonce=$::Secret>'; }
 location /d { default_type application/xhtml+xml; return 200 '<script nonce=$::Secret>'; }
 location /e { default_type ''; return 200 '<script nonce=$::Secret>'; }"
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"]
--- response_body_like eval
["^<script nonce=(?!x{32}|pH7)[\\w-]{32}>",
 "^<script nonce=(?!x{32}|pH7)[\\w-]{32}>",
 "^<script nonce=(?!x{32}|pH7)[\\w-]{32}>",
 "^<script nonce=x{32}>", "^<script nonce=x{32}>"]



=== TEST 6: presets google, superset, superset-dev and strict
--- config
    default_type text/html;
    rtcsp_nonce header;
    location /google { rtcsp google; return 200; }
    location /superset { rtcsp superset; return 200; }
    location /dev { rtcsp superset-dev; return 200; }
    location /strict { rtcsp strict; return 200; }
--- request eval
["GET /google", "GET /superset", "GET /dev", "GET /strict"]
--- raw_response_headers_like eval
["Content-Security-Policy: font-src 'self' themes.googleusercontent.com \\*.gstatic.com; frame-src 'self' www.google.com www.youtube.com; script-src 'self' ajax.googleapis.com \\*.googleanalytics.com \\*.google-analytics.com; style-src 'self' ajax.googleapis.com fonts.googleapis.com \\*.gstatic.com; object-src 'none'; default-src 'self' \\*.gstatic.com\r\n",
 "; script-src 'self' 'strict-dynamic' 'nonce-[\\w-]{32}'",
 "; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'nonce-[\\w-]{32}'",
 "default-src 'none'; script-src 'strict-dynamic' 'nonce-([\\w-]{32})'; style-src 'self' 'nonce-\\1'"]



=== TEST 7: HSTS over TLS
--- http_config eval
"server {
    listen unix:\$TEST_NGINX_HTML_DIR/tls.sock ssl;
    ssl_certificate $::Dir/cert.pem;
    ssl_certificate_key $::Dir/key.pem;
    rtcsp talisman;
    location / { return 200; }
    location /off { rtcsp_hsts off; return 200; }
}"
--- config
    proxy_ssl_session_reuse off;
    location /t { proxy_pass https://unix:$TEST_NGINX_HTML_DIR/tls.sock; }
    location /off { proxy_pass https://unix:$TEST_NGINX_HTML_DIR/tls.sock; }
--- request eval
["GET /t", "GET /off"]
--- response_headers eval
["Strict-Transport-Security: max-age=31556926; includeSubDomains",
 "! Strict-Transport-Security"]



=== TEST 8: a trusted proxy over a unix socket
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/in.sock;
        rtcsp talisman;
        rtcsp_trusted_proxy unix: 192.0.2.1;
        location / { return 200; }
    }
--- config
    location /t {
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/in.sock;
        proxy_set_header X-Forwarded-Proto https;
    }
--- request
GET /t
--- response_headers
Strict-Transport-Security: max-age=31556926; includeSubDomains



=== TEST 9: the enforced policy and another that is reported on
--- config
    rtcsp talisman;
    rtcsp_report_uri /csp-report;
    rtcsp_report_only_policy strict;
    location /a { return 200; }
    location /b { rtcsp_report_only_policy off; return 200; }
    location /c { rtcsp_report_uri off; rtcsp_report_only_policy off; return 200; }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- raw_response_headers_like eval
["(?s)Content-Security-Policy: default-src 'self'; object-src 'none'; report-uri /csp-report\r\nContent-Security-Policy-Report-Only: default-src 'none';[^\r]*report-uri /csp-report\r\n",
 "(?s)^(?!.*Report-Only).*report-uri /csp-report",
 "(?s)^(?!.*Report-Only)(?!.*report-uri).*Content-Security-Policy: default-src 'self'"]



=== TEST 10: pages on one connection
--- config eval
"rtcsp talisman;
 rtcsp_nonce_in script-src;
 rtcsp_nonce placeholder=file:$::Dir/secret;
 default_type text/html;
 location /a { return 200 '<script nonce=$::Secret>'; }
 location /b { rtcsp off; rtcsp_nonce off; return 200 '<script nonce=x>'; }
 location /c { default_type text/plain; return 200 'x'; }"
--- pipelined_requests eval
["GET /a", "GET /b", "GET /c", "GET /a"]
--- response_body_like eval
["^<script nonce=(?!x{32}|pH7)[\\w-]{32}>", "^<script nonce=x>", "x",
 "^<script nonce=(?!x{32}|pH7)[\\w-]{32}>"]



=== TEST 11: $rtcsp_event of other than pages
--- http_config
    log_format ev escape=none 'event=[$rtcsp_event]';
--- config
    location /t {
        rtcsp talisman;
        rtcsp_report_uri /r;
        rtcsp_report_only on;
        access_log logs/error.log ev;
        return 200 'x';
    }
--- request
GET /t
--- error_log
event=[{"policy":"report-only","report":true,"nonce":false,"replaced":0,"scrubbed":0}]



=== TEST 12: $rtcsp_event where rtcsp is off
--- http_config
    log_format ev escape=none 'event=[$rtcsp_event]';
--- config
    location /t {
        rtcsp off;
        access_log logs/error.log ev;
        return 200 'x';
    }
--- request
GET /t
--- error_log
event=[]



=== TEST 13: a nonce has nothing to do in an inner policy that is closed
--- config eval
"default_type text/html;
 rtcsp superset;
 rtcsp_nonce_in script-src style-src;
 rtcsp_nonce placeholder=file:$::Dir/secret;
 location /api { rtcsp api; return 200 '<script nonce=$::Secret>'; }
 location /frame { rtcsp_policy \"frame-ancestors 'self'\"; return 200 '<script nonce=$::Secret>'; }
 location /style {
     rtcsp_policy \"default-src 'self'; script-src 'none'\";
     return 200 '<style nonce=$::Secret>';
 }
 location /ro {
     rtcsp_policy \"default-src 'self'\";
     rtcsp_nonce_in script-src;
     rtcsp_report_only_policy \"script-src 'none'\";
     rtcsp_report_uri /r;
     return 200 '<script nonce=$::Secret>';
 }"
--- request eval
["GET /api", "GET /frame", "GET /style", "GET /ro"]
--- response_body_like eval
["^<script nonce=x{32}>", "^<script nonce=x{32}>",
 "^<style nonce=(?!x{32}|pH7)[\\w-]{32}>",
 "^<script nonce=(?!x{32}|pH7)[\\w-]{32}>"]
--- raw_response_headers_like eval
["Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n",
 "Content-Security-Policy: frame-ancestors 'self'\r\n",
 "Content-Security-Policy: default-src 'self'; script-src 'none'; style-src 'self' 'nonce-[\\w-]{32}'\r\n",
 "(?s)Content-Security-Policy: default-src 'self'; script-src 'self' 'nonce-[\\w-]{32}'; report-uri /r\r\nContent-Security-Policy-Report-Only: script-src 'none'; report-uri /r\r\n"]



=== TEST 14: if, limit_except, named locations
--- config eval
"rtcsp talisman;
 rtcsp_nonce_in script-src;
 rtcsp_nonce placeholder=file:$::Dir/secret;
 location /t {
     default_type text/html;
     limit_except GET { deny all; }
     if (\$arg_x) { return 200 '<script nonce=$::Secret>'; }
     try_files /none \@named;
 }
 location \@named {
     default_type text/html;
     rtcsp_frame_options DENY;
     return 200 '<style nonce=$::Secret>';
 }"
--- request eval
["GET /t?x=1", "GET /t", "POST /t"]
--- error_code eval
[200, 200, 403]
--- response_body_like eval
["^<script nonce=(?!x{32}|pH7)[\\w-]{32}>",
 "^<style nonce=(?!x{32}|pH7)[\\w-]{32}>", "403"]
--- raw_response_headers_like eval
["X-Frame-Options: SAMEORIGIN(?s:.*)'nonce-[\\w-]{32}'",
 "X-Frame-Options: DENY(?s:.*)'nonce-[\\w-]{32}'",
 "X-Frame-Options: SAMEORIGIN(?s:.*)'nonce-[\\w-]{32}'"]



=== TEST 15: rtcsp off on an error page: nothing of the response it replaces
--- config
    rtcsp talisman;
    error_page 416 /off;
    location /a { default_type text/css; }
    location = /off { rtcsp off; return 200 "off"; }
--- user_files
>>> a
body {}
--- request
GET /a
--- more_headers
Range: bytes=100-200
--- error_code: 416
--- response_headers
! Content-Security-Policy
! X-Frame-Options
! X-Content-Type-Options
! Referrer-Policy
! Permissions-Policy



=== TEST 16: a trusted proxy over a unix socket, whatever realip made of it
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/u.sock;
        set_real_ip_from unix:;
        real_ip_header X-Real-IP;
        rtcsp talisman;
        rtcsp_trusted_proxy unix:;
        return 200;
    }
    server {
        listen unix:$TEST_NGINX_HTML_DIR/n.sock;
        set_real_ip_from unix:;
        real_ip_header X-Real-IP;
        rtcsp talisman;
        rtcsp_trusted_proxy 10.0.0.0/8;
        return 200;
    }
--- config
    proxy_set_header X-Real-IP 10.1.1.1;
    location /unix { proxy_pass http://unix:$TEST_NGINX_HTML_DIR/u.sock; }
    location /net  { proxy_pass http://unix:$TEST_NGINX_HTML_DIR/n.sock; }
--- request eval
["GET /unix", "GET /net"]
--- more_headers
X-Forwarded-Proto: https
--- response_headers eval
["Strict-Transport-Security: max-age=31556926; includeSubDomains",
 "! Strict-Transport-Security"]

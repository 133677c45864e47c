# Response headers equal those of Flask-Talisman 1.1.0.  The values were
# recorded from it; the order of the tests is that of its own test file.

use lib 't/lib';
use RT qw(rtcsp);

plan_all();
run_tests();

__DATA__

=== TEST 1: testDefaults, over http
--- config
    location /t {
        rtcsp talisman;
        default_type text/html;
        return 200 "hello";
    }
--- request
GET /t
--- response_headers
X-Frame-Options: SAMEORIGIN
X-Content-Type-Options: nosniff
Referrer-Policy: strict-origin-when-cross-origin
Permissions-Policy: browsing-topics=()
Content-Security-Policy: default-src 'self'; object-src 'none'
! Strict-Transport-Security
! X-XSS-Protection
! X-Download-Options
! Feature-Policy
! Document-Policy
! Content-Security-Policy-Report-Only
! Cache-Control
! Cross-Origin-Opener-Policy
--- response_body: hello



=== TEST 2: testDefaults, over https as a trusted proxy says
--- config
    rtcsp_trusted_proxy 127.0.0.0/8;
    location /t {
        rtcsp on;
        return 200 "hello";
    }
--- request
GET /t
--- more_headers
X-Forwarded-Proto: https
--- response_headers
Strict-Transport-Security: max-age=31556926; includeSubDomains
Content-Security-Policy: default-src 'self'; object-src 'none'



=== TEST 3: on 404 of a missing file
--- config
    rtcsp talisman;
--- request
GET /no-such-file
--- error_code: 404
--- response_headers
X-Frame-Options: SAMEORIGIN
X-Content-Type-Options: nosniff
Content-Security-Policy: default-src 'self'; object-src 'none'



=== TEST 4: on nginx's own 500, 400 and redirects
--- config
    rtcsp talisman;
    location /500 { return 500; }
    location /301 { return 301 /there; }
    location /204 { return 204; }
--- request eval
["GET /500", "GET /301", "GET /204"]
--- error_code eval
[500, 301, 204]
--- response_headers eval
[("Content-Security-Policy: default-src 'self'; object-src 'none'\nX-Frame-Options: SAMEORIGIN") x 3]



=== TEST 5: on a request nginx refuses
--- config
    rtcsp talisman;
--- raw_request eval
"GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"
--- error_code: 400
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'



=== TEST 6: on types that are no pages
--- config
    rtcsp talisman;
    location /json { default_type application/json; return 200 "{}"; }
    location /svg  { default_type image/svg+xml; return 200 "<svg/>"; }
--- request eval
["GET /json", "GET /svg"]
--- response_headers eval
[("Content-Security-Policy: default-src 'self'; object-src 'none'") x 2]



=== TEST 7: what upstream set is replaced, without duplicates
--- config
    location /t {
        rtcsp talisman;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up;
    }
    location /up {
        add_header Content-Security-Policy "default-src *";
        add_header content-security-policy "img-src *";
        add_header X-Frame-Options DENY;
        add_header Referrer-Policy unsafe-url;
        return 200 "hello";
    }
--- request
GET /t
--- raw_response_headers_unlike: (?i)Content-Security-Policy:.*Content-Security-Policy:
--- raw_response_headers_like: (?s)^(?!.*unsafe-url)(?!.*DENY).*Content-Security-Policy: default-src 'self'; object-src 'none'\r\n



=== TEST 8: testHstsOptions
--- config
    rtcsp_trusted_proxy 127.0.0.1;
    rtcsp talisman;
    location /off  { rtcsp_hsts off; return 200; }
    location /no   { rtcsp_hsts include_subdomains=off; return 200; }
    location /pre  { rtcsp_hsts preload=on; return 200; }
    location /age  { rtcsp_hsts max_age=1d include_subdomains=off; return 200; }
    location /on   { rtcsp_hsts on; return 200; }
--- request eval
["GET /off", "GET /no", "GET /pre", "GET /age", "GET /on"]
--- more_headers
X-Forwarded-Proto: https
--- response_headers eval
["! Strict-Transport-Security",
 "Strict-Transport-Security: max-age=31556926",
 "Strict-Transport-Security: max-age=31556926; includeSubDomains; preload",
 "Strict-Transport-Security: max-age=86400",
 "Strict-Transport-Security: max-age=31556926; includeSubDomains"]



=== TEST 9: who is not trusted cannot claim https
--- config
    rtcsp talisman;
    rtcsp_trusted_proxy 192.0.2.0/24;
    location /t { return 200; }
--- request
GET /t
--- more_headers
X-Forwarded-Proto: https
--- response_headers
! Strict-Transport-Security



=== TEST 10: without trusted proxies nobody can
--- config
    rtcsp talisman;
    location /t { return 200; }
--- request
GET /t
--- more_headers
X-Forwarded-Proto: https
--- response_headers
! Strict-Transport-Security



=== TEST 11: a list of hops: the trusted proxy's own is the last
--- config
    rtcsp talisman;
    rtcsp_trusted_proxy 127.0.0.1;
    location /t { return 200; }
--- request eval
["GET /t", "GET /t", "GET /t", "GET /t", "GET /t", "GET /t", "GET /t"]
--- more_headers eval
["X-Forwarded-Proto: https, http", "X-Forwarded-Proto: http,https",
 "X-Forwarded-Proto: HTTPS",
 "X-Forwarded-Proto: https\nX-Forwarded-Proto: http",
 "X-Forwarded-Proto: xhttps", "X-Forwarded-Proto: http https",
 "X-Forwarded-Proto: https,"]
--- response_headers eval
["! Strict-Transport-Security",
 "Strict-Transport-Security: max-age=31556926; includeSubDomains",
 "Strict-Transport-Security: max-age=31556926; includeSubDomains",
 ("! Strict-Transport-Security") x 4]



=== TEST 12: the TCP peer counts, not what realip made of it
--- config
    rtcsp talisman;
    rtcsp_trusted_proxy 127.0.0.1;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    location /t { return 200 $remote_addr; }
--- request
GET /t
--- more_headers
X-Real-IP: 203.0.113.7
X-Forwarded-Proto: https
--- response_headers
Strict-Transport-Security: max-age=31556926; includeSubDomains
--- response_body: 203.0.113.7



=== TEST 13: realip cannot make a stranger trusted
--- config
    rtcsp talisman;
    rtcsp_trusted_proxy 203.0.113.7;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    location /t { return 200 $remote_addr; }
--- request
GET /t
--- more_headers
X-Real-IP: 203.0.113.7
X-Forwarded-Proto: https
--- response_headers
! Strict-Transport-Security
--- response_body: 203.0.113.7



=== TEST 14: testForceXSSProtectionOptions, testFrameOptions, testForceFileSave
--- config
    rtcsp talisman;
    location /xss   { rtcsp_xss_protection on; return 200; }
    location /deny  { rtcsp_frame_options DENY; return 200; }
    location /none  { rtcsp_frame_options off; return 200; }
    location /save  { rtcsp_force_file_save on; return 200; }
    location /xcto  { rtcsp_content_type_options off; return 200; }
    location /ref   { rtcsp_referrer_policy off; return 200; }
--- request eval
["GET /xss", "GET /deny", "GET /none", "GET /save", "GET /xcto", "GET /ref"]
--- response_headers eval
["X-XSS-Protection: 1; mode=block\nX-Frame-Options: SAMEORIGIN",
 "X-Frame-Options: DENY\nX-Content-Type-Options: nosniff",
 "! X-Frame-Options\nX-Content-Type-Options: nosniff",
 "X-Download-Options: noopen",
 "! X-Content-Type-Options\nX-Frame-Options: SAMEORIGIN",
 "! Referrer-Policy"]



=== TEST 15: testContentSecurityPolicyOptions
--- config
    rtcsp talisman;
    location /add  { rtcsp_directive image-src *; return 200; }
    location /list {
        rtcsp_directive default-src 'self' "'unsafe-inline'" *.example.com;
        return 200;
    }
    location /str  { rtcsp_policy "default-src 'foo.com'"; return 200; }
    location /off  { rtcsp_policy off; return 200; }
--- must_die
--- error_log
image-src



=== TEST 16: testContentSecurityPolicyOptions, with names that exist
--- config
    rtcsp talisman;
    location /add  { rtcsp_directive img-src *; return 200; }
    location /list {
        rtcsp_directive default-src self *.example.com;
        return 200;
    }
    location /str  { rtcsp_policy "default-src foo.com"; return 200; }
    location /off  { rtcsp_policy off; return 200; }
--- request eval
["GET /add", "GET /list", "GET /str", "GET /off"]
--- response_headers eval
["Content-Security-Policy: default-src 'self'; object-src 'none'; img-src *",
 "Content-Security-Policy: default-src 'self' *.example.com; object-src 'none'",
 "Content-Security-Policy: default-src foo.com",
 "! Content-Security-Policy\nX-Frame-Options: SAMEORIGIN"]



=== TEST 17: testContentSecurityPolicyOptionsReport
--- config
    rtcsp talisman;
    rtcsp_report_uri https://example.com;
    location /uri { return 200; }
    location /ro  { rtcsp_report_only on; return 200; }
    location /own {
        rtcsp_policy "default-src 'self'; report-uri /own";
        return 200;
    }
--- request eval
["GET /uri", "GET /ro", "GET /own"]
--- response_headers eval
["Content-Security-Policy: default-src 'self'; object-src 'none'; report-uri https://example.com",
 "Content-Security-Policy-Report-Only: default-src 'self'; object-src 'none'; report-uri https://example.com\n! Content-Security-Policy",
 "Content-Security-Policy: default-src 'self'; report-uri /own"]



=== TEST 18: testContentSecurityPolicyOptionsReport: ValueError without a report-uri
--- config
    rtcsp talisman;
    rtcsp_report_only on;
--- must_die
--- error_log
says nowhere to: write "rtcsp_report_uri URI"



=== TEST 19: testContentSecurityPolicyNonce
--- config
    location /t {
        rtcsp talisman;
        rtcsp_policy "script-src 'self'; style-src 'self'";
        rtcsp_nonce_in script-src;
        rtcsp_nonce header;
        default_type text/html;
        add_header X-Nonce $rtcsp_nonce;
        return 200 "hello";
    }
--- request
GET /t
--- raw_response_headers_like: (?s)X-Nonce: ([\w-]{32})\r\n.*Content-Security-Policy: script-src 'self' 'nonce-\1'; style-src 'self'\r\n



=== TEST 20: testFeaturePolicy, testPermissionsPolicy, testDocumentPolicy
--- config
    rtcsp talisman;
    location /f1 { rtcsp_feature_policy "geolocation 'none'"; return 200; }
    location /p1 { rtcsp_permissions_policy geolocation=() accelerometer=(); return 200; }
    location /p2 { rtcsp_permissions_policy off; return 200; }
    location /p3 { rtcsp_permissions_policy "geolocation=(), camera=(self)"; return 200; }
    location /d1 { rtcsp_document_policy js-profiling=?0 oversized-images=2.0; return 200; }
    location /d2 { rtcsp_document_policy force-load-at-top, js-profiling; return 200; }
--- request eval
["GET /f1", "GET /p1", "GET /p2", "GET /p3", "GET /d1", "GET /d2"]
--- response_headers eval
["Feature-Policy: geolocation 'none'\nPermissions-Policy: browsing-topics=()",
 "Permissions-Policy: geolocation=(), accelerometer=()",
 "! Permissions-Policy",
 "Permissions-Policy: geolocation=(), camera=(self)",
 "Document-Policy: js-profiling=?0, oversized-images=2.0",
 "Document-Policy: force-load-at-top, js-profiling"]



=== TEST 21: testDecorator: one view without a policy keeps the rest
--- config
    rtcsp talisman;
    location /nocsp { rtcsp_policy off; return 200; }
    location /off   { rtcsp off; return 200; }
--- request eval
["GET /nocsp", "GET /off"]
--- response_headers eval
["! Content-Security-Policy\nX-Frame-Options: SAMEORIGIN",
 "! Content-Security-Policy\n! X-Frame-Options\n! Referrer-Policy"]



=== TEST 22: HEAD has the headers of GET
--- config
    location /t {
        rtcsp talisman;
        default_type text/html;
        return 200 "hello";
    }
--- request
HEAD /t
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'
X-Frame-Options: SAMEORIGIN
Content-Length: 5

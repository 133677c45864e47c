# Variables among the sources of a policy: they can add sources, and nothing
# else, whatever is in them.

use lib 't/lib';
use RT qw(rtcsp);

our $Http = <<'_EOC_';
    map $arg_t $tenant {
        default   $arg_t;
        two       "https://a.example https://b.example";
        inline    "'unsafe-inline'";
        hash      "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
        semi      "a.example; script-src *";
        comma     "a.example, script-src *";
        line      "a.example
X-More: 1";
        tab       "a.example	b.example";
        accent    "é.example";
        dollar    "$semi";
    }
    map $arg_t $semi { default "b.example;x"; }
_EOC_

plan_all();
run_tests();

__DATA__

=== TEST 1: a variable is a source, or none
--- http_config eval: $::Http
--- config
    rtcsp_policy "default-src 'self'; script-src 'self' $tenant; img-src a.test";
--- request eval
["GET /t?t=x.example", "GET /t"]
--- response_headers eval
["Content-Security-Policy: default-src 'self'; script-src 'self' x.example; img-src a.test",
 "Content-Security-Policy: default-src 'self'; script-src 'self' ; img-src a.test"]
--- error_code eval: [404, 404]



=== TEST 2: several sources, keywords, what could end the policy: left out
--- http_config eval: $::Http
--- config
    rtcsp_policy "default-src 'self'; script-src 'self' $tenant; img-src a.test";
--- request eval
[map { "GET /t?t=$_" } qw(two hash inline semi comma line tab accent dollar)]
--- response_headers eval
[("Content-Security-Policy: default-src 'self'; script-src 'self' ; img-src a.test\n! X-More") x 9]
--- error_code eval: [(404) x 9]



=== TEST 3: which the error log says
--- http_config eval: $::Http
--- config
    rtcsp_policy "default-src 'self' $tenant";
--- request
GET /t?t=semi
--- error_code: 404
--- error_log
rtcsp: left "$tenant" out of a policy, for its value is not one source without quotes



=== TEST 4: within a source it cannot begin another one
--- http_config eval: $::Http
--- config
    rtcsp  talisman;
    rtcsp_directive  connect-src + wss://${tenant}.example.com:443 $semi;
    rtcsp_directive  frame-ancestors $tenant$tenant;
    rtcsp_directive  img-src data:;
--- request eval
["GET /t?t=x", "GET /t?t=two"]
--- response_headers eval
["Content-Security-Policy: default-src 'self'; object-src 'none'; connect-src 'self' wss://x.example.com:443 ; frame-ancestors xx; img-src data:",
 "Content-Security-Policy: default-src 'self'; object-src 'none'; connect-src 'self'  ; frame-ancestors ; img-src data:"]
--- error_code eval: [404, 404]



=== TEST 5: beside a nonce, in both policies, and where the nonce is missing
--- http_config eval: $::Http
--- config
    rtcsp_policy              "script-src $tenant 'unsafe-inline'; base-uri 'self'";
    rtcsp_report_only_policy  "style-src 'self'; script-src 'self' ${tenant}; base-uri $tenant";
    rtcsp_report_uri          /csp;
    rtcsp_nonce               header;
    rtcsp_nonce_in            script-src;
    location = /page { default_type text/html; return 200 $rtcsp_nonce; }
    location = /text { default_type text/plain; return 200 ok; }
--- request eval
["GET /page?t=x", "GET /text?t=x"]
--- raw_response_headers_like eval
["(?s)Policy: script-src x 'unsafe-inline' 'nonce-([\\w-]{32})'; base-uri 'self'; report-uri /csp\r\n.*Report-Only: style-src 'self'; script-src 'self' x 'nonce-\\1'; base-uri x; report-uri /csp\r\n",
 "(?s)Policy: script-src x; base-uri 'self'; report-uri /csp\r\n.*Report-Only: style-src 'self'; script-src 'self' x; base-uri x; report-uri /csp\r\n"]



=== TEST 6: inherited, and on pages of nginx's own
--- http_config eval: $::Http
--- config
    rtcsp_policy  "default-src $tenant";
    location /inner/ { rtcsp_frame_options DENY; }
--- request eval
["GET /none?t=x", "GET /inner/none?t=y"]
--- response_headers eval
["Content-Security-Policy: default-src x",
 "Content-Security-Policy: default-src y\nX-Frame-Options: DENY"]
--- error_code eval: [404, 404]



=== TEST 7: one that nobody has
--- config
    rtcsp_policy "default-src $no_such_variable";
--- must_die
--- error_log
unknown "no_such_variable" variable



=== TEST 8: a name that a location's address is captured in is the operator's
--- config
    location ~ ^/v/(?<host_of>.*)$ { rtcsp_policy "script-src 'self' $host_of; img-src a.test"; }
--- request eval
["GET /v/'unsafe-inline'%20https:", "GET /v/'unsafe-inline'", "GET /v/a.test"]
--- response_headers eval
[("Content-Security-Policy: script-src 'self' ; img-src a.test") x 2,
 "Content-Security-Policy: script-src 'self' a.test; img-src a.test"]
--- error_code eval: [(404) x 3]

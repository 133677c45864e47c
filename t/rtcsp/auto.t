# rtcsp_nonce unsafe-auto: nginx writes the attribute.

use lib 't/lib';
use RT qw(rtcsp);

my $dir = $ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Type = 'default_type text/html;';
our $Page = '<script src=/a.js></script><svg><script/></svg>'
            . '<link rel=stylesheet href=a><link rel=icon href=b>'
            . '<style nonce=own></style><title><script></title>'
            . '<div title="<script>"></div><script a=></script>';
our $Auto = 'rtcsp talisman; rtcsp_nonce_in script-src style-src;
             rtcsp_nonce unsafe-auto;';
our $Want = '^<script nonce=([\w-]{32}) src=/a.js></script>'
            . '<svg><script nonce=\1 /></svg>'
            . '<link nonce=\1 rel=stylesheet href=a><link rel=icon href=b>'
            . '<style nonce=own></style><title><script></title>'
            . '<div title="<script>"></div><script nonce=\1 a=></script>$';

our $Http = "
    proxy_cache_path $dir/cache keys_zone=c:1m;
    server {
        listen unix:$dir/up.sock;
        location /page { $Type add_header ETag '\"e\"';
            return 200 '$Page'; }
        location /404 { $Type return 404; }
        location /json { default_type application/json;
            add_header ETag '\"e\"'; return 200 '{\"a\":\"<script>\"}'; }
        location /br { $Type add_header Content-Encoding br;
            return 200 '$Page'; }
        location /big { $Type gzip on; gzip_types text/html;
            return 200 '" . ('<p>text</p>' x 300) . $Page . "'; }
        location /utf16 { default_type 'text/html; charset=utf-16';
            return 200 '$Page'; }
    }
";

our $Proxy = "proxy_pass http://unix:$dir/up.sock:/;";
our $Config = "$Auto location /u/ { $Proxy }
    location /c/ { $Proxy proxy_cache c; proxy_cache_valid 1h;
        add_header X-Cache \$upstream_cache_status; }";

plan_all();
run_tests();

__DATA__

=== TEST 1: into the tags of the page, with the nonce of the policy
--- http_config eval: $::Http
--- config eval: $::Config
--- request
GET /u/page
--- response_body_like eval: $::Want
--- raw_response_headers_like: script-src 'self' 'nonce-[\w-]{32}'; style-src 'self' 'nonce-[\w-]{32}'
--- response_headers
Cache-Control: no-store
! ETag
! Content-Length
--- error_log
"rtcsp_nonce unsafe-auto" lets injected scripts run, too



=== TEST 2: a new one for each hit of the cache; ranges and validators are off
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: [('GET /c/page') x 2]
--- more_headers
Range: bytes=0-3
If-None-Match: "e"
--- response_body_like eval: [($::Want) x 2]
--- response_headers eval: ['X-Cache: MISS', 'X-Cache: HIT']



=== TEST 3: what is no page is as it was; nginx answers for it
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: ['GET /u/json', 'GET /u/utf16', 'GET /u/404']
--- error_code eval: [200, 200, 404]
--- response_body_like eval: ['^\{"a":"<script>"\}$', '<script src=/a.js></script>', '404']
--- raw_response_headers_like eval: ['ETag', "script-src 'self';", "'nonce-"]
--- raw_response_headers_unlike eval: ['nonce-', 'nonce-', 'ETag']



=== TEST 4: a range of that
--- http_config eval: $::Http
--- config eval: $::Config
--- request
GET /u/json
--- more_headers
Range: bytes=0-3
--- error_code: 206
--- response_body: {"a"



=== TEST 5: gzip is inflated, in buffers; another encoding passes without
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: ['GET /u/big', 'GET /u/br']
--- more_headers
Accept-Encoding: gzip
--- response_body_like eval
[$::Want =~ s/^\^/<p>text<\/p>/r, '^' . quotemeta($::Page)]
--- raw_response_headers_unlike eval: ['br\r\n', 'nonce-|no-store']



=== TEST 6: HEAD as GET; rtcsp off, and no policy of ours for the page
--- http_config eval: $::Http
--- config eval
"$::Config location /off/ { rtcsp off; $::Proxy }
 location /none/ { rtcsp_policy off; $::Proxy }"
--- request eval: ['HEAD /u/page', 'GET /off/page', 'GET /none/page']
--- raw_response_headers_like eval: ["'nonce-", 'ETag', 'ETag']
--- raw_response_headers_unlike eval: ['ETag|Length', 'nonce', 'nonce']
--- response_body eval: ['', ($::Page) x 2]



=== TEST 7: parts of a page, and what stops it, once a location
--- http_config eval: $::Http
--- config eval
"$::Auto location /t { ssi on; $::Type
     return 200 '<!--#include virtual=\"/part\" --><plaintext><script>'; }
 location /part { $::Type return 200 '<script></script>'; }"
--- raw_request eval
"GET /t HTTP/1.1\r\nHost: x\r\n\r\nGET /t HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- ignore_response
--- grep_error_log eval: qr/rtcsp: the tag at byte \d+ of the page got no nonce \(plaintext\)/
--- grep_error_log_out
rtcsp: the tag at byte 17 of the page got no nonce (plaintext)



=== TEST 8: beside 'strict-dynamic'
--- config
    rtcsp strict;
    location /t { rtcsp_nonce unsafe-auto; }
--- must_die
--- error_log
"rtcsp_nonce unsafe-auto" beside 'strict-dynamic' would let an injected script load any other: write the hosts that scripts come from in



=== TEST 9: in a policy that is only reported on, too
--- config
    rtcsp talisman; rtcsp_nonce unsafe-auto; rtcsp_nonce_in script-src;
    location /t { rtcsp_report_only_policy strict; rtcsp_report_uri /r; }
--- must_die
--- error_log
"rtcsp_nonce unsafe-auto" beside 'strict-dynamic'



=== TEST 10: what is told of it
--- http_config eval
"log_format n escape=none 'event=\$rtcsp_event';" . $::Http
--- config eval
"access_log logs/error.log n; $::Config"
--- request
GET /u/page
--- error_log
event={"policy":"enforce","report":false,"nonce":true,"placed":4,"refused":0}

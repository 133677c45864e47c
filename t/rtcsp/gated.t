# rtcsp_nonce gated: only what is allowed by its address or by the hash of its
# text gets the nonce.

use lib 't/lib';
use RT qw(rtcsp);

use Digest::SHA qw(sha256_base64 sha512_base64);

my $dir = $ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $N = 'nonce=[\w-]{32}';
our $Hash = 'sha256-' . sha256_base64("start()\n") . '=';
our $Other = 'sha512-' . sha512_base64('p{color:red}');
our $Big = 'x' x 65537;

our $Page = '<!doctype html><script src=/static/a.js></script>'
    . '<script src="/static/../up/x.js"></script>'
    . '<script src="//evil.test/static/a.js"></script>'
    . '<link rel=stylesheet href=/static/a.css><link rel=icon href=/static/i>'
    . "<script nonce='old'>start()\r\n</script><script>start(1)</script>"
    . '<script type=application/json>{}</script>'
    . '<style>p{color:red}</style>'
    . '<script src=https://cdn.test/lib/a.js async></script>';

our $Want = qr{^<!doctype\ html><script\ $N\ src=/static/a.js></script>
    <script\ src="/static/../up/x.js"></script>
    <script\ src="//evil.test/static/a.js"></script>
    <link\ $N\ rel=stylesheet\ href=/static/a.css>
    <link\ rel=icon\ href=/static/i>
    <script\ nonce='[\w-]{32}'>start\(\)\r\n</script>
    <script>start\(1\)</script>
    <script\ type=application/json>\{\}</script>
    <style\ $N>p\{color:red\}</style>
    <script\ $N\ src=https://cdn.test/lib/a.js\ async></script>$}x;

our $Files = ">>> page.html\n$Page\n"
    . ">>> big.html\n<script>$Big</script><script src=/static/a></script>\n"
    . ">>> select.html\n<select><table><style></style></select>"
    . "<script src=/static/a></script>\n"
    . ">>> page.txt\n$Page\n"
    . ">>> hashes\n# made by hand\n\n$Hash  # index.html\r\n$Other\n"
    . ">>> bad\n$Hash\nsha256-abc\n"
    . ">>> many\n" . "$Hash\n" x 4097;

our $Gate = 'rtcsp_nonce gated src=/static/ src=https://cdn.test/lib/'
    . ' hash=$TEST_NGINX_HTML_DIR/hashes;';
our $Conf = "rtcsp talisman; rtcsp_nonce_in script-src style-src; $Gate"
    . ' default_type text/html; charset utf-8; root $TEST_NGINX_HTML_DIR;'
    . 'access_log logs/error.log ev;';

our $Http = "log_format ev escape=none '\$uri \$rtcsp_event';
    proxy_cache_path $dir/cache keys_zone=c:1m;
    server {
        listen unix:$dir/up.sock;
        root $dir;
        location / { etag on; }
        location /asked { default_type text/html;
            return 200 '[\$http_range][\$http_accept_encoding]'; }
        location /br { default_type text/html; add_header Content-Encoding br;
            return 200 '<script src=/static/a></script>'; }
        location /zip/ { alias $dir/; gzip on; gzip_min_length 1;
            gzip_http_version 1.0; gzip_proxied any; default_type text/html; }
    }";
our $Proxy = "proxy_pass http://unix:$dir/up.sock:/;";

plan_all();
run_tests();

__DATA__

=== TEST 1: what is allowed, and nothing else
--- http_config eval: $::Http
--- config eval: $::Conf
--- user_files eval: $::Files
--- request
GET /page.html
--- response_body_like eval: $::Want
--- raw_response_headers_like: script-src 'self' 'nonce-([\w-]{32})'; style-src 'self' 'nonce-\1'\r\n
--- response_headers
Cache-Control: no-store
!ETag
!Content-Length
!Accept-Ranges
--- error_log eval
[qr/the tag at byte 49 of the page got no nonce \(src\): its address is not/,
 qr/page.html .*"placed":5,"refused":3,"lost":"src","at":49\}/]



=== TEST 2: out of nginx's cache, with a nonce of its own each time
--- http_config eval: $::Http
--- config eval
"$::Conf location /c/ { $::Proxy proxy_cache c; proxy_cache_valid 1h;
  add_header X-Cache \$upstream_cache_status; }"
--- user_files eval: $::Files
--- request eval: [('GET /c/page.html') x 2]
--- response_body_like eval: [$::Want, $::Want]
--- response_headers eval
["X-Cache: MISS\nCache-Control: no-store",
 "X-Cache: HIT\nCache-Control: no-store"]



=== TEST 3: gzip of upstream is inflated
--- http_config eval: $::Http
--- config eval: "$::Conf location /u/ { $::Proxy proxy_http_version 1.1; }"
--- user_files eval: $::Files
--- more_headers
Accept-Encoding: gzip, br
--- request eval: [map { "GET /u/$_" } qw(zip/page.html asked)]
--- response_body_like eval: [$::Want, qr/^\[\]\[gzip\]$/]
--- raw_response_headers_like eval: [("'nonce-[\\w-]{32}'") x 2]



=== TEST 4: what is encoded otherwise passes without
--- http_config eval: $::Http
--- config eval: "$::Conf location /u/ { $::Proxy }"
--- user_files eval: $::Files
--- request
GET /u/br
--- response_body chomp
<script src=/static/a></script>
--- response_headers
!Cache-Control
--- raw_response_headers_unlike: 'nonce-
--- error_log
no tag of a page got a nonce, because upstream sent it as a range or in an encoding other than gzip:



=== TEST 5: ranges of what is no page, and none of a page
--- http_config eval: $::Http
--- config eval: "$::Conf location /u/ { $::Proxy }"
--- user_files eval: $::Files
--- more_headers
Range: bytes=0-3
--- request eval: ['GET /u/page.txt', 'GET /u/page.html']
--- error_code eval: [206, 200]
--- response_body_like eval: [qr/^<!do$/, $::Want]



=== TEST 6: HEAD says what GET does; what is no page is not read
--- http_config eval: $::Http
--- config eval
"$::Conf location /json { default_type application/json;
                          return 200 '<script src=/static/a.js>'; }"
--- user_files eval: $::Files
--- request eval: ['HEAD /page.html', 'GET /json']
--- response_headers eval
["Cache-Control: no-store\n!Content-Length", '!Cache-Control']
--- response_body_like eval: ['', qr{^<script src=/static/a.js>$}]



=== TEST 7: a text that is too long
--- http_config eval: $::Http
--- config eval: $::Conf
--- user_files eval: $::Files
--- request
GET /big.html
--- response_body_like: ^<script>x+</script><script nonce=[\w-]{32} src=/static/a></script>$
--- error_log eval
qr/big.html .*"placed":1,"refused":1,"lost":"body","at":0\}/



=== TEST 8: a page whose reading stops
--- http_config eval: $::Http
--- config eval: $::Conf
--- user_files eval: $::Files
--- request
GET /select.html
--- response_body_like: <script src=/static/a></script>$
--- error_log eval
["the tag at byte 15 of the page got no nonce (select)",
 qr/select.html .*"placed":0,"refused":0,"lost":"select","at":15\}/]



=== TEST 9: not UTF-8: only texts of ASCII
--- http_config eval: $::Http
--- config eval
"rtcsp talisman; rtcsp_nonce_in script-src; types { }
  default_type 'text/html; charset=latin1';
  rtcsp_nonce gated hash=$::Hash
      'hash=sha256-" . Digest::SHA::sha256_base64("\xc3\xa9") . "=';
  location = /ascii { return 200 '<script>start()\n</script>'; }
  location = /other { return 200 '<script>\xc3\xa9</script>'; }
  location = /utf8 { default_type 'text/html; charset=utf-8';
                     return 200 '<script>\xc3\xa9</script>'; }
  location = /us { default_type 'text/html; charset=us-ascii';
                   return 200 '<script>\xc3\xa9</script><script>start()\n</script>'; }
  location = /no { default_type 'text/html; charset=iso-8859-99';
                   return 200 '<script>start()\n</script>'; }"
--- request eval: [map { "GET /$_" } qw(ascii other utf8 us no)]
--- response_body_like eval
[qr/^<script $::N>start/, qr/^<script>\xc3\xa9</, qr/^<script $::N>\xc3\xa9</,
 qr/^<script>\xc3\xa9<\/script><script $::N>start/, qr/^<script>start/]



=== TEST 10: a <base> of another origin is forbidden, whatever the policy says
--- http_config eval: $::Http
--- config eval
"$::Conf rtcsp_directive base-uri off;
 location /own { rtcsp_policy \"script-src 'self'\"; rtcsp_nonce_in script-src;
                 rtcsp_nonce gated src=/static/; default_type text/html;
                 return 200; }"
--- user_files eval: $::Files
--- request eval: ['GET /page.html', 'GET /own']
--- raw_response_headers_like eval
["base-uri 'self'", "script-src 'self' 'nonce-[\\w-]{32}'; base-uri 'self'\r\n"]



=== TEST 11: ... and a policy that allows one is not accepted
--- config
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_directive base-uri self https://cdn.test;
    rtcsp_nonce gated src=/static/;
--- must_die
--- error_log
base-uri of the policy of "rtcsp" lets a <base> lead scripts that "rtcsp_nonce gated" allows to "https://cdn.test": make it 'self' or 'none'



=== TEST 12: nothing is allowed
--- config
    rtcsp_nonce gated;
--- must_die
--- error_log
"rtcsp_nonce" directive allows no script: write src=PREFIX or hash=FILE behind gated



=== TEST 13: a prefix that is none
--- config
    rtcsp_nonce gated src=static/;
--- must_die
--- error_log
invalid src "static/" in "rtcsp_nonce": write a path such as /static/, or an address such as https://cdn.example.com/lib/: it



=== TEST 14: a prefix with a segment of dots
--- config
    rtcsp_nonce gated src=/static/../;
--- must_die
--- error_log
it holds a segment of dots



=== TEST 15: a line that is no hash
--- config eval: 'rtcsp_nonce gated hash=$TEST_NGINX_HTML_DIR/bad;'
--- user_files eval: $::Files
--- must_die
--- error_log eval
qr/line 2 of ".*\/bad", a file of hashes, is no hash: write sha256-/



=== TEST 16: too many hashes
--- config eval: 'rtcsp_nonce gated hash=$TEST_NGINX_HTML_DIR/many;'
--- user_files eval: $::Files
--- must_die
--- error_log eval
qr/line 4097 of ".*\/many", a file of hashes, is one too many: 4096 are/



=== TEST 17: a file that is not there, and a word that nobody knows
--- config eval: 'rtcsp_nonce gated hash=$TEST_NGINX_HTML_DIR/none;'
--- must_die
--- error_log
the hashes of "rtcsp_nonce gated" are not taken from



=== TEST 18: a word that nobody knows
--- config
    rtcsp_nonce gated href=/static/;
--- must_die
--- error_log
invalid parameter "href=/static/" in "rtcsp_nonce": write src=PREFIX, hash=FILE or hash=sha256-...



=== TEST 19: a prefix of all that a host has
--- config
    location /a { rtcsp_nonce gated src=/; }
--- request
GET /none
--- error_code: 404
--- error_log
"src=/" of "rtcsp_nonce gated" lets any address of that host run as a script

# A page with a nonce is sent whole and once: 304, validators, ranges, caches.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Secret = 'pH7-placeholder_0123456789abcdef';

our $Files = ">>> page.html 202601010000.00\n<script nonce=$Secret></script>\n"
             . ">>> data.json 202601010000.00\n{\"a\":\"$Secret\"}\n"
             . ">>> a.png 202601010000.00\n0123456789\n";

our $Csp = "rtcsp talisman; rtcsp_nonce_in script-src;"
           . "rtcsp_nonce placeholder=data:$Secret;";

our $Http = <<"_EOC_";
    types { text/html html; application/json json; image/png png; }
    proxy_cache_path \$TEST_NGINX_HTML_DIR/cache keys_zone=c:1m;
    server {
        listen unix:\$TEST_NGINX_HTML_DIR/up.sock;
        root \$TEST_NGINX_HTML_DIR;
        location /304 { return 304; }
        location /206 {
            default_type text/html;
            add_header Content-Range 'bytes 0-9/100';
            return 206 '0123456789';
        }
        location /sneaky {
            default_type application/json;
            add_header Content-Range 'bytes 0-9/100';
            return 200 '0123456789';
        }
    }
_EOC_

# over the wire: Test::Nginx reads no trailers

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->trailer;

    for my $line (split /\n/, $block->trailer) {
        my ($uri, $value) = split ' ', $line;

        open my $fh, '-|', 'curl', '-s', '--raw', '-m', '20', '--unix-socket',
             "$ENV{TEST_NGINX_HTML_DIR}/tr.sock", "http://localhost$uri"
            or die "curl: $!";
        my $out = do { local $/; <$fh> };

        Test::More::like($out, qr/^X-Trailer: \Q$value\E\r$/m,
                         "$uri - its trailer");
    }
});

plan_all();
run_tests();

__DATA__

=== TEST 1: no 304 for a page, whatever the client has; assets still get it
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval: $::Csp
--- request eval
["GET /page.html", "GET /page.html", "GET /a.png", "GET /data.json"]
--- more_headers eval
["If-Modified-Since: Thu, 01 Jan 2037 00:00:00 GMT", "If-None-Match: *",
 "If-None-Match: *", "If-None-Match: *"]
--- error_code eval
[200, 200, 304, 304]
--- response_body_like eval
["^<script nonce=(?!x{32})[\\w-]{32}>", "^<script nonce=(?!x{32})[\\w-]{32}>",
 "^\$", "^\$"]
--- response_headers eval
[("! ETag\n! Last-Modified\n! Accept-Ranges\nCache-Control: no-store") x 2,
 ("! Content-Security-Policy\n! Content-Security-Policy-Report-Only\nX-Frame-Options: SAMEORIGIN") x 2]



=== TEST 2: a 304 of upstream has no policy either
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /304 { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request
GET /304
--- error_code: 304
--- response_headers
! Content-Security-Policy



=== TEST 3: nor its own
--- config
    rtcsp talisman;
    location /t {
        add_header Content-Security-Policy "script-src 'none'" always;
        add_header Content-Security-Policy-Report-Only "script-src 'none'" always;
        return 304;
    }
--- request
GET /t
--- error_code: 304
--- response_headers
! Content-Security-Policy
! Content-Security-Policy-Report-Only



=== TEST 4: ranges: none of text, of files and of upstream
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /up/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }"
--- request eval
["GET /page.html", "GET /data.json", "GET /a.png",
 "GET /up/page.html", "GET /up/data.json", "GET /up/a.png"]
--- more_headers
Range: bytes=2-4
--- error_code eval
[200, 200, 206, 200, 200, 206]
--- response_body_like eval
["^<script nonce=[\\w-]{32}></script>\$", "^{\"a\":\"x{32}\"}\$", "^234\$",
 "^<script nonce=[\\w-]{32}></script>\$", "^{\"a\":\"x{32}\"}\$", "^234\$"]



=== TEST 5: If-Range
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /up/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }"
--- request eval
["GET /up/a.png", "GET /up/page.html"]
--- more_headers
Range: bytes=2-4
If-Range: "other"
--- error_code eval
[200, 200]



=== TEST 6: with rtcsp off, too, where a placeholder is
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval
"$::Csp rtcsp_upstream keep;
 location /off/ { rtcsp off; alias \$TEST_NGINX_HTML_DIR/; }"
--- request eval
["GET /off/page.html", "GET /off/data.json"]
--- more_headers
Range: bytes=20-24
--- error_code eval
[200, 200]
--- response_body_unlike eval
["$::Secret", "$::Secret"]



=== TEST 7: text that upstream sends as a range is 502
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /206 { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /sneaky { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request eval
["GET /206", "GET /sneaky"]
--- error_code eval
[502, 502]
--- response_body_unlike eval
["0123456789", "0123456789"]
--- error_log
rtcsp: upstream sent text as a range, which cannot be searched for the placeholder



=== TEST 8: the 502 may be an error page of one's own
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval
"$::Csp
 error_page 502 /page.html;
 location /206 { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request
GET /206
--- error_code: 502
--- response_body_like: ^<script nonce=(?!x{32})[\w-]{32}></script>$
--- raw_response_headers_like: nonce-[\w-]{32}
--- error_log
rtcsp: upstream sent text as a range



=== TEST 9: or one that fails in the same way
--- http_config eval: $::Http
--- config eval
"$::Csp
 error_page 502 /206;
 location /206 { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request
GET /206
--- error_code: 502
--- response_body_like: Bad Gateway
--- error_log
rtcsp: upstream sent text as a range



=== TEST 10: a cached page: conditional requests get it whole, with a fresh nonce
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /up/ {
     proxy_cache c;
     proxy_cache_valid 1h;
     proxy_cache_revalidate on;
     add_header X-Cache \$upstream_cache_status;
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/;
 }"
--- request eval
["GET /up/page.html", "GET /up/page.html", "GET /up/page.html", "GET /up/a.png", "GET /up/a.png"]
--- more_headers
If-None-Match: *
Range: bytes=0-3
--- error_code eval
[200, 200, 200, 304, 304]
--- response_body_like eval
[("^<script nonce=(?!x{32})[\\w-]{32}></script>\$") x 3, "^\$", "^\$"]



=== TEST 11: a 416 of nginx itself is a page of ours
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval: $::Csp
--- request
GET /a.png
--- more_headers
Range: bytes=100-200
--- error_code: 416
--- response_body_like: 416 Requested Range Not Satisfiable
--- raw_response_headers_unlike: (?s)Content-Security-Policy:.*Content-Security-Policy:
--- raw_response_headers_like: (?s)Cache-Control: no-store.*Content-Security-Policy: [^\r]*nonce-[\w-]{32}'\r\n



=== TEST 12: PUT keeps its preconditions
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/up.sock;
        location / { return 201 "[$http_if_none_match]"; }
    }
--- config eval
"$::Csp
 location /t { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request
PUT /t
a
--- more_headers
If-None-Match: *
--- error_code: 201
--- response_body: [*]



=== TEST 13: slice: whole text, but none that begins inside
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /up/ {
     slice 7;
     proxy_cache c;
     proxy_cache_key \$uri\$slice_range;
     proxy_cache_valid 200 206 1h;
     proxy_set_header Range \$slice_range;
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/;
 }"
--- request eval
["GET /up/page.html", "GET /up/page.html", "GET /up/a.png"]
--- more_headers eval
["X-None: 1", "Range: bytes=20-30", "Range: bytes=2-4"]
--- error_code eval
[200, 502, 206]
--- response_body_like eval
["^<script nonce=(?!x{32})[\\w-]{32}></script>\$", "502 Bad Gateway", "^234\$"]



=== TEST 14: slice: a range of which the first slice knows nothing cuts none
--- http_config eval: $::Http
--- user_files eval
">>> page.html 202601010000.00\n<p>$::Secret</p>\n"
--- config eval
"$::Csp
 location /up/ {
     slice 8;
     proxy_set_header Range \$slice_range;
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/;
 }"
--- request eval: [("GET /up/page.html") x 3]
--- more_headers eval
["Range: bytes=-30", "Range: bytes=12-\nIf-Range: \"6955b900-28\"",
 "Range: bytes=0-30"]
--- error_code eval: [200, 200, 200]
--- response_body_like eval: [("^<p>x{32}</p>\$") x 3]



=== TEST 15: nor is anything but gzip and the whole asked for by a POST
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/up.sock;
        location / {
            return 201 "[$http_accept_encoding] [$http_range$http_if_range]";
        }
    }
--- config eval
"$::Csp
 location /t { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request
POST /t
a
--- more_headers
Accept-Encoding: br, gzip, deflate
Range: bytes=0-3
If-Range: "a"
--- error_code: 201
--- response_body: [gzip] []



=== TEST 16: HTTP/0.9 has a body whatever the status says
--- config eval
"$::Csp
 location /t { return 204 'a $::Secret b'; }"
--- raw_request eval: "GET /t\r\n"
--- http09
--- response_body eval: 'a ' . 'x' x 32 . ' b'



=== TEST 17: and upstream's has no status at all
--- config eval
"$::Csp
 location /t { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/tcp.sock; }"
--- tcp_listen eval: "$ENV{TEST_NGINX_HTML_DIR}/tcp.sock"
--- tcp_reply eval: "a $::Secret b"
--- raw_request eval
"GET /t HTTP/1.0\r\nHost: localhost\r\n\r\n"
--- http09
--- response_body eval: 'a ' . 'x' x 32 . ' b'
--- error_log
upstream sent no valid HTTP/1.0 header



=== TEST 18: several types in one header, of which a browser takes the last
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /t { default_type 'image/png, text/html'; return 200 '$::Secret'; }
 location /x { default_type application/vnd.ms-excel; return 200 '$::Secret'; }
 location /b { default_type image/png; return 200 '$::Secret'; }"
--- request eval: ["GET /t", "GET /x", "GET /b"]
--- response_body eval: ['x' x 32, 'x' x 32, $::Secret]



=== TEST 19: upstream is not told what the client has, but nginx compares
--- http_config eval: $::Http
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /up/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }
 location /off/ { rtcsp off; proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }
 location /none/ { rtcsp_nonce off; proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }"
--- request eval
["GET /up/a.png", "GET /up/data.json", "GET /up/page.html",
 "GET /off/page.html", "HEAD /up/data.json", "GET /none/a.png",
 "GET /up/a.png"]
--- more_headers eval
[("If-None-Match: *") x 6, "If-None-Match: \"other\""]
--- error_code eval
[304, 304, 200, 304, 304, 304, 200]



=== TEST 20: a precondition that upstream was told is not judged again
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /t { proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/up; }
 location /up {
     rtcsp_nonce off;
     proxy_set_header If-Match '';
     proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/css;
 }
 location /css { rtcsp_nonce off; default_type text/css; return 200 'a'; }"
--- request
GET /t
--- more_headers
If-Match: "e"
--- response_body: a



=== TEST 21: a range of a POST is not cut out
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/up.sock;
        location / { default_type image/png; return 200 "0123456789"; }
    }
--- config eval
"$::Csp
 location /t { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request eval
["POST /t\na", "GET /t"]
--- more_headers
Range: bytes=0-3
--- error_code eval: [200, 206]
--- response_body eval: ["0123456789", "0123"]



=== TEST 22: a part of a page is asked for plain
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/up.sock;
        location / { return 200 "[$http_accept_encoding]"; }
    }
--- user_files
>>> page.html
<!--# include virtual="/part" -->
--- config eval
"$::Csp
 ssi on;
 location /page.html { }
 location /part { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }"
--- request
GET /page.html
--- more_headers
Accept-Encoding: gzip
--- response_body
[]



=== TEST 23: a part that is encoded, or a range, does not get into a page
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/up.sock;
        location /enc {
            add_header Content-Encoding gzip;
            return 200 "encoded";
        }
        location /206 {
            add_header Content-Range "bytes 1-2/9";
            return 206 "cut";
        }
        location / { return 200 "whole"; }
    }
--- user_files
>>> ssi.html
<!--# include virtual="/p/enc" --><!--# include virtual="/p/206" -->
>>> set.html
<!--# include virtual="/p/enc" set="v" --><!--# echo var="v" -->
>>> good.html
<!--# include virtual="/p/good" -->
>>> a.txt
.
--- config eval
"$::Csp
 location /ssi.html { ssi on; }
 location /set.html { ssi on; }
 location /good.html { ssi on; }
 location /a.txt {
     auth_request /p/enc;
     addition_types *;
     add_after_body /p/enc;
 }
 location /p/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }"
--- request eval
["GET /ssi.html", "GET /set.html", "GET /a.txt", "GET /good.html"]
--- error_code eval: [200, 200, 200, 200]
--- response_body_like eval
["^(?!.*(encoded|cut)).*502 Bad Gateway.*502 Bad Gateway",
 "^(?!.*encoded)", "^\\.\n(?!.*encoded).*502 Bad Gateway", "^whole\n\$"]



=== TEST 24: and the error log says why
--- http_config
    server {
        listen unix:$TEST_NGINX_HTML_DIR/up.sock;
        location /enc {
            add_header Content-Encoding gzip;
            return 200 "encoded";
        }
        location /206 {
            add_header Content-Range "bytes 1-2/9";
            return 206 "cut";
        }
        location / { return 200 "whole"; }
    }
--- user_files
>>> ssi.html
<!--# include virtual="/p/enc" --><!--# include virtual="/p/206" -->
>>> set.html
<!--# include virtual="/p/enc" set="v" --><!--# echo var="v" -->
>>> good.html
<!--# include virtual="/p/good" -->
>>> a.txt
.
--- config eval
"$::Csp
 location /ssi.html { ssi on; }
 location /set.html { ssi on; }
 location /good.html { ssi on; }
 location /a.txt {
     auth_request /p/enc;
     addition_types *;
     add_after_body /p/enc;
 }
 location /p/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }"
--- request
GET /ssi.html
--- response_body_like: 502 Bad Gateway
--- error_log
rtcsp: a part of a page came encoded or as a range



=== TEST 25: trailers of whatever type do not have the placeholder
--- http_config eval
"server {
    listen unix:$ENV{TEST_NGINX_HTML_DIR}/tr.sock;
    $::Csp
    add_trailer X-Trailer \"a-$::Secret-b\";
    location /text { default_type text/plain; return 200 text; }
    location /image { default_type image/png; return 200 image; }
    location /own { default_type text/html; rtcsp_nonce upstream;
        add_header Content-Security-Policy \"script-src 'nonce-$::Secret'\";
        return 200 page; }
}"
--- config
--- request
GET /none
--- error_code: 404
--- trailer
/own a-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-b
/text a-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-b
/image a-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-b



=== TEST 26: a type in a line of its own counts
--- config eval
"$::Csp
 location /both {
     default_type application/octet-stream;
     add_header Content-Type text/html;
     return 200 \"a $::Secret\";
 }
 location /one {
     default_type application/octet-stream;
     return 200 \"a $::Secret\";
 }"
--- request eval: ["GET /both", "GET /one"]
--- response_body eval: ["a " . "x" x 32, "a $::Secret"]

# The body filter: buffers of all shapes, filters before and after, gzip.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Secret = 'pH7-placeholder_0123456789abcdef';

our $Page = "<!doctype html><html><head><title>$Secret</title>"
            . "<script nonce=\"$Secret\">if (a < b) '$Secret'</script>"
            . "<script\n src='/a.js' nonce='$Secret'  ></script>"
            . "<link rel=stylesheet nonce=$Secret href=a.css>"
            . "</head><body><p>text $Secret</p><!-- <script nonce=$Secret> -->"
            . "<textarea><script nonce='$Secret'></textarea>"
            . "<img alt='$Secret'><script nonce=\"$Secret\"></script>"
            . "</body></html>";

# what becomes of it, N for the nonce

our $Want = $Page;
$Want =~ s/nonce="$Secret"/nonce="N"/g;
$Want =~ s/nonce='$Secret'  >/nonce='N'  >/;
$Want =~ s/nonce=$Secret href/nonce=N href/;
$Want =~ s/$Secret/'x' x 32/ge;

our $Big = ("<p>some text of a long page, line by line</p>\n" x 20
            . $Page) x 200;
our $BigWant = ("<p>some text of a long page, line by line</p>\n" x 20
                . $Want) x 200;

our $Files = ">>> page.html\n$Page\n>>> big.html\n$Big\n"
             . ">>> only.html\n$Secret\n>>> data.json\n"
             . "{\"a\": \"$Secret\", \"b\": \"<script nonce=$Secret>\"}\n"
             . ">>> empty.html\n\n>>> frag.html\n<script nonce=$Secret></script>\n";

our $Gzipped = do {
    require IO::Compress::Gzip;
    my $page = "<script nonce=$Secret></script>\n";
    IO::Compress::Gzip::gzip(\$page, \my $gz) or die;
    $gz;
};

our $Csp = "rtcsp talisman; rtcsp_nonce_in script-src;"
           . "rtcsp_nonce placeholder=data:$Secret;";

our $Http = <<"_EOC_";
    server {
        listen unix:\$TEST_NGINX_HTML_DIR/up.sock;
        root \$TEST_NGINX_HTML_DIR;
        sendfile off;
        gzip_types *;
        gzip_min_length 1;
        gzip_http_version 1.0;
        gzip_proxied any;
        location /gz/ { alias \$TEST_NGINX_HTML_DIR/; gzip on; }
        location /gz1/ {
            alias \$TEST_NGINX_HTML_DIR/;
            gzip on;
            output_buffers 1 1;
            postpone_output 0;
        }
        location /br/ {
            alias \$TEST_NGINX_HTML_DIR/;
            types { text/html html; application/json json; image/png png; }
            add_header Content-Encoding br;
        }
        location /two/ {
            alias \$TEST_NGINX_HTML_DIR/;
            gzip on;
            add_header Content-Encoding gzip;
        }
        location /id/ {
            alias \$TEST_NGINX_HTML_DIR/;
            add_header Content-Encoding identity;
        }
        location /cut/ {
            alias \$TEST_NGINX_HTML_DIR/;
            add_header Content-Encoding gzip;
        }
    }
_EOC_

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->rewritten;

    my $name = $block->name;
    my $kind = $block->rewritten;
    $kind =~ s/\s+//g;

    my ($nonce) = $body =~ /<script nonce="([\w-]{32})">/;
    Test::More::ok($nonce, "$name - there is a nonce (req $req_idx)");

    $body =~ s/\Q$nonce\E/N/g if $nonce;
    $body =~ s/\n$//;

    my $want = $kind eq 'big' ? $BigWant : $Want;

    Test::More::ok($body eq $want,
                   "$name - the page is as it should be (req $req_idx)")
        or Test::More::diag(length $body > 5000 ? length $body : $body);
});

plan_all();
run_tests();

__DATA__

=== TEST 1: a file, in buffers of any size
--- user_files eval: $::Files
--- config eval
"$::Csp sendfile off;
" . CORE::join '', map {
"location /b$_/ { alias \$TEST_NGINX_HTML_DIR/; output_buffers 1 $_; }\n"
} 1 .. 9, 31 .. 35, 64, 100;
--- request eval
["GET /page.html", map { "GET /b$_/page.html" } 1 .. 9, 31 .. 35, 64, 100]
--- rewritten: page



=== TEST 2: the same, sendfile on, each byte written at once
--- user_files eval: $::Files
--- config eval
"$::Csp sendfile on; postpone_output 0;
 location /b1/ { alias \$TEST_NGINX_HTML_DIR/; output_buffers 1 1; }
 location /b2/ { alias \$TEST_NGINX_HTML_DIR/; output_buffers 2 3; }
 location /b3/ { alias \$TEST_NGINX_HTML_DIR/; aio threads; }
"
--- request eval
["GET /page.html", "GET /b1/page.html", "GET /b2/page.html", "GET /b3/page.html"]
--- rewritten: page



=== TEST 3: a big page to a slow client, busy buffers
--- user_files eval: $::Files
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /file.html { alias \$TEST_NGINX_HTML_DIR/big.html; }
 location /slow.html { alias \$TEST_NGINX_HTML_DIR/big.html; limit_rate 400k; output_buffers 2 4k; }
 location /up { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/big.html; limit_rate 400k; }
 location /tight {
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/big.html;
     proxy_buffer_size 1k; proxy_buffers 3 1k; proxy_busy_buffers_size 1k;
     proxy_max_temp_file_size 0;
     limit_rate 600k;
 }
 location /temp {
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/big.html;
     proxy_buffer_size 1k; proxy_buffers 3 1k; proxy_busy_buffers_size 1k;
     limit_rate 600k;
 }
 location /unbuffered {
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/big.html;
     proxy_buffering off;
     proxy_buffer_size 1k;
 }
 location /gz {
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/gz/big.html;
     proxy_set_header Accept-Encoding gzip;
     limit_rate 600k;
 }
"
--- request eval
["GET /file.html", "GET /slow.html", "GET /up", "GET /tight", "GET /temp",
 "GET /unbuffered", "GET /gz"]
--- timeout: 10
--- rewritten: big



=== TEST 4: upstream in gzip is inflated
--- user_files eval: $::Files
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /gz/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /gz1/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /br/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /two/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /cut/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /id/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /off {
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/gz1/page.html;
     proxy_buffering off;
 }
"
--- request eval
["GET /gz/page.html", "GET /gz1/page.html", "GET /off", "GET /id/page.html"]
--- more_headers
Accept-Encoding: gzip
--- rewritten: page
--- response_headers eval
[("! Content-Encoding\nCache-Control: no-store") x 3,
 "Cache-Control: no-store"]



=== TEST 5: an inflated page varies with what the client takes
--- user_files eval: $::Files
--- http_config eval: $::Http
--- config eval
"$::Csp
 gzip_vary on;
 location /gz/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /id/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /off {
     gzip_vary off;
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/gz/page.html;
 }
"
--- request eval
["GET /gz/page.html", "GET /id/page.html", "GET /off"]
--- more_headers
Accept-Encoding: gzip
--- response_headers eval
["! Content-Encoding\nVary: Accept-Encoding", "! Vary", "! Vary"]



=== TEST 6: and nginx compresses what goes out
--- user_files eval: $::Files
--- http_config eval: $::Http
--- config eval
"location /t {
     gzip on; gzip_min_length 1; gzip_proxied any;
     $::Csp
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/gz/page.html;
     proxy_set_header Accept-Encoding gzip;
 }
 location /out {
     gunzip on;
     proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/t;
     proxy_set_header Accept-Encoding gzip;
     proxy_http_version 1.1;
     add_header X-Was \$upstream_http_content_encoding;
 }
"
--- request
GET /out
--- rewritten: page
--- response_headers
X-Was: gzip



=== TEST 7: a gzip body that is none, or is cut
--- user_files eval: $::Files
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /gz/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /gz1/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /br/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /two/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /cut/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /id/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
"
--- request
GET /cut/page.html
--- ignore_response
--- response_body_unlike eval: $::Secret
--- error_log
rtcsp: upstream's gzip body is broken



=== TEST 8: other encodings, or two of them, are refused
--- user_files eval: $::Files
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /gz/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; proxy_set_header Accept-Encoding gzip; }
 location /gz1/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; proxy_set_header Accept-Encoding gzip; }
 location /br/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; proxy_set_header Accept-Encoding gzip; }
 location /two/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; proxy_set_header Accept-Encoding gzip; }
 location /cut/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; proxy_set_header Accept-Encoding gzip; }
 location /id/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; proxy_set_header Accept-Encoding gzip; }
"
--- request eval
["GET /br/page.html", "GET /br/data.json", "GET /two/page.html",
 "HEAD /br/page.html"]
--- error_code eval
[502, 502, 502, 502]
--- response_body_unlike eval
["$::Secret", "$::Secret", "$::Secret", "$::Secret"]
--- raw_response_headers_like eval
["nonce-[\\w-]{32}", "nonce-[\\w-]{32}", "nonce-[\\w-]{32}", "nonce-[\\w-]{32}"]
--- error_log
rtcsp: upstream sent text in an encoding other than gzip



=== TEST 9: a binary type in another encoding passes
--- user_files
>>> a.png
binary
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /gz/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /gz1/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /br/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /two/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /cut/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
 location /id/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
"
--- request
GET /br/a.png
--- response_headers
Content-Encoding: br
--- response_body
binary



=== TEST 10: what is no page is overwritten, and keeps its length
--- user_files eval: $::Files
--- config eval
"$::Csp"
--- request eval
["GET /data.json", "GET /only.html"]
--- response_body eval
["{\"a\": \"" . 'x' x 32 . "\", \"b\": \"<script nonce=" . 'x' x 32 . ">\"}\n",
 'x' x 32 . "\n"]
--- response_headers eval
["Content-Length: 98\n! Cache-Control", "Content-Length: 33"]



=== TEST 11: an empty page
--- config eval
"$::Csp
 location /t { default_type text/html; return 200 ''; }"
--- request
GET /t
--- response_body eval: ""



=== TEST 12: SSI: the placeholder of the page and of its parts
--- user_files eval
$::Files . ">>> ssi.html\n<script nonce=\"$::Secret\"></script>"
. "<!--#include virtual=\"/frag.html\" --><!--#include virtual=\"/up/frag.html\" -->"
. "pH7-place<!--#include virtual=\"/rest\" -->|\n"
--- http_config eval: $::Http
--- config eval
"$::Csp
 ssi on;
 location /up/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }
 location /rest { default_type text/html; return 200 'holder_0123456789abcdef'; }
"
--- request
GET /ssi.html
--- response_body_like: ^<script nonce="([\w-]{32})"></script><script nonce=\1></script>\n<script nonce=\1></script>\nx{32}\|\n$
--- response_body_unlike eval: $::Secret



=== TEST 13: a block that SSI sends again, and what charset makes of it
--- user_files eval
">>> stub.html\n<!--#block name=\"one\" --><script nonce=\"$::Secret\"></script>"
. '<!--#endblock -->' . CORE::join '', map {
"<!--#include virtual=\"$_\" stub=\"one\" --><textarea>"
. "<!--#include virtual=\"$_\" stub=\"one\" --></textarea>|" } '/fail', '/koi'
--- http_config
charset_map koi8-r utf-8 { C0 D18E; }
--- config eval
"$::Csp
 ssi on;
 location /fail { return 503; }
 location /koi { default_type text/html; charset koi8-r; source_charset utf-8;
                 return 503; }
"
--- request
GET /stub.html
--- response_body_like: ^(<script nonce="(?!x)[\w-]{32}"></script><textarea><script nonce="x{32}"></script></textarea>\|){2}



=== TEST 14: sub_filter, addition and gunzip have done their work before
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /t.html {
     alias \$TEST_NGINX_HTML_DIR/frag.html;
     sub_filter 'script' 'style';
     sub_filter_once off;
     add_after_body /after;
 }
 location /after { default_type text/html; return 200 '<script nonce=$::Secret></script>'; }
"
--- request
GET /t.html
--- response_body_like: ^<style nonce=([\w-]{32})></style>\n<script nonce=\1></script>$



=== TEST 15: auth_request and mirror leave the page alone
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /page.html { auth_request /auth; mirror /mirror; root \$TEST_NGINX_HTML_DIR; }
 location /auth { default_type text/html; return 200 '$::Secret'; }
 location /mirror { internal; default_type text/html; return 200 '$::Secret'; }
"
--- request
GET /page.html
--- rewritten: page



=== TEST 16: X-Accel-Redirect
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /t { proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/accel; }
 location /accel { default_type text/html; add_header X-Accel-Redirect /in/page.html; return 200 'no'; }
 location /in/ { internal; alias \$TEST_NGINX_HTML_DIR/; }
"
--- request
GET /t
--- rewritten: page



=== TEST 17: the secret in response headers, in the type and in the status line
--- config eval
"$::Csp
 location /t {
     add_header Link '</a.js>; rel=preload; nonce=$::Secret';
     add_header Set-Cookie 'a=$::Secret';
     default_type 'text/html; x=$::Secret';
     return 200 'a';
 }
 location /302 { return 302 /$::Secret; }
"
--- request eval
["GET /t", "GET /302"]
--- error_code eval
[200, 302]
--- raw_response_headers_unlike eval
["$::Secret", "$::Secret"]
--- raw_response_headers_like eval
["Set-Cookie: a=" . 'x' x 32, "Location: .*/" . 'x' x 32]



=== TEST 18: HTTP/2-like: a HEAD of everything
--- user_files eval: $::Files
--- http_config eval: $::Http
--- config eval
"$::Csp
 location /gz/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock; }
"
--- request eval
["HEAD /page.html", "HEAD /gz/page.html", "HEAD /data.json"]
--- more_headers
Accept-Encoding: gzip
--- response_headers eval
[("! ETag\n! Last-Modified\n! Content-Encoding\nCache-Control: no-store") x 2,
 "! Cache-Control"]



=== TEST 19: a charset whose bytes are not ASCII gets no nonce
--- user_files eval: $::Files
--- config eval
"$::Csp
 location /u16 { alias \$TEST_NGINX_HTML_DIR/frag.html; default_type text/html; types {} charset utf-16; }
 location /jp { default_type 'text/html; charset=ISO-2022-JP'; return 200 '<script nonce=$::Secret>'; }
 location /sjis { default_type 'text/html; charset=\"Shift_JIS\"'; return 200 '<script nonce=$::Secret>'; }
 location /two { default_type 'text/html; xcharset=utf-8; charset=utf-16'; return 200 '<script nonce=$::Secret>'; }
 location /more { default_type 'text/html; charset=iso-8859-1, text/html'; return 200 '<script nonce=$::Secret>'; }
"
--- request eval
["GET /u16", "GET /jp", "GET /two", "GET /more", "GET /sjis"]
--- response_body_like eval
[("^<script nonce=x{32}>") x 4, "^<script nonce=(?!x{32})[\\w-]{32}>"]
--- raw_response_headers_like eval
[("script-src 'self'\r\n") x 4, "script-src 'self' 'nonce-"]



=== TEST 20: a type with parameters of its own
--- config eval
"$::Csp
 location /t { default_type 'text/html; x=1'; return 200 '<script nonce=$::Secret>'; }
 location /c { default_type 'text/html; x=1'; charset utf-8; return 200 '<script nonce=$::Secret>'; }
"
--- request eval
["GET /t", "GET /c"]
--- response_body_like eval
[("^<script nonce=(?!x{32})[\\w-]{32}>\$") x 2]
--- response_headers eval
["Content-Type: text/html; x=1", "Content-Type: text/html; x=1"]



=== TEST 21: a secret that is cut at the very end
--- config eval
"$::Csp
 location /t { default_type text/html; return 200 '<p>pH7-placeholder_01234'; }
"
--- request
GET /t
--- response_body eval: '<p>' . 'x' x 21



=== TEST 22: a file in gzip that only add_header tells of
--- user_files eval: [map { [$_ => $::Gzipped] } qw(a b c)]
--- config eval
"$::Csp
 location /a { default_type text/html; add_header Content-Encoding gzip; }
 location /b { default_type text/plain; add_header Content-Encoding gzip; }
 location /c { default_type text/plain;
               add_header Content-Encoding 'identity, , X-Gzip'; }
"
--- request eval
["GET /a", "GET /b", "GET /c"]
--- response_headers eval
["! Content-Encoding\n! ETag", ("! Content-Encoding\n! Accept-Ranges") x 2]
--- raw_response_headers_unlike eval
["ETag", ("ETag: \"") x 2]
--- response_body_like eval
["^<script nonce=(?!x{32})[\\w-]{32}></script>\$",
 ("^<script nonce=x{32}></script>\$") x 2]



=== TEST 23: a type with blanks in front, as add_header and default_type allow
--- config eval
"$::Csp
 location /t { default_type ' \t text/html'; return 200 '<script nonce=$::Secret>'; }
"
--- request
GET /t
--- response_body_like: ^<script nonce=(?!x{32})[\w-]{32}>$



=== TEST 24: srcdoc and noscript, whose scripts are text to this page
--- user_files eval
">>> page.html\n<iframe srcdoc=\"<script nonce=$::Secret></script>\"></iframe>"
. "<iframe srcdoc='<script nonce=&#34;$::Secret&#34;></script>'></iframe>"
. "<noscript><style nonce=$::Secret></style><script nonce=$::Secret></script>"
. "</noscript><script nonce=\"$::Secret\"></script>\n"
--- config eval: $::Csp
--- request
GET /page.html
--- response_body_like eval
my $x = 'x' x 32;
qr{^<iframe srcdoc="<script nonce=$x></script>"></iframe><iframe srcdoc='<script nonce=&#34;$x&#34;></script>'></iframe><noscript><style nonce=$x></style><script nonce=$x></script></noscript><script nonce="[\w-]{32}"></script>$}

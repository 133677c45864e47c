# Where a nonce comes from and where it goes.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Secret = 'pH7-placeholder_0123456789abcdef';

$ENV{RTCSP_TEST_SECRET} = $Secret;

our $Page = "<!doctype html><html><head><title>t</title>"
            . "<script nonce=\"$Secret\">run()</script>"
            . "<style nonce='$Secret'>a{}</style>"
            . "<link rel=stylesheet nonce=$Secret href=a.css>"
            . "</head><body><p>text $Secret</p><!-- $Secret -->"
            . "<img alt=\"$Secret\"></body></html>";

# inside nginx's quotes

(our $Quoted = $Page) =~ s/'/\\'/g;

our $Http = <<"_EOC_";
    server {
        listen unix:\$TEST_NGINX_HTML_DIR/up.sock;
        root \$TEST_NGINX_HTML_DIR;
        default_type text/html;
        location /page.html { return 200 '$Quoted'; }
        location /echo { return 200 "nonce=\$http_x_csp_nonce other=\$http_x_other "; }
        location /under { return 200 "[\$http_x_csp_nonce]"; }
        location /headers {
            add_header X-Range "[\$http_range]";
            add_header X-If-None-Match "[\$http_if_none_match]";
            add_header X-Encoding "[\$http_accept_encoding]";
            return 200 '$Quoted';
        }
    }
_EOC_

our %Seen;

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->fresh_nonces;

    my ($nonce) = $body =~ /<script nonce="([\w-]{32})">/;
    my $name = $block->name;

    Test::More::ok($nonce, "$name - there is a nonce (req $req_idx)");
    Test::More::ok(!$Seen{$nonce // ''}++,
                   "$name - the nonce is new (req $req_idx)");
});

plan_all();
run_tests();

__DATA__

=== TEST 1: the placeholder becomes the nonce where it is one, and x elsewhere
--- http_config eval: $::Http
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src style-src;
    rtcsp_nonce placeholder=data:$::Secret;
    default_type text/html;
    return 200 '$::Quoted';
}"
--- request
GET /t
--- response_body_like eval
my $x = 'x' x 32;
qr/<script nonce="([\w-]{32})">run.*<style nonce='\1'>.*nonce=\1 href.*text $x<.*-- $x --.*alt="$x"/
--- response_body_unlike eval: $::Secret
--- response_headers eval
"Cache-Control: no-store\n! ETag\n! Last-Modified\nContent-Length: "
. length $::Page



=== TEST 2: the header has the nonce of the body
--- http_config eval: $::Http
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src style-src;
    rtcsp_nonce placeholder=data:$::Secret;
    add_header X-Nonce \$rtcsp_nonce;
    proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/page.html;
    sub_filter '</html>' 'end \$rtcsp_nonce</html>';
}"
--- request
GET /t
--- raw_response_headers_like: (?s)X-Nonce: ([\w-]{32})\r\n.*Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'self'; script-src 'self' 'nonce-\1'; style-src 'self' 'nonce-\1'\r\n
--- response_body_like: <script nonce="([\w-]{32})">run.*end \1<



=== TEST 3: a fresh one for each response
--- http_config eval: $::Http
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/page.html;
}"
--- request eval
[("GET /t") x 80]
--- fresh_nonces



=== TEST 4: and for each response out of nginx's own cache
--- http_config eval
"proxy_cache_path \$TEST_NGINX_HTML_DIR/cache keys_zone=c:1m;\n" . $::Http
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    proxy_cache c;
    proxy_cache_valid 1h;
    add_header X-Cache \$upstream_cache_status;
    proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/page.html;
}"
--- request eval
[("GET /t") x 4]
--- response_headers eval
["X-Cache: MISS", ("X-Cache: HIT\nCache-Control: no-store") x 3]
--- fresh_nonces



=== TEST 5: another length of the placeholder
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:ABCDEFGHIJKLMNOPQRSTUV;
        default_type text/html;
        return 200 '<script nonce=ABCDEFGHIJKLMNOPQRSTUV></script>ABCDEFGHIJKLMNOPQRSTUV.';
    }
--- request
GET /t
--- response_body_like: ^<script nonce=[\w-]{32}></script>x{22}\.$
--- response_headers
! Content-Length
Transfer-Encoding: chunked



=== TEST 6: HEAD does not say another length
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:ABCDEFGHIJKLMNOPQRSTUV;
        default_type text/html;
        return 200 '<script nonce=ABCDEFGHIJKLMNOPQRSTUV></script>';
    }
--- request
HEAD /t
--- response_headers
! Content-Length
Cache-Control: no-store
--- raw_response_headers_like: Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'self'; script-src 'self' 'nonce-[\w-]{32}'\r\n



=== TEST 7: a secret from the environment and from a file
--- main_config
env RTCSP_TEST_SECRET;
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=env:RTCSP_TEST_SECRET;
        default_type text/html;
        return 200 '<script nonce=pH7-placeholder_0123456789abcdef></script>';
    }
--- request
GET /t
--- response_body_like: ^<script nonce=(?!pH7)[\w-]{32}></script>$



=== TEST 8: preset superset brings its own nonce_in
--- config eval
"location /t {
    rtcsp superset;
    rtcsp_nonce placeholder=data:$::Secret;
    default_type text/html;
    return 200 '$::Quoted';
}"
--- request
GET /t
--- raw_response_headers_like: Content-Security-Policy: .*script-src 'self' 'strict-dynamic' 'nonce-[\w-]{32}'



=== TEST 9: header: upstream gets the nonce, whatever the client sent
--- http_config eval: $::Http
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce header;
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/up.sock:/echo;
        add_header X-Nonce $rtcsp_nonce;
    }
--- request
GET /t
--- more_headers
X-CSP-Nonce: evil
x-csp-nonce: evil2
X-Other: kept
--- response_body_like: ^nonce=[\w-]{32} other=kept $
--- raw_response_headers_like: (?s)X-Nonce: ([\w-]{32})\r\n.*script-src 'self' 'nonce-\1'
--- response_headers
Cache-Control: no-store



=== TEST 10: header: underscores are dashes to a CGI application
--- http_config eval: $::Http
--- config
    underscores_in_headers on;
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce header;
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/up.sock:/under;
    }
--- request
GET /t
--- more_headers
X_CSP_Nonce: evil
--- response_body_like: ^\[[\w-]{32}\]$



=== TEST 11: header: a name of one's own
--- http_config eval: $::Http
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce header=X-Other;
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/up.sock:/echo;
    }
--- request
GET /t
--- response_body_like: ^nonce= other=[\w-]{32} $



=== TEST 12: header: a page out of the cache holds another nonce, so none is sent
--- http_config eval
"proxy_cache_path \$TEST_NGINX_HTML_DIR/cache keys_zone=c:1m;\n" . $::Http
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce header;
        proxy_cache c;
        proxy_cache_valid 1h;
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/up.sock:/echo;
    }
--- request eval
["GET /t", "GET /t"]
--- raw_response_headers_like eval
["script-src 'self' 'nonce-[\\w-]{32}'\r\n", "script-src 'self'\r\n"]



=== TEST 13: off: no nonce, and the variable is empty
--- config
    location /t {
        rtcsp talisman;
        default_type text/html;
        return 200 "[$rtcsp_nonce]";
    }
--- request
GET /t
--- response_body: []
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'
! Cache-Control



=== TEST 14: the nonce survives an internal redirect, subrequests share it
--- http_config eval: $::Http
--- config eval
"rtcsp talisman;
rtcsp_nonce_in script-src;
rtcsp_nonce placeholder=data:$::Secret;
location /t {
    set \$first \$rtcsp_nonce;
    try_files /absent /two;
}
location /two {
    try_files /absent \@three;
}
location \@three {
    ssi on;
    default_type text/html;
    return 200 '\$first <script nonce=$::Secret></script><!--#include virtual=\"/frag\" -->';
}
location /frag {
    default_type text/html;
    return 200 '<script nonce=$::Secret>\$rtcsp_nonce</script>';
}"
--- request
GET /t
--- response_body_like: ^([\w-]{32}) <script nonce=\1></script><script nonce=\1>\1</script>$



=== TEST 15: error pages
--- config eval
"rtcsp talisman;
rtcsp_nonce_in script-src;
rtcsp_nonce placeholder=data:$::Secret;
error_page 404 /error;
location /t {
    set \$first \$rtcsp_nonce;
    return 404;
}
location /error {
    internal;
    default_type text/html;
    return 200 '\$first <script nonce=$::Secret></script>';
}"
--- request
GET /t
--- error_code: 404
--- response_body_like: ^([\w-]{32}) <script nonce=\1></script>$
--- raw_response_headers_like: nonce-[\w-]{32}'



=== TEST 16: redirects and 204 get a policy without one, and stay cacheable
--- config eval
"rtcsp talisman;
rtcsp_nonce_in script-src;
rtcsp_nonce placeholder=data:$::Secret;
location /301 { return 301 /there; }
location /204 { return 204; }
location /json { default_type application/json; return 200 '{}'; }"
--- request eval
["GET /301", "GET /204", "GET /json"]
--- error_code eval
[301, 204, 200]
--- response_headers eval
[("Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'self'; script-src 'self'\n! Cache-Control") x 3]



=== TEST 17: report-only with the same nonce
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    rtcsp_report_uri /r;
    rtcsp_report_only_policy \"default-src 'self'; script-src 'self' https:\";
    default_type text/html;
    return 200 '<script nonce=$::Secret></script>';
}"
--- request
GET /t
--- raw_response_headers_like: (?s)Content-Security-Policy: [^\r]*'nonce-([\w-]{32})'; report-uri /r\r\n.*Content-Security-Policy-Report-Only: [^\r]*script-src 'self' https: 'nonce-\1'; report-uri /r\r\n



=== TEST 18: $rtcsp_event never tells the nonce; access_log cannot
--- http_config
    log_format n escape=none 'nonce=[$rtcsp_nonce] event=$rtcsp_event';
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    default_type text/html;
    access_log logs/error.log n;
    add_header X-Nonce \$rtcsp_nonce;
    return 200 '$::Quoted';
}"
--- request
GET /t
--- error_log
nonce=[] event={"policy":"enforce","report":false,"nonce":true,"replaced":3,"scrubbed":3}



=== TEST 19: rtcsp off: no headers, but the secret is still overwritten
--- config eval
"rtcsp talisman;
rtcsp_nonce_in script-src;
rtcsp_nonce placeholder=data:$::Secret;
location /t {
    rtcsp off;
    default_type text/html;
    return 200 '$::Quoted';
}"
--- request
GET /t
--- response_headers
! Content-Security-Policy
! Cache-Control
--- response_body_like: <script nonce="x{32}">run.*<style nonce='x{32}'>
--- response_body_unlike eval: $::Secret



=== TEST 20: rtcsp_cache private; caching headers of all kinds go
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    rtcsp_cache private;
    default_type text/html;
    expires 1h;
    add_header CDN-Cache-Control max-age=60;
    add_header Surrogate-Control max-age=60;
    add_header Vercel-CDN-Cache-Control max-age=60;
    add_header Edge-Control max-age=60;
    return 200 '$::Quoted';
}"
--- request
GET /t
--- response_headers
Cache-Control: private, no-cache
! Expires
! CDN-Cache-Control
! Surrogate-Control
! Vercel-CDN-Cache-Control
! Edge-Control



=== TEST 21: what upstream is asked for
--- http_config eval: $::Http
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/headers;
}"
--- request eval
[("GET /t") x 6]
--- more_headers eval
["Range: bytes=0-10\nIf-None-Match: \"a\"\nAccept-Encoding: br, gzip, zstd",
 "Accept-Encoding: br, zstd", "Accept-Encoding: gzip;q=0, br",
 "Accept-Encoding: br;q=1.0, gzip;q=0.8",
 "Accept-Encoding: gzip;\tq=0", "Accept-Encoding: gzip2, gzip"]
--- response_headers eval
["X-Range: []\nX-If-None-Match: []\nX-Encoding: [gzip]",
 "X-Encoding: []", "X-Encoding: []", "X-Encoding: [gzip]",
 "X-Encoding: []", "X-Encoding: [gzip]"]
--- error_code eval
[(200) x 6]



=== TEST 22: without a placeholder upstream is asked what the client asks
--- http_config eval: $::Http
--- config
    location /t {
        rtcsp talisman;
        proxy_pass http://unix:$TEST_NGINX_HTML_DIR/up.sock:/headers;
    }
--- request
GET /t
--- more_headers
Range: bytes=0-10
Accept-Encoding: br
--- response_headers
X-Range: [bytes=0-10]
X-Encoding: [br]



=== TEST 23: a policy kept from upstream lists no nonce of ours, so none is placed
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    rtcsp_upstream keep;
    add_header Content-Security-Policy \"script-src 'none'\";
    default_type text/html;
    return 200 '$::Quoted';
}"
--- request
GET /t
--- response_headers
Content-Security-Policy: script-src 'none'
X-Frame-Options: SAMEORIGIN
--- response_body_like: <script nonce="x{32}">



=== TEST 24: append: both policies hold, other headers cannot stand twice
--- config eval
"location /t {
    rtcsp talisman;
    rtcsp_upstream append;
    add_header Content-Security-Policy \"script-src 'none'\";
    add_header X-Frame-Options DENY;
    return 200;
}"
--- request
GET /t
--- raw_response_headers_like: (?s)^(?!.*DENY).*Content-Security-Policy: script-src 'none'\r\n.*Content-Security-Policy: default-src 'self'; object-src 'none'\r\n



=== TEST 25: a log gets no nonce out of what was worked out before
--- http_config eval
"$::Http
 log_format nonce 'n=[\$rtcsp_nonce]';"
--- config eval
"rtcsp talisman;
 rtcsp_nonce header;
 location /under {
     add_header X-Nonce \$rtcsp_nonce;
     proxy_set_header X-Other \$rtcsp_nonce;
     access_log logs/error.log nonce;
     proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock;
 }"
--- request
GET /under
--- response_body_like: ^\[[\w-]{32}\]$
--- error_log
n=[-]



=== TEST 26: an escape sequence in a page without a charset
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:pH7-placeholder_0123456789abcdef;
        default_type text/html;

    }
--- user_files eval
">>> t/p
\x1b(B<script nonce=$::Secret>a</script>"
--- request
GET /t/p
--- response_body_like eval
qr/^\x1b[(]B<script nonce=(?!pH7)x{32}>a<.script>/
--- response_body_unlike eval
qr/$::Secret/



=== TEST 27: an escape sequence in a page with one
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:pH7-placeholder_0123456789abcdef;
        default_type text/html;
        charset utf-8;
    }
--- user_files eval
">>> t/p
\x1b(B<script nonce=$::Secret>a</script>"
--- request
GET /t/p
--- response_body_like eval
qr/^\x1b[(]B<script nonce=(?!pH7)[A-Za-z0-9_-]{32}>a<.script>/
--- response_body_unlike eval
qr/$::Secret|nonce=x{32}/



=== TEST 28: a byte order mark of UTF-16, which wins over any charset
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:pH7-placeholder_0123456789abcdef;
        default_type text/html;
        charset utf-8;
    }
--- user_files eval
">>> t/p
\xff\xfe<script nonce=$::Secret>a</script>"
--- request
GET /t/p
--- response_body_like eval
qr/^\xff\xfe<script nonce=(?!pH7)x{32}>a<.script>/
--- response_body_unlike eval
qr/$::Secret/

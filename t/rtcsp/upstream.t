# rtcsp_nonce upstream: the nonce that an application made is the placeholder
# of its response.

use lib 't/lib';
use RT qw(rtcsp);

my $dir = $ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $T = 'App0nonce-Of_this.response123456' =~ s/\./x/r;
our $Type = 'default_type text/html;';

our $G = 'aB+cdEFGHIJ/klMNopqrSTuv==';

# an application: a page with its nonce, spelled as in a policy or otherwise

sub page {
    my ($n) = @_;

    return "<script nonce=\"$n\">run()</script><style nonce='$n'></style>"
           . "<p title=\"$n\">$n</p>";
}

sub quoted {
    my ($text) = @_;

    return '"' . $text =~ s/(["\\])/\\$1/gr . '"';
}

# type, body and whatever the response has beside them

sub app {
    my ($uri, $type, $body, @lines) = @_;

    return "location $uri { default_type " . quoted($type) . "; @lines"
           . " return 200 " . quoted($body) . "; }\n";
}

sub csp {
    my ($policy, $name) = (@_, 'Content-Security-Policy');

    return "add_header $name " . quoted($policy) . ' always;';
}

sub html {
    my ($uri, $nonce, $spelled, @lines) = @_;

    return app($uri, 'text/html', page($spelled // $nonce),
               csp("script-src 'nonce-$nonce'"), @lines);
}

our $Csp = csp("script-src 'nonce-$T'");

our @Lasting = ("add_header Cache-Control max-age=60;",
                "add_header ETag '\"e\"';");

our $Http = "
    proxy_cache_path $dir/cache keys_zone=c:1m;
    server {
        listen unix:$dir/up.sock;
" . join '',
    html('/new', '$request_id'),
    html('/fixed', $T, $T,
         "add_header Link '</a.js>; rel=preload; nonce=$T';",
         "add_header ETag '\"e\"';"),
    html('/reflect', '$arg_n', '$arg_n', @Lasting),
    html('/header', '$http_x_n'),
    html('/cookie', '$cookie_n'),
    html('/short', 'fifteenletters0', 'fifteenletters0', @Lasting),
    html('/odd', 'sixteen!letters0', 'sixteen!letters0', @Lasting),
    html('/plus', 'ab+cd+ef+gh+ij+kl+'),
    html('/go', $G, $G =~ s/\+/&#43;/r),
    html('/razor', $G, $G =~ s/\+/&#x2B;/r =~ s/\//&#x2f;/r =~ s/=/&#x3D;/gr),
    html('/br', $T, $T, 'add_header Content-Encoding br;'),
    html('/accel', "B$T", $T, 'add_header X-Accel-Redirect /fixed;'),
    app('/two', 'text/html', page($T), csp("script-src 'nonce-$T'"),
        csp("style-src 'nonce-B$T'"), @Lasting),
    app('/none', 'text/html', page($T), csp("script-src 'self'"),
        "add_header ETag '\"e\"';"),
    app('/img', 'text/html', page($T), csp("img-src 'nonce-$T'")),
    app('/lines', 'text/html', page($T),
        csp("img-src *, script-src 'nonce-$T' 'self'"),
        csp("script-src-elem 'NONCE-$T'; report-uri /?$T"),
        csp("style-src 'nonce-$T'; img-src 'nonce-$T'",
            'Content-Security-Policy-Report-Only')),
    app('/json', 'application/json', "{\"n\":\"$T\"}", $Csp,
        "add_header ETag '\"e\"';"),
    app('/image', 'image/png', '0123456789', $Csp),
    app('/shortimage', 'image/png', '0123456789',
        csp("script-src 'nonce-short'"), @Lasting),
    app('/plain', 'text/css', '0123456789', csp("script-src 'self'")),
    app('/svg', 'image/svg+xml', "<svg><script nonce=\"$T\"/></svg>", $Csp),
    app('/utf16', 'text/html; charset=utf-16', page($T), $Csp),
    app('/asked', 'text/html', '[$http_range][$http_if_none_match]'
        . '[$http_accept_encoding]'),
    app('/ssi', 'text/html', "<script nonce=\"$T\"></script>"
        . '<!--#include virtual="/part" -->', $Csp),
    app('/part', 'text/html', "<script nonce=\"$T\"></script>"),
    "location /304 { $Csp return 304; }
     location /302 { $Type $Csp return 302 /there; }
     location /404 { $Type $Csp return 404; }
     location /204 { $Type $Csp return 204; }
    }
";

our $Proxy = "proxy_pass http://unix:$dir/up.sock:/;";
our $Config = "
    rtcsp_nonce upstream;
    location /u/ { $Proxy }
    location /c/ { $Proxy proxy_cache c; proxy_cache_valid 1h;
        add_header X-Cache \$upstream_cache_status; }
    location /s/ { ssi on; $Proxy }
    location /static { $Type
        add_header Content-Security-Policy \"script-src 'nonce-\$request_id'\";
        return 200 \"<script nonce=\$request_id></script>\"; }
";

our %Seen;

# each block with "re-minted": one nonce, in policy and page, never seen before

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->reminted;

    my $name = $block->name . " (req $req_idx)";
    my ($nonce) = $body =~ /<script nonce="?([\w&#;+\/=-]+)/;

    Test::More::ok($nonce && !$Seen{$nonce}++, "$name - a new nonce");
    Test::More::unlike($body, qr/\Q$::T\E|klMNopqrSTuv/,
                       "$name - upstream's is not in the page");
});

plan_all();
run_tests();

__DATA__

=== TEST 1: upstream's nonce becomes ours in policy and page, x elsewhere
--- http_config eval: $::Http
--- config eval: $::Config
--- request
GET /u/fixed
--- reminted
--- raw_response_headers_like eval
"(?s)Policy: script-src 'nonce-[\\w-]{32}'\r\n.*"
. "Link: </a.js>; rel=preload; nonce=x{32}\r\n"
--- raw_response_headers_unlike eval: $::T
--- response_headers
Cache-Control: no-store
--- response_body_like: ^<script nonce="([\w-]{32})">run\(\)</script><style nonce='\1'></style><p title="x{32}">x{32}</p>$



=== TEST 2: the length stays, header and page agree
--- http_config eval: $::Http
--- config eval: $::Config
--- request
GET /u/fixed
--- response_headers eval: 'Content-Length: ' . length main::page($::T)



=== TEST 3: a new one for each response of the cache
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: [('GET /c/new') x 4]
--- reminted
--- response_headers eval
["X-Cache: MISS", ("X-Cache: HIT\nCache-Control: no-store") x 3]



=== TEST 4: several lines, several policies in one, both names
--- http_config eval: $::Http
--- config eval: $::Config
--- request
GET /u/lines
--- reminted
--- raw_response_headers_like: (?s)Policy: img-src \*, script-src 'nonce-([\w-]{32})' 'self'\r\n.*Policy: script-src-elem 'NONCE-\1'; report-uri /\?x{32}\r\n.*Report-Only: style-src 'nonce-\1'; img-src 'nonce-\1'\r\n
--- raw_response_headers_unlike eval: $::T



=== TEST 5: base64, as Go and ASP.NET spell it in a page
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: ['GET /u/go', 'GET /u/razor']
--- reminted
--- response_body_like eval
[qr/^<script nonce="(aB&#43;cdEFGHIJ\/[\w-]{32}==)">run\(\)<\/script><style nonce='\1'><\/style><p title="aB&#43;cdEFGHIJ\/x{12}==">/,
 qr/^<script nonce="(aB&#x2B;cdEFGHIJ&#x2f;[\w-]{32}&#x3D;&#x3D;)">run/]
--- raw_response_headers_like eval
["'nonce-aB\\+cdEFGHIJ/[\\w-]{32}=='", "'nonce-aB\\+cdEFGHIJ/[\\w-]{32}=='"]



=== TEST 6: what is no page has a new nonce in its policy, and no old one
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: [map { "GET /u/$_" } qw(json svg image 302 204)]
--- error_code eval: [200, 200, 200, 302, 204]
--- raw_response_headers_like eval
[("script-src 'nonce-[\\w-]{32}'\r\n") x 5]
--- raw_response_headers_unlike eval: [($::T) x 5]
--- response_body_unlike eval: [($::T) x 5]
--- response_headers eval: ['ETag: "e"', ('! Cache-Control') x 4]



=== TEST 7: 404 and HEAD as well; 304 has no policy
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: ['GET /u/404', 'HEAD /u/fixed', 'GET /u/304']
--- error_code eval: [404, 200, 304]
--- raw_response_headers_like eval
["Policy: script-src 'nonce-[\\w-]{32}'", "Policy: script-src 'nonce-[\\w-]{32}'",
 'HTTP/1.1 304']
--- raw_response_headers_unlike eval: [$::T, "$::T|ETag", 'Policy']



=== TEST 8: no nonce of upstream: nothing is rewritten
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: ['GET /u/none', 'GET /u/img']
--- response_body eval: [(main::page($::T)) x 2]
--- response_headers eval
["ETag: \"e\"\n! Cache-Control\nContent-Security-Policy: script-src 'self'",
 "Content-Security-Policy: img-src 'nonce-$::T'"]



=== TEST 9: too short, no base64, no run of letters, or several: left alone
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: [map { "GET /u/$_" } qw(short odd plus two)]
--- response_body eval
[main::page('fifteenletters0'), main::page('sixteen!letters0'),
 main::page('ab+cd+ef+gh+ij+kl+'), main::page($::T)]



=== TEST 10: and not kept in the cache
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: [map { ("GET /c/$_") x 2 } 'short', 'reflect?n=abcdefghijklmnopq']
--- response_headers eval: [('X-Cache: MISS') x 4]
--- ignore_response_body



=== TEST 11: nor in one farther on; what is no page stays there
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval
[map { "GET /u/$_" } qw(short odd two reflect?n=abcdefghijklmnopq shortimage)]
--- raw_response_headers_like eval
[('Cache-Control: no-store\r\n') x 4, 'Cache-Control: max-age=60\r\n']
--- raw_response_headers_unlike eval
[('max-age|ETag|Expires') x 4, 'no-store']
--- ignore_response_body



=== TEST 12: what the client asked for is nobody's nonce
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval
['GET /u/reflect?n=abcdefghijklmnopq', 'GET /u/header',
 'GET /u/cookie']
--- more_headers eval
['', 'X-N: abcdefghijklmnopq', 'Cookie: a=b; n=abcdefghijklmnopq']
--- response_body eval: [(main::page('x' x 17)) x 3]
--- raw_response_headers_like eval
[("Policy: script-src 'nonce-[\\w-]{32}'\r\n") x 3]
--- response_headers eval: [('Cache-Control: no-store') x 3]



=== TEST 13: upstream is asked for the whole; nginx cuts what has no nonce
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: ['GET /u/asked', 'GET /u/plain', 'GET /u/image', 'GET /u/fixed']
--- more_headers
Range: bytes=0-8
If-None-Match: "x"
Accept-Encoding: br, gzip
--- error_code eval: [206, 206, 206, 200]
--- response_body_like eval: ['^\[\]\[\]\[gzip$', '^012345678$', '^012345678$', '^<script']



=== TEST 14: what cannot be read: another encoding is not sent, UTF-16 not run
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval: ['GET /u/br', 'GET /u/utf16']
--- error_code eval: [502, 200]
--- raw_response_headers_unlike eval: [$::T, $::T]
--- response_body_unlike eval: [$::T, $::T]



=== TEST 15: X-Accel-Redirect, a page of parts, add_header of nginx itself
--- http_config eval: $::Http
--- config eval
my $part = $::Proxy =~ s{:/;}{:/part;}r;
"$::Config location = /part { $part } location = /fixed {"
. $::Proxy =~ s{:/;}{:/fixed;}r . '}'
--- request eval: ['GET /u/accel', 'GET /s/ssi', 'GET /static']
--- reminted
--- raw_response_headers_like eval: [("'nonce-[\\w-]{32}'") x 3]
--- response_body_like eval
['^<script nonce="[\w-]{32}">run',
 '^<script nonce="([\w-]{32})"></script><script nonce="\1"></script>$',
 '^<script nonce=[\w-]{32}></script>$']



=== TEST 16: off in a location, and upstream beside other headers of ours
--- http_config eval: $::Http
--- config eval
"rtcsp strict; rtcsp_nonce upstream;
 location /off { rtcsp off; $::Proxy }
 location /none { rtcsp_nonce off; $::Proxy }
 location /u { $::Proxy }" =~ s{up.sock:/;}{up.sock:/fixed;}gr
--- request eval: ['GET /off', 'GET /none', 'GET /u']
--- raw_response_headers_like eval
["nonce-$::T'\r\n", "script-src 'strict-dynamic'",
 "(?s)nonce-[\\w-]{32}'\r\n.*X-Frame-Options"]
--- response_body_like eval
[$::T, $::T, '^<script nonce="[\w-]{32}">']
--- raw_response_headers_unlike eval: ['X-Frame', "'nonce", $::T]



=== TEST 17: a policy of ours for what has none, without a nonce
--- http_config eval: $::Http
--- config eval
"rtcsp strict; rtcsp_nonce upstream; location /u/ { $::Proxy }"
--- request
GET /u/part
--- raw_response_headers_like: script-src 'strict-dynamic'; 
--- raw_response_headers_unlike: nonce-
--- response_body eval: "<script nonce=\"$::T\"></script>"



=== TEST 18: a subrequest fills the cache
--- http_config eval: $::Http
--- config eval
"location /page { ssi on; $::Type
     return 200 '<!--#include virtual=\"/c/short\" -->'; }
 $::Config"
--- request eval: [('GET /page') x 2, 'GET /c/short']
--- response_headers eval: [('! X-Cache') x 2, 'X-Cache: MISS']
--- ignore_response_body



=== TEST 19: rtcsp_upstream that would drop its policy
--- config
    location /t { rtcsp_nonce upstream; rtcsp_upstream append; }
--- must_die
--- error_log
"rtcsp_nonce upstream" needs the policy of upstream: remove "rtcsp_upstream" in



=== TEST 20: rtcsp_upstream of an outer level does not matter
--- http_config eval: $::Http
--- config eval
"rtcsp_upstream append; location /u/ { rtcsp talisman; rtcsp_nonce upstream;
     $::Proxy }"
--- request
GET /u/fixed
--- reminted
--- raw_response_headers_unlike: default-src



=== TEST 21: what is told of it
--- http_config eval
"log_format n escape=none 'event=\$rtcsp_event nonce=[\$rtcsp_nonce]';" . $::Http
--- config eval
"access_log logs/error.log n;" . $::Config
--- request
GET /u/fixed
--- error_log
event={"policy":"enforce","report":false,"nonce":true,"replaced":2,"scrubbed":2} nonce=[]



=== TEST 22: what is left alone, and what somebody chose, is said once a location
--- http_config eval: $::Http
--- config eval: $::Config
--- raw_request eval
CORE::join('', map { "GET /u/$_ HTTP/1.1\r\nHost: x\r\n\r\n" }
     qw(short two odd reflect?n=abcdefghijklmnopq reflect?n=abcdefghijklmnopqr))
. "GET /u/br HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- ignore_response
--- grep_error_log eval: qr/rtcsp: [^,]*/
--- grep_error_log_out
rtcsp: left upstream's policy alone
rtcsp: upstream's nonce stands in the client's request
rtcsp: upstream sent text in an encoding other than gzip

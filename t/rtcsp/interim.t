# Interim responses (1xx) of upstream, a 101 that nobody asked for, HTTP/0.9:
# what follows such a head is no page that a policy holds for.

use lib 't/lib';
use RT qw(rtcsp);
use RT::Raw;

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Secret = 'pH7-placeholder_0123456789abcdef';
our $Page = "<script nonce=\"$Secret\">own=1</script><script>bad=1</script>";
our $Answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
              . "Connection: close\r\n\r\n$Page";

our $Csp = "rtcsp talisman; rtcsp_nonce_in script-src;"
           . "rtcsp_nonce placeholder=data:$Secret;";
our $Http = "proxy_cache_path $ENV{TEST_NGINX_HTML_DIR}/cache keys_zone=c:1m;";

# the status that ends the address, if any, comes before the answer

sub http {
    my ($request) = @_;

    return "a $Page" if $request =~ m{^\w+ /old};

    my ($status) = $request =~ m{^\w+ \S*?(\d{3}) HTTP} or return $Answer;

    return "HTTP/1.1 $status Some Words\r\nLink: </$Secret>\r\n"
           . "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n$Answer";
}

# the answer of an application server, with a whole response as its body

sub cgi {
    my ($status) = @_;

    return "Status: $status Some Words\r\nLink: </a>\r\n\r\n$Answer";
}

sub fastcgi {
    my ($text) = @_;

    return pack('CCnnCC', 1, 6, 1, length $text, 0, 0) . $text
           . pack('CCnnCC', 1, 6, 1, 0, 0, 0)
           . pack('CCnnCC', 1, 3, 1, 8, 0, 0) . pack('NN', 0, 0);
}

our $Port = RT::Raw::start(\&http);

# whose answer, behind an interim one without a body, is yet to come

our $Kept = RT::Raw::kept(sub {
    my ($request, $n) = @_;

    return "HTTP/1.1 102 Processing\r\nContent-Length: 0\r\n\r\n"
        if $request =~ m{/102};

    return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
           . "Content-Length: 1\r\n\r\n$n";
});

our $Cgi = RT::Raw::start(sub { $_[0] =~ /line/ ? http('GET /102 HTTP')
                                               : cgi(103) });
our $Fast = RT::Raw::start(sub { fastcgi(cgi($_[0] =~ /101/ ? 101 : 103)) });

sub curl {
    open my $fh, '-|', 'curl', '-s', '-i', '-m', '20',
         '--http2-prior-knowledge', '-H', 'Upgrade: websocket',
         '--unix-socket', "$ENV{TEST_NGINX_HTML_DIR}/h2.sock", @_
        or die "curl: $!";
    local $/;
    return scalar <$fh>;
}

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || defined $block->passes;

    Test::More::unlike($body, qr/$Secret|HTTP\/1|bad=1/,
                       $block->name . " - nothing raw (req $req_idx)");
});

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->h2;

    for my $line (split /\n/, $block->h2) {
        my ($uri, $status) = split ' ', $line;
        my $out = curl("http://localhost$uri");

        Test::More::like($out, qr{^HTTP/2 $status}, "$uri over HTTP/2");
        Test::More::unlike($out, qr/$Secret|HTTP\/1/, "$uri - nothing raw");
    }
});

# after the second request the log has the line once

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->once || $req_idx == 0;

    open my $fh, '<', $Test::Nginx::Util::ErrLogFile or die $!;
    my $line = $block->once;
    chomp $line;
    Test::More::is(scalar(grep { /\[warn\].*\Q$line/ } <$fh>), 1,
                   $block->name . ' - one line');
});

plan_all();
run_tests();

__DATA__

=== TEST 1: 100, 102, 199 before the answer, and what is below 100
--- config eval
"$::Csp
location /t { proxy_pass http://127.0.0.1:$::Port; }
location /11/ {
    proxy_pass http://127.0.0.1:$::Port;
    proxy_http_version 1.1;
    proxy_set_header Connection '';
    proxy_buffering off;
}"
--- request eval
[map { ("GET /t$_", "GET /11/$_") } 100, 102, 199, '099', '001', '000']
--- error_code eval: [(502) x 12]
--- response_headers eval
[("! Link\n! Upgrade") x 12]
--- response_body_like eval: [("<title>502 Bad Gateway") x 12]
--- raw_response_headers_like eval
[("Content-Security-Policy: [^\r]*nonce-") x 12]
--- error_log eval: qr/\[error\] .*rtcsp: upstream sent status \d+, behind/



=== TEST 2: the answer alone is a page
--- config eval
"$::Csp
location /t { proxy_pass http://127.0.0.1:$::Port; }"
--- request
GET /t
--- passes
--- response_body_like: ^<script nonce="(?!pH7|xxx)[\w-]{32}">own=1</script><script>bad=1</script>$



=== TEST 3: HEAD and POST, an error page of one's own
--- config eval
"$::Csp
error_page 502 /sorry;
location = /sorry { default_type text/html; return 502 sorry; }
location /t { proxy_pass http://127.0.0.1:$::Port; }"
--- request eval
["HEAD /t102", "POST /t102\na", "GET /t102"]
--- error_code eval: [(502) x 3]
--- response_body eval: ['', ('sorry') x 2]



=== TEST 4: wherever a header or the placeholder is configured, not elsewhere
--- config eval
"rtcsp_nonce placeholder=data:$::Secret;
 proxy_pass_request_body off;
 location /secret { rtcsp off; proxy_pass http://127.0.0.1:$::Port; }
 location /header { rtcsp api; proxy_pass http://127.0.0.1:$::Port; }
 location /one { rtcsp_nonce off; rtcsp_coop same-origin;
                 proxy_pass http://127.0.0.1:$::Port; }"
--- request eval: ["GET /secret102", "GET /header102", "GET /one102"]
--- error_code eval: [(502) x 3]



=== TEST 5: where rtcsp has nothing to do nginx does as ever
--- config eval
"location /t { proxy_pass http://127.0.0.1:$::Port; }"
--- raw_request eval
"GET /t102 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- ignore_response
--- passes
--- no_error_log
rtcsp:



=== TEST 6: an application server's
--- config eval
"$::Csp
location /f { fastcgi_param Q \$request_uri; fastcgi_pass 127.0.0.1:$::Fast; }"
--- request
GET /f
--- error_code: 502
--- error_log
rtcsp: upstream sent status 103



=== TEST 7: and with SCGI, uwsgi, which take a status line as well
--- config eval
"$::Csp
location /s { scgi_param Q \$request_uri; scgi_pass 127.0.0.1:$::Cgi; }
location /u { uwsgi_param Q \$request_uri; uwsgi_pass 127.0.0.1:$::Cgi; }"
--- request eval: ["GET /s", "GET /u", "GET /s?line", "GET /u?line"]
--- error_code eval: [(502) x 4]



=== TEST 8: out of a cache that was filled without rtcsp; and none is filled
--- http_config eval: $::Http
--- config eval
"proxy_cache c;
 proxy_cache_key k;
 proxy_cache_valid any 1h;
 location /plain { proxy_pass http://127.0.0.1:$::Port; }
 location /t { $::Csp proxy_pass http://127.0.0.1:$::Port; }"
--- request eval: ["GET /plain102", "GET /t", "HEAD /t"]
--- passes
--- error_code eval: [102, 502, 502]
--- response_body_like eval: ['own=1', 'Bad Gateway', '^$']



=== TEST 9: a part of a page
--- http_config eval: $::Http
--- user_files eval
">>> page.html\n<p>begin</p><!--# include virtual=\"/part102\" --><p>end</p>\n"
--- config eval
"ssi on;
 location /page.html { $::Csp }
 location /part { proxy_pass http://127.0.0.1:$::Port; }"
--- request
GET /page.html
--- response_body_like: (?s)^<p>begin</p>.*502 Bad Gateway.*<p>end</p>
--- error_log
rtcsp: upstream sent status 102



=== TEST 10: a stub of SSI, whose status nginx does not say, is no answer
--- user_files
>>> page.html
<!--# block name="one" --><i>stub</i><!--# endblock --><!--# include virtual="/none" stub="one" --><!--# include virtual="/fails" stub="one" -->
--- config eval
"ssi on; $::Csp
 location /none { return 503; }
 location /fails { proxy_pass http://unix:$ENV{TEST_NGINX_HTML_DIR}/none.sock; }"
--- request
GET /page.html
--- response_body_like: ^<i>stub</i><i>stub</i>\n$
--- allow_log
No such file or directory
--- error_log
[crit]
--- no_error_log
upstream sent status



=== TEST 11: the part's own location, too
--- user_files eval
">>> page.html\n<p>begin</p><!--# include virtual=\"/part102\" --><p>end</p>\n"
--- config eval
"ssi on;
 location /part { $::Csp proxy_pass http://127.0.0.1:$::Port; }"
--- request
GET /page.html
--- response_body_like: (?s)^<p>begin</p>.*502 Bad Gateway.*<p>end</p>



=== TEST 12: a 101 that was not asked for
--- config eval
"$::Csp
location /t {
    proxy_pass http://127.0.0.1:$::Port;
    proxy_http_version 1.1;
    proxy_set_header Upgrade \$http_upgrade;
    proxy_set_header Connection \$http_connection;
}
location /f { fastcgi_param Q \$request_uri; fastcgi_pass 127.0.0.1:$::Fast; }"
--- request eval
["GET /t101", "GET /t101", "GET /t101", "GET /f101", "GET /t101", "GET /t101"]
--- more_headers eval
["", "Upgrade: websocket", "Connection: close, upgrades",
 "Upgrade: websocket\nConnection: keep-alive, Upgrade", "Upgrade: websocket\nConnection: close",
 "Upgrade: websocket\nConnection: keep-alive, upgrade-insecure"]
--- error_code eval: [(502) x 6]



=== TEST 13: one that was passes, and is warned of once
--- config eval
"$::Csp
location /t {
    proxy_pass http://127.0.0.1:$::Port;
    proxy_http_version 1.1;
    proxy_set_header Upgrade \$http_upgrade;
    proxy_set_header Connection \$http_connection;
}"
--- request eval: ["GET /t101", "GET /t101"]
--- more_headers
Upgrade: websocket
Connection: keep-alive, Upgrade
--- error_code eval: [101, 101]
--- response_body_like eval: [('^HTTP/1.1 200') x 2]
--- passes
--- once: rtcsp: upstream switched protocols



=== TEST 14: is not warned of where there is no placeholder
--- config eval
"location /t {
    rtcsp talisman;
    proxy_pass http://127.0.0.1:$::Port;
    proxy_http_version 1.1;
    proxy_set_header Upgrade \$http_upgrade;
    proxy_set_header Connection \$http_connection;
}"
--- raw_request eval
"GET /t101 HTTP/1.1\r\nHost: localhost\r\n"
. "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n"
--- error_code: 101
--- passes
--- no_error_log
rtcsp:



=== TEST 15: and by HTTP/1.0, which has none
--- config eval
"$::Csp
location /t { proxy_pass http://127.0.0.1:$::Port; }"
--- raw_request eval
"GET /t101 HTTP/1.0\r\nHost: localhost\r\n"
. "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
--- error_code: 502



=== TEST 16: upstream's HTTP/0.9, asked by HEAD through a cache
--- http_config eval: $::Http
--- config eval
"$::Csp
location /old/c { proxy_cache c; proxy_cache_valid any 1h;
                  proxy_pass http://127.0.0.1:$::Port; }
location /old/n { proxy_pass http://127.0.0.1:$::Port; }"
--- request eval
["HEAD /old/c", "HEAD /old/c", "GET /old/c", "HEAD /old/n", "GET /old/n"]
--- passes
--- http09
--- response_body_like eval
my $page = '^a <script nonce="x{32}">';
[($page) x 3, '^$', $page]



=== TEST 17: over HTTP/2
--- http_config eval
"server {
    listen unix:$ENV{TEST_NGINX_HTML_DIR}/h2.sock http2;
    $::Csp
    location /t {
        proxy_pass http://127.0.0.1:$::Port;
        proxy_http_version 1.1;
        proxy_set_header Upgrade websocket;
        proxy_set_header Connection upgrade;
    }
}"
--- config
--- request
GET /none
--- error_code: 404
--- h2
/t 200
/t102 502
/t100 502
/t101 502



=== TEST 18: a connection on which an answer is yet to come is not kept
--- http_config eval
"upstream kept { server 127.0.0.1:$::Kept; keepalive 4; }
 proxy_http_version 1.1;
 proxy_set_header Connection '';"
--- config eval
"$::Csp
 ssi on;
 location /k/ { proxy_pass http://kept; }
 location = /part.html {
     default_type text/html;
     return 200 '<!--# include virtual=\"/k/102\" -->';
 }"
--- request eval
["GET /k/good", "GET /k/good", "GET /k/102", "GET /k/good", "HEAD /k/102", "GET /k/good",
 "GET /part.html", "GET /k/good"]
--- error_code eval: [200, 200, 502, 200, 502, 200, 200, 200]
--- response_body_like eval
["^1\$", "^2\$", "502 Bad", "^1\$", "^\$", "^1\$", "502 Bad", "^1\$"]



=== TEST 19: early hints (103); nginx 1.29.0 and newer take them out themselves
--- skip_nginx: 8: >= 1.29.0
--- config eval
"$::Csp
location /t { proxy_pass http://127.0.0.1:$::Port; }"
--- request eval: ["GET /t103", "HEAD /t103"]
--- error_code eval: [502, 502]
--- response_body_like eval: ["<title>502 Bad Gateway", "^\$"]
--- error_log
rtcsp: upstream sent status 103



=== TEST 20: there the page behind them is a page like any other
--- skip_nginx: 6: < 1.29.0
--- config eval
"$::Csp
location /t { proxy_pass http://127.0.0.1:$::Port; }"
--- request
GET /t103
--- raw_response_headers_like: Content-Security-Policy: [^\r]*nonce-
--- response_body_like: ^<script nonce="[\w-]{32}">own=1
--- passes

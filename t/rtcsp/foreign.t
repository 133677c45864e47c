# An application that makes nonces itself, under rtcsp_upstream replace.

use lib 't/lib';
use RT qw(rtcsp);

our $Secret = 'SECRETsecretSECRETsecret00';
our $Csp = 'add_header Content-Security-Policy';
our $Type = 'default_type text/html;';

plan_all();
run_tests();

__DATA__

=== TEST 1: its policy is replaced, which is said, with the mend
--- config eval
"location /t { $::Type rtcsp talisman;
     $::Csp \"script-src 'Nonce-abcdefghijklmnop'\"; return 200 x; }"
--- request
GET /t
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'
--- error_log eval
qr/\[warn\] .*rtcsp: replaced a policy that had a nonce of the application, whose scripts may not run now: write "rtcsp_upstream keep"/



=== TEST 2: once a location
--- config eval
"location /t { $::Type rtcsp talisman;
     $::Csp \"script-src 'nonce-abcdefghijklmnop'\"; return 200 x; }"
--- raw_request eval
my $get = "GET /t HTTP/1.1\r\nHost: x\r\n\r\n" x 3;
$get =~ s/\r\n$/Connection: close\r\n\r\n/r
--- ignore_response
--- grep_error_log eval: qr/replaced a policy/
--- grep_error_log_out
replaced a policy



=== TEST 3: kept, appended to, no page, without a nonce, rtcsp's own nonce
--- config eval
my $n = "'nonce-abcdefghijklmnop'";
my $in = "rtcsp_nonce_in script-src;";
"location /k { $::Type rtcsp on; rtcsp_upstream keep; $::Csp $n; return 200; }
 location /a { $::Type rtcsp on; rtcsp_upstream append; $::Csp $n; return 200; }
 location /j { default_type text/css; rtcsp on; $::Csp $n; return 200; }
 location /w { $::Type rtcsp on; $::Csp \"script-src 'self'\"; return 200; }
 location /h { $::Type rtcsp on; $in rtcsp_nonce header;
     $::Csp \"script-src 'nonce-\$rtcsp_nonce'\"; return 200; }
 location /p { $::Type rtcsp on; $in rtcsp_nonce placeholder=data:$::Secret;
     $::Csp \"script-src 'nonce-$::Secret'\"; return 200; }
 location /o { $::Type rtcsp on; rtcsp_policy off; $::Csp $n; return 200; }
 location /i { $::Type rtcsp on; $::Csp \"img-src $n\"; return 200; }
 location /r { $::Type rtcsp on; $::Csp \"report-uri /?$n\"; return 200; }
 location /n { $::Type rtcsp on; $::Csp \"connect-src x$n\"; return 200; }"
--- request eval: [map { "GET /$_" } qw(k a j w h p o i r n)]
--- error_code eval: [(200) x 10]
--- no_error_log
replaced a policy



=== TEST 4: its own nonce beside rtcsp's, in the second of two policies
--- config eval
"location /t { $::Type rtcsp on; rtcsp_nonce_in script-src; rtcsp_nonce header;
     $::Csp \"img-src *, script-src 'nonce-\$rtcsp_nonce' 'nonce-abc'\";
     return 200; }"
--- request
GET /t
--- error_log
rtcsp: replaced a policy that had a nonce of the application



=== TEST 5: several policies, one of them two with a comma: each way
--- config eval
my $way = "rtcsp on; rtcsp_nonce_in script-src; $::Type
    rtcsp_nonce placeholder=data:$::Secret;
    $::Csp \"img-src *, script-src 'nonce-abcdefghijklmnop'\";
    $::Csp \"frame-ancestors 'self'\";
    add_header Content-Security-Policy-Report-Only \"img-src a.test\";
    add_header X-Frame-Options DENY;";
my $page = "return 200 '<script nonce=$::Secret></script>';";
"location /k { $way rtcsp_upstream keep; $page }
 location /a { $way rtcsp_upstream append; $page }
 location /r { $way $page }"
--- request eval: ["GET /k", "GET /a", "GET /r"]
--- raw_response_headers_like eval
my $theirs = "Content-Security-Policy: img-src \\*, script-src 'nonce-abcdefghijklmnop'\r\nContent-Security-Policy: frame-ancestors 'self'\r\nContent-Security-Policy-Report-Only: img-src a.test\r\n";
my $ours = "Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'self'; script-src 'self' 'nonce-[\\w-]{32}'";
["(?s)^(?!.*default-src)(?=.*X-Frame-Options: DENY).*$theirs",
 "(?s)^(?=.*X-Frame-Options: SAMEORIGIN)(?!.*DENY).*$theirs.*$ours",
 "(?s)^(?!.*abcdefghijklmnop)(?!.*frame-ancestors)(?=.*Report-Only: img-src a.test).*$ours"]
--- response_body_like eval
["^<script nonce=x{26}></script>\$", ("^<script nonce=[\\w-]{32}></script>\$") x 2]



=== TEST 6: what is only reported on is kept beside our own that is enforced
--- config eval
"location /t { $::Type rtcsp on; rtcsp_nonce_in script-src;
     rtcsp_nonce placeholder=data:$::Secret; rtcsp_upstream keep;
     rtcsp_report_only_policy strict; rtcsp_report_uri /r;
     add_header Content-Security-Policy-Report-Only \"img-src a.test\";
     return 200 '<script nonce=$::Secret></script>'; }"
--- request
GET /t
--- raw_response_headers_like: (?s)^(?!.*strict-dynamic).*Report-Only: img-src a\.test\r\n.*Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'self'; script-src 'self' 'nonce-[\w-]{32}'; report-uri /r\r\n
--- response_body_like: ^<script nonce=[\w-]{32}></script>$



=== TEST 7: the placeholder as a nonce in a policy that stays
--- config eval
my $way = "rtcsp on; rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    $::Csp \"script-src 'Nonce-$::Secret', img-src $::Secret 'nonce-${\$::Secret}a'\";
    add_header Content-Security-Policy \"style-src 'nonce-$::Secret'\";";
my $page = "return 200 '<script nonce=$::Secret></script>';";
"location /o { $way $::Type rtcsp_report_only on; rtcsp_report_uri /r; $page }
 location /a { $way $::Type rtcsp_upstream append; $page }
 location /n { $way rtcsp_report_only on; rtcsp_report_uri /r;
     default_type text/plain; $page }"
--- request eval: ["GET /o", "GET /a", "GET /n"]
--- raw_response_headers_like eval
my $theirs = sub { my ($n, $n2, $x) = @_; "Content-Security-Policy: script-src 'Nonce-$n', img-src $x 'nonce-${x}a'\r\nContent-Security-Policy: style-src 'nonce-$n2'\r\n" };
my $x = 'x' x 26;
["(?s)" . $theirs->('([\w-]{32})', '\1', $x) . ".*Report-Only: .*'nonce-\\1'",
 "(?s)" . $theirs->('([\w-]{32})', '\1', $x) . ".*script-src 'self' 'nonce-\\1'",
 "(?s)" . $theirs->($x, $x, $x)]
--- response_body_like eval
["^<script nonce=[\\w-]{32}></script>\$", "^<script nonce=[\\w-]{32}></script>\$", "^<script nonce=x{26}></script>\$"]

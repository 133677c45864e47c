# arg:NAME and header:NAME as VALUE of rtauth_require claim

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $ok = 'try_files /ok.txt =404;';

our $arg = "
    rtauth corp;
    location /t { rtauth_require claim tenant eq arg:tenant; $ok }";

our $header = "
    rtauth corp;
    location /t { rtauth_require claim tenant eq header:X-Tenant; $ok }";

sub mine { RT::JWT::bearer(tenant => 'mine') . join '', map { "\n$_" } @_ }

plan_all();
run_tests();

__DATA__

=== TEST 1: an argument that is there once, decoded
--- http_config eval: RT::JWT::corp()
--- config eval: $::arg
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET /t?$_" } qw(tenant=mine a=1&tenant=m%69ne&b ten%61nt=mine
    tenants=x&tenant=mine tenant=other tenant= tenant tenants=mine x)]
--- more_headers eval: ::mine()
--- error_code eval
[200, 200, 200, 200, (403) x 5]



=== TEST 2: what applications read in different ways
--- http_config eval: RT::JWT::corp()
--- config eval: $::arg
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET /t?$_" } qw(
    TENANT=mine&tenant=other   tenant=mine&tenant=other
    ten%61nt=other&tenant=mine tenant=mine&tenant=mine
    TENANT=mine                tenant=mine&tenant[]=other
    tenant=mine&tenant[0]=x    tenant=mine&[tenant]=other
    tenant=mine;tenant=other   x=1;tenant=mine
    tenant=mine%00             tenant=%00mine
    tenant=mine&te+nant=x      tenant=mine&te%20nant=x
    tenant=mine&te.nant=x      tenant=mine&%C2%A0tenant=x
    tenant=mine&%EF%BB%BFtenant=x
    tenant=mine&tenant%00x=y   tenant=mine&%C1%B4enant=x
    tenant&tenant=mine         tenant=mine&tenant
    tenant=mine%0A             tenant=+mine
    ?tenant=other&tenant=mine  tenant=mine&%u0074enant=other)]
--- more_headers eval: ::mine()
--- error_code eval
[(403) x 25]



=== TEST 3: what stands behind "#" goes to the application, too
--- http_config eval: RT::JWT::corp()
--- config eval: $::arg
--- user_files
>>> ok.txt
in
--- request eval
["GET /t?tenant=mine#&tenant=other", "GET /t?tenant=mine&x=#y",
 "GET /t#?tenant=mine"]
--- more_headers eval: ::mine()
--- error_code eval
[403, 403, 403]



=== TEST 4: the line that says why
--- http_config eval: RT::JWT::corp()
--- config eval: $::arg
--- request
GET /t?tenant=mine&tenant=secret-of-others
--- more_headers eval: ::mine()
--- error_code: 403
--- error_log
rtauth: the argument "tenant" is repeated
rtauth: "rtauth_require claim tenant eq arg:tenant" in
rtauth: refused with 403: requirement



=== TEST 5: in any OP but "~"; an empty one never holds
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /in  { rtauth_require claim tenant in x arg:t; $::ok }
 location /ne  { rtauth_require claim tenant ne arg:t; $::ok }
 location /has { rtauth_require claim groups has arg:t; $::ok }
 location /any { rtauth_require claim groups any arg:t header:X-T; $::ok }
 location /ge  { rtauth_require claim level ge arg:n; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /in?t=mine", "GET /in?t=y", "GET /in",
 "GET /ne?t=y", "GET /ne?t=mine", "GET /ne", "GET /ne?t=", "GET /ne?t=y&t=z",
 "GET /ne?t=y&T=z", "GET /has?t=b", "GET /has?t=c", "GET /has",
 "GET /any?t=c", "GET /any", "GET /ge?n=3", "GET /ge?n=4", "GET /ge?n=3x",
 "GET /ge"]
--- more_headers eval
RT::JWT::bearer(tenant => 'mine', groups => ['a', 'b'], level => 3)
. "\nX-T: a"
--- error_code eval
[200, 403, 403, 200, (403) x 5, 200, 403, 403, 200, 403, 200, 403, 403, 403]



=== TEST 6: arguments that a rewrite adds; the client must not contradict
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /app { rtauth_require claim tenant eq arg:tenant; $::ok }
 location /of/ { rewrite ^/of/(\\w+)\$ /app?tenant=\$1 last; }
 location /is/ { rewrite ^/is/(\\w+)\$ /app?tenant=\$1? last; }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /of/mine", "GET /of/mine?x=1", "GET /of/other", "GET /of/other?tenant=mine",
 "GET /of/mine?tenant=other", "GET /is/mine", "GET /is/mine?tenant=mine",
 "GET /is/mine?tenant=other", "GET /is/mine?tenant=mine&tenant=other",
 "GET /is/other?tenant=mine", "GET /is/mine?TENANT=other"]
--- more_headers eval: ::mine()
--- error_code eval
[200, 200, 403, 403, 403, 200, 200, 403, 403, 403, 403]



=== TEST 7: internal redirects and subrequests have arguments of their own
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /app  { rtauth_require claim tenant eq arg:tenant; $::ok }
 location /no/  { error_page 404 = /app; try_files /nowhere =404; }
 location /no2/ { error_page 404 = /app?tenant=mine; try_files /nowhere =404; }
 location /named { error_page 404 = \@n; try_files /nowhere =404; }
 location \@n  { rtauth_require claim tenant eq arg:tenant; $::ok }
 location /sub { auth_request /app; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /no/x?tenant=mine", "GET /no2/x", "GET /no2/x?tenant=other",
 "GET /named?tenant=mine", "GET /named?tenant=mine&tenant=other",
 "GET /sub?tenant=mine"]
--- more_headers eval: ::mine()
--- error_code eval
[403, 200, 403, 200, 403, 403]



=== TEST 8: a header that is there once
--- http_config eval: RT::JWT::corp()
--- config eval: "underscores_in_headers on; ignore_invalid_headers off; $::header"
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 12]
--- more_headers eval
[::mine('X-Tenant: mine'), ::mine('x-tenant: mine'), ::mine('X-Tenant: other'),
 ::mine(), ::mine('X-Tenant: mine', 'X-Tenant: other'),
 ::mine('X-Tenant: mine', 'x-tenant: mine'),
 ::mine('X-Tenant: mine', 'X_Tenant: other'), ::mine('X_Tenant: mine'),
 ::mine('X-Tenant: mine', 'X.Tenant: other'),
 ::mine('X-Tenant: mine, other'), ::mine("X-Tenant: mine\x01"),
 ::mine('X-Tenant: mine', 'X-Tenant-Id: other')]
--- error_code eval
[200, 200, (403) x 9, 200]



=== TEST 9: bytes that are not ASCII in a header
--- http_config eval: RT::JWT::corp()
--- config eval: $::header
--- request
GET /t
--- more_headers eval
RT::JWT::bearer(tenant => "m\xfcller") . "\nX-Tenant: m\xc3\xbcller"
--- error_code: 403
--- error_log
rtauth: the header "X-Tenant" is not ASCII



=== TEST 10: a VALUE with a variable
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location ~ ^/of/(?<t>\\w*) { rtauth_require claim tenant eq \$t; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /of/mine", "GET /of/other", "GET /of/"]
--- more_headers eval: ::mine()
--- error_code eval
[200, 403, 403]



=== TEST 11: a name that is none
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_require claim a eq "arg:b[]"; }
--- must_die
--- error_log
"arg:b[]" names no argument: behind "arg:" stand letters, digits and any of "_-."



=== TEST 12: a header whose value is elsewhere
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_require claim a eq header:Host; }
--- must_die
--- error_log
invalid value "header:Host" in "rtauth_require": write "$host", for the host of a request is not always in that header



=== TEST 13: a regular expression is no source
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_require claim a ~ arg:b; }
--- must_die
--- error_log
"arg:b" is a value of the request: only rtauth_require can have one, and not with "~"



=== TEST 14: nor is a group's value
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match tenant eq arg:tenant; }')
--- config
--- must_die
--- error_log
invalid values in "match": "arg:tenant" is a value of the request



=== TEST 15: variables that show one of several are warned of
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /a { rtauth_require claim tenant eq \$arg_tenant; $::ok }
 location /b { rtauth_require claim tenant in x \"y\${ARG_b}\"; $::ok }
 location /c { rtauth_require claim tenant eq \$args; $::ok }
 location /d { rtauth_require claim tenant eq \$query_string; $::ok }
 location /e { rtauth_require claim tenant eq \$http_x_tenant; $::ok }"
--- user_files
>>> ok.txt
in
--- request
GET /a?tenant=mine
--- more_headers eval: ::mine()
--- error_log
"$arg_tenant" in "rtauth_require claim tenant eq $arg_tenant" may not be what the application reads, when a request says it twice or in another spelling: write "arg:NAME" in
"$ARG_b" in "rtauth_require claim tenant in x y${ARG_b}" may not be
"$args" in "rtauth_require claim tenant eq $args" may not be
"$query_string" in "rtauth_require claim tenant eq $query_string" may not be
"$http_x_tenant" in "rtauth_require claim tenant eq $http_x_tenant" may not be what the application reads, when a request says it twice or in another spelling: write "header:NAME" in



=== TEST 16: those that show one value are not
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /a { rtauth_require claim a eq \$http_host; $::ok }
 location /b { rtauth_require claim a eq \$host\$is_args\$cookie_x; $::ok }
 location /c { rtauth_require claim a eq arg:b; $::ok }
 location /d { rtauth_require claim a ~ x\$; $::ok }"
--- request
GET /c
--- error_code: 401
--- no_error_log
may not be what the application reads

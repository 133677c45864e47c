# rtauth_require claim | group | permission ... [error=401|403] | off

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $groups = '
    rtauth_group support  { match groups has support;  permission use; }
    rtauth_group builders { match groups has builders; permission edit; }
    rtauth_group owners   { match groups has owners;   permission own; }
';

our $ok = 'try_files /ok.txt =404;';

sub as { RT::JWT::bearer(groups => [@_]) }

# TEST_NGINX_USE_HUP asks a server of its own, which inherits from http:
# blocks that test just this are skipped then

plan_all();
run_tests();

__DATA__

=== TEST 1: claim, each OP
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /eq  { rtauth_require claim dept eq it; $::ok }
 location /ne  { rtauth_require claim dept ne hr; $::ok }
 location /no  { rtauth_require claim none ne hr; $::ok }
 location /in  { rtauth_require claim dept in hr it; $::ok }
 location /has { rtauth_require claim groups has b; $::ok }
 location /ha2 { rtauth_require claim groups has bb; $::ok }
 location /any { rtauth_require claim groups any x a; $::ok }
 location /re  { rtauth_require claim dept ~ ^i; $::ok }
 location /rei { rtauth_require claim dept ~* ^I.\$; $::ok }
 location /re2 { rtauth_require claim dept ~ ^I; $::ok }
 location /ge  { rtauth_require claim level ge 3; $::ok }
 location /lt  { rtauth_require claim level lt 3; $::ok }
 location /pr  { rtauth_require claim realm.roles[0] present; $::ok }
 location /pt  { rtauth_require claim /realm/roles/0 eq r; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET $_" } qw(/eq /ne /no /in /has /ha2 /any /re /rei /re2 /ge /lt /pr
                     /pt)]
--- more_headers eval
RT::JWT::bearer(dept => 'it', groups => ['a', 'b'], level => 3,
                realm => { roles => ['r'] })
--- error_code eval
[200, 200, 403, 200, 200, 403, 200, 200, 200, 403, 200, 403, 200, 200]



=== TEST 12: the negated OPs: an absent claim fails them, too
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /nin  { rtauth_require claim dept !in hr ops; $::ok }
 location /nin2 { rtauth_require claim dept !in hr it; $::ok }
 location /nin3 { rtauth_require claim none !in hr it; $::ok }
 location /nin4 { rtauth_require claim dept !in \$arg_d; $::ok }
 location /nha  { rtauth_require claim groups !has c; $::ok }
 location /nha2 { rtauth_require claim groups !has b; $::ok }
 location /nha3 { rtauth_require claim none !has b; $::ok }
 location /nan  { rtauth_require claim groups !any c d; $::ok }
 location /nan2 { rtauth_require claim groups !any c b; $::ok }
 location /nre  { rtauth_require claim dept !~ ^h; $::ok }
 location /nre2 { rtauth_require claim dept !~ t\$; $::ok }
 location /nri  { rtauth_require claim dept !~* ^I; $::ok }
 location /nre3 { rtauth_require claim none !~ ^h; $::ok }
 location /nspl { rtauth_require claim list !has y split=,; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET $_" } qw(/nin /nin2 /nin3 /nin4 /nin4?d=hr /nin4?d=it /nha /nha2
                     /nha3 /nan /nan2 /nre /nre2 /nri /nre3 /nspl)]
--- more_headers eval
RT::JWT::bearer(dept => 'it', groups => ['a', 'b'], list => 'x,y')
--- error_code eval
[200, 403, 403, 403, 200, 403, 200, 403, 403, 200, 403, 200, 403, 403, 403,
 403]



=== TEST 13: any scope of a line, all lines
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /one  { rtauth_require scope read; $::ok }
 location /two  { rtauth_require scope write read; $::ok }
 location /more { rtauth_require scope admin read; $::ok }
 location /both { rtauth_require scope read; rtauth_require scope admin; $::ok }
 location /part { rtauth_require scope rea; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET $_" } qw(/one /two /more /both /part)]
--- more_headers eval: RT::JWT::bearer(scope => 'openid read write')
--- error_code eval
[200, 200, 200, 403, 403]



=== TEST 17: and which one was missing, in the log
--- http_config eval: RT::JWT::corp()
--- config
rtauth corp; rtauth_require scope owner admin;
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(scope => 'openid read write')
--- error_code: 403
--- response_headers_like
WWW-Authenticate: Bearer realm="corp", error="insufficient_scope", .*
--- error_log
rtauth: "rtauth_require scope owner admin" in
the token has "openid read write"



=== TEST 14: scopes as Entra and Okta write them
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; location /t { rtauth_require scope read; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[('GET /t') x 4]
--- more_headers eval
[RT::JWT::bearer(scp => 'write read'), RT::JWT::bearer(scp => ['x', 'read']),
 RT::JWT::bearer(scp => 'read', scope => 'write'), RT::JWT::bearer()]
--- error_code eval
[200, 200, 403, 403]



=== TEST 15: variables, not empty and not 0, all of them
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 set \$no 0;
 location /one { rtauth_require \$http_x_a; $::ok }
 location /two { rtauth_require \$http_x_a \$http_x_b error=401; $::ok }
 location /no  { rtauth_require \$http_x_a \$no; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET $_" } qw(/one /one /one /two /two /no)]
--- more_headers eval
my $as = RT::JWT::bearer();
["$as\nX-A: yes", "$as\nX-A: 0", $as, "$as\nX-A: 1\nX-B: 00",
 "$as\nX-A: 1", "$as\nX-A: 1"]
--- error_code eval
[200, 403, 403, 200, 401, 403]



=== TEST 16: variables and words do not mix
--- http_config eval: RT::JWT::corp()
--- config
rtauth corp;
rtauth_require $http_x_a group;
--- must_die
--- error_log
invalid condition "$http_x_a group" in "rtauth_require": write variables alone



=== TEST 2: the answer
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; location /t { rtauth_require claim dept eq it; $::ok }"
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- error_code: 403
--- response_headers_like
WWW-Authenticate: Bearer realm="corp", error="insufficient_scope", error_description="[^"]+"
Cache-Control: no-store
--- error_log
rtauth: refused with 403: requirement
rtauth: "rtauth_require claim dept eq it" in



=== TEST 3: a VALUE with a variable; an empty one never holds
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location ~ ^/t(?:/(?<t>\\w+))? { rtauth_require claim tenant eq \$t; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /t/acme", "GET /t/other", "GET /t", "GET /t"]
--- more_headers eval
[(RT::JWT::bearer(tenant => 'acme')) x 3, RT::JWT::bearer(tenant => '')]
--- error_code eval
[200, 403, 403, 403]



=== TEST 4: error=401
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /t { rtauth_require claim dept eq it error=401; $::ok }"
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- error_code: 401



=== TEST 5: inner lines add to outer ones
--- skip_eval: 1: $ENV{TEST_NGINX_USE_HUP}
--- http_config eval
RT::JWT::corp('', "
    rtauth corp;
    rtauth_require claim a eq 1;
    server {
        listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_1;
        root \$TEST_NGINX_SERVER_ROOT/html;
        rtauth_require claim b eq 2;
        location /t { rtauth_require claim c eq 3; $::ok }
        location /o { rtauth_require off; $::ok }
        location /p { rtauth_require off; rtauth_require claim c eq 3; $::ok }
        location /n { rtauth off; $::ok }
    }")
--- config
    rtauth off;
    location ~ ^/[topn] {
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 4, "GET /o", "GET /p", "GET /p", "GET /n"]
--- more_headers eval
[RT::JWT::bearer(a => 1, b => 2, c => 3), RT::JWT::bearer(b => 2, c => 3),
 RT::JWT::bearer(a => 1, c => 3), RT::JWT::bearer(a => 1, b => 2),
 RT::JWT::bearer(), RT::JWT::bearer(a => 1), RT::JWT::bearer(c => 3), ""]
--- error_code eval
[200, 403, 403, 403, 200, 403, 200, 200]



=== TEST 6: group: any of those named
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; location /t { rtauth_require group builders owners; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 4]
--- more_headers eval
[::as('support'), ::as('builders'), ::as('owners', 'x'), ::as()]
--- error_code eval
[403, 200, 200, 403]



=== TEST 7: permission: own includes edit includes use
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp;
 location /use  { rtauth_require permission use;  $::ok }
 location /edit { rtauth_require permission edit; $::ok }
 location /own  { rtauth_require permission own;  $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[map { ("GET /use", "GET /edit", "GET /own") } 1 .. 4]
--- more_headers eval
[map { my $h = $_; ($h) x 3 } ::as(), ::as('support'), ::as('builders'),
                              ::as('owners')]
--- error_code eval
[403, 403, 403, 200, 403, 403, 200, 200, 403, 200, 200, 200]



=== TEST 8: nobody gets 401, whatever is required
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; location /t { rtauth_require permission own; $::ok }"
--- request
GET /t
--- error_code: 401



=== TEST 9: a claim whose name is a URL is written as a JSON Pointer
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /t { rtauth_require claim /https:~1~1x.example~1g has a; $::ok }"
--- user_files
>>> ok.txt
in
--- request
GET /t
--- more_headers eval: RT::JWT::bearer('https://x.example/g' => ['a'])



=== TEST 10: anything else would never hold
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth corp;
        rtauth_require claim https://x.example/g has a;
    }
--- must_die
--- error_log
invalid condition "claim https://x.example/g has a" in "rtauth_require": "https://x.example/g" is not a path to a claim, write a.b[0], or a JSON Pointer such as /https:~1~1example.com~1groups



=== TEST 11: a lost semicolon
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth corp;
        rtauth_require claim dept in it hr
        rtauth_require claim level ge 3;
    }
--- must_die
--- error_log
a semicolon is missing before "rtauth_require"

# rtauth_group, rtauth_authorize, rtauth_workspace, and what users are told

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $groups = '
    rtauth_group support  { match groups has support;
        permission use /apps/support;  default_app /apps/support; }
    rtauth_group sales    { match groups has sales;  match dept eq sales;
        permission use /apps/sales GET:/apps/support;
        default_app /apps/sales; }
    rtauth_group builders { match groups has builders;  permission edit; }
';

our $any = 'location ~ ^/apps { try_files /ok.txt =404; }';

sub as { RT::JWT::bearer(groups => [@_]) }

plan_all();
run_tests();

__DATA__

=== TEST 1: no group, no access; a path at its borders
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/support", "GET /apps/support", "GET /apps/support/x",
 "GET /apps/supportx", "GET /apps/sales", "GET /apps/sales",
 "GET /apps/support", "POST /apps/support", "HEAD /apps/support"]
--- more_headers eval
[::as(), ::as('support'), ::as('support'), ::as('support'), ::as('support'),
 RT::JWT::bearer(dept => 'sales'), ::as('sales'), ::as('sales'), ::as('sales')]
--- error_code eval
[403, 200, 200, 403, 403, 200, 200, 403, 200]



=== TEST 2: rtauth_authorize off
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; rtauth_authorize off; $::any"
--- user_files
>>> ok.txt
in
--- request
GET /apps/x
--- more_headers eval: RT::JWT::bearer()



=== TEST 3: groups without permissions: authorize is off by default
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; }')
--- config eval
"rtauth corp; $::any"
--- user_files
>>> ok.txt
in
--- request
GET /apps/x
--- more_headers eval: RT::JWT::bearer()



=== TEST 4: it is the client's path that counts, not the rewritten one
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; rewrite ^/apps/sales /apps/support last;
 rewrite ^/apps/support\$ /apps/other last; $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/sales", "GET /apps/support"]
--- more_headers eval: ::as('support')
--- error_code eval
[403, 200]



=== TEST 5: workspace: a support user is sent to his app, a builder is not
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    location = / { rtauth_workspace on; try_files /ok.txt =404; }
    location ~ ^/apps { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /", "HEAD /", "POST /", "GET /", "GET /", "GET /", "GET /apps/support",
 "GET /"]
--- more_headers eval
[::as('support'), ::as('support'), ::as('support'), ::as('builders'),
 ::as('support', 'builders'), ::as('sales', 'support'), ::as('support'), ""]
--- error_code eval
[302, 302, 403, 200, 200, 302, 200, 401]
--- response_headers_like eval
["Location: /apps/support\r?\n",
 "Location: /apps/support\r?\n", "", "", "",
 "Location: /apps/support\r?\n", "", ""]



=== TEST 6: the redirect is not stored, and its first group counts
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    absolute_redirect on;
    server_name_in_redirect on;
    location = / { rtauth_workspace on; try_files /ok.txt =404; }
--- request
GET /
--- more_headers eval: ::as('sales', 'support')
--- error_code: 302
--- response_headers
Location: /apps/support
Cache-Control: no-store



=== TEST 7: who is in no group is refused there, not routed
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    location = / { rtauth_workspace on; try_files /ok.txt =404; }
--- request
GET /
--- more_headers eval: ::as('nobody')
--- error_code: 403
--- error_log
rtauth: refused with 403: no_permission



=== TEST 8: no loop when the app is where he is
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    location = /apps/support { rtauth_workspace on; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request
GET /apps/support
--- more_headers eval: ::as('support')



=== TEST 9: variables
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    location ~ ^/apps {
        add_header X-Groups $rtauth_groups always;
        add_header X-List "<$rtauth_groups_list>" always;
        add_header X-Permission $rtauth_permission always;
        add_header X-App "<$rtauth_default_app>" always;
        add_header X-Result $rtauth_result always;
        add_header X-Event $rtauth_event always;
        try_files /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/support", "GET /apps/sales", "GET /apps/sales", "GET /apps/x"]
--- more_headers eval
[::as('support', 'x'), ::as('builders', 'sales'), ::as('support'), ""]
--- error_code eval
[200, 200, 403, 401]
--- response_headers eval
['X-Groups: ["support"]
X-List: <support>
X-Permission: use
X-App: </apps/support>
X-Result: ok
X-Event: {"decision":"allow","reason":"ok","provider":"corp"}',
'X-Groups: ["sales","builders"]
X-List: <sales,builders>
X-Permission: edit
X-App: <>
X-Result: ok',
'X-Permission: none
X-Result: no_permission
X-Event: {"decision":"deny","reason":"no_permission","provider":"corp","action":"ACCESS_DENIED"}',
'X-List: <>
X-Permission:
X-App: <>
X-Result: anonymous
X-Event: {"decision":"deny","reason":"anonymous"}']



=== TEST 10: a partner cannot name our groups
--- http_config eval
RT::JWT::corp('', RT::JWT::partner() . '
    rtauth_group staff  { provider corp;    match groups has staff;
                          permission own; }
    rtauth_group guests { provider partner; match groups has guests;
                          permission use /apps/guest; }')
--- config eval
"rtauth corp partner; $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/x", "GET /apps/x", "GET /apps/guest", "GET /apps/guest"]
--- more_headers eval
[::as('staff'),
 (map { RT::JWT::bearer(-key => 'rsa2', groups => [$_],
                        iss => 'https://id.partner.example') }
      'staff', 'guests'), ::as('guests')]
--- error_code eval
[200, 403, 200, 403]



=== TEST 11: nor when the app is written with arguments or encoded
--- http_config eval
RT::JWT::corp('', <<'EOF');
    rtauth_group a { match groups has a; permission use;
                     default_app /apps/a?tab=1; }
    rtauth_group b { match groups has b; permission use;
                     default_app /apps/%62; }
EOF
--- config
    rtauth corp;
    location = /apps/a { rtauth_workspace on; try_files /ok.txt =404; }
    location = /apps/b { rtauth_workspace on; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/a?tab=1", "GET /apps/b", "GET /apps/a"]
--- more_headers eval
[::as('a'), ::as('b'), ::as('b')]
--- error_code eval
[200, 200, 302]



=== TEST 12: a subrequest is refused, never sent elsewhere
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    location = / { rtauth corp; rtauth_workspace on; try_files /ok.txt =404; }
    location = /t { auth_request /; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t", "GET /"]
--- more_headers eval
[::as('support'), ::as('builders'), ::as('support')]
--- error_code eval
[403, 200, 302]



=== TEST 13: a lost semicolon
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups any b c
                                    permission use; }')
--- config
--- must_die
--- error_log
a semicolon is missing before "permission" in "match"



=== TEST 14: in a line that takes one value, too
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { provider corp match groups has b; }')
--- config
--- must_die
--- error_log
a semicolon is missing before "match" in "provider"



=== TEST 15: the last value may be a word of ours
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has provider;
                                    match groups any x permission;
                                    permission use; }')
--- config eval: "rtauth corp; $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/x", "GET /apps/x", "GET /apps/x"]
--- more_headers eval
[::as('provider'), ::as('permission'), ::as('use')]
--- error_code eval
[200, 200, 403]



=== TEST 16: a claim whose name is a URL
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match https://x.example/g has b; }')
--- config
--- must_die
--- error_log
invalid values in "match": "https://x.example/g" is not a path to a claim



=== TEST 17: split: a string is a list, as in match so in rtauth_require
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match list any x staff split=,;
                                    permission use; }
                   rtauth_group b { match list has staff;  permission use; }
                   rtauth_group c { match scope has tools "split= ";
                                    permission use; }')
--- config eval
"rtauth corp; add_header X-Groups \$rtauth_groups always;
 location /list { rtauth_require claim list has \$arg_who split=,;
                  try_files /ok.txt =404; }
 $::any"
--- user_files
>>> ok.txt
in
--- request eval
[("GET /apps") x 8, ("GET /list?who=staff") x 3, "GET /list",
 "GET /list?who=split=,"]
--- more_headers eval
[map { RT::JWT::bearer(@$_) }
 [list => 'builders,staff'], [list => 'staff'], [list => ['a', 'staff']],
 [list => 'builders, staff'], [list => 'bstaff,staffs'], [list => ['x,y']],
 [scope => 'openid tools'], [scope => 'tools-not'], [list => 'a,staff'],
 [list => 'a,taff'], [list => ['b,staff'], scope => 'tools'],
 [list => 'a,staff'], [list => 'split=']]
--- error_code eval
[200, 200, 200, 403, 403, 403, 200, 403, 200, 403, 403, 403, 403]
--- response_headers eval
['X-Groups: ["a"]', 'X-Groups: ["a","b"]', 'X-Groups: ["a","b"]',
 'X-Groups: []', 'X-Groups: []', 'X-Groups: []', 'X-Groups: ["c"]',
 'X-Groups: []', 'X-Groups: ["a"]', '', 'X-Groups: ["c"]', '', '']



=== TEST 18: what split cannot be
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match list eq staff split=,; }')
--- config
--- must_die
--- error_log
"split=," makes a list of a string: only operators "has" and "any"



=== TEST 19: nor more than one character
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match list has staff "split=, "; }')
--- config
--- must_die
--- error_log
"split=, ": write "split=" and one character of ASCII

# rtauth_dry_run: all is decided, nobody is refused

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $groups = '
    rtauth_group staff { match groups has staff;  permission own /apps;
                         default_app /apps; }
';

our $any = 'location ~ ^/ { try_files /ok.txt =404; }';

our $told = 'add_header X-User "<$rtauth_user$rtauth_claim_sub>" always;
    add_header X-Said "<$rtauth_user_json$rtauth_groups$rtauth_permission>" always;
    add_header X-Provider "<$rtauth_provider>" always;
    add_header X-Result $rtauth_result always;
    add_header X-Event $rtauth_event always;';

sub as { RT::JWT::bearer(groups => [@_]) }

plan_all();
run_tests();

__DATA__

=== TEST 1: nobody is refused, and all is said
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval: "rtauth corp; rtauth_dry_run on; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval: ["GET /apps", "GET /x", "GET /apps", "GET /apps", "GET /apps"]
--- more_headers eval
[::as('staff'), ::as('staff'), "", "Authorization: Bearer x",
 RT::JWT::bearer(exp => 1, groups => ['staff'])]
--- response_headers eval
['X-User: <ann@example.comu-1>
X-Result: ok
X-Event: {"decision":"allow","reason":"ok","provider":"corp"}
Cache-Control: private',
'X-User: <>
X-Said: <>
X-Provider: <>
X-Result: no_permission
X-Event: {"decision":"allow","reason":"no_permission","provider":"corp"}
Cache-Control: private
WWW-Authenticate:',
'X-User: <>
X-Said: <>
X-Result: anonymous
X-Event: {"decision":"allow","reason":"anonymous"}
Cache-Control:
WWW-Authenticate:',
'X-User: <>
X-Said: <>
X-Result: malformed
Cache-Control: private
WWW-Authenticate:',
'X-User: <>
X-Said: <>
X-Provider: <>
X-Result: expired
X-Event: {"decision":"allow","reason":"expired"}']



=== TEST 2: what would be is in the log
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval: "rtauth corp; rtauth_dry_run on; $::any"
--- user_files
>>> ok.txt
in
--- request
GET /x
--- more_headers eval: ::as('staff')
--- error_log
rtauth: permission "use" is needed for "GET /x"
rtauth: dry run, would be refused with 403: no_permission



=== TEST 3: conditions, in a location; one where it is off refuses
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; rtauth_dry_run on; $::told $::any
 location ^~ /apps/it { rtauth_require claim dept eq it error=401;
                        try_files /ok.txt =404; }
 location ^~ /apps/on { rtauth_dry_run off; rtauth_require claim dept eq it;
                        try_files /ok.txt =404; }
 location ^~ /apps/to { rewrite ^ /apps/on last; }
 location ^~ /apps/err { rtauth_require claim dept eq it;
                         error_page 404 /apps/on; try_files /nope =404; }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/it", "GET /apps/on", "GET /apps/to", "GET /apps/err"]
--- more_headers eval: ::as('staff')
--- error_code eval
[200, 403, 403, 403]
--- response_headers eval
["X-Result: requirement\nX-User: <>", "X-Result: requirement",
 "X-Result: requirement", ""]



=== TEST 4: preaccess, and subrequests
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; rtauth_dry_run on; rtauth_phase preaccess; $::told $::any
 location ^~ /sub { auth_request /x; try_files /ok.txt =404; }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /x", "GET /x", "GET /sub", "GET /apps"]
--- more_headers eval
["", ::as('staff'), ::as('staff'), ::as('staff')]
--- response_headers eval
["X-Result: anonymous\nX-User: <>", "X-Result: no_permission\nX-User: <>",
 "X-Result: no_permission\nX-User: <>", "X-Result: ok"]



=== TEST 5: it lets in nobody whom others refuse, by satisfy any either
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    rtauth_dry_run on;
    location ^~ /any { satisfy any; deny all; try_files /ok.txt =404; }
    location ^~ /apps { satisfy any; deny all; try_files /ok.txt =404; }
    location ^~ /all { deny all; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval: ["GET /any", "GET /apps", "GET /all"]
--- more_headers eval: ["", ::as('staff'), ::as('staff')]
--- error_code eval
[403, 403, 403]



=== TEST 6: what answers before anybody was asked
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; rtauth_dry_run on; $::told
 location /r { return 200 in; }"
--- request
GET /r
--- response_body: in
--- response_headers
X-User: <>
--- error_log
rtauth: dry run, would be refused with 403: undecided



=== TEST 7: raw paths are logged, by the first location chosen
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; rtauth_dry_run on; $::told $::any
 location ^~ /strict { rtauth_dry_run off; try_files /ok.txt =404; }
 location ^~ /to { rewrite ^ /strict last; }"
--- user_files
>>> ok.txt
in
--- request eval: ["GET /apps%2fx", "GET /strict%2fx", "GET /strict;/x"]
--- more_headers eval: ::as('staff')
--- error_code eval
[200, 403, 403]



=== TEST 8: said once
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval: "rtauth corp; rtauth_dry_run on; $::told $::any"
--- user_files
>>> ok.txt
in
--- request
GET /apps/..%2fx
--- more_headers eval: ::as('staff')
--- error_log
rtauth: dry run, would be refused with 403: bad_path



=== TEST 9: nobody is sent to a workspace
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use;
                                    default_app /a; }')
--- config
    rtauth corp;
    rtauth_dry_run on;
    location = / { rtauth_workspace on; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request
GET /
--- more_headers eval: ::as('a')



=== TEST 10: strips still strip, and a refused token gives no header
--- http_config eval
RT::JWT::corp('', $::groups) . '
    server { listen $TEST_NGINX_RAND_PORT_1;
             location / { return 200 "<$http_x_email>"; } }'
--- config
    rtauth_strip_header X-Email;
    rtauth corp;
    rtauth_dry_run on;
    location ~ ^/ { proxy_set_header X-Email $rtauth_user;
                 proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval: ["GET /apps", "GET /x", "GET /x"]
--- more_headers eval
[map { "$_\nX-Email: boss\@example.com" } ::as('staff'), ::as('staff'),
 "Authorization: Bearer x"]
--- response_body eval
["<ann\@example.com>", "<>", "<>"]



=== TEST 11: nor in a location without rtauth that it goes on to
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    rtauth_dry_run on;
    location ^~ /x { error_page 404 /off; try_files /nope =404; }
    location ^~ /off { rtauth off; add_header X-User "<$rtauth_user>" always;
                       try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request
GET /x
--- more_headers eval: ::as('staff')
--- error_code: 404
--- response_headers
X-User: <>

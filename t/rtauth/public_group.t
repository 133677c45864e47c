# rtauth_public_group: what nobody may do

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $groups = '
    rtauth_group nobody { permission use GET:/pub /form;  except /pub/not;
                          deny =/pub/deny;  include files; }
    rtauth_group files  { permission use /files; }
    rtauth_group staff  { match groups has staff;  permission edit /apps;
                          deny /pub/staff; }
';

our $any = 'location ~ ^/ { try_files /ok.txt =404; }';

our $told = 'add_header X-Groups "<$rtauth_groups>" always;
    add_header X-List "<$rtauth_groups_list>" always;
    add_header X-Permission "<$rtauth_permission>" always;
    add_header X-User "<$rtauth_user>" always;
    add_header X-Result $rtauth_result always;
    add_header X-Event $rtauth_event always;';

sub as { RT::JWT::bearer(groups => [@_]) }

plan_all();
run_tests();

__DATA__

=== TEST 1: nobody may what the group may, and no more
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval: "rtauth corp; rtauth_public_group nobody; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /pub/x", "HEAD /pub", "POST /pub", "GET /pub/not", "GET /pub/deny",
 "GET /files/1", "GET /apps", "GET /", "OPTIONS /pub", "OPTIONS /form"]
--- error_code eval
[200, 200, 401, 401, 401, 200, 401, 401, 401, 405]
--- response_headers eval
['X-Groups: <["nobody","files"]>
X-List: <nobody,files>
X-Permission: <use>
X-User: <>
X-Result: anonymous
X-Event: {"decision":"allow","reason":"anonymous"}
Vary: Cookie
Cache-Control:
WWW-Authenticate:', '',
'X-Groups: <>
X-Permission: <>
X-Result: anonymous
X-Event: {"decision":"deny","reason":"anonymous"}
Cache-Control: no-store
Vary:
WWW-Authenticate: Bearer realm="corp"', ('') x 7]



=== TEST 2: credentials that are no good never become nobody's
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval: "rtauth corp; rtauth_public_group nobody; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval: [("GET /pub") x 5]
--- more_headers eval
["Authorization: Bearer x", "Authorization: Bearer",
 RT::JWT::bearer(exp => 1), RT::JWT::bearer(-key => 'rogue'),
 "Authorization: Basic eDp5"]
--- error_code eval
[401, 401, 401, 401, 200]



=== TEST 3: who is signed in may do that, too, unless a group of his denies it
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval: "rtauth corp; rtauth_public_group nobody; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /pub/x", "GET /pub/staff", "GET /pub/staff", "GET /apps", "GET /pub/deny",
 "POST /pub/x"]
--- more_headers eval
[::as('staff'), ::as('staff'), ::as('x'), ::as('staff'), ::as('x'),
 ::as('staff')]
--- error_code eval
[200, 403, 200, 200, 403, 403]
--- response_headers eval
['X-Groups: <["staff"]>
X-Permission: <use>
X-Result: ok
Cache-Control: private
Vary:', 'X-Permission: <none>', 'X-Groups: <[]>
X-Permission: <use>', 'X-Permission: <edit>', '', '']



=== TEST 4: conditions still have to hold, and nobody has no claims
--- http_config eval
RT::JWT::corp('', $::groups . 'map $arg_in $in { volatile; 1 1; }')
--- config eval
"rtauth corp; rtauth_public_group nobody; $::told $::any
 location ^~ /pub/claim { rtauth_require claim sub !in x; try_files /ok.txt =404; }
 location ^~ /pub/absent { rtauth_require claim dept present; try_files /ok.txt =404; }
 location ^~ /pub/scope { rtauth_require scope a; try_files /ok.txt =404; }
 location ^~ /pub/acr { rtauth_require acr a; try_files /ok.txt =404; }
 location ^~ /pub/amr { rtauth_require amr a; try_files /ok.txt =404; }
 location ^~ /pub/age { rtauth_require auth_age 1h; try_files /ok.txt =404; }
 location ^~ /pub/staff { rtauth_require group staff; try_files /ok.txt =404; }
 location ^~ /pub/edit { rtauth_require permission edit; try_files /ok.txt =404; }
 location ^~ /pub/use { rtauth_require permission use; try_files /ok.txt =404; }
 location ^~ /pub/group { rtauth_require group files; try_files /ok.txt =404; }
 location ^~ /pub/var { rtauth_require \$in; try_files /ok.txt =404; }"
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET /pub/$_" } qw(claim absent scope acr amr age staff edit var use
                          group var?in=1)]
--- error_code eval
[(401) x 9, (200) x 3]



=== TEST 5: without permissions elsewhere it is still the group that says
--- http_config eval: RT::JWT::corp('', $::groups)
--- config eval
"rtauth corp; rtauth_authorize off; rtauth_public_group nobody; $::any
 location ^~ /pub/off { rtauth_public_group off; try_files /ok.txt =404; }
 location ^~ /pub/other { rtauth_public_group files; try_files /ok.txt =404; }
 location ^~ /pub/t { auth_request /pub/ok; try_files /ok.txt =404; }
 location ^~ /pub/f { auth_request /apps; try_files /ok.txt =404; }
 location ^~ /files { rewrite ^/files(.*) /pub/deny last; }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /x", "GET /pub", "GET /pub/off", "GET /pub/other", "GET /pub/t",
 "GET /pub/f", "GET /files/x"]
--- error_code eval
[401, 200, 401, 401, 200, 401, 401]



=== TEST 6: what an application says to caches stays, and nobody's Vary
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth corp;
    rtauth_public_group nobody;
    location ^~ /pub {
        add_header Cache-Control "public, s-maxage=60";
        try_files /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request eval: ["GET /pub", "GET /pub"]
--- more_headers eval: ["", ::as('x')]
--- response_headers eval
["Cache-Control: public, s-maxage=60\nVary: Cookie",
 "Cache-Control: private\nVary:"]



=== TEST 7: an unknown group
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use; }')
--- config
    rtauth corp;
    rtauth_public_group everybody;
--- must_die
--- error_log
unknown group "everybody" in "rtauth_public_group": write "rtauth_group everybody { ... }" in http



=== TEST 8: a group that may nothing
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; deny /x; }')
--- config
    rtauth corp;
    rtauth_public_group a;
--- must_die
--- error_log
"rtauth_public_group a" lets nobody in: the group has no "permission", write one



=== TEST 9: twice
--- http_config eval: RT::JWT::corp('', $::groups)
--- config
    rtauth_public_group nobody;
    rtauth_public_group off;
--- must_die
--- error_log
"rtauth_public_group" directive is duplicate

# rtauth_group: include, except, deny, from, until, reason

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $any = 'location ~ ^/ { try_files /ok.txt =404; }';

our $told = 'add_header X-Groups $rtauth_groups always;
    add_header X-Permission $rtauth_permission always;
    add_header X-Event $rtauth_event always;';

sub as { RT::JWT::bearer(groups => [@_]) }

our $past = 'until 2020-01-01T00:00:00Z; reason "ticket 4711";';
our $open = 'from 2020-01-01T00:00:00+02:00; until 2099-12-31T23:59:59Z;
             reason "on call";';
our $later = 'from 2099-01-01T00:00:00Z; reason "the move of 2099";';

plan_all();
run_tests();

__DATA__

=== TEST 1: except subtracts within its group
--- http_config eval
RT::JWT::corp('', 'rtauth_group staff { match groups has staff;
    permission use;  permission edit /apps;  except /apps/hr =/apps/x; }
    rtauth_group hr { match groups has hr;  permission use /apps/hr; }')
--- config eval: "rtauth corp; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps/y", "GET /apps/hr", "GET /apps/hr/1", "POST /apps/x",
 "GET /apps/x/", "GET /apps/hr/1", "GET /apps/hrx"]
--- more_headers eval
[(::as('staff')) x 5, ::as('staff', 'hr'), ::as('staff')]
--- error_code eval
[200, 403, 403, 403, 200, 200, 200]
--- response_headers eval
['X-Permission: edit', 'X-Permission: none', 'X-Permission: none',
 'X-Permission: none', 'X-Permission: edit', 'X-Permission: use',
 'X-Permission: edit']



=== TEST 2: deny wins over all groups, of who is in the group that has it
--- http_config eval
RT::JWT::corp('', 'rtauth_group owners { match groups has owners;
    permission own; }
    rtauth_group careful { match groups has careful;
    permission use;  deny DELETE,PUT:/  /root/  GET:=/secret; }')
--- config eval: "rtauth corp; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /x", "DELETE /x", "GET /root/1", "HEAD /secret", "POST /secret",
 "GET /root", "DELETE /x"]
--- more_headers eval
[(::as('owners', 'careful')) x 6, ::as('owners')]
--- error_code eval
[200, 403, 403, 403, 405, 200, 405]
--- response_headers eval
['X-Permission: own', 'X-Permission: none', 'X-Permission: none', '',
 'X-Permission: own', 'X-Permission: own', 'X-Permission: own']



=== TEST 3: what denies is in the log, with the group
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission own;
                                    deny /root; }')
--- config eval: "rtauth corp; $::any"
--- request
GET /root/x
--- more_headers eval: ::as('a')
--- error_code: 403
--- error_log
rtauth: "GET /root/x" is denied by group "a", in which the user is
rtauth: refused with 403: no_permission



=== TEST 4: deny looks at the client's path and at the URI it has become
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use;
                                    deny /root; }')
--- config
    rtauth corp;
    location ^~ /to  { rewrite ^/to/(.*)$ /$1 last; }
    location ^~ /br  { rewrite ^/br/(.*)$ /$1 break; try_files /ok.txt =404; }
    location ^~ /out { rewrite ^ /free last; }
    location ^~ /root/re { rewrite ^ /free last; }
    location ^~ /sub { auth_request /root/x; try_files /ok.txt =404; }
    location ~ ^/ { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /to/root", "GET /br/root/1", "GET /root/re", "GET /out", "GET /to/x",
 "GET /br/x", "GET /sub", "GET /ROOT", "GET /%72oot"]
--- more_headers eval: ::as('a')
--- error_code eval
[403, 403, 403, 200, 200, 200, 403, 200, 403]



=== TEST 5: deny holds where permissions do not: rtauth_authorize off
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; deny /root; }')
--- config
    rtauth corp;
    location ^~ /root { try_files /ok.txt =404; }
    location ^~ /root/off { rtauth_authorize off; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /root", "GET /root/off", "GET /root"]
--- more_headers eval
[::as('a'), ::as('a'), ::as('b')]
--- error_code eval
[403, 403, 200]



=== TEST 6: the method is the client's, after an error page, too
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use;
                                    deny POST:/page; }')
--- config
    rtauth corp;
    location ^~ /gone { error_page 404 = /page; try_files /nope =404; }
    location ^~ /page { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /gone", "POST /gone"]
--- more_headers eval: ::as('a')
--- error_code eval
[200, 403]



=== TEST 7: include: members here are members there, and further on
--- http_config eval
RT::JWT::corp('', 'rtauth_group ops { match groups has ops;
                                      include readers dba; }
    rtauth_group dba { permission edit /db;  include writers; }
    rtauth_group writers { permission use /w; }
    rtauth_group readers { match groups has readers;  permission use /r; }')
--- config eval
"rtauth corp; $::told $::any
 location ^~ /only { rtauth_authorize off; rtauth_require group writers;
                  try_files /ok.txt =404; }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /db", "GET /w", "GET /r", "GET /db", "GET /only", "GET /only"]
--- more_headers eval
[(::as('ops')) x 3, ::as('readers', 'dba'), ::as('ops'), ::as('readers')]
--- error_code eval
[200, 200, 200, 403, 200, 403]
--- response_headers eval
['X-Groups: ["ops","dba","writers","readers"]', '', '',
 'X-Groups: ["readers"]', '', '']



=== TEST 8: nor do users of one provider come to a group of another
--- http_config eval
RT::JWT::corp('', RT::JWT::partner() . '
    rtauth_group ours   { provider corp;    match groups has staff;
                          include roles; }
    rtauth_group guests { provider partner; match groups has guests;
                          include roles; }
    rtauth_group roles  { permission use; }')
--- config eval: "rtauth corp partner; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /", "GET /", "GET /"]
--- more_headers eval
[::as('staff'),
 (map { RT::JWT::bearer(-key => 'rsa2', groups => [$_],
                        iss => 'https://id.partner.example') }
      'staff', 'guests')]
--- error_code eval
[200, 403, 200]
--- response_headers eval
['X-Groups: ["ours","roles"]', 'X-Groups: []', 'X-Groups: ["guests","roles"]']



=== TEST 9: groups with a time, each request by the clock
--- http_config eval
RT::JWT::corp('', "rtauth_group past { match groups has past; $::past
                       permission own;  include all; }
    rtauth_group open  { match groups has open; $::open
                         permission edit /apps;  include all; }
    rtauth_group later { match groups has later; $::later permission use; }
    rtauth_group all   { permission use /all; }")
--- config eval: "rtauth corp; $::told $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /apps", "GET /apps", "GET /apps", "GET /all", "GET /all",
 "GET /all"]
--- more_headers eval
[::as('past'), ::as('open'), ::as('later'), ::as('past'), ::as('open'),
 ::as('past', 'open', 'later')]
--- error_code eval
[403, 200, 403, 403, 200, 200]
--- response_headers eval
['X-Groups: []
X-Permission: none
X-Event: {"decision":"deny","reason":"no_permission","provider":"corp","grant":"past","grantReason":"ticket 4711","action":"ACCESS_DENIED"}',
 'X-Groups: ["open","all"]
X-Permission: edit
X-Event: {"decision":"allow","reason":"ok","provider":"corp","grant":"open","grantReason":"on call","action":"GRANT_USED"}',
 'X-Groups: []
X-Event: {"decision":"deny","reason":"no_permission","provider":"corp","action":"ACCESS_DENIED"}',
 'X-Groups: []
X-Event: {"decision":"deny","reason":"no_permission","provider":"corp","grant":"past","grantReason":"ticket 4711","action":"ACCESS_DENIED"}',
 'X-Groups: ["open","all"]',
 'X-Groups: ["open","all"]
X-Permission: use
X-Event: {"decision":"allow","reason":"ok","provider":"corp","grant":"open","grantReason":"on call","action":"GRANT_USED"}']



=== TEST 10: a grant that makes no difference is not used
--- http_config eval
RT::JWT::corp('', "rtauth_group open { match groups has open; $::open
                       permission use;  include gate; }
    rtauth_group gate  { match groups has gate;  permission use /gate; }
    rtauth_group admins { match groups has admins;  permission own; }
    rtauth_group past  { match groups has past; $::past  permission edit /x;
                         include gate; }")
--- config eval
"rtauth corp; $::told $::any
 location ^~ /gate { rtauth_require group gate; try_files /ok.txt =404; }
 location ^~ /need { rtauth_require permission edit; try_files /ok.txt =404; }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /a", "GET /gate", "GET /gate", "GET /gate", "GET /need",
 "GET /need", "GET /gate"]
--- more_headers eval
[::as('open', 'admins'), ::as('open', 'admins'), ::as('open', 'gate'),
 ::as('past', 'admins'), ::as('past'), ::as('open'), ::as('admins')]
--- error_code eval
[200, 200, 200, 403, 403, 403, 403]
--- response_headers eval
['X-Event: {"decision":"allow","reason":"ok","provider":"corp"}',
 'X-Event: {"decision":"allow","reason":"ok","provider":"corp","grant":"open","grantReason":"on call","action":"GRANT_USED"}',
 'X-Event: {"decision":"allow","reason":"ok","provider":"corp"}',
 'X-Event: {"decision":"deny","reason":"requirement","provider":"corp","grant":"past","grantReason":"ticket 4711","action":"ACCESS_DENIED"}',
 'X-Event: {"decision":"deny","reason":"requirement","provider":"corp","action":"ACCESS_DENIED"}',
 'X-Event: {"decision":"deny","reason":"requirement","provider":"corp","action":"ACCESS_DENIED"}',
 'X-Event: {"decision":"deny","reason":"requirement","provider":"corp","action":"ACCESS_DENIED"}']



=== TEST 11: the end is in the log, with its reason
--- http_config eval
RT::JWT::corp('', "rtauth_group past { match groups has past; $::past
                                       permission own; }")
--- config eval: "rtauth corp; $::any"
--- request
GET /
--- more_headers eval: ::as('past')
--- error_code: 403
--- error_log
rtauth: group "past", by which the user may have been let in before, has ended ("ticket 4711")



=== TEST 12: a workspace of a group that ended is nobody's
--- http_config eval
RT::JWT::corp('', "rtauth_group past { match groups has past; $::past
                       permission use;  default_app /past; }
    rtauth_group a { match groups has a; permission use; default_app /a; }")
--- config eval
"rtauth corp; $::any
 location = / { rtauth_workspace on; add_header X-App \$rtauth_default_app always;
                try_files /ok.txt =404; }"
--- request eval
["GET /", "GET /"]
--- more_headers eval
[::as('past', 'a'), ::as('past')]
--- error_code eval
[302, 403]
--- response_headers eval
["Location: /a\nX-App: /a", "X-App:"]



=== TEST 13: strict: another spelling of a path that is denied or excepted
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use;
                       deny /admin GET:/a/b;  except /hr; }')
--- config eval
"rtauth corp; rtauth_raw_path strict;
 add_header X-Result \$rtauth_result always; $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /Admin", "GET /Admin/users", "GET /admin.json", "GET /admin./x",
 "GET /A/b/c", "GET /HR/1", "GET /administrator", "GET /x/Admin",
 "GET /admin/x"]
--- more_headers eval: ::as('a')
--- error_code eval
[(403) x 6, 200, 200, 403]
--- response_headers eval
[("X-Result: bad_path") x 6, ("X-Result: ok") x 2, "X-Result: no_permission"]



=== TEST 14: an unknown group
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; include b; }')
--- config
--- must_die
--- error_log
invalid group "a" in "rtauth_group": include "b" is no "rtauth_group": in this block it takes groups, files are included outside of it



=== TEST 15: a circle
--- http_config eval
RT::JWT::corp('', "rtauth_group a { match groups has a; include b; }
rtauth_group b { match groups has b;
  include a; # here
}")
--- config
--- must_die
--- error_log
include "a" closes a circle: its members would be members of "b" already, leave it out



=== TEST 16: of one provider alone
--- http_config eval
RT::JWT::corp('', RT::JWT::partner() . '
    rtauth_group ours   { provider corp;    match groups has staff; }
    rtauth_group guests { provider partner; match groups has guests;
                          include ours; }')
--- config
--- must_die
--- error_log
include "ours" is a group of provider "corp" alone, and members of "guests" come from elsewhere



=== TEST 17: nobody in it
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { permission use; }')
--- config
--- must_die
--- error_log
group "a" has no members, add "match CLAIM OP VALUE;" or "scim_group NAME;", or "include a;" to another group



=== TEST 18: a time that is none
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a;
                                    until 2026-12-31; reason x; }')
--- config
--- must_die
--- error_log
invalid value "2026-12-31" in "until": until "2026-12-31": write a time with its offset



=== TEST 19: of which year, from
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a;
                                    from 12:00; reason x; }')
--- config
--- must_die
--- error_log
invalid value "12:00" in "from"



=== TEST 20: a time without a reason
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a;
                                    until 2026-12-31T00:00:00Z; }')
--- config
--- must_die
--- error_log
group "a" has a time and does not say why, add "reason TEXT;"



=== TEST 21: a reason without a time
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; reason why; }')
--- config
--- must_die
--- error_log
group "a" has a reason and does not end, add "until TIME;"



=== TEST 22: it ends before it begins
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; reason why;
    from 2026-12-31T00:00:00Z; until 2026-12-31T00:00:00Z; }')
--- config
--- must_die
--- error_log
group "a" ends before it begins, write a later "until"



=== TEST 23: a reason of two lines
--- http_config eval
RT::JWT::corp('', "rtauth_group a { match groups has a; reason 'a\nb';
    until 2026-12-31T00:00:00Z; }")
--- config
--- must_die
--- error_log
reason: write one line of UTF-8, of at most 128 bytes



=== TEST 24: two ends
--- http_config eval
RT::JWT::corp('', "rtauth_group a { match groups has a; reason why;
    until 2026-12-31T00:00:00Z; until 2027-12-31T00:00:00Z; }")
--- config
--- must_die
--- error_log
"until" is duplicate



=== TEST 25: except is for all methods
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use;
                                    except GET:/x; }')
--- config
--- must_die
--- error_log
except "GET:/x": write /path or =/path, for all methods



=== TEST 26: deny of what is no path
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use;
                                    deny x; }')
--- config
--- must_die
--- error_log
"x" is not a path, write /path, =/path or GET,POST:/path



=== TEST 27: the default_app of a group is denied to it
--- http_config eval
RT::JWT::corp('', 'rtauth_group a { match groups has a; permission use;
                                    include b; default_app /apps/x; }
                   rtauth_group b { permission use; deny /apps; }')
--- config
--- must_die
--- error_log
default_app "/apps/x" is denied by group "b", in which every member of "a" is



=== TEST 28: a line takes many paths
--- http_config eval
RT::JWT::corp('', "rtauth_group a { match dept in @{['a' .. 'z']};
    permission use @{[map { qq(=/p$_) } 1 .. 63]}; }")
--- config eval: "rtauth corp; $::any"
--- user_files
>>> ok.txt
in
--- request eval
["GET /p1", "GET /p63", "GET /p64", "GET /p63"]
--- more_headers eval
[(RT::JWT::bearer(dept => 'z')) x 3, RT::JWT::bearer(dept => 'aa')]
--- error_code eval
[200, 200, 403, 403]



=== TEST 29: but not any number of them
--- http_config eval
RT::JWT::corp('', "rtauth_group a { match dept eq it;
    permission use @{[map { qq(=/p$_) } 1 .. 64]}; }")
--- config eval: "rtauth corp; $::any"
--- must_die
--- error_log
invalid number of arguments in "permission": write 1 to 64 values

# require_sub; tokens that are no bearer's; claim text that somebody would trim

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

plan_all();
run_tests();

__DATA__

=== TEST 1: a token without a subject
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-R $rtauth_result always; }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 4]
--- more_headers eval
[map { RT::JWT::bearer(sub => $_) } undef, "", 7, "u-1"]
--- error_code eval
[401, 401, 401, 200]
--- response_headers eval
["X-R: no_sub", "X-R: no_sub", "X-R: bad_claim", "X-R: ok"]



=== TEST 2: require_sub off
--- http_config eval: RT::JWT::corp('require_sub off;')
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-S "<$rtauth_claim_sub>"; }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 3]
--- more_headers eval
[map { RT::JWT::bearer(sub => $_) } undef, "", " u-1"]
--- error_code eval
[200, 200, 401]
--- response_headers eval
["X-S: <>", "X-S: <>", ""]



=== TEST 3: what gets tokens is no token
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-R $rtauth_result always; }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 6]
--- more_headers eval
[(map { RT::JWT::bearer(typ => $_) }
      qw(Refresh Offline Logout ID Bearer)),
 RT::JWT::bearer(token_type => 'refresh')]
--- error_code eval
[401, 401, 401, 401, 200, 401]
--- response_headers eval
[(map { "X-R: $_" } ("bad_type") x 4, "ok", "bad_type")]



=== TEST 4: what an application would trim is nobody's name
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth            corp;
        proxy_set_header  X-Email $rtauth_user;
        proxy_set_header  X-Groups $rtauth_claim_groups;
        proxy_pass        http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app;
    }
    location /app { return 200 "<$http_x_email><$http_x_groups>"; }
--- request eval
[("GET /t") x 6]
--- more_headers eval
[RT::JWT::bearer(email => 'boss@x', groups => ['a', 'admins']),
 RT::JWT::bearer(email => ' boss@x', groups => ['a', ' admins']),
 RT::JWT::bearer(email => 'boss@x ', groups => ['a', 'admins ']),
 RT::JWT::bearer(email => "boss\@x\t", groups => ["\tadmins"]),
 RT::JWT::bearer(email => "\x{a0}boss\@x", groups => ["admins\x{3000}"]),
 RT::JWT::bearer(email => "the boss\@x", groups => ["the admins"])]
--- response_body eval
['<boss@x><a,admins>', ("<><>") x 4, '<the boss@x><the admins>']



=== TEST 5: a group that only looks like ours
--- http_config eval
RT::JWT::corp('', 'rtauth_group admins { match groups has admins;
                                         match team eq admins; }')
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-G $rtauth_groups; }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 4]
--- more_headers eval
[RT::JWT::bearer(groups => [' admins', 'admins ', 'a,admins']),
 RT::JWT::bearer(groups => 'admins,x', team => ' admins'),
 RT::JWT::bearer(team => "admins\x{200b}"),
 RT::JWT::bearer(team => "admins")]
--- response_headers eval
["X-G: []", "X-G: []", "X-G: []", 'X-G: ["admins"]']

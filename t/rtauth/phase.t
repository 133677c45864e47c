# rtauth_phase: limits that know the user, and what says that they do not

use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;
use RT::JWT;

our $zones = '
    limit_req_zone $rtauth_claim_sub zone=req:1m rate=1r/m;
    limit_conn_zone $rtauth_claim_sub zone=conn:1m;
';

plan_all();
run_tests();

__DATA__

=== TEST 1: a limit by user
--- http_config eval: RT::JWT::corp() . $::zones
--- config
    location /t {
        rtauth        corp;
        rtauth_phase  preaccess;
        limit_req     zone=req;
        try_files     /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 5]
--- more_headers eval
[RT::JWT::bearer(), RT::JWT::bearer(), RT::JWT::bearer(sub => 'u-2'), "",
 RT::JWT::bearer(sub => 'u-2')]
--- error_code eval
[200, 503, 200, 401, 503]
--- no_error_log
before it was known who he is



=== TEST 2: in ACCESS the limit sees nobody, and that is said once
--- http_config eval: RT::JWT::corp() . $::zones
--- config
    location /t {
        rtauth     corp;
        limit_req  zone=req;
        limit_conn conn 1;
        try_files  /ok.txt =404;
    }
    location /log { default_type text/plain; alias logs/error.log; }
    location /on {
        rtauth        corp;
        rtauth_phase  preaccess;
        limit_conn_dry_run  on;
        limit_conn    conn 1;
        add_header    X-Conn $limit_conn_status;
        try_files     /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 3, "GET /on", "GET /log"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[200, 200, 200, 200, 200]
--- response_headers eval
["", "", "", "X-Conn: PASSED", ""]
--- response_body_like eval
["", "", "", "", qr/\A(?!.*user was read.*user was read)
    .*\[warn\][^\n]*user\ was\ read\ in\ location\ "\/t"\ before[^\n]*
    write\ "rtauth_phase\ preaccess"/sx]



=== TEST 3: so do if, set, map and the address of a redirect
--- http_config eval: RT::JWT::corp() . 'map $rtauth_user $name { default no; "~." yes; }'
--- config
    rtauth corp;
    location /if { if ($rtauth_user) { return 402; } try_files /ok.txt =404; }
    location /set { set $x $rtauth_claim_sub; try_files /ok.txt =404; }
    location /map { if ($name = yes) { return 402; } try_files /ok.txt =404; }
    location /go { return 302 /home/$rtauth_result; }
    location /log { default_type text/plain; alias logs/error.log; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /if", "GET /set", "GET /map", "GET /go", "GET /go", "GET /log"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[200, 200, 200, 302, 302, 200]
--- response_body_like eval
[("") x 5, qr/in\ location\ "\/if"\ before.*in\ location\ "\/set"\ before
    .*in\ location\ "\/map"\ before.*in\ location\ "\/go"\ before/sx]



=== TEST 4: what an answer or a log reads is empty for a reason
--- http_config eval
RT::JWT::corp() . 'limit_req_zone $server_name zone=all:1m rate=1r/m;
    log_format who "$rtauth_user|$rtauth_result";'
--- config
    access_log logs/who.log who;
    rtauth corp;
    add_header X-User $rtauth_user always;
    location /t { try_files /ok.txt =404; }
    location /options { if ($request_method = OPTIONS) { return 204; } }
    location /go { return 302 /elsewhere; }
    location /off { rtauth off; set $x $rtauth_user; try_files /ok.txt =404; }
    location /busy { limit_req zone=all; try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "OPTIONS /options", "GET /go", "GET /off", "GET /busy", "GET /busy"]
--- error_code eval
[401, 204, 302, 200, 401, 503]
--- no_error_log
before it was known who he is



=== TEST 5: the path comes first, the backstop stays, refusals are refusals
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    rtauth_phase preaccess;
    error_page 401 /sorry;
    location /t { try_files /ok.txt =404; add_header X-R $rtauth_result always; }
    location /return { return 200 secret; }
    location /post { limit_except GET { rtauth_require claim sub eq u-9; }
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/sorry; }
    location = /sorry { rtauth off; default_type text/plain; empty_gif; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t", "GET /return", "GET /t/..%2f", "GET /post",
 "POST /post", "POST /post"]
--- more_headers eval
["", RT::JWT::bearer(), RT::JWT::bearer(), RT::JWT::bearer(),
 RT::JWT::bearer(), RT::JWT::bearer(), RT::JWT::bearer(sub => 'u-9')]
--- error_code eval
[401, 200, 403, 403, 200, 403, 405]
--- response_headers eval
['WWW-Authenticate: Bearer realm="corp"', "X-R: ok", "", "", "", "", ""]



=== TEST 6: ACCESS comes after it: allow, deny, auth_request; redirects anew
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    rtauth_phase preaccess;
    location /deny { deny all; try_files /ok.txt =404; }
    location /asks { auth_request /no; try_files /ok.txt =404; }
    location = /no { rtauth off; return 403; }
    location /moves { rewrite ^ /other last; }
    location /other { rtauth_require claim sub eq u-9;
        try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /deny", "GET /deny", "GET /asks", "GET /moves", "GET /moves"]
--- more_headers eval
["", RT::JWT::bearer(), RT::JWT::bearer(), RT::JWT::bearer(),
 RT::JWT::bearer(sub => 'u-9')]
--- error_code eval
[401, 403, 403, 403, 200]



=== TEST 7: a request that waits for keys there, and its limit
--- http_config
    rtauth_zone 1m;
    limit_req_zone $rtauth_claim_sub zone=req:1m rate=1r/m;
    rtauth_provider p { issuer i; audience tools;
        jwks_uri $TEST_NGINX_IDP/slow.phase/jwks; }
--- config
    location /t {
        rtauth p;
        rtauth_phase preaccess;
        limit_req zone=req;
        try_files /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval: RT::Idp::bearer(iss => 'i')
--- error_code eval
[200, 503]



=== TEST 8: with "satisfy any"
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth        corp;
        rtauth_phase  preaccess;
        satisfy       any;
        allow         127.0.0.1;
    }
--- must_die
--- error_log eval
qr{"rtauth_phase preaccess" lets nobody in by "satisfy any" in location "/t": write "rtauth_phase access" or "satisfy all" there in \S+nginx.conf:\d+}



=== TEST 9: either of them inherited
--- http_config eval: RT::JWT::corp()
--- config
    rtauth        corp;
    rtauth_phase  preaccess;
    location /t { location /t/u { satisfy any; } }
--- must_die
--- error_log
lets nobody in by "satisfy any" in location "/t/u"



=== TEST 10: not where rtauth is off, or decides in ACCESS
--- http_config eval: RT::JWT::corp()
--- config
    rtauth        corp;
    rtauth_phase  preaccess;
    location /off { rtauth off; satisfy any; allow all; try_files /ok.txt =404; }
    location /any { rtauth_phase access; satisfy any; allow 127.0.0.1; deny all;
        try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /off", "GET /any"]
--- error_code eval
[200, 200]



=== TEST 11: another phase
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_phase content; }
--- must_die
--- error_log
invalid value "content"



=== TEST 12: twice
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_phase access; rtauth_phase access; }
--- must_die
--- error_log
"rtauth_phase" directive is duplicate

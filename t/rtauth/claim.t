# $rtauth_claim_NAME, rtauth_claim, $rtauth_user, $rtauth_user_json

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $partner = partner();

plan_all();
run_tests();

__DATA__

=== TEST 1: kinds of claims
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-V "s=$rtauth_claim_s n=$rtauth_claim_n b=$rtauth_claim_b a=$rtauth_claim_a c=$rtauth_claim_c o=$rtauth_claim_o x=$rtauth_claim_x none=$rtauth_claim_none;"; }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- more_headers eval
RT::JWT::bearer(-payload => '{"iss":"https://login.example.com","aud":"tools",'
    . '"sub":"u-1","exp":4102444800,"s":"te xt","n":12345678901234567890,"b":true,'
    . '"a":["p","q"],"c":["p,q","r"],"o":{"k":1},"x":"a\r\nSet-Cookie: b"}')
--- response_headers
X-V: s=te xt n=12345678901234567890 b=true a=p,q c= o= x= none=;



=== TEST 2: rtauth_claim: nested ones, and JSON
--- http_config eval
RT::JWT::corp('', 'rtauth_claim $role realm_access.roles[1];
                   rtauth_claim $dept /https:~1~1x.example~1dept;
                   rtauth_claim $roles realm_access.roles json;
                   rtauth_claim $none a.b json;')
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-V "$role|$dept|$roles|$none;"; }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- more_headers eval
RT::JWT::bearer(realm_access => { roles => ['a', 'b"c'] },
                'https://x.example/dept' => 'it')
--- response_headers
X-V: b"c|it|["a","b\"c"]|;



=== TEST 3: empty until verified
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    location /t {
        if ($rtauth_claim_email) { return 204; }
        if ($rtauth_user) { return 204; }
        if ($rtauth_result) { return 204; }
        if ($rtauth_user_json) { return 204; }
        try_files /ok.txt =404;
    }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(), RT::JWT::bearer(-key => 'rogue', -kid => 'rsa')]
--- error_code eval
[200, 401]



=== TEST 4: claims of a refused token are nobody's
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-V "<$rtauth_claim_email$rtauth_user$rtauth_user_json>" always; }
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(-key => 'rogue', -kid => 'rsa'), RT::JWT::bearer(exp => 5)]
--- error_code eval
[401, 401]
--- response_headers eval
["X-V: <>", "X-V: <>"]



=== TEST 5: $rtauth_user: an email that is said not to be verified is no name
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-U "<$rtauth_user>"; }
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 5]
--- more_headers eval
[map { RT::JWT::bearer(email_verified => $_) }
     undef, JSON::PP::true(), JSON::PP::false(), "true", "false"]
--- response_headers eval
["X-U: <ann\@example.com>", "X-U: <ann\@example.com>", "X-U: <>",
 "X-U: <ann\@example.com>", "X-U: <>"]



=== TEST 6: with several providers it has to be said
--- http_config eval: RT::JWT::corp('', $::partner)
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-U "<$rtauth_user>"; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(), RT::JWT::bearer(email_verified => JSON::PP::true())]
--- response_headers eval
["X-U: <>", "X-U: <ann\@example.com>"]



=== TEST 7: user_claim
--- http_config eval: RT::JWT::corp('user_claim sub;')
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-U "<$rtauth_user>"; }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- response_headers
X-U: <u-1>



=== TEST 8: $rtauth_user_json: one line, what is there
--- http_config eval
RT::JWT::corp('require_sub off;', 'rtauth_group a { match groups has a; }')
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-U $rtauth_user_json; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(sid => 's1', preferred_username => 'ann', given_name => 'A"n',
                 family_name => "X\nY", groups => ['a', 'b']),
 RT::JWT::bearer(email_verified => JSON::PP::false(), sub => undef,
                 name => 'Ann', given_name => 7)]
--- response_headers eval
['X-U: {"id":"u-1","sid":"s1","email":"ann@example.com","userName":"ann",'
 . '"firstName":"A\"n","lastName":"X\nY",'
 . '"externalIdentifier":"https://login.example.com","groups":["a"]}',
 'X-U: {"userName":"Ann","externalIdentifier":"https://login.example.com",'
 . '"groups":[]}']



=== TEST 9: a bad token's event
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-E $rtauth_event always; }
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(exp => 5)
--- error_code: 401
--- response_headers
X-E: {"decision":"deny","reason":"expired","action":"TOKEN_REJECTED"}



=== TEST 10: a path that is a URL
--- http_config eval: RT::JWT::corp('', 'rtauth_claim $x https://x.example/d;')
--- config
--- must_die
--- error_log
invalid path "https://x.example/d" in "rtauth_claim": write "a.b[0]", or a JSON Pointer, "/https:~1~1example.com~1a"



=== TEST 11: who showed a token has no session, and no tokens of one
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-S "$rtauth_user: $rtauth_session,$rtauth_access_token,$rtauth_id_token;"; }
--- user_files
>>> ok.txt
in
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- response_headers
X-S: ann@example.com: ,,;



=== TEST 12: an email is one, however the path of its claim is written
--- http_config eval: RT::JWT::corp('user_claim /email;')
--- config
    location /t { rtauth corp; try_files /ok.txt =404;
        add_header X-U "<$rtauth_user>"; }
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[map { RT::JWT::bearer(email_verified => $_) }
     JSON::PP::true(), JSON::PP::false()]
--- response_headers eval
["X-U: <ann\@example.com>", "X-U: <>"]

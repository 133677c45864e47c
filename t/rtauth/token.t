# rtauth_token $var ... | off: where a token is looked for

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $ok = 'add_header X-Who $rtauth_claim_sub always; try_files /ok.txt =404;';

plan_all();
run_tests();

__DATA__

=== TEST 1: the scheme's case, several spaces, tabs around the value
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; location /t { $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 5]
--- more_headers eval
my $t = RT::JWT::token();
["Authorization: bearer $t", "Authorization: BEARER $t",
 "Authorization: Bearer   $t", "authorization: Bearer $t",
 "Authorization: \tBearer $t\t"]
--- error_code eval
[(200) x 5]



=== TEST 2: credentials that are there and are none
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; location /t { add_header X-R \$rtauth_result always; $::ok }"
--- request eval
[("GET /t") x 7]
--- more_headers eval
["Authorization: Bearer", "Authorization: Bearer ", "Authorization: Bearer x",
 "Authorization: Bearer a.b.c d", "Authorization: Bearerx",
 "Authorization: Bearer\ta.b.c", "Authorization: Bearer ." ]
--- error_code eval
[(401) x 7]
--- response_headers eval
["X-R: bad_credentials", "X-R: bad_credentials", "X-R: malformed",
 "X-R: malformed", "X-R: anonymous", "X-R: malformed", "X-R: malformed"]



=== TEST 3: a cookie
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; rtauth_token \$cookie_t; location /t { $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
["Cookie: a=b; t=" . RT::JWT::token(), RT::JWT::bearer()]
--- error_code eval
[200, 401]



=== TEST 4: several sources: the first that is there decides
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; rtauth_token \$http_authorization \$cookie_t \$arg_t;
 location /t { $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /t?t=" . RT::JWT::token(sub => 'arg'),
 "GET /t?t=" . RT::JWT::token(sub => 'arg'),
 "GET /t?t=" . RT::JWT::token(sub => 'arg'),
 "GET /t?t=" . RT::JWT::token(sub => 'arg'),
 "GET /t?t=" . RT::JWT::token(sub => 'arg')]
--- more_headers eval
["", "Cookie: t=" . RT::JWT::token(sub => 'cookie'),
 RT::JWT::bearer(sub => 'header'), "Cookie: t=broken",
 "Authorization: Basic dTpw"]
--- error_code eval
[200, 200, 200, 401, 200]
--- response_headers eval
["X-Who: arg", "X-Who: cookie", "X-Who: header", "X-Who:", "X-Who: arg"]



=== TEST 5: off: no token is looked at
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; rtauth_token off; location /t { $::ok }
 location /u { rtauth_token \$http_authorization; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /u"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[401, 200]



=== TEST 6: two Authorization headers
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; location /t { $::ok }"
--- request
GET /t
--- more_headers eval
RT::JWT::bearer() . "\n" . RT::JWT::bearer(sub => 'other')
--- error_code: 400



=== TEST 7: a token that is too big
--- http_config eval: RT::JWT::corp() . 'large_client_header_buffers 4 32k;'
--- config eval
"rtauth corp; location /t { add_header X-R \$rtauth_result always; $::ok }"
--- request
GET /t
--- more_headers eval
RT::JWT::bearer(x => 'y' x 17000)
--- error_code: 401
--- response_headers
X-R: too_big

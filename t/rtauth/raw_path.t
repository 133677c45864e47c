# rtauth_raw_path refuse | allow

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our @bad = map { "GET $_" } qw(
    /a/../t /./t /t/.. /t;x=1 /t/..;/x /..%2ft /a%2f..%2ft /t/%2e%2e/x /t%5cx
    /t%00 /t%252fx /t%3bx /t%zz);

our @netloc = map { "GET $_" } qw(
    //t //t/admin ///t http://a//t/admin);

our @good = map { "GET $_" } qw(
    /t /t/a%20b /t/a.b/..c /t?x=../y;z%2f /t/%C3%A4 http://a/t);

our $conf = 'rtauth corp; location ~ ^/ { try_files /ok.txt =404; }';

plan_all();
run_tests();

__DATA__

=== TEST 1: refused, for users too
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request eval: [@::bad[0 .. 9]]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(403) x 5, 400, (403) x 3, 400]



=== TEST 2: encoded twice, an encoded parameter, a broken percent sign
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request eval: [@::bad[10 .. 12]]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[403, 403, 400]



=== TEST 3: let be
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- user_files
>>> ok.txt
in
--- request eval: [@::good]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[(200) x 6]



=== TEST 4: the answer names it, no challenge
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request
GET /a%2ft
--- more_headers eval: RT::JWT::bearer()
--- error_code: 403
--- response_headers
!WWW-Authenticate
Cache-Control: no-store
--- error_log
rtauth: refused with 403: bad_path
rtauth: the raw path



=== TEST 5: allow
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth_raw_path allow; $::conf"
--- user_files
>>> ok.txt
in
--- request eval
["GET /a%2ft", "GET /a;b"]
--- more_headers eval: RT::JWT::bearer()
--- error_code eval
[200, 200]



=== TEST 6: rtauth off
--- http_config eval: RT::JWT::corp()
--- config
    location ~ ^/ { rtauth off; return 204; }
--- request
GET /a%2ft
--- error_code: 204



=== TEST 7: two slashes begin a host to who resolves an address
--- http_config eval: RT::JWT::corp()
--- config eval: $::conf
--- request eval: \@::netloc
--- more_headers eval: RT::JWT::bearer()
--- error_code eval: [(403) x 4]

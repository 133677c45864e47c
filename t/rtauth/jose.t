# rtauth_require jose PATH OP VALUE: the header of the token

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $ok = 'try_files /ok.txt =404;';

our $typ = "rtauth corp; location /t { rtauth_require jose typ eq at+jwt; $ok }";

plan_all();
run_tests();

__DATA__

=== TEST 1: a member of the header, with each kind of OP
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /eq   { rtauth_require jose typ eq at+jwt; $::ok }
 location /eq2  { rtauth_require jose typ eq JWT; $::ok }
 location /ne   { rtauth_require jose typ ne JWT; $::ok }
 location /in   { rtauth_require jose alg in ES256 RS256; $::ok }
 location /nin  { rtauth_require jose kid !in rsa old; $::ok }
 location /nin2 { rtauth_require jose kid !in old; $::ok }
 location /re   { rtauth_require jose kid ~ ^r; $::ok }
 location /nre  { rtauth_require jose kid !~ ^r; $::ok }
 location /lev  { rtauth_require jose level ge 3; $::ok }
 location /pr   { rtauth_require jose app present; $::ok }
 location /pt   { rtauth_require jose /app/tags has b; $::ok }
 location /arg  { rtauth_require jose app.name eq arg:app; $::ok }
 location /no   { rtauth_require jose none ne x; $::ok }
 location /sub  { rtauth_require jose sub eq u-1; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[map { "GET $_" } qw(/eq /eq2 /ne /in /nin /nin2 /re /nre /lev /pr /pt
                     /arg?app=x /arg?app=y /arg /no /sub)]
--- more_headers eval
RT::JWT::bearer(-header => { typ => 'at+jwt', level => 3,
                             app => { name => 'x', tags => ['a', 'b'] } })
--- error_code eval
[200, 403, 200, 200, 403, 200, 200, 403, 200, 200, 200, 200, 403, 403, 403,
 403]



=== TEST 2: a token that is known keeps its header, and only its own
--- http_config eval: RT::JWT::corp()
--- config eval: $::typ
--- user_files
>>> ok.txt
in
--- request eval
[("GET /t") x 6]
--- more_headers eval
[(RT::JWT::bearer(-header => { typ => 'at+jwt' }),
  RT::JWT::bearer(), RT::JWT::bearer(-header => { typ => undef })) x 2]
--- error_code eval
[200, 403, 403, 200, 403, 403]



=== TEST 3: its claims are not its header, nor the other way round
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /j { rtauth_require jose  x eq 1; $::ok }
 location /c { rtauth_require claim x eq 1; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /j", "GET /c", "GET /j", "GET /c"]
--- more_headers eval
[(RT::JWT::bearer(x => 1)) x 2, (RT::JWT::bearer(-header => { x => 1 })) x 2]
--- error_code eval
[403, 200, 200, 403]



=== TEST 4: a header that nobody signed is not looked at
--- http_config eval: RT::JWT::corp()
--- config eval: $::typ
--- request
GET /t
--- more_headers eval
my ($h) = split /\./, RT::JWT::token(-header => { typ => 'at+jwt' });
RT::JWT::bearer() =~ s/(?<=Bearer )[^.]+/$h/r
--- error_code: 401
--- error_log
rtauth: refused with 401: bad_signature



=== TEST 5: what came is in the log
--- http_config eval: RT::JWT::corp()
--- config eval: $::typ
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- error_code: 403
--- error_log
rtauth: "rtauth_require jose typ eq at+jwt" in
does not hold: the token has "JWT"



=== TEST 6: a path that is none
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_require jose a[x] eq a; }
--- must_die
--- error_log
invalid condition "jose a[x] eq a" in "rtauth_require"



=== TEST 7: an OP that is none
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_require jose typ is a; }
--- must_die
--- error_log
invalid condition "jose typ is a" in "rtauth_require"

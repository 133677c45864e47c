# regular expressions on claims: bounded, whatever a token says

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $ok = 'try_files /ok.txt =404;';

# 22 letters take PCRE 2^22 steps
our $slow = '^([a-z0-9]+\\.?)+@corp\\.com$';
our $evil = ('a' x 22) . '!@corp.com';

plan_all();
run_tests();

__DATA__

=== TEST 1: a requirement that meets the limit is a refusal, with its own line
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /t { rtauth_require claim email ~ \"$::slow\"; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(email => 'ann.b@corp.com'),
 RT::JWT::bearer(email => $::evil)]
--- error_code eval
[200, 403]



=== TEST 2: its line; what the claim says is in no log
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /t { rtauth_require claim email ~ \"$::slow\"; $::ok }"
--- request
GET /t
--- more_headers eval: RT::JWT::bearer(email => $::evil)
--- error_code: 403
--- error_log
rtauth: regular expression "^([a-z0-9]+\.?)+@corp\.com$" gave up on claim "email"
rtauth: refused with 403: requirement
--- no_error_log
aaaa!@corp



=== TEST 3: the limit holds for all places a match could begin at
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /t { rtauth_require claim x ~ \"[^y]*[^y]*x\"; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(x => 'zzx'), RT::JWT::bearer(x => ('a' x 400) . 'yx')]
--- error_code eval
[200, 403]



=== TEST 4: a claim that is too long
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp; location /t { rtauth_require claim x ~ ^a; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(x => 'a' x 512), RT::JWT::bearer(x => 'a' x 513)]
--- error_code eval
[200, 403]



=== TEST 5: "$" is the end of the value, and controls never match
--- http_config eval
RT::JWT::corp('', 'rtauth_group sales { match dep ~ ^sales$;
                                        permission use; }')
--- config eval
"rtauth corp;
 location /g { $::ok }
 location /r { rtauth_authorize off; rtauth_require claim dep ~ ^sales\$; $::ok }
 location /i { rtauth_authorize off; rtauth_require claim dep ~* ^S; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
[map { ("GET /g", "GET /r", "GET /i") } 1 .. 3]
--- more_headers eval
[map { my $h = RT::JWT::bearer(dep => $_); ($h) x 3 }
     "sales", "sales\n", "sales\x{85}"]
--- error_code eval
[(200) x 3, (403) x 6]



=== TEST 6: alternatives, anchors, options and references are as written
--- http_config eval: RT::JWT::corp()
--- config eval
"rtauth corp;
 location /alt  { rtauth_require claim x ~ ^a|b\$; $::ok }
 location /ref  { rtauth_require claim x ~ \"(.)\\\\1\"; $::ok }
 location /opt  { rtauth_require claim x ~ (?i)^AB; $::ok }
 location /utf  { rtauth_require claim x ~ (*UTF)^..\$; $::ok }
 location /look { rtauth_require claim x ~ \"(?<=a)b\"; $::ok }"
--- user_files
>>> ok.txt
in
--- request eval
["GET /alt", "GET /alt", "GET /alt", "GET /ref", "GET /ref", "GET /opt",
 "GET /utf", "GET /look", "GET /look"]
--- more_headers eval
[map { RT::JWT::bearer(x => $_) } 'ax', 'xb', 'xax', 'abba', 'abab', 'ab',
      "\x{e9}\x{e8}", 'xab', 'xb']
--- error_code eval
[200, 200, 403, 200, 403, 200, 200, 200, 403]



=== TEST 7: a pattern that would mean another thing
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_require claim x ~ "a(*COMMIT)b"; }
--- must_die
--- error_log
"(*" is not taken



=== TEST 8: a pattern that swallows the parenthesis behind it
--- http_config eval: RT::JWT::corp()
--- config
    location /t { rtauth corp; rtauth_require claim x ~ "(?x)ab # c"; }
--- must_die
--- error_log
regular expression "(?x)ab # c"

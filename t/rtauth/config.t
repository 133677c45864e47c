# What does not start: each message names the directive, its value, the mend

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

plan_all();
run_tests();

__DATA__

=== TEST 1: an unknown provider
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth other;
--- must_die
--- error_log
unknown provider "other" in "rtauth": write "rtauth_provider other { ... }" in http in



=== TEST 2: a provider named twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp corp;
--- must_die
--- error_log
duplicate provider "corp" in "rtauth": write it once in



=== TEST 3: names beside off
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp off;
--- must_die
--- error_log
cannot hold both names and "off": write "rtauth off" alone



=== TEST 4: rtauth twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth off;
--- must_die
--- error_log
"rtauth" directive is duplicate



=== TEST 5: no zone
--- http_config
    
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp;
--- must_die
--- error_log
write "rtauth_zone 16m" in http



=== TEST 6: a zone without a size
--- http_config
    rtauth_zone big;
--- config
    
--- must_die
--- error_log
invalid size "big" in "rtauth_zone": write at least "32k", for example "16m"



=== TEST 7: a zone that is too small
--- http_config
    rtauth_zone 1k;
--- config
    
--- must_die
--- error_log
invalid size "1k" in "rtauth_zone": write at least



=== TEST 8: two zones
--- http_config
    rtauth_zone 1m; rtauth_zone 2m;
--- config
    
--- must_die
--- error_log
"rtauth_zone" directive is duplicate



=== TEST 9: a group without a match
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { permission use; }
--- config
    
--- must_die
--- error_log
invalid group "a" in "rtauth_group":



=== TEST 10: a group twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; } rtauth_group a { match g has b; }
--- config
    
--- must_die
--- error_log
invalid name "a" in "rtauth_group":



=== TEST 11: a group's name
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group "a b" { match g has a; }
--- config
    
--- must_die
--- error_log
invalid name "a b" in "rtauth_group":



=== TEST 12: an unknown word in a group
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { mach g has a; }
--- config
    
--- must_die
--- error_log
rtauth_group "a": unknown directive "mach" in the block



=== TEST 13: a word of a later day
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; quota /x; }
--- config
    
--- must_die
--- error_log
rtauth_group "a": unknown directive "quota" in the block



=== TEST 14: a match with an unknown OP
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g contains a; }
--- config
    
--- must_die
--- error_log
invalid values in "match":



=== TEST 15: a match with a bad PATH
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g[ has a; }
--- config
    
--- must_die
--- error_log
invalid values in "match":



=== TEST 16: a match without an OP
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g; }
--- config
    
--- must_die
--- error_log
invalid value "g" in "match":



=== TEST 17: a match with a bad regex
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g ~ "("; }
--- config
    
--- must_die
--- error_log
invalid values in "match":



=== TEST 18: an unknown permission
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; permission write; }
--- config
    
--- must_die
--- error_log
invalid value "write" in "permission":



=== TEST 19: a permission with a bad path
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; permission use x; }
--- config
    
--- must_die
--- error_log
invalid values in "permission":



=== TEST 20: a default_app of another site
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; permission use; default_app //evil.example; }
--- config
    
--- must_die
--- error_log
invalid value "//evil.example" in "default_app":



=== TEST 21: a default_app that is a URL
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; permission use; default_app https://evil.example/; }
--- config
    
--- must_die
--- error_log
invalid value "https://evil.example/" in "default_app":



=== TEST 22: a default_app the group may not use
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; permission use /x; default_app /y; }
--- config
    
--- must_die
--- error_log
invalid group "a" in "rtauth_group":



=== TEST 23: several providers, a group without one
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
    rtauth_provider partner { issuer https://id.partner.example;
        audience tools; jwks_file $TEST_NGINX_DATA/keys/partner.json; }
rtauth_group a { match g has a; }
--- config
    
--- must_die
--- error_log
invalid group "a" in "rtauth_group":



=== TEST 24: a group of an unknown provider
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { provider x; match g has a; }
--- config
    
--- must_die
--- error_log
invalid group "a" in "rtauth_group":



=== TEST 25: rtauth_require without rtauth
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    location /t { rtauth_require claim a eq b; }
--- must_die
--- error_log
"rtauth_require claim a eq b" asks nobody: write "rtauth NAME"



=== TEST 26: rtauth_require beside rtauth off
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth corp;
--- config
    location /t { rtauth off; rtauth_require claim a eq b; }
--- must_die
--- error_log
asks nobody: write "rtauth NAME" at the same level or outside of it



=== TEST 27: rtauth_require in http, without rtauth
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_require claim a eq b;
--- config
    rtauth corp;
--- must_die
--- error_log
asks nobody: write "rtauth NAME"



=== TEST 28: an unknown kind of condition
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require realm a;
--- must_die
--- error_log
invalid condition "realm a" in "rtauth_require": write "claim PATH OP VALUE"



=== TEST 29: a condition without words
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require claim;
--- must_die
--- error_log
invalid condition "claim" in "rtauth_require"



=== TEST 30: a condition with an unknown OP
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require claim a is b;
--- must_die
--- error_log
invalid condition "claim a is b" in "rtauth_require":



=== TEST 31: a condition with a bad PATH
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require claim a..b eq c;
--- must_die
--- error_log
invalid condition "claim a..b eq c" in "rtauth_require":



=== TEST 32: an unknown group
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require group a;
--- must_die
--- error_log
unknown group "a" in "rtauth_require group a": write "rtauth_group a { ... }" in http in



=== TEST 33: a permission nobody has
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require permission edit;
--- must_die
--- error_log
can never hold: no "rtauth_group" has a "permission"



=== TEST 34: a permission that is none
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require permission none;
--- must_die
--- error_log
in "rtauth_require": write "permission use", "permission edit" or "permission own"



=== TEST 35: another error code
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require claim a eq b error=404;
--- must_die
--- error_log
invalid parameter "error=404" in "rtauth_require": write "error=401" or "error=403"



=== TEST 36: off beside conditions
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_require claim a eq b; rtauth_require off;
--- must_die
--- error_log
"rtauth_require off" drops the conditions of outer levels



=== TEST 37: rtauth_authorize without permissions
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_authorize on;
--- must_die
--- error_log
"rtauth_authorize on" lets nobody in: no "rtauth_group" has a "permission"



=== TEST 38: rtauth_workspace in a prefix location
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    location /t { rtauth corp; rtauth_workspace on; }
--- must_die
--- error_log
would send deep links away: write it in "location = /"



=== TEST 39: rtauth_workspace without rtauth
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
rtauth_group a { match g has a; permission use; default_app /a; }
--- config
    location = /t { rtauth_workspace on; }
--- must_die
--- error_log
"rtauth_workspace on" knows no user: write "rtauth NAME"



=== TEST 40: rtauth_workspace without a default_app
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    location = /t { rtauth corp; rtauth_workspace on; }
--- must_die
--- error_log
"rtauth_workspace on" has nowhere to send users



=== TEST 41: rtauth_workspace in a server
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth_workspace on;
--- must_die
--- error_log
"rtauth_workspace" directive is not allowed here



=== TEST 42: a token source that is no variable
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_token header;
--- must_die
--- error_log
invalid source "header" in "rtauth_token": write variables



=== TEST 43: a token source beside off
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_token $arg_t off;
--- must_die
--- error_log
invalid source "off" in "rtauth_token"



=== TEST 44: too many token sources
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth corp; rtauth_token $arg_a $arg_b $arg_c $arg_d $arg_e $arg_f $arg_g $arg_h $arg_i;
--- must_die
--- error_log
invalid number of arguments in "rtauth_token": write at most 8



=== TEST 45: rtauth_claim without a variable
--- http_config
    rtauth_claim x a.b;
--- config
    
--- must_die
--- error_log
invalid variable "x" in "rtauth_claim": write "rtauth_claim $NAME PATH"



=== TEST 46: rtauth_claim with a bad PATH
--- http_config
    rtauth_claim $x a[b];
--- config
    
--- must_die
--- error_log
invalid path "a[b]" in "rtauth_claim": write "a.b[0]", or a JSON Pointer



=== TEST 47: rtauth_claim with another word
--- http_config
    rtauth_claim $x a text;
--- config
    
--- must_die
--- error_log
invalid parameter "text" in "rtauth_claim": write "json" or nothing



=== TEST 48: rtauth_claim twice
--- http_config
    rtauth_claim $x a; rtauth_claim $x b;
--- config
    
--- must_die
--- error_log
duplicate "x" variable



=== TEST 49: rtauth_raw_path
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth_raw_path maybe;
--- must_die
--- error_log
invalid value "maybe"



=== TEST 50: rtauth_cache
--- http_config
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth_cache maybe;
--- must_die
--- error_log
it must be "on" or "off"



=== TEST 51: two providers with one issuer, one below the other
--- http_config
    rtauth_zone 1m;
    rtauth_provider tools { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
    rtauth_provider admin { issuer https://login.example.com; audience admin;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    rtauth tools;
    location /t { rtauth tools admin; }
--- must_die
--- error_log eval
qr/providers "tools" and "admin" in "rtauth" have one issuer, "https:\/\/login.example.com", and the second would never be asked: write one of them/



=== TEST 52: two providers with one issuer, each in a place of its own
--- http_config
    rtauth_zone 1m;
    rtauth_provider tools { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
    rtauth_provider admin { issuer https://login.example.com; audience admin;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; }
--- config
    location /t { rtauth tools; return 200 t; }
    location /a { rtauth admin; return 200 a; }
--- request
GET /a
--- error_code: 403



=== TEST 53: a lost semicolon would take the line that guards the server
--- http_config eval: RT::JWT::corp()
--- config
    rtauth_strip_header X-Email
    rtauth corp;
--- must_die
--- error_log
a semicolon is missing before "rtauth" in "rtauth_strip_header"



=== TEST 54: as a protocol
--- http_config eval: RT::JWT::corp()
--- config
    rtauth_upgrade websocket
    rtauth corp;
--- must_die
--- error_log
a semicolon is missing before "rtauth" in "rtauth_upgrade"



=== TEST 55: a line of another module, as the value of a claim
--- http_config eval: RT::JWT::corp()
--- config
    rtauth corp;
    rtauth_require claim role in user root
    limit_rate 1k;
--- must_die
--- error_log
a semicolon is missing before "limit_rate" in "rtauth_require"



=== TEST 56: words that are directives and values
--- http_config eval: RT::JWT::corp()
--- config
    rtauth_strip_header Expires Allow limit_rate;
    location /t {
        rtauth corp;
        rtauth_require claim role in user root alias rtauth;
        return 204;
    }
--- request
GET /t
--- error_code: 403



=== TEST 57: nginx's own line before it
--- http_config eval
RT::JWT::corp() . '
    server {
        listen       127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        server_name  rtauth rtauth.example.com;
    }
    server {
        listen       127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        server_name  tools.example.com
        rtauth       corp;
    }'
--- config
--- must_die
--- error_log eval
qr/a semicolon is missing before "rtauth" in "server_name" of the server in \S+nginx.conf:\d+/



=== TEST 58: a host of that name
--- http_config eval
RT::JWT::corp() . '
    server {
        listen       127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        server_name  rtauth rtauth.example.com;
    }'
--- config
    location /t { rtauth corp; return 200 t; }
--- request
GET /t
--- error_code: 403

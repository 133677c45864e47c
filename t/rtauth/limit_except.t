use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

# limit_except: some methods need a user, or need none.

our $app = 'proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app; }
    location /app { rtauth off; return 200 "in\n"; }';

plan_all();
run_tests();

__DATA__

=== TEST 1: methods that need a user
--- http_config eval: RT::JWT::corp()
--- config eval
"location /t { limit_except GET { rtauth corp; } $::app"
--- request eval
["GET /t", "HEAD /t", "POST /t", "POST /t", "PROPFIND /t", "OPTIONS /t",
 "BREW /t", "BREW /t"]
--- more_headers eval
["", "", "", RT::JWT::bearer(), "", "", "", RT::JWT::bearer()]
--- error_code eval
[200, 200, 401, 200, 401, 401, 401, 200]



=== TEST 2: an if, a set, a return of the location do not undo it
--- http_config eval: RT::JWT::corp()
--- config eval
"location /t { if (\$arg_x) { set \$y 1; } set \$z 1;
     limit_except GET { rtauth corp; rtauth_require claim sub eq u-2; } $::app"
--- request eval
["GET /t?x=1", "POST /t?x=1", "POST /t?x=1", "POST /t?x=1"]
--- more_headers eval
["", "", RT::JWT::bearer(), RT::JWT::bearer(sub => 'u-2')]
--- error_code eval
[200, 401, 403, 200]



=== TEST 3: methods that need none, and another provider
--- http_config eval
RT::JWT::corp() . ' rtauth_provider partner { issuer https://p.example;
    audience tools; jwks_file $TEST_NGINX_DATA/keys/jwks.json; }'
--- config eval
"rtauth corp;
 location /open { limit_except POST { rtauth off; } $::app
 location /other { limit_except GET { rtauth partner; }
     proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/app; }"
--- request eval
["GET /open", "POST /open", "GET /other", "POST /other", "POST /other"]
--- more_headers eval
["", "", RT::JWT::bearer(), RT::JWT::bearer(),
 RT::JWT::bearer(iss => 'https://p.example')]
--- error_code eval
[200, 401, 200, 401, 200]



=== TEST 4: preaccess, a subrequest, and the path
--- http_config eval: RT::JWT::corp()
--- config eval
"location /t { rtauth_phase preaccess; limit_except GET { rtauth corp; } $::app
 location /page { auth_request /t; limit_except GET { rtauth corp; }
     proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/app; }"
--- request eval
["GET /t", "POST /t", "POST /t", "GET /page", "POST /page", "GET /t/a%2fb"]
--- more_headers eval
["", "", RT::JWT::bearer(), "", "", ""]
--- error_code eval
[200, 401, 200, 200, 401, 403]



=== TEST 5: an unknown provider is named with its line
--- http_config eval: RT::JWT::corp()
--- config
    location /t { limit_except GET { rtauth corb; } }
--- must_die
--- error_log
unknown provider "corb" in "rtauth"

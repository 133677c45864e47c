use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;
use RT::JWT;

# The pages of a sign-in, and the variable that names them.

plan_all();
run_tests();

__DATA__

=== TEST 1: what is no page of ours has no name
--- http_config eval: RT::JWT::corp()
--- config
    location /t {
        rtauth corp;
        add_header X-Page "[$rtauth_page]" always;
        try_files /ok.txt =404;
    }
--- user_files
>>> ok.txt
ok
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
["", RT::JWT::bearer()]
--- error_code eval
[401, 200]
--- response_headers eval
["X-Page: []", "X-Page: []"]

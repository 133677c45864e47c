use lib 't/lib';
use RT qw(rttest);
use RT::Idp;

# The HTTP client as a second consumer sees it: test/module sends what its
# location says and prints what came back.

plan_all();
run_tests();

__DATA__

=== TEST 1: a form and a header go out; status, header and body come back
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP/ok.post/echo method=POST
                    body=grant_type=code&code=abc
                    "header=Authorization:Basic YTpi" want=Content-Type
                    want=X-None;
    }
--- request
GET /t
--- response_body chomp
200 
Content-Type: application/json

{"n":1,"c":1,"method":"POST","http":"1.1","type":"application/x-www-form-urlencoded","agent":"rttest","length":"24","authorization":"Basic YTpi","sent":"grant_type=code&code=abc"}



=== TEST 2: the same over TLS and HTTP/2, with a type of its own
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_TLS/ok.post2/echo method=POST "body={}"
                    header=Content-Type:application/json
                    ca=$TEST_NGINX_IDP_CA;
    }
--- request
GET /t
--- response_body chomp
200 

{"n":1,"c":1,"method":"POST","http":"2.0","type":"application/json","agent":"rttest","length":"2","sent":"{}"}



=== TEST 3: a POST of nothing
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP/ok.empty/echo method=POST;
    }
--- request
GET /t
--- response_body_like: "method":"POST".*"length":"0".*"sent":""



=== TEST 4: a larger body
--- config eval
my $body = ' "body=' . 'x' x 4000 . '"';
qq{
    location = /t {
        rttest_http $ENV{TEST_NGINX_IDP}/ok.large/echo method=POST$body;
    }
}
--- request
GET /t
--- response_body_like: "length":"4000","sent":"x{4000}"



=== TEST 5: another status is an error; its body is there all the same
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP/e400.plain/echo method=POST body=a=b;
    }
--- request
GET /t
--- response_body chomp
400 status 400

{"error":"invalid_grant"}



=== TEST 6: expected statuses
--- config
    location = /400 {
        rttest_http $TEST_NGINX_IDP/e400.expected/echo expect=200 expect=400;
    }
    location = /200 {
        rttest_http $TEST_NGINX_IDP/ok.unexpected/echo expect=201 expect=204;
    }
--- request eval
["GET /400", "GET /200"]
--- response_body_like eval
['^400 \n\n\{"error":"invalid_grant"\}$', '^200 status 200\n']



=== TEST 7: a repeated header is joined; interim answers and trailers are not it
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP/headed.a/echo want=X-A want=X-Empty
                    want=X-B;
    }
--- request
GET /t
--- response_body chomp
200 
X-A: one, two
X-Empty: 

hello



=== TEST 8: a header that is repeated without end
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP/repeated.a/echo want=X-A;
    }
--- request
GET /t
--- response_body_like: ^200 a header of the answer is repeated too often\n



=== TEST 9: nobody wants that header, and nothing is wrong with it
--- config
    location = /t { rttest_http $TEST_NGINX_IDP/repeated.b/echo; }
--- request
GET /t
--- response_body_like: ^200 \n\n$



=== TEST 10: a header with a line end is not sent
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP/ok.inject/echo "header=X:a\r\nY: b";
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /t", "GET /ctl/ok.inject/echoed"]
--- error_code eval
[500, 200]
--- response_body_like eval
['500 Internal', '^echoed 0$']



=== TEST 11: the whole exchange has a deadline, however busy it is
--- config
    location = /hang {
        rttest_http $TEST_NGINX_IDP/hang.dead/echo timeout=300ms;
    }
    location = /busy {
        rttest_http $TEST_NGINX_IDP/trickle.dead/echo timeout=400ms;
    }
--- request eval
["GET /hang", "GET /busy"]
--- response_body_like eval
['^0 timed out after 300ms\n', '^200 timed out after 400ms\n\n +$']



=== TEST 12: the answer has a bound
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP/huge.max/echo max_body=16k;
    }
--- request
GET /t
--- response_body_like: ^200 the answer is too large\n



=== TEST 13: secrets in a header, a body and a query are in no log line
--- config
    location = /ok {
        rttest_http $TEST_NGINX_IDP/ok.secret/echo?key=s3cret method=POST
                    body=client_secret=s3cret "header=Authorization:Bearer s3cret"
                    max_body=1;
    }
    location = /refused {
        rttest_http http://127.0.0.1:1/x?key=s3cret method=POST
                    body=client_secret=s3cret "header=Authorization:Bearer s3cret";
    }
    location = /reset {
        rttest_http $TEST_NGINX_IDP/reset.secret/echo?key=s3cret;
    }
--- request eval
["GET /ok", "GET /refused", "GET /reset"]
--- response_body_unlike eval
['s3cret', 's3cret', 's3cret']
--- no_error_log
s3cret



=== TEST 14: a connection is kept, and used again
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_KEPT/ok.kept/echo method=POST body=a
                    keepalive=60s;
    }
    location = /other {
        rttest_http $TEST_NGINX_IDP_KEPT/ok.kept/echo keepalive=60s;
    }
--- request eval
["GET /t", "GET /other", "GET /t"]
--- response_body_like eval
['"n":1,"c":1,', '"n":2,"c":1,', '"n":3,"c":1,']



=== TEST 15: without keepalive there is one for each request
--- config
    location = /t { rttest_http $TEST_NGINX_IDP_KEPT/ok.fresh/echo; }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /t", "GET /t", "GET /ctl/ok.fresh/open/0"]
--- response_body_like eval
['"n":1,"c":1,', '"n":2,"c":2,', '^open 0$']



=== TEST 16: HTTP/2 is kept too
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_TLS/ok.kept2/echo ca=$TEST_NGINX_IDP_CA
                    keepalive=60s;
    }
--- request eval
["GET /t", "GET /t"]
--- response_body_like eval
['"n":1,"c":1,.*"http":"2.0"', '"n":2,"c":1,']



=== TEST 17: a kept connection is of no use to whoever does not trust its peer
--- config
    location = /trusts {
        rttest_http $TEST_NGINX_IDP_TLS/ok.trust/echo ca=$TEST_NGINX_IDP_CA
                    keepalive=60s;
    }
    location = /system {
        rttest_http $TEST_NGINX_IDP_TLS/ok.trust/echo keepalive=60s;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /trusts", "GET /system", "GET /ctl/ok.trust/echoed"]
--- response_body_like eval
['"n":1,"c":1,', '^0 SSL certificate problem', '^echoed 1$']



=== TEST 18: a peer that ends a kept connection is noticed
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_KEPT/ok.ends/echo keepalive=60s;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /t", "GET /ctl/ok.ends/open/1", "GET /ctl/ok.ends/end",
 "GET /ctl/ok.ends/open/0", "GET /t"]
--- response_body_like eval
['"n":1,"c":1,', '^open 1$', '^end', '^open 0$', '"n":2,"c":2,']



=== TEST 19: so is one of TLS and HTTP/2
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_TLS/ok.ends2/echo ca=$TEST_NGINX_IDP_CA
                    keepalive=60s;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /t", "GET /ctl/ok.ends2/open/1", "GET /ctl/ok.ends2/end",
 "GET /ctl/ok.ends2/open/0", "GET /t"]
--- response_body_like eval
['"n":1,"c":1,', '^open 1$', '^end', '^open 0$', '"n":2,"c":2,']



=== TEST 20: it is kept for a while only
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_KEPT/ok.while/echo keepalive=100ms;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /t", "GET /ctl/ok.while/open/0", "GET /t"]
--- response_body_like eval
['"n":1,"c":1,', '^open 0$', '"n":2,"c":2,']



=== TEST 21: a second answer to one request is nobody's
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_KEPT/poison.a/echo keepalive=60s;
    }
--- request eval
["GET /t", "GET /t", "GET /t"]
--- response_body_like eval
['"n":1,"c":1,', '"n":2,"c":2,', '"n":3,"c":3,']



=== TEST 22: a request that may be sent again when a kept connection is dead
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_KEPT/dies-second.again/echo method=POST
                    body=a keepalive=60s;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /t", "GET /t", "GET /ctl/dies-second.again/echoed"]
--- response_body_like eval
['"n":1,"c":1,', '"n":3,"c":2,', '^echoed 3$']



=== TEST 23: one that must not be
--- config
    location = /t {
        rttest_http $TEST_NGINX_IDP_KEPT/dies-second.once/echo method=POST
                    body=a keepalive=60s once;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- request eval
["GET /t", "GET /t", "GET /ctl/dies-second.once/echoed"]
--- response_body_like eval
['"n":1,"c":1,', '"n":2,"c":2,', '^echoed 2$']

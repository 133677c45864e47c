use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;

# Discovery: from the issuer to its keys, and only there.

plan_all();
run_tests();

__DATA__

=== TEST 1: issuer alone
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.disc;
        audience  tools;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/ok.disc/count"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.disc'))
--- response_body eval
["hello\n", "discovery=1 jwks=1\n"]



=== TEST 2: over TLS
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP_TLS/ok.dtls;
        audience  tools;
        ssl_trusted_certificate $TEST_NGINX_IDP_CA;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/ok.dtls/count"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.dtls', 'https'))
--- response_body eval
["hello\n", "discovery=1 jwks=1\n"]



=== TEST 3: an URL of its own
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.durl;
        audience  tools;
        discovery $TEST_NGINX_IDP/ok.durl/.well-known/openid-configuration;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.durl'))
--- response_body
hello



=== TEST 4: with jwks_file alone nothing is discovered
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/ok.none;
        audience  tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/ok.none/count"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.none'))
--- response_body eval
["hello\n", "discovery=0 jwks=0\n"]



=== TEST 5: wrong-issuer
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/wrong-issuer.d;
        audience  tools;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('wrong-issuer.d'))
--- error_code: 503
--- error_log
keys could not be fetched: the discovery document names another "issuer"



=== TEST 6: no-uri
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/no-uri.d;
        audience  tools;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('no-uri.d'))
--- error_code: 503
--- error_log
keys could not be fetched: the discovery document has no "jwks_uri"



=== TEST 7: uri-file
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/uri-file.d;
        audience  tools;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('uri-file.d'))
--- error_code: 503
--- error_log
keys could not be fetched: the discovery document has an invalid "jwks_uri"



=== TEST 8: uri-http
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/uri-http.d;
        audience  tools;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('uri-http.d'))
--- error_code: 503
--- error_log
keys could not be fetched: the discovery document has a "jwks_uri" that is not https



=== TEST 9: uri-name
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/uri-name.d;
        audience  tools;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('uri-name.d'))
--- error_code: 503
--- error_log
keys could not be fetched: the host is not known from the configuration and there is no "resolver" in http {}



=== TEST 10: no-json
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/no-json.d;
        audience  tools;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('no-json.d'))
--- error_code: 503
--- error_log
keys could not be fetched: the discovery document is no JSON object



=== TEST 11: an address by nginx's resolver
--- http_config
    rtauth_zone 1m;
    resolver $TEST_NGINX_IDP_DNS;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP_TLS/uri-name.res;
        audience  tools;
        ssl_trusted_certificate $TEST_NGINX_IDP_CA;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/ok.named/count"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('uri-name.res', 'https'))
--- response_body eval
["hello\n", "discovery=0 jwks=1\n"]



=== TEST 12: a name nobody knows at start, with a resolver
--- http_config
    rtauth_zone 1m;
    resolver $TEST_NGINX_IDP_DNS;
    rtauth_provider p {
        issuer    i;
        audience  tools;
        jwks_uri  https://nobody.invalid/jwks;
    }
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
    location /ctl/ { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => 'i')
--- error_code: 503
--- error_log
will ask the resolver later
"nobody.invalid" could not be resolved (3: Host not found)
keys could not be fetched: the host could not be resolved



=== TEST 13: discovery and keys take one connection
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP_KEPT/ok.one;
        audience  tools;
        discovery $TEST_NGINX_IDP_KEPT/ok.one/.well-known/openid-configuration;
    }
--- config
    location /t       { rtauth p; }
    location /ctl/    { proxy_pass $TEST_NGINX_IDP; }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /ctl/ok.one/count", "GET /ctl/ok.one/connections"]
--- more_headers eval
RT::Idp::bearer(iss => "$ENV{TEST_NGINX_IDP_KEPT}/ok.one")
--- response_body eval
["hello\n", "discovery=1 jwks=1\n", "connections 1\n"]



=== TEST 14: an address that nginx and libcurl would read as two
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    i;
        audience  tools;
        jwks_uri  http://0127.0.0.1/jwks;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid URL "http://0127.0.0.1/jwks" in "jwks_uri": write "https://HOST/PATH", for this one has an address that is not four decimal numbers



=== TEST 15: a query of an address may be a key to it: it is in no log line
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    i;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP/ok.query/none?key=s3cret;
    }
--- config
    location /t { rtauth p; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => 'i')
--- error_code: 503
--- error_log eval
qr{keys could not be fetched: status 404, url: "http://[0-9.:]+/ok\.query/none"}
--- no_error_log
s3cret



=== TEST 16: a document that has moved: the log says where to
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP/moved.disc;
        audience  tools;
    }
--- config
    location /t { rtauth p; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('moved.disc'))
--- error_code: 503
--- error_log eval
qr{keys could not be fetched: status 301, redirects are not followed, this one leads to "http://[0-9.:]+/ok\.moved\.disc/metadata", url: "http://[0-9.:]+/moved\.disc/\.well-known/openid-configuration"}
--- no_error_log
secret=1

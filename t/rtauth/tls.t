use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

# Keys over https: whom nginx believes.

plan_all();
run_tests();

__DATA__

=== TEST 1: a CA of our own, HTTP/2
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP_TLS/ok.tls;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP_TLS/ok.tls/jwks;
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
["GET /t", "GET /ctl/ok.tls/seen"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.tls', 'https'))
--- response_body eval
["hello\n", "http=2.0 agent=nginx-rtauth\n"]



=== TEST 2: the system does not know this CA
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP_TLS/ok.unknown;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP_TLS/ok.unknown/jwks;
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
RT::Idp::bearer(iss => RT::Idp::idp('ok.unknown', 'https'))
--- error_code: 503
--- error_log
keys could not be fetched: SSL certificate problem



=== TEST 3: a certificate of another name
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $TEST_NGINX_IDP_WRONG/ok.name;
        audience  tools;
        jwks_uri  $TEST_NGINX_IDP_WRONG/ok.name/jwks;
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
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.name', 'https'))
--- error_code: 503
--- error_log eval
qr/no alternative certificate subject name matches target /



=== TEST 4: plain HTTP behind an https URL
--- http_config eval
my $port = $ENV{TEST_NGINX_IDP} =~ /(\d+)$/ ? $1 : 0;
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    i;
        audience  tools;
        jwks_uri  https://127.0.0.1:$port/ok.plain/jwks;
    }
"
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
keys could not be fetched:



=== TEST 5: a failed handshake leaves no error to a stranger's connection
--- http_config eval
qq{
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $ENV{TEST_NGINX_IDP_TLS}/ok.stale;
        audience  tools;
        jwks_uri  $ENV{TEST_NGINX_IDP_TLS}/ok.stale/jwks;
    }
    server {
        listen unix:\$TEST_NGINX_HTML_DIR/tls.sock ssl;
        ssl_certificate     $ENV{TEST_NGINX_IDP_DIR}/localhost.pem;
        ssl_certificate_key $ENV{TEST_NGINX_IDP_DIR}/localhost.key;
        return 200 "stranger\\n";
    }
}
--- config
    location /t { rtauth p; }
    location /tls {
        proxy_pass https://unix:$TEST_NGINX_HTML_DIR/tls.sock;
        proxy_ssl_session_reuse off;
    }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /tls"]
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.stale', 'https'))
--- error_code eval
[503, 200]

use lib 't/lib';
use RT qw(rtauth);
use JSON::PP ();
use RT::Idp;
use RT::JWT ();
use RT::Nginx ();

# jwks_file: read by the master at start and at reload.

plan_all();
run_tests();

__DATA__

=== TEST 1: not there
--- http_config eval
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        jwks_file \$TEST_NGINX_IDP_DIR/none.json;
    }
"
--- config
--- must_die
--- error_log
cannot be opened, mend the path or who may read it



=== TEST 2: a folder
--- http_config eval
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        jwks_file \$TEST_NGINX_IDP_DIR/.;
    }
"
--- config
--- must_die
--- error_log
is empty, too large or no regular file



=== TEST 3: empty
--- http_config eval
RT::Idp::write_file('empty.json', '');
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        jwks_file \$TEST_NGINX_IDP_DIR/empty.json;
    }
"
--- config
--- must_die
--- error_log
is empty, too large or no regular file



=== TEST 4: too large
--- http_config eval
RT::Idp::write_file('large.json', ' ' x 300_000);
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        jwks_file \$TEST_NGINX_IDP_DIR/large.json;
    }
"
--- config
--- must_die
--- error_log
is empty, too large or no regular file



=== TEST 5: not JSON
--- http_config eval
RT::Idp::write_file('text.json', 'keys: none');
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        jwks_file \$TEST_NGINX_IDP_DIR/text.json;
    }
"
--- config
--- must_die
--- error_log
it must be a JWK Set with a key for one of the "algorithms"



=== TEST 6: no keys
--- http_config eval
RT::Idp::write_file('bare.json', '{"keys":[]}');
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        jwks_file \$TEST_NGINX_IDP_DIR/bare.json;
    }
"
--- config
--- must_die
--- error_log
it must be a JWK Set with a key for one of the "algorithms"



=== TEST 7: no key for the algorithms
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        algorithms RS256;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
--- must_die
--- error_log
it must be a JWK Set with a key for one of the "algorithms"



=== TEST 8: an HMAC key that others may read
--- http_config eval
RT::Idp::write_file('open.json', '{"keys":[{"kty":"oct","kid":"h","k":"' . 'A' x 43 . '"}]}', 0644);
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        algorithms HS256;
        jwks_file \$TEST_NGINX_IDP_DIR/open.json;
    }
"
--- config
--- must_die
--- error_log
has an HMAC key and may be read by all users, make it "chmod o=



=== TEST 9: an HMAC key in a file of its own
--- http_config eval
RT::Idp::write_file('secret.json', '{"keys":[{"kty":"oct","kid":"h","k":"' . 'A' x 43 . '"}]}', 0640);
"
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        algorithms HS256;
        jwks_file \$TEST_NGINX_IDP_DIR/secret.json;
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
--- error_code: 401
--- response_headers
X-Result: bad_alg



=== TEST 10: several files
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        jwks_file $TEST_NGINX_IDP_DIR/k2.json;
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
["GET /t", "GET /t", "GET /t"]
--- more_headers eval
[map { RT::Idp::bearer(iss => 'i', key => $_) } qw(k1 k2 k3)]
--- error_code eval
[200, 200, 401]



=== TEST 11: a certificate beside a key has no say
--- http_config eval
my $set = JSON::PP::decode_json(RT::Nginx::slurp('t/data/keys/jwks.json'));
my $x5c = `openssl req -x509 -new -key t/data/keys/rogue.pem -subj /CN=x -days 9`;

$x5c =~ s/-----.*?-----|\n//g;

for (@{$set->{keys}}) {
    $_->{x5c} = [$x5c];
    $_->{x5u} = 'https://keys.example.com/x.pem';
}

RT::Idp::write_file('x5c.json', JSON::PP::encode_json($set));
'
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://login.example.com;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/x5c.json;
    }
'
--- config
    location /t {
        rtauth      p;
        add_header  X-Result $rtauth_result always;
    }
--- user_files
>>> t
hello
--- request eval
["GET /t", "GET /t"]
--- more_headers eval
[RT::JWT::bearer(-key => 'rsa'), RT::JWT::bearer(-key => 'rogue', -kid => 'rsa')]
--- error_code eval
[200, 401]
--- response_headers eval
["X-Result: ok", "X-Result: bad_signature"]

use lib 't/lib';
use RT qw(rtauth);
use RT::Idp;
use RT::JWT;

# The block rtauth_provider: what it refuses, and with what words.

plan_all();
run_tests();

__DATA__

=== TEST 1: no issuer
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
rtauth_provider "p": no "issuer": write "issuer"


=== TEST 2: no audience
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
rtauth_provider "p": no "audience": write "audience VALUE ..."


=== TEST 3: any beside another audience
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience any tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid value "any" in "audience": write it alone, or the other values


=== TEST 53: type: what a token's header may say it is
--- http_config eval: RT::JWT::corp('type at+jwt okta-internal-at+jwt;')
--- config
rtauth corp; location /t { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
[('GET /t') x 6]
--- more_headers eval
[map { RT::JWT::bearer(-header => $_) }
 { typ => 'at+jwt' }, { typ => 'application/AT+JWT' },
 { typ => 'application/okta-internal-at+jwt' }, { typ => 'JWT' },
 { typ => undef }, { typ => 'absent' }]
--- error_code eval
[200, 200, 200, 401, 401, 401]



=== TEST 56: type: why
--- http_config eval: RT::JWT::corp('type at+jwt;')
--- config
rtauth corp;
--- request
GET /t
--- more_headers eval: RT::JWT::bearer()
--- error_code: 401
--- error_log
rtauth: refused with 401: bad_type



=== TEST 54: type: a header that does not say
--- http_config eval: RT::JWT::corp('type absent;')
--- config
rtauth corp; location /t { try_files /ok.txt =404; }
--- user_files
>>> ok.txt
in
--- request eval
[('GET /t') x 3]
--- more_headers eval
[map { RT::JWT::bearer(-header => $_) }
 { typ => undef }, { typ => 'absent' }, { typ => 'JWT' }]
--- error_code eval
[200, 401, 401]



=== TEST 55: type: one that is never a bearer's
--- http_config eval: RT::JWT::corp('type JWT application/Logout+JWT;')
--- config
rtauth corp;
--- must_die
--- error_log
invalid value "application/Logout+JWT" in "type": leave it out



=== TEST 4: audience twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        audience b;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"audience" is duplicate, write all values in one line


=== TEST 5: issuer twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        issuer j;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"issuer" is duplicate


=== TEST 6: issuer with a blank
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer "a b";
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid value in "issuer": write exactly what tokens have in "iss"


=== TEST 7: an empty value
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer "";
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid value "" in "issuer": write one, or leave the line out


=== TEST 8: unknown algorithm
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        algorithms RS256 RS257;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid algorithm "RS257" in "algorithms": write any of RS256


=== TEST 9: none is no algorithm
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        algorithms none;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid algorithm "none" in "algorithms": write any of RS256


=== TEST 10: algorithm in another case
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        algorithms rs256;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid algorithm "rs256" in "algorithms"


=== TEST 11: HMAC without a key for it
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        algorithms ES256 HS256;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"algorithms" lists HS256, but no "jwks_file" has an "oct" key of at least 32 bytes for it


=== TEST 12: HMAC with keys by URL
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        algorithms HS256;
        jwks_uri https://127.0.0.1/jwks;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"algorithms" lists HMAC, whose keys are never fetched


=== TEST 13: discovery off without keys
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience a;
        discovery off;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"discovery off" leaves no keys: write "jwks_file PATH" or "jwks_uri URL"


=== TEST 14: discovery beside jwks_uri
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience a;
        discovery https://127.0.0.1/;
        jwks_uri https://127.0.0.1/jwks;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
both "jwks_uri" and "discovery", drop one of them


=== TEST 15: an issuer that is no URL cannot be discovered
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer corp;
        audience a;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
the keys of "issuer corp" cannot be discovered, for it does not begin with "https://"


=== TEST 16: plain http issuer elsewhere
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer http://192.0.2.1;
        audience a;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
keys would be discovered over plain http from "http://192.0.2.1/.well-known/openid-configuration": write an https issuer


=== TEST 17: another scheme
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri file:///etc/passwd;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid URL "file:///etc/passwd" in "jwks_uri": write "https://HOST/PATH", for this one does not begin with "https://"


=== TEST 18: a user name in the URL
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://u:p@idp.test/;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid URL in "jwks_uri": write it without a user name
--- no_error_log
u:p


=== TEST 19: a user name alone in the URL
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://u@idp.test/;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid URL in "jwks_uri": write it without a user name
--- no_error_log
u@


=== TEST 20: a port out of range
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://127.0.0.1:65536/;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
for this one has an invalid port


=== TEST 21: a fragment
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri "https://127.0.0.1/#x";
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
for this one has a blank, a "#", a "\" or a byte that is not printable ASCII


=== TEST 22: no host
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https:///jwks;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
for this one has no host


=== TEST 23: an unclosed IPv6 address
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://[::1/jwks;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
for this one has an invalid IPv6 address


=== TEST 24: a host nobody knows
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://nobody.invalid/jwks;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
rtauth_provider "p": host not found in "https://nobody.invalid/jwks", mend the name or write "resolver ADDRESS" in http


=== TEST 25: bad leeway
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        leeway soon;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid time "soon" in "leeway": write one from 0 to 600s


=== TEST 26: leeway too long
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        leeway 1h;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid time "1h" in "leeway"


=== TEST 27: cooldown of nothing
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        jwks_cooldown 0;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid time "0" in "jwks_cooldown": write one from 1s to 365d


=== TEST 28: bad timeout
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        timeout 2m;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid time "2m" in "timeout": write one from 1ms to 60s


=== TEST 29: timeout twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        timeout 1s;
        timeout 1s;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"timeout" is duplicate


=== TEST 30: unknown directive
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        introspections x;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
unknown directive "introspections" in the block


=== TEST 31: too many values
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer a b;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid number of arguments in "issuer": write one value


=== TEST 32: no value
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        audience;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid number of arguments in "audience": write 1 to 64 values


=== TEST 33: a CA that is none
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://127.0.0.1/;
        ssl_trusted_certificate $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
has no certificate, it must be a PEM file


=== TEST 34: a CA that is not there
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://127.0.0.1/;
        ssl_trusted_certificate $TEST_NGINX_IDP_DIR/none.pem;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
cannot be opened, mend the path or who may read it


=== TEST 35: a CA for plain http
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri http://127.0.0.1/;
        ssl_trusted_certificate $TEST_NGINX_IDP_DIR/ca.pem;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"ssl_trusted_certificate" is of no use with "http://127.0.0.1/": write "https://"


=== TEST 36: no zone
--- http_config
    
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
--- must_die
--- error_log
rtauth_provider "p": no memory for its keys: write "rtauth_zone 16m" in http


=== TEST 37: the same name twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        } rtauth_provider p { issuer https://idp.test;
        audience tools;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
duplicate rtauth_provider "p": give each provider a name of its own


=== TEST 38: the name a!
--- http_config
    rtauth_zone 1m;
    rtauth_provider "a!" { }
--- config
--- must_die
--- error_log
invalid name "a!" in "rtauth_provider": write 1 to 64 letters


=== TEST 39: the name off
--- http_config
    rtauth_zone 1m;
    rtauth_provider "off" { }
--- config
--- must_die
--- error_log
invalid name "off" in "rtauth_provider": write 1 to 64 letters


=== TEST 40: everything at once is taken
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer         $TEST_NGINX_IDP/ok.all;
        audience       tools other;
        algorithms     ES256 RS256;
        jwks_file      $TEST_NGINX_IDP_DIR/jwks.json;
        jwks_uri       $TEST_NGINX_IDP/ok.all/jwks;
        leeway         10s;
        max_lifetime   2h;
        jwks_refresh   10m;
        jwks_cooldown  10s;
        timeout        2s;
        user_claim     sub;
    }
--- config
    location /t { rtauth p; add_header X-Result $rtauth_result always; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => RT::Idp::idp('ok.all'))
--- response_headers
X-Result: ok
--- response_body
hello


=== TEST 41: a token that lives longer than max_lifetime
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer         i;
        audience       tools;
        jwks_file      $TEST_NGINX_IDP_DIR/jwks.json;
        max_lifetime   30m;
    }
--- config
    location /t { rtauth p; add_header X-Result $rtauth_result always; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => 'i')
--- response_headers
X-Result: too_long_lived
--- error_code: 401


=== TEST 42: plain http elsewhere is allowed when written, and warned of
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    i;
        audience  tools;
        jwks_uri  http://192.0.2.1/jwks;
        timeout   50ms;
    }
--- config
    location /t { rtauth p; add_header X-Result $rtauth_result always; }
--- request
GET /t
--- error_code: 401
--- response_headers
X-Result: anonymous
--- error_log
keys from "http://192.0.2.1/jwks" come over plain http


=== TEST 43: a password with a slash, which ends the host
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_uri https://u:geh/eim@idp.test/;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid URL in "jwks_uri": write it without a user name and a password
--- no_error_log
eim@


=== TEST 44: a password in the issuer
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer https://u:geheim@idp.test;
        audience a;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid URL in "issuer": write it without a user name and a password
--- no_error_log
geheim


=== TEST 45: a password in the discovery document's address
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        discovery https://u:geheim@idp.test/d;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid URL in "discovery": write it without a user name and a password
--- no_error_log
geheim


=== TEST 46: a user_claim that is no path
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer i;
        audience a;
        jwks_file $TEST_NGINX_IDP_DIR/jwks.json;
        user_claim a..b;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid path "a..b" in "user_claim": write a claim's name, "a.b[0]", or a JSON Pointer


=== TEST 47: an issuer with an @ in its path, and a path as user_claim
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer     https://idp.test:8443/@tools;
        audience   tools;
        jwks_file  $TEST_NGINX_IDP_DIR/jwks.json;
        user_claim /sub;
    }
--- config
    location /t { rtauth p; add_header X-User $rtauth_user always; }
--- user_files
>>> t
hello
--- request
GET /t
--- more_headers eval
RT::Idp::bearer(iss => 'https://idp.test:8443/@tools')
--- response_headers_like
X-User: .+
--- response_body
hello



=== TEST 48: a lost semicolon
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer     i;
        jwks_file  $TEST_NGINX_IDP_DIR/jwks.json;
        audience   tools
        max_lifetime 1h;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
a semicolon is missing before "max_lifetime" in "audience"



=== TEST 49: a lost semicolon of a line with one value
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer     i;
        audience   tools;
        jwks_file
        algorithms RS256;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
a semicolon is missing before "algorithms" in "jwks_file"



=== TEST 50: require_sub
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer      i;
        audience    tools;
        jwks_file   $TEST_NGINX_IDP_DIR/jwks.json;
        require_sub no;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
invalid value "no" in "require_sub": write "on" or "off"



=== TEST 51: require_sub twice
--- http_config
    rtauth_zone 1m;
    rtauth_provider p {
        issuer      i;
        audience    tools;
        jwks_file   $TEST_NGINX_IDP_DIR/jwks.json;
        require_sub on;
        require_sub off;
    }
--- config
    location /t { rtauth p; }
--- must_die
--- error_log
"require_sub" is duplicate



=== TEST 52: EdDSA under its name of RFC 9864, unless only the old one is listed
--- http_config eval
RT::JWT::corp() . <<'_EOC_'
    rtauth_provider old { issuer https://login.example.com; audience tools;
        jwks_file $TEST_NGINX_DATA/keys/jwks.json; algorithms EdDSA; }
_EOC_
--- config
    location /t { rtauth corp; alias $TEST_NGINX_DATA/keys/jwks.json; }
    location /old { rtauth old; alias $TEST_NGINX_DATA/keys/jwks.json;
        add_header X-Result $rtauth_result always; }
--- request eval
["GET /t", "GET /t", "GET /t", "GET /old", "GET /old"]
--- more_headers eval
[RT::JWT::bearer(-key => 'ed', -alg => 'Ed25519'),
 RT::JWT::bearer(-key => 'ed'), RT::JWT::bearer(-key => 'ed', -alg => 'Ed448'),
 RT::JWT::bearer(-key => 'ed', -alg => 'Ed25519'),
 RT::JWT::bearer(-key => 'ed')]
--- error_code eval
[200, 200, 401, 401, 200]
--- response_headers eval
["", "", "", "X-Result: bad_alg", "X-Result: ok"]



=== TEST 53: bound
--- http_config eval: RT::JWT::corp('bound cert;')
--- config
    location /t { rtauth corp; }
--- must_die
--- error_log
invalid value "cert" in "bound": write "off"



=== TEST 54: bound: a parameter of proofs
--- http_config eval: RT::JWT::corp('bound off nonce=on;')
--- config
    location /t { rtauth corp; }
--- must_die
--- error_log
invalid parameter "nonce=on" in "bound": leave it out



=== TEST 55: bound: an unknown parameter
--- http_config eval: RT::JWT::corp('bound dpop nonce=off;')
--- config
    location /t { rtauth corp; }
--- must_die
--- error_log
invalid parameter "nonce=off" in "bound": write "algs=NAME,..." or "nonce=on"



=== TEST 56: bound: an algorithm that everybody could sign with
--- http_config eval: RT::JWT::corp('bound any algs=ES256,HS256;')
--- config
    location /t { rtauth corp; }
--- must_die
--- error_log
invalid algorithm "HS256" in "bound"



=== TEST 57: bound: a list that ends with a comma
--- http_config eval: RT::JWT::corp('bound dpop algs=ES256,;')
--- config
    location /t { rtauth corp; }
--- must_die
--- error_log
invalid algorithm "" in "bound"

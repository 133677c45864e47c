#!/usr/bin/perl

# bound dpop: a token and the proof of its key (RFC 9449).  The twelve checks of
# its section 4.3 have their numbers.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256);
use MIME::Base64 qw(encode_base64url);
use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Proof;

my $provider = "issuer https://login.example.com; audience tools;
                jwks_file $RT::Top/t/data/keys/jwks.json";

my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 3,
                           level => 'info', http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp   { $provider; bound dpop; }
    rtauth_provider any    { $provider; bound any algs=ES256,EdDSA; }
    rtauth_provider nonce  { $provider; bound dpop nonce=on; }
    rtauth_provider free   { $provider; }

    add_header X-Result \$rtauth_result always;
    add_header X-Who    \$rtauth_claim_sub always;

    rtauth corp;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost other.test;

        location / { root %%DIR%%; }
        location /any { rtauth any; alias %%DIR%%/page; }
        location /nonce { rtauth nonce; alias %%DIR%%/page; }
        location /free { rtauth free; alias %%DIR%%/page; }
        location /arg { rtauth_token \$arg_t; alias %%DIR%%/page; }
        location /asks { rtauth off; auth_request /ask; alias %%DIR%%/page; }
        location = /ask { internal; alias %%DIR%%/page; }
        location /asked { auth_request /ask; alias %%DIR%%/page; }
        location /early { rtauth_phase preaccess; alias %%DIR%%/page; }
        location /error { error_page 404 =200 /page; alias %%DIR%%/none; }
        location /post { error_page 405 =200 /page; alias %%DIR%%/page; }
        location /satisfy { satisfy any; deny all; alias %%DIR%%/page; }
        location /rewritten { rewrite ^ /page last; }
        location /raw/ { rtauth_raw_path allow; root %%DIR%%;
                         try_files /page =404; }
        location /app { proxy_pass http://127.0.0.1:%%PORT2%%; }
    }

    server {
        listen 127.0.0.1:%%PORT1%% http2;
        server_name localhost;
        rtauth_origin https://api.example.com;
        location / { root %%DIR%%; }
        location /nonce { rtauth nonce; alias %%DIR%%/page; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        rtauth off;
        location / { return 200 "<\$http_authorization><\$http_dpop>"; }
    }
EOT

$nginx->file('page', 'page');
$nginx->start;

my $token = token(cnf => { jkt => key('ec')->{jkt} });


# "status result", or "status" alone; $head and $body are those of the answer

our ($head, $body);

sub get {
    my ($path, @headers) = @_;

    my %opt = map { ref ? %$_ : () } @headers;
    my $method = $opt{method} // 'GET';

    my $answer = $opt{http2}
        ? $nginx->http2($method, $path, port => 1,
                        headers => [grep { !ref } @headers])
        : $nginx->request($method, $path, headers => [grep { !ref } @headers],
                          %opt);

    my ($result) = $answer->{head} =~ /^X-Result: (\S+)/mi;
    ($head, $body) = @$answer{qw(head body)};

    return join ' ', $answer->{status}, $result // ();
}


sub refused {
    my ($what, @args) = @_;

    is(get('/page', shows($token, @args)), '401 bad_proof', $what);
}


is(get('/page', shows($token)), '200 ok', 'a token with its proof');

for my $name (qw(ed rsa pss p384)) {
    my $bound = token(cnf => { jkt => key($name)->{jkt} });
    is(get('/page', shows($bound, -key => $name)), '200 ok', "a key: $name");
}

is(get('/page', "authorization: dpop $token", 'dpop: ' . proof($token)),
   '200 ok', 'the scheme in any case of letters');
is(get('/page'), '401 anonymous', 'nobody');

my $algs = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'
           . ' Ed25519 Ed448';

like($head, qr/^WWW-Authenticate: DPoP realm="corp", algs="$algs"$/m,
     'is told what would do');


# 1. one header

is(get('/page', "Authorization: DPoP $token"), '401 bad_proof',
   '1: no DPoP header');
like($head, qr/DPoP realm="corp", algs="$algs", error="invalid_dpop_proof"/,
     '1: what is told');
is(get('/page', shows($token), 'DPoP: ' . proof($token)), '401 bad_proof',
   '1: two of them');

# 2. a single and well-formed JWT

is(get('/page', "Authorization: DPoP $token", "DPoP: $_"), '401 bad_proof',
   "2: no JWT: " . substr $_, 0, 20)
    for 'x', 'a.b.c', proof($token) . '.x',
        proof($token) . ', ' . proof($token);

# 3. all claims

refused("3: no $_", $_ => undef)
    for qw(jti htm htu iat ath);
refused('3: a long jti', jti => 'x' x 257);
refused('3: an empty jti', jti => '');
refused('3: a jti that is no text', jti => 1);
refused('3: an iat that is no number', iat => 'now');
refused('3: a nonce that is no text', nonce => 1);

# 4. typ

refused("4: typ " . ($_ // 'absent'), -header => { typ => $_ })
    for undef, 'JWT', 'DPOP+JWT', 'application/dpop+jwt', 'at+jwt';

# 5. alg

refused("5: alg $_",
        -header => { alg => $_ }) for qw(none HS256 ES256K);
refused('5: no alg', -header => { alg => undef });
is(get('/any', shows(token(cnf => { jkt => key('rsa')->{jkt} }),
                     -key => 'rsa', htu => 'http://localhost/any')),
   '401 bad_proof', '5: an alg that "algs" has not');
refused('5: crit', -header => { crit => ['x'], x => 1 });

# 6. the signature

refused('6: signed by another key',
        -key => 'other', -header => { jwk => key('ec')->{jwk} });
refused('6: an alg that is not of the key',
        -header => { alg => 'ES384' });

# 7. no private key

refused('7: a private key',
        -header => { jwk => key('ec')->{private} });
refused('7: no jwk', -header => { jwk => undef });
refused('7: a jwk that is none', -header => { jwk => 'x' });
refused('7: HMAC',
        -header => { jwk => { kty => 'oct', k => 'AAAA' } });
refused('7: an unknown kty',
        -header => { jwk => { kty => 'XX', x => 'AAAA' } });
refused('7: a coordinate is missing',
        -header => { jwk => { %{key('ec')->{jwk}}, y => undef } });

# 8. htm

refused("8: htm $_", htm => $_) for qw(POST get GETS);
is(get('/post', shows($token, htm => 'POST',
                      htu => 'http://localhost/post'), { method => 'POST' }),
   '200 ok', '8: the method of the client, also on an error page');
is(get('/post', shows($token, htu => 'http://localhost/post'),
       { method => 'POST' }), '401 bad_proof', '8: not of that page');

# 9. htu

is(get('/page?x=1', shows($token, htu => "$_/page")), '200 ok', "9: $_")
    for 'http://localhost', 'HTTP://LocalHost', 'http://localhost:80';

is(get('/page?x=1', shows($token, htu => "http://localhost$_")), '200 ok',
   "9: htu $_") for '/page?y=2', '/page#z', '/page?y#z', '/p%61ge', '/x/../page', '/./page';

is(get('/raw/%7e/%3a', shows($token, htu => "http://localhost$_")), '200 ok',
   "9: htu $_ of /raw/%7e/%3a") for qw(/raw/~/%3A /raw/%7E/%3a);

refused("9: htu $_", htu => $_)
    for 'https://localhost/page', 'http://localhost:81/page',
        'http://other.test/page', 'http://localhost.evil.test/page',
        'http://localhost@evil.test/page', '/page', '//localhost/page',
        'page', 'ftp://localhost/page';

refused("9: htu path $_",
        htu => "http://localhost$_")
    for '', '/', '/Page', '/page/', '//page', '/pag%65x', '/page%2f', '/pages';

is(get('/page', shows($token, htu => 'http://other.test/page'),
       { host => 'other.test' }), '401 bad_proof', '9: Host is localhost');
is($nginx->raw(join "\r\n", 'GET /page HTTP/1.1', "Host: $_->[0]",
               'Connection: close', shows($token, htu => $_->[1]), '', '')
   =~ /^HTTP\S+ (\d+)/ && $1, $_->[2], "9: Host $_->[0], htu $_->[1]")
    for ['other.test', 'http://other.test/page', 200],
        ['OTHER.test:8080', 'http://other.test:8080/page', 200],
        ['evil.test', 'http://evil.test/page', 401],
        ['localhost', 'http://evil.test/page', 401];

# the line names the server then, and nobody looks at Host to find it

for (['evil.test', 401], ['other.test', 200]) {
    my ($host, $status) = @$_;

    is($nginx->raw(join "\r\n", 'GET http://other.test/page HTTP/1.1',
                   "Host: $host", 'Connection: close',
                   shows($token, htu => "http://$host/page"), '', '')
       =~ /^HTTP\S+ (\d+)/ && $1, $status,
       "9: an absolute line, Host $host");
}


is(get('/page', shows($token, htu => 'https://api.example.com/page'),
       { port => 1, http2 => 1 }), '200 ok', '9: rtauth_origin, HTTP/2');
is(get('/page', shows($token), { port => 1, http2 => 1 }), '401 bad_proof',
   '9: not its own name then');
is(get('/rewritten', shows($token, htu => 'http://localhost/rewritten')),
   '200 ok', '9: before a rewrite');
is(get('/rewritten', shows($token)), '401 bad_proof', '9: not behind it');

# 10. a nonce

my $at = 'http://localhost/nonce';

is(get('/nonce', shows($token, htu => $at)), '401 proof_nonce', '10: none');
like($head, qr/DPoP realm="nonce", algs="$algs", error="use_dpop_nonce"/,
     '10: one is asked for');
my ($nonce) = $head =~ /^DPoP-Nonce: ([\w-]+)\r$/m;
ok($nonce, '10: and given');
is(get('/nonce', shows($token, htu => $at, nonce => $nonce)), '200 ok',
   '10: it is good');
unlike($head, qr/DPoP-Nonce/, '10: no new one yet');
is(get('/nonce', shows($token, nonce => $nonce,
                       htu => 'https://api.example.com/nonce'),
       { port => 1, http2 => 1 }), '200 ok', '10: on another server');

for my $odd (substr($nonce, 1), $nonce . 'A', 'x', 'A' x length $nonce) {
    is(get('/nonce', shows($token, htu => $at, nonce => $odd)),
       '401 proof_nonce', "10: $odd");
    like($head, qr/^DPoP-Nonce: /m, '10: a good one is given');
}

is(get('/page', shows($token, nonce => 'x')), '200 ok',
   '10: one that nobody asked for');

# 11. iat

refused('11: made in the future', iat => time + 60);
refused('11: too old', iat => time - 120);
is(get('/page', shows($token, iat => time + 15)), '200 ok', '11: leeway');
is(get('/page', shows($token, iat => time - 60)), '200 ok', '11: not too old');
is(get('/page', shows($token, iat => time + 0.5)), '200 ok', '11: a fraction');
refused('11: an exp of its own', exp => time - 60);
refused('11: an nbf of its own', nbf => time + 60);

# 12. the token and its key

refused('12: the ath of another token',
        ath => encode_base64url(sha256('x')));
refused('12: another key',
        -key => 'other');
is(get('/page', shows(token(cnf => { jkt => key('other')->{jkt} }))),
   '401 bad_proof', '12: a token of another key');

# a proof is good once

my @twice = shows($token);
is(get('/page', @twice), '200 ok', 'a proof');
is(get('/page', @twice), '401 replayed_proof', 'shown again');
like($head, qr/error="invalid_dpop_proof"/, 'is told so');
is(get('/any', @twice), '401 bad_proof', 'elsewhere');
is(get('/page', shows($token, jti => 'one')), '200 ok', 'a jti of one key');

my $ed = token(cnf => { jkt => key('ed')->{jkt} });
is(get('/page', shows($ed, -key => 'ed', jti => 'one')), '200 ok',
   'is another of another key');
is(get('/page', shows($ed, -key => 'ed', jti => 'one')), '401 replayed_proof',
   'once');

# schemes

is(get('/page', "Authorization: Bearer $token", 'DPoP: ' . proof($token)),
   '401 confirmation_required', 'a bound token is no bearer\'s');
like($head, qr/DPoP realm="corp", algs="$algs", error="invalid_token"/,
     'is told so');
is(get('/page', bearer()), '401 unbound', 'a plain token');
is(get('/page', bearer(), 'DPoP: ' . proof(token())), '401 unbound',
   'with a proof that nobody asked for');
is(get('/page', shows(token())), '401 unbound', 'likewise as "DPoP"');
is(get('/page', 'Authorization: DPoP'), '401 bad_credentials', 'no token');
is(get('/page', 'Authorization: DPoPx y'), '401 anonymous', 'another scheme');

is(get('/free', shows($token, htu => 'http://localhost/free')),
   '401 anonymous', 'bound off: "DPoP" is another scheme');
is(get('/free', "Authorization: Bearer $token"), '401 confirmation_required',
   'bound off: nor is it a bearer\'s');
is(get('/free', bearer(), 'DPoP: x'), '200 ok',
   'bound off: the header is the application\'s');

# any

is(get('/any', shows($token, htu => 'http://localhost/any')), '200 ok',
   'any: a proof');
is(get('/any', bearer()), '401 unbound', 'any: nothing');
like($head, qr/^WWW-Authenticate: DPoP realm="any", algs="ES256 EdDSA", Bearer realm="any", error="invalid_token"/m,
     'any: both schemes are offered, the error is of the one used');

my $both = token(cnf => { jkt => key('ec')->{jkt},
                          'x5t#S256' => encode_base64url(sha256('x')) });
is(get('/any', shows($both, htu => 'http://localhost/any')),
   '401 wrong_certificate', 'any: all that the token names has to hold');
is(get('/page', shows($both)), '401 confirmation_required',
   'dpop: a certificate is not looked at');

# where a token comes from, and where a request goes

is(get("/arg?t=$token", 'DPoP: ' . proof($token,
                                         htu => 'http://localhost/arg')),
   '200 ok', 'a token of an argument');
is(get("/arg?t=$token"), '401 bad_proof', 'without a proof');
is(get('/asks', shows($token, htu => 'http://localhost/asks')), '200',
   'a subrequest has the client\'s proof');
is(get('/asks', shows($token)), '401', 'for the client\'s address');
is(get('/asked', shows($token, htu => 'http://localhost/asked')), '200 ok',
   'the proof of request and subrequest is one');
is(get('/error', shows($token, htu => 'http://localhost/error')), '200 ok',
   'a redirect within nginx');
is(get('/satisfy', shows($token, htu => 'http://localhost/satisfy')),
   '200 ok', 'satisfy any');
is(get('/satisfy', shows($token)), '401 bad_proof', 'satisfy any, refused');

my @app = shows($token, htu => 'http://localhost/app');
is(get('/app', @app), '200 ok', 'an application');
like($body, qr/^<DPoP \Q$token\E><[\w.-]+>$/, 'gets both headers');

# forged proofs, where no limit comes before

my $forged = 0;

for (1 .. 60) {
    my $answer = get('/early', shows($token, -key => 'other',
                                     htu => 'http://localhost/early',
                                     -header => { jwk => key('ec')->{jwk} }));
    last if $answer eq '429 too_many_bad';
    $forged++;
}

ok($forged < 60, 'forged proofs are looked at no more after a while');

unlike($nginx->log_text, qr/\Q$token\E/, 'no token in the log');

# over a reload, a proof that was seen stays so

@twice = shows($token);
is(get('/page', @twice), '200 ok', 'a proof');
$nginx->reload;
is(get('/page', @twice), '401 replayed_proof', 'shown again, after a reload');

$nginx->end;


# a full store forgets nothing: its least size is 256 proofs, in sets of 64

my $small = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 32k;
    rtauth_provider corp { $provider; bound dpop; }
    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        location / { rtauth corp; root %%DIR%%; }
    }
EOT

$small->file('page', 'page');
$small->start;

my @first = shows($token);
my %seen = ($small->get('/page', headers => \@first)->{status} => 1);

for (1 .. 256) {
    my $status = $small->get('/page', headers => [shows($token)])->{status};
    $seen{$status}++;
    last if $status != 200;
}

is(join(' ', sort keys %seen), '200 503', 'a full store takes no more proofs');
ok($seen{200} >= 64, 'after a number of them');
is($small->get('/page', headers => \@first)->{status}, 401,
   'and the first is not forgotten');
like($small->log_text, qr/no room for another DPoP proof in "rtauth_zone"/,
     'the log says what to do');

$small->end;

done_testing();

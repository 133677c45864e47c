#!/usr/bin/perl

# What befell other software of this kind (docs/threats.md has the list), tried
# here from outside: tokens, paths, headers, cookies, addresses to return to.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(hmac_sha256);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;

use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $people = RT::Provider->new;
my $sign_in = signs_in($people, 'people', 'claims_from id_token;');
my $keys = "$RT::Top/t/data/keys";

my $nginx = RT::Nginx->new(modules => ['rtauth'], level => 'info',
                           ports => 2, http => <<"EOT");
    rtauth_zone 1m;
    set_real_ip_from 127.0.0.1;
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $keys/jwks.json;
    }
    $sign_in
    rtauth_group open { provider corp; permission use GET:/public; }
    rtauth_group staff { provider corp; match groups has staff;
                         permission use; }
    rtauth_strip_header X-Email;
    underscores_in_headers on;
    ignore_invalid_headers off;
    proxy_set_header X-Email \$rtauth_user;
    proxy_set_header Connection \$http_connection;
    proxy_http_version 1.1;
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;
        rtauth_authorize off;

        location / { proxy_pass http://$App; }
        location /off { rtauth off; proxy_pass http://$App; }
        location /any { satisfy any; deny all; proxy_pass http://$App; }
        location /guarded { rtauth_authorize on; rtauth_public_group open;
                            proxy_pass http://$App; }
        location /public { rtauth_authorize on; rtauth_public_group open;
                           proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;
        rtauth people;
        rtauth_authorize off;
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;


sub verdict {
    my ($answer) = @_;
    my ($result) = $answer->{head} =~ /^X-Result: (\w+)/m;

    return "$answer->{status} " . ($result // '');
}

sub bearer { return "Authorization: Bearer $_[0]" }

my $good = RT::JWT::token(groups => ['staff'],
                          email_verified => JSON::PP::true);


# -- tokens, and a good one behind each, on one connection: what one token makes
# of its worker the next one would find

my $JSON = JSON::PP->new->canonical->utf8;
my %claims = (iss => 'https://login.example.com', aud => 'tools', sub => 'u-1',
              exp => 4102444800);

sub spelled {
    my ($header, $claims) = @_;

    return join '.', map { encode_base64url($JSON->encode($_)) } $header,
                                                                 $claims;
}

sub hs {
    my ($key, %header) = @_;
    my $text = spelled({ alg => 'HS256', typ => 'JWT', %header }, \%claims);

    return "$text." . encode_base64url(hmac_sha256($text, $key));
}

# with the claims as they are written here

sub written {
    my ($old, $new) = @_;
    my $text = $JSON->encode(\%claims);

    $text =~ s/\Q$old\E/$new/ or die "no $old in $text";

    return RT::JWT::token(-payload => $text);
}

my $pem = qx(openssl pkey -in $keys/rsa.pem -pubout);
my ($jwk) = RT::Nginx::slurp("$keys/jwks.json") =~ /(\{"kty":"RSA","kid":"rsa".*?\})/;
my ($n) = $jwk =~ /"n":"([^"]+)"/;
my ($head, $body, $signature) = split /\./, $good;

my @tokens = (
    ['HMAC by a key of no bytes', hs(''), 'bad_alg'],
    ['the same, naming the RSA key', hs('', kid => 'rsa'), 'bad_alg'],
    ['HMAC by the public key, as PEM', hs($pem, kid => 'rsa'), 'bad_alg'],
    ['HMAC by the public key, as a JWK', hs($jwk, kid => 'rsa'), 'bad_alg'],
    ['HMAC by the modulus', hs($n, kid => 'rsa'), 'bad_alg'],
    (map { ["alg $_, unsigned", spelled({ alg => $_ }, \%claims) . '.',
            'bad_alg'] } qw(none None NONE nOnE)),
    ['alg none, with a good signature',
     spelled({ alg => 'none', kid => 'rsa' }, \%claims) . ".$signature",
     'bad_alg'],
    ['no alg', RT::JWT::token(-header => { alg => undef }), 'bad_alg'],
    ['an alg that nobody knows', RT::JWT::token(-alg => 'XS256'), 'bad_alg'],
    ['a key of RS256 for RS512', RT::JWT::token(-alg => 'RS512'),
     'bad_signature'],
    ['a key of RS256 for PS256', RT::JWT::token(-alg => 'PS256'),
     'bad_signature'],
    ['a key of P-256 for ES384', RT::JWT::token(-key => 'ec', -alg => 'ES384'),
     'alg_mismatch'],
    ['a key of P-256 for ES256K', RT::JWT::token(-key => 'ec',
                                                 -alg => 'ES256K'), 'bad_alg'],
    ['enc in the header of a JWS', RT::JWT::token(
        -header => { enc => 'A128GCM' }), 'ok'],
    ['enc, and forged', RT::JWT::token(-key => 'rogue', -kid => 'rsa',
        -header => { enc => 'A128GCM' }), 'bad_signature'],
    ['a JWE', encode_base64url('{"alg":"dir","enc":"A128GCM"}')
              . '..aXY.Y2lwaGVy.dGFn', 'malformed'],
    ['a key of its own', RT::JWT::token(-key => 'rogue', -kid => undef,
        -header => { jwk => { kty => 'RSA', n => $n, e => 'AQAB' } }),
     'unknown_key'],
    ['an address of keys', RT::JWT::token(-key => 'rogue', -kid => 'rsa',
        -header => { jku => 'http://127.0.0.1:1/jwks' }), 'bad_signature'],
    ['an unknown crit', RT::JWT::token(
        -header => { crit => ['exp2'], exp2 => 1 }), 'unknown_crit'],
    ['an empty kid', RT::JWT::token(-kid => '', -header => { kid => '' }),
     'unknown_key'],
    ['a kid of another key', RT::JWT::token(-kid => 'pss'), 'ok'],
    ['a kid that is a path', RT::JWT::token(
        -header => { kid => '../../../dev/null' }), 'unknown_key'],
    ['an issuer behind a NUL', written('example.com"', 'example.com\u0000"'),
     'bad_payload'],
    ['an audience behind a NUL', written('"tools"', '"tools\u0000x"'),
     'bad_payload'],
    ['a subject behind a NUL', written('"u-1"', '"u-1\u0000x"'),
     'bad_payload'],
    ['two issuers', written('"iss":', '"iss":"https://evil.example","iss":'),
     'bad_payload'],
    ['two audiences', written('"aud":', '"aud":"other","aud":'),
     'bad_payload'],
    ['no issuer', RT::JWT::token(iss => undef), 'wrong_issuer'],
    ['an issuer that begins so', RT::JWT::token(
        iss => 'https://login.example.com.evil.example'), 'wrong_issuer'],
    ['no audience', RT::JWT::token(aud => undef), 'wrong_audience'],
    ['an audience that begins so', RT::JWT::token(aud => 'tools2'),
     'wrong_audience'],
    ['no exp', RT::JWT::token(exp => undef), 'no_exp'],
    (map { ["exp $_", written('4102444800', $_), 'bad_claim'] }
        qw(1e300 1e999 -1 "4102444800" null true [4102444800])),
    ['nbf 1e300', written('"exp"', '"nbf":1e300,"exp"'), 'bad_claim'],
    ['JSON serialization', qq({"protected":"$head","payload":"$body",)
                           . qq("signature":"$signature"}), 'malformed'],
    ['padding', "$good=", 'malformed'],
    ['the other alphabet', "$head.$body." . $signature =~ tr/-_/+\//r,
     $signature =~ /[-_]/ ? 'malformed' : 'ok'],
    ['a fourth part', "$good.x", 'malformed'],
    ['no signature', "$head.$body.", 'bad_signature'],
    ['17 KB', 'x' x 4000 . ".$body.$signature", 'malformed'],
);

sub pipelined {
    my @heads = map { "GET /x HTTP/1.1\r\nHost: localhost\r\n"
                      . bearer($_) . "\r\n" } @_;

    $heads[-1] .= "Connection: close\r\n";

    my $raw = $nginx->raw(join '', map { "$_\r\n" } @heads);

    return $raw =~ /^X-Result: (\w+)/mg;
}

my @results = map { pipelined($_->[1], $good) } @tokens;

is(scalar @results, 2 * @tokens, 'each request has a result');

for my $i (0 .. $#tokens) {
    my ($what, $token, $want) = @{$tokens[$i]};

    is($results[2 * $i], $want, "token: $what");
}

is(join(' ', map { $results[2 * $_ + 1] } 0 .. $#tokens),
   join(' ', ('ok') x @tokens), 'and a good one behind each is let in');


# -- who shows something that is no good is not nobody, nor let in otherwise

for my $at (qw(/public /any /guarded)) {
    for my $bad ('x', 'a.b.c', RT::JWT::token(-key => 'rogue', -kid => 'rsa'),
                 RT::JWT::token(iss => 'https://unknown.example'),
                 RT::JWT::token(exp => 1))
    {
        is($nginx->get($at, headers => [bearer($bad)])->{status}, 401,
           "$at: " . substr $bad, 0, 20);
    }
}

is($nginx->get('/public')->{status}, 200, '/public: nobody');
is($nginx->get('/any')->{status}, 401, '/any: nobody');


# -- what is open is told by the path that is asked for, and nothing else

for my $path ('/guarded?/public', '/guarded?x=/public/', '/guarded/public',
              '/guarded;/public', '/guarded#/public', '/public#/../guarded',
              '/public/../guarded', '/public/%2e%2e/guarded',
              '/public/..%2fguarded', '/publicity', '//guarded', '/./guarded',
              'http://localhost/guarded', 'http://localhost/public/../guarded')
{
    my $raw = $nginx->raw("GET $path HTTP/1.1\r\nHost: localhost\r\n"
                          . "Connection: close\r\n\r\n");

    like($raw, qr{^HTTP/1.1 40[013] }, "open path: $path");
    unlike($raw, qr/the application/, "open path: $path: nothing of it");
}

for my $name (qw(X-Forwarded-Uri X-Original-URL X-Original-URI X-Rewrite-URL
                 X-Forwarded-Prefix X-Auth-Request-Redirect)) {
    is($nginx->get('/guarded', headers => ["$name: /public"])->{status}, 401,
       "not by $name");
}

is($nginx->get('/guarded', headers => [$_])->{status}, 401, "not by $_")
    for 'User-Agent: kube-probe/1.30', 'User-Agent: GoogleHC/1.0',
        'X-HTTP-Method-Override: OPTIONS', 'X-Forwarded-Method: OPTIONS',
        'X-Forwarded-Host: public.localhost', 'X-Forwarded-Proto: https',
        'X-Real-IP: 127.0.0.1', 'Upgrade: websocket', 'Expect: 100-continue';


# -- headers that say who there is

for my $at (qw(/off /public /x)) {
    for my $method (qw(GET HEAD POST OPTIONS PUT)) {
        next if $at eq '/public' && $method ne 'GET';

        for my $name ('X-Email', 'x-email', 'X_Email', 'X-EMAIL', 'x_email') {
            my $answer = $nginx->request($method, $at, headers => [
                "$name: admin\@example.com", $at eq '/x' ? bearer($good) : ()],
                $method =~ /^P/ ? (body => '') : ());

            next if $method eq 'HEAD';
            unlike($answer->{body}, qr/admin/, "$method $at: no $name");
            like($answer->{body}, qr/the application was sent/,
                 "$method $at: it came there");
        }
    }
}

my $told = $nginx->raw("GET /x HTTP/1.1\r\nHost: localhost\r\n"
    . bearer($good) . "\r\nConnection: close, X-Email, x_email\r\n\r\n");

like($told, qr/^X-Email: ann\@example\.com\r$/m, 'the user is told');
unlike($told, qr/^Connection: .*mail/mi,
       'and no hop behind is asked to take it away');


# -- cookies that no browser sends

my @cookies = (
    (map { "__Host-rt=$_" } '', '.', '=', '%00', '-' x 43, 'A' x 43, 'A' x 4000,
                            '99999999', '"', '{', "\xff" x 43),
    (map { "__Host-rt_l$_=x" } 0 .. 9), '__Host-rt_99999999=x',
    '__Host-rt_l99999999=x', join('; ', map { "__Host-rt_$_=x" } 0 .. 99),
    '__Host-rt=a; __Host-rt=b', '__Host-rt', '=', ';', ';;;=;', '__Host-rt =x',
    '__HOST-RT=' . 'A' x 43,
);

for my $cookie (@cookies) {
    is($nginx->get('/x', port => 1, headers => ["Cookie: $cookie"])->{status}, 401,
       'cookie: ' . substr $cookie =~ s/[^ -~]/?/gr, 0, 30);
}


# -- an answer that refuses has nothing of the page behind it

for my $method (qw(GET POST PUT DELETE)) {
    for my $accept ('*/*', 'text/html') {
        my $raw = $nginx->raw("$method /x HTTP/1.1\r\nHost: localhost\r\n"
            . "Accept: $accept\r\nSec-Fetch-Site: none\r\n"
            . "Connection: close\r\nContent-Length: 0\r\n\r\n",
            port => 1);

        is(scalar(() = $raw =~ /^HTTP\/1/mg), 1,
           "$method, $accept: one answer");
        unlike($raw, qr/the application/, "$method, $accept: nothing of it");
    }
}


# -- addresses to return to: a path here, or nothing

my @foreign = (
    'https://evil.example', 'https:evil.example', 'https:/evil.example',
    '//evil.example', '///evil.example', '////evil.example', '/\\evil.example',
    '\\/evil.example', '\\\\evil.example', '/\\/evil.example',
    '/\\\\evil.example', "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example", "\t//evil.example", ' //evil.example',
    "/\x0b/evil.example", "/\x00/evil.example", '/%09/evil.example',
    '/%0a/evil.example', '/%0d/evil.example', '/%2f/evil.example',
    '/%2fevil.example', '/%5cevil.example', '/%5c%5cevil.example',
    '/.//evil.example', '/..//evil.example', '/../evil.example//x',
    '/./\\evil.example', '/x/..//evil.example', '/%2e%2e//evil.example',
    '/%2e/%2fevil.example', '/;//evil.example', 'javascript:alert(1)',
    'JavaScript:alert(1)', 'data:text/html,x', 'vbscript:x', 'evil.example',
    '@evil.example', 'localhost@evil.example', 'http://localhost@evil.example',
    'http://localhost.evil.example', 'http://evil.example#localhost',
    'http://evil.example?localhost', 'http:\\\\evil.example',
    "/\xc2\xa0/evil.example", "/\xe3\x80\x82evil.example",
    "\xe2\x80\x8b//evil.example", "/x\r\nSet-Cookie: a=b",
    "/x%0d%0aSet-Cookie: a=b", '/' . 'x' x 5000, '', '?', '#',
);

for my $to (@foreign) {
    my $shown = substr $to =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger, 0, 40;
    my $browser = RT::Browser->new($nginx, port => 1);
    my $end = $browser->walk('/oidc/login?to=' . escape($to));

    is($browser->path, '/', "to=$shown: at home");
    like($end->{body}, qr/^GET \/ /m, "to=$shown: signed in");
}

# UBSan's word for nginx's own hash, which shifts a byte of 0xff into the sign

$nginx->end('QUIT', 'ngx_murmurhash\.c');


# -- a configuration that would let somebody in is none

for my $bad (
    ['a key file that is PEM', "issuer https://127.0.0.1:1; audience x;
      jwks_file $keys/rsa.pem;", qr/jwks_file/],
    ['a key file that is not there', "issuer https://127.0.0.1:1; audience x;
      jwks_file $keys/none.json;", qr/none\.json/],
    ['alg none', "issuer https://127.0.0.1:1; audience x;
      jwks_file $keys/jwks.json; algorithms none;",
     qr/invalid algorithm "none"/],
    ['no audience', "issuer https://127.0.0.1:1; jwks_file $keys/jwks.json;",
     qr/audience/],
    ['no issuer', "audience x; jwks_file $keys/jwks.json;", qr/issuer/],
    ['an empty client_secret', "issuer https://127.0.0.1:1; client_id x;
      client_secret '';", qr/client_secret/],
    ['an empty secret', "issuer https://127.0.0.1:1; client_id x;
      client_secret data:;", qr/client_secret/],
    ['a client without a secret', 'issuer https://127.0.0.1:1; client_id x;',
     qr/client_secret/],
) {
    my ($what, $lines, $says) = @$bad;
    my $try = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { $lines }
    server { listen 127.0.0.1:%%PORT0%%; server_name localhost; rtauth corp; }
EOT
    my ($rc, $text) = $try->try;

    isnt($rc, 0, "configuration: $what");
    like($text, $says, "configuration: $what: says why");
}

done_testing();

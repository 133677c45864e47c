#!/usr/bin/perl

# How this client proves at the provider who it is: each way of client_auth as
# it goes over the wire, and never another one than the configured.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64 decode_base64url encode_base64url);
use Digest::SHA qw(sha256);
use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


# a provider that is content with any client, and may be behind TLS

package RT::Provider::Any {
    our @ISA = ('RT::Provider');

    sub knows  { 1 }
    sub issuer { $_[0]{front} // $_[0]->SUPER::issuer }
}


my $dir = tempdir('rt-auth-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $keys = "$RT::Top/t/data/keys";

# a certificate of one key in t/data/keys

sub certificate {
    my ($key, $name) = @_;

    my $pem = qx(openssl req -x509 -key $keys/$key.pem -days 2 -subj /CN=$name \\
                 -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>&1);

    die $pem if $pem !~ /BEGIN CERTIFICATE/;

    open my $fh, '>', "$dir/$name.crt" or die "$dir/$name.crt: $!";
    print $fh $pem;
    close $fh or die $!;

    return "$dir/$name.crt";
}

my %crt = (client => certificate('rsa', 'client'),
           server => certificate('rsa2', 'server'));

for my $name (qw(rsa ec ed)) {
    open my $in, '<', "$keys/$name.pem" or die $!;
    open my $out, '>', "$dir/$name.pem" or die $!;
    chmod 0600, "$dir/$name.pem" or die $!;
    print $out $_ while <$in>;
    close $out or die $!;
}


# one provider, and one server of nginx, for each way; what metadata lists

my %way = (
    basic     => [[qw(client_secret_basic)],
                  "client_secret 'data:a+b %25:c'; client_auth basic;"],
    raw       => [[qw(client_secret_basic)],
                  "client_secret 'data:a+b %25:c'; client_auth basic_raw;"],
    post      => [[qw(client_secret_post)],
                  "client_secret 'data:a+b %25:c'; client_auth post;"],
    none      => [[qw(none)], 'client_auth none;'],
    jwt       => [[qw(private_key_jwt)],
                  "client_auth private_key_jwt;
                   client_key file:$dir/rsa.pem kid=2026-11 alg=PS256;
                   client_certificate $crt{client};"],
    ec        => [[qw(private_key_jwt)],
                  "client_auth private_key_jwt;
                   client_key file:$dir/ec.pem;"],
    ed        => [[qw(private_key_jwt)],
                  "client_auth private_key_jwt;
                   client_key file:$dir/ed.pem;"],
    elsewhere => [[qw(private_key_jwt)],
                  "client_auth private_key_jwt;
                   client_key file:$dir/ec.pem; par on;
                   ssl_trusted_certificate $crt{server};"],
    tls       => [[qw(tls_client_auth)],
                  "client_auth tls; client_key file:$dir/rsa.pem;
                   client_certificate $crt{client};
                   ssl_trusted_certificate $crt{server};
                   claims_from id_token userinfo;"],
    down      => [[qw(client_secret_basic client_secret_post none)],
                  "client_auth private_key_jwt;
                   client_key file:$dir/ec.pem;"],
);

my @ways = sort keys %way;
my (%provider, %port);

# two providers are behind TLS, at two ports each

my %front = (tls => scalar @ways, elsewhere => @ways + 2);
my ($http, $servers) = ('', '');

for my $i (0 .. $#ways) {
    my $name = $ways[$i];
    my ($methods, $lines) = @{$way{$name}};

    $provider{$name} = RT::Provider::Any->new(client_id => 'web:1+%',
        discovery => { token_endpoint_auth_methods_supported => $methods });
    $port{$name} = $i;

    my $issuer = defined $front{$name}
                 ? "https://127.0.0.1:%%PORT$front{$name}%%"
                 : $provider{$name}->issuer;

    $http .= "rtauth_provider $name { issuer $issuer; client_id 'web:1+%';
              $lines }\n";
    $servers .= "server { listen 127.0.0.1:%%PORT$i%%; server_name localhost;
                 rtauth $name; location / { proxy_pass http://$App; } }\n";
}

my $fronts = join '', map {
    my $to = 'http://127.0.0.1:' . $provider{$_}->port;

    "server { listen 127.0.0.1:%%PORT$front{$_}%% ssl;
              location / { proxy_pass $to; } }
     server { listen 127.0.0.1:%%PORT@{[$front{$_} + 1]}%% ssl;
              ssl_verify_client optional_no_ca;
              location / { proxy_pass $to; } }\n"
} sort keys %front;

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2,
                           ports => @ways + 4, http => <<"EOT");
    rtauth_zone 8m;
    set_real_ip_from 127.0.0.1;
    proxy_set_header X-Email \$rtauth_user;
    $http
    $servers

    ssl_certificate $crt{server};
    ssl_certificate_key $keys/rsa2.pem;
    proxy_set_header X-Client-Certificate "\$server_port \$ssl_client_s_dn";

    $fronts
EOT

sub front { 'https://127.0.0.1:' . $nginx->port($front{$_[0]} + $_[1]) }

$provider{tls}{discovery}{mtls_endpoint_aliases} = {
    token_endpoint => front('tls', 1) . '/token',
    userinfo_endpoint => front('tls', 1) . '/userinfo' };
$provider{elsewhere}{discovery}{pushed_authorization_request_endpoint} =
    front('elsewhere', 1) . '/par';

for my $name (qw(tls elsewhere)) {
    $provider{$name}{front} = front($name, 0);
    $provider{$name}->stop;
    $provider{$name}->resume;
}

$nginx->start;


# somebody signs in; what the token endpoint was asked

sub asks {
    my ($name, $what) = @_;

    my $browser = RT::Browser->new($nginx, port => $port{$name});

    my $to = 'http://127.0.0.1:' . $provider{$name}->port;
    my $url = $browser->leaves('/oidc/login?to=/x') =~ s{^https?://[^/]*}{$to}r;

    signed_in($browser->returns($url), 'ann@example.com',
              "$what: he is signed in");

    my @asked = $provider{$name}->asked('token');

    is(scalar @asked, 1, "$what: the token endpoint is asked once");
    is($asked[0]{target}, '/token', "$what: with nothing in its address");

    return $asked[0];
}

sub authorization { ($_[0]{head} =~ /^Authorization: *Basic +(\S+)/mi)[0] }

sub lacks {
    my ($asked, $what, @names) = @_;

    is(authorization($asked), undef, "$what: no Authorization");
    ok(!exists $asked->{form}{$_}, "$what: no $_") for @names;
}


my $asked = asks('basic', 'basic');

is(decode_base64(authorization($asked)), 'web%3A1%2B%25:a%2Bb%20%2525%3Ac',
   'basic: id and secret are form-encoded');
ok(!exists $asked->{form}{$_}, "basic: no $_")
    for qw(client_id client_secret client_assertion);

$asked = asks('raw', 'basic_raw');
is(decode_base64(authorization($asked)), 'web:1+%:a+b %25:c',
   'basic_raw: they are not');

$asked = asks('post', 'post');
lacks($asked, 'post', 'client_assertion');
is($asked->{form}{client_id}, 'web:1+%', 'post: the id is in the form');
is($asked->{form}{client_secret}, 'a+b %25:c', 'post: and the secret');

$asked = asks('none', 'none');
lacks($asked, 'none', qw(client_secret client_assertion));
is($asked->{form}{client_id}, 'web:1+%', 'none: the id is in the form');
like($asked->{form}{code_verifier}, qr/^[\w-]{43}$/, 'none: PKCE is there');


# -- private_key_jwt

sub assertion {
    my ($asked, $key, $what) = @_;

    my $form = $asked->{form};

    lacks($asked, $what, 'client_secret');
    is($form->{client_id}, 'web:1+%', "$what: the id is in the form");
    is($form->{client_assertion_type},
       'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
       "$what: the type of the assertion");

    my ($header, $claims) = map { decode_json(decode_base64url($_)) }
        (split /\./, $form->{client_assertion})[0, 1];

    is($claims->{iss}, 'web:1+%', "$what: iss");
    is($claims->{sub}, 'web:1+%', "$what: sub");
    like($claims->{jti}, qr/^[\w-]{22}$/, "$what: jti");
    is($claims->{exp} - $claims->{iat}, 60, "$what: a minute");
    ok(abs($claims->{iat} - time) < 60, "$what: from now on");

    return ($header, $claims);
}

# does the token bear the signature of that key; only PKCS #1 v1.5 and PSS

sub signed_with {
    my ($token, $key, $what, @options) = @_;

    my ($input, $signature) = $token =~ /^(.*)\.([^.]*)$/;

    for (['input', $input], ['sig', decode_base64url($signature)]) {
        open my $fh, '>', "$dir/$_->[0]" or die $!;
        binmode $fh;
        print $fh $_->[1];
        close $fh or die $!;
    }

    my $said = qx(openssl pkey -in $keys/$key.pem -pubout -out $dir/pub 2>&1;
                  openssl dgst -sha256 -verify $dir/pub @options \\
                  -signature $dir/sig $dir/input 2>&1);

    like($said, qr/^Verified OK/m, "$what: the signature is of its key");
}

my ($header, $claims) = assertion($asked = asks('jwt', 'jwt'), 'rsa', 'jwt');

is($header->{alg}, 'PS256', 'jwt: the algorithm of "alg="');
is($header->{kid}, '2026-11', 'jwt: the id of "kid="');
is($header->{typ}, 'JWT', 'jwt: typ');
is($claims->{aud}, $provider{jwt}->issuer . '/token',
   'jwt: for the token endpoint');

my $der = decode_base64(RT::Nginx::slurp($crt{client})
                        =~ s/^-----.*-----$//mgr);
is($header->{'x5t#S256'}, encode_base64url(sha256($der)),
   'jwt: the certificate is named');

signed_with($asked->{form}{client_assertion}, 'rsa', 'jwt',
            '-sigopt rsa_padding_mode:pss');

($header) = assertion(asks('ec', 'ec'), 'ec', 'ec');
is($header->{alg}, 'ES256', 'ec: the first algorithm that fits');
ok(!exists $header->{$_}, "ec: no $_") for ('kid', 'x5t#S256');

($header) = assertion(asks('ed', 'ed'), 'ed', 'ed');
is($header->{alg}, 'EdDSA', 'ed: the first algorithm that fits');


# each is good for one request

my ($first) = $provider{ec}->asked('token');
RT::Browser->new($nginx, port => $port{ec})->walk('/oidc/login?to=/x');
my @both = $provider{ec}->asked('token');

is(scalar @both, 2, 'a second sign-in asks again');

my @ids = map {
    decode_json(decode_base64url((split /\./, $_->{form}{client_assertion})[1]))
        ->{jti}
} @both;

isnt($ids[0], $ids[1], 'with another jti');


# -- nobody else gets what the token endpoint would take

$asked = asks('elsewhere', 'elsewhere');
my ($pushed) = $provider{elsewhere}->asked('par');

(undef, $claims) = assertion($pushed, 'ec', 'another host');
is($claims->{aud}, front('elsewhere', 1) . '/par',
   'another host: an assertion is for itself alone');
(undef, $claims) = assertion($asked, 'ec', 'the token endpoint');
is($claims->{aud}, $provider{elsewhere}->issuer . '/token',
   'the token endpoint: one of its own');


# -- tls: at the alias, with the certificate; elsewhere without one

$asked = asks('tls', 'tls');
lacks($asked, 'tls', qw(client_secret client_assertion));
is($asked->{form}{client_id}, 'web:1+%', 'tls: the id is in the form');
like($asked->{head}, qr/^X-Client-Certificate: \d+ CN=client\r?$/m,
     'tls: the certificate was shown to the token endpoint');

my ($userinfo) = $provider{tls}->asked('userinfo');
like($userinfo->{head}, qr/^X-Client-Certificate: \d+ CN=client\r?$/m,
     'tls: and to userinfo, whose token may be bound to it');

unlike($_->{head}, qr/CN=client/, "tls: but not for $_->{what}")
    for map { $provider{tls}->asked($_) } qw(discovery jwks);


# -- what metadata lists changes nothing

assertion(asks('down', 'not listed'), 'ec', 'not listed');
RT::Browser->new($nginx, port => $port{down})->walk('/oidc/login?to=/x');

my $said = 'the metadata of provider "down" does not list the way of its '
           . '"client_auth"';

is(scalar(() = $nginx->log_text =~ /\Q$said\E/g), 1,
   'which is said once in all');
is(scalar(() = $nginx->log_text =~ /does not list the way of/g), 1,
   'and of no other provider');
unlike($nginx->log_text, qr/PRIVATE KEY|a\+b|eyJ/, 'no secret is in the log');


$nginx->end;
done_testing();

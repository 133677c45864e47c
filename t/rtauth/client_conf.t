#!/usr/bin/perl

# The lines of a provider's block that sign people in: each error names directive, line and mend.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Raw;


my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 2);

my $keys = "$RT::Top/t/data/keys";
my $zone = "rtauth_zone 1m;\n";
my $issuer = 'issuer http://127.0.0.1:%%PORT0%%;';

$nginx->file('secret', "s3cret\n");
$nginx->file('odd', "s3cr\xc3\xa9t\n");
chmod 0600, $nginx->dir . "/$_" for qw(secret odd);

my $id = "client_id web; client_secret file:%%DIR%%/secret;";


# a block with these lines, one of which ends with "# here"

sub block {
    return "${zone}rtauth_provider corp {\n" . join("\n", @_) . "\n}\n";
}


my @cases = (

    'this line does nothing without a client, write "client_id ID"',
        block($issuer, 'audience tools;', 'login_uri /in;',
              'scope openid;  # here'),

    '"introspection" needs to say who asks: write "client_id ID"',
        block($issuer, 'audience tools;', 'introspection on;  # here'),
    'invalid value "yes" in "introspection": write "on", "jwt" or "off"',
        block($issuer, $id, 'introspection yes;  # here'),
    '"introspection" is duplicate',
        block($issuer, $id, 'introspection on;', 'introspection jwt;  # here'),
    'this line does nothing without "introspection on"',
        block($issuer, $id, 'introspection_endpoint https://a/b;  # here'),
    'this line does nothing without "introspection on"',
        block($issuer, $id, 'introspection_cache 5s;  # here',
              'introspection off;'),
    'invalid time "2h" in "introspection_cache": write one from 1s',
        block($issuer, $id, 'introspection on;',
              'introspection_cache 2h;  # here'),
    'invalid URL "ftp://a/b" in "introspection_endpoint": write',
        block($issuer, $id, 'introspection_endpoint ftp://a/b;  # here',
              'introspection on;'),

    '"client_id" is duplicate',
        block($issuer, $id, 'client_id two;  # here'),
    'invalid value in "client_id": write what the provider calls this client',
        block($issuer, "client_id w\xc3\xa9b;  # here"),
    'client, up to 512 characters of ASCII',
        block($issuer, 'client_id ' . 'x' x 513 . ';  # here'),

    'no "client_secret", which "client_auth basic" needs: write',
        block($issuer, 'client_id web;  # here', 'scope openid;'),
    'no "client_secret", which "client_auth post" needs',
        block($issuer, 'client_auth post;', 'client_id web;  # here'),
    '"client_secret" is duplicate',
        block($issuer, $id, 'client_secret file:%%DIR%%/secret;  # here'),
    'invalid secret in "client_secret": write there the secret alone',
        block($issuer, 'client_secret file:%%DIR%%/odd;  # here'),
    'the secret of "client_secret" does not say where it comes from',
        block($issuer, 'client_secret s3cret;  # here'),
    '"client_secret" is of no use with "client_auth none", leave it out',
        block($issuer, 'client_id web;',
              'client_secret file:%%DIR%%/secret;  # here',
              'client_auth none;'),

    'invalid value "digest" in "client_auth": write "basic", "basic_raw"',
        block($issuer, 'client_auth digest;  # here'),
    '"client_auth" is duplicate',
        block($issuer, 'client_auth post;', 'client_auth none;  # here'),
    '"client_auth private_key_jwt" needs a key, write "client_key file:PATH"',
        block($issuer, 'client_id web;', 'client_auth private_key_jwt;  # here',
              'scope openid;'),
    '"client_auth tls" needs a key',
        block($issuer, 'client_id web;', 'client_auth tls;  # here', ''),
    '"client_auth tls" needs a certificate, write "client_certificate PATH"',
        block($issuer, 'client_id web;', 'client_auth tls;  # here',
              'client_key file:%%DIR%%/rsa.pem;'),
    '"client_key" is of no use with "client_auth basic", leave it out',
        block($issuer, $id, 'client_key file:%%DIR%%/rsa.pem;  # here', ''),
    '"client_key" is duplicate',
        block($issuer, 'client_key file:%%DIR%%/rsa.pem;',
              'client_key file:%%DIR%%/rsa.pem;  # here'),
    'invalid option "id=1" in "client_key": write "kid=ID" or "alg=ALG"',
        block($issuer, 'client_key file:%%DIR%%/rsa.pem id=1;  # here'),
    '"client_certificate" is of no use with "client_auth basic", leave it out',
        block($issuer, $id, 'client_certificate %%DIR%%/rsa.pem;  # here', ''),
    '"client_certificate" is duplicate',
        block($issuer, 'client_certificate %%DIR%%/rsa.pem;',
              'client_certificate %%DIR%%/rsa.pem;  # here'),
    'for this one cannot be opened, mend the path or who may read it',
        block($issuer, 'client_certificate %%DIR%%/none.pem;  # here'),

    '"client_key" cannot sign, for it',
        block($issuer, 'client_id web; client_auth private_key_jwt;',
              'client_key file:%%DIR%%/secret;  # here', 'scope openid;'),
    '"client_key" cannot sign, for it',
        block($issuer, 'client_id web; client_auth private_key_jwt;',
              'client_key file:%%DIR%%/rsa.pem alg=ES256;  # here', 'par on;'),
    '"client_key" cannot sign, for it has an "alg=" that is not known',
        block($issuer, 'client_id web; client_auth private_key_jwt;',
              'client_key file:%%DIR%%/rsa.pem alg=HS256;  # here', 'par on;'),
    '"client_key" is no private key in PEM',
        block($issuer, 'client_id web; client_auth tls;',
              'client_key file:%%DIR%%/secret;  # here',
              'client_certificate %%DIR%%/rsa.crt;'),
    '"client_certificate" is no certificate in PEM',
        block($issuer, 'client_id web; client_auth tls;',
              'client_certificate %%DIR%%/rsa.pem;  # here',
              'client_key file:%%DIR%%/rsa.pem;'),
    '"client_certificate" is that of another key than "client_key"',
        block($issuer, 'client_id web; client_auth tls;',
              'client_certificate %%DIR%%/rsa2.crt;  # here',
              'client_key file:%%DIR%%/rsa.pem;'),

    '"scope" is duplicate, write all values in one line',
        block($issuer, 'scope openid;', 'scope openid email;  # here'),
    '"scope" lacks "openid", without which nobody gets an ID token: add it',
        block($issuer, 'scope profile email;  # here'),
    'invalid value "openid email" in "scope": write each as a word',
        block($issuer, 'scope "openid email";  # here'),

    'invalid value "saml" in "claims_from": write each of "id_token"',
        block($issuer, 'claims_from id_token saml;  # here'),
    'invalid value "userinfo" in "claims_from"',
        block($issuer, 'claims_from userinfo userinfo;  # here'),
    '"claims_from" is duplicate, write all values in one line',
        block($issuer, 'claims_from userinfo;', 'claims_from id_token; # here'),

    '"login_uri" is duplicate',
        block($issuer, 'login_uri /a;', 'login_uri /b;  # here'),
    'invalid path "/a?b" in "login_uri": write one such as "/oidc/login", '
        . 'for this one has a query, a fragment or an escape',
        block($issuer, 'login_uri /a?b;  # here'),
    'invalid path "/a%41" in "logout_uri"',
        block($issuer, 'logout_uri /a%41;  # here'),
    'invalid option "clear=cache,all" in "logout_uri": write "clear=" and some '
        . 'of "cache", "cookies" and "storage"'
        => block($issuer, 'logout_uri /out clear=cache,all;  # here'),
    'invalid option "clear=" in "logout_uri"',
        block($issuer, 'logout_uri /out clear=;  # here'),
    'invalid option "clear=cache," in "logout_uri"',
        block($issuer, 'logout_uri /out clear=cache,;  # here'),
    'invalid option "clear=Cache" in "logout_uri"',
        block($issuer, 'logout_uri /out clear=Cache;  # here'),
    'invalid option "cache" in "logout_uri"',
        block($issuer, 'logout_uri /out cache;  # here'),
    'in "logout_uri": write one such as "/oidc/login", for this one does not',
        block($issuer, 'logout_uri /;  # here'),
    'invalid path "https://a.test/x" in "backchannel_logout_uri"',
        block($issuer, 'backchannel_logout_uri https://a.test/x;  # here'),
    'invalid path "/a/../b" in "frontchannel_logout_uri"',
        block($issuer, 'frontchannel_logout_uri /a/../b;  # here'),
    'invalid value "callback" in "redirect_uri": write a path or "https://',
        block($issuer, 'redirect_uri callback;  # here'),
    'invalid path "" in "redirect_uri"',
        block($issuer, 'redirect_uri https://tools.example.com;  # here'),
    '"redirect_uri" is duplicate',
        block($issuer, 'redirect_uri /a;', 'redirect_uri /b;  # here'),
    'invalid value "ftp://a.test/" in "post_logout_uri"',
        block($issuer, 'post_logout_uri ftp://a.test/;  # here'),

    'invalid value "yes" in "require_verified_email": write "on" or "off"',
        block($issuer, 'require_verified_email yes;  # here'),
    '"refresh" is duplicate',
        block($issuer, 'refresh on;', 'refresh off;  # here'),
    'invalid number of arguments in "par": write one value',
        block($issuer, 'par on off;  # here'),
    'invalid value in "title": write the text of a link, up to 128 bytes',
        block($issuer, 'title "' . 'x' x 129 . '";  # here'),
    '"title" is duplicate',
        block($issuer, 'title A;', 'title B;  # here'),

    'invalid argument "prompt" in "extra_auth_args": write NAME=VALUE',
        block($issuer, 'extra_auth_args prompt;  # here'),
    'invalid argument "State" in "extra_auth_args": leave it out, sign-in',
        block($issuer, 'extra_auth_args ui=de State=1;  # here'),
    '"extra_auth_args" is duplicate, write all values in one line',
        block($issuer, 'extra_auth_args a=1;', 'extra_auth_args b=1;  # here'),

    'a semicolon is missing before "scope" in "client_id"',
        block($issuer, 'client_id web', 'scope openid;  # here'),
    'a semicolon is missing before "client_id" in "audience"',
        block($issuer, 'audience tools', 'client_id web;  # here'),

    '"discovery off" leaves "client_id" without the addresses to sign in at',
        block($issuer, $id, "jwks_file $keys/jwks.json;",
              'discovery off;  # here', 'leeway 1s;'),
    'invalid URL "ftp://127.0.0.1/d" in "discovery"',
        block($issuer, $id, 'discovery ftp://127.0.0.1/d;  # here',
              'jwks_uri http://127.0.0.1:%%PORT0%%/keys;'),
    'no "issuer": write "issuer" and exactly what tokens have',
        "${zone}rtauth_provider corp {  # here\n$id\n}\n",
    'write "rtauth_zone 16m" in http',
        "rtauth_provider corp {  # here\n$issuer $id\n}\n",
);

for my $name (qw(rsa rsa2 ec ed)) {
    my $path = $nginx->file("$name.pem", RT::Nginx::slurp("$keys/$name.pem"));
    chmod 0600, $path;

    next if $name !~ /^rsa/;

    open my $crt, '-|', qw(openssl req -x509 -new -subj /CN=web -days 1 -key),
        $path or die "openssl: $!";
    $nginx->file("$name.crt", do { local $/; <$crt> });
}

while (my ($says, $http) = splice @cases, 0, 2) {
    $nginx->blames($says, http => $http);
}


# what is good, alone and together

my @good = (
    'a client alone, no audience' => [$id],
    'a client beside other keys' => [$id,
        'jwks_uri http://127.0.0.1:%%PORT0%%/keys;'],
    'a client beside other keys and discovery' => [$id,
        'jwks_uri http://127.0.0.1:%%PORT0%%/keys;',
        'discovery http://127.0.0.1:%%PORT0%%/d;'],
    'a client beside a file' => [$id, "jwks_file $keys/jwks.json;"],
    'a key that signs' => ['client_id web; client_auth private_key_jwt;',
        'client_key file:%%DIR%%/rsa.pem kid=1 alg=PS256;',
        'client_certificate %%DIR%%/rsa.crt;'],
    'keys of other kinds sign' => ['client_id web;',
        'client_auth private_key_jwt; client_key file:%%DIR%%/ec.pem;'],
    'and Ed25519' => ['client_id web;',
        'client_auth private_key_jwt; client_key file:%%DIR%%/ed.pem;'],
    'a certificate' => ['client_id web; client_auth tls;',
        'client_key file:%%DIR%%/rsa.pem;',
        'client_certificate %%DIR%%/rsa.crt;'],
    'no secret' => ['client_id web; client_auth none;'],
    'everything' => [$id, 'client_auth basic_raw; scope openid email;',
        'claims_from userinfo id_token; login_uri /in; logout_uri /out;',
        'redirect_uri https://tools.example.com/back; post_logout_uri /bye;',
        'backchannel_logout_uri /b; frontchannel_logout_uri /f;',
        'require_verified_email on; refresh off; par on; title "Sign in";',
        'extra_auth_args prompt=login "acr_values=a b";'],
);

while (my ($name, $lines) = splice @good, 0, 2) {
    $nginx->configure(http => block($issuer, @$lines));
    my ($rc, $out) = $nginx->try;
    is($rc, 0, $name) or diag($out);
}


# -- tokens that requests bring along: client_id alone is no audience for them, and makes ID tokens good only where audience names it

for my $case (
    # audience, token, answer
    ['', { aud => 'web' }, 401],
    ['', { aud => 'web', nonce => 'n' }, 401],
    ['audience tools;', { aud => 'tools' }, 200],
    ['audience tools;', { aud => 'tools', nonce => 'n' }, 401],
    ['audience tools;', { aud => 'web' }, 401],
    ['audience tools web;', { aud => 'web', nonce => 'n' }, 200],
) {
    my ($audience, $claims, $status) = @$case;

    $nginx->configure(http => block($issuer, $id, $audience,
                                    "jwks_file $keys/jwks.json;") . '
        server { listen 127.0.0.1:%%PORT1%%; server_name localhost;
                 rtauth corp; rtauth_login never; root %%DIR%%/html; }');
    $nginx->file('html/page', 'shown');
    $nginx->start;

    my $answer = $nginx->get('/page', port => 1, headers => [
        bearer(iss => 'http://127.0.0.1:' . $nginx->port, %$claims)]);

    is($answer->{status}, $status,
       join ' ', $audience || 'no audience', map { "$_=$claims->{$_}" } sort keys %$claims)
        or diag($answer->{raw}, $nginx->log_text);

    $nginx->end;
}


# -- jwks_uri beside client_id: discovery has the provider's other addresses, the line has the keys

my %asked;

my $read = $nginx->dir . '/asked';

my $idp = RT::Raw::start(sub {
    my ($path) = $_[0] =~ /^GET (\S+)/;

    open my $fh, '>>', $read or die $!;
    print $fh "$path\n";
    close $fh;

    my ($host) = $_[0] =~ /^Host: (\S+)/mi;

    my $body = $path eq '/own' ? RT::Nginx::slurp("$keys/jwks.json")
             : qq({"issuer":"http://$host","jwks_uri":"http://$host/theirs"});

    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
           . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
});

$nginx->configure(http => block("issuer http://127.0.0.1:$idp;", $id,
                                'audience tools;',
                                "jwks_uri http://127.0.0.1:$idp/own;") . '
    server { listen 127.0.0.1:%%PORT1%%; server_name localhost;
             rtauth corp; rtauth_login never; root %%DIR%%/html; }');
$nginx->start;

my $answer = $nginx->get('/page', port => 1, headers => [
    bearer(iss => "http://127.0.0.1:$idp", aud => 'tools')]);

is($answer->{status}, 200, 'the keys of jwks_uri')
    or diag($answer->{raw}, $nginx->log_text);

%asked = map { $_ => 1 } split /\n/, RT::Nginx::slurp($read);

ok($asked{'/.well-known/openid-configuration'}, 'discovery is asked');
ok($asked{'/own'} && !$asked{'/theirs'}, 'not for its keys');

$nginx->end;
done_testing;

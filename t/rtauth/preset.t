#!/usr/bin/perl

# preset: the docs' table is that of the source, each option has its check, and a token in the provider's own shape is believed.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;


# -- docs = source

my $source = RT::Nginx::slurp("$RT::Top/src/rtauth/client/ngx_http_rtauth_preset_conf.c");
my ($docs) = RT::Nginx::slurp("$RT::Top/docs/rtauth.md") =~ /^### `preset`\n(.*?)^### /ms;

my (%said, %is);

for my $row ($docs =~ /^\| (`\w+` \|.*) \|$/mg) {
    my ($name, @columns) = map { tr/`//dr } split / \| /, $row;
    $said{$name} = join '|', @columns;
}

my $text = qr/"([^"]*)"/;

while ($source =~ /\{\s ngx_string\($text\),\s ngx_string\($text\),\s+
                   \{\s (.*?)\s \},\s+ $text,\s+ $text,\s $text,\s+
                   ([\w|]+),\s+ (\d),/gx)
{
    my ($name, $title, $options, $issuer, $scope, $user, $from, $refresh)
        = ($1, $2, $3, $4, $5, $6, $7, $8);

    my %words = (id => 'id_token', access => 'access_token', info => 'userinfo');

    $options = join ' ', $options =~ /"([^"]+)"/g;
    $options =~ s/(\w+)\?/[$1]/g;
    $options =~ s/^(\w+=\S+)/[$1]/;

    $is{$name} = join '|', $options, $issuer, $scope, $user,
        join(' ', map { $words{$_} } $from =~ /_conf_(\w+)/g),
        $refresh ? 'on' : 'off', $title;
}

is(scalar keys %is, 7, 'seven presets');
is_deeply(\%said, \%is, 'the table of the docs');


# -- what is wrong in the line

my $nginx = RT::Nginx->new(modules => ['rtauth']);
my $keys = "jwks_file $RT::Top/t/data/keys/jwks.json;";
my $tenant = '0a1b2c3d-0000-4000-8000-00000000a0a0';

sub block {
    return "rtauth_zone 1m; rtauth_provider corp { audience tools; $keys\n" . join("\n", @_) . "\n}\n";
}

my @cases = (
    'invalid value "azure" in "preset": write "google", "entra", "okta"' =>
        block('preset azure;  # here'),
    'invalid option "tenant=x" in "preset": write "hd=VALUE"' =>
        block('preset google tenant=x;  # here'),
    'invalid option "realm" in "preset"' =>
        block('preset keycloak realm;  # here'),
    '"realm" of "preset keycloak" is duplicate' =>
        block('preset keycloak realm=a realm=b;  # here'),
    'invalid value "https://a.test" in "preset": write "domain" as' =>
        block('preset okta domain=https://a.test;  # here'),
    'invalid tenant "common" in "preset": write the directory\'s ID' =>
        block('preset entra tenant=common;  # here'),
    'invalid tenant "' . 'g' x 36 . '" in "preset"' =>
        block('preset entra tenant=' . 'g' x 36 . ';  # here'),
    '"preset entra" needs "tenant=VALUE", or the line "issuer"' =>
        block('preset entra;  # here', 'leeway 1s;'),
    '"preset cognito" needs "pool=VALUE", or the line "issuer"' =>
        block('preset cognito region=eu-west-1;  # here', 'leeway 1s;'),
    '"preset" is duplicate' =>
        block('preset google;', 'preset auth0 domain=a;  # here'),
);

while (my ($says, $http) = splice @cases, 0, 2) {
    $nginx->blames($says, http => $http);
}


# -- tokens as these providers make them: [preset, claims, what comes of them]

my @tokens = (
    ['google hd=example.com', { iss => 'https://accounts.google.com' }],
    ["entra tenant=$tenant", {
        iss => "https://login.microsoftonline.com/$tenant/v2.0", ver => '2.0',
        email => undef, preferred_username => 'ann@example.com' }],
    ['okta domain=example.okta.com', { iss => 'https://example.okta.com' }],
    ['okta domain=example.okta.com server=default', {
        iss => 'https://example.okta.com/oauth2/default' }],
    ['keycloak host=sso.example.com:8443/auth realm=tools', {
        iss => 'https://sso.example.com:8443/auth/realms/tools', typ => 'Bearer',
        aud => ['tools', 'account'], realm_access => { roles => ['admin'] } },
     'realm_access.roles has admin'],
    ['auth0 domain=example.eu.auth0.com', {
        iss => 'https://example.eu.auth0.com/', 'https://example.com/groups' => ['admin'] },
     '/https:~1~1example.com~1groups has admin'],
    ['cognito region=eu-west-1 pool=eu-west-1_a', {
        iss => 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a',
        aud => undef, client_id => 'tools', token_use => 'access', 'cognito:groups' => ['admin'] },
     'cognito:groups has admin'],
    ['gitlab', { iss => 'https://gitlab.com' }],
    ['gitlab host=git.example.com', { iss => 'https://git.example.com' }],
    ['entra', { iss => 'https://sts.example.com', email => 'ann@example.com' }, undef,
     'issuer https://sts.example.com; user_claim email;'],
);

for my $case (@tokens) {
    my ($preset, $claims, $match, $lines) = @$case;

    my $group = $match ? "rtauth_group a { match $match; permission use; }" : '';

    $nginx->configure(http => block("preset $preset;", $lines // '') . "$group
        server { listen 127.0.0.1:%%PORT0%%; rtauth corp; root %%DIR%%/html;
                 add_header X-User \$rtauth_user always; }");
    $nginx->file('html/page', 'shown');
    $nginx->start;

    my $ask = sub {
        $nginx->get('/page', headers => [bearer(aud => 'tools', email => 'ann@example.com', %$claims, @_)]);
    };

    my $answer = $ask->();
    is($answer->{status}, 200, "$preset: believed") or diag($answer->{raw}, $nginx->log_text);
    like($answer->{head}, qr/^X-User: ann\@example\.com\r?$/m, "$preset: by name");

    is($ask->(iss => 'https://elsewhere.test')->{status}, 401, "$preset: nobody else's");

    is($ask->(client_id => 'other')->{status}, 401, "$preset: another client's")
        if $claims->{client_id};
    is($ask->(aud => undef, client_id => 'tools')->{status}, 401, "$preset: needs aud")
        if !$claims->{client_id};

    $nginx->end;
}

done_testing;

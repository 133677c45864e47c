#!/usr/bin/perl

# A whole sign-in by each preset, at a provider that answers in that one's own
# shape: its issuer, its addresses, what its metadata leave out, its tokens and
# userinfo. The person's groups arrive at the application.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::SignIn;

my ($true, $false) = (JSON::PP::true, JSON::PP::false);

my $tenant = '0a1b2c3d-0000-4000-8000-00000000a0a0';
my $object = '5f1c0d7e-0000-4000-8000-0000000000c2';
my $realm = '/realms/tools/protocol/openid-connect';
my $pool = 'eu-central-1_AbCdEfGhI';
my @person = (email => 'ann@example.com', email_verified => $true,
              name => 'Ann Example', given_name => 'Ann',
              family_name => 'Example');

# metadata that nobody but RT::Provider has

my @less = (end_session_endpoint => undef, revocation_endpoint => undef,
            authorization_response_iss_parameter_supported => undef);

# by name of the preset:
#   options, lines   of the block
#   match            by which he is in the group
#   iss, paths, discovery           the provider
#   user             what ID token and userinfo say; id, more of the ID token
#   userinfo         more of userinfo
#   token            more of the token endpoint's answer
#   access           the access token: its claims, or its text
#   known            $rtauth_user; sent, more than the usual arguments

my %provider = (

    google => {
        options => 'hd=example.com',
        match => 'hd eq example.com',
        iss => 'https://accounts.google.com',
        paths => { authorize => '/o/oauth2/v2/auth', jwks => '/oauth2/v3/certs',
                   userinfo => '/v1/userinfo' },
        discovery => {
            @less, revocation_endpoint => 'https://oauth2.googleapis.com/revoke',
            device_authorization_endpoint =>
                'https://oauth2.googleapis.com/device/code',
            token_endpoint_auth_methods_supported =>
                [qw(client_secret_post client_secret_basic)],
            code_challenge_methods_supported => [qw(plain S256)],
        },
        user => { sub => '110169484474386276334', @person,
                  picture => 'https://lh3.googleusercontent.com/a/x' },
        id => { azp => 'gateway', hd => 'example.com', sid => undef,
                auth_time => undef },
        token => { refresh_token => undef, expires_in => 3599,
                   scope => 'openid https://www.googleapis.com/auth/'
                            . 'userinfo.email' },
        access => 'ya29.a0AfH6SMBx-y_z',
        known => 'ann@example.com',
        sent => { hd => 'example.com', scope => 'openid profile email' },
    },

    entra => {
        options => "tenant=$tenant",
        match => "groups has $object",
        iss => "https://login.microsoftonline.com/$tenant/v2.0",
        paths => { authorize => "/$tenant/oauth2/v2.0/authorize",
                   token => "/$tenant/oauth2/v2.0/token",
                   jwks => "/$tenant/discovery/v2.0/keys",
                   logout => "/$tenant/oauth2/v2.0/logout" },
        discovery => {
            revocation_endpoint => undef,
            authorization_response_iss_parameter_supported => undef,
            code_challenge_methods_supported => undef,
            userinfo_endpoint => 'https://graph.microsoft.com/oidc/userinfo',
            token_endpoint_auth_methods_supported =>
                [qw(client_secret_post private_key_jwt client_secret_basic
                    self_signed_tls_client_auth)],
            response_modes_supported => [qw(query fragment form_post)],
            request_uri_parameter_supported => $false,
            http_logout_supported => $true, tenant_region_scope => 'EU',
            cloud_instance_name => 'microsoftonline.com',
        },
        user => { sub => 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
                  name => 'Ann Example',
                  preferred_username => 'ann@example.com' },
        id => { at_hash => undef, auth_time => undef, sid => undef,
                groups => [$object], ver => '2.0', tid => $tenant,
                oid => '77a1c1b2-0000-4000-8000-0000000000d3',
                uti => 'x', rh => '0.x', aio => 'A' x 80 },
        token => { scope => 'openid profile email', ext_expires_in => 4000 },
        access => 'eyJ0eXAiOiJKV1QiLCJub25jZSI6IngifQ.of-graph.and-not-ours',
        known => 'ann@example.com',
        sent => { scope => 'openid profile email offline_access' },
    },

    okta => {
        options => 'domain=example.okta.com server=default',
        match => 'groups has support',
        iss => 'https://example.okta.com/oauth2/default',
        paths => { map { $_ => "/oauth2/default/v1/$_" }
                   qw(authorize token userinfo logout revoke) },
        discovery => {
            authorization_response_iss_parameter_supported => undef,
            introspection_endpoint => 'https://example.okta.com/introspect',
            token_endpoint_auth_methods_supported =>
                [qw(client_secret_basic client_secret_post client_secret_jwt
                    private_key_jwt none)],
            request_parameter_supported => $true,
            subject_types_supported => ['public'],
        },
        user => { sub => '00u1b2c3d4E5f6G7h8i9', @person,
                  preferred_username => 'ann@example.com' },
        id => { ver => 1, jti => 'ID.x', amr => ['pwd'], sid => undef,
                idp => '00o1', (map { $_ => undef } qw(given_name
                family_name)) },
        userinfo => { groups => ['Everyone', 'support'],
                      zoneinfo => 'Europe/Berlin' },
        token => { scope => 'openid profile email', refresh_token => undef },
        access => { iss => 'https://example.okta.com/oauth2/default',
                    aud => 'api://default', sub => 'ann@example.com',
                    cid => 'gateway', uid => '00u1b2c3d4E5f6G7h8i9' },
        known => 'ann@example.com',
    },

    keycloak => {
        options => 'host=sso.example.com:8443/auth realm=tools',
        match => 'realm_access.roles has support',
        iss => 'https://sso.example.com:8443/auth/realms/tools',
        paths => { authorize => "$realm/auth", token => "$realm/token",
                   jwks => "$realm/certs", userinfo => "$realm/userinfo",
                   logout => "$realm/logout", revoke => "$realm/revoke" },
        discovery => {
            acr_values_supported => ['0', '1'],
            claims_parameter_supported => $true,
            backchannel_logout_supported => $true,
            require_pushed_authorization_requests => $false,
            tls_client_certificate_bound_access_tokens => $true,
            token_endpoint_auth_methods_supported =>
                [qw(private_key_jwt client_secret_basic client_secret_post
                    tls_client_auth client_secret_jwt)],
            mtls_endpoint_aliases =>
                { token_endpoint => 'https://mtls.example.com/token' },
        },
        user => { sub => '8a5d2e4c-7a53-4d8e-9a0b-1f0f3c1f2b11', @person,
                  preferred_username => 'ann' },
        id => { typ => 'ID', azp => 'gateway', acr => '1', jti => 'j',
                sid => 'f5c2f1d0-a6b7' },
        token => { 'not-before-policy' => 0, session_state => 'f5c2f1d0-a6b7',
                   refresh_expires_in => 1800, scope => 'openid email profile' },
        access => { iss => 'https://sso.example.com:8443/auth/realms/tools',
                    aud => 'account', typ => 'Bearer', azp => 'gateway',
                    sub => '8a5d2e4c-7a53-4d8e-9a0b-1f0f3c1f2b11',
                    realm_access => { roles => ['offline_access', 'support'] },
                    resource_access => { account => { roles => ['view'] } },
                    sid => 'f5c2f1d0-a6b7', scope => 'openid email profile',
                    @person },
        known => 'ann@example.com',
    },

    auth0 => {
        options => 'domain=example.eu.auth0.com',
        match => '/https:~1~1tools.example.com~1groups has support',
        iss => 'https://example.eu.auth0.com/',
        paths => { token => '/oauth/token', jwks => '/.well-known/jwks.json',
                   revoke => '/oauth/revoke', logout => '/oidc/logout' },
        discovery => {
            authorization_response_iss_parameter_supported => undef,
            mfa_challenge_endpoint => 'https://example.eu.auth0.com/mfa',
            token_endpoint_auth_methods_supported =>
                [qw(client_secret_basic client_secret_post private_key_jwt)],
            request_uri_parameter_supported => $false,
            code_challenge_methods_supported => [qw(S256 plain)],
        },
        user => { sub => 'auth0|64b1c2d3e4f5', @person, nickname => 'ann',
                  updated_at => '2026-11-01T10:00:00.000Z' },
        id => { at_hash => undef, auth_time => undef, sid => 'x-1',
                'https://tools.example.com/groups' => ['support'] },
        token => { refresh_token => undef, expires_in => 86400,
                   scope => 'openid profile email' },
        access => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c',
        known => 'ann@example.com',
    },

    cognito => {
        options => "region=eu-central-1 pool=$pool",
        match => 'cognito:groups has support',
        iss => "https://cognito-idp.eu-central-1.amazonaws.com/$pool",
        paths => { authorize => '/oauth2/authorize', token => '/oauth2/token',
                   userinfo => '/oauth2/userInfo', revoke => '/oauth2/revoke',
                   jwks => "/$pool/.well-known/jwks.json" },
        discovery => {
            authorization_response_iss_parameter_supported => undef,
            code_challenge_methods_supported => undef,
            response_types_supported => [qw(code token)],
            token_endpoint_auth_methods_supported =>
                [qw(client_secret_basic client_secret_post)],
        },
        user => { sub => 'a1b2c3d4-0000-4000-8000-0000000000e4', @person,
                  'cognito:username' => 'ann' },
        id => { token_use => 'id', 'cognito:groups' => ['support'],
                origin_jti => 'o', event_id => 'e', jti => 'j', sid => undef },
        access => { iss => "https://cognito-idp.eu-central-1.amazonaws.com/"
                           . $pool,
                    aud => undef, email => undef, client_id => 'gateway',
                    token_use => 'access', username => 'ann', version => 2,
                    sub => 'a1b2c3d4-0000-4000-8000-0000000000e4',
                    'cognito:groups' => ['support'] },
        known => 'ann@example.com',
    },

    gitlab => {
        options => '',
        match => 'groups has tools/support',
        iss => 'https://gitlab.com',
        paths => { map { $_ => "/oauth/$_" } qw(authorize token userinfo
                                                revoke) },
        discovery => {
            @less, introspection_endpoint => 'https://gitlab.com/introspect',
            token_endpoint_auth_methods_supported =>
                [qw(client_secret_basic client_secret_post)],
            code_challenge_methods_supported => [qw(plain S256)],
            claim_types_supported => ['normal'],
        },
        user => { sub => '4711', @person, nickname => 'ann',
                  preferred_username => 'ann' },
        id => { at_hash => undef, sid => undef, sub_legacy => 'f00',
                groups_direct => ['tools/support'] },
        userinfo => { groups => ['tools', 'tools/support'],
                      'https://gitlab.org/claims/groups/owner' => ['tools'] },
        token => { scope => 'openid profile email', created_at => int time,
                   expires_in => 7200 },
        access => '9' x 64,
        known => 'ann@example.com',
    },
);

my @names = sort keys %provider;
my (%fake, $blocks, $servers);

for my $n (0 .. $#names) {
    my ($name, $is) = ($names[$n], $provider{$names[$n]});

    my $fake = $fake{$name} = RT::Provider->new(
        name => $is->{iss}, user => $is->{user}, paths => $is->{paths},
        discovery => $is->{discovery});

    $is->{access} = RT::JWT::token(%{$is->{access}}) if ref $is->{access};

    tells_truth($name);

    $blocks .= "
    rtauth_provider $name {
        preset $name $is->{options};
        discovery " . $fake->url('.well-known/openid-configuration') . ";
        client_id gateway;
        client_secret 'data:$fake->{client_secret}';
        audience tools;
    }
    rtauth_group ${name}_support { provider $name; match $is->{match};
                                   permission use; }
    rtauth_group ${name}_other { provider $name; match sub eq other;
                                 permission use; }\n";

    $servers .= "
    server {
        listen 127.0.0.1:%%PORT$n%%;
        server_name localhost;
        rtauth $name;
        rtaudit main;
        add_header X-Result \$rtauth_result always;
        location / { proxy_pass http://$App; }
    }\n";
}

# what it says when nothing is wrong, but for these claims of the ID token

sub tells_truth {
    my ($name, %claims) = @_;

    my $is = $provider{$name};
    my $quiet = exists $is->{discovery}
        {'authorization_response_iss_parameter_supported'};

    $fake{$name}->honest;
    $fake{$name}->lie(
        id_token => { %{$is->{id} || {}}, %claims },
        access_token => $is->{access},
        token => { json => $is->{token} || {} },
        userinfo => { json => $is->{userinfo} || {} },
        authorize => { json => { $quiet ? (iss => undef) : () } });
}

# each line that a preset fills can be written

my $own = RT::Provider->new;

$blocks .= signs_in($own, 'own', "preset entra tenant=$tenant;
        scope openid groups; user_claim nickname; claims_from userinfo;
        title 'My own'; redirect_uri /oidc/own; refresh off; audience tools;")
    . 'rtauth_group own_support { provider own; match teams has a;
                                  permission use; }';
$servers .= "
    server {
        listen 127.0.0.1:%%PORT@{[scalar @names]}%%;
        server_name localhost;
        rtauth gitlab own;
        location / { proxy_pass http://$App; }
    }\n";

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], level => 'info',
                           ports => @names + 1, http => <<"EOT");
    rtauth_zone 8m;
    rtauth_session recheck=1s;
    set_real_ip_from 127.0.0.1;
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    proxy_set_header X-Email \$rtauth_user;
    proxy_set_header X-Groups \$rtauth_groups;
    $blocks
    $servers
EOT

$nginx->start;

my %port = map { $names[$_] => $_ } 0 .. $#names;

sub browser { RT::Browser->new($nginx, port => $port{$_[0]}) }


# -- all of them

is_deeply(\@names, [qw(auth0 cognito entra gitlab google keycloak okta)],
          'every preset is here');

for my $name (@names) {
    my ($is, $fake, $browser) = ($provider{$name}, $fake{$name},
                                 browser($name));

    my $url = $browser->leaves('/x?y=1') // '';
    my $asked = arguments($url);

    like($url, qr/^\Q@{[$fake->url('authorize')]}\E\?/,
         "$name: sent to its own address");
    is($asked->{scope}, $is->{sent}{scope} // 'openid profile email',
       "$name: asked for its scopes");
    is($asked->{hd}, $is->{sent}{hd}, "$name: and for what else it takes");
    is($asked->{code_challenge_method}, 'S256',
       "$name: with PKCE, whatever its metadata say");

    my $answer = $browser->returns($url);

    signed_in($answer, $is->{known}, "$name: he is signed in by his name");
    is($browser->path, '/x?y=1', "$name: where he was going");
    is((seen($answer) // '') =~ /^X-Groups: (.*?)\r$/m ? $1 : undef,
       qq(["${name}_support"]), "$name: his group arrives at the application");

    $browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin']);
    ok(!defined seen($browser->open('/x')), "$name: and he signs out");

    # the issuer that the preset makes is what its tokens have to have

    tells_truth($name, iss => 'https://elsewhere.example');
    is(browser($name)->walk('/x')->{status}, 502,
       "$name: a token of another issuer");
    tells_truth($name);
}


# -- a block that has all of these lines

my $browser = RT::Browser->new($nginx, port => scalar @names);
my $answer = $browser->walk('/x');

like($answer->{body}, qr/>My own</, 'a title of its own');
$own->lie(userinfo => { json => { nickname => 'annie', teams => ['a'] } });

my $url = $browser->leaves('/oidc/login?to=/x&rtauth_provider=own') // '';

like($url, qr/^\Q@{[$own->url('authorize')]}\E/, 'an issuer of its own');
is(arguments($url)->{scope}, 'openid groups', 'scopes of its own');

$answer = $browser->returns($url);
signed_in($answer, 'annie', 'a name of its own');
like(seen($answer) // '', qr/^X-Groups: \["own_support"\]\r$/m,
     'with claims of userinfo');


# -- Google: the domain it was asked for is not what it has to answer with

for my $hd ('evil.example', undef, ['example.com'], 'EXAMPLE.COM') {
    my $what = 'google: hd ' . (ref $hd ? 'as a list' : $hd // 'absent');

    tells_truth('google', hd => $hd);

    $browser = browser('google');
    $answer = $browser->walk('/x');

    is($answer->{status}, 403, "$what: refused");
    is($browser->cookie('__Host-rt'), undef, "$what: without a session");
}

tells_truth('google');


# -- groups that are elsewhere: a link in place of the claim (OpenID Connect
# Core 1.0, 5.6.2), as Entra ID has it for whoever is in more than 200 groups

my %overage = (
    groups => undef,
    _claim_names => { groups => 'src1' },
    _claim_sources => { src1 => { endpoint =>
        "https://graph.windows.net/$tenant/users/x/getMemberObjects" } },
);
my $link = qr/has a link in place of the user's groups: let it write fewer/;

for my $case (['_claim_names', %overage], ['hasgroups', groups => undef,
                                           hasgroups => $true])
{
    my ($what, %claims) = @$case;

    tells_truth('entra', %claims);

    $browser = browser('entra');
    $answer = $browser->walk('/x');

    is($answer->{status}, 403, "$what: he is not signed in");
    like($answer->{head}, qr/^X-Result: groups_overage\r?$/m,
         "$what: the variable says why");
    like($answer->{body}, qr/too many groups/, "$what: the page tells him");
    is($browser->cookie('__Host-rt'), undef, "$what: he has no session");

    my ($reference) = $answer->{body} =~ m{<strong>([0-9a-f]{8})</strong>};
    my $log = $nginx->log_text;

    like($log, qr/groups_overage: it $link.*reference $reference/,
         "$what: the log says what to do");
    ok($nginx->wait_for('the event', sub {
        RT::Nginx::slurp($nginx->dir . '/logs/audit.log')
            =~ /"reason":"groups_overage"/;
    }), "$what: and so does the audit event");
}

# a match by another claim lets nobody in whose groups are not known

tells_truth('entra', %overage, sub => 'other');
is(browser('entra')->walk('/x')->{status}, 403,
   'a group that he is in by another claim changes nothing');

# what nobody matches by may be elsewhere, and so may be what is here as well

for my $case (['another claim', _claim_names => { wids => 'src1' }],
              ['groups that are there', _claim_names => { groups => 'src1' }],
              ['no more than a few', hasgroups => $false])
{
    my ($what, %claims) = @$case;

    tells_truth('entra', %claims);
    signed_in(browser('entra')->walk('/x'), 'ann@example.com',
              "elsewhere: $what");
}

# who comes into his 201st group while he is signed in

tells_truth('entra');

$browser = browser('entra');

signed_in($browser->walk('/x'), 'ann@example.com', 'he is signed in');
tells_truth('entra', %overage);
ok($nginx->wait_for('the session to end', sub {
    !defined seen($browser->open('/x'));
}), 'his session ends when he is asked about anew');
is($browser->walk('/x')->{status}, 403, 'and he is not signed in again');
tells_truth('entra');

# a token that a request brings along

sub shows {
    return $nginx->get('/x', port => $port{entra}, headers => [
        'Authorization: Bearer ' . RT::JWT::token(
            iss => $provider{entra}{iss}, ver => '2.0',
            preferred_username => 'ann@example.com', @_)]);
}

signed_in(shows(groups => [$object]), 'ann@example.com', 'a token with groups');

$answer = shows(%overage);

is($answer->{status}, 403, 'a token without them');
like($answer->{head}, qr/^X-Result: groups_overage\r?$/m, 'by its reason');
like($nginx->log_text,
     qr/claim "groups", by which groups are matched, is not in the token/,
     'and the log names the claim');
is(shows(%overage, sub => 'other')->{status}, 403,
   'whatever else a group matches');

$nginx->end;

done_testing;

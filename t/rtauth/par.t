#!/usr/bin/perl

# Pushed authorization requests (RFC 9126): when one is made, what goes where,
# and what a person sees when it fails.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


# whether metadata names an endpoint, whether it requires its use, "par"

my %way = (
    required => [1, 1, ''],
    wanted   => [1, 0, 'par on; extra_auth_args prompt=login ui_locales=de;'],
    able     => [1, 0, ''],
    never    => [1, 1, 'par off;'],
    without  => [0, 0, 'par on;'],
);

my @ways = sort keys %way;
my (%provider, %port);
my ($http, $servers) = ('', '');

for my $i (0 .. $#ways) {
    my $name = $ways[$i];
    my ($named, $required, $lines) = @{$way{$name}};

    my $provider = $provider{$name} = RT::Provider->new;

    $provider->{discovery} = {
        pushed_authorization_request_endpoint =>
            $named ? $provider->issuer . '/par' : undef,
        require_pushed_authorization_requests =>
            $required ? JSON::PP::true : JSON::PP::false,
        claims_parameter_supported => JSON::PP::true,
    };
    delete $provider->{discovery}{pushed_authorization_request_endpoint}
        if !$named;
    $provider->stop;
    $provider->resume;

    $port{$name} = $i;
    $http .= signs_in($provider, $name, $lines);
    $servers .= "server { listen 127.0.0.1:%%PORT$i%%; server_name localhost;
                 rtauth $name; location / { proxy_pass http://$App; }
                 location /acr/ { rtauth_require acr 2fa; } }\n";
}

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2, level => 'info',
                           ports => scalar @ways, http => <<"EOT");
    rtauth_zone 8m;
    set_real_ip_from 127.0.0.1;
    proxy_set_header X-Email \$rtauth_user;
    $http
    $servers
EOT

$nginx->start;

sub browser { return RT::Browser->new($nginx, port => $port{$_[0]}) }


for my $name (qw(required wanted)) {
    my $browser = browser($name);
    my $url = $browser->leaves('/oidc/login?to=/deep?a=1');
    my $shown = arguments($url);

    like($url, qr/^\Q@{[$provider{$name}->issuer]}\E\/authorize\?/,
         "$name: the browser is sent to the provider");
    is_deeply([sort keys %$shown], [qw(client_id request_uri)],
              "$name: with the client and a reference alone");
    is($shown->{client_id}, 'gateway', "$name: it is this client");
    like($shown->{request_uri}, qr/^urn:rt:/, "$name: it is that reference");

    my @pushed = $provider{$name}->asked('par');
    my $form = $pushed[0]{form};

    is(scalar @pushed, 1, "$name: it was pushed once");
    is($pushed[0]{method}, 'POST', "$name: by POST");
    is($pushed[0]{target}, '/par', "$name: with nothing in the address");
    like($pushed[0]{head}, qr/^Authorization: Basic /mi,
         "$name: the client says who it is");
    is(scalar(() = $pushed[0]{body} =~ /(?:^|&)client_id=/g), 1,
       "$name: and is named once");
    is($form->{response_type}, 'code', "$name: a code is asked for");
    like($form->{redirect_uri}, qr{^http://localhost:\d+/oidc/callback$},
         "$name: for our address");
    like($form->{$_}, qr/^[\w-]{43}$/, "$name: with $_")
        for qw(nonce code_challenge);
    like($form->{state}, qr/^[\w-]{22}\.[\w-]+$/, "$name: with state");
    is($form->{code_challenge_method}, 'S256', "$name: with PKCE");

    my $answer = $browser->returns($url);

    signed_in($answer, 'ann@example.com', "$name: he is signed in");
    is($browser->path, '/deep?a=1', "$name: and where he wanted to be");
}

my ($wanted) = $provider{wanted}->asked('par');

is($wanted->{form}{prompt}, 'login', 'extra_auth_args are pushed');
is($wanted->{form}{ui_locales}, 'de', 'all of them');

for my $name (qw(able never)) {
    my $shown = arguments(browser($name)->leaves('/oidc/login?to=/'));

    is(scalar $provider{$name}->asked('par'), 0, "$name: nothing is pushed");
    is($shown->{response_type}, 'code', "$name: the browser carries it");
}


# -- what may go wrong

my %Status = (login_failed => 502, provider_unavailable => 503);

sub fails {
    my ($name, $lie, $reason, $said, $what) = @_;

    my $browser = browser($name);

    $provider{$name}->lie(par => $lie);
    my $answer = $browser->open('/oidc/login?to=/x');
    $provider{$name}->honest;

    is($answer->{status}, $Status{$reason}, $what);
    is(location($answer), undef, "$what: nobody is sent anywhere");

    my ($reference) = $answer->{body} =~ m{<strong>([\w-]{6,64})</strong>};

    ok(defined $reference, "$what: there is a reference")
        or return diag($answer->{raw});

    my ($line) = grep { /\Q$reference\E/ } split /\n/, $nginx->log_text;

    like($line // 'no line', qr/\b$reason\b.*\Q$said\E/,
         "$what: the log says why");
}

my @bad = (
    [{ status => 400, json => { error => 'invalid_request',
                                error_description => 'no such redirect' } },
     'login_failed', 'it says "invalid_request", no such redirect',
     'a refusal'],
    [{ status => 401, json => { error => 'invalid_client' } },
     'login_failed', 'it says "invalid_client"', 'another client'],
    [{ status => 500, body => 'oops' }, 'provider_unavailable', '', 'a fault'],
    [{ status => 503, body => '' }, 'provider_unavailable', '', 'away'],
    [{ status => 429, body => '' }, 'provider_unavailable', '', 'too many'],
    [{ raw => '' }, 'provider_unavailable', 'does not answer', 'hung up'],
    [{ raw => "HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{" },
     'provider_unavailable', 'not to the end', 'half an answer'],
    [{ body => '[]' }, 'login_failed', 'is no JSON object', 'no object'],
    [{ body => '<p>' }, 'login_failed', 'is no JSON object', 'no JSON'],
    [{ json => { request_uri => undef } }, 'login_failed', 'has no request_uri',
     'no reference'],
    [{ json => { request_uri => '' } }, 'login_failed', 'has no request_uri',
     'an empty one'],
    [{ json => { request_uri => 7 } }, 'login_failed', 'malformed', 'a number'],
    [{ json => { request_uri => "urn:\r\nSet-Cookie: a=b" } }, 'login_failed',
     'malformed', 'one with a line end'],
    [{ json => { request_uri => 'urn:' . 'x' x 2045 } }, 'login_failed',
     'malformed', 'one that is too long'],
    [{ status => 302, headers => ['Location: http://127.0.0.1:1/'] },
     'login_failed', 'neither yes nor no', 'a redirect'],
    [{ status => 204, body => '' }, 'provider_unavailable', 'does not answer',
     'nothing'],
);

fails('wanted', @$_) for @bad;

fails('without', {}, 'provider_unavailable', 'names no such endpoint',
      'no endpoint');


# a reference is kept as it is, and is an argument of the URL; 200 is a yes

my $browser = browser('wanted');
my $odd = 'urn:x?a=b&client_id=other#%41+';

$provider{wanted}->lie(par => { status => 200,
                                json => { request_uri => $odd } });
my $shown = arguments($browser->leaves('/oidc/login?to=/'));
$provider{wanted}->honest;

is($shown->{request_uri}, $odd, 'a reference is one value');
is($shown->{client_id}, 'gateway', 'and nothing beside it');


# he goes away while the provider thinks

$provider{wanted}->forget;
$provider{wanted}->hold('par');
my $socket = $nginx->connect($port{wanted});
$socket->syswrite("GET /oidc/login?to=/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
ok($nginx->wait_for('the question', sub { $provider{wanted}->asked('par') }),
   'the provider is asked');
close $socket;
ok($nginx->wait_for('the log', sub {
    $nginx->log_text =~ /prematurely closed connection/
}), 'and the client is gone');
$provider{wanted}->let_go('par');

signed_in(browser('wanted')->walk('/oidc/login?to=/x'), 'ann@example.com',
          'the next one signs in');


# -- what a location asks of a sign-in is pushed as well

$provider{required}->forget;
browser('required')->leaves('/acr/x');

my ($pushed) = map { $_->{form} } $provider{required}->asked('par');

like($pushed->{claims} // '', qr/"acr":\{"essential":true,"values":\["2fa"\]/,
     'an essential acr is pushed');
is($pushed->{acr_values}, undef, 'and by this name alone');

$nginx->end;
done_testing();

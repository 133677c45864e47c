#!/usr/bin/perl

# Who signs in is in the audit event of his sign-in, and in the variables
# there; so is who signs out.  No code, no state and no token is.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json encode_json);
use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Raw;


# a provider whose codes are the nonces of its ID tokens: it remembers nothing

sub provide {
    my ($request) = @_;

    my ($host) = $request =~ /^Host: *(.*?)\r$/mi;
    my $issuer = "http://$host";

    return { issuer => $issuer, jwks_uri => "$issuer/jwks",
             authorization_endpoint => "$issuer/authorize",
             token_endpoint => "$issuer/token",
             response_types_supported => ['code'],
             subject_types_supported => ['public'],
             id_token_signing_alg_values_supported => ['RS256'] }
        if $request =~ m{^GET /\.well-known/};

    return decode_json(RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"))
        if $request =~ m{^GET /jwks};

    # openssl signs, and is waited for
    local $SIG{CHLD} = 'DEFAULT';

    my ($code) = $request =~ /\bcode=([\w-]+)/;

    return { token_type => 'Bearer', access_token => 'opaque-access-t0ken',
             id_token => token(iss => $issuer, aud => 'web', nonce => $code,
                               sub => 'u-7', email => 'ann@example.com',
                               email_verified => JSON::PP::true,
                               iat => time, exp => time + 300) };
}

sub answer {
    my ($client, $reply) = @_;

    my $request = '';

    alarm 20;

    while (sysread $client, $request, 65536, length $request) {
        my ($head, $body) = split /\r\n\r\n/, $request, 2;
        next unless defined $body;

        my ($length) = $head =~ /^Content-Length: *(\d+)/mi;
        last if length $body >= ($length // 0);
    }

    my $json = encode_json($reply->($request));

    $client->syswrite("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                      . 'Content-Length: ' . length($json) . "\r\n"
                      . "Connection: close\r\n\r\n$json");
}

my $provider = RT::Raw::start(\&provide, \&answer);

my $nginx = RT::Nginx->new(
    modules => [qw(rtauth rtaudit)],
    http    => "
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer http://127.0.0.1:$provider; client_auth none; client_id web;
    }
    rtauth_session secure=off cookie=rt;
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;
    rtaudit_level request;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth_origin http://localhost:%%PORT0%%;
        add_header X-User \"\$rtauth_user|\$rtauth_claim_sub|\$rtauth_provider\";
        root %%DIR%%/html;
        rtauth corp;
    }
    ");

$nginx->file('html/page.html', "a page\n");
$nginx->start;

my %jar;

sub visit {
    my ($uri) = @_;

    my $cookies = join '; ', map { "$_=$jar{$_}" } sort keys %jar;
    my $r = $nginx->get($uri, headers => [
        'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document',
        'Sec-Fetch-Site: same-origin', $cookies ? "Cookie: $cookies" : ()]);

    $jar{$1} = $2 while $r->{head} =~ /^Set-Cookie: ([^=]+)=([^;\r]*)/mig;
    delete $jar{$_} for grep { $jar{$_} eq '' } keys %jar;

    ($r->{location}) = $r->{head} =~ /^Location: *(.*?)\r?$/mi;

    return $r;
}

my $r = visit('/page.html?tab=2');
is($r->{location}, '/oidc/login?to=%2Fpage.html%3Ftab%3D2', 'to the login URI');

$r = visit($r->{location});
like($r->{location} // $r->{raw}, qr{^http://127\.0\.0\.1:$provider/authorize\?},
     'to the provider');

my ($state) = ($r->{location} // '') =~ /[?&]state=([^&]+)/;
my ($nonce) = ($r->{location} // '') =~ /[?&]nonce=([^&]+)/;

$r = visit("/oidc/callback?code=$nonce&state=$state");
is($r->{status}, 302, 'signed in') or diag($nginx->log_text);
like($r->{location}, qr{^(?:http://localhost:\d+)?/page\.html\?tab=2$}, 'and back');
like($r->{head}, qr/^X-User: ann\@example\.com\|u-7\|corp\r?$/mi,
     'the variables show him already');

$r = visit('/page.html?tab=2');
is($r->{body}, "a page\n", 'he is let in');

# the session is gone: a person is sent to sign in, a script is not

my %kept = %jar;
$r = visit('/oidc/logout');
like($r->{status}, qr/^(?:200|302|303)$/, 'signed out');
%jar = %kept;

is(visit('/page.html')->{location}, '/oidc/login?to=%2Fpage.html',
   'an old cookie: to sign in again');

$r = $nginx->get('/page.html', headers => [
    'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty', "Cookie: rt=$kept{rt}"]);
is($r->{status}, 401, 'a script with it: 401');

$nginx->stop;


my $audit = RT::Nginx::slurp($nginx->dir . '/logs/audit.log');
my @events = grep { $_->{actionType} =~ /^LOG/ }
             map { decode_json($_) } split /\n/, $audit;

is(join(' ', map { $_->{actionType} } @events), 'LOGIN LOGOUT', 'both events');

is($events[0]{userId}, 'u-7', 'who signed in');
is($events[0]{user}{email}, 'ann@example.com', 'with his email');
is_deeply($events[0]{metadata}{rtauth},
          { decision => 'allow', reason => 'ok', provider => 'corp' },
          'where, and that it was right');
is($events[1]{userId}, 'u-7', 'who signed out');
is($events[1]{metadata}{rtauth}{provider}, 'corp', 'and where');

for my $secret ($nonce, $state, $kept{rt}, 'opaque-access-t0ken') {
    is(index($audit . $nginx->log_text, $secret), -1, 'a secret is in no log');
}

unlike($audit . $nginx->log_text, qr/eyJ/, 'nor is a token');

$nginx->quiet('browsers do not keep');
done_testing;

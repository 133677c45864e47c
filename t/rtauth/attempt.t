#!/usr/bin/perl

# The cookie of a sign-in that has begun: how long it is good, at which host,
# and under which keys.  And the addresses of a sign-in on connections that are
# kept, while nginx reloads, and while the provider is away.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $away = RT::Provider->new(client_id => 'away');
my $corp_block = signs_in($corp, 'corp', 'claims_from id_token userinfo;');
my $away_block = signs_in($away, 'away', 'jwks_cooldown 1s; timeout 2s;');

my ($New, $Old) = ('n' x 40, 'o' x 40);

my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 2,
                           http => <<"EOT");
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $away_block

    rtauth_session key=data:$New key=data:$Old;
    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;
        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;
        rtauth away;
        location / { proxy_pass http://$App; }
    }
EOT

$away->stop;
$nginx->start;

my $Origin = 'http://localhost:' . $nginx->port;


# comes back with a sign-in that was made by hand

sub comes_back {
    my (%with) = @_;

    open my $pipe, '-|', 'node', 't/lib/RT/attempt.mjs', $with{key} // $New,
        $with{origin} // $Origin, $with{issuer} // $corp->issuer,
        $with{client_id} // 'gateway', $with{ago} // 1, $with{to} // '/x'
        or die "node: $!";

    my $made = decode_json(do { local $/; <$pipe> });
    close $pipe;

    my $browser = RT::Browser->new($nginx);

    $browser->{jar}{'__Host-rt_l5'} = $made->{cookie};

    return $browser->returns($corp->issuer . '/authorize?'
        . RT::Provider::encode({
            client_id => 'gateway', redirect_uri => "$Origin/oidc/callback",
            state => $made->{state}, nonce => $made->{nonce},
            code_challenge => $made->{code_challenge},
            code_challenge_method => 'S256' }));
}

signed_in(comes_back(), 'ann@example.com', 'a sign-in made by hand');
signed_in(comes_back(ago => 560), 'ann@example.com', 'after nine minutes');
is(comes_back(ago => 601)->{status}, 400, 'after ten minutes it is over');
is(comes_back(ago => 86400)->{status}, 400, 'as it is the day after');
signed_in(comes_back(key => $Old), 'ann@example.com',
          'begun under a key that only opens now');
is(comes_back(key => 'x' x 40)->{status}, 400, 'under a key of nobody\'s');
is(comes_back(origin => 'http://elsewhere')->{status}, 400,
   'at another host');
is(comes_back(issuer => $away->issuer)->{status}, 400,
   'at another provider');
is(comes_back(client_id => 'away')->{status}, 400, 'by another client');


# -- on connections that are kept

sub exchange {
    my ($socket, $path, @headers) = @_;

    $socket->syswrite(join "\r\n", "GET $path HTTP/1.1", 'Host: localhost',
                      'Accept: text/html', @headers, '', '');

    my $answer = '';

    until ($answer =~ /\r\n\r\n/) {
        $socket->sysread($answer, 65536, length $answer) or last;
    }

    my ($length) = $answer =~ /^Content-Length: (\d+)/mi;
    my ($head, $body) = split /\r\n\r\n/, $answer, 2;

    while (length($body // '') < ($length // 0)) {
        $socket->sysread($body, 65536, length $body) or last;
    }

    return { head => $head // '', body => $body // '', raw => $answer,
             status => ($head // '') =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0 };
}

my $socket = $nginx->connect;

for my $round (1, 2) {
    my $answer = exchange($socket, '/oidc/login?to=/kept');
    is($answer->{status}, 302, "kept: the login URI, round $round");

    my ($cookie) = $answer->{head} =~ /^Set-Cookie: ([^;]*)/mi;
    my $back = HTTP::Tiny->new(max_redirect => 0)->get(location($answer))
                   ->{headers}{location} =~ s{^http://[^/]*}{}r;

    $answer = exchange($socket, $back, "Cookie: $cookie");
    is($answer->{status}, 302, "kept: the callback, round $round");
    is(location($answer), '/kept', "kept: and back, round $round");

    is(exchange($socket, $back, "Cookie: $cookie")->{status}, 400,
       "kept: the code once more, round $round");

    my ($session) = $answer->{head} =~ /^Set-Cookie: (__Host-rt=[^;]+)/mi;
    signed_in(exchange($socket, '/x', "Cookie: $session"), 'ann@example.com',
              "kept: a page, round $round");
    is(exchange($socket, '/oidc/logout')->{status}, 200,
       "kept: a page of ours, round $round");
}

close $socket;


# -- a reload while somebody comes back

{
    my $browser = RT::Browser->new($nginx);
    my $back = HTTP::Tiny->new(max_redirect => 0)
        ->get($browser->leaves('/reload'))->{headers}{location}
        =~ s{^http://[^/]*}{}r;
    my $cookies = join '; ', map { "$_=$browser->{jar}{$_}" }
        keys %{$browser->{jar}};

    for my $what (qw(token userinfo)) {
        $corp->hold($what);
    }

    my ($before, $known) = map { 0 + $corp->asked($_) } qw(token userinfo);
    my $waiting = $nginx->ask($back, "Cookie: $cookies");

    $nginx->wait_for('the code at the provider',
                     sub { $corp->asked('token') > $before });
    $nginx->signal('HUP');
    $corp->let_go('token');
    $nginx->wait_for('the token at the provider',
                     sub { $corp->asked('userinfo') > $known });
    $corp->let_go('userinfo');

    my $answer = $nginx->answer($waiting);

    is($answer->{status}, 302, 'a reload does not end a sign-in');
    $browser->keep($answer);
    signed_in($browser->open('/x'), 'ann@example.com',
              'and its session is known to the new worker');
}


# -- a provider that nobody has reached yet

{
    my $browser = RT::Browser->new($nginx, port => 1);
    my $answer = $browser->follow($browser->open('/x'));

    is($answer->{status}, 503, 'the provider is away: 503');
    like($answer->{head}, qr/^Retry-After: \d+/mi, 'for a while');
    like($answer->{body}, qr/<h1>.*<strong>[0-9a-f]{8}<\/strong>/s,
         'on a page with a reference');
    is($browser->cookie('__Host-rt_l0'), undef, 'no sign-in has begun');

    $away->resume;

    ok($nginx->wait_for('the provider', sub {
        $browser->open('/oidc/login?to=/x')->{status} == 302
    }), 'it is asked again');
    signed_in($browser->walk('/x'), 'ann@example.com',
              'and somebody signs in');
}

$nginx->end;

done_testing;

#!/usr/bin/perl

# What the addresses of a sign-in leave behind for whoever shares something
# with them: the connection, the worker, the browser, another provider, another
# server, another location.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::JWT;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $other = RT::Provider->new(client_id => 'other-gateway');

my $corp_block = signs_in($corp, 'corp',
    'backchannel_logout_uri /oidc/back; frontchannel_logout_uri /oidc/front;');
my $other_block = signs_in($other, 'other',
    'redirect_uri /other/callback; logout_uri /other/logout;');

# one worker: it remembers what the tests before have shown it
my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 1, ports => 6,
                           http => <<"EOT");
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $other_block
    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp other;
        location / { proxy_pass http://$App; }
        location /lenient/ {
            rtauth_cross_origin allow;
            proxy_pass http://$App;
        }
        location /hop/ {
            rtauth_cross_origin allow;
            try_files /none /strict;
        }
        location = /cookies { rtauth off; return 200 "\$http_cookie"; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;
        rtauth corp;
        rtauth_session cookie=__Host-one;
        location / { proxy_pass http://$App; }
        location = /oidc/front { }
        location = /oidc/back { }
        location = /oidc/callback { }
        location = /oidc/login { }
        location = /oidc/logout { }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        server_name localhost;
        rtauth corp;
        rtauth_session store=cookie key=data:0123456789abcdef0123456789abcdef;
        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT3%%;
        server_name localhost;
        rtauth corp;
        rtauth_session store=cookie key=data:0123456789abcdef0123456789abcdef;
        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT4%%;
        server_name localhost;
        rtauth corp;
        rtauth_session cookie=__Host-short absolute=1s idle=1s;
        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT5%%;
        server_name localhost;
        rtauth corp;
        rtauth_session cookie=__Host-rt_p;
    }
EOT

$nginx->start;

sub signed_in_browser {
    my ($port, $start) = @_;
    my $browser = RT::Browser->new($nginx, port => $port);

    signed_in($browser->walk($start // '/x'), 'ann@example.com',
              "somebody signs in at server $port");

    return $browser;
}

sub twin {
    my ($browser, %args) = @_;
    my $twin = RT::Browser->new($nginx, port => $browser->{port}, %args);

    $twin->{jar} = { %{$browser->{jar}} };

    return $twin;
}

sub still { defined seen($_[0]->open('/x')) }


# -- the connection: a body that nobody wants is not the next request

my $front = '/oidc/front?iss=' . escape($corp->issuer) . '&sid=nobody';

for my $port (0, 1) {
    for (['GET', $front], ['HEAD', $front], ['GET', '/oidc/front'],
         ['GET', '/oidc/login?to=/x&rtauth_provider=corp'],
         ['PUT', '/oidc/login'], ['GET', '/oidc/callback?code=a&state=b'],
         ['POST', '/oidc/callback'], ['GET', '/oidc/logout'],
         ['HEAD', '/oidc/logout'], ['POST', '/oidc/logout'],
         ['GET', '/oidc/back'], ['POST', '/oidc/back'])
    {
        my ($method, $path) = @$_;
        my $inner = "GET /inner HTTP/1.1\r\nHost: localhost\r\n\r\n";

        my $raw = $nginx->raw("$method $path HTTP/1.1\r\nHost: localhost\r\n"
            . 'Content-Length: ' . length($inner) . "\r\n\r\n$inner"
            . "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            . "\r\n", port => $port);

        my @answers = $raw =~ /^HTTP\/1\.1 (\d+)/mg;

        ok(@answers == 2 || @answers == 1 && $answers[0] == 400,
           "$method $path of server $port: one answer") or diag($raw);
    }
}


# -- the worker: what one server has opened is closed for another

my $browser = signed_in_browser(1);
my $guest = twin($browser, port => 0);

$guest->{jar}{'__Host-rt'} = $browser->cookie('__Host-one');
ok(!still($guest), 'the cookie of one server under the name of another');
ok(still($browser), 'at its own it is good');

$browser = signed_in_browser(2);
$guest = twin($browser, port => 3);

ok(!still($guest), 'a sealed cookie at another server with the same key');
ok(still($browser), 'at its own it is good');
ok(!still($guest), 'and still not at the other');


# -- the application sees no cookie of any server's: another's may come along,
# and a name may be made of another name

is($nginx->get('/cookies', headers => ['Cookie: a=1; __Host-rt=x; '
               . '__Host-one_l9=x; __Host-short=x; __HOST-RT_P=x; b=2; '
               . '__Host-rt_p_p=x; __Host-rt_p_l0=x; __Host-rt_x=3',
               'Cookie: c=4; __Host-one=x; __Host-rt_l0=x'])->{body},
   'a=1; b=2; __Host-rt_x=3; c=4', 'none of our cookies');


# -- another provider: its logout_uri asks first, too

my @foreign = ('Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate',
               'Sec-Fetch-Dest: document');

$browser = signed_in_browser(0, '/oidc/login?to=/x&rtauth_provider=corp');

my $answer = $browser->open('/other/logout', headers => \@foreign);

ok(!exists {cookies($answer)}->{'__Host-rt'}, 'no cookie is deleted');
ok(still($browser), 'another site ends nobody\'s session by it');

my ($token) = $answer->{body} =~ /\?t=([0-9a-f]+)/;

$browser->open("/other/logout?t=$token", headers => \@foreign);
ok(!still($browser), 'who is asked and says so is signed out');


# -- what somebody wrote into a page of the application

$browser = signed_in_browser(1);

$browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: no-cors', "Sec-Fetch-Dest: $_"])
    for qw(image script style iframe object);

ok(still($browser), 'an image of the address ends nobody\'s session');

$browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document']);

ok(!still($browser), 'a link of the application does');


# -- another location: each has its own rtauth_cross_origin

$browser = signed_in_browser(0, '/oidc/login?to=/x&rtauth_provider=corp');

my %foreign = (method => 'POST', body => 'x', headers => [
    'Sec-Fetch-Site: cross-site', 'Origin: http://evil.example']);

is($browser->open('/strict', %foreign)->{status}, 403, 'a strict one');
is($browser->open('/lenient/x', %foreign)->{status}, 200, 'a lenient one');
is($browser->open('/hop/x', %foreign)->{status}, 403,
   'a lenient one that leads into a strict one');


# -- the provider's address: it may end more sessions than anybody begins

sub logout_token {
    return RT::JWT::token(
        iss => $corp->issuer, aud => 'gateway', iat => time,
        exp => time + 100, jti => join('.', 'j', $$, rand), sub => undef,
        email => undef, sid => 'nobody', -header => { typ => 'logout+jwt' },
        events => { 'http://schemas.openid.net/event/backchannel-logout' =>
                    {} }, @_);
}

sub ends {
    my ($port, $address, %claims) = @_;

    return $nginx->post('/oidc/back', 'application/x-www-form-urlencoded',
                        'logout_token=' . logout_token(%claims), port => $port,
                        headers => ["X-Real-IP: $address"])->{status};
}

my %status;
$status{ends(0, '10.200.0.1')}++ for 1 .. 120;

is_deeply(\%status, { 200 => 120 }, 'a provider ends 120 sessions in a row');

# in one piece, for a browser's turns would leave time for the budget to grow

my $bad = 'logout_token=' . logout_token(aud => 'somebody');
my $ask = join "\r\n", 'POST /oidc/back HTTP/1.1', 'Host: localhost',
    'Content-Type: application/x-www-form-urlencoded',
    'X-Real-IP: 10.200.0.2', 'Content-Length: ' . length $bad;

my $said = $nginx->raw(("$ask\r\n\r\n$bad" x 999)
                       . "$ask\r\nConnection: close\r\n\r\n$bad");
my $read = () = $said =~ m{^HTTP/1\.1 400 }mg;

ok($read > 0 && $read < 1000, 'of what it does not mean for us only some')
    or diag "$read were read";


# -- the provider's way of sending: however it cuts its request

sub cut {
    my ($where, $token, $chunked) = @_;

    my $body = "logout_token=$token";
    my $length = 'Content-Length: ' . length $body;

    if ($chunked) {
        $body = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
            $body =~ /(.{1,400})/g;
        $body .= "0\r\n\r\n";
        $length = 'Transfer-Encoding: chunked';
    }

    my $head = join "\r\n", 'POST /oidc/back HTTP/1.1', 'Host: localhost',
        'Content-Type: application/x-www-form-urlencoded',
        'Connection: close', 'X-Real-IP: 10.200.0.4', $length;

    my $socket = $nginx->connect;

    # nginx has the first part when it asks for the rest
    if ($where eq 'later') {
        $socket->syswrite("$head\r\nExpect: 100-continue\r\n\r\n");
        $socket->sysread(my $go, 4096);
        $socket->syswrite($body);

    } elsif ($where eq 'in two') {
        $socket->syswrite("$head\r\nExpect: 100-continue\r\n\r\n"
                          . substr $body, 0, 100);
        $socket->sysread(my $go, 4096);
        $socket->syswrite(substr $body, 100);

    } else {
        $socket->syswrite("$head\r\n\r\n$body");
    }

    return $nginx->answer($socket)->{status};
}

for my $chunked (0, 1) {
    for my $where ('at once', 'later', 'in two') {
        is(cut($where, logout_token(), $chunked), 200,
           ($chunked ? 'chunks ' : 'a body ') . $where);
    }
}

is(cut('at once', logout_token(more => 'x' x 9000), $_), 200,
   'a body that goes to a file') for 0, 1;


# -- another server: as long as the longest session of all of them

$browser = signed_in_browser(1);

my $later = twin($browser);

is(ends(4, '10.200.0.3', sid => 'sid-' . $corp->port), 200,
   'a session ends by way of a server whose own are short');
ok(!still($browser), 'so it does');

my $short = time + 2;

$nginx->wait_for('the end of short sessions', sub { time > $short });
ok(!still($later), 'and it stays so when a short one would be over');

# -- a record that no browser would keep as a cookie is a page and no loop

for my $n (10, 100) {
    my $browser = RT::Browser->new($nginx, port => 2);

    $corp->user(groups => [map { "a group of a long name, number $_" } 1 .. $n]);
    $corp->lie(id_token => { sid => "of-$n" });
    my $answer = $browser->walk('/x');
    $corp->honest;

    if ($n == 10) {
        signed_in($answer, 'ann@example.com', 'a person of ten groups');
        next;
    }

    is($answer->{status}, 503, 'a person of a hundred ends on a page');
    like($browser->path, qr{^/oidc/callback\?}, 'where he came back to');
    ok(!$browser->cookie('__Host-rt'), 'without half a session');
    like($nginx->log_text, qr/login_session: the session cannot be kept/,
         'and the log says what is too large');
}


$nginx->end;

done_testing;

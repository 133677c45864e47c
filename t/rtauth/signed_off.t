#!/usr/bin/perl

# Signing out takes the provider's tokens back, and the provider ends sessions:
# by a token it signed (back-channel) or by a frame (front-channel).

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $other = RT::Provider->new(client_id => 'other');

my $corp_block = signs_in($corp, 'corp', 'refresh on;
    backchannel_logout_uri /oidc/back; frontchannel_logout_uri /oidc/front;');
my $other_block = signs_in($other, 'other', 'redirect_uri /oidc/other;');

my $nginx = RT::Nginx->new(modules => [qw(rtauth)], workers => 2,
                           level => 'debug', http => <<"EOT");
    rtauth_zone 4m;
    $corp_block
    $other_block

    proxy_set_header X-Email \$rtauth_claim_email;
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp other;
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;

my @own = ('Sec-Fetch-Site: same-origin');


sub browser {
    my $browser = RT::Browser->new($nginx);

    signed_in($browser->walk('/oidc/login?to=/x&rtauth_provider='
                             . ($_[0] // 'corp')),
              'ann@example.com', 'somebody signs in');

    return $browser;
}

my $event = 'http://schemas.openid.net/event/backchannel-logout';
my $form = 'application/x-www-form-urlencoded';
my $n = 0;

sub still { defined seen($_[0]->open('/x')) }

sub logout_token {
    return RT::JWT::token(iss => $corp->issuer, aud => $corp->{client_id},
                          exp => undef, email => undef, sub => undef,
                          iat => int time, jti => 'j-' . ++$n,
                          events => { $event => {} },
                          sid => "sid-$corp->{port}", @_);
}

sub back { post(logout_token(@_)) }

sub post {
    my $token = shift;

    return $nginx->post('/oidc/back', $form,
                        'logout_token=' . escape($token))->{status};
}


# -- tokens are taken back

my $browser = browser();
$browser->open('/oidc/logout', headers => \@own);

my @asked = $corp->asked('revoke');

is(scalar @asked, 1, 'the provider is asked to revoke one');
is($asked[0]{form}{token_type_hint}, 'refresh_token', 'a refresh token');
ok(length $asked[0]{form}{token}, 'which it is shown');
like($asked[0]{head}, qr/^Authorization: Basic /mi, 'by this client');

my %lie = ('a 503' => { status => 503 }, 'no answer' => { raw => '' });

for my $name (sort keys %lie) {
    $corp->lie(revoke => $lie{$name});
    $browser = browser();

    is($browser->open('/oidc/logout', headers => \@own)->{status}, 302,
       "$name: signed out all the same");
    ok(!still($browser), "$name: the session is gone");
}

$corp->honest;
like(said($nginx), qr/did not revoke a token, status 503/, 'the log says so');


# -- a frame of the provider

$browser = browser();
my $stranger = browser('other');
my $sid = 'sid-' . $corp->{port};

sub front { $nginx->get("/oidc/front?$_[0]") }

my $iss = 'iss=' . escape($corp->issuer);

is(front($iss)->{status}, 400, 'a frame without a sid');
is(front("sid=$sid")->{status}, 400, 'a frame without an issuer');
is(front('iss=' . escape($other->issuer) . "&sid=$sid")->{status}, 400,
   'a frame of another issuer');
ok(still($browser), 'none of them ends a session');

my $answer = front("$iss&sid=$sid");

is($answer->{status}, 200, 'a frame with both');
like($answer->{head}, qr/^Cache-Control: no-store/mi, 'no cache keeps it');
ok(!still($browser), 'ends the session');
ok(still($stranger), "another provider's session goes on");


# -- the provider itself

my %bad = (
    'another client' => [aud => 'else'],
    'another issuer' => [iss => $other->issuer],
    'a nonce' => [nonce => 'n'],
    'no event' => [events => undef],
    'another event' => [events => { 'urn:x' => {} }],
    'an event that is no object' => [events => { $event => 'x' }],
    'no jti' => [jti => undef],
    'no iat' => [iat => undef],
    'one of ten minutes ago' => [iat => int(time) - 600],
    'one of the future' => [iat => int(time) + 600],
    'neither sub nor sid' => [sid => undef],
    'an ID token' => [events => undef, exp => int(time) + 300, nonce => 'n'],
    'a foreign key' => [-key => 'rogue', -kid => 'rsa'],
    'the secret as key' => [-key => 'oct'],
);

$browser = $stranger = undef;
$corp->lie(id_token => { sid => 'back-1' });
$browser = browser();

for my $name (sort keys %bad) {
    is(back(sid => 'back-1', @{$bad{$name}}), 400, "logout token: $name");
}

is(post('x.y.z'), 400, 'no token');
is($nginx->post('/oidc/back', $form, 'a=b')->{status}, 400, 'no field');
is(post('x' x 30000), 413, 'a body that is too large');
is($nginx->get('/oidc/back')->{status}, 405, 'GET');

ok(still($browser), 'none of them ends a session');

is(back(sid => 'back-1', jti => 'once'), 200, 'a good one');
ok(!still($browser), 'ends the session');

# a revoked session is none: a page leads to a sign-in, a script is told why

my $cookie = $browser->cookie('__Host-rt');
$answer = $browser->open('/x?y=1');

is($answer->{status}, 302, 'revoked: a page is sent to sign in');
is(location($answer), '/oidc/login?to=' . escape('/x?y=1'),
   'revoked: to come back here');
like($answer->{head}, qr/^Cache-Control: no-store\r?$/mi,
     'revoked: which nobody keeps');
like($answer->{head}, qr/^X-Result: revoked\r?$/mi, 'revoked: by its reason');

$answer = $browser->ask('GET', '/x', headers => [
    'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty', 'Accept: */*']);

is($answer->{status}, 401, 'revoked: a script is refused');
like($answer->{head}, qr/^WWW-Authenticate: .*error="invalid_token"/mi,
     'revoked: and told why');
is($browser->ask('POST', '/x', body => 'a=b',
                 headers => ['Sec-Fetch-Site: same-origin'])->{status}, 401,
   'revoked: so is a form');

$answer = $nginx->get('/x', headers => ["Cookie: __Host-rt=$cookie",
                                        'Sec-Fetch-Mode: navigate',
                                        'Sec-Fetch-Dest: iframe']);
is($answer->{status}, 401, 'revoked: and a frame');
like($answer->{body}, qr/target="_top"/, 'revoked: which leads out of it');

$corp->lie(id_token => { sid => 'back-2' });
$browser = browser();
my $friend = browser('other');

is(back(sid => 'back-2', jti => 'once'), 400, 'its jti came before');
ok(still($browser), 'and it ends no other session');

is(back(sid => undef, sub => 'u-1'), 200, 'one for the user');
ok(!still($browser), 'ends all sessions of his');
ok(still($friend), "another provider's user of that name stays");

# sessions count by seconds: of the same one, the logout wins

my $then = time;
select undef, undef, undef, 0.05 until time > $then;

$browser = browser();
ok(still($browser), 'who signs in again is in');

my $said = said($nginx);

like($said, qr/a logout token of provider "corp" is refused: has a nonce/,
     'the log says why one was refused');
unlike($said, qr/eyJ/, 'and shows none');


# -- no room for it: the same token is good when there is some

for my $odd (0, 1) {
    my $small = RT::Nginx->new(modules => [qw(rtauth)],
                               http => $nginx->{http} =~ s/zone 4m/zone 64k/r
                               . 'rtauth_session idle=1s absolute=2s;');
    $small->start;

    my $send = sub {
        my $token = logout_token(sid => "full-$_[0]", jti => "full-$_[1]");
        return ($token, $small->post('/oidc/back', $form,
                                     'logout_token=' . escape($token))
                        ->{status});
    };

    # a token takes two places, and one of a session that is there one

    my $m = 0;
    my ($token, $status) = $send->(0, 'first');
    $send->(0, 'second') if $odd;

    ($token, $status) = $send->($m, ++$m) while $status == 200 && $m < 100;
    is($status, 507, "$m tokens: there is no room for the next");

    my $later;
    $small->wait_for('room', sub {
        $later = $small->post('/oidc/back', $form, 'logout_token='
                              . escape($token))->{status};
        $later != 507;
    });
    is($later, 200, 'when there is, it is taken');

    $small->end(undef, qr/"rtauth_zone" is full/);
}


# -- a cookie that is the session, and no room to note that it is over

$nginx = RT::Nginx->new(modules => [qw(rtauth)], http => <<"EOT");
    rtauth_zone 256k;
    $corp_block
    proxy_set_header X-Email \$rtauth_claim_email;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;
        rtauth_session store=cookie 'key=data:01234567890123456789012345678901';
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;
$browser = browser();

my $full;

for (1 .. 200) {
    last if ($full = back(sid => "full-$_")) != 200;
}

is($full, 507, 'the zone is full');

my $out = $browser->open('/oidc/logout', headers => \@own);

is($out->{status}, 503, 'a sign-out that cannot be noted is none');
unlike($out->{head}, qr/^Set-Cookie: /mi, 'the browser keeps its cookie');
ok(still($browser), 'which is as good as a copy of it');
like($nginx->log_text, qr/a session that ends cannot be noted as revoked/,
     'the log says why');

$nginx->end(undef, 'cannot be noted');

done_testing;

#!/usr/bin/perl

# Signing in at a provider of another make: its issuer has a path, it does not
# decode what RFC 6749 has encoded in a Basic secret, its auth_time is 0, it
# errs on prompt=none although there is a session, its key set says no-store, a
# refresh brings no ID token, a refresh token that was used gets an empty 400,
# and in the access token the groups are one string, "builders,staff".

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::Glewlwyd;
use RT::Nginx;
use RT::SignIn;


my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], ports => 3,
                           level => 'info');
my $secret = 'a+b/c==%:d & e';
my @origins = map { 'http://localhost:' . $nginx->port($_) } 0 .. 2;
my @callbacks = map { "$_/oidc/callback" } @origins;

my $g = RT::Glewlwyd->new(redirect_uri => \@callbacks, secret => $secret,
                          post_logout_uri => "$origins[0]/bye",
                          backchannel_logout_uri => 'http://127.0.0.1:'
                              . $nginx->port(0) . '/oidc/gone');

sub block {
    my $lines = shift;

    return 'rtauth_provider alien {
        issuer ' . $g->issuer . ";
        client_id rt;
        client_secret 'data:$secret';
        scope openid;
        jwks_cooldown 10m;
        backchannel_logout_uri /oidc/gone;
        post_logout_uri /bye;
        $lines
    }\n";
}


# sessions as they are by default, and those of whom is asked again

my ($Plain, $Zone, $Cookie) = 0 .. 2;
my @sessions = ('', 'rtauth_session recheck=1s;',
                "rtauth_session recheck=1s store=cookie
                     'key=data:01234567890123456789012345678901';");

sub config {
    my $block = block($_[0]);

    my $servers = join '', map { "
    server {
        listen 127.0.0.1:%%PORT$_%%;
        server_name localhost;
        rtauth alien;
        rtaudit main;
        $sessions[$_]
        location / { proxy_pass http://$App; }
        location = /bye { rtauth off; return 200 bye; }
    }
" } 0 .. 2;

    return <<"EOT";
    rtauth_zone 1m;
    $block
    rtauth_group builders { match groups has builders; permission edit; }
    rtauth_group staff { match groups has staff; permission use; }
    rtauth_group nobody { match groups has builder; }
    rtauth_group listed {
        match group_list has staff split=,; permission use;
    }
    rtauth_group unlisted { match group_list has staff; }

    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    proxy_set_header X-Email \$rtauth_user;
    proxy_set_header X-Groups \$rtauth_groups;
    proxy_set_header X-Access \$rtauth_access_token;
    proxy_set_header X-Id \$rtauth_id_token;
    $servers
EOT
}

$nginx->configure(http => config('client_auth post;'));
$nginx->start;


sub signs_in_as_alice {
    my ($browser, $jar) = @_;

    my $url = $browser->leaves('/x?y=1') // return undef;
    my $back = $g->authorize($url, $jar);

    like($back, qr/^\Q$callbacks[$browser->{port}]\E\?/,
         'the provider sends her back');

    return $browser->returns($back);
}


# -- client_auth post always works

my ($browser, $jar) = (RT::Browser->new($nginx), {});
my $answer = signs_in_as_alice($browser, $jar);

signed_in($answer, 'alice@example.test', 'alice is signed in');
is($browser->path, '/x?y=1', 'and where she wanted to be');
like(seen($answer) // '', qr/^X-Groups: \["builders","staff"\]\r$/m,
     'and in her groups');


# -- signing out

$answer = $browser->open('/oidc/logout', headers => [
    'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: document']);

is($answer->{status}, 302, 'she signs out');

my $out = arguments(location($answer));

is($out->{post_logout_redirect_uri}, "$origins[0]/bye", 'and will be back');
like($out->{id_token_hint} // '', qr/^ey/, 'the provider is told who it is');

my $said = $g->end_session(location($answer), $jar);

is($said->{status}, 302, 'the provider takes it');
like($said->{headers}{location} // '', qr/login\.html|\Q$origins[0]\E\/bye/,
     'and goes on');
is($browser->open('/x')->{status}, 302, 'here she is a stranger');


# -- Basic: as it is written, and as RFC 6749 has it encoded

$nginx->reload(http => config('client_auth basic_raw;'));
$browser = RT::Browser->new($nginx);
signed_in(signs_in_as_alice($browser, $jar), 'alice@example.test',
          'client_auth basic_raw');

$nginx->reload(http => config('client_auth basic;'));
$browser = RT::Browser->new($nginx);
$answer = signs_in_as_alice($browser, $jar);

like($answer->{status}, qr/^(400|502)$/,
     'client_auth basic: the provider does not decode it');
is($browser->cookie('__Host-rt'), undef, 'and nobody is signed in');
like($nginx->log_text, qr/login_failed: .*client/,
     'the log says that it is about this client');


# -- groups as one string of the access token, which is a good bearer token, too

$nginx->reload(http => config('client_auth post; audience openid;'
                              . ' claims_from id_token access_token;'));
$browser = RT::Browser->new($nginx);
$answer = signs_in_as_alice($browser, $jar);

signed_in($answer, 'alice@example.test', 'claims of the access token');
like(seen($answer) // '', qr/^X-Groups: \["builders","staff","listed"\]\r$/m,
     'a string is a list where "split" says so');

my ($bearer) = (seen($answer) // '') =~ /^X-Access: (.*?)\r$/m;

$answer = $nginx->get('/x', headers => ["Authorization: Bearer $bearer"]);
like(seen($answer) // '', qr/^X-Groups: \["listed"\]\r$/m,
     'so it is of a bearer token');


# -- prompt=none errs here although she has a session

$nginx->reload(http => config('client_auth post;'
                              . ' extra_auth_args prompt=none;'));
$browser = RT::Browser->new($nginx);

my $back = $g->ask('GET', $browser->leaves('/x'), undef, $jar)
               ->{headers}{location};

like($back // '', qr/[?&]error=/, 'prompt=none: the provider says no');
$answer = $browser->returns($back);
is($answer->{status}, 403, 'prompt=none: that is a page');
like($answer->{body}, qr/<strong>/, 'prompt=none: with a reference');

# -- A refresh has no ID token: what userinfo says counts

$nginx->reload(http => config('client_auth post; claims_from userinfo;'));

sub signed_in_at {
    my $port = shift;

    my $new = RT::Browser->new($nginx, port => $port);

    signed_in(signs_in_as_alice($new, $jar), 'alice@example.test',
              'alice is signed in');
    return $new;
}

sub header {
    my ($browser, $name) = @_;

    return (seen($browser->open('/x')) // '') =~ /^X-$name: (.*?)\r$/m
           ? $1 : undef;
}

# where the cookie is the session, one of before may come again

my $tab = signed_in_at($Cookie);
my %old = %{ $tab->{jar} };
my $access = header($tab, 'Access');

ok($nginx->wait_for('her next refresh token', sub {
    header($tab, 'Access') ne $access;
}), 'the session in the cookie is refreshed');

$browser = signed_in_at($Zone);

(my $id, $access) = map { header($browser, $_) } qw(Id Access);

$g->user(groups => ['staff']);

ok($nginx->wait_for('her new groups', sub {
    (header($browser, 'Groups') // '') eq '["staff"]';
}), 'a group taken away at the provider is gone here');

isnt(header($browser, 'Access'), $access, 'her access token is a new one');
is(header($browser, 'Id'), $id, 'the ID token is that of her sign-in');

$g->user(groups => ['builders', 'staff']);

ok($nginx->wait_for('her old groups', sub {
    (header($browser, 'Groups') // '') eq '["builders","staff"]';
}), 'a group given is there, with the next refresh token');


# -- A refresh token that was used: 400, and nothing said.  The cookie of before
# is kept from it until the lock of that refresh lapses

ok($nginx->wait_for('the end of the session', sub {
    %{ $tab->{jar} } = %old;
    $tab->open('/x')->{status} == 302;
}), 'the cookie with the refresh token that was used: she is signed out');
is($tab->cookie('__Host-rt'), undef, 'and the cookie is deleted');
like($nginx->log_text, qr/a session ends, provider "alien" does not confirm it/,
     'the log says so');


# -- The provider ends her session: its logout token has no "sid"

my $other = signed_in_at($Plain);

is($g->end_session_of(header($other, 'Id'), $jar), 200, 'the provider ends her session');
ok($nginx->wait_for('the end of her session', sub {
    $_->open('/x')->{status} == 302;
}), 'back-channel logout: she is signed out') for $browser, $other;

my $then = time;

$nginx->wait_for('another second', sub { time > $then });
$other = signed_in_at($Plain);
is($other->open('/x')->{status}, 200, 'and may sign in again');


# -- Its key set says no-store: it is kept for jwks_cooldown all the same

my @fetched = $nginx->log_text =~ /keys from "[^"]*jwks"/g;

is(scalar @fetched, 1, 'the keys were fetched once');

audited($nginx, 'LOGIN', 'the audit file has her sign-in');
audited($nginx, 'LOGOUT', 'and her sign-out');

$nginx->end;

done_testing;

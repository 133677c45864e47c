#!/usr/bin/perl

# Signing in at a provider of another make: its issuer has a path, it does not
# decode what RFC 6749 has encoded in a Basic secret, its auth_time is 0, and it
# errs on prompt=none although there is a session.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::Glewlwyd;
use RT::Nginx;
use RT::SignIn;


plan skip_all => 'needs the package glewlwyd' if !RT::Glewlwyd::there();

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], ports => 3);
my $secret = 'a+b/c==%:d & e';
my @origins = map { 'http://localhost:' . $nginx->port($_) } 0 .. 2;
my $callback = "$origins[0]/oidc/callback";

my $g = RT::Glewlwyd->new(redirect_uri => $callback, secret => $secret,
                          post_logout_uri => "$origins[0]/bye");

sub block {
    my $lines = shift;

    return 'rtauth_provider alien {
        issuer ' . $g->issuer . ";
        client_id rt;
        client_secret 'data:$secret';
        scope openid;
        $lines
    }\n";
}

sub config {
    my $block = block($_[0]);

    return <<"EOT";
    rtauth_zone 1m;
    $block
    rtauth_group builders { match groups has builders; permission edit; }
    rtauth_group nobody { match groups has builder; }

    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    proxy_set_header X-Email \$rtauth_user;
    proxy_set_header X-Groups \$rtauth_groups;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth alien;
        rtaudit main;
        location / { proxy_pass http://$App; }
        location = /bye { rtauth off; return 200 bye; }
    }
EOT
}

$nginx->configure(http => config('client_auth post; post_logout_uri /bye;'));
$nginx->start;


sub signs_in_as_alice {
    my ($browser, $jar) = @_;

    my $url = $browser->leaves('/x?y=1') // return undef;
    my $back = $g->authorize($url, $jar);

    like($back, qr/^\Q$callback\E\?/, 'the provider sends her back');

    return $browser->returns($back);
}


# -- client_auth post always works

my ($browser, $jar) = (RT::Browser->new($nginx), {});
my $answer = signs_in_as_alice($browser, $jar);

signed_in($answer, 'alice@example.test', 'alice is signed in');
is($browser->path, '/x?y=1', 'and where she wanted to be');
like(seen($answer) // '', qr/^X-Groups: \["builders"\]\r$/m,
     'and in her group');


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

audited($nginx, 'LOGIN', 'the audit file has her sign-in');
audited($nginx, 'LOGOUT', 'and her sign-out');

$nginx->end;

done_testing;

#!/usr/bin/perl

# Signing in over and over: somebody who floods the login URI, and a browser
# that keeps no session cookie.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $block = signs_in($corp, 'corp');

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    $block

    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;


# -- a flood

my $flood = RT::Browser->new($nginx);
my $session = RT::Browser->new($nginx, address => $flood->{address});
my $answer;

$session->walk('/x');

# all at once: the window is ten seconds, however slow this machine is

my $all = $nginx->raw(join '', map {
    "GET /oidc/login?to=/$_ HTTP/1.1\r\nHost: localhost\r\n"
    . "X-Real-IP: $flood->{address}\r\n"
    . ($_ < 150 ? '' : "Connection: close\r\n") . "\r\n"
} 1 .. 150);

my $sent = () = $all =~ m{^HTTP/1\.1 302}mg;
my $limited = () = $all =~ m{^HTTP/1\.1 429}mg;

cmp_ok($limited, '>', 0, 'who floods the login URI gets 429');
is($sent + $limited, 150, 'or is sent on');
cmp_ok($sent, '>=', 50, "an office may have one address ($sent)");

$answer = $flood->open('/oidc/login?to=/');

is($answer->{status}, 429, 'and so does the next request');
is(location($answer), undef, 'and no redirect');
like($answer->{head}, qr/^Retry-After: \d+/mi, 'but is told when to come back');
like($answer->{body}, qr/<h1>/, 'and gets a page');

is($flood->open('/oidc/callback?code=a&state=b')->{status}, 429,
   'the callback is limited as well');
signed_in($session->open('/x'), 'ann@example.com',
          'whoever has a session there is served');
is($flood->open('/x')->{status}, 302, 'pages lead to the login URI as before');

signed_in(RT::Browser->new($nginx)->walk('/x'), 'ann@example.com',
          'other addresses sign in');

ok($nginx->wait_for('the end of the limit', sub {
    $flood->open('/oidc/login?to=/')->{status} == 302;
}), 'the limit ends by itself');


# -- a browser that drops the session cookie

my $loop = RT::Browser->new($nginx);
my $rounds = 0;

while ($rounds++ < 20) {
    $answer = $loop->walk('/x');
    last if $answer->{status} != 200;
    delete $loop->{jar}{'__Host-rt'};
}

is($answer->{status}, 403, 'a browser that keeps no session ends on a page');
cmp_ok($rounds, '<=', 8, "after $rounds rounds");
like($answer->{body}, qr/<strong>[\w-]{6,}<\/strong>/, 'with a reference');

my ($reference) = $answer->{body} =~ m{<strong>([\w-]+)</strong>};

like((grep { /\Q$reference\E/ } split /\n/, $nginx->log_text)[0] // '',
     qr/login_loop/, 'which the log explains');

$nginx->end;

done_testing;

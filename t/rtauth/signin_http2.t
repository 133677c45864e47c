#!/usr/bin/perl

# Signing in over HTTP/2, from the first redirect to the last: who is sent, the
# callback, a second sign-in for more, who is told 401, and signing out.

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
my $block = signs_in($corp, 'corp', 'post_logout_uri /bye;
    logout_uri /oidc/logout clear=cache,cookies,storage;
    backchannel_logout_uri /oidc/back; frontchannel_logout_uri /oidc/front;');

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], workers => 2,
                           level => 'info', http => <<"EOT");
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    $block
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%% http2;
        server_name localhost;
        rtauth corp;
        rtauth_app_cookie app;
        rtaudit main;

        location / { proxy_pass http://$App; }
        location /api/ { rtauth_login never; proxy_pass http://$App; }
        location /acr/ { rtauth_require acr 2fa; proxy_pass http://$App; }
        location /either/ { satisfy any; deny all; proxy_pass http://$App; }
        location = /bye { rtauth off; return 200 bye; }
    }
EOT

$nginx->start;

my @script = ('Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty',
              'Sec-Fetch-Site: same-origin', 'Accept: */*');
my @page = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document',
            'Sec-Fetch-Site: none');
my @own = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document',
           'Sec-Fetch-Site: same-origin');

sub browser { RT::Browser->new($nginx, http2 => 1) }

sub header { ($_[0]{head} =~ /^\Q$_[1]\E: *(.*?)\r?$/mi)[0] }

sub page {
    my ($answer, $status, $what) = @_;

    is($answer->{status}, $status, "$what: $status");
    like(header($answer, 'content-type'), qr{^text/html}, "$what: a page");
    like(header($answer, 'content-security-policy'),
         qr/^default-src 'none'; style-src 'sha256-/, "$what: its own policy");
    like(header($answer, 'cache-control'), qr/no-store/, "$what: not stored");
}


# -- in

my $browser = browser;
my $answer = $browser->open('/deep/x?y=1&z=%20', headers => \@page);

like($answer->{raw}, qr{^HTTP/2 302}, 'a page is a redirect, over HTTP/2');
is(location($answer), '/oidc/login?to=' . escape('/deep/x?y=1&z=%20'),
   'to the login URI, without scheme and host');
like(header($answer, 'cache-control'), qr/no-store/, 'which is not stored');
is(header($answer, 'set-cookie'), undef, 'and sets no cookie');

is($browser->ask('HEAD', '/deep/x', headers => ['Accept: text/html'])
   ->{status}, 302, 'HEAD is sent, too');
is(location(browser->open('/either/x')), '/oidc/login?to=%2Feither%2Fx',
   'and so is whom nobody of satisfy any lets in');

my $url = $browser->leaves('/deep/x?y=1&z=%20');
my $back = $browser->follow({ status => 302, head => "Location: $url" });
my ($callback) = location($back) =~ m{^http://[^/]*(/.*)};

$answer = $browser->follow($back);
is($answer->{status}, 302, 'the callback signs him in');
is(location($answer), '/deep/x?y=1&z=%20', 'and leads to where he was');

my %set = cookies($answer);
like($set{'__Host-rt'} // '', qr/; Path=\/; .*Secure.*HttpOnly|HttpOnly.*Secure/i,
     'with the cookie of a session');

$browser->{jar}{app} = 'its own';
$answer = $browser->open('/deep/x');
signed_in($answer, 'ann@example.com', 'he is in, with a line for each cookie');
like(seen($answer), qr/^cookie: app=its own\r$/mi,
     'of which the application gets its own');

page($browser->open($callback), 400, 'the callback once more');
page(browser->open($callback), 400, 'the callback elsewhere');
page(browser->open('/oidc/callback?code=a&code=b&state=c'), 400,
     'a parameter twice');


# -- who is told

for my $case (['a script', browser->ask('GET', '/x', headers => \@script)],
              ['an API', browser->open('/api/x')],
              ['a form', browser->ask('POST', '/x', body => '')])
{
    my ($what, $answer) = @$case;

    is($answer->{status}, 401, "$what: 401");
    is(header($answer, 'www-authenticate'), 'Bearer realm="corp"',
       "$what: with a challenge");
    is(location($answer), undef, "$what: and sent nowhere");
}

page(browser->open('/x', headers => ['Sec-Fetch-Mode: navigate',
                                     'Sec-Fetch-Dest: iframe']), 401,
     'a frame');

is($browser->ask('POST', '/x', body => '', headers => [
   'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'])->{status}, 403,
   'a form of another site');
signed_in($browser->ask('POST', '/x', body => 'a=b', headers => [
          'Sec-Fetch-Site: same-origin']), 'ann@example.com', 'one of this');


# -- more than he signed in with

$answer = $browser->ask('GET', '/acr/x', headers => \@script);
is($answer->{status}, 401, 'step-up: a script is told');
is(header($answer, 'www-authenticate'), 'Bearer realm="corp", '
   . 'error="insufficient_user_authentication", error_description="a stronger '
   . 'or a more recent sign-in is required", acr_values="2fa"',
   'step-up: what is asked for');

my $old = $browser->cookie('__Host-rt');

$url = $browser->leaves('/acr/x?y=2');
is(arguments($url)->{acr_values}, '2fa', 'step-up: the provider is asked');
$corp->lie(id_token => { acr => '2fa' });
signed_in($browser->returns($url), 'ann@example.com', 'step-up: he is in');
is($browser->path, '/acr/x?y=2', 'step-up: where he was');
isnt($browser->cookie('__Host-rt'), $old, 'step-up: with a new session');

$corp->honest;


# -- out

my $twin = browser;
$twin->{jar} = { %{$browser->{jar}} };

$answer = $browser->ask('GET', '/oidc/logout',
                        headers => ['Sec-Fetch-Site: cross-site']);
page($answer, 200, 'a link of another site');
is(header($answer, 'clear-site-data'), undef, 'which clears nothing');
ok(defined seen($browser->open('/x')), 'and signs nobody out');

$answer = $browser->open('/oidc/logout', headers => \@own);
is($answer->{status}, 302, 'a link of this site signs out');
like(location($answer), qr/^\Q@{[$corp->issuer]}\E\/logout\?/,
     'and leads to the provider');
is(header($answer, 'clear-site-data'), '"cache", "cookies", "storage"',
   'what is stored is to go');
%set = cookies($answer);
like($set{'__Host-rt'} // '', qr/Max-Age=0/i, 'the cookie is deleted');
like($set{app} // '', qr/Max-Age=0/i, 'and so is the application\'s');
ok(!defined seen($twin->open('/x')), 'in another tab he is out, too');

$browser = browser;
$browser->walk('/x');
$answer = $browser->ask('POST', '/oidc/logout', body => '', headers => \@own);
page($answer, 200, 'a button');
like(header($answer, 'refresh'), qr/^0; url=\Q@{[$corp->issuer]}\E\/logout\?/,
     'goes on to the provider');
is(header($answer, 'clear-site-data'), '"cache", "cookies", "storage"',
   'and clears as well');
ok(!defined seen($browser->open('/x')), 'he is out');


# -- by the provider

$browser = browser;
$browser->walk('/x');

my $sid = 'sid-' . $corp->port;

$answer = browser->ask('POST', '/oidc/back', body => 'logout_token='
    . RT::JWT::token(iss => $corp->issuer, aud => $corp->{client_id},
                     exp => undef, email => undef, sub => undef,
                     iat => int time, jti => 'j-1', sid => $sid,
                     events => { 'http://schemas.openid.net/event/'
                                 . 'backchannel-logout' => {} }));

is($answer->{status}, 200, 'a logout token');
is(header($answer, 'clear-site-data'), undef, 'of which no browser is told');
ok(!defined seen($browser->open('/x')), 'ends the session');

$corp->lie(id_token => { sid => 'front' });
$browser = browser;
$browser->walk('/x');
$answer = browser->open('/oidc/front?sid=front&iss=' . escape($corp->issuer));
is($answer->{status}, 200, 'a frame of the provider');
is(header($answer, 'clear-site-data'), undef, 'clears nothing either');
ok(!defined seen($browser->open('/x')), 'and ends the session');

audited($nginx, $_, "the audit file has $_")
    for qw(LOGIN LOGIN_FAILED LOGOUT);

$nginx->end;

done_testing;

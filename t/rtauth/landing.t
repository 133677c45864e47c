#!/usr/bin/perl

# Where a person lands who signs in without a deep link: the table of
# workspaces.

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

    rtauth_group support { match groups has support;
        permission use; default_app /apps/support; }
    rtauth_group sales { match groups has sales;
        permission use; default_app /apps/sales?tab=1; }
    rtauth_group plain { match groups has plain; permission use; }
    rtauth_group builders { match groups has builders; permission edit;
        default_app /apps/build; }
    rtauth_group part { match groups has part;
        permission use; permission edit /part; default_app /apps/part; }
    rtauth_group owners { match groups has owners; permission own; }
    rtauth_group nobody { permission use /public; }

    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;
        location / { proxy_pass http://$App; }
        location = / { rtauth_workspace on; proxy_pass http://$App; }
        location = /home { rtauth_workspace on; proxy_pass http://$App; }
        location /public { rtauth_public_group nobody; proxy_pass http://$App; }
    }
EOT

$nginx->start;

# groups => where he is after signing in at /, and where /home leads him

my @table = (
    [['support'],             '/apps/support',     '/apps/support'],
    [['sales'],               '/apps/sales?tab=1', '/apps/sales?tab=1'],
    [['sales', 'support'],    '/apps/support',     '/apps/support'],
    [['plain', 'sales'],      '/apps/sales?tab=1', '/apps/sales?tab=1'],
    [['plain'],               '/',                 '/home'],
    [['builders'],            '/',                 '/home'],
    [['support', 'builders'], '/',                 '/home'],
    [['support', 'part'],     '/',                 '/home'],
    [['part'],                '/',                 '/home'],
    [['support', 'owners'],   '/',                 '/home'],
    [['support', 'unknown'],  '/apps/support',     '/apps/support'],
);

for (@table) {
    my ($groups, $lands, $home) = @$_;
    my $who = join '+', @$groups;

    $corp->user(groups => $groups);

    my $browser = RT::Browser->new($nginx);
    my $answer = $browser->walk('/');

    signed_in($answer, 'ann@example.com', "$who signs in at /");
    is($browser->path, $lands, "$who lands");

    signed_in($browser->walk('/home'), 'ann@example.com', "$who at /home");
    is($browser->path, $home, "$who is led from /home");

    is($browser->ask('POST', '/home', body => 'a=b')->{status}, 200,
       "$who is not led anywhere by a POST");

    my $deep = RT::Browser->new($nginx);

    $deep->walk('/deep/page?a=1');
    is($deep->path, '/deep/page?a=1', "$who has a deep link");
}

$corp->user(groups => ['unknown']);

my $browser = RT::Browser->new($nginx);
my $answer = $browser->walk('/');

is($answer->{status}, 403, 'whose groups permit nothing is refused');
is($browser->path, '/', 'and not sent round and round');


# who brings a cookie that may be a session is not nobody, though it is none

my @document = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document');

for (['', 200, 200], ['app=1', 200, 200], ['__Host-rt=', 200, 200],
     ['__Host-rt=a', 401, 302], ['__Host-rt=a; __Host-rt=b', 401, 302],
     ['__Host-rt=a; app=1; __Host-rt=', 401, 302])
{
    my ($cookies, $script, $page) = @$_;
    my @cookies = length $cookies ? "Cookie: $cookies" : ();

    is($nginx->get('/public', headers => \@cookies)->{status}, $script,
       "nobody's page, a script, cookies: $cookies");
    is($nginx->get('/public', headers => [@cookies, @document])->{status},
       $page, "nobody's page, a browser, cookies: $cookies");
}

$nginx->end;

done_testing;

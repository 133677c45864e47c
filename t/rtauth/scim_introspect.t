#!/usr/bin/perl

# Users that a provider pushes, and tokens of which it is asked: what was
# remembered of such a token lets nobody in who was switched off meanwhile.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;
use RT::Provider;
use RT::Scim;
use RT::SignIn;
use RT::State;


my $provider = RT::Provider->new;
my $corp = signs_in($provider, 'corp',
                    'audience tools; introspection on; introspection_cache 1h;');

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2, main => $User,
                           http => <<"EOT");
    rtauth_zone 4m;
    rtauth_scim_zone 1m state=%%DIR%%/state/users;
    rtauth_login never;
    rtauth_origin http://localhost;
    rtauth_session key=data:0123456789abcdef0123456789abcdef;
    $corp
    rtauth_group team { scim_group Team; }
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        root %%DIR%%/html;
        location / { rtauth corp; }
        location /team { rtauth corp; rtauth_require group team;
                         try_files /x =404; }
        location /scim/v2/ { rtauth off;
            rtauth_scim key=data:$Key link=userName:sub unknown=refuse; }
    }
EOT

state_folder($nginx);
$nginx->file('html/x', "hello\n");
$nginx->start;

my $token = 'opaque-token';
my $opaque = "Authorization: Bearer $token";

$provider->active($token, iss => $provider->issuer, aud => 'tools',
                  sub => 'u-1', iat => time, exp => time + 300);

sub all { join ' ', ($_[0]) x 4 }

is(results($nginx, $opaque), all('403 not_pushed'), 'nobody knows him');

my $made = push_to($nginx, 'POST', '/Users', { userName => 'u-1' });
is($made->{status}, 201, 'he is pushed');

my $id = $made->{json}{id};

is(results($nginx, $opaque), all('200 ok'), 'and let in');
is(results($nginx, $opaque, '/team'), all('403 requirement'), 'in no group');

is(push_to($nginx, 'POST', '/Groups', { displayName => 'Team',
       members => [{ value => $id }] })->{status}, 201, 'a group is pushed');
is(results($nginx, $opaque, '/team'), all('200 ok'), 'and he is in it');

is(user_op($nginx, $id, { op => 'replace', path => 'active',
                          value => 'False' })->{status}, 200, 'switched off');
is(results($nginx, $opaque), all('403 disabled'), 'he is out at once');
is(push_to($nginx, 'DELETE', "/Users/$id")->{status}, 204, 'and deleted');
is(results($nginx, $opaque), all('403 disabled'), 'and stays out');

$nginx->end;
done_testing();

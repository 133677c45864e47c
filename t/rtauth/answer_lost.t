#!/usr/bin/perl

# Redis keeps what a refresh brought, and the word that it did gets lost: who
# asks again is told of another version, which is its own, under its own lock.

use strict;
use warnings;

use lib 't/lib';

use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::Raw;
use RT::Redis;
use RT::SignIn;


my $Recheck = 2;        # seconds

my $redis = RT::Redis->new->start;
my $corp = RT::Provider->new;
my $armed = "$corp->{dir}/lose";


# between nginx and Redis; when armed, it swallows one answer to a replacement

my $relay = RT::Raw::start(undef, sub {
    my ($client) = @_;

    my $server = IO::Socket::INET->new("127.0.0.1:$redis->{port}") or return;
    my $select = IO::Select->new($client, $server);
    my $lose = 0;

    while (my @ready = $select->can_read) {
        for my $from (@ready) {
            sysread $from, my $bytes, 65536 or return;

            if ($from == $client) {
                $lose = ($bytes =~ /\bEVAL\b.*\bPX\b/s && unlink $armed);
                $server->syswrite($bytes);

            } else {
                return if $lose;
                $client->syswrite($bytes);
            }
        }
    }
});

(my $block = $redis->block('fleet')) =~ s/127\.0\.0\.1:\d+/127.0.0.1:$relay/;
$block .= signs_in($corp, 'corp', 'timeout 10s; claims_from id_token userinfo;');

my $nginx = RT::Nginx->new(modules => [qw(rtauth)], http => <<"EOT")->start;
    rtauth_zone 4m;
    $block
    rtauth_session store=redis:fleet recheck=${Recheck}s recheck_stale=1h
        key=data:01234567890123456789012345678901;
    rtauth_origin http://localhost:%%PORT0%%;
    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;

        location / { proxy_pass http://$App; }
    }
EOT

my $browser = RT::Browser->new($nginx);
my $since = time;

signed_in($browser->walk('/oidc/login?to=/x'), 'ann@example.com', 'signed in');

$corp->user(email => 'ann@new.example');
$nginx->wait_for('the time of a recheck',
                 sub { time > $since + $Recheck + 1.1 });

open my $fh, '>', $armed or die $!;
close $fh;

signed_in($browser->open('/x'), 'ann@new.example',
          'the request has what is new');
ok(!-e $armed, 'an answer of Redis was lost');
is(scalar @{$redis->ask('KEYS', 'rt:l:*')}, 0, 'the lock was given back');

done_testing();

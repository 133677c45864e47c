#!/usr/bin/perl

# Users whom rtauth_scim keeps out, and of whom other hosts are not told because
# rtauth_zone has no room: they are counted, and told when there is room.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use JSON::PP ();
use Test::More;

use RT::Nginx;
use RT::Redis;
use RT::Scim;

my $room = 128;     # of a zone of 1m, a 32nd, 256 bytes each
my $redis = RT::Redis->new->start;
my $nginx = RT::Scim::nginx(scim => 'link=userName:login',
                            modules => ['rtauth'],
                            http => $redis->block('fleet', 'plain'),
                            server => <<'EOF')->start;
        location = /metrics { rtauth off; rtauth_status prometheus; }
EOF

sub metric {
    my $name = shift;
    my ($value) = $nginx->get('/metrics')->{body} =~ /^\Q$name\E (\d+)/m;
    return $value // 'none';
}

sub told { metric('rtauth_zone_entries{part="pushed"}') }

sub is_soon {
    my ($name, $value, $why) = @_;
    $nginx->wait_for($why, sub { metric($name) eq $value });
    is(metric($name), $value, $why);
}

sub off {
    push_to($nginx, 'POST', '/Users', { userName => $_[0],
                                        active => JSON::PP::false })->{status};
}

# whether the stream says so of him: see ngx_http_rtauth_revoked_key()

sub streamed {
    my $key = sha256_hex(":https://login.example.com\0$_[0]");
    return scalar grep { grep { $_ eq $key } @{$_->[1]} }
           @{$redis->ask(qw(XRANGE rt:revoked - +))};
}

is(metric('rtauth_scim_untold'), 0, 'nobody is untold');

my $until = 6 + int time;

$redis->ask(qw(XADD rt:revoked * p), sha256_hex("other $_"), 'b', int time,
            'u', $until) for 1 .. $room - 2;
is_soon('rtauth_zone_entries{part="pushed"}', $room - 2,
        'others have it nearly full');

is(join(' ', map { off("user$_") } 1 .. 5), '201 201 201 201 201',
   'five are pushed as disabled');
is(metric('rtauth_scim_untold'), 3, 'three of them had no room');
ok($nginx->wait_for('the stream', sub { streamed('user2') }),
   'who had room is told');
ok(!streamed("user$_"), "user$_ is not") for 3 .. 5;

is_soon('rtauth_scim_untold', 0, 'they are tried again, and there is room');
cmp_ok(int time, '>=', $until, 'not before there was');
ok($nginx->wait_for('the stream', sub { streamed($_[0] // 'user5') }),
   'they are told');
ok(streamed("user$_"), "user$_ is") for 3 .. 4;


# -- a file that has more than there will ever be room for

is(scalar(grep { off("more$_") != 201 } 1 .. $room), 0, 'as many again');
is_soon('rtauth_scim_untold', 5, 'five of them have no room');
is(told(), $room, 'the others have');

my $warns = qr/users" has 133 names of .* can be told 128 of them: .* in .*:\d+$/m;

unlike($nginx->log_text, $warns, 'no start has warned of them');
$nginx->stop;
$nginx->start;
like($nginx->log_text, $warns, 'the next does');
is_soon('rtauth_scim_untold', 5, 'and counts them');

is(push_to($nginx, 'POST', '/Users', { userName => 'ann' })->{status}, 201,
   'whoever is let in needs no room');

$nginx->end('QUIT', 'other hosts are not told');
done_testing();

#!/usr/bin/perl

# rtauth_zone has no room for another revocation: what is over is looked for in
# pieces, and all of it, wherever the last look ended.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256);
use Test::More;

use RT;
use RT::JWT ();
use RT::Nginx;
use RT::State;


my $piece = 2048;       # looks in one hold of the lock
my $behind = 256;       # revocations that stand behind the first piece
my $life = 8;           # seconds, of each

my $corp = RT::JWT::corp("max_lifetime ${life}s; leeway 0s;");
$corp =~ s/\$TEST_NGINX_DATA/$RT::Top\/t\/data/;
$corp =~ s/rtauth_zone 1m/rtauth_zone 9m state=%%DIR%%\/state\/revoked/;

my $nginx = RT::Nginx->new(modules => ['rtauth'], main => $User,
                           http => "$corp
    keepalive_requests 10000;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        location / { rtauth corp; try_files /none =404; }
        location = /revoke { rtauth off; rtauth_revoke open; }
    }
");

state_folder($nginx);
$nginx->start;


# the statuses of revocations, all within one connection

sub revoked {
    my @names = @_;
    my ($out, $all) = ('', '');

    while (my @some = splice @names, 0, 100) {
        $out = $nginx->raw(join '', map {
            my $body = "sub=$some[$_]";
            "POST /revoke HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                . length($body) . "\r\nContent-Type: "
                . "application/x-www-form-urlencoded\r\n"
                . ($_ == $#some ? "Connection: close\r\n" : '') . "\r\n$body";
        } 0 .. $#some);
        $all .= join '', map { "$_ " } $out =~ /HTTP\/1\.1 (\d+)/g;
    }

    return $all;
}


# names by where they stand: in the first piece, and behind it

my (@first, @last, $n);

while (@first < $piece + 2 || @last < $behind) {
    my $name = 'u-' . ++$n;
    my $hash = unpack 'L', sha256("0https://login.example.com\0$name");

    push @{$hash < 0xe000_0000 ? \@first : \@last}, $name;
}

splice @last, $behind;

my ($one, $other, $late) = splice @first, 0, 3;

splice @first, $piece - 1;

my $begun = time;

is(revoked($one), '200 ', 'one, which is over before the others');
ok($nginx->wait_for('another second', sub { time >= $begun + 3 }), 'it waits');

my $filled = '200 ' x ($piece - 1 + $behind);

ok(revoked(@first, @last) eq $filled, 'then as many as there is room for');

my $full = time;

is(revoked($other), '507 ', 'and no more');
ok($nginx->wait_for('the one to be over', sub {
    revoked($other) eq '200 ';
}), 'until there is room in the first piece');
ok(revoked(@last) eq '200 ' x $behind, 'those behind it are revoked again');
ok($nginx->wait_for('the first piece to be over', sub {
    time > $full + $life;
}), 'and those of the first piece are over');
is(revoked($late), '200 ', 'which is found at once');
is(revoked($last[0]), '200 ', 'what is in force stays');

$nginx->end(undef, 'nothing was revoked: "rtauth_zone" is full');

done_testing;

#!/usr/bin/perl

# USR2: two nginx write one file for a while, and every event is there once.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $old = $nginx->master;

kill 'USR2', $old;
ok($nginx->wait_for('another master', sub {
    my $now = $nginx->master;
    $now && $now != $old && $nginx->workers == 1
}), 'another nginx beside the old one');

# whichever of the two takes it

my %want;

for my $n (1 .. 200) {
    is($nginx->get("/r$n")->{status}, 200, "request $n") or last
        if $n % 50 == 0;
    $nginx->get("/r$n") if $n % 50;
    $want{"/r$n"} = 1;
}

my @events = $audit->events(200);
my %got;
$got{$_->{request}{url}}++ for @events;
is_deeply([sort keys %got], [sort keys %want], 'every request once');

kill 'QUIT', $old;
ok($nginx->wait_for('the old one to end', sub { !kill 0, $old }),
   'the old one ends');

$nginx->get('/last');
is($audit->event->{request}{url}, '/last', 'the new one goes on');

$nginx->stop;
my @books = $nginx->log_text =~ /requests (\d+) waived 0 written \1 dropped 0/g;
is(scalar(@books), 2, 'both books agree');
is($books[0] + $books[1], 201, 'and are all requests');
$nginx->quiet;

done_testing();

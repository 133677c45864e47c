#!/usr/bin/perl

# More workers than rings: those that share the late ring lose nothing, from
# their first request on, and not when one of them has to wait for a CPU.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;
use Time::HiRes qw(sleep time);


my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    large_client_header_buffers 4 16k;

    server {
        listen 127.0.0.1:%%PORT0%% reuseport;
        rtaudit main;
        rtaudit_level request;
        location / { return 200; }
    }
EOT

my $file = $nginx->dir . '/logs/audit.log';
my $asked = 0;


sub lost {
    my @lines = grep {
        /dropped [1-9]\d* left|left [1-9]\d*$|ring was full/
    } split /\n/, $nginx->log_text;

    is(join("\n", @lines), '', 'nothing was lost');
}


# a ring takes 120 of these lines; in the first second there are more

$nginx->start;
ok($nginx->reload(workers => 8), 'more workers than the zone was made for');

my %status;

for my $batch (1 .. 60) {
    for (1 .. 10) {
        $asked++;
        my $answer = $nginx->get("/n$asked?a=" . 'x' x 2600);
        $status{$answer->{status}}++;
    }

    my $end = time + 0.04;
    sleep 0.005 while (-s $file || 0) < 5000 * $asked && time < $end;
}

is_deeply(\%status, { 200 => $asked }, 'all of them serve');
$nginx->stop;

my @events = RT::Audit->new($file)->all;
my %got = map { $_->{request}{url} => 1 } @events;

is(keys %got, $asked, 'each request has its event');
lost();

# one that is stopped where others wait for it

$nginx->configure(workers => 1, http => $nginx->{http} =~ s/2m/16m/r);
$nginx->start;
$nginx->reload(workers => 8);

my @workers = $nginx->workers;
my @clients;

for my $c (1 .. 4) {
    my $pid = fork // die $!;

    if ($pid == 0) {
        $nginx->get("/c$c-$_?a=" . 'x' x 4000) for 1 .. 600;
        POSIX::_exit(0);
    }

    push @clients, $pid;
}

for my $round (1 .. 60) {
    my $worker = $workers[$round % @workers];

    kill 'STOP', $worker;
    sleep 0.02;
    kill 'CONT', $worker;
}

waitpid $_, 0 for @clients;
$nginx->stop;

lost();
$nginx->quiet;

done_testing();

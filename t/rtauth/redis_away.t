#!/usr/bin/perl

# A Redis that is frozen, killed and brought back under load: no other request
# waits, and no worker grows.  RT_TIMES=1 shows how long the others took.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Time::HiRes qw(sleep time);

use RT::Nginx;
use RT::Redis;
use RT::Session;


# it comes back with the sessions it had: a worker keeps what it knows of some
# thousand, and would grow with new ones

my $redis = RT::Redis->new(conf => "appendonly yes\n")->start;
my $Cycles = $ENV{RT_CYCLES} || ($ENV{RT_ASAN} ? 4 : 20);
my @load;

my $nginx = RT::Session::nginx($redis->block('fleet', 'plain', 'timeout 2s;'),
                               'redis:fleet', workers => 1, more =>
                               'location = /plain { return 200 "plain\n"; }');


my @cookies = map { create($nginx, "user$_") } 1 .. 4;


# people who ask again and again, each with a session

sub load {
    for my $cookie (@cookies) {
        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            $SIG{TERM} = 'DEFAULT';
            alarm 300;

            while (1) {
                page($nginx, $cookie);
                sleep 0.005;
            }
        }

        push @load, $pid;
    }
}


sub unload {
    kill 'TERM', $_ for @load;
    waitpid $_, 0 for splice @load;
}


# that many requests for a location that has to do with no session

sub others {
    my ($what, $count) = @_;

    my (@took, %seen);

    for (1 .. $count) {
        my $begin = time;
        $seen{$nginx->get('/plain')->{status}}++;
        push @took, (time - $begin) * 1000;
    }

    @took = sort { $a <=> $b } @took;

    diag(sprintf '%s: p50 %.2f ms, p99 %.2f ms', $what,
         $took[$count / 2], $took[$count * 0.99]) if $ENV{RT_TIMES};

    is_deeply(\%seen, { 200 => $count }, "$what: other requests are answered");
}


# KiB in memory, and files, of the worker

sub size {
    my ($pid) = $nginx->workers;
    my ($size) = RT::Nginx::slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m;

    return $size;
}


sub files {
    my ($pid) = $nginx->workers;
    return scalar(() = glob "/proc/$pid/fd/*");
}


sub served {
    my $what = shift;

    ok($nginx->wait_for('a session',
                        sub { who($nginx, $cookies[0]) eq 'user1' }), $what);
}


load();
others('healthy', 500);

# whoever asks Redis waits, from before the first of the others to the last

$redis->freeze;

my @waiting = map { $nginx->ask('/', "Cookie: $_") } @cookies;

others('frozen', 500);
$redis->thaw;
served('it goes on');
$nginx->answer($_) for @waiting;

$redis->stop;
others('killed', 500);

$redis->start;
others('returning', 500);
served('it is back');
unload();


# it grows while it learns what there is, and not any more

my ($early, $before);

for my $cycle (1 .. $Cycles) {
    load();
    $redis->freeze if $cycle % 2;
    sleep 0.05;
    $redis->stop;
    others("cycle $cycle", 20);
    $redis->start;
    served("cycle $cycle: it is back");
    unload();

    ($early, $before) = (size(), files()) if $cycle == int($Cycles / 4) + 1;
}

my ($late, $after) = (size(), files());

diag("a worker of $early KiB has $late KiB after $Cycles cycles")
    if $ENV{RT_TIMES};

SKIP: {
    skip 'the sanitizer looks itself, and keeps what is freed', 1
        if $ENV{RT_ASAN};

    cmp_ok($late, '<=', $early + 512, 'the worker does not grow');
}

cmp_ok($after, '<=', $before + 2, 'nor does the number of its files');

$nginx->end;

done_testing();

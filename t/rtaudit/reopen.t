#!/usr/bin/perl

# USR1: files are rotated under load, no event is lost, and the new file is
# as private as the old one from its first moment.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;
use Time::HiRes qw(sleep time);


my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2,
                           http => <<'EOF');
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log mode=0640;

    server {
        listen 127.0.0.1:%%PORT0%% reuseport;
        keepalive_requests 100000;
        rtaudit main;
        location / { return 200; }
    }
EOF

umask 022;
$nginx->start;

my $file = $nginx->dir . '/logs/audit.log';
my $audit = RT::Audit->new($file);

# a client that asks one after the other until it is told to stop

my $flag = $nginx->dir . '/stop';
pipe my $from, my $to or die $!;
my $pid = fork // die $!;

if ($pid == 0) {
    my $n = 0;

    while (!-e $flag) {
        my $s = $nginx->connect or next;
        for (1 .. 50) {
            $s->syswrite("GET /r$n HTTP/1.1\r\nHost: a\r\n\r\n");
            my $got = '';
            $got .= $_ while $got !~ /\r\n\r\n/ && $s->sysread($_, 4096);
            last unless $got;
            $n++;
        }
    }

    syswrite $to, "$n\n";
    POSIX::_exit(0);
}

close $to;

for my $round (1 .. 3) {
    $nginx->wait_for('some events', sub { -s $file });
    rename $file, "$file.$round" or die $!;
    ok($nginx->reopen($file), "round $round: reopened");
    ok($nginx->wait_for('the new file', sub { -s $file }),
       "round $round: the new file is used");
    is(sprintf('%04o', (stat $file)[2] & 07777), '0640',
       "round $round: its mode");
    is((stat $file)[4], (stat "$file.$round")[4], "round $round: its owner");
}

ok($nginx->wait_for('load', sub {
    100 < grep { length } map { split /\n/, RT::Nginx::slurp($_) } glob "$file*"
}), 'there was load');

open my $fh, '>', $flag or die $!;
close $fh;
waitpid $pid, 0;
chomp(my $asked = <$from>);

# Writers that sleep let go of the old file at once: who compresses it takes no
# line along that counts as written.

my @took;

for my $round (4 .. 10) {
    sleep 0.2;      # without an event: they sleep
    rename $file, "$file.$round" or die $!;
    $nginx->reopen($file);

    my $since = time;

    $nginx->wait_for('writers that let go', sub {
        !grep { RT::Nginx::has_open($_, "$file.$round") } $nginx->workers;
    });
    push @took, time - $since;
}

my $half = (sort { $a <=> $b } @took)[3];

cmp_ok($half, '<', 0.15, 'the old file is let go of at once')
    or diag("after @took s");

$nginx->stop;

my %seen;
my $lines = 0;

for my $part (map({ "$file.$_" } 1 .. 10), $file) {
    for my $e (RT::Audit->new($part)->all) {
        $seen{$e->{request}{url}}++;
        $lines++;
    }
}

my @missing = grep { !$seen{"/r$_"} } 0 .. $asked - 1;
my @twice = grep { $seen{$_} > 1 } keys %seen;

is("@missing", '', 'no event is missing');
is("@twice", '', 'no event is there twice');
cmp_ok($lines, '>=', $asked, "$lines events of $asked requests");

# old files are closed

unlike($nginx->log_text, qr/dropped [1-9]/, 'nothing was dropped');
$nginx->quiet;

done_testing();

#!/usr/bin/perl

# A chain under load, with workers that are killed and files that are rotated
# at any moment: no line is missing, changed, or there twice.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT ();
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2,
                           http => <<'EOC');
    rtaudit_zone 32m;
    rtaudit_chain key=file:%%DIR%%/key checkpoint=1s;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOC

my $dir = $nginx->dir;
my $file = "$dir/logs/audit.log";

$nginx->file('key', "b7c8a1f0d2e34b5566778899aabbccdd\n");
chmod 0600, "$dir/key" or die $!;
$nginx->start;

my $flag = "$dir/stop";
my @load = map { load() } 1 .. 2;
my $files = 0;
srand($ENV{RT_SEED} || 1);


sub load {
    my $pid = fork // die $!;

    return $pid if $pid;

    until (-e $flag) {
        my $s = $nginx->connect or next;

        while (!-e $flag) {
            $s->syswrite("GET /r HTTP/1.1\r\nHost: a\r\n\r\n" x 20) or last;
            my $got = '';
            while (20 > (() = $got =~ /\r\n\r\n/g)) {
                $s->sysread($got, 65536, length $got) or last;
            }
            last if 20 > (() = $got =~ /\r\n\r\n/g);
        }
    }

    POSIX::_exit(0);
}


# what has no LF goes; true if there was any

sub cut {
    my ($name) = @_;
    my $text = RT::Nginx::slurp($name);
    my $whole = rindex($text, "\n") + 1;

    truncate $name, $whole or die $!;

    return $whole < length $text;
}


for my $round (1 .. 12) {
    my $size = -s $file || 0;
    $nginx->wait_for('some load', sub {
        (-s $file || 0) > $size + 5000 + int rand 40000
    }) or BAIL_OUT('no load');

    my ($pid) = $nginx->workers;
    my $rotates = $round % 3 == 0;

    rename $file, "$file." . ++$files or die $! if $rotates;
    kill 'KILL', $pid;
    $nginx->reopen($file) if $rotates;

    $nginx->wait_for('another worker', sub {
        my @now = $nginx->workers;
        @now == $nginx->{workers} && !grep { $_ == $pid } @now;
    }) or BAIL_OUT('no other worker');
}

open my $fh, '>', $flag or die $!;
close $fh;
waitpid $_, 0 for @load;
$nginx->{torn} = 1;
$nginx->stop;

my @names = ('audit.log', map { "audit.log.$_" } 1 .. $files);
my $out = `cd $dir/logs && $RT::Tool audit verify --key ../key @names 2>&1`;

is($? >> 8, 0, 'intact') or diag($out);
unlike($out, qr/tampered|unsure/, 'nothing is said to be wrong');

my ($lines, $sealed) = $out =~ /: (\d+) lines in \d+ files, (\d+) sealed/;

cmp_ok($lines, '>', 500, "$lines lines");

# what a worker was killed over is the last of a file that is rotated by then:
# nobody writes to that again, and there is no line of it to be sealed

my $torn = grep { cut("$dir/logs/$_") } @names[1 .. $files];

is($sealed, $lines - $torn, "all of them are sealed, but for $torn that are torn");
is(RT::faults($dir), '', 'every other line of an audit file is valid');

my @chains = $out =~ /^chain \w+: (\d+) to /mg;

is(join(' ', map { $_ } grep { $_ != 1 } @chains), '', 'chains begin with 1');
note($out);

$nginx->quiet('exited on signal 9', 'losses are told in no event');

done_testing();

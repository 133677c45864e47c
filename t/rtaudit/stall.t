#!/usr/bin/perl

# A sink that stalls keeps no other sink, and no request, from anything: two
# workers share a pipe that nobody reads and a required file.

use strict;
use warnings;
use lib 't/lib';

use POSIX qw(mkfifo);
use Test::More;
use RT::Audit;
use RT::Nginx;
use Time::HiRes qw(sleep time);


my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2,
                           http => <<'EOT');
    rtaudit_zone 8m;
    rtaudit_sink pipe file:%%DIR%%/logs/pipe.log;
    rtaudit_sink main file:%%DIR%%/logs/audit.log required;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit pipe main;
        rtaudit_level request;
        large_client_header_buffers 4 16k;
        location / { return 200; }
    }
EOT

my $fifo = $nginx->dir . '/logs/pipe.log';
my $file = $nginx->dir . '/logs/audit.log';
mkfifo($fifo, 0600) or die $!;

# nobody reads it, not even to let nginx open it

my ($rc) = $nginx->try;
is($rc, 0, 'nginx -t does not wait for a reader');
$nginx->start;

my $asked = 0;
my $slowest = 0;


# lines of the size that pipes may tear, too

sub ask {
    my $from = time;
    my $answer = $nginx->get("/r$asked?a=" . 'x' x (9 * $asked % 6000));
    my $took = time - $from;

    $asked++;
    $slowest = $took if $took > $slowest;

    return $answer->{status};
}


my %status;
$status{ask()}++ for 1 .. 600;

is_deeply(\%status, { 200 => 600 }, 'a stalled pipe refuses nobody');
cmp_ok($slowest, '<', 1, 'nor keeps anybody waiting');

my $audit = RT::Audit->new($file);
$nginx->wait_for('the file', sub {
    my $lines = () = $audit->text =~ /\n/g;
    $lines == $asked
});

# longer than what makes a sink stale; a file that had nothing to write is
# none

my $end = time + 6;
sleep 0.1 while time < $end;
is(ask(), 200, 'nor later, when nothing else came');

# worker processes open it anew without waiting, too

ok($nginx->reopen, 'reopened');
is(ask(), 200, 'served');

# read at last

open my $pipe, '<:raw', $fifo or die $!;
$pipe->blocking(0);

my $text = '';

ok($nginx->wait_for('new lines', sub {
    ask();
    while (sysread $pipe, my $part, 1 << 20) { $text .= $part }
    $text =~ m{"/r6\d\d\?}
}), 'it is read, and goes on');

$nginx->stop;
while (sysread $pipe, my $part, 1 << 20) { $text .= $part }

my @main = $audit->all;
is(@main, $asked, 'the required file has them all');

# a line that was begun and then given up is the only one that may be cut

my ($torn, @lines) = (0);

for my $line (split /(?<=\n)/, $text) {
    if (eval { RT::Audit::parse($line) }) {
        push @lines, $line;
    } else {
        $torn++;
    }
}

my @events = RT::Audit::check(@lines);
my %at;
$at{$_->{id}}++ for @events;

is((grep { $_ > 1 } values %at), 0, 'no event is there twice');
cmp_ok($torn, '<', 10, "$torn lines were given up when half written");

my ($requests, $written, $lost) = (0, 0, 0);

for my $line (grep { /"pipe" slot/ } split /\n/, $nginx->log_text) {
    my @n = $line =~ /requests (\d+) .* written (\d+) dropped (\d+) left (\d+)/;
    $requests += $n[0];
    $written += $n[1];
    $lost += $n[2] + $n[3];
}

is($requests, $asked, 'all requests are in the books');
is($written, @events, 'what was written is in the pipe');
is($written + $lost, $asked, 'the rest was lost, and counted');
cmp_ok($lost, '>', 0, 'some were');

$nginx->quiet('rtaudit: sink "pipe" (?:cannot write to|at the end)');

done_testing();

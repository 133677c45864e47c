#!/usr/bin/perl

# kill -9 of workers: what was in a ring is written once, what was in hand
# is booked as dropped, no line is torn.  The rings are large: a disk that
# stalls for a second must not fill them.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOF');
    rtaudit_zone 32m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
        location /slow { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOF

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

$nginx->start;

my $file = $nginx->dir . '/logs/audit.log';
my $audit = RT::Audit->new($file);


sub crash {
    my ($pid) = $nginx->workers;

    kill 'KILL', $pid;
    $nginx->wait_for('another worker', sub {
        my @now = $nginx->workers;
        @now == $nginx->{workers} && !grep { $_ == $pid } @now;
    });
}


# requests in hand

$nginx->get('/before');
my $before = $audit->event;

my @slow = map {
    my $s = $nginx->connect;
    $s->syswrite("GET /slow$_ HTTP/1.1\r\nHost: a\r\n\r\n");
    $s
} 1 .. 5;

my @held = map { $up->accept } @slow;

ok(crash(), 'killed, and there is another');
$nginx->get('/after');

my $e = $audit->event;
is($e->{request}{url}, '/after', 'the next event');
is($e->{metadata}{lost}, 5, 'says what the dead worker had in hand');
is($e->{metadata}{stream}, $before->{metadata}{stream},
   'and goes on with the same stream');

$nginx->get('/again');
ok(!$audit->event->{metadata}{lost}, 'says it once');

# kills under load: clients know which requests were answered

my $flag = $nginx->dir . '/stop';
pipe my $from, my $to or die $!;
my $pid = fork // die $!;

if ($pid == 0) {
    my $n = 0;

    until (-e $flag) {
        my $s = $nginx->connect or next;

        while ($s && !-e $flag) {
            $s->syswrite("GET /n$n HTTP/1.1\r\nHost: a\r\n\r\n") or last;
            my $got = '';
            while ($got !~ /\r\n\r\n/) {
                $s->sysread(my $part, 4096) or last;
                $got .= $part;
            }
            syswrite $to, "/n$n\n" if $got =~ /\r\n\r\n/;
            $n++;
            last if $got eq '';
        }
    }

    POSIX::_exit(0);
}

close $to;

my $reader = fork // die $!;

if ($reader == 0) {
    open my $out, '>', $nginx->dir . '/answered' or die $!;
    print $out $_ while <$from>;
    close $out;
    POSIX::_exit(0);
}

close $from;

for (1 .. 8) {
    my $size = -s $file;
    $nginx->wait_for('some load', sub { -s $file > $size + 20000 });
    crash() or BAIL_OUT('no other worker');
}

open my $fh, '>', $flag or die $!;
close $fh;
waitpid $pid, 0;
waitpid $reader, 0;

$nginx->stop;

my @answered = split /\n/, RT::Nginx::slurp($nginx->dir . '/answered');
my @events = $audit->all;
my (%got, %id);

for my $event (@events) {
    $got{$event->{request}{url}}++;
    $id{$event->{id}}++;
}

cmp_ok(scalar @answered, '>', 100, scalar(@answered) . ' answers');
is(join(' ', grep { $id{$_} > 1 } keys %id), '', 'no event is there twice');

# nginx answers before it logs: at each kill one answer may have no event

my @missing = grep { !$got{$_} } @answered;
cmp_ok(scalar @missing, '<=', 8, @missing . ' answered, but not yet logged');

my ($requests, $written, $dropped, $left) = $nginx->log_text
    =~ /requests (\d+) waived 0 written (\d+) dropped (\d+) left (\d+)/;

is($left, 0, 'nothing is left');
is($requests, $written + $dropped, 'written and dropped are all requests');
is($written, scalar @events, 'written is what is in the file');
cmp_ok(scalar @missing, '<=', $dropped, 'what is missing was booked');

my $lost = 0;
$lost += $_->{metadata}{lost} || 0 for @events;
is($lost, $dropped, 'events say what was dropped');

$nginx->quiet('exited on signal 9');

done_testing();

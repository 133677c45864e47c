#!/usr/bin/perl

# Reloads while long answers (WebSocket, SSE, downloads) are open: workers
# told to go give their rings back, new ones have theirs, no event is lost.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2, ports => 2,
                           http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log required;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
        location /slow { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOT

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

$nginx->start;

my $file = $nginx->dir . '/logs/audit.log';
my (%old, @slow, @held);


# a request that its worker has in hand from now on

sub hold {
    my $n = @slow;

    push @slow, $nginx->connect;
    $slow[-1]->syswrite("GET /slow$n HTTP/1.1\r\nHost: a\r\n\r\n");
    push @held, scalar $up->accept;
    $held[-1]->sysread(my $request, 4096);
}


sub events {
    my $like = shift;
    my $n = () = RT::Nginx::slurp($file) =~ /"$like"/g;
    return $n;
}

for my $round (1 .. 4) {
    hold() for 1 .. 6;
    $old{$_} = 1 for $nginx->workers;
    ok($nginx->reload, "reload $round with requests in hand");
}

my %status;
$status{$nginx->get("/new$_")->{status}}++ for 1 .. 20;
is_deeply(\%status, { 200 => 20 }, 'nobody is refused');
ok($nginx->wait_for('their events', sub { events('/new\d+') == 20 }),
   'and each has its event');

my @still = grep { kill 0, $_ } keys %old;
cmp_ok(scalar @still, '>=', 4, @still . ' old workers are still there');

ok($nginx->wait_for('their rings', sub {
    my $log = $nginx->log_text;
    !grep {
        $log !~ /\[notice\] $_#\d+: rtaudit: (sink "main" slot|all \d+ rings)/
    } @still
}), 'each has given its ring back, or found none');

# what old workers had in hand ends in the ring they share

my $before = events('/slow\d+');
is($before, 0, 'none of it is over');

my @first = splice @held, 0, 6;
my $ended = @first;

for my $s (@first) {
    $s->syswrite("HTTP/1.0 200 OK\r\n\r\nslow");
    close $s;
}

ok($nginx->wait_for('late events', sub { events('/slow\d+') == $ended }),
   'requests of old workers have their events');

# an old worker that is killed: what it had in hand is known

@still = grep { kill 0, $_ } keys %old;
kill 'KILL', $_ for @still;
$nginx->wait_for('their end', sub { !grep { kill 0, $_ } @still });
close $_ for @held;

my $killed = @held;
my $lost = 0;
my $audit = RT::Audit->new($file);

ok($nginx->reload, 'workers that have the rings of those');
my @before = $nginx->workers;
hold();
ok($nginx->reload, 'another old worker');
my $last = pop @held;

# once it shares the late ring, it tells of them, in the stream they were lost
# of

ok($nginx->wait_for('the old worker to share', sub {
    my @one = grep { RT::Nginx::runs($_) } @before;
    @one == 1 && $nginx->log_text =~ /\[notice\] $one[0]#\d+: rtaudit: sink/
}), 'it shares');
$last->syswrite("HTTP/1.0 200 OK\r\n\r\nslow");
close $last;

$nginx->wait_for('its event', sub { events('/slow24') == 1 });
$nginx->stop;

my @events = $audit->all;
my %got;
$got{$_->{request}{url}}++ for @events;
$lost += $_->{metadata}{lost} || 0 for @events;

is((grep { $_ > 1 } values %got), 0, 'no event is there twice');

my ($dropped, $requests, $written, $left) = (0, 0, 0, 0);
my %books;

for (split /\n/, $nginx->log_text) {
    $books{$1} = [$2, $3, $4, $5] if /"main" slot (\d+): requests (\d+) waived 0 written (\d+) dropped (\d+) left (\d+)/;
}

for (values %books) {
    $requests += $_->[0];
    $written += $_->[1];
    $dropped += $_->[2];
    $left += $_->[3];
}

is($requests, 20 + $ended + $killed + 1, 'all requests are in the books');
is($written, @events, 'written is what is there');
is($lost, $killed, 'what was killed is told');
is($dropped, $killed, 'what was killed was dropped');
is($left, 0, 'nothing is left');

$nginx->quiet('exited on signal 9');

done_testing();

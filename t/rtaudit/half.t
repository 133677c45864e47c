#!/usr/bin/perl

# Half a header: an event when the client goes away or takes too long.  When
# the worker is killed, it is no request yet: nginx calls no module before the
# header is whole, so that it has no server for sure, and no location.

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
        client_header_timeout 1s;
        rtaudit main;
        location / { return 200; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $half = "GET /half HTTP/1.1\r\nHost: a\r\nX-Part: ";


my $s = $nginx->connect;
$s->syswrite($half);
close $s;

is($audit->event->{status}, 400, 'a client that goes away');

$s = $nginx->connect;
$s->syswrite($half);

is($audit->event->{status}, 408, 'one that takes too long');


# killed with one in hand that is whole, and several that are not

ok($nginx->reload(http => $nginx->{http} =~ s/timeout 1s/timeout 60s/r),
   'more time');

my ($worker) = $nginx->workers;
my @half = map { my $h = $nginx->connect; $h->syswrite($half); $h } 1 .. 3;

# it has read them: this one came later, on the only worker

is($nginx->get('/before')->{status}, 200, 'a request after them');
is($audit->event->{request}{url}, '/before', 'has its event');

kill 'KILL', $worker;
$nginx->wait_for('another worker', sub {
    my @now = $nginx->workers;
    @now == 1 && $now[0] != $worker;
});

is($nginx->get('/after')->{status}, 200, 'another worker answers');

my $event = $audit->event;
is($event->{request}{url}, '/after', 'the next event');
ok(!exists $event->{metadata}{lost}, 'tells of no loss');

$nginx->stop;
$nginx->quiet('exited on signal 9');

my ($books) = $nginx->log_text =~ /requests (\d+ waived 0 written \d+ dropped \d+ left \d+)\n(?!.*requests)/s;
like($books, qr/^(\d+) waived 0 written \1 dropped 0 left 0$/,
     'and the books agree');

done_testing();

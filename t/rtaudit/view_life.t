#!/usr/bin/perl

# rtaudit_view while its threads are slow: how many may wait, clients that go
# away, reload and end of a worker.  rttest_hold keeps the only thread busy
# until there is a file.

use strict;
use warnings;
use lib 't/lib';

use IO::Select;
use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::View;

my $nginx = RT::Nginx->new(modules => ['rtaudit', 'rttest'], ports => 2,
                           main => 'thread_pool default threads=1;',
                           http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;

        location = /hold { rttest_hold %%DIR%%/logs/go; }
        location /audit/ {
            rtaudit main;
            rtaudit_view file=%%DIR%%/logs/made.log open;
        }
    }
EOT

my $go = $nginx->dir . '/logs/go';

$nginx->file('logs/made.log', join '', map { event($_) } 1 .. 5);
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $view = RT::View->new($nginx, '/audit/');


sub hold {
    unlink $go;
    is($nginx->get('/hold')->{status}, 204, 'the thread is busy');
}


sub release { $nginx->file('logs/go', '') }


# this worker answers again; what waited for it is in the events as well

sub serves {
    my $name = shift;

    ok($nginx->wait_for($name, sub {
        my $found = $view->ask;
        $audit->event;
        $found->{http} == 200 && @{$found->{events}} == 5;
    }), $name);
}


sub statuses { join ' ', map { $_->{status} } $audit->events(@_) }


# -- four of a worker wait, others are told to come again

hold();

my @asked = map { $nginx->ask('/audit/events') } 1 .. 6;
my @refused;

$nginx->wait_for('two refusals', sub {
    @refused = IO::Select->new(@asked)->can_read(0);
    @refused >= 2;
});

is(scalar @refused, 2, 'two of six are answered');

for my $socket (@refused) {
    my $r = $nginx->answer($socket);

    is($r->{status}, 503, 'with 503');
    like($r->{head}, qr/^Retry-After: 1\r?$/mi, 'and when to come again');
}

is(statuses(2), '503 503', 'they are events');
release();

for my $socket (@asked) {
    next if grep { $_ == $socket } @refused;
    my $r = $nginx->answer($socket);
    is($r->{status}, 200, 'one that waited');
    like($r->{body}, qr/"end":"oldest"/, 'has its answer');
}

is(statuses(4), '200 200 200 200', 'they are events, too');


# -- clients that go away: their requests end, their tasks count until done

hold();
close $nginx->ask('/audit/events') for 1 .. 4;
is(statuses(4), '499 499 499 499', 'four went away');
is($view->ask->{http}, 503, 'the thread has their work yet');
is(statuses(1), '503', 'an event of it');
release();
serves('then there is room again');

SKIP: {
    skip 'no node', 3 unless `node --version 2>/dev/null` =~ /^v\d/;

    hold();

    # the answer to a ping says that what was sent before it was read

    my $script = $nginx->file('reset.mjs', <<'JS');
import http2 from 'node:http2';
const client = http2.connect(process.argv[2]);
const stream = client.request({ ':path': '/audit/events' });
stream.on('error', () => { });
stream.on('close', () => { client.destroy(); });
client.ping(() => { stream.close(http2.constants.NGHTTP2_CANCEL); });
JS

    is(system('node', $script, 'http://127.0.0.1:' . $nginx->port(1)), 0,
       'a stream that was reset');
    is(statuses(1), '499', 'its event');
    release();
}


# -- a reload, while one waits, and one went away

hold();
my $socket = $nginx->ask('/audit/events');
close $nginx->ask('/audit/events');
is(statuses(1), '499', 'one went away');

my @old = $nginx->workers;

$nginx->reload;
release();
is($nginx->answer($socket)->{status}, 200, 'one waited over a reload');
is(statuses(1), '200', 'and is an event');
serves('the new worker');
ok($nginx->wait_for('the old worker to end',
                    sub { !grep { RT::Nginx::runs($_) } @old }),
   'the old worker ends');

hold();
close $nginx->ask('/audit/events');
is(statuses(1), '499', 'one went away before a reload');
@old = $nginx->workers;
$nginx->reload;
release();
ok($nginx->wait_for('the old worker to end',
                    sub { !grep { RT::Nginx::runs($_) } @old }),
   'the old worker ends');


# -- and a fast end

hold();
$socket = $nginx->ask('/audit/events');
close $nginx->ask('/audit/events');
is(statuses(1), '499', 'one went away before the end');

my $master = $nginx->master;

$nginx->signal('TERM');
release();
ok($nginx->wait_for('nginx to end', sub { !RT::Nginx::runs($master) }),
   'nginx ends while threads are at work');
$nginx->quiet('1 losses are told in no event');

done_testing();

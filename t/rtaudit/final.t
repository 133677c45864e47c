#!/usr/bin/perl

# What never reached a sink stands in the error log when nginx ends, also at
# nginx's default level; a client that goes away in the middle of an answer.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], level => 'error',
                           http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOT

my $file = $nginx->dir . '/logs/audit.log';
symlink '/dev/full', $file or die $!;

$nginx->start;
$nginx->get("/r$_") for 1 .. 30;
$nginx->stop;

like($nginx->log_text, qr/\[crit\].*rtaudit: sink "main" at the end: 30 events were not written, 0 losses/,
     'the number of lost events stands in the log');
$nginx->quiet('cannot write to', 'at the end: 30');

unlink $file;
$nginx->start;
$nginx->get('/one');
$nginx->stop;
is(() = $nginx->log_text =~ /at the end/g, 1,
   'and nothing when all was written');

# in the middle of an answer

$nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%% sndbuf=8k;
        rtaudit main;
        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOT

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 4, ReuseAddr => 1) or die $!;
$nginx->start;

my $s = $nginx->connect;
$s->syswrite("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
my $from = $up->accept;
$from->sysread(my $request, 4096);
$from->syswrite("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"
                . 'x' x 100000);
$s->sysread(my $part, 1000);
setsockopt $s, Socket::SOL_SOCKET(), Socket::SO_LINGER(), pack 'll', 1, 0;
close $s;
$from->blocking(0);
$from->syswrite('x' x 100000) for 1 .. 5;
close $from;

my $e = RT::Audit->new($nginx->dir . '/logs/audit.log')->event;
is($e->{metadata}{stage}, 'aborted', 'the client went away');
ok($e->{isError}, 'which is an error');
is($e->{status}, 200, 'the status that was sent');
$nginx->end;

done_testing();

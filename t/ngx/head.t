#!/usr/bin/perl

# What a client sends behind the head of a request that switches protocols is
# not written over that head: the event tells of the request that was made, and
# who may stay is judged by it.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use IO::Socket::INET;
use Test::More;

use RT::Audit;
use RT::JWT;
use RT::Nginx;
use RT::Preload;


# this test is the application, too

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
                                   Listen => 16, Proto => 'tcp')
    or die "no free port: $!";

my $proxy = 'proxy_pass http://127.0.0.1:' . $listen->sockport . ';
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;';

my $forged = "GET /forged HTTP/1.1\r\nHost: forged\r\n"
             . 'X-Team: forged, ' x 90 . "\r\n\r\n";


# both ends of a tunnel; the client did not wait for it

sub tunnel {
    my ($nginx, $uri, $early, @headers) = @_;

    my $client = $nginx->connect or die "connect: $!";

    $client->syswrite(join "\r\n", "GET $uri HTTP/1.1", 'Host: real',
                      'Connection: upgrade', 'Upgrade: websocket', @headers,
                      '', $early);

    my $app = $listen->accept or die "accept: $!";
    my $head = $nginx->rest($app, undef, qr/\r\n\r\n$/);

    # nginx does not read it before the protocols are switched
    $client->syswrite($forged);
    $app->syswrite("HTTP/1.1 101 Switching Protocols\r\n"
                   . "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");

    is($nginx->rest($app, undef, qr/\Q$forged\E$/), $early . $forged,
       'the application gets what was sent, ' . length($early)
       . ' bytes of it early');

    return ($client, $app);
}


subtest 'the event' => sub {
    my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<"EOT");
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtaudit_level request;
        error_page 404 \@app;
        location /real { $proxy }
        location /none { return 404; }
        location \@app { $proxy }
    }
EOT

    $nginx->start;

    my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');

    # all that nginx reads of a head at first is 1 KB; of an error page the
    # client sees another status than 101
    for my $early ('', '1', 'x' x 700, 'x' x 5000) {
        for my $uri ('/real?a=1', '/none?a=1') {
            my ($client, $app) = tunnel($nginx, $uri, $early);

            close $_ for $client, $app;

            my $event = $audit->event;

            is_deeply([@{$event->{request}}{qw(method url)},
                       $event->{metadata}{host}],
                      ['GET', $uri, 'real'], 'is of the request');
        }
    }

    $nginx->end;
};


subtest 'who may stay' => sub {
    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        leeway 0s; jwks_file $RT::Top/t/data/keys/jwks.json; }

    rtauth_group all { match sub eq u-1; permission use /real; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        rtauth_reauthorize 1s expiry;
        location / { $proxy }
    }
EOT

    $nginx->start;

    my ($client, $app) = tunnel($nginx, '/real', 'early',
                                RT::JWT::bearer());
    my ($last) = tunnel($nginx, '/real', 'early',
                        RT::JWT::bearer(exp => time + 2));

    ok($nginx->wait_for('the end of one whose token is over', sub {
        IO::Select->new($last)->can_read(0) && !$last->sysread(my $byte, 1);
    }), 'all are judged');

    $client->syswrite('still here');
    is($nginx->rest($app, undef, qr/still here/), 'still here',
       'by the request that was made');

    close $_ for $client, $app;
    $nginx->end;
};


subtest 'both modules' => sub {
    plan skip_all => 'ASan has a malloc() of its own' if $ENV{RT_ASAN};

    my $out = tempdir(CLEANUP => 1);
    chmod 0777, $out;

    my $size = 40_961;
    my $preload = RT::Preload::build(<<"EOF");
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);

void *
malloc(size_t size)
{
    int  fd;

    if (size == $size) {
        fd = open("$out/taken", O_WRONLY|O_CREAT|O_APPEND, 0644);
        (void) !write(fd, ".", 1);
        close(fd);
    }

    return __libc_malloc(size);
}
EOF

    my @taken = map {
        my ($zone, @modules) = @$_;
        my $nginx = RT::Nginx->new(modules => \@modules, http => <<"EOT");
    $zone
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        proxy_buffer_size $size;
        proxy_buffers 8 16k;
        location / { $proxy }
    }
EOT

        unlink "$out/taken";
        RT::Preload::with($preload, sub { $nginx->start });

        my ($client, $app) = tunnel($nginx, '/real', 'early');

        close $_ for $client, $app;
        $nginx->end;

        length RT::Nginx::slurp("$out/taken");
    } ['', 'rtaudit'], ['rtauth_zone 1m;', 'rtauth', 'rtaudit'];

    cmp_ok($taken[0], '>', 1, 'what is behind the head gets a buffer');
    is($taken[1], $taken[0], 'which is one for both');
};


done_testing();

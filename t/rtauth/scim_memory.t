#!/usr/bin/perl

# Memory that is out when a change has been made: its answer fails, and its
# event and its effect do not.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use JSON::PP ();
use Test::More;

use RT::Nginx;
use RT::Preload;
use RT::Scim;

plan skip_all => 'ASan has a malloc() of its own' if $ENV{RT_ASAN};

# of a worker's loop, and as large as the answer alone is

my $out = tempdir(CLEANUP => 1);
chmod 0755, $out;

my $preload = RT::Preload::build(<<"EOF");
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);

void *
calloc(size_t n, size_t size)
{
    return (size > 20000 && size < 25000 && syscall(SYS_gettid) == getpid()
            && access("$out/job", F_OK) == 0)
           ? NULL : __libc_calloc(n, size);
}

void *
malloc(size_t size)
{
    return (size > 9000 && size < 15000 && syscall(SYS_gettid) == getpid()
            && access("$out/now", F_OK) == 0)
           ? NULL : __libc_malloc(size);
}
EOF

my $nginx = RT::Scim::nginx(scim => 'link=userName:sub', http => <<'EOF');
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;
EOF

RT::Preload::with($preload, sub { $nginx->start });

my $made = push_to($nginx, 'POST', '/Users', {
    userName => 'u-1',
    emails => [map { { value => 'x' x 200 . "$_\@example.com" } } 1 .. 40],
});
my $id = $made->{json}{id};

cmp_ok(length $made->{body}, '>', 9000, 'a user who is large');

my $token = user_token(sub => 'u-1', email => undef);
my ($ok, $off) = map { join ' ', ($_) x 4 } '200 ok', '403 disabled';

is(results($nginx, $token), $ok, 'is let in');

open my $fh, '>', "$out/now" or die $!;
close $fh;

is(user_op($nginx, $id, { op => 'replace', path => 'active',
                          value => 'False' })->{status}, 500,
   'memory is out for the answer');
unlink "$out/now" or die $!;

is(results($nginx, $token), $off, 'he is disabled');

my @events;

ok($nginx->wait_for('an event', sub {
    @events = grep { $_->{actionType} eq 'USER_DISABLED' }
              map { JSON::PP::decode_json($_) }
              RT::Nginx::slurp($nginx->dir . '/logs/audit.log') =~ /^(.*)$/mg;
}), 'an event says so');

my $said = $events[0]{metadata}{rtauth};

is($said->{target}, $id, 'of whom');
like($said->{keyId}, qr/^[0-9a-f]{8}$/, 'by which key');
is($said->{before}, 'active=true', 'what he was');
is($said->{after}, 'active=false', 'and is');


# -- memory that is out before anything is asked for

my $long = '{"userName":"u-2"}' . ' ' x 20_500;

open $fh, '>', "$out/job" or die $!;
close $fh;

my $none = push_to($nginx, 'POST', '/Users', $long);

is($none->{status}, 500, 'memory is out for the question');
is($none->{json}{detail}, 'memory is out', 'which is said');
unlink "$out/job" or die $!;

is(push_to($nginx, 'POST', '/Users', $long)->{status}, 201,
   'nothing was changed by it');


# -- bodies that take forty times their size when they are read, all at once

my $all = join ',', (1) x 260_000;
my @sockets = map {
    my $body = qq({"userName":"large-$_","zz":[$all]});
    my $s = $nginx->connect;

    syswrite $s, "POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\n"
                 . "Authorization: Bearer $Key\r\nConnection: close\r\n"
                 . "Content-Type: application/scim+json\r\n"
                 . 'Content-Length: ' . length($body) . "\r\n\r\n"
                 . substr $body, 0, -1;
    $s;
} 1 .. 40;

syswrite $_, '}' for @sockets;

is(scalar(grep { $nginx->rest($_) =~ m{^HTTP/1.1 201} } @sockets), 40,
   'many large bodies at once');

my $peak = 0;

for my $pid ($nginx->workers) {
    my ($kb) = RT::Nginx::slurp("/proc/$pid/status") =~ /^VmHWM:\s*(\d+)/m;
    $peak += $kb;
}

cmp_ok($peak, '<', 450_000, 'are not all in memory together');

$nginx->end(undef, 'malloc\(\d+\) failed', 'a change was made, and not answered');
done_testing();

#!/usr/bin/perl

# A worker that looks at the file of users while another one writes it anew: the
# lock that it gets is of a file that is gone, and what that one says is old.

use strict;
use warnings;

use lib 't/lib';

use HTTP::Tiny;
use JSON::PP ();
use Test::More;

use RT::Nginx;
use RT::Preload;
use RT::Scim;

# While FILE.hold is there, the first who looks waits before he has the lock of
# FILE, and FILE.held says so; whatever FILE says takes a while to be on disk.

my $preload = RT::Preload::build(<<'EOF');
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
beside(int fd, const char *what, char *name, size_t size)
{
    char  link[64], path[2048];
    int   n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path) - 1);
    path[n < 0 ? 0 : n] = '\0';
    snprintf(name, size, "%s.%s", path, what);

    return n > 6 && strcmp(path + n - 6, "/users") == 0;
}

int
flock(int fd, int op)
{
    char  hold[4096], held[4096];

    if ((op & LOCK_NB) && beside(fd, "held", held, sizeof(held))
        && beside(fd, "hold", hold, sizeof(hold)) && access(hold, F_OK) == 0)
    {
        int  mine = open(held, O_CREAT|O_EXCL|O_WRONLY, 0600);

        while (mine != -1 && access(hold, F_OK) == 0) {
            usleep(1000);
        }
    }

    return syscall(SYS_flock, fd, op);
}

int
fdatasync(int fd)
{
    usleep(50000);
    return syscall(SYS_fdatasync, fd);
}
EOF

my $nginx = RT::Scim::nginx(modules => ['rtauth']);
RT::Preload::with($preload, sub { $nginx->start });

my $users = $nginx->dir . '/state/users';
my $off = join ' ', ('403 disabled') x 4;
my $token = user_token(sub => 'u-1', email => 'ann@example.com',
                       email_verified => JSON::PP::true);
my $id = push_to($nginx, 'POST', '/Users', { userName => 'ann@example.com' })
         ->{json}{id};


# by whichever worker answers: the one that is held does not

sub set {
    my ($path, $value) = @_;

    my $url = 'http://127.0.0.1:' . $nginx->port . "/scim/v2/Users/$id";
    my $body = JSON::PP::encode_json({ schemas => [$Patch], Operations => [
        { op => 'replace', path => $path, value => $value } ] });

    return $nginx->wait_for("$path", sub {
        return HTTP::Tiny->new(timeout => 0.2, keep_alive => 0)
               ->request('PATCH', $url, { content => $body, headers => {
                   Authorization => "Bearer $Key",
                   'Content-Type' => 'application/scim+json' } })
               ->{success};
    });
}


like(results($nginx, $token), qr/^200 ok/, 'she is in');

open my $hold, '>', "$users.hold" or die $!;
my $n = 0;

set(title => 't' . ++$n) until -e "$users.held" || $n > 200;
ok(-e "$users.held", 'a worker looks, and has no lock yet');

my $ino = (stat $users)[1];
set(title => ++$n . 'x' x 1000) until (stat $users)[1] != $ino || $n > 600;
isnt((stat $users)[1], $ino, 'another one writes the file anew');

ok(set(active => JSON::PP::false), 'and she is disabled');
is(results($nginx, $token), $off, 'she is out');

# as many looks as a worker that was held may need to see what it has missed

unlink "$users.hold" or die $!;

my %got;
my $end = time + 2;

$got{results($nginx, $token)}++ while time < $end;
is_deeply([keys %got], [$off], 'and stays out, whatever the other one reads');
is(push_to($nginx, 'GET', "/Users/$id")->{json}{active}, JSON::PP::false,
   'by both');

$nginx->end;

done_testing();

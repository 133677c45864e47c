#!/usr/bin/perl

# A sink that cannot be written is tried again after a time that doubles, so
# that a full disk does not keep a thread busy; what waited is written then.

use strict;
use warnings;
use lib 't/lib';

use File::Temp qw(tempdir);
use Test::More;
use RT::Nginx;
use RT::Preload;


# writev() to files of one name fails while a file "full" is there; each try is
# noted with its time.  nginx clears its environment, so that it is read first.

my $dir = tempdir(CLEANUP => 1);
my $tries = "$dir/tries";

my $full = RT::Preload::build(<<'EOF');
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static char  full[4096], tries[4096];

__attribute__((constructor)) static void
begin(void)
{
    snprintf(full, sizeof(full), "%s/full", getenv("RT_FULL"));
    snprintf(tries, sizeof(tries), "%s/tries", getenv("RT_FULL"));
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
    int               to;
    char              link[64], name[4096];
    ssize_t           len, (*next)(int, const struct iovec *, int);
    struct timespec   ts;

    *(void **) &next = dlsym(RTLD_NEXT, "writev");

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, name, sizeof(name) - 1);

    if (len < 10 || strncmp(name + len - 10, "/audit.log", 10) != 0
        || access(full, F_OK) != 0)
    {
        return next(fd, iov, n);
    }

    clock_gettime(CLOCK_MONOTONIC, &ts);

    to = open(tries, O_WRONLY|O_CREAT|O_APPEND, 0644);
    dprintf(to, "%lld\n", ts.tv_sec * 1000LL + ts.tv_nsec / 1000000);
    close(to);

    errno = ENOSPC;
    return -1;
}
EOF

chmod 0777, $dir;

open my $fh, '>', "$dir/full" or die;
close $fh;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 1,
                           http => <<'EOF');
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOF

{
    local $ENV{RT_FULL} = $dir;

    RT::Preload::with($full, sub { $nginx->start });
}

is($nginx->get('/t')->{status}, 200, 'who asks does not wait');

my @at;

ok($nginx->wait_for('six tries', sub {
    open my $in, '<', $tries or return 0;
    @at = <$in>;
    @at >= 6
}), 'it is tried again');

for (1 .. 5) {
    my $least = 50 * 2 ** ($_ - 1);

    # whole milliseconds at either end; a loaded machine takes longer
    cmp_ok($at[$_] - $at[$_ - 1], '>=', $least - 2, "after $least ms");
}

unlink "$dir/full" or die;

ok($nginx->wait_for('the event', sub { -s $nginx->dir . '/logs/audit.log' }),
   'and written as soon as it can be');

$nginx->end(undef, 'No space left on device');

done_testing();

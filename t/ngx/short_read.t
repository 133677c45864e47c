#!/usr/bin/perl

# A file of which the system gives less than it said (one that is cut while it
# is read, a file system over a network) is refused: half a secret, with what
# was in memory behind it, would be used as a whole one.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Nginx;
use RT::Preload;


my $half = RT::Preload::build(<<'EOF');
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

ssize_t
read(int fd, void *b, size_t n)
{
    const char   *path = getenv("RT_HALF_OF");
    ssize_t     (*next)(int, void *, size_t);
    struct stat   file, this;

    *(void **) &next = dlsym(RTLD_NEXT, "read");

    if (path && stat(path, &file) == 0 && fstat(fd, &this) == 0
        && file.st_dev == this.st_dev && file.st_ino == this.st_ino)
    {
        n /= 2;
    }

    return next(fd, b, n);
}
EOF

my $nginx = RT::Nginx->new(modules => ['rtcsp'], http => <<'EOF');
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=file:%%DIR%%/secret;
    }
EOF

$nginx->file('secret', 'pH7-placeholder_0123456789abcdefpH7-place');
chmod 0600, $nginx->dir . '/secret';

my ($code, $out) = $nginx->try;
is($code, 0, 'a file that is read whole is taken') or diag $out;

{
    local $ENV{RT_HALF_OF} = $nginx->dir . '/secret';

    ($code, $out) = RT::Preload::with($half, sub { $nginx->try });
}

is($code, 1, 'one that is not is refused') or diag $out;
like($out, qr/\[emerg\].*the placeholder of "rtcsp_nonce" is not taken from/,
     'by its name');
like($out, qr{"[^"]*/secret", which cannot be read}, 'and the reason');
unlike($out, qr/pH7-/, 'nothing of it is printed');

done_testing();

#!/usr/bin/perl

# A clock that is ahead for a while: changes that are made then drop nobody who
# was deleted or renamed, so that his tokens are refused when it is right again.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use RT::Nginx;
use RT::Preload;
use RT::Scim;

my $nginx = RT::Scim::nginx(modules => ['rtauth']);
my $ahead = $nginx->dir . '/ahead';

# CLOCK_REALTIME is ahead by as many seconds as that file says.

my $preload = RT::Preload::build(<<"EOC" . <<'EOF');
#define AHEAD "$ahead"
EOC
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long
ahead(void)
{
    char  text[32];
    int   fd, n;

    fd = open(AHEAD, O_RDONLY|O_CLOEXEC);
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';

    return atol(text);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int  rc = syscall(SYS_clock_gettime, clock, ts);

    ts->tv_sec += (clock == CLOCK_REALTIME) ? ahead() : 0;
    return rc;
}

int
gettimeofday(struct timeval *tv, void *zone)
{
    struct timespec  ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}
EOF

sub clock {
    $nginx->file('ahead', $_[0]);
}

sub make {
    return push_to($nginx, 'POST', '/Users', { userName => $_[0] })->{json}{id};
}

sub set {
    my ($id, $path, $value) = @_;
    return user_op($nginx, $id, { op => 'replace', path => $path,
                                  value => $value })->{status};
}

sub token {
    return user_token(sub => $_[0], email => $_[0],
                      email_verified => JSON::PP::true, iat => int(time) - 60);
}

clock(0);
RT::Preload::with($preload, sub { $nginx->start });

my $off = join ' ', ('403 disabled') x 4;
my ($gone, $old) = map { token("$_\@example.com") } qw(gone old);

my $deleted = make('gone@example.com');
my $renamed = make('old@example.com');

is(push_to($nginx, 'DELETE', "/Users/$deleted")->{status}, 204, 'one is gone');
is(set($renamed, userName => 'new@example.com'), 200, 'another is renamed');
is(set($renamed, active => JSON::PP::false), 200, 'and disabled');
is(results($nginx, $gone), $off, 'who is gone is out');
is(results($nginx, $old), $off, 'and who was renamed, by his old name');

clock(3 * 365 * 86400);

my $ahead_of = make('ann@example.com');
my $modified = push_to($nginx, 'GET', "/Users/$ahead_of")
               ->{json}{meta}{lastModified};
cmp_ok(substr($modified, 0, 4), '>', 2 + (gmtime)[5] + 1900,
       'a change while the clock is ahead');
is(set($renamed, title => 'x'), 200, 'and another');

clock(0);

$nginx->wait_for('the clock', sub {
    return results($nginx, $gone) ne join ' ', ('401 expired') x 4;
});
is(results($nginx, $gone), $off, 'when it is right again he is still out');
is(results($nginx, $old), $off, 'and so is the other');

$nginx->stop;
RT::Preload::with($preload, sub { $nginx->start });
is(results($nginx, $gone), $off, 'after a restart, too');

$nginx->end;

done_testing();

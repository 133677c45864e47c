#!/usr/bin/perl

# A file that somebody puts in the place of users, or of what was revoked, while
# nginx writes there: it counts, whenever he comes, and nothing is acknowledged
# that it lacks.

use strict;
use warnings;

use lib 't/lib';

use Fcntl qw(:flock);
use Test::More;

use RT::JWT ();
use RT::Nginx;
use RT::Preload;
use RT::Scim;
use RT::State;

# before a file is on disk, FILE.put takes the place of FILE, and so does
# FILE.new.put before FILE.new is

my $preload = RT::Preload::build(<<'EOF');
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int
fdatasync(int fd)
{
    char  link[64], path[4096], put[4096 + 8];
    int   n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path) - 1);

    if (n > 0) {
        path[n] = '\0';
        snprintf(put, sizeof(put), "%s.put", path);

        if (n > 4 && strcmp(path + n - 4, ".new") == 0) {
            path[n - 4] = '\0';
        }

        rename(put, path);
    }

    return syscall(SYS_fdatasync, fd);
}
EOF

my $nginx = RT::Scim::nginx(modules => ['rtauth'],
    server => "location = /revoke { rtauth off; rtauth_revoke key=data:$Key; }");

$nginx->configure(http => $nginx->{http}
                          =~ s{(rtauth_zone 1m);}{$1 state=%%DIR%%/state/gone;}r);
RT::Preload::with($preload, sub { $nginx->start });

my ($users, $gone) = map { $nginx->dir . "/state/$_" } qw(users gone);


# a file that is to be put there

sub put {
    my ($path, $text) = @_;

    open my $fh, '>', "$path.part" or die $!;
    print $fh $text;
    close $fh or die $!;
    chown +(stat $users)[4, 5], "$path.part";
    chmod 0600, "$path.part" or die $!;
    rename "$path.part", "$path.put" or die $!;
}


sub was_put {
    my ($path) = @_;
    ok(!-e "$path.put", 'somebody puts another file there');
}


# -- users

sub made { return push_to($nginx, 'POST', '/Users', { userName => $_[0] }) }

sub are {
    my ($names, $what) = @_;

    my $got;

    $nginx->wait_for('users', sub {
        $got = join ' ', sort map { $_->{userName} }
                    @{push_to($nginx, 'GET', '/Users')->{json}{Resources}};
        return $got eq $names;
    });

    is($got, $names, $what);
}

my $ann = made('ann')->{json}{id};
my $copy = RT::Nginx::slurp($users);

made('bob');
put($users, $copy);
is(made('cid')->{status}, 503, 'a change while its file is replaced is refused');
was_put($users);
are('ann', 'the other file counts');
is(made('dan')->{status}, 201, 'and is written to');
are('ann dan', 'as it is');

put("$users.new", $copy);

my $n = 0;

until (!-e "$users.new.put" || ++$n > 400) {
    user_op($nginx, $ann, { op => 'replace', path => 'title',
                            value => "$n" . 'x' x 1000 });
}

was_put("$users.new");
are('ann', 'while it is written anew: the other file counts');
is(substr(RT::Nginx::slurp($users), 0, length $copy), $copy, 'and stays');
ok(!-e "$users.new", 'what was to replace it is gone');

$n = 0;

until (-s $users < 20_000 && $n > 80 || ++$n > 400) {
    user_op($nginx, $ann, { op => 'replace', path => 'title',
                            value => "$n" . 'x' x 1000 });
}

cmp_ok(-s $users, '<', 20_000, 'and is written anew later');


# -- what was revoked

my %token = map { $_ => 'Authorization: Bearer '
                        . RT::JWT::token(sub => $_, iat => int(time) - 60,
                                         exp => int(time) + 86400) }
            qw(eva fay);

sub revoke {
    return $nginx->post('/revoke', 'application/x-www-form-urlencoded', $_[0],
                        headers => ["Authorization: Bearer $Key"])->{status};
}

is(revoke('sub=eva'), 200, 'somebody is revoked');
$copy = RT::Nginx::slurp($gone);
put($gone, $copy);
is(revoke('sub=fay'), 507, 'while its file is replaced, nobody is');
was_put($gone);
is(results($nginx, $token{fay}), join(' ', ('200 ok') x 4), 'who was not');
is(revoke('sub=fay'), 200, 'the other file is written to');
like(RT::Nginx::slurp($gone), qr/^\Q$copy\E.*\n$/, 'behind what it has');

my ($line) = RT::Nginx::slurp($gone) =~ /(.* k .*\n)/;

put("$gone.new", $copy);

open my $fh, '>>', $gone or die $!;
flock $fh, LOCK_EX or die $!;
print $fh $line x 1000;
close $fh or die $!;

ok($nginx->wait_for('a file that has grown', sub { !-e "$gone.new.put" }),
   'one that has grown is written anew, and replaced meanwhile');
ok($nginx->wait_for('the other file', sub {
    RT::Nginx::slurp($gone) =~ /^\Q$copy\E/ && -s $gone < 1000 * length $line
}), 'which stays');

$nginx->stop;
$nginx->start;
is(results($nginx, $token{eva}), join(' ', ('401 revoked') x 4),
   'and counts after a restart');

$nginx->end(undef, 'cannot be written to \(\d+: ',
            'is shorter than it was');
done_testing();

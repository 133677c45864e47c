#!/usr/bin/perl

# Nothing ends a test in silence: neither a connection that nginx, or a Redis,
# closes while the test writes to it, nor another test that signals an nginx which
# was killed, by the pid that it had.

use strict;
use warnings;

use lib 't/lib';

use Errno qw(EPIPE);
use Socket;
use Test::More;

use RT::Nginx;


socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die $!;
close $theirs;

is(syswrite($ours, 'x'), undef, 'a write to a closed socket fails');
is($! + 0, EPIPE, 'and says why');

my $shell = qx(sh -c 'kill -s PIPE \$\$; echo lived');

is($shell, '', 'what a test executes ends by that signal, as elsewhere');

my $nginx = RT::Nginx->new;

$nginx->file('nginx.pid', "$$\n");
is($nginx->master, undef, 'a pid that is no nginx of this test is not signalled');

done_testing();

#!/usr/bin/perl

# A connection that nginx, or a Redis, closes while a test writes to it does not
# end the test in silence.

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

done_testing();

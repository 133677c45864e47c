package RT::Together;

# Parts of a test that wait for long, all at once, each in a process of its
# own:
#
#   use RT::Together;           # before Test::More
#   RT::Together::run('one' => sub { ... }, 'another' => sub { ... });
#
# What they assert counts in the test.  A part makes all it needs by itself, and
# what it made ends with it.

use strict;
use warnings;

use Test2::IPC;
use Test::More ();


my @pids;


sub run {
    my @parts = @_;

    while (my ($name, $part) = splice @parts, 0, 2) {
        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            @pids = ();
            eval { $part->(); 1 } or Test::More::fail("$name: $@");
            exit 0;
        }

        push @pids, [$name, $pid];
    }

    while (my $part = shift @pids) {
        my ($name, $pid) = @$part;

        waitpid $pid, 0;
        Test::More::is($?, 0, "$name: to its end");
    }
}


END { kill 'TERM', map { $_->[1] } @pids }


1;

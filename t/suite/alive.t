#!/usr/bin/perl

# util/alive.sh: a silent command is told to be at work; its words, streams and
# exit code come through.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT;


sub alive {
    my ($silence, $command) = @_;

    local $ENV{SILENCE} = $silence;
    open my $pipe, '-|', "$RT::Top/util/alive.sh", 'name', 'sh', '-c', $command
        or die $!;

    my $said = do { local $/; <$pipe> } // '';
    close $pipe;

    return ($said, $? >> 8);
}


my ($said, $rc) = alive(1, 'echo first; sleep 3; echo last; exit 3');

like($said, qr/^first\n(?:name: at work, \d+ s\n)+last\n$/,
     'whoever is silent is said to be at work');
is($rc, 3, 'with its exit code');

($said, $rc) = alive(10, 'echo out; echo err >&2; printf "no newline"');

is($said, "out\nerr\nno newline", 'both streams, byte for byte');
is($rc, 0, 'and no failure');

($said, $rc) = alive(1, 'printf half; sleep 2; echo " a line"');

is(join('', split /\n|name: at work, \d+ s\n/, $said), 'half a line',
   'half a line is shown when it has waited');

done_testing();

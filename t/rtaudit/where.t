#!/usr/bin/perl

# What is found out after its line was read still names that line: in merge, in init, in the zone.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit']);

my $zone = "rtaudit_zone 2m;\n";
my $sink = "rtaudit_sink main file:%%DIR%%/logs/audit.log;";

my @cases = (
    'no memory for "rtaudit_sink main"', "
        $sink  # here
        server { }
    ",

    'unknown sink "mian" in "rtaudit"', "
        $zone $sink
        server {
            location / {
                rtaudit mian;  # here
            }
        }
    ",

    'unknown sink "mian" in "rtaudit"', "
        rtaudit mian;  # here
        $zone $sink
        server { }
    ",

    'is too small for 1 worker processes', "
        rtaudit_zone 256k;  # here
        $sink
        server { rtaudit main; }
    ",
);

while (my ($says, $http) = splice @cases, 0, 2) {
    $nginx->blames($says, http => $http);
}

done_testing;

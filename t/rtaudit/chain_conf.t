#!/usr/bin/perl

# rtaudit_chain: what nginx -t says of a line that is wrong.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit']);
my $key = 'key=data:' . 'x' x 32;

$nginx->file('sign.pem',
             RT::Nginx::slurp("$RT::Top/t/data/keys/ed.pem"));
$nginx->file('rsa.pem', RT::Nginx::slurp("$RT::Top/t/data/keys/rsa.pem"));
chmod 0600, map { $nginx->dir . "/$_" } 'sign.pem', 'rsa.pem' or die $!;

for (
    ['invalid parameter "kay=x" in "rtaudit_chain": write "key=SECRET"',
     'kay=x'],
    ['invalid parameter "key=data:y" in "rtaudit_chain"', "$key key=data:y"],
    ['invalid parameters in "rtaudit_chain": write "key=SECRET", like',
     'checkpoint=5s'],
    ['the "key" of "rtaudit_chain" is too short: make it at least 32 bytes',
     'key=data:' . 'x' x 31],
    ['/nowhere/key', 'key=file:/nowhere/key'],
    ['the "sign" of "rtaudit_chain" is no private key of Ed25519 in PEM',
     "$key sign=data:pem"],
    ['the "sign" of "rtaudit_chain" is no private key of Ed25519 in PEM',
     "$key sign=file:" . $nginx->dir . '/rsa.pem'],
    ['invalid time "0" in "rtaudit_chain": write 1s to 1h',
     "$key checkpoint=0"],
    ['invalid time "2h" in "rtaudit_chain"', "$key checkpoint=2h"],
    ['invalid time "x" in "rtaudit_chain"', "$key checkpoint=x"],
) {
    my ($says, $args) = @$_;

    $nginx->blames($says, http => "rtaudit_chain $args; # here");
}

$nginx->blames('"rtaudit_chain" directive is duplicate',
               http => "rtaudit_chain $key;\nrtaudit_chain $key; # here");

my $sinks = "rtaudit_zone 1m;\nrtaudit_sink away syslog:udp://127.0.0.1:9 class=all;";

$nginx->blames('"rtaudit_chain" seals the lines of files, and no '
               . '"rtaudit_sink" is one',
               http => "$sinks\nrtaudit_chain $key; # here");

$nginx->{http} = <<"EOC";
    rtaudit_zone 1m;
    rtaudit_chain $key sign=file:sign.pem checkpoint=1h;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
EOC

my ($rc, $out) = $nginx->try;

is($rc, 0, 'all of it at once') or diag($out);
unlike($out, qr/x{32}/, 'no message shows the key');

done_testing();

#!/usr/bin/perl

# A worker is not ready while a sink is away that its audit log needs.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
                           jwks_file $RT::Top/t/data/keys/jwks.json; }
    rtaudit_zone 1200k;
    rtaudit_sink main file:%%DIR%%/logs/audit.log required;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtauth corp;
        location = /ready { rtauth off; rtauth_status ready; }
        location = /alone { rtauth off; rtaudit off; rtauth_status ready; }
    }
EOT

my $file = $nginx->dir . '/logs/audit.log';

sub becomes {
    my ($status, $what) = @_;

    ok($nginx->wait_for($what, sub {
        $nginx->get('/ready')->{status} == $status
    }), $what);
}

symlink '/dev/full', $file or die $!;
$nginx->start;

becomes(503, 'the sink cannot be written to');
is($nginx->get('/alone')->{status}, 200, 'where nothing is audited it is ready');

unlink $file;
$nginx->reopen;
becomes(200, 'it can');

$nginx->end(undef, 'cannot write to');

done_testing();

#!/usr/bin/perl

# metadata.lost tells a sink what it did not get itself.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOT');
    rtaudit_zone 1200k;
    rtaudit_sink bad file:%%DIR%%/logs/bad.log;
    rtaudit_sink good file:%%DIR%%/logs/good.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit bad good;
        location / { return 200; }
    }
EOT

my $bad = $nginx->dir . '/logs/bad.log';
symlink '/dev/full', $bad or die $!;
$nginx->start;

my $asked = 600;
$nginx->get("/r$_") for 1 .. $asked;

unlink $bad;
$nginx->reopen;
$nginx->get('/last');
$nginx->wait_for('the last', sub { RT::Nginx::slurp($bad) =~ m{"/last"} });
$nginx->stop;

my @good = RT::Audit->new($nginx->dir . '/logs/good.log')->all;
is(@good, $asked + 1, 'the good sink has them all');
is((grep { $_->{metadata}{lost} } @good), 0, 'and is told of no loss');

my @bad = RT::Audit->new($bad)->all;
my $lost = 0;
$lost += $_->{metadata}{lost} || 0 for @bad;
cmp_ok($lost, '>', 0, 'the bad one is');
is(@bad + $lost, $asked + 1, 'of each it did not get');

my %id = map { $_->{id} => 1 } @good;
is((grep { !$id{$_->{id}} } @bad), 0, 'an event is the same in both');

$nginx->quiet('cannot write to');

done_testing();

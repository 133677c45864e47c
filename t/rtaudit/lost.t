#!/usr/bin/perl

# metadata.lost tells a sink what it did not get itself; AUDIT_DROP, when lines
# can be written again.

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

my $file = $nginx->dir . '/logs/bad.log';
symlink '/dev/full', $file or die $!;
$nginx->start;

my ($bad, $good) = map { RT::Audit->new($nginx->dir . "/logs/$_.log") }
                   qw(bad good);

my $asked = 600;
$nginx->get("/r$_") for 1 .. $asked;

unlink $file;
$nginx->reopen;
$nginx->get('/last');
$nginx->wait_for('the last', sub { $bad->raw =~ m{"/last"} });

my $drop = $bad->told('AUDIT_DROP');
$nginx->end('TERM', 'cannot write to');

my @good = $good->all;
is(@good, $asked + 1, 'the good sink has them all');
is((grep { $_->{metadata}{lost} } @good), 0, 'and is told of no loss');

my @bad = $bad->all;
my $lost = 0;
$lost += $_->{metadata}{lost} || 0 for @bad;
cmp_ok($lost, '>', 0, 'the bad one is');
is(@bad + $lost, $asked + 1, 'of each it did not get');

my %id = map { $_->{id} => 1 } @good;
is((grep { !$id{$_->{id}} } @bad), 0, 'an event is the same in both');

is($drop->{error}{type}, 'audit_lost', 'it is an error');
is($drop->{metadata}{counts}{dropped}{disk}, $lost, 'with the reason');

my @own = map { join ' ', map { $_->{actionType} =~ s/^AUDIT_//r } $_->own }
          $bad, $good;
is((() = $own[0] =~ /DROP/g), 1, 'told once');
is($own[1], 'START CONFIG STOP', 'to whom it has happened');
like($own[0], qr/ STOP$/, 'TERM is an end, too');

done_testing();

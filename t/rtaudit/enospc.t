#!/usr/bin/perl

# A disk of 1 MB that is full, really: lines wait, no line is torn, and all come
# when there is room again, also those of a spool.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Intake;
use RT::Nginx;
use RT::Syslog;


plan(skip_all => 'who is not root mounts nothing') if $> != 0;

my $c = RT::Intake->new;
my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/disk/main.log;
    rtaudit_sink required file:%%DIR%%/disk/required.log required;
    rtaudit_sink away @{[ $c->target ]} spool=%%DIR%%/disk/spool:16m class=all;
    rtaudit_sink other file:%%DIR%%/logs/other.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main required away other;
        location / { return 200; }
    }
EOF

my $disk = $nginx->dir . '/disk';

mkdir $disk, 0755 or die $!;
plan(skip_all => 'nothing can be mounted here')
    if system("mount -t tmpfs -o size=1m,mode=0755 tmpfs $disk 2>/dev/null");

END { my $rc = $?; system("umount -l $disk 2>/dev/null") if $disk && $> == 0; $? = $rc }


$nginx->start;
$nginx->get('/first');
$c->wait(1);

open my $ballast, '>', "$disk/ballast" or die $!;
1 while syswrite $ballast, 'x' x 4096;
close $ballast;

my $asked = 1;

sub ask { $asked++; RT::Intake::take_all(); $nginx->get('/r')->{status} }

ok($nginx->wait_for('a refusal', sub { ask() == 503 }), 'full: refused');

for (qw(main.log required.log spool)) {
    ok($nginx->wait_for($_, sub {
        ask();
        $nginx->log_text =~ m{\[crit\].* cannot write to "\S+/$_" \(28: };
    }), "$_: said");
}

unlink "$disk/ballast" or die $!;

ok($nginx->wait_for('an answer', sub { ask() == 200 }), 'room: let in again');
RT::Intake::until('all', sub { $c->accepted == $asked });
$nginx->end(undef, 'cannot write to');

for my $sink (qw(main required away other)) {
    is(RT::Syslog::books($nginx, $sink)->{written}, $asked,
       "$sink: all are written");
}

my @ids = map { $_->{id} } RT::Audit->new($nginx->dir . '/logs/other.log')->all;

for my $sink (qw(main required)) {
    is_deeply([map { $_->{id} } RT::Audit->new("$disk/$sink.log")->all], \@ids,
              "$sink: they are there, once");
}

is_deeply([sort map { $_->{id} } RT::Audit::check($c->accepted)], [sort @ids],
          'away: likewise');

done_testing();

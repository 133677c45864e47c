#!/usr/bin/perl

# fsync=TIME: the thread commits what it wrote, groups at a time; a commit that
# fails takes back what was said to be written.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Disk;
use RT::Nginx;
use Time::HiRes qw(time);


sub nginx {
    my ($how, %opt) = @_;

    return RT::Nginx->new(modules => ['rtaudit'], %opt, http => <<"EOT");
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log $how;

    server {
        listen 127.0.0.1:%%PORT0%% reuseport;
        rtaudit main;
        location / { return 200; }
    }
EOT
}


sub books {
    my $nginx = shift;

    my @n = $nginx->log_text =~ /"main" slot \d+: requests (\d+) waived 0 written (\d+) dropped (\d+) left (\d+)/;
    return \@n;
}


# -- off, which is the default

for my $how ('', 'fsync=off') {
    my $disk = RT::Disk->new;
    my $nginx = nginx($how);

    $disk->start($nginx);
    $nginx->get("/r$_") for 1 .. 5;
    RT::Audit->new($nginx->dir . '/logs/audit.log')->events(5);
    $nginx->end;

    is($disk->commits, 0, "\"$how\": the disk is not waited for");
}


# -- as often as TIME says, and to the last line without another one

for my $how ('fsync=0', 'fsync=1s') {
    my $disk = RT::Disk->new;
    my $nginx = nginx($how);
    my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
    my $from = time;

    $disk->start($nginx);
    $nginx->get('/first');
    ok($nginx->wait_for('a commit', sub { $disk->commits }),
       "$how: what was written is committed");
    $audit->event;

    for my $n (1 .. 10) {
        $nginx->get("/r$n");
        $audit->event;
    }

    my $before = $disk->commits;

    if ($how eq 'fsync=0') {
        cmp_ok($before, '>', 1, 'group after group');

    } else {
        cmp_ok($before, '<=', 1 + time - $from, 'no more often');
    }

    # what the last commit did not have, the next one has

    $disk->hold('/last');
    $nginx->get('/last');
    ok($disk->waits, 'the last line is committed, too');
    is($nginx->get('/meanwhile')->{status}, 200, 'and no request waits for it');
    $disk->go;
    $audit->events(2);
    $nginx->end;
    is_deeply(books($nginx), [13, 13, 0, 0], 'the books agree');
}


# -- in vain: what was written counts as lost, and is told; so is what an event
#    told that is lost itself

my $disk = RT::Disk->new;
my $nginx = nginx('fsync=0');
my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');

$disk->start($nginx);

for my $uri ('/one', '/two') {
    my $was = () = $nginx->log_text =~ /cannot write to/g;

    $disk->fail($uri);
    $nginx->get($uri);
    ok($nginx->wait_for('the line', sub {
        my $is = () = $nginx->log_text
            =~ /cannot write to .*Input.output error/g;
        $is > $was
    }), "$uri: a commit that fails is said");
    $disk->mend;
    ok($nginx->wait_for('the notice', sub {
        my $is = () = $nginx->log_text =~ /writes to .* again/g;
        $is > $was
    }), 'and when it does no more');
}

$nginx->get('/three');

my @e = $audit->events(3);
is($e[1]{metadata}{lost}, 1, 'the second tells of the first');
is($e[2]{metadata}{lost}, 2, 'the third of both: the second told in vain');
$nginx->end(undef, 'cannot write to');
is_deeply(books($nginx), [3, 1, 2, 0], 'the books agree');


# -- an error that comes later is told once for each opening of the file: every
#    worker has one, and learns of it, after USR1, too

$disk = RT::Disk->new;
$nginx = nginx('fsync=0', workers => 2);
$disk->start($nginx);

for my $uri ('/at-first', '/anew') {
    my $before = length $nginx->log_text;
    my %told;

    $disk->late($uri);

    ok($nginx->wait_for('both', sub {
        $nginx->get($uri);
        %told = map { $_ => 1 } substr($nginx->log_text, $before)
                =~ /\[crit\] (\d+)#.*cannot write to .*Input.output error/g;
        keys %told == 2;
    }), "$uri: each worker learns of it") or diag(join ' ', keys %told);

    ok($nginx->wait_for('the notices', sub {
        2 <= (() = substr($nginx->log_text, $before) =~ /writes to .* again/g);
    }), 'once');

    $disk->mend;
    rename $nginx->dir . '/logs/audit.log', $nginx->dir . '/logs/old.log'
        or die $!;
    $nginx->reopen($nginx->dir . '/logs/audit.log');
}

$nginx->end(undef, 'cannot write to', 'losses are told in no event');

done_testing();

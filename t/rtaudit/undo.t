#!/usr/bin/perl

# A worker that is killed before its lines are booked: another one takes them
# back from the file and writes them again, but not while somebody else has the
# file's lock: then they are there twice.

use strict;
use warnings;
use lib 't/lib';

use Fcntl qw(LOCK_EX);
use RT::Together;
use Test::More;
use RT::Audit;
use RT::Disk;
use RT::Nginx;


sub killed {
    my $locked = shift;

    my $disk = RT::Disk->new;
    my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOF

    my $file = $nginx->dir . '/logs/audit.log';
    my $lines = sub { scalar(() = RT::Nginx::slurp($file) =~ m{"/two"}g) };

    $disk->start($nginx);
    $nginx->get('/one');
    RT::Audit->new($file)->event;

    # which no line waits for longer than a second

    open my $fh, '<', $file or die $!;
    flock $fh, LOCK_EX or die $! if $locked;

    $disk->stall('/two');
    $nginx->get('/two');
    ok($disk->stalls, 'it is written');

    my $size = -s $file;
    my ($worker) = $nginx->workers;
    my $least = $size;

    kill 'KILL', $worker;
    $disk->mend;

    if ($locked) {
        ok($nginx->wait_for('it once more', sub {
            $least = -s $file if -s $file < $least;
            $lines->() == 2;
        }), 'another worker writes it again');
        is($least, $size, 'and takes nothing back meanwhile');

    } else {
        $nginx->wait_for('another worker', sub {
            grep { $_ != $worker } $nginx->workers
        });
        $nginx->get('/three');
        ok($nginx->wait_for('the next', sub {
            RT::Nginx::slurp($file) =~ m{"/three"}
        }), 'another worker goes on');
        is($lines->(), 1, 'and it is there once');
    }

    RT::Audit->new($file)->all;
    $nginx->end(undef, 'exited on signal 9');
}


RT::Together::run(free => sub { killed(0) }, locked => sub { killed(1) });

done_testing();

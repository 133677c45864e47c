#!/usr/bin/perl

# A reload that changes the size of the zone, or an upgrade, while a sink
# stalls: what the old zone holds is written once the sink takes lines again,
# or its number stands in the error log.

use strict;
use warnings;
use lib 't/lib';

use Fcntl qw(O_RDWR O_NONBLOCK);
use POSIX qw(mkfifo);
use RT::Together;
use Test::More;
use RT::Audit;
use RT::Nginx;


my $http = <<'EOF';
    rtaudit_zone SIZE;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
        location /slow { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOF

sub with { $http =~ s/SIZE/$_[0]/r }


# a server whose sink takes nothing, and what it was asked for

sub stalled {
    my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                               level => 'notice', http => with('2m'), @_);
    my $file = $nginx->dir . '/logs/audit.log';

    symlink '/dev/full', $file or die $!;
    $nginx->start;
    $nginx->get("/r$_") for 1 .. 30;

    return ($nginx, $file);
}

# it takes lines again

sub mended {
    my ($nginx, $file) = @_;

    unlink $file or die $!;
    $nginx->reopen;

    return RT::Audit->new($file);
}

# the events from the file are just these

sub are {
    my ($audit, $name, @want) = @_;

    my @got = sort map { $_->{request}{url} } $audit->events(scalar @want);
    is_deeply(\@got, [sort @want], $name);
}

sub only_new {
    my $nginx = shift;
    ok($nginx->wait_for('the old workers to end', sub {
        $nginx->workers(1) == $nginx->{workers}
    }), 'the old workers end');
}

# a request that gets no answer

sub hold {
    my $nginx = shift;
    my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                   LocalPort => $nginx->port(1),
                                   Listen => 4, ReuseAddr => 1) or die $!;
    my $client = $nginx->ask('/slow');

    return ($up, $client, $up->accept);
}

my @thirty = map { "/r$_" } 1 .. 30;
my $allowed = qr/cannot write to|exited on signal 9/;


my %part;

# -- the old worker ends, nothing was written

$part{'the old worker ends'} = sub {
    my ($nginx, $file) = stalled();

    ok($nginx->reload(http => with('3m')), 'another size');
    only_new($nginx);
    $nginx->get('/new');

    my $audit = mended($nginx, $file);
    are($audit, 'all events are written, each once', @thirty, '/new');

    $nginx->get('/after');
    are($audit, 'and the next', '/after');

    $nginx->stop;
    $nginx->quiet($allowed);
    like($nginx->log_text, qr/slot 0: requests 32 waived 0 written 32 dropped 0 left 0/,
         'the books of the new zone hold them');
};


# -- the same with several workers, and two more sizes before it can write

$part{'several workers'} = sub {
    my ($nginx, $file) = stalled(workers => 2);

    for my $size (qw(3m 4m)) {
        ok($nginx->reload(http => with($size)), "size $size");
        $nginx->get("/s$size");
        only_new($nginx);
    }

    are(mended($nginx, $file), 'all are written', @thirty, '/s3m', '/s4m');
    $nginx->end('QUIT', $allowed);
};


# -- it never writes again

$part{'it never writes again'} = sub {
    my ($nginx, $file) = stalled();

    ok($nginx->reload(http => with('3m')), 'another size');
    only_new($nginx);
    $nginx->get('/new');
    $nginx->stop;

    my $lost = 0;
    $lost += $_ for $nginx->log_text =~ /\[crit\].*sink "main" at the end: (\d+) events were not written, 0 losses/g;

    is($lost, 31, 'the number of all that was not written is in the log');
    $nginx->quiet($allowed, 'at the end:');
};


# -- the sink is not there any more

$part{'the sink is gone'} = sub {
    my ($nginx, $file) = stalled();

    ok($nginx->reload(http => with('3m') =~ s/\bmain\b/other/gr
                                         =~ s/audit\.log/other.log/r),
       'another size, another sink');
    ok($nginx->wait_for('the number', sub {
        $nginx->log_text =~ /\[crit\].*sink "main" at the end: 0 events were not written, 30 losses are told in no event/
    }), 'what its sink cannot get is said');

    $nginx->end('QUIT', $allowed, 'at the end:');
};


# -- kill -9 of an old worker, which has a request in hand

$part{'kill -9'} = sub {
    my ($nginx, $file) = stalled();

    my @held = hold($nginx);
    my ($old) = $nginx->workers;

    ok($nginx->reload(http => with('3m')), 'another size');
    kill 'KILL', $old;
    only_new($nginx);

    my $audit = mended($nginx, $file);
    are($audit, 'what it left is written', @thirty);

    # told when the zone is empty, which may be later than its last line

    my $told = 0;
    ok($nginx->wait_for('the loss', sub {
        $nginx->get('/next');
        $told = $audit->event->{metadata}{lost} || 0;
    }), 'and what it had in hand');
    is($told, 1, 'is told');

    $nginx->end('QUIT', $allowed);
};


# -- killed while it writes to a pipe that is full

$part{'a pipe'} = sub {
    my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => with('2m'));
    my $file = $nginx->dir . '/logs/audit.log';
    mkfifo($file, 0600) or die $!;
    sysopen my $pipe, $file, O_RDWR | O_NONBLOCK or die $!;
    chown +(getpwnam('nobody'))[2, 3], $file if $> == 0;

    $nginx->start;
    $nginx->get("/p$_") for 1 .. 200;

    my @held = hold($nginx);
    my ($old) = $nginx->workers;

    ok($nginx->reload(http => with('3m')), 'another size');
    kill 'KILL', $old;
    only_new($nginx);

    my ($text, %got) = '';
    ok($nginx->wait_for('the rest', sub {
        sysread $pipe, my $more, 65536 or return 0;
        $text .= $more;
        $got{$_}++ for $text =~ /"url":"(\/p\d+)"/g;
        my $all = keys %got == 200;
        %got = () if !$all;
        return $all;
    }), 'all go through the pipe');
    is_deeply([grep { $_ != 1 } values %got], [], 'once');

    # nobody asks any more, so that no event can tell of the request in hand

    $nginx->end('QUIT', $allowed, 'at the end: 0 events were not written, 1 losses');
};


# -- an upgrade: the old master says what its zone held

$part{'an upgrade'} = sub {
    my ($nginx, $file) = stalled();

    my $master = $nginx->master;

    kill 'USR2', $master;
    ok($nginx->wait_for('another master', sub {
        my $now = $nginx->master;
        $now && $now != $master && $nginx->workers == 1
    }), 'another nginx beside the old one');
    kill 'QUIT', $master;
    ok($nginx->wait_for('the old one to end', sub { !RT::Nginx::runs($master) }),
       'the old one ends');

    like($nginx->log_text, qr/\[crit\].*sink "main" at the end: 30 events were not written, 0 losses/,
         'and says the number');
    $nginx->end('QUIT', $allowed, 'at the end:');
};


RT::Together::run(%part);

done_testing();

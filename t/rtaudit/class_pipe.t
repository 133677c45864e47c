#!/usr/bin/perl

# A line of a sink with classes that is half out goes on with its own bytes;
# when a reload has changed the classes, it is begun anew.

use strict;
use warnings;
use lib 't/lib';

use Fcntl;
use POSIX qw(mkfifo);
use Test::More;
use RT::Audit;
use RT::Nginx;


my $http = <<'EOT';
    rtaudit_zone 4m;
    rtaudit_sink pipe file:%%DIR%%/logs/pipe.log class=CLASS;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit pipe;
        rtaudit_level request;
        large_client_header_buffers 4 16k;
        location / { return 200; }
    }
EOT


# A pipe is full after some of these, each of which takes four of its pages; own
# events have taken another one, so that its last line is torn.

sub run {
    my ($before, $after) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtaudit'],
                               http => $http =~ s/CLASS/$before/r);
    my $fifo = $nginx->dir . '/logs/pipe.log';

    mkfifo($fifo, 0600) or die $!;
    sysopen my $pipe, $fifo, O_RDONLY | O_NONBLOCK or die $!;
    $nginx->start;

    my $asked = 20;
    $nginx->get("/r$_?a=" . 'x' x 7900) for 1 .. $asked;

    # the pipe has taken what it can: an event is in its ring

    my ($got, $last) = (-1, -2);
    $nginx->wait_for('a pipe that takes no more', sub {
        $last = $got;
        $got = unpack 'L', ioctl_unread($pipe);
        $got == $last && $got > 50_000;
    });

    # another worker goes on: the one that began is killed

    my ($worker) = $nginx->workers;
    ok($nginx->reload(http => $http =~ s/CLASS/$after/r), "$before, $after");
    kill 'KILL', $worker;

    my $text = '';
    $nginx->wait_for('all events', sub {
        while (sysread $pipe, my $part, 1 << 20) { $text .= $part }
        $text =~ m{"/r$asked\?.*\n}
    });

    $nginx->end(undef, 'exited on signal 9');

    my (@lines, @torn);

    for my $line (split /(?<=\n)/, $text) {
        if (eval { RT::Audit::parse($line) }) {
            push @lines, $line;
        } else {
            push @torn, $line;
        }
    }

    my @events = RT::Audit::check(@lines);
    my %url = map { $_->{request}{url} => 1 } @events;

    is(@events, $asked, 'each event is there once');
    is(keys %url, $asked, 'whole');

    return (\@torn, \@events);
}


sub ioctl_unread {
    my $n = pack 'L', 0;

    ioctl($_[0], 0x541b, $n) or die $!;         # FIONREAD
    return $n;
}


my ($torn, $events) = run('content', 'content');
is(@$torn, 0, 'the same classes: no line is torn');

($torn, $events) = run('content', 'content,health');
is(@$torn, 1, 'other classes: the line that was half out is ended');
is_deeply($events->[-1]{metadata}{class}, ['health', 'content'],
          'and all that follow have the new ones');

done_testing();

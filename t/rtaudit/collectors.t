#!/usr/bin/perl

# syslog: sinks with the collectors that Debian ships: every way, and what
# happens to either side while events come.

use strict;
use warnings;
use lib 't/lib';

use RT::Together;
use Test::More;
use RT::Audit;
use RT::Collector;
use RT::Nginx;
use RT::Syslog;


sub works_with {
    my $name = shift;

    my $c = RT::Collector->new($name)->start;
    my $to = $c->targets;
    my @ways = grep { !RT::skips($to->{$_}) } sort keys %$to;
    my $sinks = join '', map { "    rtaudit_sink $_ $to->{$_};\n" } @ways;

    my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2,
                               http => <<EOF);
    rtaudit_zone 8m;
$sinks    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit @ways main;
        rtaudit_level request;
        location / { return 200; }
    }
EOF

    my $n = 0;
    my $ask = sub { $nginx->get('/r' . ++$n . '?' . 'x' x $n) for 1 .. $_[0] };

    # by sink: the events that there are, however often

    my $seen = sub {
        my %seen;

        for ($c->lines) {
            my ($tag, $pid, $sink, $event) = @$_;
            my ($url) = ($event // '') =~ m{"url":"/(r\d+)\?};

            $seen{$sink}{$url}++ if defined $url && $event =~ /\}\n\z/;
        }

        return \%seen;
    };

    my $all = sub {
        my $what = shift;

        ok($nginx->wait_for($what, sub {
            my $seen = $seen->();
            !grep { keys %{$seen->{$_} || {}} != $n } @ways;
        }), "$name: $what: all of $n events came by each way");
    };

    $nginx->start;
    $ask->(60);
    $all->('at work');

    my @lines = $c->lines;
    is(@lines, 60 * @ways, 'once');
    RT::Audit::check(map { $_->[3] } @lines);
    is_deeply([grep { $_->[0] ne 'nginx' || $_->[1] !~ /^\d+$/ } @lines], [],
              'with their tag and worker');

    $c->stop;
    $ask->(30);
    $c->start;
    $ask->(10);
    $all->('after its end');

    $nginx->reload;
    $ask->(30);
    $all->('after a reload');

    $nginx->reopen;
    $ask->(10);
    $all->('after USR1');

    my ($worker) = $nginx->workers;
    kill 'KILL', $worker;
    $nginx->wait_for('another worker', sub {
        my @now = $nginx->workers;
        @now == 2 && !grep { $_ == $worker } @now;
    });
    $ask->(20);
    $all->('after a worker was killed');

    my $old = $nginx->master;
    kill 'USR2', $old;
    ok($nginx->wait_for('another master', sub {
        my $now = $nginx->master;
        $now && $now != $old && $nginx->workers == 2
    }), 'another nginx beside the old one');

    $ask->(30);
    kill 'QUIT', $old;
    ok($nginx->wait_for('its end', sub { !kill 0, $old }), 'the old one ends');
    $ask->(10);
    $all->('after an upgrade');

    $nginx->end(undef, 'cannot write to', 'is gone', 'exited on signal 9',
                'events were not written, 0 losses');

    # A stream that was read to its end has lost nothing.  What the killed
    # worker had under way is in no books that are logged.

    for my $way (@ways) {
        my $books = RT::Syslog::books($nginx, $way);

        is($books->{dropped}, 0, "$way: nothing counts as lost")
            if $way =~ /^t/;
        is($books->{written} + $books->{dropped} + $books->{left},
           $books->{requests}, "$way: requests = written + dropped");
    }

    $c->stop;
}


RT::Together::run(map { my $name = $_; $name => sub { works_with($name) } }
                  qw(rsyslog syslog-ng));

done_testing();

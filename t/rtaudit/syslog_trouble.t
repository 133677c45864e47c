#!/usr/bin/perl

# A collector that is dead, slow or rude: no request waits, no other sink loses
# anything, and requests = written + dropped.

use strict;
use warnings;
use lib 't/lib';

use RT::Together;
use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::Syslog;


my $n = 0;

# one sink beside a file; both names are in the books

sub nginx {
    my ($target, %opt) = @_;

    return RT::Nginx->new(modules => ['rtaudit'], %opt, http => <<EOF);
    rtaudit_zone 1200k;
    rtaudit_sink away $target;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        large_client_header_buffers 4 16k;
        rtaudit away main;
        location / { return 200; }
    }
EOF
}


sub ask { $_[0]->get('/r' . ++$n)->{status} }


sub ids { map { $_->{id} } RT::Syslog::events(@_) }


# ends nginx; what the sink's books say, which add up

sub books {
    my ($nginx, @allowed) = @_;

    $nginx->end(undef, 'sink "away" cannot write', @allowed);

    my @file = RT::Audit->new($nginx->dir . '/logs/audit.log')->all;
    my $main = RT::Syslog::books($nginx, 'main');
    my $away = RT::Syslog::books($nginx, 'away');

    is($main->{written}, $main->{requests}, 'the file has them all');
    is($away->{requests}, $main->{requests}, 'the same requests');
    is($away->{written} + $away->{dropped} + $away->{left},
       $away->{requests}, 'requests = written + dropped');

    return ($away, map { $_->{id} } @file);
}


my %part;


# -- nobody listens; later, somebody does

for my $way (qw(tcp udp tls unix)) { $part{"dead $way"} = sub {
    return if RT::skips("syslog:$way:");

    my $c = RT::Syslog->new($way);
    my $ca = $way eq 'tls' ? " ca=$c->{dir}/cert.pem" : '';
    my $nginx = nginx($c->target . $ca);

    $c->stop;
    $nginx->start;
    is(ask($nginx), 200, "$way: dead: served");

    ok($nginx->wait_for('the error', sub { $nginx->log_text =~ /\[crit\]/ }),
       'it is said');
    like($nginx->log_text, $way eq 'unix'
         ? qr/"unix:.*" of sink "away" is gone: start the collector/
         : qr/sink "away" cannot write to "$way:.*" \(111: /, 'and why');

    ask($nginx) for 1 .. 20;
    $c->start;

    my @ids = ids($c->wait(21));

    ok($nginx->wait_for('the notice', sub {
        $nginx->log_text =~ /sink "away" writes to .* again/
    }), 'that it is over is said as well');

    my ($away, @all) = books($nginx, 'is gone');

    is_deeply(\@ids, \@all, 'all arrived, in order, once');
    is($away->{written}, 21, 'and are in the books');

    my @crit = $nginx->log_text =~ /\[crit\]/g;
    is(@crit, 1, 'said once');
    $c->stop;
} }


# -- it closes in order, and comes back: nothing is lost

for my $way (qw(tcp tls)) { $part{"closes $way"} = sub {
    return if RT::skips("syslog:$way:");

    my $c = RT::Syslog->new($way);
    my $ca = $way eq 'tls' ? " ca=$c->{dir}/cert.pem" : '';
    my $nginx = nginx($c->target . $ca);

    $nginx->start;

    for (1 .. 5) {
        ask($nginx);
        $c->wait(1);
        $c->stop(only => 1);
    }

    ask($nginx);
    $c->wait(1);

    my ($away, @all) = books($nginx);

    # where TLS ends, what was read may be sent again

    my %seen;
    my @once = grep { !$seen{$_}++ } ids(@{$c->{messages}});

    is_deeply(\@once, \@all, "$way: all are there");
    is($away->{written}, 6, 'and written');

    if ($way eq 'tcp') {
        is(@once, @{$c->{messages}}, 'once');
        unlike($nginx->log_text, qr/\[crit\]/,
               'an idle connection that is closed is nothing to talk of');
    }

    $c->stop;
} }


# -- it ends with something unread: that is said by a reset, and is booked

$part{unread} = sub {
    my $c = RT::Syslog->new('tcp');
    my $nginx = nginx($c->target);

    my $unread = 0;

    $nginx->start;
    ask($nginx);
    $c->wait(1);

    # unless the half second is over just then

    ok($nginx->wait_for('the loss', sub {
        $c->{deaf} = 1;
        ask($nginx) for 1 .. 3;
        $unread += 3;

        # acknowledged by its machine, read by nobody

        $nginx->wait_for('bytes', sub {
            $c->accept;
            my ($client) = @{$c->{clients}} or return 0;

            $client->{socket}->recv(my $part, 1 << 16, Socket::MSG_PEEK());
            3 <= (() = $part =~ /"id":/g);
        });

        $c->reset;
        $c->start;
        $c->{deaf} = 0;

        # the first meets the reset, the second tells of it

        for (1 .. 2) {
            ask($nginx);
            $c->wait(1);
        }

        grep { $_->{metadata}{lost} } RT::Syslog::events(@{$c->{messages}});
    }), 'the loss is told');

    my ($away, @all) = books($nginx, 'losses are told in no event');

    # how much of it was written before the last look is not known
    cmp_ok($away->{dropped}, '>', 0, 'some count as lost');
    cmp_ok($away->{dropped}, '<=', @all, 'no more than there were');

    my %got = map { $_ => 1 } ids(@{$c->{messages}});
    cmp_ok(scalar keys %got, '>=', @all - $unread, 'what was read is there');
    $c->stop;
};


# -- it accepts and reads nothing: the others go on, and lines are given up

$part{slow} = sub {
    my $c = RT::Syslog->new('tcp', rcvbuf => 4096);
    my $nginx = nginx($c->target);
    my %status;

    $nginx->start;
    $c->{deaf} = 1;

    my $fill = 'x' x 7000;

    # no faster than the writer gets its turn, however busy this machine is

    my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');

    for my $step (1 .. 60) {
        $status{$nginx->get('/r' . ++$n . $fill)->{status}}++ for 1 .. 10;

        $nginx->wait_for('the file', sub {
            10 * $step == (() = $audit->text =~ /\n/g);
        });
    }

    is_deeply(\%status, { 200 => 600 }, 'slow: all are served');

    $c->{deaf} = 0;
    $nginx->get('/last');
    $nginx->wait_for('the last', sub {
        $c->take;
        $c->{messages}[-1] && $c->{messages}[-1]{text} =~ m{"/last"};
    });

    my ($away, @all) = books($nginx);
    my %got = map { $_ => 1 } ids(@{$c->{messages}});

    is(@all, 601, 'the file has all');
    cmp_ok($away->{dropped}, '>', 0, 'some were given up');
    cmp_ok(scalar keys %got, '>=', $away->{written}, 'what counts as written');
    is((grep { !$got{$_} } @all) <= $away->{dropped} ? 1 : 0, 1,
       'what is not there was counted');
    $c->stop;
};


# -- what it says does not matter

$part{garbage} = sub {
    my $c = RT::Syslog->new('tcp');
    my $nginx = nginx($c->target);

    $nginx->start;
    ask($nginx);
    $c->wait(1);
    $c->{clients}[0]{socket}->syswrite("\0\xff" x 40000) for 1 .. 3;
    ask($nginx) for 1 .. 20;
    $c->wait(20);

    my ($away, @all) = books($nginx);
    is_deeply([ids(@{$c->{messages}})], \@all, 'garbage is not listened to');
    $c->stop;
};


# -- required

$part{required} = sub {
    my $c = RT::Syslog->new('tcp');
    my $nginx = nginx($c->target . ' required');

    $c->stop;
    $nginx->start;
    $nginx->wait_for('a refusal', sub { ask($nginx) == 503 });
    is(ask($nginx), 503, 'required and dead: refused');
    $c->start;
    ok($nginx->wait_for('an answer', sub { $c->take; ask($nginx) == 200 }),
       'let in again');

    my ($away, @all) = books($nginx);
    $c->take;
    is_deeply([ids(@{$c->{messages}})], \@all, 'refusals are events, too');
    $c->stop;
};


RT::Together::run(%part);

done_testing();

#!/usr/bin/perl

# The spool of https: and http: sinks: workers that are killed, a power cut, a
# folder that is full or gone.  Nothing is missing that was written.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Intake;
use RT::Nginx;
use RT::Syslog;


my $n = 0;


sub nginx {
    my ($c, %opt) = @_;

    return RT::Nginx->new(modules => ['rtaudit'], %opt, http => <<EOF);
    rtaudit_zone 16m;
    rtaudit_sink away @{[ $c->target ]} spool=%%DIR%%/spool:16m
                      class=all $opt{sink};
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit away main;
        rtaudit_level request;
        rtaudit_body 1m;
        rtaudit_max_event 1m;
        client_body_buffer_size 1m;
        location / { return 200; }
        location /body { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }

    server { listen 127.0.0.1:%%PORT1%%; return 200; }
EOF
}


sub ask { my ($nginx, $k) = @_; $nginx->get('/r' . ++$n) for 1 .. $k }


sub written { map { $_->{id} } RT::Audit->new("$_[0]/logs/audit.log")->all }


# each that is in the file has come, and nothing else; some came twice

sub all_came {
    my ($c, $nginx, $name) = @_;

    my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
    my (%want, %got);

    RT::Intake::until($name, sub {
        %want = map { $_ => 1 } $audit->text =~ /"id":"([0-9a-f-]{36})"/g;
        %got = map { $_ => 1 } map { /"id":"([0-9a-f-]{36})"/ } $c->accepted;
        join(' ', sort keys %got) eq join(' ', sort keys %want);
    });

    is_deeply([sort keys %got], [sort keys %want], $name);
}


sub segments { grep { m{/[0-9a-f]{16}\z} } glob $_[0]->dir . '/spool/*' }


# -- whoever sends is killed, wherever it is

{
    my $c = RT::Intake->new;
    my $nginx = nginx($c, workers => 2, ports => 2, sink => '');

    $nginx->start;

    for my $answer (200, { hang => 1 }, { status => 200, cut => 9 }, 503) {
        $c->{always} = $answer;
        ask($nginx, 20);

        my $before = @{$c->{requests}};
        RT::Intake::until('a request', sub {
            ask($nginx, 1);
            @{$c->{requests}} > $before;
        });

        my @workers = $nginx->workers;
        kill 'KILL', @workers;
        $nginx->wait_for('other workers', sub {
            my %old = map { $_ => 1 } @workers;
            2 == grep { !$old{$_} } $nginx->workers;
        });
    }

    $c->{always} = 200;
    ask($nginx, 20);

    # what a worker had in its ring is written by another one

    all_came($c, $nginx, 'killed: none is missing') for 1 .. 2;

    $nginx->end(undef, 'exited on signal 9', 'losses are told in no event');

    my $books = RT::Syslog::books($nginx, 'away');
    is($books->{requests}, $books->{written} + $books->{dropped},
       'requests = written + dropped');
}


# -- a power cut: what is torn or damaged is not sent, all else is

{
    my $c = RT::Intake->new;
    my $nginx = nginx($c, ports => 2, sink => '');
    my $spool = $nginx->dir . '/spool';

    $c->stop;
    $nginx->start;
    ask($nginx, 5);
    $nginx->wait_for('lines', sub { 5 == written($nginx->dir) });
    $nginx->stop;

    my $file = RT::Intake::gather($spool);
    my @lines = split /(?<=\n)/, RT::Nginx::slurp($file);

    is(@lines, 5, 'all of them are on disk');

    # the second is damaged, what is behind the third is torn off

    substr($lines[1], 40, 1) ^= "\x01";

    open my $fh, '+<', $file or die $!;
    print $fh join '', @lines[0 .. 2], substr $lines[3], 0, 100;
    truncate $fh, tell $fh;
    close $fh;

    # another line is added to it

    $nginx->start;
    ask($nginx, 1);
    $c->start;
    $c->wait(3);

    my @urls = map { $_->{request}{url} }
               RT::Audit::check($c->accepted);
    is_deeply([map { s/\D//gr - $n + 5 } @urls], [0, 2, 5],
              'whole lines are sent, and the next');

    ok($nginx->wait_for('the loss', sub {
        $nginx->log_text =~ /1 events of sink "away" were refused or damaged/
    }), 'the damaged one is said');

    $nginx->end(undef, 'refused or damaged');
}


# -- it is full: lines wait in the ring, the file has them all; required: 503

{
    my $c = RT::Intake->new;
    my $nginx = nginx($c, ports => 2, sink => 'required');

    $c->stop;
    $nginx->start;

    my $body = '{"a":"' . 'x' x 900_000 . '"}';
    my $status;

    ok($nginx->wait_for('a refusal', sub {
        $status = $nginx->post('/body', 'application/json', $body)->{status};
        $status != 200;
    }), 'a spool that is full refuses');
    is($status, 503, 'as one that is required');
    ok($nginx->wait_for('the reason', sub {
        $nginx->log_text =~ /cannot write to "http:.*": its spool is full/
    }), 'and says so');

    my $size = 0;
    $size += -s for glob $nginx->dir . '/spool/*';
    cmp_ok($size, '<=', 16 << 20, 'it is no larger than it may be');

    $c->start;
    ok(RT::Intake::until('an answer', sub {
        $nginx->get('/after')->{status} == 200;
    }), 'let in again, once the collector takes some');

    all_came($c, $nginx, 'full: all of them come');
    ok($nginx->wait_for('the last', sub { !segments($nginx) }),
       'and nothing is left');
    $nginx->end(undef, 'its spool is full');
}


# -- the folder is removed, and made anew

{
    my $c = RT::Intake->new;
    my $nginx = nginx($c, ports => 2, sink => '');
    my $spool = $nginx->dir . '/spool';

    $nginx->start;
    ask($nginx, 1);
    $c->wait(1);

    my ($user) = (stat $spool)[4];

    $nginx->wait_for('no folder', sub {
        unlink glob "$spool/*";
        rmdir $spool;
    });
    $nginx->wait_for('the alarm', sub {
        $nginx->log_text =~ /\[crit\].*is gone: make the folder/
    });
    is($nginx->get('/' . ++$n)->{status}, 200, 'gone: served');

    mkdir $spool, 0700 or die $!;
    chown $user, -1, $spool;
    $c->wait(1);
    ok($nginx->wait_for('the notice', sub {
        $nginx->log_text =~ /sink "away" writes to .* again/
    }), 'made anew: the line that waited comes');
    $nginx->end(undef, 'is gone: make the folder');
}

done_testing();

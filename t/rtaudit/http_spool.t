#!/usr/bin/perl

# The spool of https: and http: sinks: workers that are killed, a power cut, a
# folder that is full or gone.  Nothing is missing that was written.

use strict;
use warnings;
use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use POSIX qw(mkfifo);
use RT::Together;
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


my %part;


# -- whoever sends is killed, wherever it is

$part{'killed'} = sub {
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
};


# -- a power cut: what is torn or damaged is not sent, all else is

$part{'a power cut'} = sub {
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
};


# -- it is full: lines wait in the ring, the file has them all; required: 503

$part{'full'} = sub {
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
        $nginx->log_text =~ /cannot write to "\S+\/spool": its spool is full/
    }), 'and says so');

    my $size = 0;
    $size += -s for glob $nginx->dir . '/spool/*';
    cmp_ok($size, '<=', 16 << 20, 'it is no larger than it may be');

    # pauses have grown for as long as it took to fill it

    $c->start;
    $nginx->reload;
    ok(RT::Intake::until('an answer', sub {
        $nginx->get('/after')->{status} == 200;
    }), 'let in again, once the collector takes some');

    ok(RT::Intake::until('the last', sub { !segments($nginx) }),
       'and nothing is left');
    all_came($c, $nginx, 'full: all of them come');
    $nginx->end(undef, 'its spool is full');
};


# -- the folder is removed, and made anew

$part{'no folder'} = sub {
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
        $nginx->log_text =~ /\[crit\].*"\S+\/spool" of sink "away" is gone: make the folder/
    });
    is($nginx->get('/' . ++$n)->{status}, 200, 'gone: served');

    mkdir $spool, 0700 or die $!;
    chown $user, -1, $spool;
    $c->wait(1);
    ok($nginx->wait_for('the notice', sub {
        $nginx->log_text =~ /sink "away" writes to .* again/
    }), 'made anew: the line that waited comes');
    $nginx->end(undef, 'is gone: make the folder');
};


# -- the zone gets another size while nothing can be added: the lines of the old
#    one come, too

$part{'another size'} = sub {
    my $c = RT::Intake->new;
    my $nginx = nginx($c, ports => 2, sink => '');
    my $spool = $nginx->dir . '/spool';

    $nginx->start;
    ask($nginx, 1);
    all_came($c, $nginx, 'at first');

    $nginx->wait_for('no file', sub { mkdir "$spool/open" });
    ask($nginx, 20);
    ok($nginx->wait_for('the error', sub {
        $nginx->log_text =~ /cannot write to "\S+\/spool" \(21: /
    }), 'another size: nothing can be added');

    ok($nginx->reload(http => $nginx->{http} =~ s/zone 16m/zone 17m/r),
       'reloaded');
    ask($nginx, 5);
    rmdir "$spool/open" or die $!;
    all_came($c, $nginx, 'those of the old zone come, and of the new');
    is($c->accepted, 26, 'once');
    ok(RT::Intake::until('the end', sub { !segments($nginx) }),
       'nothing is left');
    $nginx->end(undef, 'cannot write to', 'it cannot be read');
};


# -- something in it is not as it should be: that is said, with the mend, and
#    after it all come.  A sink for each trouble.

my %odd;

# "make": before nginx starts; "break": while it sends; "worsen": after that was
# said; "mend": what helps

%odd = (
    sender => {
        make => sub { mkdir "$_[0]/sender", 0700 or die $! },
        says => qr/"sender" cannot be locked: .* \(21: /,
        mend => sub { rmdir "$_[0]/sender" or die $! },
        waits => 1,
    },
    pipe => {
        make => sub { mkfifo("$_[0]/0000000000000001", 0600) or die $! },
        says => qr/it cannot be read: .* \(22: /,
        worsen => sub {
            unlink "$_[0]/0000000000000001" or die $!;
            symlink 'x', "$_[0]/0000000000000001" or die $!;
        },
        then => qr/it cannot be read: .* \(40: /,
        mend => sub { unlink "$_[0]/0000000000000001" or die $! },
    },
    kept => {
        deaf => 1,
        break => sub { chmod 0500, $_[0] or die $! },
        says => qr/what was sent cannot be removed: .* \(13: /,
        mend => sub { chmod 0700, $_[0] or die $! },
        once => 1,
    },
    anew => {
        deaf => 1,
        break => sub {
            my ($user) = (stat $_[0])[4];
            unlink glob "$_[0]/*";
            rmdir $_[0] or die $!;
            mkdir $_[0], 0700 or die $!;
            chown $user, -1, $_[0];
        },
        lost => 1,
    },
    noise => {
        args => 'format=datadog',
        make => sub {
            open my $fh, '>', "$_[0]/0000000000000001" or die $!;
            print $fh substr(sha256_hex('noise'), 0, 16), " noise\n";
            close $fh;
        },
    },
    long => {
        args => 'format=es_bulk',
        always => { status => 200, items => [], most => 2 },
    },
);

$part{'odd'} = sub {
    my $sinks = '';
    my $user = $> == 0 ? (getpwnam 'nobody')[2] : $>;

    for my $name (sort keys %odd) {
        my $odd = $odd{$name};
        my ($format) = ($odd->{args} // '') =~ /format=(\w+)/;

        $odd->{c} = RT::Intake->new(format => $format || 'retool',
                                    always => $odd->{always});
        $sinks .= "rtaudit_sink $name " . $odd->{c}->target
                  . " spool=%%DIR%%/$name:16m class=all "
                  . ($odd->{args} // '') . ";\n";
    }

    my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
    $sinks
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main @{[ sort keys %odd ]};
        location / { return 200; }
        location /status { rtaudit off; rtaudit_status prometheus; }
    }
EOF

    my $dir = $nginx->dir;

    for my $name (grep { $odd{$_}{make} } keys %odd) {
        mkdir "$dir/$name", 0700 or die $!;
        $odd{$name}{make}->("$dir/$name");
        chown $user, -1, "$dir/$name", glob "$dir/$name/*" or die $!;
    }

    $_->{c}{deaf} = $_->{deaf} for values %odd;
    $nginx->start;

    $nginx->get('/r' . ++$n) for 1 .. 5;

    for my $name (grep { $odd{$_}{break} } keys %odd) {
        ok(RT::Intake::until('a batch', sub {
            grep { m{/[0-9a-f]{16}\z} } glob "$dir/$name/*"
        }), "$name: something is sent");
        $odd{$name}{break}->("$dir/$name");
        $odd{$name}{c}{deaf} = 0;
    }

    # what was in a folder that is gone went with it

    $nginx->get('/last');
    my $audit = RT::Audit->new("$dir/logs/audit.log");
    my %want = map { $_->{id} => 1 } $audit->events(6);

    for my $name (sort keys %odd) {
        my ($odd, $c) = ($odd{$name}, $odd{$name}{c});

        for my $says (grep { defined } $odd->{says}, $odd->{then}) {
            ok(RT::Intake::until('the trouble', sub {
                $nginx->log_text =~ /\[crit\].* sink "$name" stay in "\S+\/$name", $says/
            }), "$name: is said") or diag($nginx->log_text);
            (delete $odd->{worsen})->("$dir/$name") if $odd->{worsen};
        }

        if ($odd->{waits}) {
            my $m;

            ok(RT::Intake::until('what waits', sub {
                $m = $nginx->get('/status')->{body};
                $m =~ /^rtaudit_spool_bytes\{sink="$name"\} [1-9]/m;
            }), "$name: what waits is known");
        }

        $odd->{mend}->("$dir/$name") if $odd->{mend};
    }

    for my $name (sort keys %odd) {
        my ($odd, $c) = ($odd{$name}, $odd{$name}{c});
        my %got;

        ok(RT::Intake::until("$name: all", sub {
            %got = ();
            $got{$_}++ for grep { $want{$_} }
                map { /"id":"([0-9a-f-]{36})"/ } $c->accepted;
            $odd->{lost} ? grep { m{"/last"} } $c->accepted : keys %got == 6;
        }), "$name: all events come") or diag(scalar keys %got);

        is(scalar(grep { $_ != 1 } values %got), 0, "$name: once")
            if $odd->{once};
        ok(RT::Intake::until('the end', sub {
            !grep { m{/(?:[0-9a-f]{16}|open)\z} && -s } glob "$dir/$name/*"
        }), "$name: nothing is left");

        my @said = $nginx->log_text =~ /\[crit\].* sink "$name" stay in /g;
        is(@said, grep({ defined } $odd->{says}, $odd->{then}),
           "$name: each trouble said once");
    }

    is((grep { !@{$_->{lines}} } map { @{$_->{c}{requests}} } values %odd), 0,
       'no request is empty');
    is(RT::Nginx::slurp("$dir/noise/refused"),
       substr(sha256_hex('noise'), 0, 16) . " noise\n",
       'what is no event is kept aside');

    like($nginx->log_text, qr/1 events of sink "noise" were refused, and /,
         'and said');
    $nginx->end(undef, 'stay in', 'were refused, and are kept in',
                'sink "kept" cannot write to');
};


RT::Together::run(%part);

done_testing();

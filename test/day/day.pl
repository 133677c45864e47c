#!/usr/bin/perl

# A day in the life: one nginx with sinks of all kinds under load, while whatever
# can happen to it happens.  In the end each sink has, or has counted as lost,
# every request; what its books call written has come, once where that is
# promised; and every chain verifies.  DAY_SECONDS: how long (240).

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use Time::HiRes qw(sleep time);
use RT::Audit;
use RT::Collector;
use RT::Disk;
use RT::Intake;
use RT::Nginx;


$RT::Nginx::Deadline = 60;

my $seconds = $ENV{DAY_SECONDS} || 240;
my @files = qw(plain required strict health);
my $syslog = RT::Collector->new('rsyslog')->start;
my $intake = RT::Intake->new;
my $disk = RT::Disk->new;
my $to = $syslog->targets;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2,
                           http => <<EOF);
    rtaudit_zone 64m;
    rtaudit_chain key=file:%%DIR%%/key sign=file:%%DIR%%/sign checkpoint=5s;
    rtaudit_sink plain file:%%DIR%%/logs/plain.log;
    rtaudit_sink required file:%%DIR%%/logs/required.log required;
    rtaudit_sink strict file:%%DIR%%/logs/strict.log strict fsync=20ms;
    rtaudit_sink health file:%%DIR%%/logs/health.log class=health;
    rtaudit_sink udp $to->{udp};
    rtaudit_sink tcp $to->{tcp};
    rtaudit_sink tls $to->{tls};
    rtaudit_sink away @{[ $intake->target ]} class=all spool=%%DIR%%/spool:64m;

    server {
        listen 127.0.0.1:%%PORT0%% reuseport;
        rtaudit_level request;
        location / {
            rtaudit plain required health udp tcp tls away;
            empty_gif;
        }
        location /strict {
            rtaudit plain required strict health udp tcp tls away;
            empty_gif;
        }
        location /status { rtaudit off; rtaudit_status prometheus; }
    }
EOF

my @sinks = (@files, qw(udp tcp tls away));
my $dir = $nginx->dir;

$nginx->file('key', "b7c8a1f0d2e34b5566778899aabbccdd\n");
system("openssl genpkey -algorithm ed25519 -out $dir/sign") == 0 or die;
chmod 0600, "$dir/key", "$dir/sign" or die $!;
$disk->start($nginx);

my $flag = "$dir/stop";
my $from = time;
my $rotated = 0;
my %happened;


# asks until it is told to stop, and counts what it got

sub client {
    my $n = shift;
    my $pid = fork // die "fork: $!";

    return $pid if $pid;

    $intake->stop;

    my (%got, $k);

    until (-e $flag) {
        my $s = $nginx->connect or next;

        for (1 .. 100) {
            my $uri = ++$k % 5 ? "/c$n/$k?a=" . $k % 97 : "/strict/c$n/$k";
            my $answer = '';

            $s->syswrite("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n") or last;
            1 while $answer !~ /\r\n\r\n/
                    && $s->sysread($answer, 65536, length $answer);

            my ($status) = $answer =~ /\AHTTP\/1.1 (\d+)/;
            $got{$status // 'none'}++;
            last if !$status || $status != 200 || -e $flag;
            sleep 0.002;
        }
    }

    open my $fh, '>', "$dir/got.$n" or die $!;
    print $fh join ' ', map { "$_ $got{$_}" } sort keys %got;
    close $fh;
    POSIX::_exit(0);
}


# a while, in which the collector takes what comes

sub meanwhile {
    my $end = time + shift;

    while (time < $end) {
        RT::Intake::take_all();
        sleep 0.02;
    }
}


my @events = (
    'a worker is killed' => sub {
        my @workers = $nginx->workers;
        kill 'KILL', $workers[rand @workers];
    },
    'rotation' => sub {
        $rotated++;
        rename "$dir/logs/$_.log", "$dir/logs/$_.log.$rotated" or die $!
            for @files;
        $nginx->reopen(map { "$dir/logs/$_.log" } @files);
    },
    'the collector answers 503' => sub {
        $intake->{always} = 503;
        meanwhile(5);
        $intake->{always} = 200;
    },
    'the disk stalls' => sub {
        $disk->hold('strict');
        meanwhile(3);
        $disk->go;
    },
    'the collector is gone' => sub {
        $intake->stop;
        sleep 4;
        $intake->start;
    },
    'the disk is full' => sub {
        $disk->full('"url":"/c');
        meanwhile(3);
        $disk->mend;
    },
    'reload' => sub { $nginx->reload },
    'rsyslog ends' => sub {
        $syslog->stop;
        meanwhile(3);
        $syslog->start;
    },
    'upgrade' => sub {
        my $old = $nginx->master;

        kill 'USR2', $old;
        RT::Intake::until('another master', sub {
            my $now = $nginx->master;
            $now && $now != $old && $nginx->workers == 2
        }) or die "no upgrade\n";
        meanwhile(2);
        kill 'QUIT', $old;
        RT::Intake::until('its end', sub { !RT::Nginx::runs($old) });
    },
    'the disk fails late' => sub {
        $disk->late('strict');
        meanwhile(3);
        $disk->mend;
    },
);

my @clients = map { client($_) } 1 .. 3;
srand($ENV{RT_SEED} || 1);

for (my $i = 0; time < $from + $seconds; $i += 2) {
    my ($what, $happens) = @events[$i % @events, $i % @events + 1];

    meanwhile(2 + rand 2);
    note(sprintf '%5.1f s: %s', time - $from, $what);
    $happens->();
    $happened{$what}++;

    RT::Intake::until('the workers', sub { $nginx->workers == 2 });
}

meanwhile(2);
open my $fh, '>', $flag or die $!;
close $fh;
waitpid $_, 0 for @clients;

my %got;

for my $n (1 .. 3) {
    my %one = split / /, RT::Nginx::slurp("$dir/got.$n");
    $got{$_} += $one{$_} for keys %one;
}

note("clients got: ", join ', ', map { "$got{$_} times $_" } sort keys %got);
note("$happened{$_} times: $_") for sort keys %happened;

ok(RT::Intake::until('the spool', sub {
    !grep { m{/(?:[0-9a-f]{16}|open)\z} && -s } glob "$dir/spool/*"
}), 'the spool is empty');

# an event more for each ring, so that losses are told

for (1 .. 20) {
    RT::Intake::until('the last', sub {
        my $status = $nginx->get('/strict/last')->{status} // 'none';
        $got{$status}++;
        return $status eq 200;
    });
}

ok(RT::Intake::until('the spool', sub {
    !grep { m{/(?:[0-9a-f]{16}|open)\z} && -s } glob "$dir/spool/*"
}), 'and is again');
$nginx->signal('QUIT');
RT::Intake::until('the end', sub { !$nginx->master });


# -- the books of each master, and what its zone lost at its end

my $log = $nginx->log_text;
my %books;

for my $sink (@sinks) {
    my %sum;

    while ($log =~ /"$sink" slot \d+: (.*)/g) {
        my %n = $1 =~ /(\w+) (\d+)/g;
        $sum{$_} += $n{$_} for keys %n;
    }

    my ($left) = (0);
    $left += $_ for $log =~ /sink "$sink" at the end: (\d+) events were/g;

    note(sprintf '%-8s requests %d written %d dropped %d left %d, '
                 . 'at the end %d', $sink,
         @sum{qw(requests written dropped left)}, $left);
    is($sum{written} + $sum{dropped} + $sum{left}, $sum{requests},
       "$sink: requests = written + dropped");
    $books{$sink} = \%sum;
}

# what got no answer may have been a request

my $none = delete $got{none} || 0;
my $answered = 0;
$answered += $_ for values %got;
between($books{plain}{requests}, $answered, $answered + $none,
        'each answer is a request in the books');


sub between {
    my ($n, $least, $most, $name) = @_;

    ok($least <= $n && $n <= $most, "$name: $least <= $n <= $most");
}


# a commit that failed counts its lines as lost, which may be there

for my $sink (@files) {
    my @names = map { "logs/$sink.log$_" }
                (map { ".$_" } 1 .. $rotated), '';
    my (%ids, $twice, $intents, $own);

    for my $name (@names) {
        open my $fh, '<', "$dir/$name" or die "$name: $!";

        while (my $line = <$fh>) {
            if (RT::Audit::is_own($line)) { $own++; next }
            if ($line =~ /"stage":"received"/) { $intents++; next }
            my ($id) = $line =~ /"id":"([0-9a-f-]{36})"/ or next;
            $twice++ if $ids{$id}++;
        }
    }

    note(sprintf '%-8s %d events in %d files, %d twice, %d intents, %d own',
         $sink, scalar keys %ids, scalar @names, $twice // 0, $intents // 0,
         $own // 0);

    my %sum = %{$books{$sink}};

    between(scalar keys %ids, $sum{written},
            $sink eq 'strict' ? $sum{requests} : $sum{written},
            "$sink: what was written is there");
    is($twice // 0, 0, "$sink: once");

    my $out = `cd $dir && $RT::Tool audit verify --key key @names 2>&1`;
    is($? >> 8, 0, "$sink: its chains verify") or diag($out);
    note($out =~ s/^/    /gmr);
}

my @alerts = grep { /\[(?:alert|emerg)\]/ && !/exited on signal 9/ }
             split /\n/, $log;
is_deeply(\@alerts, [], 'no alert');

my %crit;
$crit{s/.*\[(?:crit|error)\] \d+#\d+: //r =~ s/\*?\d+/N/gr}++
    for grep { /\[(?:crit|error)\]/ } split /\n/, $log;
note("$crit{$_} x $_") for sort { $crit{$b} <=> $crit{$a} } keys %crit;

# at least once: what a break, or a kill, left unknown is sent again

my %came;
$came{away}{$_}++ for map { /"id":"([0-9a-f-]{36})"/ } $intake->accepted;
note(scalar(@{$intake->{requests}}), ' requests came by http');

for my $line ($syslog->lines) {
    $came{$line->[2]}{$1}++ if $line->[3] =~ /"id":"([0-9a-f-]{36})"/;
}

for my $sink (qw(away tcp tls udp)) {
    my $n = keys %{$came{$sink}};
    my $again = 0;
    $again += $_ - 1 for values %{$came{$sink}};
    note("$sink: $n events came, $again times one came again");

    # what rsyslog read before it ended may count as dropped; of datagrams
    # nobody knows what was read

    my %sum = %{$books{$sink}};

    between($n, $sink eq 'udp' ? 0 : $sum{written},
            $sink eq 'away' ? $sum{written} : $sum{requests},
            "$sink: what was written has come");
}

done_testing();

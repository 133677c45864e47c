#!/usr/bin/perl

# What a strict sink promises when something breaks, beside what strict.t
# shows: processes that are killed, a full disk, a full ring, a zone that is
# made anew, an upgrade.  An intent without its event is what was in hand.

use strict;
use warnings;
use lib 't/lib';

use IO::Select;
use Test::More;
use RT::Audit;
use RT::Disk;
use RT::Nginx;


my $http = <<'EOT';
    rtaudit_zone SIZE;
    rtaudit_sink main file:%%DIR%%/logs/audit.log strict;

    server {
        listen 127.0.0.1:%%PORT0%% HOW;
        large_client_header_buffers 4 16k;
        rtaudit main;
        root %%DIR%%/html;
        location / { try_files /page =404; }
        location /app { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOT

my ($disk, $nginx, $audit);


sub with {
    my ($size, $how) = @_;
    return $http =~ s/SIZE/$size/r =~ s/ HOW/$how/r;
}


sub begin {
    my ($size, $how) = (@_, '');

    $disk = RT::Disk->new;
    $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                            http => with($size, $how));
    $nginx->file('html/page', 'page');
    $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
    $disk->start($nginx);
}


# a request that waits for its intent

sub held {
    my $uri = shift;

    $disk->hold($uri);
    my $s = $nginx->ask($uri);
    ok($disk->waits, "$uri waits");

    return $s;
}


# intents, events, and intents whose event is missing

sub account {
    my (%intent, %event);

    my @all = $audit->all;

    for (@all) {
        $_->{metadata}{stage} eq 'received' ? $intent{$_->{id}}++
                                            : $event{$_->{id}}++;
    }

    is((grep { $_ > 1 } values %intent, values %event), 0, 'none is twice');
    is((grep { $_->{status} == 200 && !$intent{$_->{id}} } @all), 0,
       'what was answered had its intent');

    return (scalar keys %intent, scalar keys %event,
            scalar grep { !$event{$_} } keys %intent);
}


sub books {
    my @n = (0) x 3;
    my $log = $nginx->log_text;

    while ($log =~ /"main" slot \d+: requests (\d+) waived 0 written (\d+) dropped (\d+) left 0/g) {
        $n[0] += $1;
        $n[1] += $2;
        $n[2] += $3;
    }

    is($n[0], $n[1] + $n[2], 'the books agree');
    return @n;
}


# -- workers that are killed: one that waits for the disk, one that waits for
#    the application

begin('2m');

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 8, ReuseAddr => 1) or die $!;

sub crash {
    my ($pid) = $nginx->workers;

    kill 'KILL', $pid;
    ok($nginx->wait_for('another worker', sub {
        my @now = $nginx->workers;
        @now == 1 && $now[0] != $pid
    }), 'killed, and there is another');
}

my $s = held('/app/1');
crash();
$disk->go;

is($nginx->get('/next')->{status}, 200, 'served');
ok(!IO::Select->new($up)->can_read(0), 'the application never saw it');

$s = $nginx->ask('/app/2');
my $c = $up->accept;
crash();
is($nginx->get('/last')->{status}, 200, 'served');
close $c;
$nginx->end('QUIT', 'exited on signal 9');

my ($intents, $events, $open) = account();
is($events, 2, 'two have an event');
is($open, 2, 'two have an intent and no event');
is((books())[2], 2, 'and count as dropped');

my @lost = map { $_->{metadata}{lost} // () } $audit->all;
is("@lost", '1 1', 'which events tell');


# -- a full disk: who waits is refused, and then everybody, until there is room

begin('2m');
$nginx->get('/first');
$audit->events(2);
$disk->full('/first');
is($nginx->get('/full')->{status}, 503, 'a full disk: refused');
is($nginx->get('/full')->{status}, 503, 'from then on at once');
$disk->mend;
ok($nginx->wait_for('an answer',
                    sub { $nginx->get('/room')->{status} == 200 }),
   'let in when there is room');
$nginx->end('QUIT', 'No space left on device');
account();
is((books())[2], 0, 'nothing was lost');


# -- a full ring, behind a disk that stalls

begin('1200k');

my @all = held('/first');
my $fill = 'x' x 3000;
my $refused;

while (@all < 300 && !$refused) {
    my $next = $nginx->ask("/$fill");
    push @all, $next;

    # nginx has it when it answers another one

    $nginx->raw("GET / HTTP/1.1\r\n\r\n");
    $refused = IO::Select->new($next)->can_read(0);
}

cmp_ok(scalar @all, '>', 20, 'many wait');
ok($refused, 'and one more is refused');
$disk->go;
my %status;
$status{$nginx->answer($_)->{status}}++ for @all;
is_deeply(\%status, { 200 => @all - 1, 503 => 1 }, 'all the others go on');
$nginx->end;
account();
is((books())[2], 0, 'nothing was lost');


# -- rings that another worker drains, whose commits tell nobody here

begin('2m', ' reuseport');
ok($nginx->reload(workers => 8), 'more workers than rings');

my %late;
$late{$nginx->get("/late$_")->{status}}++ for 1 .. 40;
is_deeply(\%late, { 200 => 40 }, 'all of them serve');
$nginx->end;
my @late = account();
is("@late", '40 40 0', 'with an intent each');
like($nginx->log_text, qr/"main" slot 2: requests [1-9]/,
     'also in the ring that they share');


# -- a zone that is made anew, and an upgrade, while one waits

begin('2m');

for my $how ('resize', 'upgrade') {
    $s = held("/$how");

    my $old = $nginx->master;

    if ($how eq 'resize') {
        ok($nginx->reload(http => with('3m', '')), 'another zone');

    } else {
        kill 'USR2', $old;
        ok($nginx->wait_for('another master', sub {
            my $now = $nginx->master;
            $now && $now != $old && $nginx->workers == 1
        }), 'another nginx');
        kill 'QUIT', $old;
    }

    $disk->go;
    is($nginx->answer($s)->{status}, 200, 'it goes on in the old one');
    is($nginx->get("/new$how")->{status}, 200, 'as do others in the new one');

    if ($how eq 'upgrade') {
        ok($nginx->wait_for('the old one to end', sub {
            !RT::Nginx::runs($old)
        }), 'the old one ends');
    }
}


# -- a master that is killed: its workers go on

my $master = $nginx->master;
my ($worker) = $nginx->workers;

$s = held('/orphan');
kill 'KILL', $master;
ok($nginx->wait_for('its end', sub { !RT::Nginx::runs($master) }),
   'the master is killed');
$disk->go;
is($nginx->answer($s)->{status}, 200, 'its worker goes on');
kill 'QUIT', $worker;
ok($nginx->wait_for('the end', sub { !RT::Nginx::runs($worker) }),
   'until it is told to end');
$nginx->quiet;

($intents, $events, $open) = account();
is($intents, 5, 'all have an intent');
is($events, 5, 'and an event');
books();

done_testing();

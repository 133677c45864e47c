#!/usr/bin/perl

# HUP under load: as many events as requests, none twice; requests in hand
# of old workers have theirs.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $http = <<'EOF';
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        keepalive_requests 7;
        rtaudit main;
        location / { return 200; }
        location /slow { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOF

our $audit;
my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2, ports => 2,
                           http => $http);

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

$nginx->start;

my $file = $nginx->dir . '/logs/audit.log';
my $flag = $nginx->dir . '/stop';

# clients that count their answers

my @clients;

for my $c (1 .. 3) {
    pipe my $from, my $to or die $!;
    my $pid = fork // die $!;

    if ($pid == 0) {
        my $n = 0;

        until (-e $flag) {
            my $answer = $nginx->get("/c$c-$n");
            $n++ if $answer->{status} == 200;
        }

        syswrite $to, "$n\n";
        POSIX::_exit(0);
    }

    push @clients, { pid => $pid, from => $from, name => "c$c" };
}

# one request that an old worker has in hand during all of it

my $slow = $nginx->connect;
$slow->syswrite("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
my $held = $up->accept;
$held->sysread(my $request, 4096);

for my $workers (2, 3, 1, 2) {
    my $lines = () = RT::Nginx::slurp($file) =~ /\n/g;
    ok($nginx->reload(workers => $workers), "reload to $workers workers");
    ok($nginx->wait_for('more events', sub {
        my $now = () = RT::Nginx::slurp($file) =~ /\n/g;
        $now > $lines + 20;
    }), 'events go on');
}

open my $fh, '>', $flag or die $!;
close $fh;

my $asked = 1;
my %want = ('/slow' => 1);

for my $client (@clients) {
    waitpid $client->{pid}, 0;
    my $from = $client->{from};
    chomp(my $n = <$from>);
    $want{"/$client->{name}-$_"} = 1 for 0 .. $n - 1;
}

$held->syswrite("HTTP/1.0 200 OK\r\n\r\nslow");
close $held;
like($nginx->rest($slow), qr/\r\n\r\n.*slow/s, 'the old worker answers');

$nginx->stop;

my (%got, %id);
my @events = RT::Audit->new($file)->all;

$got{$_->{request}{url}}++ for grep { $_->{status} == 200 } @events;
$id{$_->{id}}++ for @events;

is(join(' ', grep { !$got{$_} } keys %want), '', 'no event is missing');
is(join(' ', grep { $id{$_} > 1 } keys %id), '', 'no id is there twice');
is(join(' ', grep { $got{$_} > 1 } keys %got), '', 'no request is there twice');
is(scalar(keys %got), scalar(keys %want), scalar(@events) . ' events');

my %boot = map { (split m{/}, $_->{metadata}{stream})[-1] => 1 } @events;
is(scalar(keys %boot), 1, 'the zone stays over reloads');

unlike($nginx->log_text, qr/dropped [1-9]|left [1-9]/, 'nothing was lost');
$nginx->quiet;

# a size that changes makes a new zone; old workers keep theirs

$nginx->start;
(my $larger = $http) =~ s/rtaudit_zone 4m/rtaudit_zone 5m/;
ok($nginx->reload(http => $larger), 'another size');
is($nginx->get('/new')->{status}, 200, 'it serves');

# too many workers for the zone in use: the reload is refused, the old go on

my @before = $nginx->workers;
$nginx->configure(workers => 20);
$nginx->signal('HUP');
ok($nginx->wait_for('the refusal', sub {
    $nginx->log_text =~ /\[emerg\].*"rtaudit_zone" in use was made for fewer/
}), 'what cannot be is said');
is_deeply([$nginx->workers], \@before, 'the old workers stay');
is($nginx->get('/old')->{status}, 200, 'and serve');

$nginx->end('QUIT', '"rtaudit_zone" in use');


# more generations than there are slots: losses are told as soon as an old
# worker is gone

$nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                        http => $http =~ s/rtaudit_zone 4m/rtaudit_zone 340k/r);
$up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                            LocalPort => $nginx->port(1),
                            Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";
$nginx->start;

my (@slow, @held);

for (1 .. 2) {
    push @slow, $nginx->connect;
    $slow[-1]->syswrite("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    push @held, scalar $up->accept;
    $held[-1]->sysread($request, 4096);
    ok($nginx->reload, "reload $_ with a request in hand");
}

is($nginx->get('/lost')->{status}, 200, 'served without a slot');
like($nginx->log_text, qr/all 2 slots are held by workers that are still/,
     'and said');

close $_ for @held;

$audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
is($_->{status}, 502, 'an old worker ends') for $audit->events(2);

my $told;

$nginx->wait_for('a slot', sub {
    $nginx->get('/told');
    ($told) = grep { $_->{metadata}{lost} }
        map { RT::Audit::parse($_) } $audit->fresh;
});
cmp_ok($told->{metadata}{lost}, '>=', 1, 'the loss is told');

$nginx->end;

done_testing();

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

# what one that ends leaves in the late ring is another one's

my %books = $nginx->log_text =~ /"main" slot (\d+): .* dropped (.*)/g;
is_deeply([grep { $_ ne '0 left 0' } values %books], [], 'nothing was lost');
$nginx->quiet;

# a size that changes makes a new zone; old workers keep theirs

$nginx->start;
(my $larger = $http) =~ s/rtaudit_zone 4m/rtaudit_zone 5m/;
ok($nginx->reload(http => $larger), 'another size');
is($nginx->get('/new')->{status}, 200, 'it serves');

# more workers than the zone was made for share its rings

ok($nginx->reload(workers => 20), 'more workers');
is($nginx->get("/more$_")->{status}, 200, "they serve ($_)") for 1 .. 20;

my $audit = RT::Audit->new($file);
ok($nginx->wait_for('all events', sub {
    my $lines = () = RT::Nginx::slurp($file) =~ m{"/more\d+"}g;
    $lines == 20
}), 'and audit');

# events that are larger than its rings take are another matter

my @before = sort $nginx->workers;
$nginx->configure(http => $larger =~ s/keepalive_requests/rtaudit_max_event 1m;
        keepalive_requests/r);
$nginx->signal('HUP');
ok($nginx->wait_for('the refusal', sub {
    $nginx->log_text =~ m{\[emerg\].*"rtaudit_zone"\ in\ use\ was\ made
        .*\ is\ made\ in\ \Q$nginx->{dir}\E/nginx\.conf:\d+$}mx
}), 'what cannot be is said');
is_deeply([sort $nginx->workers], \@before, 'the old workers stay');
is($nginx->get('/old')->{status}, 200, 'and serve');

$nginx->end('QUIT', '"rtaudit_zone" in use');

done_testing();

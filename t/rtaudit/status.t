#!/usr/bin/perl

# rtaudit_status: the numbers are those of the requests that were sent, over all
# workers, a killed one and a reload; how the sinks are doing; and who may look.

use strict;
use warnings;
use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2, ports => 3,
                           http => <<'EOT');
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink full file:%%DIR%%/logs/full.log;
    rtaudit_sink must file:%%DIR%%/logs/must.log required;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location /     { return 200; }
        location /none { rtaudit_level none if=$arg_x; return 200; }
        location /full { rtaudit main full; return 200; }
        location /must { rtaudit must; return 200; }
        location /slow { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        allow  127.0.0.1;
        deny   all;

        location = /json    { rtaudit_status; if ($arg_x) { set $a 1; } }
        location = /metrics { rtaudit_status prometheus; }
    }
EOT


sub text { $nginx->get('/metrics', port => 2)->{body} }


# { 'name{labels}' => number }, of both forms

sub numbers {
    my %text = map { /^rtaudit_(\w+(?:\{.*\})?) (\d+)$/ ? ($1 => $2) : () }
               split /\n/, text();

    return \%text;
}

sub of_json {
    my $json = decode_json($nginx->get('/json?x=1', port => 2)->{body});
    my %n;

    for my $name (keys %$json) {
        (my $short = $name) =~ s/^rtaudit_//;

        if (!ref $json->{$name}) {
            $n{$short} = $json->{$name};
            next;
        }

        for my $row (@{$json->{$name}}) {
            my $labels = join ',', map { qq($_="$row->{$_}") }
                grep { exists $row->{$_} } qw(sink reason result);
            $n{"$short\{$labels}"} = $row->{value};
        }
    }

    return \%n;
}


# what was lost with its file had been written before

sub dropped {
    my ($n, $sink) = @_;
    my $all = 0;

    $all += $n->{$_}
        for grep { /^dropped_total\{sink="$sink"/ && !/"unlinked"/ } keys %$n;

    return $all;
}


# what is there when all that was asked has come to rest

sub settled {
    my ($what, %want) = @_;
    my $n;

    my $there = $nginx->wait_for($what, sub {
        $n = numbers();
        !grep { ($n->{$_} // '') ne $want{$_} } keys %want;
    });

    ok($there, $what)
        or diag(map { "$_ " . ($n->{$_} // 'is not there') . "\n" } keys %want);

    for my $sink (qw(main full must)) {
        is($n->{qq(requests_total{sink="$sink"})},
           $n->{qq(waived_total{sink="$sink"})}
           + $n->{qq(written_total{sink="$sink"})} + dropped($n, $sink)
           + $n->{qq(backlog_events{sink="$sink"})}
           + $n->{qq(requests_in_hand{sink="$sink"})},
           "$what: the books of $sink are even");
    }

    return $n;
}


my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

symlink '/dev/full', $nginx->dir . '/logs/full.log' or die $!;
$nginx->start;

my $n = settled('at first', 'rings_held' => 2, 'sink_up{sink="main"}' => 1,
                'sink_required{sink="main"}' => 0,
                'sink_required{sink="must"}' => 1,
                'sink_errno{sink="main"}' => 0, rings => 5,
                'requests_total{sink="main"}' => 0,
                'dropped_total{sink="main",reason="crash"}' => 0,
                retired_zones => 0, retired_events => 0, refused_total => 0);

cmp_ok(abs($n->{start_time_seconds} - time), '<', 3600, 'counting began');
cmp_ok($n->{ring_size_bytes}, '>', 500_000, 'a ring has its part of the zone');

# requests of two workers, those without an event, a sink that fails

$nginx->get("/r$_") for 1 .. 20;
$nginx->get('/none?x=1') for 1 .. 3;
$nginx->get('/full') for 1 .. 4;
$nginx->get('/must');

$n = settled('requests', 'requests_total{sink="main"}' => 27,
             'waived_total{sink="main"}' => 3,
             'written_total{sink="main"}' => 24,
             'backlog_events{sink="main"}' => 0,
             'backlog_bytes{sink="main"}' => 0,
             'requests_total{sink="full"}' => 4,
             'backlog_events{sink="full"}' => 4,
             'written_total{sink="must"}' => 1,
             'sink_up{sink="full"}' => 0,
             'sink_errno{sink="full"}' => 28,
             'sink_up{sink="must"}' => 1);

cmp_ok($n->{'backlog_bytes{sink="full"}'}, '>', 2000, 'they have bytes');
cmp_ok($n->{ring_used_bytes}, '>', 500, 'a ring is in use');
cmp_ok($n->{ring_peak_bytes}, '>=', $n->{ring_used_bytes}, 'and was');

# the same in JSON

my $json = of_json();
my @differ = grep { !defined $json->{$_} || $json->{$_} ne $n->{$_} }
             grep { !/age_seconds|peak/ } keys %$n;

is(join(' ', @differ), '', 'JSON says the same');
is(scalar(keys %$json), scalar(keys %$n), 'and no more');

# promtool

SKIP: {
    skip 'no promtool', 1 if !grep { -x "$_/promtool" } split /:/, $ENV{PATH};

    my $file = $nginx->file('logs/metrics', text());
    my $said = `promtool check metrics < $file 2>&1`;

    is($?, 0, 'promtool finds nothing wrong') or diag($said);
}

# requests in hand, and the crash of their worker

my @slow = map { $nginx->ask("/slow$_") } 1 .. 3;
my @held = map { $up->accept } @slow;

settled('three in hand', 'requests_in_hand{sink="main"}' => 3);

my @pids = $nginx->workers;
kill 'KILL', @pids;

settled('they are lost', 'requests_in_hand{sink="main"}' => 0,
        'dropped_total{sink="main",reason="crash"}' => 3,
        'untold_events{sink="main"}' => 3, rings_held => 2);

# a required sink that is away

$nginx->get('/must');
my $written = settled('one more', 'backlog_events{sink="must"}' => 0,
                      'requests_in_hand{sink="must"}' => 0)
              ->{'written_total{sink="must"}'};

unlink $nginx->dir . '/logs/must.log';

$nginx->wait_for('a refusal', sub { $nginx->get('/must')->{status} == 503 });

settled('it is down', 'sink_up{sink="must"}' => 0,
        'sink_errno{sink="must"}' => 2);
cmp_ok(numbers()->{refused_total}, '>', 0, 'who was refused is counted');

$nginx->reopen;

settled('and up again', 'sink_up{sink="must"}' => 1,
        'sink_errno{sink="must"}' => 0);

$n = numbers();
cmp_ok($n->{'written_total{sink="must"}'}, '>=', $written,
       'a counter never goes back, though its file is gone');

# another configuration goes on counting

my $before = numbers()->{'requests_total{sink="main"}'};
ok($nginx->reload, 'a reload');
$nginx->get("/s$_") for 1 .. 5;

settled('after it', 'requests_total{sink="main"}' => $before + 5);

# one for each worker that had a request for the full disk: one or two

ok($nginx->wait_for('the rings of who has ended', sub {
    numbers()->{rings_held} > 2;
}), 'a ring is held in which events wait for the full disk');

# how it is asked for

my $answer = $nginx->get('/metrics', port => 2);
like($answer->{head}, qr{^Content-Type: text/plain; version=0\.0\.4}mi,
     'the type that Prometheus takes');
like($answer->{head}, qr/^Cache-Control: no-store/mi, 'no cache keeps it');
is($nginx->request('HEAD', '/json', port => 2)->{status}, 200, 'HEAD');
is($nginx->post('/json', 'text/plain', 'x', port => 2)->{status}, 405, 'POST');
like($nginx->get('/json', port => 2)->{head},
     qr{^Content-Type: application/json}mi, 'the type of JSON');

# nothing is left when it ends

unlink $nginx->dir . '/logs/full.log';
$nginx->reopen;
settled('the full disk is mended', 'backlog_events{sink="full"}' => 0,
        'sink_up{sink="full"}' => 1, rings_held => 2);

# what a worker that goes has given back is followed by the ring that all share:
# it is in no number, though who emptied it keeps it

my @last = $nginx->workers;
my $late = $nginx->ask('/slow4');
my $its = $up->accept;
$its->sysread(my $request, 4096);
ok($nginx->reload, 'a reload with a request in hand');

my $going;
ok($nginx->wait_for('a ring that is given back', sub {
    ($going, my @more) = grep { RT::Nginx::runs($_) } @last;
    !@more && $nginx->log_text =~ /\[notice\] $going#\d+: rtaudit: sink "main" slot/;
}), 'its worker shares');

unlink $nginx->dir . '/logs/audit.log';
ok($nginx->wait_for('who goes to know', sub {
    $nginx->log_text =~ /\[crit\] $going#\d+: rtaudit: .* sink "main" is gone/;
}), 'the file is gone');

$its->syswrite("HTTP/1.0 200 OK\r\n\r\nslow");
close $its;
settled('its event waits', 'requests_in_hand{sink="main"}' => 0,
        'backlog_events{sink="main"}' => 1);

kill 'KILL', $going;
$nginx->wait_for('its end', sub { !RT::Nginx::runs($going) });
$nginx->reopen;
settled('who stays has written it', 'backlog_events{sink="main"}' => 0,
        'sink_up{sink="main"}' => 1, rings_held => 2);

$nginx->stop;
$nginx->quiet('cannot write to', 'is gone', 'refused, a required sink',
              'exited on signal 9', 'not written');


# who may read it

sub tried {
    my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtaudit'],
                               http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer https://l; audience x; jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        location / { $_[0] }
    }
EOT

    return ($nginx->try)[1];
}

my $anybody = 'anybody can read this "rtaudit_status": write "allow" and'
    . ' "deny all", or "rtauth NAME"';

for ('rtaudit_status;', 'rtaudit_status prometheus;',
     'rtauth off; rtaudit_status;',
     'rtauth corp; rtauth_dry_run on; rtaudit_status;')
{
    like(tried($_), qr/\[warn\].*\Q$anybody\E in .*nginx.conf:\d+$/m,
         "warned of: $_");
}

for ('allow 127.0.0.1; deny all; rtaudit_status;',
     'rtauth corp; rtaudit_status;',
     'auth_basic x; auth_basic_user_file x; rtaudit_status json;',
     'auth_request /x; rtaudit_status;')
{
    unlike(tried($_), qr/anybody can read/, "not: $_");
}

like(tried('rtaudit_status xml;'),
     qr/invalid value "xml" in "rtaudit_status": write "json" or "prometheus"/,
     'another form');
like(tried('rtaudit_status; rtaudit_status json;'),
     qr/"rtaudit_status" directive is duplicate/, 'twice');

done_testing();

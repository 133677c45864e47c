#!/usr/bin/perl

# rtaudit_started: a request that takes long is in the file while it runs, and
# once more when it is over, whatever becomes of its worker.

use strict;
use warnings;
use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;
use RT::Audit;
use RT::Nginx;


my $http = <<'EOT';
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink safe file:%%DIR%%/logs/safe.log strict;
    rtaudit_sink alert file:%%DIR%%/logs/alert.log class=alert;
    rtaudit_started TIME;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main alert;
        rtaudit_level request;
        rtaudit_redact uri:/reset/*;
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;

        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /short { return 200; }
        location /safe { rtaudit main safe; rtaudit_action REPORT;
                         proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /none { rtaudit_level none if=$status; rtaudit_level metadata;
                         proxy_pass http://127.0.0.1:%%PORT1%%; }
        location = /status { rtaudit off; rtaudit_status; allow all; }
    }
EOT

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                           http => $http =~ s/TIME/off/r);

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

my %file = map { $_ => $nginx->dir . "/logs/$_.log" } qw(audit safe alert);
my $audit = RT::Audit->new($file{audit});
my (%client, %app);


# a request that the application has, and has answered this much of

sub hold {
    my ($uri, $answer) = @_;

    $client{$uri} = $nginx->connect;
    $client{$uri}->syswrite("GET $uri HTTP/1.1\r\nHost: a\r\n"
                            . "Upgrade: websocket\r\n\r\n");
    $app{$uri} = $up->accept;
    $app{$uri}->sysread(my $request, 4096);

    if ($answer) {
        $app{$uri}->syswrite($answer);
        $client{$uri}->sysread(my $head, 4096);
    }
}


sub at {
    my ($stage, $file) = @_;
    return grep { $_->{metadata}{stage} eq $stage }
           RT::Audit->new($file // $file{audit})->all;
}


sub urls { join ' ', sort map { $_->{request}{url} } @_ }


sub books {
    my $json = decode_json($nginx->get('/status')->{body});
    my %n;

    for my $name (qw(requests_total written_total own_events_total
                     dropped_total))
    {
        $n{join ' ', $name, grep { defined } @$_{qw(result reason)}}
            = $_->{value} for grep { $_->{sink} eq 'main' }
                              @{$json->{"rtaudit_$name"}};
    }

    return \%n;
}


# An upgrade, which goes on beside all that follows: the old nginx is told to go
# while it has a request in hand.

my $other = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOT');
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_started 1s;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOT

$other->start;
my $old = $other->master;
my $slow = $other->connect;
$slow->syswrite("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
kill 'USR2', $old;
ok($other->wait_for('another nginx', sub {
    my $now = $other->master;
    $now && $now != $old && $other->workers == 1
}), 'an upgrade');
kill 'QUIT', $old;

$nginx->start;

# the first one's worker is told that none takes long; all run in workers that
# are told to go, but the last

hold('/off?a=1');
ok($nginx->reload(http => $http =~ s/TIME/1s/r), 'another configuration');

hold('/socket?a=1', "HTTP/1.1 101 Switching Protocols\r\n"
                    . "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n");
hold('/stream', "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                . "data: 1\n\n");
hold('/reset/s3cret');
hold('/none');
hold('/safe');
is($nginx->get('/short')->{status}, 200, 'a short one');
ok($nginx->reload, 'another worker');
hold('/new');

ok($nginx->wait_for('lines', sub { at('started') == 6 }), 'it is said of six');
my %begun = map { $_->{request}{url} => $_ } at('started');

is(urls(values %begun),
   '/new /none /reset/[REDACTED] /safe /socket /stream',
   'but not of the one that never takes long; without arguments');
is($begun{'/socket'}{status}, 101, 'a WebSocket');
is($begun{'/stream'}{status}, 200, 'an answer has begun');
is($begun{'/new'}{status}, 0, 'none has');
is($begun{'/safe'}{actionType}, 'REPORT', 'an action that is fixed');
is($begun{'/stream'}{metadata}{upstream}{status}, 200, 'an upstream');
is((grep { $_->{isError} } values %begun), 0, 'no errors');
is((grep { $_->{metadata}{lost} } values %begun), 0, 'which tell of no loss');
cmp_ok($begun{'/new'}{responseTimeMs}, '>=', 1000, 'after that time');
is(urls(at('complete')), '/short', 'of the short one there is its event alone');
is(urls(at('received', $file{safe}), at('started', $file{safe})),
   '/safe /safe', 'a strict sink has both');
is(RT::Audit->new($file{alert})->text, '', 'they are no alerts');

# what they are in the books

my $n = books();
is($n->{'requests_total'}, 8, 'requests');
is($n->{'written_total'}, 1, 'one of them has its event');
is($n->{'own_events_total written'}, 4 + 6, 'lines beside them');

# the end

my %id = map { $_ => $begun{$_}{id} } keys %begun;

for my $uri (grep { $_ ne '/new' } keys %app) {
    $app{$uri}->syswrite("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if $uri =~ m{^/(?:off|reset|none|safe)};
    close $app{$uri};
}

ok($nginx->wait_for('their ends', sub { at('complete') == 7 }), 'ends');
is(urls(at('complete')), '/none /off?a=1 /reset/[REDACTED] /safe /short '
   . '/socket?a=1 /stream', 'each has one event, also where the level is none');

for (at('complete')) {
    my $began = $_->{request}{url} =~ s/\?.*//r;
    is($_->{id}, $id{$began}, "$began: of the same id") if $id{$began};
}

is(at('started'), 6, 'it was said once');

# a worker that is killed

my ($worker) = $nginx->workers;
kill 'KILL', $worker;
ok($nginx->wait_for('the books', sub {
    (books()->{'dropped_total crash'} // 0) == 1
}), 'the last one is lost with its worker');

$n = books();
is($n->{'requests_total'}, 8, 'all requests');
is($n->{'written_total'} + $n->{'dropped_total crash'}, 8,
   'are written or dropped');

# who reads it finds each once, and the one that is not over

sub rt { return `$RT::Tool audit $_[0] $file{audit} @_[1 .. $#_]` }

my @all = map { decode_json($_) }
          grep { !/AUDIT_/ && /^\{/ } split /\n/, rt(qw(query --json));

is(urls(@all), urls(at('complete')), 'query: events');
like(rt('query', '2>&1'), qr/1 request has begun and has no event: --open shows it/,
     'and that there is something else');
is(urls(map { decode_json($_) } rt(qw(query --open --json))), '/new',
   'query --open');
is(rt(qw(query --open --json --path /socket)), '', 'which is over is not shown');
unlike(rt(qw(query --reverse --json)), qr/"started"/, 'query --reverse');
is(decode_json(rt(qw(stats --json)))->{open}, 1, 'stats');

# what became of the upgrade

my $was = RT::Audit->new($other->dir . '/logs/audit.log');
my $began = $was->event;
is($began->{metadata}{stage}, 'started', 'the old nginx said that it runs');
$slow->syswrite('b');
$slow->close;
ok($other->wait_for('its end', sub { !kill 0, $old }), 'it ends');
is($was->event->{id}, $began->{id}, 'with the event');
$other->end;

$nginx->end('QUIT', 'exited on signal 9', '1 losses are told in no event');
done_testing();

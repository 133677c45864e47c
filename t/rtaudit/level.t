#!/usr/bin/perl

# rtaudit, rtaudit_level, rtaudit_header: where events come from, how deep
# they go, and what metadata never holds.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink other file:%%DIR%%/logs/other.log;

    map $http_x_deep $deep { default 0; yes 1; }
    map $status $quiet { default ''; 204 yes; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;

        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /request {
            rtaudit_level request;
            rtaudit_header User-Agent x-trace;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /off { rtaudit off; return 200 off; }
        location /none { rtaudit_level none; return 200 none; }
        location /if {
            rtaudit_level none if=$quiet;
            rtaudit_level request if=$deep;
            rtaudit_level metadata;
            return 200 if;
        }
        location /if204 {
            rtaudit_level none if=$quiet;
            return 204;
        }
        location /other { rtaudit other; return 200 other; }
        location /both { rtaudit main other; return 200 both; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { return 200 up; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $other = RT::Audit->new($nginx->dir . '/logs/other.log');
my ($answer, $e);


# metadata

$answer = $nginx->post('/path/a?q=canary1', 'application/x-www-form-urlencoded',
                       'f=canary2', headers => ['X-Any: canary3',
                                                'Cookie: c=canary4']);
is($answer->{status}, 200, 'answered');

$e = $audit->event;
unlike($audit->text, qr/canary/, 'metadata holds no value of the request');
is($e->{metadata}{level}, 'metadata', 'the default level');
is($e->{request}{url}, '/path/a', 'the path without the query');
is($e->{request}{method}, 'POST', 'the method');
is($e->{request}{httpVersion}, '1.1', 'the version');
is($e->{status}, 200, 'the status');
is($e->{statusText}, 'OK', 'its text');
ok(!$e->{isError}, 'no error');
is_deeply($e->{parameters}, {}, 'no parameters');
is($e->{ipAddress}, '127.0.0.1', 'the client');
is($e->{metadata}{upstream}{addr}, '127.0.0.1:' . $nginx->port(1),
   'the upstream');
is($e->{metadata}{upstream}{status}, 200, 'its status');
is($e->{metadata}{body}{kind}, 'form', 'the kind of body');
is($e->{metadata}{body}{bytes}, 9, 'its size');
is($e->{actionType}, 'QUERY_RUN', 'the default action');
cmp_ok($e->{metadata}{bytes}{in}, '>', 100, 'bytes in');
cmp_ok($e->{metadata}{bytes}{out}, '>', 50, 'bytes out');
ok($e->{createdAt} le $e->{updatedAt}, 'times in order');


# request

$nginx->post('/request?a=1&b=2&a=3', 'application/x-www-form-urlencoded',
             'f=%C3%A9+x', headers => ['User-Agent: test/1', 'X-Other: no',
                                       'X-Trace: 1', 'X-Trace: 2']);

$e = $audit->event;
is($e->{metadata}{level}, 'request', 'the deeper level');
is($e->{request}{url}, '/request?a=1&b=2&a=3', 'the address as received');
is_deeply($e->{parameters}, { a => ['1', '3'], b => '2', f => "\x{e9} x" },
          'parameters, decoded, repeated ones as arrays');
is_deeply($e->{request}{headers},
          { 'user-agent' => 'test/1', 'x-trace' => ['1', '2'] },
          'the headers asked for and no others');


# off, none, other sinks

$nginx->get('/off');
$nginx->get('/none');
$nginx->get('/other?x=1');
$nginx->get('/both');

$e = $audit->event;
is($e->{request}{url}, '/both', 'off, none and other are not here');
my @both = $other->events(2);
is($both[0]{request}{url}, '/other', 'the other sink has its event');
is($both[1]{id}, $e->{id}, 'one event in two sinks is the same');


# conditions, looked at in the log phase

$nginx->get('/if?a=1');
is($audit->event->{metadata}{level}, 'metadata', 'no condition holds');

$nginx->get('/if?a=1', headers => ['X-Deep: yes']);
$e = $audit->event;
is($e->{metadata}{level}, 'request', 'the first that holds');
is_deeply($e->{parameters}, { a => '1' }, 'as deep as it says');

$nginx->get('/if204');
$nginx->get('/if204/', headers => ['X-Deep: no']);
$nginx->get('/');
is($audit->event->{request}{url}, '/', 'a status can decide');


# what comes from the client is bounded and checked

$nginx->get('/', headers => [
    'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'X-Forwarded-For: 10.0.0.1, 10.0.0.2', 'X-Forwarded-For: 10.0.0.3']);

$e = $audit->event;
is($e->{metadata}{traceId}, '4bf92f3577b34da6a3ce929d0e0e4736', 'traceId');
is($e->{metadata}{spanId}, '00f067aa0ba902b7', 'spanId');
is_deeply($e->{metadata}{net}{forwardedFor},
          ['10.0.0.1', '10.0.0.2', '10.0.0.3'], 'forwarded for');

$nginx->get('/', headers => ['traceparent: 00-zz-1', 'X-Forwarded-For: '
                             . join(',', ('x' x 50) x 60)]);
$e = $audit->event;
ok(!exists $e->{metadata}{traceId}, 'a bad traceparent is not taken');
cmp_ok(scalar @{$e->{metadata}{net}{forwardedFor}}, '<=', 16, 'bounded');

$audit->none_more;
$nginx->stop;
like($nginx->log_text,
     qr/sink "main" slot \d+: requests 10 waived 2 written 8 dropped 0 left 0/,
     'the books agree');
$nginx->quiet;

done_testing();

#!/usr/bin/perl

# One event for each request, whatever became of it.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 4, http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink server2 file:%%DIR%%/logs/server2.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtaudit_level request;
        rtaudit_redact name:password action=drop;

        client_body_timeout 300ms;
        client_max_body_size 1k;
        client_header_buffer_size 512;
        large_client_header_buffers 2 1k;

        location / { return 200 ok; }
        location /proxy { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /hang {
            client_max_body_size 1m;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /dead { proxy_pass http://127.0.0.1:1; }
        location /slow { proxy_read_timeout 200ms;
                         proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /444 { return 444; }
        location /deny { deny all; }
        location /gone { return 410; }
        location /chunked { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /file { root %%DIR%%; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        rtaudit server2;
        location / { rtaudit off; return 200; }
    }

    # a client that waits for a CPU before it sends anything is no request

    server {
        listen 127.0.0.1:%%PORT3%%;
        rtaudit main;
        client_header_timeout 2s;
    }
EOF

# an upstream that takes requests and never answers

my $dead = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                 LocalPort => $nginx->port(1),
                                 Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $server2 = RT::Audit->new($nginx->dir . '/logs/server2.log');


sub seen {
    my ($name, $status, $error, $method, $url) = @_;

    my $e = $audit->event or return;

    is($e->{status}, $status, "$name: the status");
    is($e->{error} && $e->{error}{type}, $error, "$name: the error");
    is($e->{request}{method}, $method, "$name: the method");
    is($e->{request}{url}, $url, "$name: the address");
    is(!!$e->{isError}, !!($status >= 400), "$name: isError");

    return $e;
}


# refused before any location

$nginx->raw("GARBAGE\r\n\r\n");
seen('bad request line', 400, 'bad_request', undef, '');

$nginx->raw("password=canary /x HTTP/1.1\r\nHost: a\r\n\r\n");
seen('the end of a body', 400, 'bad_request', undef, '');

$nginx->raw("GET /x?password=canary HTTP/9.9\r\n\r\n");
seen('bad version', 505, 'http_version_not_supported', undef, '');

$nginx->raw("GET /x?password=canary HTTP/1.1\r\n\r\n");
seen('no host', 400, 'bad_request', 'GET', '/x?');

$nginx->raw("GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
seen('two hosts', 400, 'bad_request', 'GET', '/x');

$nginx->raw("GET /" . ('x' x 2000) . " HTTP/1.1\r\nHost: a\r\n\r\n");
seen('long line', 414, 'uri_too_long', 'GET', '');

$nginx->raw("GET /h HTTP/1.1\r\nHost: a\r\nX: " . ('x' x 2000)
            . "\r\n\r\n");
my $e = $audit->event;
like($e->{status}, qr/^(?:400|494)$/, 'long header: the status');

$nginx->raw("GET /half HTTP/1.1\r\nHost: a\r\n", port => 3);
seen('header timeout', 408, 'request_timeout', 'GET', '/half');

my $s = $nginx->connect;
$s->syswrite("GET /gone-away HTTP/1.1\r\nHost:");
close $s;
seen('gone within the header', 400, 'bad_request', 'GET', '/gone-away');


# in a location

$nginx->get('/');
seen('fine', 200, undef, 'GET', '/');

$nginx->get('/444');
seen('444', 444, 'connection_closed_without_response', 'GET', '/444');

$nginx->get('/deny');
seen('deny', 403, 'forbidden', 'GET', '/deny');

$nginx->get('/gone');
seen('return', 410, 'gone', 'GET', '/gone');

$nginx->get('/file/none');
seen('no file', 404, 'not_found', 'GET', '/file/none');

$nginx->post('/proxy', 'text/plain', 'x' x 2000);
$e = seen('too large', 413, 'content_too_large', 'POST', '/proxy');
is($e->{metadata}{body}{kind}, 'unread', 'too large: not read');

$nginx->get('/dead');
seen('dead upstream', 502, 'bad_gateway', 'GET', '/dead');

$nginx->get('/slow');
seen('slow upstream', 504, 'gateway_timeout', 'GET', '/slow');
close $dead->accept;

$s = $nginx->connect;
$s->syswrite("POST /proxy HTTP/1.1\r\nHost: a\r\nContent-Type: application/"
             . "x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"
             . "secret=canary");
$nginx->rest($s);
$e = seen('body timeout', 408, 'request_timeout', 'POST', '/proxy');
is($e->{metadata}{body}{kind}, 'unread', 'body timeout: not wholly read');
is_deeply($e->{parameters}, {}, 'a part of a body is not shown');

$s = $nginx->connect;
$s->syswrite("GET /hang?password=canary&a=1 HTTP/1.1\r\nHost: a\r\n\r\n");
ok(my $hung = $dead->accept, 'it reached the upstream');
close $s;
$e = seen('client gone', 499, 'client_abort', 'GET', '/hang?a=1');
is($e->{metadata}{stage}, 'aborted', 'client gone: aborted');

$nginx->raw("POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
            . "\r\nContent-Type: application/json\r\n\r\nZZ\r\n");
seen('bad chunk', 400, 'bad_request', 'POST', '/chunked');

# keep-alive: each request has its own

$nginx->raw("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n"
            . "Connection: close\r\n\r\n");
is_deeply([map { $_->{request}{url} } $audit->events(2)], ['/1', '/2'],
          'pipelined requests');

# a connection without a request is no event

close $nginx->connect;
$nginx->get('/');
is($audit->event->{request}{url}, '/', 'nothing came of nothing');


# before its location a request is its server's

$nginx->raw("GARBAGE\r\n\r\n", port => 2);
is($server2->event->{status}, 400, 'under the level of the server');
$nginx->get('/', port => 2);
$server2->none_more('the location is off');

$audit->none_more;
unlike($audit->text, qr/canary/, 'no canary');
$nginx->stop;
like($nginx->log_text,
     qr/"main".* requests (\d+) waived 0 written \1 dropped 0 left 0/,
     'the books agree');
$nginx->quiet;

done_testing();

#!/usr/bin/perl

# rtaudit_body, rtaudit_max_event: bodies as they arrive, and their bounds.

use strict;
use warnings;
use lib 't/lib';

use JSON::PP;
use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 3, http => <<'EOF');
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    client_max_body_size 1m;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtaudit_level request;

        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /file {
            client_body_in_file_only clean;
            client_body_buffer_size 1k;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /stream {
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /small { rtaudit_body 100;
                          proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /zero { rtaudit_body 0;
                         proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /line { rtaudit_max_event 8k;
                         proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /unread { return 200; }
        location /if { rtaudit_level request if=$arg_deep;
                       proxy_pass http://127.0.0.1:%%PORT1%%; }
    }

    # an upstream that reads the whole body before it answers

    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { proxy_pass http://127.0.0.1:%%PORT2%%; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        location / { return 200 up; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $form = 'application/x-www-form-urlencoded';
my $e;

my $fields = join '&', map { "f$_=" . 'v' x 50 } 1 .. 200;     # 11 KB
my %fields = map { ("f$_" => 'v' x 50) } 1 .. 200;

for my $uri ('/', '/file', '/stream') {
    is($nginx->post($uri, $form, $fields)->{status}, 200, "$uri: answered");
    $e = $audit->event;
    is_deeply($e->{parameters}, \%fields, "$uri: all of the form");
    is($e->{metadata}{body}{captured}, length $fields, "$uri: captured");

    # in pieces, chunked

    my $s = $nginx->connect;
    $s->syswrite("POST $uri HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                 . "Content-Type: application/json\r\n"
                 . "Transfer-Encoding: chunked\r\n\r\n");
    $s->syswrite(sprintf "%x\r\n%s\r\n", length, $_)
        for '{"a":"', 'b' x 3000, '","c', '":[1', ',2]}';
    $s->syswrite("0\r\n\r\n");
    $nginx->rest($s);
    close $s;       # nginx lingers until then

    $e = $audit->event;
    is_deeply($e->{parameters}, { a => 'b' x 3000, c => [1, 2] },
              "$uri: all of the chunks");
}

# bounds: over the bound nothing is shown

$nginx->post('/small', $form, 'a=' . 'x' x 98);
is_deeply($audit->event->{parameters}, { a => 'x' x 98 }, 'at the bound');

$nginx->post('/small', $form, 'a=canary' . 'x' x 93);
$e = $audit->event;
is($e->{metadata}{body}{kind}, 'unparsed', 'over the bound');
is($e->{metadata}{body}{bytes}, 101, 'its size');

$nginx->post('/zero', $form, 'a=canary');
is($audit->event->{metadata}{body}{kind}, 'unparsed', 'nothing is kept');

$nginx->post('/', $form, 'a=canary' . 'x' x 70000);
$e = $audit->event;
is($e->{metadata}{body}{kind}, 'unparsed', 'over the default bound');
is($e->{metadata}{body}{bytes}, 70008, 'its size');

$nginx->post('/unread', $form, 'a=canary');
is($audit->event->{metadata}{body}{kind}, 'unread',
   'a body nobody reads is not read for us');

$nginx->post('/if', $form, 'a=canary');
is($audit->event->{metadata}{level}, 'metadata', 'captured in vain');
unlike($audit->text, qr/canary/, 'and not shown');

$nginx->post('/if?deep=1', $form, 'a=b');
is_deeply($audit->event->{parameters}, { deep => '1', a => 'b' },
          'captured, for a condition may hold at the end');

# a line has its bound, cut on structure

$nginx->post('/line', $form, join '&', map { "k$_=" . 'y' x 500 } 1 .. 60);
$e = $audit->event;
cmp_ok(length((split /\n/, $audit->text)[-1]), '<=', 8192, 'a bounded line');
ok(@{$e->{metadata}{truncated}}, 'what was left out is named');

$nginx->post('/', 'application/json', '[' x 1000 . ']' x 1000);
is($audit->event->{metadata}{body}{kind}, 'unparsed', 'too deep');

$nginx->post('/', 'application/json', "{\"n\":1e400,\"s\":\"\\u0000\\n\"}");
$e = $audit->event;
is($e->{parameters}{s}, "\0\n", 'controls are escaped');

$nginx->post('/', 'application/json', '"just a text"');
is($audit->event->{request}{body}, 'just a text', 'no object');

# invalid bytes everywhere: the line stays valid

my $bytes = join '', map { chr } 1 .. 9, 11, 12, 14 .. 31, 127 .. 255;
$nginx->get('/' . join '', map { sprintf '%%%02x', ord } split //, $bytes);
$audit->event;
$nginx->get("/?\xff\xfe=\xc0\x80&a\"b=c\\d", headers => ["User-Agent: \xff"]);
$audit->event;

$audit->none_more;
$nginx->stop;
like($nginx->log_text,
     qr/"main".* requests (\d+) waived 0 written \1 dropped 0 left 0/,
     'the books agree');
$nginx->quiet;

done_testing();

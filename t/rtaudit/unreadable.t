#!/usr/bin/perl

# rtaudit_unreadable: nobody hides what he did in a body the event cannot show.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 3, http => <<'EOF');
    log_format seen '$request_uri [$request_body]';

    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtaudit_level request;
        rtaudit_redact name:password;
        rtaudit_unreadable refuse;

        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /note {
            rtaudit_unreadable note;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /meta {
            rtaudit_level metadata;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /stream {
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /small {
            rtaudit_body 100;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /page {
            error_page 415 422 @page;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location @page { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /unread { return 200; }
    }

    # an upstream that reads the whole body, and logs what reaches it

    server {
        listen 127.0.0.1:%%PORT1%%;
        access_log %%DIR%%/logs/upstream.log seen;
        location / { proxy_pass http://127.0.0.1:%%PORT2%%; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        location / { return 200 up; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $json = 'application/json';
my $form = 'application/x-www-form-urlencoded';


sub reached { return RT::Nginx::slurp($nginx->dir . '/logs/upstream.log') }


# what the event cannot show does not go on: status, why, the event

for my $try ([422, 'json', $json, '{"sql":"drop table t",}'],
             [422, 'json', $json, '{"sql":"drop table t"/**/}'],
             [422, 'json', $json, '{"sql":"drop table t"'],
             [422, 'json', 'application/x+json', "{'sql':'drop table t'}"],
             [415, 'charset', "$json; charset=latin1",
              '{"sql":"drop table t"}'],
             [415, 'encoding', $json, '{"sql":"drop table t"}',
              'Content-Encoding: gzip'],
             [415, 'type', $form, '{"sql":"drop table t"}'],
             [422, 'percent', $form, 'sql=drop table%zz'],
             [422, 'count', $json, '[' x 100 . '"drop table t"' . ']' x 100])
{
    my ($status, $why, $type, $body, @headers) = @$try;

    for my $uri ('/no', '/page') {
        my $res = $nginx->post($uri, $type, $body, headers => \@headers);
        my $e = $audit->event;

        is($res->{status}, $status, "$uri $why: refused") if $uri eq '/no';
        is($e->{status}, $status, "$uri $why: in the event") if $uri eq '/no';
        is($e->{error}{type}, 'audit_unreadable', "$uri $why: the code");
        is($e->{metadata}{body}{kind}, 'unparsed', "$uri $why: the kind");
        is($e->{metadata}{body}{why}, $why, "$uri $why: the reason");
        is($e->{metadata}{body}{bytes}, length $body, "$uri $why: the size");
    }

    my $res = $nginx->post('/note', $type, $body, headers => \@headers);
    my $e = $audit->event;
    is($res->{status}, 200, "$why: passed on with note");
    is($e->{metadata}{body}{why}, $why, "$why: noted");
    is_deeply($e->{parameters}, {}, "$why: not shown");

    is($nginx->post('/meta', $type, $body, headers => \@headers)->{status},
       200, "$why: at level metadata bodies are not shown anyway");
    $audit->event;
}

unlike(reached(), qr/^\/no /m, 'nothing that was refused went on');
unlike(reached(), qr/^\/page .*drop/m, 'nor by way of an error page');
like(reached(), qr/^\/page \[-?\]$/m, 'which got the request without it');

# a member twice is shown, not refused

is($nginx->post('/', $json, '{"sql":"drop","x":1,"x":{"password":"canary"}}')
   ->{status}, 200, 'a member twice');

my $e = $audit->event;

is_deeply($e->{parameters},
          { sql => 'drop', x => [1, { password => '[REDACTED]' }] },
          'all its values, redacted');
ok($e->{metadata}{body}{duplicates}, 'and it is said');
unlike($audit->text, qr/canary/, 'the secret is not');

# too large: known by the header, or when it is

is($nginx->post('/small', $form, 'a=' . 'x' x 200)->{status}, 422, 'announced');
is($audit->event->{metadata}{body}{why}, 'size', 'its reason');

my $s = $nginx->connect;
$s->syswrite("POST /small HTTP/1.1\r\nHost: a\r\nContent-Type: $form\r\n"
             . "Transfer-Encoding: chunked\r\n\r\n");
$s->syswrite(sprintf "%x\r\n%s\r\n", length, $_) for ('a=' . 'x' x 60) x 2;
like($nginx->rest($s), qr/^HTTP\/1.1 422 .*Connection: close/s, 'in chunks');
is($audit->event->{metadata}{body}{why}, 'size', 'its reason');
close $s;

# one that is not buffered is judged by its headers

is($nginx->post('/stream', "$json; charset=latin1", '{"a":1}')->{status}, 415,
   'not buffered: its headers');
$audit->event;
is($nginx->post('/stream', $json, '{"a":1,}')->{status}, 200,
   'not buffered: not its bytes');
$audit->event;

# what is no JSON and no form, or never read, is none of this

for my $try (['/', 'text/plain', '{'], ['/', $json, ''], ['/unread', $json, '{'],
             ['/', 'multipart/form-data; boundary=x', '--x--'],
             ['/', $json, '{"a":1}'], ['/', $form, 'a=1&b'])
{
    is($nginx->post(@$try)->{status}, 200, "passed on: @$try");
    ok($audit->event, 'its event');
}

is($nginx->get('/')->{status}, 200, 'no body');
$audit->event;

$audit->none_more;
$nginx->stop;
like($nginx->log_text, qr/\[warn\].*refused, its event could not show the body/,
     'said in the log');
unlike($nginx->log_text, qr/drop table/, 'without the body');
like($nginx->log_text,
     qr/"main".* requests (\d+) waived 0 written \1 dropped 0 left 0/,
     'the books agree');
$nginx->quiet;

done_testing();

#!/usr/bin/perl

# error_page, internal redirects, named locations, subrequests: one event,
# of the first location, with the redactions of every location passed.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 3, http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;

        location / { return 200 open; }

        location /first {
            rtaudit main;
            rtaudit_level request;
            rtaudit_redact name:outer;
            error_page 404 /second;
            error_page 403 = @named;
            location /first/404 { return 404; }
            location /first/403 { return 403; }
            location /first/rewrite { rewrite ^ /second?new=1 last; }
            location /first/try { try_files /none @named; }
            location /first/body {
                error_page 502 = /second;
                proxy_pass http://127.0.0.1:1;
            }
            location /first/if {
                if ($arg_x) { return 418; }
                return 200;
            }
        }
        location /second {
            rtaudit off;
            rtaudit_redact name:inner action=drop;
            return 200 second;
        }
        location @named {
            rtaudit off;
            rtaudit_redact name:inner action=drop;
            return 200 named;
        }
        location /off {
            rtaudit off;
            error_page 404 /first;
            return 404;
        }

        location /auth {
            rtaudit main;
            auth_request /sub;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /sub {
            rtaudit main;
            proxy_pass_request_body off;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /mirror {
            rtaudit main;
            rtaudit_level request;
            mirror /sub;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /ssi { rtaudit main; ssi on; root %%DIR%%; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { return 200 up; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        rtaudit main;
        rtaudit_level request;
        rtaudit_redact name:outer;
        error_page 400 413 /error;
        client_max_body_size 10;
        location / { return 200; }
        location /error { rtaudit off; rtaudit_redact name:inner; return 200; }
    }
EOF

$nginx->file('ssi/page.html', '<!--#include virtual="/sub?1" -->'
                              . '<!--#include virtual="/sub?2" -->');
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $query = 'outer=canary1&inner=canary2&plain=p';


sub seen {
    my ($uri, $status) = @_;

    my $e = $audit->event or return {};
    is($e->{status}, $status, "$uri: the status");
    is($e->{request}{method}, 'GET', "$uri: the method");
    like($e->{request}{url}, qr/^\Q$uri\E(?:\?|$)/, "$uri: the address");
    unlike($audit->text, qr/canary/, "$uri: every redaction holds");
    return $e;
}


my ($e, $answer);

$answer = $nginx->get("/first/404?$query");
is($answer->{body}, 'second', 'error_page');
$e = seen('/first/404', 404);
is_deeply($e->{parameters}, { outer => '[REDACTED]', plain => 'p' },
          'redactions add up: error_page');

$answer = $nginx->get("/first/403?$query");
is($answer->{body}, 'named', 'error_page to a named location');
$e = seen('/first/403', 200);
is_deeply($e->{parameters}, { outer => '[REDACTED]', plain => 'p' },
          'redactions add up: named');

$answer = $nginx->get("/first/rewrite?$query");
is($answer->{body}, 'second', 'rewrite');
$e = seen('/first/rewrite', 200);
is_deeply($e->{parameters}, { outer => '[REDACTED]', plain => 'p' },
          'the arguments are those of the client');

$answer = $nginx->get("/first/try?$query");
is($answer->{body}, 'named', 'try_files');
$e = seen('/first/try', 200);
is_deeply($e->{parameters}, { outer => '[REDACTED]', plain => 'p' },
          'redactions add up: try_files');

$answer = $nginx->get("/first/if?x=1");
seen('/first/if', 418);

# the method and the body of a POST whose error page is a GET

$answer = $nginx->post('/first/body', 'application/x-www-form-urlencoded',
                       "$query&z=1");
is($answer->{body}, 'second', 'POST, then an error page');
$e = $audit->event;
is($e->{request}{method}, 'POST', 'the method of the client');
is_deeply($e->{parameters}, { outer => '[REDACTED]', plain => 'p', z => '1' },
          'the body was kept');

# decided by the first location, on or off

$answer = $nginx->get('/off');
$audit->none_more('off, then an audited error page');

# subrequests are no events

$answer = $nginx->get('/auth');
is($answer->{body}, 'up', 'auth_request');
seen('/auth', 200);

$answer = $nginx->post('/mirror', 'application/json', '{"a":1}');
is($answer->{body}, 'up', 'mirror');
$e = $audit->event;
is_deeply($e->{parameters}, { a => 1 }, 'mirror: the body once');

$answer = $nginx->get('/ssi/page.html');
like($answer->{body}, qr/up.*up/s, 'ssi');
seen('/ssi/page.html', 200);

# refused before any location, sent to one that is off

$nginx->raw("GET /?outer=canary HTTP/1.1\r\n\r\n", port => 2);
$e = $audit->event;
is($e->{status}, 400, 'error_page of a bad request: its server decides');
unlike($audit->text, qr/canary/, 'and redacts');

$nginx->post('/?outer=canary&inner=canary', 'text/plain', 'x' x 20,
             port => 2);
is($audit->event->{status}, 413, 'error_page of a large body');
unlike($audit->text, qr/canary/, 'redacted, too');

$audit->none_more;
$nginx->stop;
like($nginx->log_text,
     qr/"main".* requests (\d+) waived 0 written \1 dropped 0 left 0/,
     'the books agree');
$nginx->quiet;

done_testing();

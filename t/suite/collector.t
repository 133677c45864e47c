#!/usr/bin/perl

# rtcsp_collector: what it takes and what it refuses, what rtaudit gets of it,
# and that no secret of a report is in any log.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json encode_json);
use Test::More;

use RT::Audit;
use RT::Nginx;


my $canary = 'C4n4ryNonceC4n4ryNonceC4n4ryNonc';

my $nginx = RT::Nginx->new(modules => ['rtaudit', 'rtcsp'], ports => 3,
                           http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    log_format said escape=none '$status $rtcsp_event';

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;
        client_body_buffer_size 1k;
        rtcsp talisman;
        rtaudit main;
        access_log %%DIR%%/logs/said.log said;

        location = /reports  { rtcsp_collector; }
        location = /deep     { rtaudit_level request; rtcsp_collector; }
        location = /opaque   { rtaudit_level request;
                               proxy_pass http://127.0.0.1:%%PORT2%%; }
        location = /moved    { rtaudit_level request; rewrite ^ /deep last; }
        location = /small    { client_max_body_size 10; rtcsp_collector; }
        location = /page     { error_page 405 /e; rtcsp_collector; }
        location = /e        { return 405 "none\n"; }
        location = /mirrored { mirror /reports; mirror_request_body on;
                               proxy_pass http://127.0.0.1:%%PORT2%%; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        location / { return 200 "app\n"; }
        location /reset/ { rtaudit_redact uri:/reset/*; }
        location /flood {
            rtaudit        main;
            rtaudit_level  metadata if=$rtcsp_event;
            rtaudit_level  none;
            rtcsp_collector;
        }
    }
EOT

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $old = 'application/csp-report';
my $new = 'application/reports+json';


sub old_report {
    return encode_json({ 'csp-report' => {
        'blocked-uri' => "https://cdn.example/a.js?k=$canary",
        'document-uri' => "https://app.example/reset/$canary?t=$canary",
        'effective-directive' => 'script-src-elem', 'line-number' => 7,
        'original-policy' => "script-src 'nonce-$canary'",
        'referrer' => "https://app.example/?$canary",
        'script-sample' => $canary, 'disposition' => 'enforce', @_,
    } });
}


sub new_report {
    return { type => 'csp-violation', age => 1,
             url => "https://app.example/?$canary", body => {
        blockedURL => 'inline', documentURL => "https://app.example/p#$canary",
        effectiveDirective => 'style-src-attr', lineNumber => 3,
        originalPolicy => "script-src 'nonce-$canary'", sample => $canary,
        sourceFile => 'https://app.example/p', disposition => 'report', @_,
    } };
}


sub post { $nginx->post(@_) }


subtest 'both formats' => sub {
    my $answer = post('/reports', "$old; charset=utf-8", old_report(
                      'source-file' => "https://app.example/reset/$canary/x"));

    is($answer->{status}, 204, 'report-uri');
    is($answer->{body}, '', 'nothing in it');
    like($answer->{head}, qr/^Access-Control-Allow-Origin: \*\r?$/m,
         'from anywhere');

    my $event = $audit->event;

    is($event->{actionType}, 'CSP_VIOLATION', 'the action');
    is_deeply($event->{metadata}{rtcsp}, {
        reports => 1, classes => { app => 1 }, violations => [{
            directive => 'script-src-elem', class => 'app',
            disposition => 'enforce', blocked => 'https://cdn.example/a.js',
            document => 'https://app.example/reset/[REDACTED]', line => 7,
            source => 'https://app.example/reset/[REDACTED]/x',
        }],
    }, 'what was reported, redacted by the rules of another location');

    my $many = encode_json([
        (map { new_report(lineNumber => $_) } 1 .. 3),
        { type => 'deprecation', body => { message => $canary } },
        new_report(sourceFile => 'chrome-extension://abc/x.js'),
    ]);

    is(post('/reports', $new, $many)->{status}, 204, 'Reporting API');

    my $rtcsp = $audit->event->{metadata}{rtcsp};

    is($rtcsp->{reports}, 4, 'those that are about a policy');
    is_deeply($rtcsp->{classes}, { inline => 3, extension => 1 }, 'by class');
    is_deeply([map { "$_->{class} $_->{line}" } @{$rtcsp->{violations}}],
              ['inline 1', 'inline 2', 'inline 3', 'extension 3'],
              'one by one, noise last');

    is(post('/reports', $new, '[{"type":"deprecation","body":{}}]')->{status},
       204, 'nothing about a policy');
    $event = $audit->event;
    isnt($event->{actionType}, 'CSP_VIOLATION', 'is a request like others');
    ok(!exists $event->{metadata}{rtcsp}, 'of which nothing is said');
};


subtest 'ways to it' => sub {
    my $long = encode_json([map { new_report(lineNumber => $_) } 1 .. 120]);

    is($nginx->http2('POST', '/deep', port => 1, body => old_report(),
                     headers => ["Content-Type: $old"])->{status}, 204,
       'HTTP/2');
    is(post('/moved', $new, $long)->{status}, 204,
       'an internal redirect, a body in a file');

    my $chunks = sprintf "POST /deep HTTP/1.1\r\nHost: x\r\n"
        . "Content-Type: $old\r\nTransfer-Encoding: chunked\r\n"
        . "Connection: close\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
        length old_report(), old_report();

    like($nginx->raw($chunks), qr{^HTTP/1.1 204}, 'chunks');

    my @events = $audit->events(3);

    is_deeply([map { $_->{metadata}{rtcsp}{reports} } @events], [1, 120, 1],
              'are all told');
    is($#{$events[1]{metadata}{rtcsp}{violations}}, 15, 'of many the first');

    for (@events) {
        is($_->{metadata}{level}, 'request', 'at level request');
        is($_->{metadata}{body}{kind}, 'opaque', 'the body itself is not shown');
    }

    is(post('/opaque', $_, old_report())->{status}, 200, "to others: $_")
        for $old, $new;

    is_deeply([map { $_->{metadata}{body}{kind} } $audit->events(2)],
              ['opaque', 'opaque'], 'nor is what others collect');

    is(post('/mirrored', $old, old_report())->{status}, 200, 'a copy of one');
    isnt($audit->event->{actionType}, 'CSP_VIOLATION', 'is not taken');
};


# what is sent, and the status

my @refused = (
    ['a list of the wrong things', 204, $new, '[1]'],
    ['no JSON', 400, $old, 'x'],
    ['JSON of another kind', 400, $old, '{"a":1}'],
    ['nothing', 400, $old, ''],
    ['too deep', 400, $new, '[' x 100 . ']' x 100],
    ['too many values', 400, $new, '[' . join(',', (1) x 5000) . ']'],
    ['another type', 415, 'application/json', '{"csp-report":{}}'],
    ['two types', 415, "$old, text/plain", '{"csp-report":{}}'],
    ['too long', 413, $old, '{"csp-report":{}' . ' ' x 262_144 . '}'],
);


subtest 'what is refused' => sub {
    for (@refused) {
        my ($what, $status, $type, $body) = @$_;

        is(post('/reports', $type, $body)->{status}, $status, $what);
    }

    is($nginx->request('POST', '/reports', body => old_report())->{status}, 415,
       'no type');
    is(post('/reports', $old, old_report(),
            headers => ['Content-Encoding: gzip'])->{status}, 415, 'encoded');
    is(post('/small', $old, old_report())->{status}, 413, 'by nginx');

    my $chunk = '{"csp-report":{}' . ' ' x 262_144 . '}';
    my $chunks = sprintf "POST /reports HTTP/1.1\r\nHost: x\r\n"
        . "Content-Type: $old\r\nTransfer-Encoding: chunked\r\n"
        . "Connection: close\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
        length $chunk, $chunk;

    like($nginx->raw($chunks), qr{^HTTP/1.1 413}, 'too long, in chunks');

    for my $method (qw(GET HEAD PUT DELETE)) {
        my $answer = $nginx->request($method, '/reports');

        is($answer->{status}, 405, $method);
        like($answer->{head}, qr/^Allow: POST, OPTIONS\r?$/m, 'with Allow');
    }

    is($nginx->get('/page')->{status}, 405, 'an error page');

    my @events = $audit->events(@refused + 9);

    is_deeply([grep { $_->{actionType} eq 'CSP_VIOLATION'
                      || $_->{metadata}{rtcsp}{reports} } @events], [],
              'none is said to be a violation');
};


subtest 'asking first' => sub {
    my $answer = $nginx->request('OPTIONS', '/reports', headers => [
        'Origin: https://app.example', 'Access-Control-Request-Method: POST',
        'Access-Control-Request-Headers: content-type']);

    is($answer->{status}, 204, 'OPTIONS');
    like($answer->{head}, qr/^Access-Control-Allow-Origin: \*\r?$/m, 'origin');
    like($answer->{head}, qr/^Access-Control-Allow-Headers: content-type\r?$/m,
         'headers');
    unlike($answer->{head}, qr/Credentials/, 'without cookies');
    $audit->event;
};


# other logs, and the canary

$nginx->wait_for('the log', sub {
    RT::Nginx::slurp($nginx->dir . '/logs/said.log') =~ tr/\n// >= 28;
});

my $said = RT::Nginx::slurp($nginx->dir . '/logs/said.log');

like($said, qr/^204 \{"action":"CSP_VIOLATION","reports":1,/m,
     '$rtcsp_event says it to other logs');
unlike($said, qr/^4\d\d \{.*reports/m, 'not of what was refused');
is((() = $said =~ /\Q$canary\E/g),
   (() = $said =~ m{"(?:document|source)":"https://app\.example/reset/
                    \Q$canary\E}gx),
   'a path is shown, and no query, nonce or sample');
unlike($audit->text, qr/\Q$canary\E/, 'the audit file has none of them');
unlike($nginx->log_text, qr/\Q$canary\E/, 'nor has the error log');


# one that sends without end is refused, and leaves no events

subtest 'a flood' => sub {
    my $report = old_report();
    my $one = "POST /flood HTTP/1.1\r\nHost: x\r\nContent-Type: $old\r\n"
              . "Content-Length: " . length($report) . "\r\n\r\n$report";
    my ($taken, $refused) = (0, 0);

    while ($refused == 0 && $taken < 20_000) {
        my $answers = $nginx->raw($one x 100 . "GET /end HTTP/1.1\r\n"
                                  . "Host: x\r\nConnection: close\r\n\r\n",
                                  port => 2);

        $taken += () = $answers =~ m{^HTTP/1.1 204}mg;
        $refused += () = $answers =~ m{^HTTP/1.1 429}mg;
    }

    cmp_ok($refused, '>', 0, 'is refused at last');
    is(scalar($audit->events($taken)), $taken, 'only what was taken is told');
    $audit->none_more;
};

$nginx->end;

done_testing();

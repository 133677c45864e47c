#!/usr/bin/perl

# HTTP/2: one event a stream, with its body, also when it is reset.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $curl = `curl --version 2>/dev/null`;
plan(skip_all => 'no curl with HTTP/2') unless $curl =~ /HTTP2/;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%% http2;
        rtaudit main;
        rtaudit_level request;
        rtaudit_redact name:password action=drop;
        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /stream { proxy_request_buffering off;
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /local { return 200; }
    }
EOF

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $base = 'http://127.0.0.1:' . $nginx->port;


# runs curl beside the upstream, which is this process

sub ask {
    my ($answer, @args) = @_;

    my $pid = fork // die $!;

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec 'curl', '-s', '-S', '--http2-prior-knowledge', @args
            or POSIX::_exit(127);
    }

    if ($answer) {
        my $s = IO::Select->new($up)->can_read(10) && $up->accept;
        my $got = '';

        while ($s && ($got !~ /\r\n\r\n/
                      || ($got =~ /^POST/ && $got !~ /canary\s*$/)))
        {
            last unless IO::Select->new($s)->can_read(10)
                        && $s->sysread(my $part, 65536);
            $got .= $part;
        }

        diag("got only: $got") unless $got =~ /\r\n\r\n/;
        $answer->($s, $pid) if $s;
        close $s if $s;
    }

    waitpid $pid, 0;
    return $? >> 8;
}


sub fine {
    my $s = shift;
    $s->syswrite("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nok");
}


my $e;

is(ask(undef, "$base/local?a=1&password=canary"), 0, 'answered');
$e = $audit->event;
is($e->{request}{httpVersion}, '2.0', 'the version');
is($e->{request}{method}, 'GET', 'the method');
is_deeply($e->{parameters}, { a => '1' }, 'the arguments');

# several streams of one connection, which curl 7.88 can do with TLS only;
# then the client ends while a body is on its way

SKIP: {
    skip 'no node', 9 unless `node --version 2>/dev/null` =~ /^v\d/;

    my $script = $nginx->dir . '/h2.mjs';
    open my $fh, '>', $script or die $!;
    print $fh <<'JS';
import http2 from 'node:http2';
const client = http2.connect(process.argv[2]);
let open = 3;
const last = () => {
    const s = client.request({ ':path': '/half?password=canary',
                               ':method': 'POST', 'content-type':
                               'application/x-www-form-urlencoded' });
    s.write('password=canary', () => setTimeout(() => process.exit(0), 100));
};
for (const n of [1, 2, 3]) {
    const s = client.request({ ':path': '/local?' + n });
    s.on('close', () => { if (--open === 0) last(); });
    s.resume();
    s.end();
}
JS
    close $fh;

    is(system('node', $script, $base), 0, 'streams of one connection');

    my %by = map { $_->{request}{url} => $_ } $audit->events(4);
    is($by{"/local?$_"}{status}, 200, "stream $_") for 1 .. 3;

    $e = $by{'/half?password=[REDACTED]'} || $by{'/half?'};
    like($e->{status}, qr/^(?:400|499)$/, 'half a body: the status');
    is($e->{metadata}{body}{kind}, 'unread', 'it was not wholly read');
    is_deeply($e->{parameters}, {}, 'and is not shown');
}

for my $uri ('/', '/stream') {
    is(ask(\&fine, "$base$uri", '-d', 'b=2&password=canary'), 0, "$uri: form");
    $e = $audit->event;
    is_deeply($e->{parameters}, { b => '2' }, "$uri: the form");
    is($e->{metadata}{body}{kind}, 'form', "$uri: its kind");
}

# the client goes away: the stream is reset

ask(sub { my ($s, $pid) = @_; kill 'KILL', $pid; $s->sysread(my $x, 1) },
    "$base/gone?password=canary&c=3");
$e = $audit->event;
is($e->{status}, 499, 'a reset stream');
is($e->{metadata}{stage}, 'aborted', 'is aborted');
is_deeply($e->{parameters}, { c => '3' }, 'and redacted');

unlike($audit->text, qr/canary/, 'no canary');
$audit->none_more;
$nginx->stop;
like($nginx->log_text,
     qr/"main".* requests (\d+) waived 0 written \1 dropped 0 left 0/,
     'the books agree');
$nginx->quiet;

done_testing();

#!/usr/bin/perl

# How a body comes that rtauth_bind looks into: in pieces, asked for, over
# HTTP/2, too long, not at all; and that the application gets it as it came.

use strict;
use warnings;

use lib 't/lib';

use Cwd ();
use Test::More;

use RT::JWT;
use RT::Nginx;


my $data = Cwd::abs_path('t/data');
my $corp = RT::JWT::corp() =~ s/\$TEST_NGINX_DATA/$data/r;

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], ports => 3,
                           level => 'info', http => <<"EOT");
    $corp
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    client_body_buffer_size 1k;
    large_client_header_buffers 4 8k;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;
        server_name localhost;
        rtauth corp;
        rtaudit main;
        rtaudit_level request;
        add_header X-R \$rtauth_result always;

        location / {
            rtauth_bind form:email \$rtauth_user;
            rtauth_bind arg:email \$rtauth_user;
            rtauth_bind header:X-Email \$rtauth_user;
            proxy_pass http://127.0.0.1:%%PORT2%%/app;
        }
        location /pre {
            rtauth_phase preaccess;
            rtauth_bind form:email \$rtauth_user;
            proxy_pass http://127.0.0.1:%%PORT2%%/app;
        }
        location /stream {
            rtauth_bind form:email \$rtauth_user;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://127.0.0.1:%%PORT2%%/app;
        }
        location /ws {
            rtauth_bind arg:email \$rtauth_user;
            proxy_http_version 1.1;
            proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_pass http://127.0.0.1:%%PORT2%%/app;
        }
        location /ask {
            auth_request /ok;
            rtauth_bind form:email \$rtauth_user;
            proxy_pass http://127.0.0.1:%%PORT2%%/app;
        }
        location = /ok {
            internal;
            rtauth_bind off;
            try_files /nowhere =204;
        }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        rtauth off;
        location /app {
            proxy_set_body none;
            proxy_pass http://127.0.0.1:%%PORT2%%/ok;
            add_header X-Body "<\$request_body>";
        }
        location /ok { return 200 "in"; }
    }
EOT

$nginx->start;

my $as = RT::JWT::bearer();
my $form = 'Content-Type: application/x-www-form-urlencoded';
my $mine = 'a=1&email=ann%40example.com';
my $evil = 'a=1&email=bob%40example.com';


# an answer's status, and the body that the application got

sub said {
    my $answer = shift;
    my ($got) = $answer->{head} =~ /^X-Body: <(.*)>\r?$/m;
    return defined $got ? "$answer->{status} $got" : $answer->{status};
}


# sends a head, reads "100 Continue", and sends the body piece by piece

sub asked {
    my ($uri, $headers, @pieces) = @_;

    my $s = $nginx->connect or die "connect: $!";

    $s->syswrite(join "\r\n", "POST $uri HTTP/1.1", 'Host: localhost',
                 'Connection: close', 'Expect: 100-continue', @$headers, '',
                 '');

    my $seen = '';

    while ($seen !~ /\r\n\r\n/ && $s->sysread($seen, 4096, length $seen)) {
        # all of the first answer
    }

    return RT::Nginx::parse($seen . $nginx->rest($s))
        if $seen !~ m{^HTTP/1.1 100 };

    $s->syswrite($_) for @pieces;

    return { %{$nginx->answer($s)}, asked => 1 };
}


sub chunks { (map { sprintf "%x\r\n%s\r\n", length, $_ } @_), "0\r\n\r\n" }

my @length = ($as, $form, 'Content-Length: ' . length $mine);
my @chunked = ($as, $form, 'Transfer-Encoding: chunked');

for my $uri ('/x', '/pre', '/stream', '/ask') {
    is(said(asked($uri, \@length, split //, $mine)), "200 $mine",
       "$uri: a body that comes byte for byte");
    is(said(asked($uri, \@length, $evil)), 403, "$uri: another one's");
    is(said(asked($uri, \@chunked, chunks('a=1&em', 'ail=ann%40exam',
                                          'ple.com'))),
       "200 $mine", "$uri: in chunks");
    is(said(asked($uri, \@chunked, chunks('a=1&em', 'ail=bob%40exam',
                                          'ple.com'))),
       403, "$uri: in chunks, another one's");
}

is(said(asked('/x', \@chunked, chunks(('a=1&') x 300))), 403,
   'in chunks, and too long');
is(said(asked('/x', \@chunked, chunks())), '200 ', 'no chunk at all');
is(said(asked('/x', \@chunked, "zz\r\n")), 400, 'what is no chunk');

my $answer = asked('/x', [$as, $form, 'Content-Length: 1025'], 'x' x 1025);

is($answer->{status}, 403, 'one that says it is too long is refused');
ok(!$answer->{asked}, 'and not asked for');

$answer = asked('/x', [@length[1, 2]], $mine);

is($answer->{status}, 401, 'so is one of nobody');
ok(!$answer->{asked}, 'which is not asked for');


# two requests in one go, the first of which is refused

my $two = join "\r\n", 'POST /x HTTP/1.1', 'Host: localhost', @length, '',
               $evil . "GET /x HTTP/1.1", 'Host: localhost', $as,
               'Connection: close', '', '';

is(join(' ', $nginx->raw($two) =~ m{^HTTP/1.1 (\d+)}mg), '403 200',
   'the next request of the connection begins behind the body');


# who goes away in the middle of it

my $s = $nginx->connect;
$s->syswrite(join "\r\n", 'POST /gone HTTP/1.1', 'Host: localhost', @length,
             '', 'a=1');
close $s;

$nginx->wait_for('the event of who went away', sub {
    RT::Nginx::slurp($nginx->dir . '/logs/audit.log') =~ m{"/gone"}
});


# HTTP/2, with a length and without

sub http2 {
    my ($body, @args) = @_;

    open my $out, '>', $nginx->dir . '/body' or die $!;
    print $out $body;
    close $out;

    my $raw = join '', readpipe join ' ', 'curl -sSi --http2-prior-knowledge',
        "-X POST -H '$as' -H '$form' @args --max-time 20",
        'http://127.0.0.1:' . $nginx->port(1) . '/x', '<', $nginx->dir . '/body';

    my ($status, $got) = $raw =~ m{^HTTP/2 (\d+).*?(?:^x-body: <(.*?)>|\z)}ms;
    return defined $got ? "$status $got" : $status;
}

for my $how ('--data-binary @-', '-T -') {
    is(http2($mine, $how), "200 $mine", "HTTP/2, $how");
    is(http2($evil, $how), 403, "HTTP/2, $how: another one's");
    is(http2('', $how), '200 ', "HTTP/2, $how: an empty body");
}

is(http2('a=1&' x 300, '-T -'), 403, 'HTTP/2, too long');


# the handshake of a WebSocket; TRACE

sub handshake {
    my $uri = shift;
    return $nginx->get($uri, headers => [$as, 'Upgrade: websocket',
        'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAA'])->{status};
}

is(handshake('/ws?email=ann@example.com'), 200, 'a handshake of his own');
is(handshake('/ws?email=bob@example.com'), 403, "another one's");
is($nginx->request('TRACE', '/x', headers => [$as])->{status}, 405, 'TRACE');


# the event, which shows the body by its own rules

is($nginx->post('/event', 'application/x-www-form-urlencoded', $evil,
                headers => [$as])->{status}, 403, 'refused');

$nginx->wait_for('an event of it', sub {
    RT::Nginx::slurp($nginx->dir . '/logs/audit.log')
        =~ m{"actionType":"SPOOF_BLOCKED".*"/event"}
});

my $ours = join '', grep { /rtauth:/ } split /^/, $nginx->log_text;

like($ours, qr/refused with 403: spoofed/, 'the log says that much');
unlike($ours, qr/bob|ann%40|ann\@/, 'no value is in the log');

$nginx->end;

done_testing;

#!/usr/bin/perl

# rtauth_upgrade, and what is always taken out beside it: nothing but what is
# listed becomes a tunnel past the gateway.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET;
use Test::More;

use RT::JWT;
use RT::Nginx;


# an application that switches to whatever it is asked for, and under /lie
# unasked; then it says what came through the tunnel.  Otherwise it shows the
# head of the request.

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
                                   Listen => 16, Proto => 'tcp')
    or die "no free port: $!";

my $app = fork // die "fork: $!";

if ($app == 0) {
    while (my $s = $listen->accept) {
        serve($s);
        close $s;
    }

    POSIX::_exit(0);
}

sub serve {
    my $s = shift;
    my $head = '';

    while ($head !~ /\r\n\r\n/) {
        $s->sysread($head, 4096, length $head) or return;
    }

    my ($to) = $head =~ /^Upgrade: *(.*?)\r$/mi;

    if (defined $to || $head =~ m{^GET /lie}) {
        $to //= 'h2c';
        $s->syswrite("HTTP/1.1 101 Switching Protocols\r\n"
                     . "Connection: Upgrade\r\nUpgrade: $to\r\n\r\n");

        # nginx closes the connection if it makes no tunnel of it
        $s->sysread(my $data, 4096) or return;
        $s->syswrite("through the tunnel came $data");
        return;
    }

    $s->syswrite("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
                 . length($head) . "\r\n\r\n$head");
}

END { kill 'TERM', $app if $app }

my $to = '127.0.0.1:' . $listen->sockport;


my $keys = "$RT::Top/t/data/keys";

my $lines = <<"EOT";
    proxy_pass http://$to;
    proxy_http_version 1.1;
    proxy_set_header Upgrade \$http_upgrade;
EOT

my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 3, http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $keys/jwks.json; }

    map \$http_upgrade \$connection_upgrade { default upgrade; '' close; }
    proxy_set_header Connection \$connection_upgrade;
    underscores_in_headers on;

    server {
        listen 127.0.0.1:%%PORT0%%;
        set \$seen \$http_upgrade;

        location / { rtauth corp;
            proxy_set_header Connection \$connection_upgrade; $lines }
        location /open { rtauth off;
            proxy_set_header Connection "upgrade"; $lines }
        location /lie { rtauth off; error_page 502 /sorry; $lines }
        location /sorry { rtauth off; return 200 "no tunnel"; }
        location /k8s { rtauth off; rtauth_upgrade websocket SPDY/3.1;
            proxy_set_header Connection \$connection_upgrade; $lines
            location /k8s/tcp { rtauth_upgrade tcp;
                proxy_set_header Connection \$connection_upgrade; $lines } }
        location /raw { rtauth off; proxy_pass http://$to;
            proxy_set_header Connection \$http_connection;
            proxy_pass_request_headers on; proxy_http_version 1.1; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { $lines
            proxy_set_header Connection \$connection_upgrade; }
    }

    server {
        listen 127.0.0.1:%%PORT2%% http2;
        location / { rtauth off; $lines
            proxy_set_header Connection \$connection_upgrade; }
        location /guarded { rtauth corp; }
    }
EOT

$nginx->start;


# the answer to a request that goes on with "hello" at once

sub ask {
    my ($uri, $upgrade, %opt) = @_;

    my $version = $opt{version} // '1.1';
    my @headers = ('Host: localhost', 'Connection: Upgrade, HTTP2-Settings',
                   (map { "Upgrade: $_" } ref $upgrade ? @$upgrade : $upgrade),
                   @{$opt{headers} || []});

    my $raw = $nginx->raw(join("\r\n", "GET $uri HTTP/$version", @headers, '',
                               '') . 'hello', port => $opt{port} // 0);

    return RT::Nginx::parse($raw);
}

sub is_tunnel {
    my ($answer, $what) = @_;

    is($answer->{status}, 101, "$what becomes a tunnel");
    is($answer->{body}, 'through the tunnel came hello', '... both ways');
}

sub is_none {
    my ($answer, $what) = @_;

    is($answer->{status}, 200, "$what becomes no tunnel");
    unlike($answer->{body}, qr/^(?:upgrade|http2-settings):/mi,
           '... and is not told to the application');
}


my $user = bearer();

is_tunnel(ask('/', 'websocket', headers => [$user]), 'a user\'s websocket');
is(ask('/', 'websocket')->{status}, 401, 'nobody gets one');
is_tunnel(ask('/open', 'WebSocket'), 'an open one, in any case,');

for my $upgrade ('h2c', 'H2C', 'h2c, websocket', 'websocket, h2c', 'SPDY/3.1',
                 'websocket/13', 'tcp', 'h2', 'TLS/1.0', '')
{
    is_none(ask('/', $upgrade, headers =>
                [$user, 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA']),
            "\"$upgrade\"");
}

is_none(ask('/open', 'h2c', headers => ['HTTP2-Settings: AAMAAABk']),
        'h2c in an open location');
is_none(ask('/', ['websocket', 'h2c'], headers => [$user]), 'one of two');
is_none(ask('/', ['websocket', 'websocket'], headers => [$user]), 'two of one');
is_none(ask('/open', 'websocket', version => '1.0'), 'one of HTTP/1.0');


# what a location lists, and no other

is_tunnel(ask('/k8s', 'SPDY/3.1'), 'SPDY/3.1 where it is listed');
is_tunnel(ask('/k8s', 'websocket'), 'and websocket beside it');
is_none(ask('/k8s', 'tcp'), 'tcp there');
is_tunnel(ask('/k8s/tcp', 'tcp'), 'tcp in the nested location');
is_none(ask('/k8s/tcp', 'websocket'), 'websocket, which it does not list,');
is_none(ask('/k8s/tcp', 'SPDY/3.1'), 'SPDY/3.1, of the outer one,');


# an application that switches unasked

for my $upgrade ('h2c', 'SPDY/3.1') {
    my $answer = ask('/lie', $upgrade);

    is($answer->{status}, 502, "an unasked 101 after \"$upgrade\" is 502");
    is($answer->{body} =~ /^no tunnel/, 1, '... with its error page');
    unlike($answer->{raw}, qr/101|through/, '... and nothing else');
}

is($nginx->get('/lie')->{status}, 502, 'also to whom never asked');
like($nginx->log_text, qr/rtauth: upstream switched protocols/, 'and is said');


# a server without rtauth is left alone

is_tunnel(ask('/', 'h2c', port => 1), 'h2c without rtauth');


# what is always taken out: other spellings of framing headers

my $answer = $nginx->get('/raw', headers => [
    'Content_Length: 7', 'content_length: 8', 'Transfer_Encoding: chunked',
    'TRANSFER_ENCODING: gzip', 'http2_settings: AAAA', 'HTTP2-Settings: AAAA',
    'Content-Language: de', 'X-Content_Length: 5',
    'Connection: close, Transfer_Encoding, HTTP2-Settings, X-Id',
]);

is($answer->{status}, 200, 'a request with many spellings');
unlike($answer->{body}, qr/^(?:content.length|transfer.encoding):/mi,
       'keeps none of them');
unlike($answer->{body}, qr/http2/i, 'and no settings');
like($answer->{body}, qr/^Content-Language: de\r$/m, 'but what it may have');
like($answer->{body}, qr/^X-Content_Length: 5\r$/m, 'and other names');
unlike($answer->{body}, qr/^Connection: .*_/m, 'nor are they named elsewhere');

$answer = $nginx->post('/raw', 'text/plain', 'body');
like($answer->{body}, qr/^Content-Length: 4\r$/mi, 'the right one stays');


# HTTP/2 has no upgrades

my $said = $nginx->http2('GET', '/', port => 2,
                         headers => ['Upgrade: websocket'])->{raw};
like($said, qr{^HTTP/2 200}, 'an Upgrade in HTTP/2');
unlike($said, qr/^upgrade:/mi, 'goes no further');


$nginx->end;


# -- nginx -t

sub try {
    my $line = shift;

    my $try = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $keys/jwks.json; }
    server { listen 127.0.0.1:%%PORT0%%; rtauth corp; $line }
EOT

    return $try->try;
}

for my $name (qw(h2c H2C h2c/1 h2 HTTP/2.0 TLS/1.0)) {
    my ($rc, $out) = try("rtauth_upgrade websocket $name;");

    is($rc, 1, "$name cannot be listed");
    like($out, qr/"\Q$name\E" in "rtauth_upgrade": write none that carries/,
         '... for a reason');
}

for my $name ('websocket,tcp', '"a b"', '""') {
    my ($rc, $out) = try("rtauth_upgrade $name;");

    is($rc, 1, "$name is no protocol");
    like($out, qr/invalid protocol ".*" in "rtauth_upgrade"/, '... it says');
}

my ($rc, $out) = try('rtauth_upgrade tcp; rtauth_upgrade websocket;');
is($rc, 1, 'two lines');
like($out, qr/"rtauth_upgrade" directive is duplicate/, '... are one too many');


done_testing();

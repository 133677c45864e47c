#!/usr/bin/perl

# The body of a request to rtauth_scim stays in memory, in whatever pieces it
# comes: nginx has no folder for bodies here, so that one that it would write to
# a file is answered 500.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;
use RT::Scim;

my $nginx = RT::Scim::nginx(ports => 4, http => <<'EOF', server => <<EOT);
    client_body_in_file_only on;
    client_body_buffer_size 1k;
EOF
        location /upload/ {
            rtauth off;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
    }
    server {
        listen 127.0.0.1:%%PORT3%% http2;
        location /scim/v2/ {
            rtauth off;
            rtauth_scim key=data:$Key key=data:$Next;
        }
EOT

$nginx->start;
rmdir $nginx->dir . '/client_body' or die $!;

my $Limit = 4 * 1024 * 1024;
my $Raw = $Limit / 16 * 17;             # with the sizes of its chunks


sub head {
    my ($path, @headers) = @_;

    return join "\r\n", "POST $path HTTP/1.1", 'Host: localhost',
                "Authorization: Bearer $Key", 'Content-Type: application/json',
                'Transfer-Encoding: chunked', @headers, '', '';
}


sub chunks {
    my ($body, $size, $extension) = @_;

    return join '', (map { sprintf "%x%s\r\n%s\r\n", length, $extension // '',
                                   $_ } unpack "(a$size)*", $body),
                    "0\r\n\r\n";
}


# a user, in so many bytes

sub user {
    my ($name, $size) = @_;

    my $user = "{\"userName\":\"$name\",\"unknown\":\"";

    return $user . 'x' x ($size - 2 - length $user) . '"}';
}


sub created {
    my ($body, @how) = @_;

    my $answer = $nginx->raw(head('/scim/v2/Users', 'Connection: close')
                             . chunks($body, @how));

    return RT::Nginx::parse($answer)->{status};
}


sub known {
    my ($name) = @_;

    return push_to($nginx, 'GET', "/Users?filter=userName+eq+%22$name%22")
           ->{json}{totalResults};
}


my $upload = head('/upload/', 'Connection: close');

is(RT::Nginx::parse($nginx->raw($upload . chunks('x' x 4096, 64)))->{status},
   500, 'a body that would be written to a file');

is(created(user('few', 60), 1), 201, 'a byte in a chunk');
is(created(user('many', $Raw / 6 - 100), 1), 201, 'as many of them as fit');
is(created(user('more', $Raw / 6 + 1000), 1), 413, 'and more');
is(created(user('all', $Limit), 1, ';x=' . 'y' x 100), 413,
   'chunks with extensions');
is(created(user('long', 60), 30, ';x=' . 'y' x $Raw), 413, 'a long one');
is(created(user('large', $Limit), 96), 201, 'all that a body may have');
is(created(user('larger', $Limit + 1), 96), 413, 'a byte more');
is(created(user('whole', $Limit), $Limit), 201, 'in one chunk');
is(known($_), 0, "$_ is nobody") for qw(more all long larger);

is(push_to($nginx, 'POST', '/Users', user('announced', $Limit))->{status}, 201,
   'with a length');


# -- as it comes

my $text = chunks(user('slow', 9000), 1);
my $s = $nginx->connect;

$s->syswrite(head('/scim/v2/Users', 'Expect: 100-continue'));
like($nginx->rest($s, undef, qr/\r\n\r\n/), qr/^HTTP\/1\.1 100/,
     'who asks is told to go on');

# a piece is read before the next one is sent: nothing of it is there any more

for my $part (unpack '(a3001)*', $text) {
    $s->syswrite($part);
    $nginx->wait_for('what was sent', sub { unsent($s) == 0 });
}

like($nginx->rest($s, undef, qr/\r\n\r\n/), qr/^HTTP\/1\.1 201/, 'in pieces');

$s->syswrite(head('/scim/v2/Users') . chunks(user('next', 9000), 1)
             . head('/scim/v2/Users', 'Connection: close')
             . chunks(user('last', 9000), 1));
is(scalar(() = $nginx->rest($s) =~ /HTTP\/1\.1 201/g), 2,
   'two more on its connection');

$s = $nginx->connect;
$s->syswrite(head('/scim/v2/Users') . substr chunks(user('gone', 9000), 1), 0, -5);
$nginx->wait_for('what was sent', sub { unsent($s) == 0 });
close $s;

is(known('gone'), 0, 'who leaves in the middle has made nobody');


# -- HTTP/2, whose bodies need no length

sub streamed {
    my ($body) = @_;

    my $file = $nginx->dir . '/body';

    open my $fh, '>', $file or die $!;
    print $fh $body;
    close $fh or die $!;

    my $url = 'http://127.0.0.1:' . $nginx->port(3) . '/scim/v2/Users';

    return `cat $file | curl -s --http2-prior-knowledge -X POST -T - \\
            -H 'Authorization: Bearer $Key' -H 'Content-Type: application/json' \\
            -o /dev/null -w '%{http_code}' $url`;
}

is(streamed(user('h2', 100)), 201, 'HTTP/2');
is(streamed(user('h2all', $Limit)), 201, 'all that a body may have');
streamed(user('h2more', $Limit + 1));
is(known('h2more'), 0, 'a byte more is nobody');

is(known($_), 1, "$_ is there")
    for qw(few many large whole announced slow next last h2 h2all);

$nginx->end(undef, 'open\(\) "\S+/client_body/\d+" failed',
            'client intended to send too large',
            'too large with the sizes of its chunks');
done_testing();


# bytes that the other side's kernel has not handed to nginx, or this one's to it

sub unsent {
    my ($socket) = @_;

    my ($from, $to) = map { sprintf '%04X', $_ }
                      $socket->sockport, $socket->peerport;
    my $tcp = RT::Nginx::slurp('/proc/net/tcp');

    my ($out) = $tcp =~ /:$from \w+:$to 01 (\w+):/;
    my ($in) = $tcp =~ /:$to \w+:$from 01 \w+:(\w+)/;

    return hex($out) + hex($in);
}

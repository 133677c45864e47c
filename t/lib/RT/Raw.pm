package RT::Raw;

# An upstream that sends what it is told to, byte for byte:
#
#   my $port = RT::Raw::start(sub { my ($request) = @_; return $bytes });
#
# It serves connections on loopback until the test ends.  $request is the head
# of an HTTP request, or what came first of any other protocol.
#
#   RT::Raw::kept(sub { my ($request, $n) = @_; return $bytes });
#
# The same, but the connection stays open for more requests: this is its n-th.
#
#   RT::Raw::dripped(sub { my ($request) = @_; return $bytes });
#
# As start(), but each byte of the answer is a packet of its own.
#
#   my $proxied = RT::Raw::tunnel();            # location /ws { $proxied }
#   my $socket = RT::Raw::opened($nginx, '/ws', 'Authorization: ...');
#
# WebSockets that are open until the client, or nginx, closes them.

use strict;
use warnings;

use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Test::More ();

my ($owner, @pids) = $$;


sub kept {
    my ($reply) = @_;

    return start($reply, \&converse);
}


sub dripped {
    my ($reply) = @_;

    return start($reply, \&drip);
}


sub start {
    my ($reply, $answer) = @_;

    my $listen = IO::Socket::INET->new(Listen => 64, Proto => 'tcp',
                                       LocalAddr => '127.0.0.1')
        or die "raw upstream: $!";

    my $pid = fork;
    die $! unless defined $pid;

    if ($pid == 0) {
        serve($listen, $reply, $answer // \&answer);
        POSIX::_exit(0);
    }

    push @pids, $pid;

    return $listen->sockport;
}


# the head of a request, by an application whose answer may have no end

sub head {
    my $client = shift;
    my $head = '';

    $SIG{PIPE} = 'DEFAULT';
    alarm 120;

    while ($head !~ /\r\n\r\n/) {
        sysread $client, $head, 65536, length $head or return;
    }

    return $head;
}


sub tunnel {
    my $port = start(undef, sub {
        my $client = shift;
        my $head = head($client) // return;

        $client->syswrite("HTTP/1.1 101 Switching Protocols\r\n"
            . "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\nopen\n");
        1 while sysread $client, $head, 65536;
    });

    return "proxy_pass http://127.0.0.1:$port; proxy_http_version 1.1; "
           . 'proxy_set_header Upgrade $http_upgrade; '
           . 'proxy_set_header Connection upgrade;';
}


sub opened {
    my ($nginx, $path, $authorization) = @_;

    my $s = $nginx->connect;

    $s->syswrite(join "\r\n", "GET $path HTTP/1.1", 'Host: localhost',
                 'Connection: upgrade', 'Upgrade: websocket', $authorization,
                 '', '');
    Test::More::like($nginx->rest($s, undef, qr/open\n/), qr/^HTTP\/1\.1 101/,
                     "$path is open");

    return $s;
}


sub serve {
    my ($listen, $reply, $answer) = @_;

    $SIG{CHLD} = 'IGNORE';
    $SIG{TERM} = 'DEFAULT';

    while (my $client = $listen->accept) {
        my $pid = fork;

        if (defined $pid && $pid == 0) {
            $answer->($client, $reply);
            POSIX::_exit(0);
        }

        close $client;
    }
}


sub converse {
    my ($client, $reply) = @_;

    my ($n, $request) = (0, '');

    alarm 20;

    while (sysread $client, $request, 65536, length $request) {
        while ($request =~ s/^(.*?\r\n\r\n)//s) {
            $client->syswrite($reply->($1, ++$n));
        }
    }
}


sub drip {
    my ($client, $reply) = @_;

    setsockopt $client, IPPROTO_TCP, TCP_NODELAY, 1 or die "drip: $!";
    answer($client, $reply, 1);
}


# ends its side, and waits for the other one, so that no byte is lost

sub answer {
    my ($client, $reply, $step) = @_;

    my $request = '';

    alarm 20;

    while (sysread $client, $request, 65536, length $request) {
        last if $request !~ /^[A-Z]+ / || $request =~ /\r\n\r\n/;
    }

    my $bytes = $reply->($request);
    $step //= length $bytes;

    for (my $at = 0; $at < length $bytes; $at += $step) {
        $client->syswrite($bytes, $step, $at);
    }

    shutdown $client, 1;

    1 while sysread $client, $request, 65536;
}


END {
    kill 'KILL', @pids if $$ == $owner && @pids;
}


1;

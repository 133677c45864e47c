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

use strict;
use warnings;

use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);

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

package RT::Proxy;

# A proxy that leads to one port, whichever host it is asked for:
#
#   my $proxy = RT::Proxy->new($port);
#   "http://127.0.0.1:$proxy->{port}"
#   $proxy->heads;          # of the requests it got: CONNECT HOST:PORT ...

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;

use RT::Nginx;
use RT::Raw;


sub new {
    my ($class, $port) = @_;

    my $self = bless { dir => tempdir('rt-proxy-XXXXXX', TMPDIR => 1,
                                      CLEANUP => 1) }, $class;

    $self->{port} = RT::Raw::start(undef, sub {
        tunnel($_[0], $port, "$self->{dir}/heads");
    });

    return $self;
}


sub heads { split /(?<=\r\n\r\n)/, RT::Nginx::slurp("$_[0]{dir}/heads") }


sub tunnel {
    my ($client, $port, $log) = @_;

    my $head = '';

    alarm 60;

    until ($head =~ /\r\n\r\n/) {
        $client->sysread($head, 1, length $head) or return;
    }

    open my $fh, '>>', $log or die "$log: $!";
    print $fh $head;
    close $fh or die "$log: $!";

    return if $head !~ /\ACONNECT /;

    my $there = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $port) or return;
    $client->syswrite("HTTP/1.1 200 OK\r\n\r\n");

    my $both = IO::Select->new($client, $there);

    while (1) {
        for my $from ($both->can_read) {
            my $to = $from == $client ? $there : $client;

            $from->sysread(my $part, 1 << 16) or return;
            $to->syswrite($part);
        }
    }
}


1;

package RT::Syslog;

# A syslog collector within a test, which does only what it is told to:
#
#   my $c = RT::Syslog->new('tcp');     # or udp, unix, tls
#   $c->target;                         # syslog:tcp://127.0.0.1:PORT class=all
#   $c->take;                           # accepts and reads what is there
#   my @m = $c->wait(3);                # until 3 messages came, since the last;
#                                       # all collectors take what they get, but
#   $c->{deaf} = 1;                     # for those that do not
#   $c->stop; $c->start;                # closes in order; listens again
#   $c->reset;                          # closes, and loses what it did not read
#
#   RT::Syslog->new('tls', plain => 1, san => 'DNS:logs.test', ssl => { ... });
#   RT::Syslog->new('tcp', rcvbuf => 4096);
#
# A message is { pri, time, host, app, pid, msgid, text }; each is asserted to
# be RFC 5424 with an event of ours, in a stream by octet counting.
#
#   RT::Syslog::certify($dir, 'san')    # $dir/cert.pem, key.pem
#   RT::Syslog::books($nginx, 'sink')   # { requests, written, dropped, left }

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::SSL;
use IO::Socket::UNIX;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF SOCK_DGRAM);
use Test::More ();

use RT::Audit;
use RT::Nginx;

my @all;


sub new {
    my ($class, $way, %args) = @_;

    my $self = bless { way => $way, messages => [], seen => 0, torn => 0,
                       maker => $$,
                       dir => tempdir('rt_syslog_XXXXXX', TMPDIR => 1),
                       %args }, $class;

    push @all, $self;
    chmod 0755, $self->{dir};

    ($self->{port}) = RT::Nginx::free_ports(1) unless $way eq 'unix';
    certify($self->{dir}, $self->{san} || 'IP:127.0.0.1') if $way eq 'tls';
    $self->start;

    return $self;
}


sub certify {
    my ($dir, $san) = @_;

    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
           . " -nodes -days 2 -subj /CN=collector"
           . " -addext subjectAltName=$san"
           . " -keyout $dir/key.pem -out $dir/cert.pem 2> $dir/log") == 0
        or die "openssl: $?";
}


sub target {
    my $self = shift;

    return "syslog:unix:$self->{dir}/log.sock" if $self->{way} eq 'unix';
    return "syslog:$self->{way}://127.0.0.1:$self->{port} class=all";
}


sub start {
    my $self = shift;

    if ($self->{way} eq 'unix') {
        my $path = "$self->{dir}/log.sock";

        unlink $path;
        $self->{listen} = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
                                                Local => $path) or die $!;
        chmod 0666, $path;

    } else {
        my $udp = $self->{way} eq 'udp';

        $self->{listen} = IO::Socket::INET->new(
            Proto => $udp ? 'udp' : 'tcp', LocalAddr => '127.0.0.1',
            LocalPort => $self->{port}, ReuseAddr => 1,
            $udp ? () : (Listen => 64)) or die "port $self->{port}: $!";
    }

    setsockopt($self->{listen}, SOL_SOCKET, SO_RCVBUF, $self->{rcvbuf})
        if $self->{rcvbuf};

    $self->{listen}->blocking(0);
    $self->{clients} = [];
}


sub datagrams { $_[0]{way} =~ /^u/ }


sub stop {
    my ($self, %how) = @_;

    $_->{socket}->close for @{$self->{clients}};
    $self->{clients} = [];
    (delete $self->{listen})->close if $self->{listen} && !$how{only};
    unlink "$self->{dir}/log.sock" if $self->{way} eq 'unix' && !$how{only};
}


sub reset {
    my $self = shift;

    setsockopt($_->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0))
        for @{$self->{clients}};

    $self->stop;
}


sub take {
    my $self = shift;

    return $self->datagrams ? $self->take_datagrams : $self->take_streams;
}


sub take_datagrams {
    my $self = shift;

    while (defined $self->{listen}->recv(my $text, 1 << 20)) {
        $self->message($text);
    }
}


sub accept {
    my $self = shift;

    while (my $socket = $self->{listen}->accept) {
        $socket->blocking(0);

        IO::Socket::SSL->start_SSL($socket, SSL_server => 1,
            SSL_startHandshake => 0, SSL_cert_file => "$self->{dir}/cert.pem",
            SSL_key_file => "$self->{dir}/key.pem", %{$self->{ssl} || {}})
            if $self->{way} eq 'tls' && !$self->{plain};

        push @{$self->{clients}}, { socket => $socket, text => '' };
    }
}


sub take_streams {
    my $self = shift;

    $self->accept;
    $self->read_client($_) for @{$self->{clients}};
    @{$self->{clients}} = grep { !$_->{over} } @{$self->{clients}};
}


sub read_client {
    my ($self, $client) = @_;

    my $socket = $client->{socket};

    local $SIG{PIPE} = 'IGNORE';

    if ($socket->isa('IO::Socket::SSL') && !$client->{shaken}) {
        $client->{shaken} = $socket->accept_SSL;

        if (!$client->{shaken}) {
            $client->{over} = !$!{EAGAIN} && !$!{EWOULDBLOCK};
            return;
        }
    }

    while (1) {
        my $n = $socket->sysread(my $part, 1 << 14);

        if (defined $n && $n == 0) {
            $client->{over} = 1;
            $self->{torn}++ if length $client->{text};
        }

        last unless $n;
        $client->{text} .= $part;
    }

    return if $self->{plain};

    while ($client->{text} =~ /^(\d+) /) {
        my $head = length($1) + 1;

        last if length($client->{text}) < $head + $1;
        $self->message(substr $client->{text}, $head, $1);
        substr($client->{text}, 0, $head + $1) = '';
    }

    die "no octet count: $client->{text}" if $client->{text} =~ /^\D/;
}


sub message {
    my ($self, $text) = @_;

    my %m;

    die "no message of RFC 5424: $text" unless $text =~
        m{^<(\d+)>1\ (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)
          \ (\S+)\ (\S+)\ (\d+)\ (\S+)\ -\ (\{.*\})\z}xs;

    @m{qw(pri time host app pid msgid text)} = ($1, $2, $3, $4, $5, $6, $7);
    push @{$self->{RT::Audit::is_own($m{text}) ? 'own' : 'messages'}}, \%m;
}


# Those of requests that came since the last call, once there are $n of them.  All
# collectors of a test shake hands in its one process: a busy machine takes long.

sub wait {
    my ($self, $n) = @_;

    RT::Nginx->wait_for("$n messages", sub {
        $_->take for grep { $_->{listen} && !$_->{deaf} } @all;
        @{$self->{messages}} - $self->{seen} >= $n;
    }, 60);

    my @new = @{$self->{messages}}[$self->{seen} .. $#{$self->{messages}}];
    $self->{seen} = @{$self->{messages}};

    return @new;
}


# events of messages; all are valid

sub events { return RT::Audit::check(map { "$_->{text}\n" } @_) }


# the books of all workers that ended, added up

sub books {
    my ($nginx, $sink) = @_;

    my %sum;

    for (split /\n/, $nginx->log_text) {
        next unless /"\Q$sink\E" slot \d+: (.*)/;

        my %n = $1 =~ /(\w+) (\d+)/g;
        $sum{$_} += $n{$_} for keys %n;
    }

    return \%sum;
}


END {
    my @dirs = map { $_->{dir} } grep { $_->{maker} == $$ } @all;

    remove_tree(@dirs, { safe => 1 }) unless $ENV{RT_KEEP};
}


1;

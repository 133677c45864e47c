package RT::Intake;

# A collector over HTTP within a test, which takes and says only what it is
# told to:
#
#   my $c = RT::Intake->new(tls => 1, san => 'DNS:logs.test', expired => 1);
#   $c->target;                         # https://127.0.0.1:PORT/in?x=1
#   my @events = $c->wait(3);           # until 3 came, since the last; all
#                                       # collectors take meanwhile, but for
#   $c->{deaf} = 1;                     # those that do not
#   $c->stop; $c->start;                # closes; listens again
#   $c->say(503, { status => 429, after => 2 }, ...);   # the next answers;
#                                       # behind them, $c->{always} or 200
#   $c->{requests};                     # { head, lines, status, connection }
#   $c->accepted;                       # lines of those with a 2xx
#
# An answer is a status, or { status, after, location, body, ... } with
#
#   hang => 1      nothing at all       drip => 1    never ends
#   cut => N       reset after N bytes of it
#   many => 1      kept for the first request of more than one line
#   items => [..]  Elasticsearch's, a status for each line, behind them 201
#   most => N      ... which is too long to be read for more than N lines
#
# Each request is asserted to be a POST of gzip'ed lines, its length right, as
# format => 'loki' or another has them.

use strict;
use warnings;

use Compress::Zlib ();
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::SSL;
use IO::Socket::SSL::Utils;
use JSON::PP qw(encode_json);
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More ();

use RT::Audit;
use RT::Format;
use RT::Nginx;
use RT::Syslog;

my @all;


sub new {
    my ($class, %args) = @_;

    my $self = bless { requests => [], seen => 0, answers => [], maker => $$,
                       connections => 0, clients => [],
                       dir => tempdir('rt_intake_XXXXXX', TMPDIR => 1),
                       %args }, $class;

    push @all, $self;
    chmod 0755, $self->{dir};

    ($self->{port}) = RT::Nginx::free_ports(1);
    $self->certify if $self->{tls};
    $self->start;

    return $self;
}


sub certify {
    my $self = shift;

    if (!$self->{expired}) {
        RT::Syslog::certify($self->{dir}, $self->{san} || 'IP:127.0.0.1');
        return;
    }

    my ($cert, $key) = CERT_create(
        subject => { commonName => 'collector' }, purpose => 'server',
        subjectAltNames => [[IP => '127.0.0.1']],
        not_before => time - 7 * 86400, not_after => time - 86400);

    PEM_cert2file($cert, "$self->{dir}/cert.pem");
    PEM_key2file($key, "$self->{dir}/key.pem");
}


sub target {
    my $self = shift;

    return ($self->{tls} ? 'https' : 'http')
           . "://127.0.0.1:$self->{port}/in?x=1";
}


sub start {
    my $self = shift;

    $self->{listen} = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $self->{port}, ReuseAddr => 1,
        Listen => 64) or die "port $self->{port}: $!";
    $self->{listen}->blocking(0);
}


sub stop {
    my $self = shift;

    $_->{socket}->close for @{$self->{clients}};
    $self->{clients} = [];
    (delete $self->{listen})->close if $self->{listen};
}


sub say { my $self = shift; push @{$self->{answers}}, @_ }


sub take {
    my $self = shift;

    while (my $socket = $self->{listen}->accept) {
        $socket->blocking(0);

        IO::Socket::SSL->start_SSL($socket, SSL_server => 1,
            SSL_startHandshake => 0,
            SSL_cert_file => "$self->{dir}/cert.pem",
            SSL_key_file => "$self->{dir}/key.pem",
            %{$self->{ssl} || {}}) if $self->{tls};

        push @{$self->{clients}}, { socket => $socket, text => '',
                                    n => $self->{connections}++ };
    }

    local $SIG{PIPE} = 'IGNORE';

    $self->hear($_) for @{$self->{clients}};
    @{$self->{clients}} = grep { !$_->{over} } @{$self->{clients}};
}


sub hear {
    my ($self, $client) = @_;

    my $socket = $client->{socket};

    if ($self->{tls} && !$client->{shaken}) {
        $client->{shaken} = $socket->accept_SSL;

        if (!$client->{shaken}) {
            $client->{over} = !$!{EAGAIN} && !$!{EWOULDBLOCK};
            return;
        }
    }

    $socket->syswrite('x') if $client->{drips};

    while (1) {
        my $n = $socket->sysread(my $part, 1 << 16);

        $client->{over} = 1 if defined $n && $n == 0;
        last unless $n;
        $client->{text} .= $part;
    }

    while ($client->{text} =~ /\A(.*?)\r\n\r\n/s) {
        my $head = $1;
        my ($length) = $head =~ /^Content-Length: (\d+)\r?$/mi
            or die "no length: $head";
        my $from = length($head) + 4;

        last if length($client->{text}) < $from + $length;

        my $body = substr $client->{text}, $from, $length;
        substr($client->{text}, 0, $from + $length) = '';
        $self->request($client, $head, $body);
    }
}


sub request {
    my ($self, $client, $head, $body) = @_;

    die "no POST: $head" unless $head =~ m{\APOST (?:http://[^/]+)?/in\?x=1 };
    die "no gzip: $head" unless $head =~ /^Content-Encoding: gzip\r?$/m;

    my $text = Compress::Zlib::memGunzip($body) // die 'gzip is broken';

    my @lines = RT::Format::lines($self->{format} || 'retool', $text);

    die 'no whole line' if grep { !/\n\z/ } @lines;

    my $answer = $self->{answers}[0];
    my $early = ref $answer && $answer->{many} && @lines == 1;

    $answer = !$early && shift @{$self->{answers}} || $self->{always} || 200;
    $answer = { status => $answer } unless ref $answer;

    push @{$self->{requests}}, { head => $head, lines => \@lines,
                                 status => $answer->{status} || 0,
                                 connection => $client->{n} };

    $answer = { %$answer, body => encode_json({ items => [
        map { { create => { status => $answer->{items}[$_] || 201 } } }
            0 .. $#lines] }) . (@lines > ($answer->{most} // @lines)
                                ? ' ' x 2_000_000 : '') } if $answer->{items};

    $self->reply($client, $answer) unless $answer->{hang};
}


sub reply {
    my ($self, $client, $answer) = @_;

    my $body = $answer->{body} // 'fine';
    my $length = $answer->{drip} ? 1 << 30 : length $body;

    my $text = "HTTP/1.1 $answer->{status} Word\r\nContent-Length: $length\r\n"
        . (defined $answer->{after} ? "Retry-After: $answer->{after}\r\n" : '')
        . (defined $answer->{location} ? "Location: $answer->{location}\r\n"
                                       : '')
        . "\r\n$body";

    $client->{drips} = $answer->{drip};

    if (defined $answer->{cut}) {
        $client->{socket}->syswrite(substr $text, 0, $answer->{cut});
        setsockopt($client->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
        close $client->{socket};
        $client->{over} = 1;
        return;
    }

    my $end = time + $RT::Nginx::Deadline;

    for (my $at = 0; $at < length $text && time < $end; ) {
        my $n = $client->{socket}->syswrite($text, 1 << 16, $at);

        last if !defined $n && !$!{EAGAIN};
        $at += $n || 0;
    }
}


# of requests

sub accepted {
    my $self = shift;

    return grep { !RT::Audit::is_own($_) } map { @{$_->{lines}} }
        grep { $_->{status} =~ /^2/ } @{$self->{requests}};
}


sub take_all { $_->take for grep { $_->{listen} && !$_->{deaf} } @all }


# events that came since the last call, once there are $n of them; all are valid

sub wait {
    my ($self, $n) = @_;

    RT::Nginx->wait_for("$n events", sub {
        take_all();
        $self->accepted - $self->{seen} >= $n;
    });

    my @lines = $self->accepted;
    my @new = @lines[$self->{seen} .. $#lines];
    $self->{seen} = @lines;

    return RT::Audit::check(@new);
}


# the spool of an nginx that is stopped has one segment from now on, which is
# not closed and has no own events.  Ret: its file, whose owner stays

sub gather {
    my $spool = shift;

    my ($first, @rest) = grep { m{/(?:[0-9a-f]{16}|open)\z} }
                         sort glob "$spool/*";

    my @lines = grep { !RT::Audit::is_own($_) }
                map { split /^/, RT::Nginx::slurp($_) } $first, @rest;

    open my $fh, '>', $first or die "$first: $!";
    print $fh @lines;
    close $fh or die "$first: $!";

    unlink @rest;
    rename $first, "$spool/open" or die "$first: $!";

    return "$spool/open";
}


# until a condition holds, while all collectors take what comes

sub until {
    my ($what, $condition) = @_;

    return RT::Nginx->wait_for($what, sub { take_all(); $condition->() });
}


END {
    my @dirs = map { $_->{dir} } grep { $_->{maker} == $$ } @all;

    remove_tree(@dirs, { safe => 1 }) unless $ENV{RT_KEEP};
}


1;

package RTServer;

# An nginx for tests that Test::Nginx blocks cannot express: clients that go
# away, workers that are killed, reloads in the middle of something.
#
#   my $nginx = RTServer->new(modules => ['rtauth'], workers => 1,
#                             http => "...");       # what stands in http {}
#   $nginx->get('/t', { Authorization => '...' });  # as HTTP::Tiny answers
#   $nginx->stop;                                   # asserts a silent log
#
# level => 'debug_http' makes the log say more, when RTServer::debug() is true.
# %%PORT%% in the configuration is a free port, %%DIR%% the server's folder
# (html/ in it holds the file "t").  Nothing here sleeps for a fixed time:
# until() looks again and again, for at most ten seconds.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IO::Socket::INET;
use Test::More ();
use Time::HiRes qw(sleep time);

# a test that is told to end takes its nginx along
$SIG{$_} ||= sub { exit 1 } for qw(TERM INT HUP);

our $Noise = qr/\[(?:alert|emerg|crit)\]|Sanitizer|runtime error:/;


sub new {
    my ($class, %args) = @_;

    my $self = bless { dir => tempdir('rt_ngx_XXXXXX', TMPDIR => 1,
                                      CLEANUP => 1), %args }, $class;

    $self->{port} = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                          Listen => 1)->sockport;
    $self->{allow} ||= qr/^\b$/;

    chmod 0755, $self->{dir};
    mkdir "$self->{dir}/$_" for qw(html logs);

    open my $fh, '>', "$self->{dir}/html/t" or die $!;
    print $fh "hello\n";
    close $fh;

    $self->configure($self->{http});

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDERR, '>>', "$self->{dir}/logs/stderr";
        exec $ENV{TEST_NGINX_BINARY} || 'nginx', '-p', $self->{dir}, '-c',
             "$self->{dir}/nginx.conf", '-e', "$self->{dir}/logs/error.log";
        exit 1;
    }

    $self->{pid} = $pid;

    $self->until(sub { $self->connect }, 'nginx is up')
        or die $self->log, $self->slurp('logs/stderr');

    return $self;
}


sub configure {
    my ($self, $http) = @_;

    my $dir = $ENV{RT_MODULE_DIR}
              || abs_path(dirname(__FILE__) . '/../..') . '/build/modules';

    my $load = join "\n", map {
        "load_module $dir/ngx_http_${_}_module.so;"
    } @{ $self->{modules} };

    my $workers = $self->{workers} || 1;
    my $connections = $self->{connections} || 256;
    my $master = $self->{main} || '';
    my $level = $self->{level} || 'info';

    my $conf = <<"END";
$load
daemon off;
worker_processes $workers;
error_log $self->{dir}/logs/error.log $level;
pid $self->{dir}/nginx.pid;
$master
events { worker_connections $connections; }
http {
    access_log off;
    client_body_temp_path $self->{dir}/body;
    proxy_temp_path $self->{dir}/proxy;
    fastcgi_temp_path $self->{dir}/fastcgi;
    uwsgi_temp_path $self->{dir}/uwsgi;
    scgi_temp_path $self->{dir}/scgi;
    $http
}
END

    $conf =~ s/%%PORT%%/127.0.0.1:$self->{port}/g;
    $conf =~ s/%%DIR%%/$self->{dir}/g;

    open my $fh, '>', "$self->{dir}/nginx.conf" or die $!;
    print $fh $conf;
    close $fh;
}


# a new configuration; returns when workers of the old one are gone or, with
# "busy", when workers of the new one are there

sub reload {
    my ($self, $http, %how) = @_;

    my %old = map { $_ => 1 } $self->workers;

    $self->configure($http);
    kill HUP => $self->{pid};

    return $self->until(sub {
        my @new = grep { !$old{$_} } $self->workers;
        my @left = grep { $old{$_} } $self->workers;
        return @new && ($how{busy} || !@left);
    }, 'the new configuration is running');
}


sub workers {
    my ($self) = @_;

    my @pids;

    for my $file (glob '/proc/[0-9]*/stat') {
        open my $fh, '<', $file or next;
        my $line = <$fh> // next;
        my ($pid, $rest) = $line =~ /^(\d+) \(.*\) (.*)/s or next;
        my ($state, $ppid) = split ' ', $rest;
        push @pids, $pid if $ppid == $self->{pid} && $state ne 'Z';
    }

    return sort { $a <=> $b } @pids;
}


sub connect {
    my ($self) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $self->{port});
}


# a request that is sent and not waited for: the socket

sub request {
    my ($self, $path, @headers) = @_;

    my $socket = $self->connect or die "connect: $!";
    $socket->autoflush(1);

    print $socket join("\r\n", "GET $path HTTP/1.1", 'Host: localhost',
                       'Connection: close', @headers, '', '');

    return $socket;
}


sub answer {
    my ($self, $socket) = @_;

    local $/;
    return scalar <$socket>;
}


sub get {
    my ($self, $path, $headers) = @_;

    return HTTP::Tiny->new(timeout => 10)->get(
        "http://127.0.0.1:$self->{port}$path", { headers => $headers || {} });
}


sub slurp {
    my ($self, $file) = @_;

    open my $fh, '<', "$self->{dir}/$file" or return '';
    local $/;
    return scalar(<$fh>) // '';
}


# was this nginx built with --with-debug?

sub debug {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    return `$nginx -V 2>&1` =~ /--with-debug/;
}


sub log { return $_[0]->slurp('logs/error.log') }


sub until {
    my ($self, $condition, $what) = @_;

    my $end = time + 10;

    while (time < $end) {
        return 1 if $condition->();
        sleep 0.01;
    }

    Test::More::diag("waited in vain: $what");

    return 0;
}


# a graceful end; the log must be silent but for what "allow" matches

sub stop {
    my ($self, $signal) = @_;

    return unless my $pid = delete $self->{pid};

    kill $signal || 'QUIT', $pid;
    $self->{pid} = $pid;
    my $gone = $self->until(sub { waitpid($pid, 1) == $pid }, 'nginx ended');
    delete $self->{pid};

    Test::More::ok($gone, 'nginx ends when it is told to');

    if (!$gone) {
        kill KILL => $pid;
        waitpid $pid, 0;
    }

    my @loud = grep { /$Noise/ && !/$self->{allow}/ }
               split /\n/, $self->log . $self->slurp('logs/stderr');

    Test::More::is("@loud", '', 'the error log is silent');
}


sub DESTROY {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;
    local ($?, $!);

    kill TERM => $pid;
    waitpid $pid, 0;
}


1;

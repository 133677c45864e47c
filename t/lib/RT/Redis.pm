package RT::Redis;

# A private Redis or Valkey for tests, with users and TLS.
#
#   my $redis = RT::Redis->new;
#   $redis->start; $redis->stop; $redis->start;     # the same ports again
#   my $block = $redis->block('fleet');             # rtauth_redis fleet { }
#   my $answer = $redis->ask('GET', $key);          # text, number, undef, list
#   my $s = $redis->talk; RT::Redis::put($s, ['PING'], ['PING']);
#   $answer = RT::Redis::value($s);                 # of the first, and so on
#
# Its user "nginx" may do what docs/redis.md says that ours needs, no more.
# RT_REDIS_SERVER names the program: redis-server or, where there is none,
# valkey-server, unless it says another one.

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::UNIX;
use POSIX ();

use RT::Nginx;

my @all;
my $owner = $$;

our $Rules = '~rt:* +get +getrange +set +del +pexpire +eval +xadd +xread'
             . ' +select';


sub new {
    my ($class, %args) = @_;

    my @names = $ENV{RT_REDIS_SERVER} || qw(redis-server valkey-server);
    my ($server) = grep { -x } map { my $name = $_;
        $name =~ m{/} ? $name : map { "$_/$name" } split /:/, $ENV{PATH} }
        @names;

    die "no @names: install Debian's redis-server\n" unless $server;

    my $self = bless { server => $server, conf => '', secret => "s3cret-$$",
                       dir => tempdir('rt_redis_XXXXXX', TMPDIR => 1), %args },
                     $class;

    @$self{qw(port tls)} = RT::Nginx::free_ports(2);

    chmod 0755, $self->{dir};
    $self->certify;

    open my $fh, '>', "$self->{dir}/secret" or die $!;
    print $fh $self->{secret};
    close $fh;
    chmod 0600, "$self->{dir}/secret";

    push @all, $self;

    return $self;
}


# for 127.0.0.1 and the name redis.test, signed by itself

sub certify {
    my $self = shift;

    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
           . " -nodes -days 2 -subj /CN=redis"
           . " -addext subjectAltName=IP:127.0.0.1,DNS:redis.test"
           . " -keyout $self->{dir}/key.pem -out $self->{dir}/cert.pem"
           . " 2> $self->{dir}/openssl.log") == 0
        or die "openssl: $?";
}


sub start {
    my $self = shift;
    my $dir = $self->{dir};

    open my $fh, '>', "$dir/redis.conf" or die $!;
    print $fh <<EOT;
bind 127.0.0.1
port $self->{port}
tls-port $self->{tls}
tls-cert-file $dir/cert.pem
tls-key-file $dir/key.pem
tls-ca-cert-file $dir/cert.pem
tls-auth-clients no
unixsocket $dir/socket
unixsocketperm 777
save ""
appendonly no
dir $dir
logfile $dir/log
user default off
user test on nopass ~* &* +\@all
user nginx on >$self->{secret} $Rules
$self->{conf}
EOT
    close $fh or die $!;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', "$dir/out";
        open STDERR, '>&', \*STDOUT;

        # it ends with the test, and holds none of its pipes

        POSIX::close($_) for 3 .. 255;
        exec 'setpriv', '--pdeathsig', 'KILL', $self->{server},
             "$dir/redis.conf" or POSIX::_exit(127);
    }

    $self->{pid} = $pid;

    RT::Nginx->wait_for('Redis', sub {
        (eval { $self->ask('PING') } // '') eq 'PONG';
    }) or die "no Redis: " . RT::Nginx::slurp("$dir/log");

    return $self;
}


sub stop {
    my ($self, $how) = @_;

    my $pid = delete $self->{pid} or return;

    kill $how || 'KILL', $pid;
    waitpid $pid, 0;
}


# takes what it is sent, and does not answer

sub freeze { kill 'STOP', $_[0]{pid} }
sub thaw { kill 'CONT', $_[0]{pid} }


# an rtauth_redis of that name; how: plain, tls, unix

sub block {
    my ($self, $name, $how, @more) = @_;

    my %url = (plain => "redis://127.0.0.1:$self->{port}",
               tls => "rediss://127.0.0.1:$self->{tls}",
               unix => "unix:$self->{dir}/socket");

    $how ||= 'plain';

    push @more, "ssl_trusted_certificate $self->{dir}/cert.pem;"
        if $how eq 'tls';

    # as long as a loaded machine may take

    push @more, 'timeout 10s;' unless "@more" =~ /timeout/;

    return "rtauth_redis $name { url $url{$how};"
           . " user nginx; password file:$self->{dir}/secret; @more }\n";
}


sub ask {
    my ($self, @words) = @_;

    my $s = $self->talk;
    put($s, \@words);

    return value($s);
}


# a connection, which may do everything

sub talk {
    my $self = shift;

    my $s = IO::Socket::UNIX->new(Peer => "$self->{dir}/socket")
        or die "redis: $!";

    put($s, ['AUTH', 'test', 'x']);
    value($s);

    return $s;
}


# commands that it gets at once, and does one behind the other

sub put {
    my ($s, @commands) = @_;

    $s->print(map { ('*' . @$_ . "\r\n",
                     map { '$' . length($_) . "\r\n$_\r\n" } @$_) }
                  @commands);
    $s->flush;
}


sub value {
    my $s = shift;

    local $/ = "\r\n";
    my $line = <$s> // die "redis: closed";
    chomp $line;

    my ($type, $rest) = $line =~ /^(.)(.*)$/s;

    return $rest if $type =~ /[-+:]/;
    return undef if $rest < 0;
    return [ map { value($s) } 1 .. $rest ] if $type eq '*';

    read $s, my $text, $rest + 2;
    return substr $text, 0, $rest;
}


sub sessions { @{$_[0]->ask('KEYS', 'rt:s:*')} }


END {
    my $rc = $?;

    for my $self ($$ == $owner ? @all : ()) {
        $self->stop;
        remove_tree($self->{dir}, { safe => 1 }) unless $ENV{RT_KEEP};
    }

    $? = $rc;
}


1;

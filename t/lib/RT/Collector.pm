package RT::Collector;

# Debian's syslog collectors, as plain processes with a configuration, ports
# and files of their own:
#
#   my $c = RT::Collector->new('rsyslog');      # or syslog-ng
#   $c->start; $c->stop; $c->start;
#   $c->targets;        # { tls, tcp, udp, unix } => what rtaudit_sink is told
#   $c->lines;          # what it has written: [ tag, procid, msgid, event ]
#
# syslog-ng cannot be installed beside rsyslog: "make deps" unpacks it.

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use POSIX ();

use RT::Audit;
use RT::Nginx;
use RT::Syslog;

my @all;

my %program = ('rsyslog' => 'rsyslogd', 'syslog-ng' => 'syslog-ng');


# 1 if Debian's is there, installed or unpacked

sub find {
    my $name = shift;

    my $unpacked = ($ENV{RT_BUILD} || "$RT::Top/build") . '/syslog-ng';
    my @dirs = (split(/:/, $ENV{PATH}), '/usr/sbin', "$unpacked/usr/sbin");
    my ($path) = grep { -x } map { "$_/$program{$name}" } @dirs;

    return $path;
}


sub new {
    my ($class, $name) = @_;

    my $self = bless { name => $name, path => find($name), maker => $$,
                       dir => tempdir('rt_collector_XXXXXX', TMPDIR => 1) },
                     $class;

    die "no $name: run \"make deps\"\n" unless $self->{path};

    chmod 0755, $self->{dir};
    RT::Syslog::certify($self->{dir}, 'DNS:logs.test');
    @$self{qw(tls tcp)} = RT::Nginx::free_ports(2);
    push @all, $self;

    return $self;
}


sub targets {
    my $self = shift;

    return {
        tls => "syslog:tls://127.0.0.1:$self->{tls} name=logs.test class=all"
               . " ca=$self->{dir}/cert.pem",
        tcp => "syslog:tcp://127.0.0.1:$self->{tcp} class=all",
        udp => "syslog:udp://127.0.0.1:$self->{tcp} class=all",
        unix => "syslog:unix:$self->{dir}/log.sock",
    };
}


sub rsyslog {
    my $self = shift;
    my $dir = $self->{dir};

    return <<EOF, '-n', '-f', "$dir/conf", '-i', "$dir/pid";
global(maxMessageSize="1m" workDirectory="$dir"
       defaultNetstreamDriverCAFile="$dir/cert.pem"
       defaultNetstreamDriverCertFile="$dir/cert.pem"
       defaultNetstreamDriverKeyFile="$dir/key.pem")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
       streamDriver.authMode="anon")
module(load="imptcp")
module(load="imudp")
module(load="imuxsock" sysSock.use="off")
template(name="event" type="string"
         string="%app-name% %procid% %msgid% %msg%\\n")
ruleset(name="audit") {
    action(type="omfile" file="$dir/out" template="event")
}
input(type="imtcp" port="$self->{tls}" address="127.0.0.1" ruleset="audit")
input(type="imptcp" port="$self->{tcp}" address="127.0.0.1" ruleset="audit")
input(type="imudp" port="$self->{tcp}" address="127.0.0.1" ruleset="audit"
      rcvbufSize="1m")
input(type="imuxsock" socket="$dir/log.sock" ruleset="audit"
      useSpecialParser="off" rateLimit.interval="0")
EOF
}


sub syslog_ng {
    my $self = shift;
    my $dir = $self->{dir};

    # its version is the name of the folder of its modules
    my ($root) = $self->{path} =~ m{^(.*)/sbin/};
    my ($modules) = glob "$root/lib/syslog-ng/[0-9]*";
    my ($version) = $modules =~ m{([^/]+)\z};

    return <<EOF, '-F', '--no-caps', '-f', "$dir/conf", '-R', "$dir/persist",
\@version: $version
options { log-msg-size(1048576); keep-hostname(yes); stats-freq(0); };
source audit {
    syslog(transport("tls") ip(127.0.0.1) port($self->{tls})
           tls(key-file("$dir/key.pem") cert-file("$dir/cert.pem")
               peer-verify(optional-untrusted)));
    syslog(transport("tcp") ip(127.0.0.1) port($self->{tcp}));
    syslog(transport("udp") ip(127.0.0.1) port($self->{tcp})
           so-rcvbuf(1048576));
    unix-dgram("$dir/log.sock" flags(syslog-protocol));
};
destination file {
    file("$dir/out" template("\$PROGRAM \$PID \$MSGID \$MSG\\n"));
};
log { source(audit); destination(file); };
EOF
        '-p', "$dir/pid", '-c', "$dir/ctl", '--module-path', $modules;
}


sub start {
    my $self = shift;

    my ($conf, @args) = $self->{name} eq 'rsyslog' ? $self->rsyslog
                                                   : $self->syslog_ng;
    my ($root) = $self->{path} =~ m{^(.*)/sbin/};

    open my $fh, '>', "$self->{dir}/conf" or die $!;
    print $fh $conf;
    close $fh or die $!;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>>', "$self->{dir}/log";
        open STDERR, '>&', \*STDOUT;

        # it ends with the test, and holds none of its pipes

        POSIX::close($_) for 3 .. 255;
        $ENV{LD_LIBRARY_PATH} = "$root/lib/syslog-ng";
        exec 'setpriv', '--pdeathsig', 'KILL', $self->{path}, @args
            or POSIX::_exit(127);
    }

    $self->{pid} = $pid;

    RT::Nginx->wait_for($self->{name}, sub {
        -S "$self->{dir}/log.sock"
            && IO::Socket::INET->new("127.0.0.1:$self->{tls}")
            && IO::Socket::INET->new("127.0.0.1:$self->{tcp}");
    }) or die "no $self->{name}: " . RT::Nginx::slurp("$self->{dir}/log");

    # of the workers' user
    chmod 0666, "$self->{dir}/log.sock";

    return $self;
}


sub stop {
    my ($self, $how) = @_;

    my $pid = delete $self->{pid} or return;

    kill $how || 'TERM', $pid;
    waitpid $pid, 0;
    unlink "$self->{dir}/log.sock";
}


sub lines {
    my $self = shift;

    return map { [split / /, $_, 4] } grep { !RT::Audit::is_own($_) }
           split /^/, RT::Nginx::slurp("$self->{dir}/out");
}


END {
    my $rc = $?;

    for my $self (grep { $_->{maker} == $$ } @all) {
        $self->stop('KILL');
        remove_tree($self->{dir}, { safe => 1 }) unless $ENV{RT_KEEP};
    }

    $? = $rc;
}


1;

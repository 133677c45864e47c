package RT::Nginx;

# A private nginx for tests of several steps: reload, rotation, crashes.
#
#   my $nginx = RT::Nginx->new(
#       modules => ['rtaudit'],         # loaded in this order
#       workers => 2,                   # 1
#       connections => 12,              # of a worker; 1024
#       level   => 'info',              # of the error log; notice
#       ports   => 2,                   # %%PORT0%%, %%PORT1%% in texts; 1
#       torn    => 1,                   # lines of audit files may be cut
#       main    => 'worker_shutdown_timeout 1s;',
#       http    => '... %%DIR%% ...',   # what stands in http {}
#   );
#   $nginx->file('html/page', 'text');  # in %%DIR%%, for workers to read
#   $nginx->start;
#   my $answer = $nginx->get('/path');  # { status, head, body, raw }
#   my $socket = $nginx->ask('/path');  # is not waited for
#   $answer = $nginx->answer($socket);
#   $answer = $nginx->http2('GET', '/path');
#   $nginx->reload; $nginx->reopen; $nginx->stop;
#   $nginx->quiet('a regex that is allowed');
#   $nginx->blames('a message', http => '... # here');
#   $nginx->end;                        # stop and quiet
#   my ($rc, $text) = $nginx->dump;     # nginx -T
#   my @found = $nginx->findings;       # of rt check: { id, file, line ... }
#
# level => 'debug_http' says more where RT::Nginx::debug() is true.
#
# Everything waits for a condition with a deadline.  What is still running
# at the end of the test is ended by its pid.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use POSIX qw(:sys_wait_h);
use Test::More ();
use Time::HiRes qw(sleep time);

use RT ();

our $Deadline = $ENV{RT_DEADLINE} || 20;    # seconds any wait may take

my @all;

# a test that is told to end cleans up, too
$SIG{$_} ||= sub { exit 1 } for qw(TERM INT HUP);


sub new {
    my ($class, %args) = @_;

    my $self = bless {
        modules => [], workers => 1, connections => 1024, ports => 1,
        level => 'notice', main => '', http => '', maker => $$, %args,
    }, $class;

    # with its path: an upgrade (USR2) runs it by this name
    chomp($self->{nginx} = $ENV{TEST_NGINX_BINARY}
                           || `which nginx 2>/dev/null` || '/usr/sbin/nginx');

    # workers give up root: they must be able to come here
    $self->{dir} = tempdir('rt-nginx-XXXXXX', TMPDIR => 1);
    chmod 0755, $self->{dir};
    mkdir "$self->{dir}/logs", 0755;
    chmod 0755, "$self->{dir}/logs";

    $self->{port} = [free_ports($self->{ports})];
    push @all, $self;

    return $self;
}


# Ports of this test until it ends.  They are bound, without listening: a server
# that sets SO_REUSEADDR, as all of ours do, may listen there; anybody else gets
# another one, for a server of his or for his end of a connection.

my @held;

sub free_ports {
    my $n = shift;

    my @sockets = map {
        IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
                              ReuseAddr => 1, Proto => 'tcp')
            or die "no free port: $!"
    } 1 .. $n;

    push @held, @sockets;

    return map { $_->sockport } @sockets;
}


sub dir  { $_[0]{dir} }
sub port { $_[0]{port}[$_[1] || 0] }


# a file of the server's folder, or of a folder in it

sub file {
    my ($self, $name, $text) = @_;

    my $path = "$self->{dir}/$name";
    my $folder = dirname($path);

    chmod 0755, $folder if mkdir $folder;

    open my $fh, '>', $path or die "$path: $!";
    print $fh $text;
    close $fh or die "$path: $!";
    chmod 0644, $path;

    return $path;
}


sub fill {
    my ($self, $text) = @_;

    $text =~ s/%%PORT(\d+)%%/$self->{port}[$1]/g;
    $text =~ s/%%DIR%%/$self->{dir}/g;

    return $text;
}


# a test that needs what this nginx was built without ends here, and says so

sub skip_rest {
    my $why = shift // return;
    my $test = Test::More->builder;

    Test::More::plan(skip_all => $why) unless $test->current_test;

    $test->skip($why);
    $test->done_testing unless $test->has_plan;
    exit 0;
}


# writes nginx.conf; new parts replace those of new()

sub configure {
    my ($self, %args) = @_;

    @$self{keys %args} = values %args;

    skip_rest(RT::lacks(@$self{qw(main http)}));

    my $load = join '', map {
        "load_module $RT::Modules/ngx_http_${_}_module.so;\n"
    } @{$self->{modules}};

    my $temp = join '', map { "    ${_}_temp_path $self->{dir}/$_;\n" }
        qw(client_body proxy fastcgi uwsgi scgi);

    # nginx hands on to an upgrade only what it is told to
    my $env = join '', map { "env $_;\n" } grep { /^(?:A|L|UB)SAN_OPTIONS$/ }
        sort keys %ENV;

    my $conf = $self->fill(<<EOF);
${load}${env}worker_processes $self->{workers};
pid $self->{dir}/nginx.pid;
error_log $self->{dir}/logs/error.log $self->{level};
$self->{main}

events { worker_connections $self->{connections}; }

http {
$temp    access_log off;
$self->{http}
}
EOF

    # whole, whenever a master reads it that was told to before

    my $file = "$self->{dir}/nginx.conf";

    open my $fh, '>', "$file.new" or die $!;
    print $fh $conf;
    close $fh or die $!;
    rename "$file.new", $file or die $!;
}


# runs nginx in the foreground: (exit code, what it said)

sub command {
    my ($self, @args) = @_;

    my $out = "$self->{dir}/logs/command.out";
    my $pid = fork;
    die $! unless defined $pid;

    if ($pid == 0) {
        open STDOUT, '>', $out;
        open STDERR, '>&', \*STDOUT;

        # whoever reads what this test says would wait for nginx, too

        POSIX::close($_) for 3 .. 255;

        exec $self->{nginx}, '-p', $self->{dir}, '-c',
             "$self->{dir}/nginx.conf", @args
            or POSIX::_exit(127);
    }

    waitpid $pid, 0;

    return ($? >> 8, slurp($out));
}


# was this nginx built with --with-debug?

sub debug {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    return `$nginx -V 2>&1` =~ /--with-debug/;
}


# nginx -t: (exit code, what it said)

sub try {
    my $self = shift;

    $self->configure;

    # main() leaves its pool to the system

    local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '') . ':detect_leaks=0';

    # what it says comes back; an nginx of default paths logs into ours as well
    return $self->command('-t', '-e', '/dev/null');
}


# nginx -T of what try() or start() wrote: (exit code, all it said)

sub dump {
    my $self = shift;

    local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '') . ':detect_leaks=0';

    return $self->command('-T', '-e', '/dev/null');
}


sub findings {
    my $self = shift;

    die "$RT::Tool is not there: run \"make tools\"\n" unless -x $RT::Tool;

    my (undef, $text) = $self->dump;
    my $file = $self->file('logs/dump', $text);

    return @{decode_json(`$RT::Tool check --json $file`)->{findings}};
}


# nginx -t says $says of the one line of http {} that ends with "# here", and
# names its place; http {} may include files of %%DIR%%

sub blames {
    my ($self, $says, %args) = @_;

    @$self{keys %args} = values %args;

    my (undef, $out) = $self->try;
    my @places;

    for my $file ("$self->{dir}/nginx.conf", glob "$self->{dir}/inc/*") {
        my $n = 0;

        for (split /^/, slurp($file)) {
            $n++;
            push @places, "$file:$n" if /# here$/;
        }
    }

    die 'one line must end with "# here"' if @places != 1;

    my ($line) = grep { index($_, $says) >= 0 } split /\n/, $out;

    Test::More::like($line // "nothing of it in: $out",
                     qr/ in \Q$places[0]\E$/, "the place of: $says");
}


sub start {
    my $self = shift;

    $self->configure;

    my ($rc, $out) = $self->command;

    die "nginx did not start: $out" if $rc != 0;

    $self->wait_for("the pid file", sub { $self->master })
        or die "nginx wrote no pid";

    $self->wait_for("the workers",
                    sub { $self->workers == $self->{workers} });

    for my $n (0 .. $#{$self->{port}}) {
        next if $self->{http} !~ /listen\s+127\.0\.0\.1:%%PORT$n%%/;
        $self->wait_for("port $n", sub { $self->connect($n) })
            or die "nginx does not listen";
    }

    return $self;
}


sub slurp {
    my $file = shift;

    open my $fh, '<:raw', $file or return '';
    local $/;
    return scalar(<$fh>) // '';
}


sub log_text { slurp("$_[0]{dir}/logs/error.log") }


# One that was killed leaves its pid file, and soon its pid is somebody else's:
# he would get the signals that are meant for nginx.

sub master {
    my $self = shift;

    my ($pid) = slurp("$self->{dir}/nginx.pid") =~ /^(\d+)$/m;

    return undef if !$pid || slurp("/proc/$pid/cmdline") !~ /\Q$self->{dir}\E/;
    return $pid;
}


# pids of the workers; with $old those that shut down, too

sub workers {
    my ($self, $old) = @_;

    my $master = $self->master or return ();
    my @pids;

    # a look at every process of the machine takes half as long as a wait between
    # two looks

    my $children = "/proc/$master/task/$master/children";
    my @procs = -e $children ? map { "/proc/$_" } split ' ', slurp($children)
                             : glob '/proc/[0-9]*';

    for my $proc (@procs) {
        next unless slurp("$proc/stat") =~ /^(\d+) \(.*\) (\S) (\d+) /s;
        my ($pid, $state, $ppid) = ($1, $2, $3);

        next if $ppid != $master || $state eq 'Z';

        my $title = slurp("$proc/cmdline");
        next if $title !~ /worker process/;
        next if $title =~ /shutting down/ && !$old;

        push @pids, $pid;
    }

    return @pids;
}


sub wait_for {
    my ($self, $what, $condition, $seconds) = @_;

    my $end = time + ($seconds || $Deadline);

    while (1) {
        my $result = $condition->();
        return $result if $result;
        last if time > $end;
        sleep 0.01;
    }

    Test::More::diag("waited in vain for $what");
    return undef;
}


sub signal {
    my ($self, $name) = @_;
    kill $name, $self->master or die "kill: $!";
}


# new workers serve, old ones have been told to go

sub reload {
    my ($self, %args) = @_;

    $self->configure(%args);

    my %before = map { $_ => 1 } $self->workers(1);
    $self->signal('HUP');

    return $self->wait_for("the reload", sub {
        my @now = $self->workers;
        @now == $self->{workers} && !grep { $before{$_} } @now;
    });
}


# USR1: every process is about to open its files anew; every worker has opened
# those that are named

sub reopen {
    my ($self, @files) = @_;

    my $before = () = $self->log_text =~ /reopening logs/g;
    $self->signal('USR1');

    return $self->wait_for("the log files", sub {
        my $now = () = $self->log_text =~ /reopening logs/g;

        $now >= $before + 1 + $self->{workers}
            && !grep { !has_open($_, @files) } $self->workers;
    });
}


sub has_open {
    my ($pid, @files) = @_;

    my %open = map { (readlink $_ // '') => 1 } glob "/proc/$pid/fd/*";

    return !grep { !$open{$_} } @files;
}


# One worker, or the master and all of them, die without a word; $then runs, and
# as many serve as before.

sub killed {
    my ($self, $all, $then) = @_;

    my $master = $self->master;
    my @workers = $self->workers;
    my @dead = $all ? ($master, @workers) : $workers[rand @workers];

    kill 'KILL', @dead;
    $self->wait_for('them to be gone', sub { !grep { runs($_) } @dead })
        if $all;
    $then->();

    if ($all) {
        unlink $self->dir . '/nginx.pid';
        return $self->start;
    }

    # one that is not known next time would keep the port

    return $self->wait_for('another worker', sub {
        my @now = $self->workers;
        return @now == @workers && !grep { $_ == $dead[0] } @now;
    });
}


# An ended process may wait, as a zombie, for its parent to notice.  Its ports
# are free when it is alone, without threads that have not ended yet.

sub runs {
    my $pid = shift;

    return 0 if !kill 0, $pid;

    my ($fields) = slurp("/proc/$pid/stat") =~ /^\d+ \(.*\) (.*)/s or return 0;
    my ($state, $threads) = (split ' ', $fields)[0, 17];

    return $state ne 'Z' || $threads > 1;
}


sub stop {
    my ($self, $how) = @_;

    my $master = $self->master;

    kill $how || 'QUIT', $master if $master;

    my $gone = $master
               && $self->wait_for("nginx to end", sub { !runs($master) });

    Test::More::ok($gone, 'nginx ends when it is told to');

    kill 'KILL', $master if $master && !$gone;

    Test::More::is(RT::faults($self->{dir}), '',
                   'every line of an audit file is valid') if !$self->{torn};
}


# asserts that nothing alarming was logged, but for what matches @allowed

sub quiet {
    my ($self, @allowed) = @_;

    my $allowed = join '|', @allowed;

    my @noise = grep { $_ =~ $RT::Noise && !(@allowed && $_ =~ /$allowed/) }
        split /\n/, $self->log_text . slurp("$self->{dir}/logs/command.out");

    Test::More::is(join("\n", @noise), '', 'the error log is silent');
}


sub end {
    my ($self, $how, @allowed) = @_;

    $self->stop($how);
    $self->quiet(@allowed);
}


sub connect {
    my ($self, $n) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $self->port($n),
                                 Timeout  => $Deadline);
}


# sends a GET and does not wait for the answer: the socket

sub ask {
    my ($self, $uri, @headers) = @_;

    my $s = $self->connect or die "connect: $!";
    $s->syswrite(join "\r\n", "GET $uri HTTP/1.1", 'Host: localhost',
                               'Connection: close', @headers, '', '');

    return $s;
}


# sends bytes, reads until the other side closes or $seconds are over, or what
# came matches "until"

sub raw {
    my ($self, $bytes, %opt) = @_;

    my $s = $self->connect($opt{port}) or return undef;

    $s->syswrite($bytes) if length $bytes;

    return $self->rest($s, $opt{seconds}, $opt{until});
}


# what comes until the other side closes, or it matches

sub rest {
    my ($self, $s, $seconds, $until) = @_;

    my $out = '';
    my $end = time + ($seconds || $Deadline);
    my $select = IO::Select->new($s);

    while (time < $end) {
        next unless $select->can_read(0.1);
        my $n = $s->sysread(my $part, 65536);
        last unless $n;
        $out .= $part;
        last if defined $until && $out =~ $until;
    }

    return $out;
}


# request('POST', '/x', headers => [...], body => '...', port => 1)

sub request {
    my ($self, $method, $uri, %opt) = @_;

    my @headers = ('Host: localhost', 'Connection: close',
                   @{$opt{headers} || []});

    push @headers, 'Content-Length: ' . length $opt{body}
        if defined $opt{body};

    my $raw = $self->raw(join("\r\n", "$method $uri HTTP/1.1", @headers, '',
                              $opt{body} // ''), %opt);

    return parse($raw);
}


# The same over HTTP/2, on a port that listens for it without TLS.  Who is to
# be refused sends no body: curl 7.88 loses an answer that came before nginx had
# read all of one.

sub http2 {
    my ($self, $method, $uri, %opt) = @_;

    my @args = (($method eq 'HEAD' ? '-I' : ('-X', $method)),
                map { ('-H', $_) } @{$opt{headers} || []});

    push @args, '--data-binary', $opt{body} if defined $opt{body};

    open my $pipe, '-|', 'curl', '-sSi', '--http2-prior-knowledge',
        '--path-as-is', '--max-time', $Deadline, @args,
        'http://127.0.0.1:' . $self->port($opt{port}) . $uri
        or die "curl: $!";

    my $raw = do { local $/; <$pipe> } // '';
    close $pipe;

    my ($head, $body) = split /\r\n\r\n/, $raw, 2;
    my ($status) = ($head // '') =~ m{^HTTP/2 (\d+)};

    return { raw => $raw, status => $status // 0, head => $head // '',
             body => $body // '' };
}


sub answer { my ($self, $s) = @_; return parse($self->rest($s)) }


# { status, head, body, raw } of an answer that was read; status 0 is none

sub parse {
    my $raw = shift;

    my %answer = (raw => $raw, status => 0, head => '', body => '');

    if (defined $raw && $raw =~ /^HTTP\/1\.\d (\d+)/) {
        $answer{status} = $1;
        @answer{qw(head body)} = split /\r\n\r\n/, $raw, 2;
        $answer{body} = unchunk($answer{body})
            if $answer{head} =~ /^Transfer-Encoding: chunked\r?$/mi;
    }

    return \%answer;
}


# the body in chunks that are whole; what is torn off is left out

sub unchunk {
    my $chunks = shift;
    my $body = '';

    while ($chunks =~ s/^([0-9a-f]+)\r\n//i) {
        my $n = hex $1 or last;
        $body .= substr $chunks, 0, $n, '';
        $chunks =~ s/^\r\n//;
    }

    return $body;
}


sub get { my ($self, $uri, %opt) = @_; $self->request('GET', $uri, %opt) }


sub post {
    my ($self, $uri, $type, $body, %opt) = @_;

    my @headers = ("Content-Type: $type", @{$opt{headers} || []});
    return $self->request('POST', $uri, %opt, headers => \@headers,
                          body => $body);
}


END {
    my $rc = $?;

    for my $self (grep { $_->{maker} == $$ } @all) {
        my $master = $self->master;

        if ($master && runs($master)) {
            my @workers = $self->workers(1);
            kill 'TERM', $master;
            my $end = time + 10;
            sleep 0.02 while time < $end && runs($master);
            kill 'KILL', $master, @workers if runs($master);

            my $faults = $self->{torn} ? '' : RT::faults($self->{dir});

            if (length $faults) {
                print STDERR "lines of audit files are not valid: $faults";
                $rc ||= 1;
            }
        }

        remove_tree($self->{dir}, { safe => 1 }) unless $ENV{RT_KEEP};
    }

    $? = $rc;
}


1;

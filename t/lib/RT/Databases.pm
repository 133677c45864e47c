package RT::Databases;

# SQLite, PostgreSQL and MariaDB with one table, for tests.
#
#   my $all = RT::Databases->new('ann', "o'hara");  # t (id, owner), from id 0
#   for my $mode ($all->modes) {                    # { name, program, before }
#       my @rows = $all->select($mode, @conditions);    # "1 3" of each
#   }
#   $all->stop;
#
# Owners are inserted by their hexadecimal digits: no quoting is at work but
# the one that is tried.  A server listens on a socket of a private folder, and
# runs as nobody in a test of root's, for PostgreSQL refuses to be root.

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use POSIX ();

use RT::Nginx;

my @all;
my $owner = $$;

# what they read otherwise than they do by default

my %modes = (
    sqlite => { default => '' },
    postgresql => {
        default => '',
        'backslash escapes' => 'SET standard_conforming_strings = off; '
                               . 'SET escape_string_warning = off;',
    },
    mariadb => {
        default => '',
        ansi => "SET sql_mode = 'ANSI,STRICT_ALL_TABLES';",
        'no backslash escapes' => "SET sql_mode = 'NO_BACKSLASH_ESCAPES';",
        oracle => "SET sql_mode = 'ORACLE';",
    },
);


sub new {
    my ($class, @owners) = @_;

    my $dir = tempdir('rt_sql_XXXXXX', TMPDIR => 1);
    my $self = bless { dir => $dir, pids => [] }, $class;

    push @all, $self;
    chmod 0777, $dir;

    my ($bin) = reverse sort { $a cmp $b } glob '/usr/lib/postgresql/*/bin';
    die "no initdb: install Debian's postgresql\n" unless $bin;

    $self->{sqlite} = ['sqlite3', '-batch', '-bail', "$dir/sqlite"];
    $self->{postgresql} = ['psql', '-X', '-q', '-A', '-t', '-v',
        'ON_ERROR_STOP=1', '-h', $dir, '-U', 'rt', 'postgres'];
    $self->{mariadb} = ['mariadb', '--no-defaults', '--batch', '-N', '-r',
        '--default-character-set=utf8mb4', '-S', "$dir/mariadb.sock"];

    system('touch', "$dir/sqlite");
    chmod 0666, "$dir/sqlite";

    waitpid $self->server("$bin/initdb", '-D', "$dir/pg", '-U', 'rt', '-A',
        'trust', '-E', 'UTF8', '--locale=C', '--no-sync'), 0;

    push @{$self->{pids}},
        $self->server("$bin/postgres", '-D', "$dir/pg", '-k', $dir,
            '-c', 'listen_addresses=', '-F'),
        $self->server((grep { -x } '/usr/sbin/mariadbd')[0] // 'mariadbd',
            '--no-defaults', "--datadir=$dir/mariadb",
            "--socket=$dir/mariadb.sock", "--pid-file=$dir/mariadb.pid",
            '--skip-networking', '--skip-grant-tables', '--skip-innodb',
            '--default-storage-engine=Aria', '--aria-log-purge-type=at_flush');

    for my $name (qw(postgresql mariadb)) {
        RT::Nginx->wait_for($name,
            sub { defined $self->run($name, 'SELECT 1;') }, 60)
            or die "no $name: " . RT::Nginx::slurp("$dir/log");
    }

    $self->fill(@owners);

    return $self;
}


sub fill {
    my ($self, @owners) = @_;

    my %table = (
        sqlite => ['owner text', "CAST(x'%s' AS text)"],
        postgresql => ['owner text', "convert_from('\\x%s', 'UTF8')"],
        mariadb => ['owner text CHARACTER SET utf8mb4 '
                    . 'COLLATE utf8mb4_nopad_bin', "x'%s'"],
    );

    defined $self->run('mariadb', 'CREATE DATABASE t;') or die $self->{said};
    push @{$self->{mariadb}}, 't';

    for my $name (sort keys %table) {
        my ($column, $text) = @{$table{$name}};
        my $n = 0;

        my $rows = join ', ', map {
            sprintf "(%d, $text)", $n++, unpack 'H*', $_ } @owners;

        defined $self->run($name, "CREATE TABLE t (id integer, $column);
                                   INSERT INTO t VALUES $rows;")
            or die "$name: $self->{said}";
    }
}


# starts a program that ends with the test: its pid

sub server {
    my ($self, @command) = @_;

    my $dir = $self->{dir};
    my @as = $> ? () : ('--reuid=nobody', '--regid=nogroup', '--clear-groups');

    my $pid = fork // die "fork: $!";
    return $pid if $pid;

    open STDIN, '<', '/dev/null';
    open STDOUT, '>>', "$dir/log";
    open STDERR, '>&', \*STDOUT;

    POSIX::close($_) for 3 .. 255;

    system('setpriv', @as, 'mkdir', '-p', "$dir/mariadb");
    chdir $dir;
    exec 'setpriv', @as, '--pdeathsig', 'KILL', @command
        or POSIX::_exit(127);
}


# what the client of that database prints; undef: it failed, and "said" why

sub run {
    my ($self, $name, $sql) = @_;

    my $in = "$self->{dir}/sql";

    open my $fh, '>', $in or die $!;
    print $fh $sql, "\n";
    close $fh or die $!;

    my $pid = open my $out, '-|';
    die "fork: $!" unless defined $pid;

    if ($pid == 0) {
        open STDIN, '<', $in;
        open STDERR, '>&', \*STDOUT;
        local $ENV{PGCLIENTENCODING} = 'UTF8';
        exec @{$self->{$name}} or POSIX::_exit(127);
    }

    my $said = do { local $/; <$out> } // '';

    return $said if close $out;

    $self->{said} = $said;
    return undef;
}


sub modes {
    my $self = shift;

    return map {
        my $program = $_;
        map { { name => "$program, $_", program => $program,
                before => $modes{$program}{$_} } }
            sort keys %{$modes{$program}};
    } sort keys %modes;
}


# the ids of the rows that meet each condition, in order

sub select {
    my ($self, $mode, @conditions) = @_;

    my $n = 0;
    my $sql = join "\n", $mode->{before}, map {
        "SELECT 'case';\nSELECT id FROM t WHERE ($_) ORDER BY id;"
    } @conditions;

    my $said = $self->run($mode->{program}, $sql);

    die "$mode->{name}: $self->{said}" unless defined $said;

    my (undef, @rows) = split /^case\n/m, $said, -1;

    return map { join ' ', split } @rows;
}


sub stop {
    my $self = shift;

    my @pids = splice @{$self->{pids}};

    kill 'QUIT', @pids;
    waitpid $_, 0 for @pids;

    remove_tree($self->{dir});
}


END {
    my $rc = $?;
    $_->stop for $$ == $owner ? @all : ();
    $? = $rc;
}

1;

package RT;

# Test::Nginx::Socket for the rt modules.
#
#   use lib 't/lib';
#   use RT qw(rtauth rtaudit);   # the modules to load, in this order
#   plan_all();
#   run_tests();
#
# Every block asserts silence: no [alert], [emerg], [crit] or sanitizer line
# in its error log, in the request or at nginx's end.  A block names what it
# expects there in "--- allow_log" (one regex a line).  Blocks with must_die
# are exempt: they look at the [emerg] line itself.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Copy qw(copy);
use File::Find ();
use File::Spec;
use File::Temp qw(tempdir);

our $Top = abs_path(dirname(__FILE__) . '/../..');
our $Noise = qr/\[(?:alert|emerg|crit)\]|Sanitizer|runtime error:/;

our $Modules = $ENV{RT_MODULE_DIR} || "$Top/build/modules";
our $Build = $ENV{RT_BUILD} || "$Top/build";
our $Tool = "$Build/rt";

# A write to a connection that the other side has closed is an error, not the
# silent end of the test.  What a test executes has the default again.

$SIG{PIPE} ||= sub { };

my %allow;
my $chance = $ENV{RT_SEED} || 1;


# Test::Nginx shuffles the blocks of a file: the same way with the same RT_SEED

sub chance {
    $chance = ($chance * 1664525 + 1013904223) % 2 ** 32;
    return $chance / 2 ** 32;
}


# util/check.sh has printed the seed that it set; plain prove hides notes

sub tell_seed {
    my $say = $ENV{RT_SEED} ? \&Test::More::note : \&Test::More::diag;
    $say->("RT_SEED=" . $chance);
}


sub import {
    my ($class, @modules) = @_;

    for my $module (@modules) {
        my $file = "$Modules/ngx_http_${module}_module.so";
        die "$file is not there: run \"make modules\"\n" unless -f $file;
    }

    $ENV{TEST_NGINX_LOAD_MODULES}
        = join ' ', map { "$Modules/ngx_http_${_}_module.so" } @modules;
    $ENV{TEST_NGINX_MODULE_DIR} = $Modules;
    $ENV{TEST_NGINX_TOP} = $Top;
    $ENV{TEST_NGINX_DATA} = own_data();

    require Test::Nginx::Socket;

    my $caller = caller;
    eval "package $caller; Test::Nginx::Socket->import(); 1" or die $@;

    no strict 'refs';
    *{"${caller}::plan_all"} = \&plan_all;

    $List::Util::RAND = \&chance;
    tell_seed();

    Test::Nginx::Util::add_block_preprocessor(\&assert_silence);
    Test::Nginx::Util::add_cleanup_handler(\&last_words);

    # a block's files are removed before the next one

    no warnings 'redefine';
    my $setup = \&Test::Nginx::Util::setup_server_root;
    *Test::Nginx::Util::setup_server_root = sub ($) {
        assert_lines();
        $setup->(@_);
    };

    my $check = \&Test::Nginx::Socket::check_error_log;
    *Test::Nginx::Socket::check_error_log = sub ($$$$) {
        await_lines($_[0]->error_log) unless $_[2];
        &$check;
    };
}


# the files of t/data as this user's own: nginx trusts no other's keys, and
# root may test what another user has checked out

sub own_data {
    my $dir = tempdir('rt_data_XXXXXX', TMPDIR => 1, CLEANUP => 1);

    mkdir "$dir/keys" or die "$dir/keys: $!";

    for my $file (glob "$Top/t/data/keys/*.json") {
        copy($file, "$dir/keys") or die "$file: $!";
        chmod 0644, "$dir/keys/" . basename($file);
    }

    return $dir;
}


# no_long_string, and as many tests as there turn out to be

sub plan_all {
    Test::Nginx::Socket::no_long_string();
    Test::More::plan('no_plan');
}


# why this nginx cannot be given a configuration of nginx's own directives: a
# reason that is counted, for a run on several of them (util/matrix.sh)

my $version;

sub lacks {
    my $text = join "\n", map { $_ // '' } @_;

    chomp(my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx');
    $version //= `$nginx -V 2>&1`;

    return undef if $version =~ /--with-http_ssl_module/;

    return $text =~ /(?:^|[;{])\s*(?:listen\s[^;]*\sssl\b|ssl_\w+\s
                                   |proxy_ssl_|proxy_pass\s+https:
                                   |bound\s+mtls\b)
                    |rediss:|syslog:tls:/mx
           ? 'this nginx has no SSL' : undef;
}


# is one of the tests, which has these texts as configurations, to be skipped?

sub skips {
    my $why = lacks(@_) // return 0;

    Test::More->builder->skip($why);

    return 1;
}


sub assert_silence {
    my $block = shift;

    if (my $why = lacks($block->http_config, $block->config)) {
        $block->set_value('skip_nginx', "1: > 0.0.1: $why");
        return;
    }

    return if defined $block->must_die;

    my $pattern = $Noise;

    if (defined $block->allow_log) {
        my $allowed = join '|', grep { length } split /\n/, $block->allow_log;
        $pattern = qr/^(?!.*(?:$allowed)).*(?:$Noise)/;
        $allow{$allowed} = 1;
    }

    my $old = $block->no_error_log;
    my @all = !defined $old       ? ()
            : ref $old eq 'ARRAY' ? @$old
            : ref $old            ? ($old)
            :                       grep { length } split /\n/, $old;

    $block->set_value('no_error_log', [@all, $pattern]);
}


# What is wrong with the lines of audit files below a folder, says one that shares
# nothing with who wrote them (test/drivers/schema.c): of all files with a line
# that begins as an event does.  Nor is it well when that one fails.

sub faults {
    my $folder = shift;
    my @files;

    File::Find::find({ no_chdir => 1, wanted => sub {
        return unless !-l $_ && -f $_ && open my $fh, '<:raw', $_;

        local $/;
        push @files, $_ if (<$fh> // '') =~ /^\{"id":"/m;
    } }, $folder) if -d $folder;

    return '' unless @files;

    my $driver = "$Build/drivers/schema";
    die "$driver is not there: run \"make check\"\n" unless -x $driver;

    local $SIG{CHLD} = 'DEFAULT';
    open my $out, '-|', 'sh', '-c', 'cd "$0" && exec "$@"', $Top, $driver,
        @files or die "$driver: $!";

    my $said = join '', <$out>;
    close $out;

    return length $said ? $said : $? ? "schema: $?" : '';
}


# lines that nginx wrote for the blocks that ran until now

sub assert_lines {
    my $faults = faults($Test::Nginx::Util::ServRoot);

    Test::More::fail("every line of an audit file is valid: $faults")
        if length $faults;
}


# What a block expects in its error log may be written when the answer is read
# already: by a log_format that goes there, say.

sub await_lines {
    my ($want) = @_;

    my @patterns = !defined $want        ? ()
                 : ref $want eq 'ARRAY'  ? @$want
                 : ref $want             ? $want
                 :                         split /\n+/, $want;

    require RT::Nginx;

    RT::Nginx->wait_for('lines of the error log', sub {
        open my $fh, '<', $Test::Nginx::Util::ErrLogFile or return !@patterns;
        seek $fh, $Test::Nginx::Util::ErrLogFilePos // 0, 0;

        my @lines = <$fh>;
        @patterns = grep {
            my $one = ref $_ ? $_ : quotemeta;
            !grep { /$one/ } @lines
        } @patterns;

        return !@patterns;
    });
}


# what nginx says when it is stopped after the last block

sub last_words {
    assert_lines();

    my $log = $Test::Nginx::Util::ErrLogFile;

    open my $fh, '<', $log or return;

    my $allowed = join '|', keys %allow;

    while (my $line = <$fh>) {
        next unless $line =~ $Noise;
        next if length $allowed && $line =~ /$allowed/;
        next if $line =~ /\[emerg\]/;   # a must_die block was the last
        Test::More::fail("the error log is silent at the end: $line");
    }

    close $fh;
}


1;

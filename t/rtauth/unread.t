#!/usr/bin/perl

# A worker that has no descriptor left when rtauth_disabled or jwks_file changes
# reads the file as soon as it has one: the change is not lost.

use strict;
use warnings;

use lib 't/lib';

use POSIX ();
use Test::More;

use RT::Idp qw(:DEFAULT);
use RT::Nginx;

plan(skip_all => 'no prlimit') if system('command -v prlimit >/dev/null');


my $dir = $ENV{TEST_NGINX_IDP_DIR};

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<'EOT');
    rtauth_zone 1m;
    rtauth_disabled file=%%DIR%%/off;
    rtauth_provider idp {
        issuer i;
        audience tools;
        jwks_file %%DIR%%/keys.json;
    }

    server {
        listen 127.0.0.1:%%PORT0%%;
        location / {
            rtauth idp;
            add_header X-Result $rtauth_result always;
        }
    }
EOT


sub put {
    my ($name, $text) = @_;

    $nginx->file("$name.new", $text);
    rename $nginx->dir . "/$name.new", $nginx->dir . "/$name" or die $!;
}


sub keys_of { open my $fh, '<', "$dir/$_[0]" or die $!; local $/; <$fh> }


sub result {
    my $token = shift;

    return $nginx->get('/t', headers => [$token])->{head}
           =~ /^X-Result: (\w+)/m && $1;
}


# What the worker may have open; what it has stays so.  Only its own user may say
# so, root in a container may not.

sub descriptors {
    my $n = shift;

    my ($worker) = $nginx->workers;
    my ($uid, $gid) = (stat "/proc/$worker/status")[4, 5];
    my $pid = fork // die $!;

    if ($pid == 0) {
        POSIX::setgid($gid) && POSIX::setuid($uid) || die $! if $> != $uid;
        exec 'prlimit', '--pid', $worker, "--nofile=$n:" or die $!;
    }

    waitpid $pid, 0;
    is($?, 0, "a limit of $n");
}


sub change {
    my ($name, $text, $says) = @_;

    descriptors(1);
    my $mark = length $nginx->log_text;
    put($name, $text);

    ok($nginx->wait_for("$name is missed", sub {
        substr($nginx->log_text, $mark) =~ /\b$name\b[^\n]*too many open files/i
        || substr($nginx->log_text, $mark)
           =~ /too many open files[^\n]*\b$name\b/i
    }), "$name cannot be read");

    descriptors(1024);
    ok($nginx->wait_for("$name: $says", sub {
        substr($nginx->log_text, $mark) =~ $says
    }), 'it is read when it can be');
}


my ($k1, $k2) = map { bearer(iss => 'i', key => $_,
                               claims => { sub => $_ }) } qw(k1 k2);

put('off', "# nobody\n");
put('keys.json', keys_of('both.json'));
$nginx->start;

is(result($_), 'ok', 'let in') for $k1, $k2;

change('off', "sub:k1\n", qr/"rtauth_disabled": "\S+" changed, 1 entries/);
is(result($k1), 'disabled', 'who was switched off meanwhile is refused');
is(result($k2), 'ok', 'and nobody else');

put('off', "# nobody\n");
ok($nginx->wait_for('an empty list', sub { result($k1) eq 'ok' }), 'let in');

change('keys.json', keys_of('jwks.json'), qr/"jwks_file" changed, 1 keys/);
is(result($k2), 'unknown_key', 'a key that was taken out is believed no more');
is(result($k1), 'ok', 'the other one is');

$nginx->stop;
$nginx->quiet('Too many open files|changed and is not used');

done_testing();

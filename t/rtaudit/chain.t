#!/usr/bin/perl

# rtaudit_chain: what nginx seals is intact for rt audit verify, also after
# reloads, rotation, kills and a full disk; and what somebody changes is not.

use strict;
use warnings;
use lib 't/lib';

use Digest::SHA qw(hmac_sha256_hex);
use Test::More;
use RT::Audit;
use RT::Nginx;


my $key = 'b7c8a1f0d2e34b5566778899aabbccdd';

my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOC');
    rtaudit_zone 8m;
    rtaudit_chain key=file:%%DIR%%/key sign=file:%%DIR%%/sign.pem checkpoint=1s;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink side file:%%DIR%%/logs/side.log class=metering;
    rtaudit_sink well file:%%DIR%%/logs/well.log class=health;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main side well;
        location / { return 200; }
    }
EOC

my $dir = $nginx->dir;

$nginx->file('key', "$key\n");
system("openssl genpkey -algorithm ed25519 -out $dir/sign.pem 2>/dev/null"
       . " && openssl pkey -in $dir/sign.pem -pubout -out $dir/sign.pub") == 0
    or die 'openssl failed';
chmod 0600, "$dir/key", "$dir/sign.pem" or die $!;


sub verify {
    my @words = @_;

    my $out = `cd $dir/logs && $RT::Tool audit verify --key ../key --pub ../sign.pub @words 2>&1`;
    return ($? >> 8, $out);
}

# these notes are there, each once, and nothing else is said

# of a chain that another key ended, or a kill
my $ended = qr/is the last of chain \w+, without AUDIT_STOP/;

sub intact {
    my ($name, $notes, @words) = @_;

    my ($rc, $out) = verify(@words);

    is($rc, 0, "$name: intact") or diag($out);
    my @found = grep { !/^(?:chain|head|rt audit verify:) / } split /\n/, $out;

    for my $note (@$notes) {
        my ($i) = grep { $found[$_] =~ $note } 0 .. $#found;
        ok(defined $i, "$name: $note is said");
        splice @found, $i, 1 if defined $i;
    }

    is(join("\n", @found), '', "$name: nothing else is said");

    return $out;
}

# all events of requests are there, and a checkpoint of them where one is waited
# for

sub settled {
    my ($file, $n, $checkpoint) = @_;

    my @events;

    $nginx->wait_for("$n events", sub {
        @events = map { RT::Audit::parse($_) }
            RT::Nginx::slurp("$dir/logs/$file") =~ /(.*\n)/g;

        my @what = map { $_->{metadata}{stage} eq 'module'
                         ? $_->{actionType} : 'request' } @events;

        $n == grep({ $_ eq 'request' } @what)
            && (!$checkpoint
                || "@what" =~ /AUDIT_CHECKPOINT(?: AUDIT_\w+)*\z/);
    });

    return @events;
}

$nginx->start;
$nginx->get("/n$_") for 1 .. 5;

my @events = settled('audit.log', 5, 1);

RT::Audit::check(map { "$_" } RT::Nginx::slurp("$dir/logs/$_") =~ /(.*\n)/g)
    for 'audit.log', 'side.log', 'well.log';

# by the words of the page

my $prev = '0' x 64;
my $n = 0;

for my $line (split /\n/, RT::Nginx::slurp("$dir/logs/audit.log")) {
    my ($text, $mac) = $line =~ /\A(.*"prev":"$prev","mac":")(\w{64})"/
        or die "no link: $line";
    is($mac, hmac_sha256_hex($text, $key), 'line ' . ++$n . ': its MAC');
    $prev = $mac;
}

my ($at) = map { $_->{metadata}{checkpoint} // () } reverse @events;

is(join(' ', map { $_->{sink} } @{$at->{heads}}), 'main side well',
   'a checkpoint names the heads of all sinks');
cmp_ok(abs($at->{clock} / 1000 - time), '<', 600, 'and the time');

like(intact('first lines', [], 'audit.log'), qr/signed up to \d+ by \S+, open$/m,
     'signed up to the last checkpoint');
intact('projected lines', [], 'side.log');
intact('all', [], 'side.log', 'well.log', 'audit.log');


# a reload with more workers, with another configuration

my $http = $nginx->{http};

$nginx->reload(workers => 3);
$nginx->get("/more$_") for 1 .. 5;
settled('audit.log', 10, 1);
intact('more workers', [], 'audit.log');


# rotation, between files and from one to the next

sub rotate {
    my $to = shift;

    rename "$dir/logs/audit.log", "$dir/logs/$to" or die $!;
    $nginx->reopen("$dir/logs/audit.log");
}

rotate('audit.log.1');
$nginx->get("/rotated$_") for 1 .. 5;
settled('audit.log', 5);
intact('rotated', [], 'audit.log', 'audit.log.1');
intact('rotated, the older file is gone', [qr/whose beginning is not among/],
       'audit.log');


# copytruncate, of which no line is lost while nothing is written

system('cp', "$dir/logs/audit.log", "$dir/logs/audit.log.2") == 0 or die;
truncate "$dir/logs/audit.log", 0 or die $!;
$nginx->get("/truncated$_") for 1 .. 5;
settled('audit.log', 5);
intact('copytruncate', [], 'audit.log.1', 'audit.log', 'audit.log.2');


# another zone: the old chain ends, the new one names it

$nginx->reload(http => $http =~ s/zone 8m/zone 9m/r);
$nginx->get("/zone$_") for 1 .. 5;
settled('audit.log', 10);
intact('another zone', [],
       'audit.log', 'audit.log.1', 'audit.log.2');


# another key: both are asked for

$nginx->file('key2', "another key of at least 32 bytes.\n");
chmod 0600, "$dir/key2" or die $!;

$nginx->reload(http => $http =~ s/zone 8m/zone 9m/r =~ s{/key\b}{/key2}r);
$nginx->get("/key$_") for 1 .. 5;
@events = settled('audit.log', 15);
intact('another key', [$ended], '--key', '../key2',
       'audit.log', 'audit.log.1', 'audit.log.2');
is((verify('audit.log', 'audit.log.1', 'audit.log.2'))[0], 1,
   '... and without it nothing is believed');

like((grep { ($_->{integrity}{after} // '') ne '' } @events)[-1]
     {integrity}{after}, qr/^\w{32}:\d+$/, 'the new chain names the old one');


# an upgrade: two masters write one file

my $old = $nginx->master;

kill 'USR2', $old;
$nginx->wait_for('another master', sub {
    my $now = $nginx->master;
    $now && $now != $old && $nginx->workers == $nginx->{workers}
});
$nginx->get("/upgrade$_") for 1 .. 20;
kill 'QUIT', $old;
$nginx->wait_for('the old one to end', sub { !kill 0, $old });
$nginx->get("/upgraded$_") for 1 .. 5;
settled('audit.log', 40);
intact('an upgrade', [$ended], '--key', '../key2',
       'audit.log', 'audit.log.1', 'audit.log.2');

$nginx->stop;
intact('stopped', [$ended], '--key', '../key2',
       'audit.log', 'audit.log.1', 'audit.log.2');
like(intact('stopped, of class health', [$ended], '--key', '../key2',
            'well.log'), qr/, stopped$/m, '... is known to have stopped');


# everything is killed, in the middle of a line; nginx starts again.  Its root
# opens a file to which the workers' user may not write.

chmod 0440, "$dir/logs/audit.log" or die $! if $> == 0;
$nginx->configure(http => $http);
$nginx->start;
$nginx->get("/again$_") for 1 .. 5;
@events = settled('audit.log', 45);
like((grep { $_->{integrity}{n} == 1 } @events)[-1]{integrity}{after},
     qr/^\w{32}:\d+$/, 'the new chain names the one in the file');

$nginx->{torn} = 1;
kill 'KILL', $nginx->master, $nginx->workers;
$nginx->wait_for('the end of it', sub { !$nginx->workers });

my $whole = RT::Nginx::slurp("$dir/logs/audit.log");
my ($last) = $whole =~ /([^\n]*)\n\z/;

open my $fh, '>>', "$dir/logs/audit.log" or die $!;
print $fh substr $last, 0, 300;
close $fh;

unlink "$dir/logs/nginx.pid";
$nginx->start;
$nginx->get('/after');
$nginx->wait_for('the next line', sub {
    RT::Nginx::slurp("$dir/logs/audit.log")
        =~ m{^\{[^\n]*"n":1,"after":"[^\n]*\n(?:.*\n)?\{[^\n]*"/after"[^\n]*\n}ms
});
like(intact('killed', [qr/was cut when/, $ended, $ended], '--key',
       '../key2', 'audit.log', 'audit.log.1', 'audit.log.2'),
     qr/was cut when/, '... and the half line is told');


# what somebody does is found in lines that nginx has written

$nginx->stop;

my $text = RT::Nginx::slurp("$dir/logs/audit.log.1");

for (
    ['an edit', qr/was changed/, sub { $_[0] =~ s{"/n3"}{"/n4"}r }],
    ['a line less', qr/is missing before it/,
     sub { $_[0] =~ s/^.*"\/n3".*\n//mr }],
    ['a line more', qr/stands twice/, sub { $_[0] =~ s/^(.*"\/n3".*\n)/$1$1/mr }],
    ['a line moved', qr/was moved/,
     sub { $_[0] =~ s/^(.*"\/n3".*\n)(.*\n)/$2$1/mr }],
) {
    my ($name, $say, $how) = @$_;

    $nginx->file('logs/changed', $how->($text));
    isnt($how->($text), $text, "$name was made");

    my ($rc, $out) = verify('changed');
    is($rc, 1, "$name is found") or diag($out);
    like($out, $say, "$name: says so");
}

$nginx->quiet('exited on signal 9');


# a disk that is full in the middle of a line: no file grows above 40k

my $limited = RT::Nginx->new(modules => ['rtaudit'], http => $http =~ s/main side well/main/r);

$dir = $limited->dir;
$limited->file($_, RT::Nginx::slurp($nginx->dir . "/$_"))
    for 'key', 'sign.pem', 'sign.pub';
chmod 0600, "$dir/key", "$dir/sign.pem" or die $!;

$limited->file('limited', "#!/bin/bash\nulimit -f 40\nexec $limited->{nginx} \"\$@\"\n");
chmod 0755, "$dir/limited" or die $!;
$limited->{nginx} = "$dir/limited";

$limited->start;
$nginx = $limited;

my $sent = 0;

# one at a time: what is over has to fit into the next file
while ((-s "$dir/logs/audit.log" || 0) < 38_000 && $sent < 2000) {
    $limited->get('/n' . ++$sent);
    settled('audit.log', $sent);
}

$limited->get('/n' . ++$sent) for 1 .. 5;

ok($limited->wait_for('a full disk', sub {
    $limited->log_text =~ /sink "main" cannot write/
}), 'the disk is full');
intact('a full disk', [], 'audit.log');
rotate('audit.log.1');
my $in_file = () = RT::Nginx::slurp("$dir/logs/audit.log.1") =~ /"complete"/g;
settled('audit.log', $sent - $in_file);
intact('after it', [], 'audit.log', 'audit.log.1');
$limited->stop;
$limited->quiet('cannot write');

done_testing();

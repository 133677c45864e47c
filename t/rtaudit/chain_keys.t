#!/usr/bin/perl

# The keys of rtaudit_chain are changed, one by one, while nginx runs: the whole
# file is intact for whoever has all of them, and a key that is missing is told.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Nginx;


my $http = <<'EOC';
    rtaudit_zone 8m;
    rtaudit_chain key=file:%%DIR%%/KEY sign=file:%%DIR%%/SIGN.pem checkpoint=1s;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOC

sub with {
    my ($key, $sign) = @_;

    return $http =~ s/KEY/$key/r =~ s/SIGN/$sign/r;
}

my $nginx = RT::Nginx->new(modules => ['rtaudit'],
                           http => with('old-key', 'old'));
my $dir = $nginx->dir;

for my $name ('old', 'new') {
    $nginx->file("$name-key", "$name key of at least 32 bytes, or more\n");
    system("openssl genpkey -algorithm ed25519 -out $dir/$name.pem 2>/dev/null"
           . " && openssl pkey -in $dir/$name.pem -pubout"
           . " -out $dir/$name.pub") == 0 or die 'openssl failed';
    chmod 0600, "$dir/$name-key", "$dir/$name.pem" or die $!;
}

sub verify {
    my @words = @_;

    my $out = `cd $dir && $RT::Tool audit verify @words logs/audit.log 2>&1`;
    return ($? >> 8, $out);
}

# a request is written, and a checkpoint behind it

sub written {
    my $path = shift;

    $nginx->get($path);
    $nginx->wait_for("a checkpoint behind $path", sub {
        RT::Nginx::slurp("$dir/logs/audit.log")
            =~ m{"\Q$path\E".*"AUDIT_CHECKPOINT"}s
    });
}

$nginx->start;
written('/first');

my ($rc, $out) = verify(qw(--key old-key --pub old.pub));
is($rc, 0, 'the first keys') or diag($out);
like($out, qr/, signed up to \d+ by old\.pub, open$/m, '... and who signed');


# the key of the signatures: the chain goes on

$nginx->reload(http => with('old-key', 'new'));
written('/second');

my @all = qw(--key old-key --pub old.pub --pub new.pub);

($rc, $out) = verify(@all);
is($rc, 0, 'another key of the signatures') or diag($out);
is(() = $out =~ /^chain /mg, 1, '... and the chain is one');
like($out, qr/, signed up to \d+ by new\.pub, open$/m, '... and who signed');
unlike($out, qr/tampered|unsure|note/, '... with nothing to say of it');

($rc, $out) = verify(qw(--key old-key --pub old.pub));
is($rc, 1, '... without the new one');
like($out, qr/: tampered: its signature is not of old\.pub$/m,
     '... names the one that it is not of');

($rc, $out) = verify(qw(--key old-key --pub new.pub));
is($rc, 1, '... without the old one');
like($out, qr/^logs\/audit\.log:1: tampered: its signature is not of new\.pub$/m,
     '... says so of the first line');


# the key of the seals: another chain begins

$nginx->reload(http => with('new-key', 'new'));
written('/third');

($rc, $out) = verify(@all, qw(--key new-key));
is($rc, 0, 'another key of the seals') or diag($out);
is(() = $out =~ /^chain /mg, 2, '... and there are two chains');

($rc, $out) = verify(@all);
is($rc, 1, '... without the new one');

my ($second) = RT::Nginx::slurp("$dir/logs/audit.log")
    =~ /"chain":"(\w{8})\w{24}","n":1,"after"/;

like($out, qr/: tampered: is sealed with another key, $second,/,
     '... names it as the chain does');

$nginx->stop;
($rc, $out) = verify(@all, qw(--key new-key));
is($rc, 0, 'stopped') or diag($out);

done_testing();

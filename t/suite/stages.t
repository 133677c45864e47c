#!/usr/bin/perl

# util/test.sh: what stages say is added up, those at each other's side run at
# once, and none outlives it.  A "make" of this test says what a stage does.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use Test::More;

use RT;
use RT::Nginx;


my $dir = tempdir(CLEANUP => 1);

sub file {
    my ($name, $text) = @_;

    open my $fh, '>', "$dir/$name" or die "$dir/$name: $!";
    print $fh $text;
    close $fh or die $!;
}

mkdir "$dir/bin" or die $!;
file('bin/make', <<'EOF');
#!/bin/sh
for name; do
    case $name in -*|*=*) ;; *) stage=$name ;; esac
done
cd "${0%/*}/.." && exec sh "./$stage"
EOF
chmod 0755, "$dir/bin/make" or die $!;


# begins test.sh: where it says what, and its pid

sub begins {
    my ($stages, %env) = @_;

    local @ENV{qw(PATH BUILD STAGES SILENCE), keys %env}
        = ("$dir/bin:$ENV{PATH}", "$dir/build", $stages, 20, values %env);

    my $pid = open my $pipe, '-|', 'sh', '-c', 'exec "$0" 2>&1',
        "$RT::Top/util/test.sh" or die $!;

    return ($pipe, $pid);
}

sub rest {
    my $pipe = shift;
    my $said = do { local $/; <$pipe> } // '';

    close $pipe;
    return ($said, $? >> 8);
}

sub whole { return rest((begins(@_))[0]) }


# two that end only when both have begun

sub meets {
    my ($mine, $others, $says) = @_;

    return <<"EOF";
: > $mine.here
n=0
while [ ! -e $others.here ] && [ \$n -lt 2000 ]; do n=\$((n + 1)); sleep .01; done
[ -e $others.here ] && echo "$says"
EOF
}

file(unit => 'echo "# 1"; echo "unit: 3 passed, 0 failed"');
file(fuzz => 'echo "fuzz: 2 passed, 0 failed, 77 fuzz runs"');
file(lint => 'echo words');
file(check => meets(check => memory => 'check: 1 passed, 0 failed'));
file(memory => meets(memory => check => 'memory: 1 passed, 0 failed'));
file(drivers => 'echo "drivers: 1 passed, 2 failed"; exit 1');
file(signin => 'echo "signin: 0 passed, 0 failed"');
file(view => 'echo "view: 4 passed, 0 failed"; kill -9 $$');
file(parties => 'exit 7');

my ($said, $rc) = whole('unit check,lint|memory fuzz');

is($rc, 0, 'all is well');
like($said, qr/^\n== unit\n# 1\nunit: 3 passed, 0 failed\n\n== /,
     'what a stage said stands below its name');
like($said, qr/^check +1 passed +0 failed +\d+ s$/m, 'one side, while');
like($said, qr/^memory +1 passed +0 failed +\d+ s$/m, 'the other ran');
like($said, qr/^lint +1 passed +0 failed +\d+ s$/m, 'no count is one test');
like($said, qr/^generated cases: 77 fuzz runs\n8 passed, 0 failed\n\z/m,
     'and the sum');

($said, $rc) = whole('drivers unit|view parties');

is($rc, 1, 'a failure is one of the whole');
like($said, qr/^drivers +1 passed +2 failed /m, 'of a test');
like($said, qr/^view +4 passed +1 failed /m, 'of a stage that was killed');
like($said, qr/^parties +0 passed +1 failed /m, 'of one that says nothing');
like($said, qr/^8 passed, 4 failed\n\z/m, 'while others go on');

($said, $rc) = whole('signin');

is($rc, 1, 'no test at all is a failure, too');

# a folder is nothing that "make" does, and so would have passed

($said, $rc) = whole('unit lint,docs|fuzz');

is($rc, 1, 'what is no stage is refused');
like($said, qr/error: "docs" is no stage: modules .* demo$/m, 'by its name');
unlike($said, qr/^== /m, 'before any runs');


# one that is silent

file(growth => 'echo $$ > growth.pid; echo half of it; sleep 1000; echo late');
file(e2e => 'sleep 1000 & echo $! > e2e.pid; wait');

my $nginx = 'RT::Nginx';
my ($pipe, $pid) = begins('unit|growth|e2e', SILENCE => 1);
my @pids;

$nginx->wait_for('both', sub {
    @pids = map { RT::Nginx::slurp("$dir/$_.pid") =~ /^(\d+)\n/ }
                qw(growth e2e);
    return @pids == 2;
}) or die;

while (my $line = <$pipe>) {
    last if $line =~ /^growth: at work, \d+ s: half of it$/;
}

ok(!eof $pipe, 'what is silent is said to be at work');

kill 'TERM', $pid;
($said, $rc) = rest($pipe);

isnt($rc, 0, 'a signal ends it');
like($said, qr/told to end/, 'it says so');
unlike($said, qr/passed/, 'and nothing of what has not ended');
ok($nginx->wait_for('the stages', sub { !grep { RT::Nginx::runs($_) } @pids }),
   'the stages have ended');

done_testing();

#!/usr/bin/perl

# rt audit verify: what it finds in lines that somebody has changed, moved,
# taken out or put in, and what it does not find in those that nobody has.  The
# lines are sealed by RT::Chain, not by our own code.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Chain;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => []);
my $dir = $nginx->dir;

$nginx->file('key', "$RT::Chain::Key\n");
$nginx->file('other', "another key of at least 32 bytes.\n");

for my $name ('sign', 'stolen') {
    system("openssl genpkey -algorithm ed25519 -out $dir/$name.pem 2>/dev/null"
           . " && openssl pkey -in $dir/$name.pem -pubout"
           . " -out $dir/$name.pub") == 0 or die 'openssl failed';
}


# rt audit verify with these words: its exit code, and what it says

sub verify {
    my @words = @_;

    my $pid = fork // die $!;

    if ($pid == 0) {
        chdir $dir or die $!;
        open STDOUT, '>', 'out' or die $!;
        open STDERR, '>&', \*STDOUT or die $!;
        exec $RT::Tool, 'audit', 'verify', @words or POSIX::_exit(127);
    }

    waitpid $pid, 0;

    return ($? >> 8, RT::Nginx::slurp("$dir/out"));
}


# a case: files of lines, the code, what is found (all of it), more words

sub is_found {
    my ($name, $files, $code, $want, @words) = @_;

    my @names;

    for my $n (0 .. $#$files) {
        push @names, "audit.log.$n";
        $nginx->file($names[-1], join '', @{$files->[$n]});
    }

    my ($rc, $out) = verify('--key', 'key', @words, @names);

    is($rc, $code, "$name: $code") or diag($out);

    my @found = grep { !/^(?:chain|head|rt audit verify:) / } split /\n/, $out;

    is(scalar @found, scalar @$want, "$name: " . @$want . ' findings')
        or diag($out);

    like(shift @found // '', $_, "$name: says it") for @$want;
}


sub chain { RT::Chain->new(dir => $dir, @_) }

# ten lines: a start, a checkpoint, a stop

sub ten {
    my $c = shift;

    return ($c->own('AUDIT_START'), (map { $c->line } 2 .. 4), $c->checkpoint,
            (map { $c->line } 6 .. 9), $c->own('AUDIT_STOP'));
}


# what nobody has changed

my $c = chain();
my @ten = ten($c);
my $ten = $c->head;

is_found('whole', [\@ten], 0, []);
is_found('one line', [[$ten[0]]], 0, []);
is_found('being written', [[@ten[0 .. 6]]], 0, []);
is_found('two files', [[@ten[0 .. 3]], [@ten[4 .. 9]]], 0, []);
is_found('files in another order', [[@ten[4 .. 9]], [@ten[0 .. 3]]], 0, []);
is_found('an empty file', [[@ten[0 .. 3]], [], [@ten[4 .. 9]]], 0, []);
is_found('the head that is expected', [\@ten], 0, [], '--expect', $ten);
is_found('older files are gone', [[@ten[4 .. 9]]], 0, [
    qr/^audit.log.0:1: note: is 5 of chain $c->{id}, whose beginning/
]);

{
    my $new = chain(after => $c);
    my @new = ten($new);

    is_found('stopped, started', [[@ten, @new]], 0, []);
    is_found('... in another file', [\@ten, \@new], 0, []);

    my $crash = chain();
    my @crash = (ten($crash))[0 .. 6];
    $crash->{n} = 7;
    $crash->{prev} = $1 if $crash[6] =~ /"mac":"(\w+)"/;
    my @next = ten(chain(after => $crash));

    is_found('killed', [[@crash, @next]], 0, [
        qr/^audit.log.0:7: note: is the last .* without AUDIT_STOP/
    ]);
    is_found('killed in the middle of a line',
             [[@crash, substr($crash[5], 0, 90) . "\n", @next]], 0, [
        qr/^audit.log.0:8: note: was cut/, qr/^audit.log.0:7: note: is the last/
    ]);
    is_found('the machine went down',
             [[@crash, "\0" x 300 . "\n", @next]], 0, [
        qr/^audit.log.0:8: note: was cut/, qr/^audit.log.0:7: note: is the last/
    ]);
    is_found('no new start yet', [[@crash, substr $crash[5], 0, 90]], 0, [
        qr/^audit.log.0:8: note: the file ends in the middle of a line/
    ]);

    # two masters write one file during an upgrade, and rotate it

    my $old = chain();
    my @old = ten($old);
    my $up = chain(after => { %$old, n => 6, prev => $old[5] =~ /mac":"(\w+)/ });
    my @up = ten($up);

    is_found('upgrade',
             [[@old[0 .. 5], @up[0, 1], $old[6], $up[2], $old[7]],
              [@up[3 .. 6], @old[8, 9], @up[7 .. 9]]], 0, []);
    is_found('... of which the first file is gone',
             [[@up[3 .. 6], @old[8, 9], @up[7 .. 9]]], 0, [
        qr/:\d+: note: is \d+ of chain .* beginning/,
        qr/:\d+: note: is \d+ of chain .* beginning/
    ]);
}

{
    my $other = chain(key => "another key of at least 32 bytes.");
    my @other = ten($other);

    is_found('two keys', [[@other, ten(chain(after => $other))]], 0, [],
             '--key', 'other');
}

# a key whose file was written on Windows, which nginx takes as well

{
    $nginx->file('crlf', "$RT::Chain::Key\r\n");
    $nginx->file('audit.log', join '', @ten);

    my ($rc, $out) = verify('--key', 'crlf', 'audit.log');
    is($rc, 0, 'a key that ends with CR and LF') or diag($out);
}


# compressed, in standard input, under two names

{
    $nginx->file('old', join '', @ten[0 .. 3]);
    $nginx->file('audit.log', join '', @ten[4 .. 9]);
    system('gzip', '-f', "$dir/old") == 0 or die;
    link "$dir/audit.log", "$dir/linked" or die $!;

    my ($rc, $out) = verify('--key', 'key', 'audit.log', 'old.gz', 'linked');

    is($rc, 0, 'gzip, and one file by two names') or diag($out);
    like($out, qr/^chain $c->{id}: 1 to 10, stopped$/m,
         'says how far the chain goes');
    like($out, qr/^head \Q$ten\E$/m, 'and its head');
    like($out, qr/^rt audit verify: intact: 10 lines in 3 files, 10 sealed$/m,
         'and how many lines there are');

    ($rc, $out) = verify('--key', 'key', '--json', 'audit.log', 'old.gz');
    my $json = decode_json($out);

    is_deeply($json, {
        result => 'intact', lines => 10, sealed => 10, findings => [],
        more => 0, chains => [{
            head => $ten, first => 1, last => 10, signed => 0,
            signedBy => undef, end => 'stopped'
        }]
    }, 'as JSON');

    truncate "$dir/old.gz", 60 or die $!;
    ($rc, $out) = verify('--key', 'key', 'old.gz');
    is($rc, 2, 'a broken file is not looked at') or diag($out);
}

# what somebody has changed

my @lines = @ten;
$lines[6] =~ s/QUERY_RUN/QUERY_RUM/;
is_found('edit', [\@lines], 1, [qr/^audit.log.0:7: tampered: was changed$/]);

@lines = @ten;
$lines[6] =~ s/("mac":"\w{63})(\w)/$1 . ($2 eq 'a' ? 'b' : 'a')/e;
is_found('edit of a MAC', [\@lines], 1, [
    qr/:7: tampered: was changed/, qr/:8: tampered: 8 .* does not follow/
]);

is_found('delete', [[@ten[0 .. 5, 7 .. 9]]], 1, [
    qr/:7: tampered: line 7 of chain $c->{id} is missing before it/
]);
is_found('delete many', [[@ten[0, 8, 9]]], 1, [
    qr/:2: tampered: lines 2 to 8 of chain/
]);
is_found('delete the end of a file', [[@ten[0 .. 2]], [@ten[4 .. 9]]], 1, [
    qr/^audit.log.1:1: tampered: line 4 of chain/
]);
is_found('delete a file', [[@ten[0 .. 2]], [@ten[7 .. 9]]], 1, [
    qr/^audit.log.1:1: tampered: lines 4 to 7 of chain/
]);
is_found('delete, and say it began there',
         [[@ten, ten(chain(after => $c)), (ten(chain()))[3 .. 9]]], 1, [
    qr/:21: tampered: is 4 of chain .* whose beginning is not/
]);

is_found('insert', [[@ten[0 .. 4], "{\"id\":\"x\",\"metadata\":{}}\n",
                     @ten[5 .. 9]]], 1, [
    qr/:6: tampered: is not sealed, behind lines that are/
]);
is_found('insert at the end', [[@ten, "{\"id\":\"x\"}\n"]], 1, [
    qr/:11: tampered: is not sealed/
]);
is_found('insert before the first', [["{\"id\":\"x\"}\n", @ten]], 3, [
    qr/:1: unsure: is not sealed/
]);
is_found('insert what is no event', [[@ten[0 .. 4], "x\n", @ten[5 .. 9]]], 1, [
    qr/:6: tampered: is no event/
]);
is_found('nothing is sealed', [["{\"id\":\"x\"}\n"]], 3, [
    qr/:1: unsure: is not sealed/, qr/^unsure: no line is sealed/
]);

is_found('reorder', [[@ten[0 .. 4, 6, 5, 7 .. 9]]], 1, [
    qr/:6: tampered: 7 of chain .* was moved/
]);
is_found('repeat', [[@ten[0 .. 6, 3, 7 .. 9]]], 1, [
    qr/:8: tampered: 4 of chain .* stands twice/
]);
is_found('repeat a checkpoint', [[@ten, $ten[4]]], 1, [
    qr/:11: tampered: 5 of chain .* stands twice/
]);
is_found('a copy of a file', [\@ten, [@ten[0 .. 4]]], 1, [
    qr/^audit.log.1:1: tampered: 1 of chain .* stands twice/
]);

# the end is cut

is_found('cut', [[@ten[0 .. 6]]], 1, [
    qr/:7: tampered: is the last of chain .* had 3 more: its end was cut off/
], '--expect', $ten);

{
    my $new = chain(after => $c);
    my @new = ten($new);

    is_found('cut before a start', [[@ten[0 .. 7], @new]], 1, [
        qr/:8: tampered: is the last of chain .* had 2 more/
    ]);

    my $away = chain(sink => 'away');
    my $cut = chain();
    my @cut = ten($cut);

    $nginx->file('away.log', join '', map {
        s/,"integrity".*/}/r
    } $away->line, $away->checkpoint(['main', $cut]));

    is_found('cut, as another sink knows', [[@cut[0 .. 8]]], 1, [
        qr/:9: tampered: is the last of chain .* had 1 more/
    ], '--expect', 'away.log');
    is_found('not cut, as another sink knows', [\@cut], 0, [],
             '--expect', 'away.log');

    is_found('replaced by another', [\@ten], 3, [
        qr/^unsure: chain $cut->{id}, which is expected, is not among/
    ], '--expect', $cut->head);

    # by a chain of the same name, with the key

    my $forged = chain();
    $forged->{id} = $cut->{id};
    is_found('made anew with the key', [[
        $forged->own('AUDIT_START'), (map { $forged->line } 2 .. 9),
        $forged->own('AUDIT_STOP')]], 1, [
        qr/:10: tampered: it is not the line that was sealed first/
    ], '--expect', $cut->head);
}

is_found('the last checkpoint is old', [\@ten], 3, [
    qr/^unsure: the last checkpoint is \d+ seconds old/
], '--max-age', '5m');
is_found('... or there is none', [[@ten[0 .. 3]]], 3, [
    qr/^unsure: there is no checkpoint/
], '--max-age', '5m');
is_found('the last checkpoint is young enough', [[
    map { my $c = chain(clock => 1000 * time); ten($c) } 1
]], 0, [], '--max-age', '5m');

# over a restart: the end of one chain and the beginning of the next

{
    my $one = chain();
    my @one = ten($one);
    my $two = chain(after => $one, clock => $one->{clock} + 60_000);
    my @two = ten($two);
    my $three = chain(after => $two, clock => $two->{clock} + 60_000);
    my @three = ten($three);

    my $begins = qr/tampered: is 4 of chain $two->{id}, whose beginning/;

    is_found('three chains', [\@one, \@two, \@three], 0, []);
    is_found('delete over a restart', [[@one[0 .. 5]], [@two[3 .. 9]]], 1,
             [$begins]);
    is_found('... newest first', [[@two[3 .. 9]], [@one[0 .. 5]]], 1,
             [$begins]);
    is_found('... where older files are gone', [[@one[3 .. 5]], [@two[3 .. 9]]],
             3, [
        qr/: note: is 4 of chain $one->{id}|: unsure: is 4 of chain $two->{id}/,
        qr/: unsure: is 4 of chain $two->{id}|: note: is 4 of chain $one->{id}/
    ]);
    is_found('older files are gone, before a restart',
             [[@one[3 .. 9]], \@two], 0, [qr/note: is 4 of chain/]);

    my $comes = qr/comes after chain $two->{id}, which is not among the files/;

    is_found('delete a whole chain', [\@one, \@three], 1,
             [qr/^audit.log.1:1: tampered: $comes$/]);
    is_found('... newest first', [\@three, \@one], 1,
             [qr/^audit.log.0:1: tampered: $comes$/]);
    is_found('... of which the first has no beginning',
             [[@one[3 .. 9]], \@three], 1,
             [qr/note: is 4|tampered: $comes/, qr/note: is 4|tampered: $comes/]);
    is_found('older chains are gone', [\@three], 0,
             [qr/^audit.log.0:1: note: $comes: older ones are gone$/]);

    # a clock that was set back does not make a later chain an older one

    my $back = chain(after => $one, clock => $one->{clock} - 3600_000);
    my @back = ten($back);
    is_found('set back at a restart', [[@one[3 .. 9]], \@back], 0,
             [qr/note: is 4 of chain/]);

    # lines that tell no time: nginx writes none

    my ($old, $new) = map {
        my $c = chain();
        my $n = $_;
        [map { $c->seal(qq({"id":"$_","metadata":{"x":1})) } 1 .. $n]
    } 3, 6;
    is_found('no times', [$old, [@$new[3 .. 5]]], 3,
             [qr/unsure: is 4 of chain/]);
}

# what is expected is not replaced by what the files say

{
    my $true = chain();
    my @true = ten($true);
    my $at = chain();
    my ($mac) = $true[6] =~ /"mac":"(\w+)"/;

    $at->{id} = $true->{id};
    my @forged = ($at->own('AUDIT_START'),
                  (map { $at->line(',"x":1') } 2 .. 9), $at->own('AUDIT_STOP'));
    my @next = ten(chain(after => $at, clock => $at->{clock} + 60_000));
    my $sealed = qr/:7: tampered: it is not the line that was sealed first/;

    is_found('made anew, and followed', [\@forged, \@next], 1, [$sealed],
             '--expect', "$true->{id}:7:$mac");
    is_found('... newest first', [\@next, \@forged], 1, [$sealed],
             '--expect', "$true->{id}:7:$mac");
    is_found('cut behind what is expected',
             [\@next, [@forged[0 .. 7]]], 1,
             [qr/:7: tampered/, qr/which had 2 more: its end was cut off/],
             '--expect', "$true->{id}:7:$mac");
}

# other keys, other chains

{
    my $other = chain(key => "another key of at least 32 bytes.");

    is_found('another key', [[ten($other)]], 1, [
        qr/:1: tampered: is sealed with another key, \w{8}, and so may be/
    ]);

    my $mixed = chain();
    $mixed->{key} = $other->{key};
    is_found('the name of our key, and another one', [[$mixed->line]], 1, [
        qr/:1: tampered: was changed/
    ]);
    is_found('lines of another sink', [[@ten, (ten(chain(sink => 'b')))[2, 3]]],
             1, [
        qr/:11: tampered: is 3 of chain/, qr/:11: tampered: is of another sink/
    ]);
    is_found('lines of another machine at the top',
             [[(ten(chain(host => 'b')))[2, 3], @ten[3 .. 9]]], 1, [
        qr/:1: note: is 3 of chain|:3: note: is 4 of chain/,
        qr/note: is \d of chain/, qr/:\d: tampered: is of another sink/
    ]);

    my @a = ten(chain());
    my @b = ten(chain());
    is_found('two chains spliced', [[@a[0 .. 4], @b[5 .. 9]]], 1, [
        qr/:6: tampered: is 6 of chain .* whose beginning/
    ]);
}

# signatures

{
    my $s = chain(pem => "$dir/sign.pem");
    my @s = ten($s);

    is_found('signed', [\@s], 0, [], '--pub', 'sign.pub');
    like((verify('--key', 'key', '--pub', 'sign.pub', 'audit.log.0'))[1],
         qr/^chain $s->{id}: 1 to 10, signed up to 10 by sign\.pub, stopped$/m,
         'says how far');

    is_found('signed with another key', [\@s], 1, [
        (qr/tampered: its signature is not of stolen\.pub$/) x 3
    ], '--pub', 'stolen.pub');
    is_found('... which is given as well', [\@s], 0, [],
             '--pub', 'stolen.pub', '--pub', 'sign.pub');

    my @bare = map { s/,"sig":"[^"]+"//r } @s;
    is_found('signatures taken away', [\@bare], 1, [
        (qr/tampered: it has no signature, and should/) x 3
    ], '--pub', 'sign.pub');
    is_found('... where nobody looks', [\@bare], 0, []);

    my @swapped = @s;
    my ($sig) = $s[4] =~ /"sig":"([^"]+)"/;
    $swapped[9] =~ s/"sig":"[^"]+"/"sig":"$sig"/;
    is_found('a signature of another line', [\@swapped], 1, [
        qr/:10: tampered: its signature is not of sign\.pub, stolen\.pub$/
    ], '--pub', 'sign.pub', '--pub', 'stolen.pub');
}

# the key of the signatures was changed: one chain, signed by two

{
    my $r = chain(pem => "$dir/sign.pem");
    my @r = ($r->own('AUDIT_START'), $r->checkpoint, map { $r->line } 3 .. 5);

    $r->{pem} = "$dir/stolen.pem";
    push @r, $r->checkpoint, $r->line, $r->own('AUDIT_STOP');

    my @files = ([@r[0 .. 4]], [@r[5 .. 7]]);

    is_found('two keys, one after the other', \@files, 0, [],
             '--pub', 'sign.pub', '--pub', 'stolen.pub');
    my ($rc, $out) = verify(qw(--json --key key --pub sign.pub),
                            qw(--pub stolen.pub audit.log.0 audit.log.1));
    my $said = decode_json($out)->{chains}[0];
    is("$said->{signed} by $said->{signedBy}", '8 by stolen.pub',
       '... which says by which one at the end');
    is_found('... the new one is missing', \@files, 1, [
        (qr/^audit\.log\.1:\d: tampered: its signature is not of sign\.pub$/) x 2
    ], '--pub', 'sign.pub');
    is_found('... the old one', \@files, 1, [
        (qr/^audit\.log\.0:\d: tampered: its signature is not of stolen\.pub$/) x 2
    ], '--pub', 'stolen.pub');
}

# signed lines that were left out

{
    my $s = chain(pem => "$dir/sign.pem");
    my @s = ($s->own('AUDIT_START'), $s->checkpoint);

    $s->{clock} += 7200_000;
    push @s, map { $s->{clock} += 60_000; $s->line } 3 .. 13;
    is_found('ten minutes without a signature, after a pause', [\@s], 0, [],
             '--pub', 'sign.pub');

    $s->{clock} += 60_000;
    push @s, $s->line;

    my $behind = qr/unsure: lines 3 to 14 of chain $s->{id} are behind its last/;

    is_found('eleven', [\@s], 3, [qr/^audit.log.0:14: $behind/],
             '--pub', 'sign.pub');
    is_found('... in two files', [[@s[8 .. 13]], [@s[0 .. 7]]], 3, [$behind],
             '--pub', 'sign.pub');
    is_found('... where nobody looks', [\@s], 0, []);
    is_found('... with time for them', [\@s], 3, [
        qr/^unsure: the last checkpoint is \d+ seconds old/
    ], '--pub', 'sign.pub', '--max-age', '15m');

    push @s, $s->own('AUDIT_STOP');
    is_found('... which one signs', [\@s], 0, [], '--pub', 'sign.pub');

    my $u = chain(pem => "$dir/sign.pem");
    is_found('no signature, and no times', [[
        $u->own('AUDIT_START'), $u->seal('{"id":"1","metadata":{"x":1}')]], 3, [
        qr/:2: unsure: lines 2 to 2 of chain/
    ], '--pub', 'sign.pub');
}

# a user cannot make us say that something is wrong

{
    my $u = chain();
    is_found('words of a user', [[
        $u->line(',"stage":"module"'),
        $u->seal(q({"actionType":"AUDIT_STOP","parameters":{"stage":"module",)
                 . q("checkpoint":{"clock":1,"uptime":2,"heads":[{"chain":")
                 . $c->{id} . q(","n":99,"mac":") . 'a' x 64
                 . q("}]}},"metadata":{"stage":"complete"})),
        $u->line]], 0, []);
}

# the clock

{
    my $t = chain();
    my @t = ($t->own('AUDIT_START'), $t->checkpoint, $t->line);
    $t->{clock} -= 3600_000;
    push @t, $t->checkpoint, $t->line;
    is_found('the clock was set back', [\@t], 3, [
        qr/:4: unsure: the clock was set back by 3600.0 s between/
    ]);
    is_found('... between two files', [[@t[0 .. 2]], [@t[3, 4]]], 3, [
        qr/^audit.log.1:1: unsure: the clock was set by -3600.0 s/
    ]);

    $t->{clock} += 1500;
    push @t, $t->checkpoint;
    is_found('a second is none', [[@t[3 .. 5]]], 0, [qr/note: is 4 of chain/]);
}

# words

for (
    [qr/write --key FILE/, 'audit.log.0'],
    [qr/write --key FILE/, '--key', 'key'],
    [qr/none: No such file/, '--key', 'none', 'audit.log.0'],
    [qr/at least 32 bytes/, '--key', 'out', 'audit.log.0'],
    [qr/\.: Is a directory/, '--key', '.', 'audit.log.0'],
    [qr/is no option/, '--kay', 'key', 'audit.log.0'],
    [qr/needs a value/, '--key'],
    [qr/none: No such file/, '--key', 'key', 'none'],
    [qr/none: No such file/, '--key', 'key', '--expect', 'none', 'out'],
    [qr/is no time/, '--key', 'key', '--max-age', 'x', 'out'],
    [qr/no public key/, '--key', 'key', '--pub', 'key', 'out'],
) {
    my ($say, @words) = @$_;
    $nginx->file('out', 'short');
    my ($rc, $out) = verify(@words);
    is($rc, 2, "@words: 2");
    like($out, $say, "@words: says why");
}

done_testing();

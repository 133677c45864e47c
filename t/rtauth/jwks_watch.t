# jwks_file is read again when it changes, by each worker, without a reload; a
# bad file leaves the keys at hand.

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::Idp qw(:DEFAULT believer result ctl);
use RT::Nginx;


my $dir = $ENV{TEST_NGINX_IDP_DIR};


sub slurp {
    open my $fh, '<', "$dir/$_[0]" or die "$dir/$_[0]: $!";
    local $/;
    return <$fh>;
}

my %set = map { $_ => slurp($_) } qw(jwks.json k2.json both.json);

# another file in its place, in one step, as tools do it

sub put {
    my ($name, $text, $mode) = @_;

    write_file("$name.new", $text, $mode);
    rename "$dir/$name.new", "$dir/$name" or die "$dir/$name: $!";
}


sub server {
    my ($block, %args) = @_;

    return believer("issuer i; $block", workers => 2, %args);
}


sub results {
    my ($nginx, $token) = @_;

    return join ' ', map {
        $nginx->get('/t', headers => [$token])->{head} =~ /^X-Result: (\w+)/m
    } 1 .. 4;
}


# until each of the two workers has said it, since the last change

my $mark = 0;

sub both_say {
    my ($nginx, $what) = @_;

    return $nginx->wait_for("both workers: $what", sub {
        my $since = substr $nginx->log_text, $mark;
        my %pid = map { $_ => 1 }
            $since =~ /\] (\d+)#[^\n]*"jwks_file\b[^\n]*$what/g;
        return keys %pid == 2;
    });
}


sub change {
    my ($nginx, $change) = @_;

    $mark = length $nginx->log_text;
    $change->();
}


my ($k1, $k2) = map { bearer(iss => 'i', key => $_) } qw(k1 k2);
my ($ok, $unknown) = ('ok ok ok ok', join(' ', ('unknown_key') x 4));

put('watched.json', $set{'jwks.json'});

my $nginx = server("jwks_file $dir/watched.json;");

is(results($nginx, $k1), $ok, 'the first key');
is(results($nginx, $k2), $unknown, 'the second is not there yet');

change($nginx, sub { put('watched.json', $set{'both.json'}) });
ok(both_say($nginx, 'changed, 2 keys'), 'a file with both is read');
is(results($nginx, $k2), $ok, 'the second key');
is(results($nginx, $k1), $ok, 'and the first');

change($nginx, sub { put('watched.json', $set{'k2.json'}) });
ok(both_say($nginx, 'changed, 1 keys'), 'a file without the first is read');
is(results($nginx, $k1), $unknown, 'a token that was good is good no more');
is(results($nginx, $k2), $ok, 'the second key stays');

# what is no good file

for my $bad (
    ['half of a file', 'is not strict JSON',
     sub { put('watched.json', substr($set{'jwks.json'}, 0, 60)) }],
    ['a set without a key', 'holds no key',
     sub { put('watched.json', '{"keys":[]}') }],
    ['a file that all may write to', 'may be written by all users',
     sub { put('watched.json', $set{'jwks.json'}, 0666) }],
    ['no file', 'cannot be opened',
     sub { unlink "$dir/watched.json" or die $! }],
) {
    my ($name, $why, $make) = @$bad;

    change($nginx, $make);
    ok(both_say($nginx, $why), "$name is not used");
    ok(both_say($nginx, 'changed and is not used, the keys at hand stay in use'),
       "$name: which is said");
    is(results($nginx, $k2), $ok, "$name: the keys at hand stay");
    is(results($nginx, $k1), $unknown, "$name: and no others come");
}

# a mode that is mended

change($nginx, sub { put('watched.json', $set{'jwks.json'}, 0666) });
ok(both_say($nginx, 'may be written by all users'), 'a bad mode');
change($nginx, sub { chmod 0644, "$dir/watched.json" or die $! });
ok(both_say($nginx, 'changed, 1 keys'), 'is mended');
is(results($nginx, $k1), $ok, 'and the file is used');

# a reload reads the file too, and what it reads is no change

$nginx->reload;
is(results($nginx, $k1), $ok, 'the same after a reload');
change($nginx, sub { put('watched.json', $set{'both.json'}) });
ok(both_say($nginx, 'changed, 2 keys'), 'and a change after it is read');
is(results($nginx, $k2), $ok, 'as before it');
is(() = $nginx->log_text =~ /"jwks_file" changed, 1 keys/g, 4,
   'nothing else was read');

$nginx->end;


# several files and a link that leads to another one, as Kubernetes changes them

mkdir "$dir/a" or die $!;
mkdir "$dir/b" or die $!;
write_file('a/keys.json', $set{'jwks.json'});
write_file('b/keys.json', $set{'k2.json'});
symlink "$dir/a", "$dir/data" or die $!;
write_file('other.json', $set{'jwks.json'});

$nginx = server("jwks_file $dir/other.json;\n"
                . "        jwks_file $dir/data/keys.json;");

is(results($nginx, $k2), $unknown, 'the link leads to the first folder');
change($nginx, sub {
    symlink "$dir/b", "$dir/data.new" or die $!;
    rename "$dir/data.new", "$dir/data" or die $!;
});
ok(both_say($nginx, 'changed, 2 keys'), 'it leads to the second');
is(results($nginx, $k2), $ok, 'whose key is good');
is(results($nginx, $k1), $ok, 'and that of the other file too');
$nginx->end;


# whose file it is

SKIP: {
    skip 'workers give up root only where root starts nginx', 5 if $> != 0;

    my $oct = '{"keys":[{"kty":"oct","k":"' . 'A' x 43 . '"}]}';

    put('secret.json', $oct, 0600);
    $nginx = server("jwks_file $dir/secret.json;\n"
                    . '        algorithms HS256;');
    ok($nginx->wait_for('a worker', sub {
        $nginx->log_text =~ /a change of "jwks_file \S+" needs a reload, for /
    }), 'a file that the master alone may read: a reload is needed');
    $nginx->end;

    # what belongs to the workers' own user is not trusted by them either

    put('watched.json', $set{'jwks.json'});
    $nginx = server("jwks_file $dir/watched.json;");
    $mark = 0;
    is(results($nginx, $k1), $ok, 'the first key');
    write_file('theirs.json', $set{'k2.json'});
    chown((getpwnam('nobody'))[2, 3], "$dir/theirs.json") or die $!;
    change($nginx, sub {
        rename "$dir/theirs.json", "$dir/watched.json" or die $!;
    });
    ok(both_say($nginx, 'belongs to another user'),
       'a file of the workers\' user is not used');
    is(results($nginx, $k2), $unknown, 'its key is not believed');
    is(results($nginx, $k1), $ok, 'the one at hand is');
    $nginx->end;
}

done_testing();

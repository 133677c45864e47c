#!/usr/bin/perl

# The file of rtauth_scim_zone, when it was made anew: its users stand before
# its end.  It is damaged or cut there, and cut behind that while nginx runs; it
# cannot be made anew.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Disk;
use RT::Nginx;
use RT::Scim;

my ($in, $out, $away) = map { join ' ', ($_) x 4 }
    '200 ok', '403 disabled', '503 users_unavailable';

my $nginx = RT::Scim::nginx(modules => ['rtauth'], server => <<'EOT');
        location = /metrics { rtauth off; rtauth_status prometheus; }
EOT
my $file = $nginx->dir . '/state/users';

$nginx->start;

sub make { return push_to($nginx, 'POST', '/Users', { userName => $_[0] }) }

sub users {
    return join ' ', sort map {
        "$_->{userName}:" . ($_->{active} ? 'on' : 'off')
    } @{push_to($nginx, 'GET', '/Users')->{json}{Resources} // []};
}

sub comes { return results($nginx, user_token(email => $_[0],
                                              email_verified => 'true')) }

sub sound {
    my $when = shift;
    is(users(), 'bob:off eve:on', "$when: both are known");
    is(comes('eve'), $in, "$when: eve is let in");
    is(comes('bob'), $out, "$when: bob is kept out");
}

# what is read by each worker, often enough

sub damaged {
    my ($is, $when) = @_;
    return ok($nginx->wait_for("$when to be seen", sub {
        !grep {
            $nginx->get('/metrics')->{body} !~ /^rtauth_scim_journal_damaged $is$/m
        } 1 .. 8
    }), $when);
}

sub moved_away {
    rename $file, "$file.bad" or die $!;
    $nginx->wait_for('another file', sub { -s $file });
}

# as an editor does: the file is the same one

sub write_to {
    open my $fh, '+<', $file or die $!;
    truncate $fh, 0 or die $!;
    print $fh $_[0];
    close $fh or die $!;
}

user_op($nginx, make('bob')->{json}{id},
        { op => 'replace', path => 'active', value => 'False' });
make('eve');
moved_away();
sound('made anew');


# -- nginx does not run

$nginx->stop;

my $sound = RT::Nginx::slurp($file);
my ($head) = $sound =~ /\A(.*\n)/;
my $bad = length $head;
my $says = qr{"\Q$file\E" is damaged at byte $bad, and has not all of its users};

sub refuses {
    my $when = shift;
    my ($rc, $text) = $nginx->try;

    isnt($rc, 0, "$when: nginx does not start");
    like($text, $says, "$when: and says why");
    unlike($text, qr/truncate|larger/, "$when: and nothing that makes it worse");
}

like($sound, qr/\A.*\n\S+ P .*\n\S+ P .*\n\S+ E \d+\n\z/, 'users, and an end');
write_to($sound =~ s/\A(.*\n.{20})./$1\x01/r);
refuses('damaged');
write_to($head);
refuses('cut there');
write_to($sound);
$nginx->start;
sound('mended');


# -- it runs

truncate $file, $bad or die $!;
damaged(1, 'cut while nginx runs');
is(comes($_), $away, "$_ is not let in") for qw(bob eve);
my $log = $nginx->log_text;
like($log, qr/is damaged at byte $bad: none of .* or moved away/, 'says how to');
unlike($log, qr/make it larger/, 'and nothing about room');
moved_away();
damaged(0, 'moved away');
sound('written anew');

my $size = -s $file;
my $kept = RT::Nginx::slurp($file);
is(make('max')->{status}, 201, 'somebody is pushed');
truncate $file, $size or die $!;
damaged(1, 'cut behind its end');
is(comes('eve'), $away, 'what was cut off is not forgotten');

open my $fh, '>', "$file.copy" or die $!;
print $fh $kept;
close $fh;
chown +(stat $file)[4, 5], "$file.copy";
chmod 0600, "$file.copy";
rename "$file.copy", $file or die $!;
damaged(0, 'a copy is put in its place');
sound('as the copy says');
ok($nginx->wait_for('a line', sub {
    $nginx->log_text =~ /"\Q$file\E" is shorter than it was/
}), 'and the log says that something is undone');

$nginx->stop;
$nginx->start;
sound('restarted');


# -- it is lost while nginx does not run

my $made = qr/\[warn\] .*"\Q$file\E" is not there, and is made: nobody is known/;

$nginx->stop;
unlike(($nginx->try)[1], $made, 'it is there');
unlink $file or die $!;
like(($nginx->try)[1], $made, 'nginx says that nobody is known');
$nginx->start;
$nginx->end('QUIT', 'is damaged at byte', 'is shorter than it was');


# -- a disk that fails where a file is made anew: it goes on with the old one

my $disk = RT::Disk->new;

$nginx = RT::Scim::nginx(modules => ['rtauth']);
$file = $nginx->dir . '/state/users';
$disk->start($nginx);

my $eve = make('eve')->{json};
my ($version) = $eve->{meta}{version} =~ /(\d+)/;
my $commits = $disk->commits;

for my $n (1 .. 80) {
    $disk->fail(' E ' . ($version + $n) . "\n");
    user_op($nginx, $eve->{id}, { op => 'replace', path => 'title',
                                   value => sprintf '%01000d', $n })->{status}
        == 200 or fail("update $n");
}

cmp_ok(-s $file, '>', 80_000, 'it is not made anew');
is($disk->commits, $commits + 80, 'nor read again');
$disk->mend;
$nginx->stop;
$nginx->start;
is(users(), 'eve:on', 'and has all');
$nginx->end;

done_testing();

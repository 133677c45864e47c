#!/usr/bin/perl

# The file of rtauth_scim_zone: damaged, at start, at a reload and while nginx
# runs; another one at a reload; one that somebody else has locked.

use strict;
use warnings;

use lib 't/lib';

use Fcntl qw(:flock :seek);
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use RT::Nginx;
use RT::Raw;
use RT::Scim;

my $proxied = RT::Raw::tunnel();
my %with = (modules => ['rtauth'], server => <<"EOF");
        location = /metrics { rtauth off; rtauth_status prometheus; }
        location = /ready { rtauth off; rtauth_status ready; }
        location = /ws { rtauth corp; rtauth_reauthorize 1s; $proxied }
EOF

my $nginx = RT::Scim::nginx(%with);
my $file = $nginx->dir . '/state/users';

$nginx->start;

sub make { return push_to($nginx, 'POST', '/Users', { userName => $_[0] }) }

# "NAME on|off ..."

sub users {
    my $from = shift // $nginx;
    return join ' ', sort map {
        "$_->{userName}:" . ($_->{active} ? 'on' : 'off')
    } @{push_to($from, 'GET', '/Users')->{json}{Resources}};
}

my $bob = make('bob')->{json}{id};
user_op($nginx, $bob, { op => 'replace', path => 'active', value => 'False' });
make('eve');

my $all = 'bob:off eve:on';
is(users(), $all, 'bob is disabled');


# -- the line that has disabled bob is damaged

my $sound = RT::Nginx::slurp($file);
my @lines = $sound =~ /(.*\n)/g;
my $bad = length join '', @lines[0 .. $#lines - 2];

sub damage {
    my ($path, $text) = @_;

    open my $fh, '+<', $path or die $!;
    flock $fh, LOCK_EX or die $!;
    truncate $fh, 0 or die $!;
    print $fh $text;
    close $fh or die $!;
}

my $damaged = $sound;
substr($damaged, $bad + 20, 1) ^= "\1";

my $says = qr{"\Q$file\E" is damaged at byte $bad: .*truncate -s $bad};

$nginx->stop;
damage($file, $damaged);

my ($rc, $text) = $nginx->try;
isnt($rc, 0, 'damaged: nginx does not start');
like($text, $says, 'and says where, and what to do');

damage($file, substr $sound, 0, -2);
$nginx->start;
is(users(), 'bob:off', 'what is torn is cut off');
make('eve');
is(users(), $all, 'and what comes then begins a line');
$nginx->stop;

damage($file, substr $sound, 0, -1);
is(($nginx->try)[0], 0, 'a last line without its LF is sound');
is(-s $file, length($sound) - 1, 'and nginx -t writes nothing');
$nginx->start;
is(users(), $all, 'it counts');
make('tom');
user_op($nginx, $bob, { op => 'replace', path => 'title', value => 'x' });
$nginx->stop;
$nginx->start;
is(users(), "$all tom:on", 'and what comes then begins a line');
$nginx->stop;

damage($file, "x$sound");
($rc, $text) = $nginx->try;
isnt($rc, 0, 'its first line is damaged: nginx does not start');
like($text, qr{does not begin as a file of users}, 'and says where');

damage($file, $sound);
$nginx->start;
is(users(), $all, 'a copy was put in its place');


# -- a reload

sub other { return RT::Scim::http(%with) =~ s{state/users}{state/others}r }

sub reloads { $nginx->reload; return users() }

$nginx->configure(http => other());
is(reloads(), '', 'another file: nobody is there');
make('joe');
$nginx->configure(http => RT::Scim::http(%with));
is(reloads(), $all, 'back again');
$nginx->configure(http => other());
is(reloads(), 'joe:on', 'and again');

damage($file, $damaged);
$nginx->configure(http => RT::Scim::http(%with));

my @workers = $nginx->workers;
$nginx->signal('HUP');
ok($nginx->wait_for('a message', sub { $nginx->log_text =~ $says }),
   'a damaged file: the reload fails');
is(users(), 'joe:on', 'and nothing is another one');
is("@{[$nginx->workers]}", "@workers", 'nor are the workers');

damage($file, $sound);
is(reloads(), $all, 'until it is mended');

open my $locked, '<', $file or die $!;
flock $locked, LOCK_EX or die $!;
ok($nginx->reload, 'somebody has its lock: a reload does not wait');
close $locked;
is(users(), $all, 'and all are there');


# -- while nginx runs

sub metric {
    my $shown = $nginx->get('/metrics')->{body};
    return join ' ', $shown =~ /^rtauth_scim_$_[0] (\d+)$/m;
}

sub results_of { return join ' ', ($_[0]) x 4 }

sub ready { my $r = $nginx->get('/ready'); return "$r->{status} $r->{body}" }

# both workers are asked, often enough

sub both {
    my ($name, $is) = @_;
    return $nginx->wait_for("$name $is", sub {
        !grep { metric($name) ne $is } 1 .. 8
    });
}

my $ann = user_token(email => 'eve', email_verified => JSON::PP::true());

# a line that keeps eve out, and one of somebody else

my ($eve) = map { $_->{id} } grep { $_->{userName} eq 'eve' }
    @{push_to($nginx, 'GET', '/Users')->{json}{Resources}};
user_op($nginx, $eve, { op => 'replace', path => 'active', value => 'False' });
my ($out) = RT::Nginx::slurp($file) =~ /(.*\n)\z/;
user_op($nginx, $eve, { op => 'replace', path => 'active', value => 'True' });
user_op($nginx, $bob, { op => 'replace', path => 'title', value => 'y' });
my ($else) = RT::Nginx::slurp($file) =~ /(.*\n)\z/;

ok(both(journal_damaged => 0), 'all is well');
like(ready(), qr/^200 /, 'and ready');
is(results($nginx, $ann), results_of('200 ok'), 'somebody is let in');

my $open = RT::Raw::opened($nginx, '/ws', $ann);
my $since = time;

open my $fh, '>>', $file or die $!;
flock $fh, LOCK_EX or die $!;
my $size = -s $fh;
print $fh "0123456789abcdef U what another nginx wrote\n";
close $fh;

ok(both(journal_damaged => 1), 'a line that is damaged is counted');
ok(both(ready => 0), 'nobody can be changed');
is(users(), '', 'or listed');
is(make('max')->{status}, 503, 'or made');
is(results($nginx, $ann), results_of('503 users_unavailable'),
   'nobody is let in by what it said before');
is(ready(), '503 {"missing":[{"zone":"rtauth_scim_zone",'
            . qq("reason":"users_unavailable"}],"ready":false}\n),
   'which a balancer is told');
like($nginx->log_text, qr{"\Q$file\E" is damaged at byte $size: none of},
     'the log says where');
is(-s $file, $size + 44, 'it is not written to');

is($nginx->rest($open), '', 'what is open has ended');
cmp_ok(time - $since, '>', 0.9, 'but not when it was looked at first');
like($nginx->log_text, qr/rtauth: ended: users_unavailable,/, 'and says why');

# in its place much is said, and in the end that eve is out

open $fh, '+<', $file or die $!;
flock $fh, LOCK_EX or die $!;
truncate $fh, $size or die $!;
seek $fh, 0, SEEK_END;
print $fh $else x 30_000, $out;
close $fh;

my %seen;
ok($nginx->wait_for('eve to be kept out', sub {
    my ($answer) = results($nginx, $ann) =~ /^(\S+ \S+)/;
    $seen{$_}++ for results($nginx, $ann) =~ /(\d+ \w+)/g;
    return $answer eq '403 disabled';
}), 'it was mended');
is(join(' ', sort keys %seen), '403 disabled 503 users_unavailable',
   'and nobody was let in before it was read to its end');

user_op($nginx, $eve, { op => 'replace', path => 'active', value => 'True' });

ok(both(journal_damaged => 0), 'all is well again');
like(ready(), qr/^200 /, 'and ready');
is(results($nginx, $ann), results_of('200 ok'), 'who was let in is again');
is(make('max')->{status}, 201, 'and is written to again');
is(users(), "$all max:on", 'nobody was lost');


# -- a reload that fails: names are kept as long as before

sub living {
    my ($time, $listen) = @_;
    return RT::Scim::http(provider => "max_lifetime $time; leeway 0;",
                          http => $listen);
}

my $taken = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
    or die $!;
my $lives = RT::Scim::nginx(modules => ['rtauth'],
                            provider => 'max_lifetime 1h; leeway 0;');
$lives->start;

my $gone = push_to($lives, 'POST', '/Users', { userName => 'gone' });
push_to($lives, 'DELETE', "/Users/$gone->{json}{id}");

my $deleted = time;
my $old = user_token(email => 'gone', exp => int time + 600);
is(results($lives, $old), results_of('403 disabled'), 'who is deleted is out');

$lives->configure(http => living('1s', 'server { listen 127.0.0.1:'
                                       . $taken->sockport . '; }'));
$lives->signal('HUP');
ok($lives->wait_for('no reload', sub {
    time > $deleted + 1.5 && $lives->log_text =~ /still could not bind/
}), 'a reload that fails');
push_to($lives, 'POST', '/Users', { userName => 'another' });
is(results($lives, $old), results_of('403 disabled'), 'and is not forgotten');

$lives->configure(http => living('1s', ''));
$lives->reload;
push_to($lives, 'POST', '/Users', { userName => 'third' });
$lives->configure(http => living('1h', ''));
$lives->reload;
is(results($lives, $old), results_of('200 ok'), 'as by one that does not');


# -- a file that is gone

unlink $file or die $!;
ok($nginx->wait_for('another file', sub { -s $file }), 'a file that is gone');
is(users(), "$all max:on", 'is written anew');

ok($nginx->wait_for('a line', sub {
    1 == (() = $nginx->log_text =~ /\[warn\] .*"\Q$file\E" was gone, or empty/g);
}), 'and the log says so, once');


# -- a file that has more than the zone has room for

my $small = RT::Scim::nginx(modules => ['rtauth'], zone => '256k');
$small->start;

my @large = map {
    push_to($nginx, 'POST', '/Users', { userName => "much$_", emails => [
        map { { value => 'x' x 200 . "$_\@example.com" } } 1 .. 60
    ] })->{status}
} 1 .. 22;
is("@large", join(' ', (201) x 22), 'users who are large');

my $owned = $small->dir . '/state/users';
ok($small->wait_for('its own file', sub { -s $owned }),
   'before it makes its own file, it would replace ours');
my $copy = "$owned.copy";

open $fh, '>', $copy or die $!;
print $fh RT::Nginx::slurp($file);
close $fh;
chown +(stat $owned)[4, 5], $copy;
chmod 0600, $copy;
rename $copy, $owned or die $!;

my $room = qr/"rtauth_scim_zone" has no room for what "\Q$owned\E" has/;
ok($small->wait_for('it to be read', sub { $small->log_text =~ $room }),
   'a zone that is too small says so')
    or diag($small->log_text, `stat $owned`);
unlike($small->log_text, qr/cannot be written/, 'and nothing else');

$lives->end('QUIT', 'bind\(\)', 'still could not bind');
$nginx->end('QUIT', 'is damaged at byte', 'does not begin as a file of users',
            'was gone, or empty');
$small->end('QUIT', 'has no room');
done_testing();

#!/usr/bin/perl

# The store behind rtauth_scim: what was acknowledged is there after a restart,
# a crash, an upgrade and a full disk; changes made at once all count; and what
# is too much is refused, with what was there before kept.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Time::HiRes qw(sleep);

use RT::Nginx;
use RT::Scim;
use RT::State;


my $nginx = RT::Scim::nginx(modules => ['rtauth']);
my $file = $nginx->dir . '/state/users';

$nginx->start;

sub restart {
    $nginx->stop;
    $nginx->start;
}

sub make {
    my ($name, %more) = @_;
    return push_to($nginx, 'POST', '/Users', { userName => $name, %more });
}

# ret: 1 if it was acknowledged

sub join_group {
    my ($group, @ids) = @_;

    return 204 == push_to($nginx, 'PATCH', "/Groups/$group", {
        schemas => [$Patch],
        Operations => [{ op => 'add', path => 'members',
                         value => [map { { value => $_ } } @ids] }]
    })->{status};
}

# all users, by id: "NAME ACTIVE"

sub users {
    my ($more, %all) = (1);

    for (my $start = 1; $more; $start += 200) {
        my $json = push_to($nginx, 'GET',
                           "/Users?startIndex=$start&count=200")->{json};

        $all{$_->{id}} = join ' ', $_->{userName}, $_->{active} ? 'on' : 'off'
            for @{$json->{Resources}};
        $more = $json->{totalResults} >= $start + 200;
    }

    return \%all;
}

sub members {
    my $json = push_to($nginx, 'GET', "/Groups/$_[0]")->{json};
    return sort map { $_->{value} } @{$json->{members}};
}

sub slurp { return RT::Nginx::slurp($file) }


# -- at once: eight clients, two workers, one group, no member is lost

my @ids = map { make("member-$_")->{json}{id} } 1 .. 40;
my $group = push_to($nginx, 'POST', '/Groups',
                    { displayName => 'all' })->{json}{id};

sub at_once {
    my ($n, $each) = @_;
    my @pids;

    for my $i (0 .. $n - 1) {
        my $pid = fork // die $!;
        push @pids, $pid;
        next if $pid;
        POSIX::_exit($each->($i) ? 0 : 1);
    }

    return scalar grep { waitpid $_, 0; $? == 0 } @pids;
}

is(at_once(8, sub {
    my $i = shift;
    return !grep { !join_group($group, $ids[$_]) }
        map { $i * 5 + $_ } 0 .. 4;
}), 8, 'members that join at once are all let in');

is_deeply([members($group)], [sort @ids], 'and all are members');

my ($one, $etag) = map { @$_{qw(id)}, $_->{meta}{version} }
    make('raced')->{json};

is(at_once(8, sub {
    my $answer = push_to($nginx, 'PATCH', "/Users/$one", {
        schemas => [$Patch], Operations => [
            { op => 'replace', path => 'title', value => "t $_[0]" }] },
        headers => ["If-Match: $etag"]);
    return $answer->{status} == 200;
}), 1, 'of those that have the same version, one changes it');

is(at_once(8, sub { make('taken')->{status} == 201 }), 1,
   'of those that want the same userName, one gets it');


# -- a restart, a reload with another size, a torn end, a file that is gone

my $all = users();
is(scalar keys %$all, 42, 'all are there');

sub same {
    my $what = shift;
    is_deeply(users(), $all, "$what: all users are there");
    is_deeply([members($group)], [sort @ids], "$what: and all members");
}

restart();
same('restarted');

$nginx->stop;
open my $fh, '>>', $file or die $!;
print $fh '0123456789abcdef P 999 U a half of a li';
close $fh;
$nginx->start;
same('torn');

$one = make('after')->{json}{id};
$all->{$one} = 'after on';
restart();
same('healed');

$nginx->configure(http => RT::Scim::http(zone => '8m'));
$nginx->reload;
same('with a larger zone');

unlink $file or die $!;
$nginx->wait_for('another file', sub { -s $file });
same('without a file');
restart();
same('with another one');


# -- it grows, and is made anew: what is behind that counts, too

# ret: what an update that takes a kilobyte of the file is answered

my $grown = 0;

sub grow {
    return user_op($nginx, $one, { op => 'replace', path => 'title',
                                   value => sprintf '%01000d', $grown++ })->{status};
}

my $most;

do { $most = -s $file } while (grow() == 200 && -s $file > $most);

cmp_ok(-s $file, '<', $most, 'the file is made anew');
is((stat $file)[2] & 07777, 0600, 'for nobody else');

user_op($nginx, $one, { op => 'replace', path => 'active', value => 'False' });
$all->{$one} = 'after off';
same('made anew');
restart();
same('and restarted');


# -- a full disk: no file may grow beyond what this one has, but for half a line

while (-s $file < 32 * 1024 && grow() == 200) { }

$nginx->stop;
my $blocks = int(1 + (-s $file) / 512);
my $was = slurp();
my $binary = $nginx->{nginx};

$nginx->{nginx} = $nginx->file('small', "#!/bin/sh\nulimit -S -f $blocks\n"
                                        . "exec $binary \"\$@\"\n");
chmod 0755, $nginx->{nginx};
$nginx->start;

is(grow(), 507, 'a full disk');
is(make('full', title => 'x' x 1000)->{status}, 507, 'whatever it is');
is(slurp(), $was, 'the file is as it was');
same('full');
like($nginx->log_text, qr{/users" cannot be written to}, 'the log says so');

$nginx->stop;
$nginx->{nginx} = $binary;
$nginx->start;

is(make('room')->{status}, 201, 'when there is room again, it goes on');
$all = users();
is(scalar keys %$all, 44, 'with one more');

restart();
same('and restarted');


# -- killed at any moment: RT_KILLS says how often

srand($ENV{RT_SEED} // 1);

my (%acked, @joined);
my $n = 0;

# a client that goes on until it is not answered; it tells each acknowledgement

sub client {
    my ($from, $out) = @_;

    $out->autoflush(1);

    for my $i ($from .. $from + 99) {
        my $answer = make("killed-$i");
        my $id = $answer->{json}{id};
        last if $answer->{status} != 201;
        print $out "$id killed-$i on\n";

        last if !join_group($group, $id);
        print $out "$id joined\n";

        next if $i % 2;
        print $out "$id asked\n";
        last if user_op($nginx, $id, { op => 'replace', path => 'active',
                                       value => 'False' })->{status} != 200;
        print $out "$id killed-$i off\n";
    }

    POSIX::_exit(0);
}

sub heard {
    for (@_) {
        my ($id, $what) = /^(\S+) (.*)\n$/ or next;

        if ($what eq 'joined') {
            push @joined, $id;
        } elsif ($what eq 'asked') {
            $acked{$id}{either} = 1;
        } else {
            $acked{$id} = { is => $what };
        }
    }
}

for my $round (1 .. $ENV{RT_KILLS} // 10) {
    pipe my $in, my $out or die $!;
    my $pid = fork // die $!;

    if ($pid == 0) {
        close $in;
        client($n, $out);
    }

    close $out;
    $n += 100;

    # not before something is under way

    heard(scalar(readline $in) // '');
    sleep rand 0.03;

    $nginx->killed($round % 2 == 0, sub {
        heard(readline $in);
        close $in;
        waitpid $pid, 0;
    });
}

sub lost {
    my $now = users();
    my %in = map { $_ => 1 } members($group);

    return join ' ', (grep { ($now->{$_} // '') ne $all->{$_} } keys %$all),
        (grep { !$in{$_} } @ids, @joined),
        grep {
            ($now->{$_} // '') ne $acked{$_}{is} && !$acked{$_}{either}
        } keys %acked;
}

cmp_ok(scalar keys %acked, '>=', 10,
       'many were acknowledged: ' . (keys %acked) . ', ' . @joined);
is(lost(), '', 'none of them is lost');
restart();
is(lost(), '', 'nor in the file');


# -- an upgrade: both write, and see what the other one wrote

my $old = $nginx->master;
kill 'USR2', $old or die $!;
$nginx->wait_for('the new master', sub {
    my $new = $nginx->master;
    return $new && $new != $old && $nginx->workers == 2;
});

my %there = map { $_ => make("upgraded-$_")->{json}{id} } 1 .. 20;
my %left = map { my $id = $there{$_}; ($id => 1) } 1 .. 20;

$nginx->wait_for('both to have them', sub {
    !grep {
        my $now = users();
        grep { !$now->{$_} } keys %left
    } 1 .. 4
});

my $count = scalar keys %{users()};
is(at_once(8, sub {
    return join_group($group, $there{$_[0] + 1})
}), 8, 'two nginx change one group');

kill 'QUIT', $old;
$nginx->wait_for('the old one to end', sub { !RT::Nginx::runs($old) });

is(lost(), '', 'nothing was lost over that');
is(scalar keys %{users()}, $count, 'and nobody came');

my %in = map { $_ => 1 } members($group);
is(join(' ', grep { !$in{$there{$_}} } 1 .. 8), '', 'all have joined');


# -- what is too much

$nginx->end('QUIT', 'signal 9', 'cannot be written to', 'was locked by');

my $small = RT::Scim::nginx(modules => ['rtauth'], zone => '256k');
$small->start;

my ($made, $status) = (0);

for my $i (1 .. 2000) {
    $status = push_to($small, 'POST', '/Users', {
        userName => "user-$i", title => 'a title ' x 60 })->{status};
    last if $status != 201;
    $made++;
}

is($status, 507, "a zone that is full, with $made users");
is(push_to($small, 'GET', '/Users?count=0')->{json}{totalResults}, $made,
   'has those it had');

$made++ while push_to($small, 'POST', '/Users', {
    userName => "small-$made", title => 't' x ($made % 61) })->{status} == 201;

my @in = map { @{push_to($small, 'GET', "/Users?count=200&startIndex=$_")
                 ->{json}{Resources}} } 1, 201, 401;
is(scalar @in, $made, 'and a few small ones');

my %switched;
$switched{user_op($small, $_->{id}, { op => 'replace', path => 'active',
                                      value => 'False' })->{status}}++ for @in;
is_deeply(\%switched, { 200 => $made }, 'and all of them can be switched off');

my $first = $in[0]{id};
is(push_to($small, 'DELETE', "/Users/$first")->{status}, 204, 'and deleted');

my $big = $small->dir . '/state/users';
$small->end;


# -- at start

sub starts {
    my ($what, $says, $make, %opt) = @_;

    my $try = RT::Scim::nginx(modules => ['rtauth'], %opt);
    $make->($try, $try->dir . '/state/users');

    my ($rc, $text) = $try->try;
    isnt($rc, 0, "$what: nginx does not start");
    like($text, $says, "$what: and says why");
}

starts('a file of somebody else', qr/"\S+users" does not begin as a file of users/, sub {
    my ($try, $path) = @_;
    open my $fh, '>', $path or die $!;
    print $fh "this is no journal\n";
    close $fh;
    chown +(stat $try->dir . '/state')[4, 5], $path;
    chmod 0600, $path;
});

starts('a folder that others may write to', qr/"\S+users" (?:needs|is reached)/,
       sub { chmod 0777, $_[0]->dir . '/state' });

done_testing();

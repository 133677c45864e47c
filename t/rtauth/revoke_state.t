#!/usr/bin/perl

# rtauth_zone state=PATH: what was revoked is revoked after a restart, a reload
# with another size, an upgrade and a crash, and what cannot be written is not
# acknowledged.

use strict;
use warnings;

use lib 't/lib';

use Fcntl qw(:flock);
use Test::More;
use Time::HiRes qw(sleep);

use RT::JWT ();
use RT::Nginx;
use RT::Raw;
use RT::State;


my $key = 'k' x 32;
my $size = '1m';

my $proxied = RT::Raw::tunnel();

sub http {
    return <<"EOT";
    rtauth_zone $size state=%%DIR%%/state/revoked;
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json;
        leeway 0s;
    }
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        root %%DIR%%/html;
        location / { rtauth corp; }
        location = /ws { rtauth corp; rtauth_reauthorize 1s; $proxied }
        location = /revoke { rtauth_revoke key=data:$key; }
        location = /metrics { rtauth_status prometheus; }
        location = /ready { rtauth_status ready; }
    }
EOT
}

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2,
                           main => $User, http => http());
my $folder = state_folder($nginx);
my $file = "$folder/revoked";

$nginx->file('html/x', "hello\n");
$nginx->start;

sub revoke {
    my $answer = $nginx->post('/revoke', 'application/x-www-form-urlencoded',
        $_[0], headers => ["Authorization: Bearer $key"]);
    return $answer->{status};
}

my %token = map {
    $_ => 'Authorization: Bearer '
          . RT::JWT::token(sub => $_, iat => int(time) - 60, jti => "j-$_")
} qw(ann bob cid dan gus hal);

sub result {
    my $answer = $nginx->get('/x', headers => [$token{$_[0]}]);
    return ($answer->{head} =~ /^X-Result: (\w+)/m)[0];
}

# of all workers, as they take turns

sub are {
    my ($what, %want) = @_;

    for my $who (sort keys %want) {
        is(join(' ', map { result($who) } 1 .. 4),
           join(' ', ($want{$who}) x 4), "$what: $who");
    }
}

sub restart {
    $nginx->stop;
    $nginx->start;
}


# -- the file

is(sprintf('%04o', (stat $file)[2] & 07777), '0600', 'the file is private');

are('at first', ann => 'ok', bob => 'ok');
is(revoke('sub=ann'), 200, 'ann is revoked');
is(revoke('jti=j-bob'), 200, 'a token of bob, too');
is(revoke('sub=cid'), 200, 'and cid');
is(revoke('sub=cid&undo=1'), 200, 'who is let in again');

my %want = (ann => 'revoked', bob => 'revoked', cid => 'ok', dan => 'ok');

are('revoked', %want);
unlike(RT::Nginx::slurp($file), qr/ann|bob/, 'the file names nobody');

restart();
are('after a restart', %want);

$size = '2m';
ok($nginx->reload(http => http()), 'a zone of another size');
are('after a reload', %want);
is(revoke('sub=cid'), 200, 'cid again');
are('revoked again', %want, cid => 'revoked');
is(revoke('sub=cid&undo=1'), 200, 'and let in');
restart();
are('after another restart', %want);


# -- an upgrade: two nginx, and two zones

my $old = $nginx->master;

kill 'USR2', $old or die $!;
ok($nginx->wait_for('another master', sub {
    my $now = $nginx->master;
    $now && $now != $old && $nginx->workers == 2
}), 'another nginx beside the old one');

is(revoke('sub=dan'), 200, 'dan is revoked by one of them');
ok($nginx->wait_for('both to know', sub {
    !grep { result('dan') ne 'revoked' } 1 .. 12
}), 'and both know');

kill 'QUIT', $old;
ok($nginx->wait_for('the old one to end', sub { !RT::Nginx::runs($old) }),
   'the old one ends');
$want{dan} = 'revoked';
ok($nginx->wait_for('the new one to have read it', sub {
    !grep { result('dan') ne 'revoked' } 1 .. 4
}), 'within a moment');
are('after an upgrade', %want);


# -- a torn end, a damaged line

$nginx->stop;

open my $fh, '>>', $file or die $!;
print $fh '0123';
close $fh;

$nginx->start;
are('after a crash', %want);
is(revoke('sub=eve'), 200, 'it goes on');
unlike(RT::Nginx::slurp($file), qr/\n0123\d*[^\n]*\z|0123[0-9a-f]{16} k/,
       'what was torn is gone');
$nginx->stop;

truncate $file, -1 + -s $file or die $!;
$nginx->start;
is(revoke('sub=fay'), 200, 'a last line without its LF');
restart();
is(revoke("sub=$_&undo=1"), 200, "both are there: $_") for qw(eve fay);

$nginx->stop;

my $sound = RT::Nginx::slurp($file);
my $lines = () = $sound =~ /\n/g;

sub damage {
    open my $fh, '+<', $file or die $!;
    flock $fh, LOCK_EX or die $!;
    truncate $fh, 0 or die $!;
    print $fh $_[0];
    close $fh or die $!;
}

my $what = '0123456789abcdef k ' . '0' x 64 . " b 1 u 2\n";

damage($what . $sound);

my ($rc, $text) = $nginx->try;
isnt($rc, 0, 'a damaged line: nginx does not start');
like($text, qr/line 1 of "\Q$file\E" is damaged.* "sed -i 1d \Q$file\E"/,
     'and says which, and what to do');

damage($sound);
$nginx->start;
are('mended', %want);

my $open = RT::Raw::opened($nginx, '/ws', $token{cid});

open $fh, '>>', $file or die $!;
flock $fh, LOCK_EX or die $!;
print $fh $what;
close $fh;

sub damaged_metric {
    my ($is) = @_;

    return $nginx->wait_for("damaged $is", sub {
        !grep {
            $nginx->get('/metrics')->{body}
                !~ /^rtauth_zone_journal_damaged $is$/m
        } 1 .. 8
    });
}

ok(damaged_metric(1), 'a line that is damaged while nginx runs');
my $at = $lines + 1;
my $says = qr/\Q$file\E" is damaged in line $at: nothing is read/;
ok($nginx->wait_for('both workers to have seen it', sub {
    my $seen = () = $nginx->log_text =~ /$says/g;
    return $seen == 2;
}), 'the log says which');
my %away = map { $_ => $want{$_} eq 'ok' ? 'store_unavailable' : $want{$_} }
           keys %want;
are('what is known counts, nobody else is let in', %away);
is(revoke('sub=ida'), 507, 'and nothing is written');
is(-s $file, length "$sound$what", 'nor appended');
is($nginx->get('/ready')->{body},
   '{"missing":[{"zone":"rtauth_zone","reason":"store_unavailable"}],'
   . qq("ready":false}\n), 'which a balancer is told');

is($nginx->rest($open), '', 'what is open has ended');
like($nginx->log_text, qr/rtauth: ended: store_unavailable,/, 'and says why');

my $worker = ($nginx->workers)[0];

kill 'TERM', $worker;
ok($nginx->wait_for('another worker', sub {
    my @now = $nginx->workers;
    return @now == 2 && !grep { $_ == $worker } @now;
}), 'a worker that starts');
are('has what is known', %away);
ok(damaged_metric(1), 'and says so, too');

damage($sound);
ok(damaged_metric(0), 'it was mended');
ok($nginx->wait_for('both workers to have read it', sub {
    !grep { result('cid') ne 'ok' || $nginx->get('/ready')->{status} != 200 }
          1 .. 12
}), 'who was not revoked is let in, and it is ready');
is(revoke('sub=ida'), 200, 'and is written to');


# -- a file that has grown is written anew

$nginx->stop;

my ($line) = grep { / k / } split /^/, RT::Nginx::slurp($file);

open $fh, '>>', $file or die $!;
print $fh $line x 1000;
close $fh;

my $grown = -s $file;
$nginx->start;
ok($nginx->wait_for('a small file', sub { -s $file < $grown / 10 }),
   'a file that has grown is replaced');
is(sprintf('%04o', (stat $file)[2] & 07777), '0600', 'by a private one');
ok(!-e "$file.new", 'and nothing is left over');
are('after it', %want);
is(revoke('sub=fay'), 200, 'it goes on');
restart();
are('after a restart', %want);
is(revoke('sub=fay&undo=1'), 200, 'and what came after it is there');


# -- a file that is taken away

unlink $file or die $!;
ok($nginx->wait_for('another file', sub { -s $file }),
   'one that is gone is written again');
restart();
are('after that', %want);


# -- what another process is writing is not read until its lock is gone: it may
# take that back, as it does when fdatasync() fails, and write something else

sub said_of {
    my ($who) = @_;

    my $size = -s $file;

    is(revoke("sub=$who"), 200, "what is said of $who");

    return substr RT::Nginx::slurp($file), $size;
}

my $before = RT::Nginx::slurp($file);
my ($gus, $hal) = map { said_of($_) } qw(gus hal);

$nginx->stop;
open $fh, '>', $file or die $!;
print $fh $before;
close $fh;
$nginx->start;
are('before', gus => 'ok', hal => 'ok');

open my $other, '>>', $file or die $!;
$other->autoflush(1);
flock $other, LOCK_EX or die $!;
print $other $gus;
ok(looked($nginx), 'all workers look, while it is being written');
are('which they do not believe', gus => 'ok');
truncate $other, length $before or die $!;
print $other $hal;
close $other;

ok($nginx->wait_for('the other line', sub {
    !grep { result('hal') ne 'revoked' } 1 .. 4
}), 'what is there when the lock is gone is read');
are('what was taken back is nothing', gus => 'ok');
is(revoke('sub=hal&undo=1'), 200, 'it goes on');
restart();
are('after a restart', %want, gus => 'ok', hal => 'ok');


# each worker's other thread, that of the journal, has slept, woken and slept

sub looked {
    my ($nginx) = @_;

    my %then = naps($nginx);

    return keys %then == 2 && $nginx->wait_for('a look', sub {
        my %now = naps($nginx);
        return !grep { ($now{$_} // 0) < $then{$_} + 3 } keys %then;
    });
}

sub naps {
    my ($nginx) = @_;

    return map {
        my $pid = $_;
        map { $_ => RT::Nginx::slurp("$_/status")
                    =~ /^voluntary_ctxt_switches:\s*(\d+)/m ? $1 : 0 }
            grep { !m{/$pid$} } glob "/proc/$pid/task/*"
    } $nginx->workers;
}


# -- a full disk: no file may grow beyond what this one has, but for half a line

$nginx->stop;

my $blocks = 120;           # of 512 bytes

open $fh, '>>', $file or die $!;
print $fh $line x int(($blocks * 512 - 50 - -s $file) / length $line);
close $fh;

my $was = RT::Nginx::slurp($file);
my $binary = $nginx->{nginx};

$nginx->{nginx} = $nginx->file('small', "#!/bin/sh\nulimit -S -f $blocks\n"
                                        . "exec $binary \"\$@\"\n");
chmod 0755, $nginx->{nginx};
$nginx->start;

is(revoke('sub=cid'), 507, 'a full disk: 507');
are('which changes nothing', %want);
is(revoke('sub=ann&undo=1'), 507, 'nor can anything be undone');
are('so it stays', %want);
is(RT::Nginx::slurp($file), $was, 'the file is as it was');
like($nginx->log_text, qr/revoked" cannot be written to/, 'the log says so');

$nginx->stop;
$nginx->{nginx} = $binary;
$nginx->start;

is(revoke('sub=cid'), 200, 'when there is room again');
$want{cid} = 'revoked';
are('it is revoked', %want);

restart();
are('and stays so', %want);


# -- killed at any moment: nothing is lost that was acknowledged, and nothing is
# read that was half written.  RT_KILLS says how often; 200 take half a minute.

srand($ENV{RT_SEED} // 1);

my $kills = $ENV{RT_KILLS} // 20;
my ($n, @acked) = (0);
for my $round (1 .. $kills) {
    pipe my $in, my $out or die $!;
    my $from = $n;
    my $pid = fork // die $!;

    if ($pid == 0) {
        close $in;
        $out->autoflush(1);

        for my $i ($from + 1 .. $from + 100) {
            my $status = revoke("sub=k-$i");
            print $out "$i\n" if $status == 200;
            last if $status != 200;
        }

        POSIX::_exit(0);
    }

    close $out;
    # not before something is under way

    push @acked, grep { defined } scalar readline $in;
    sleep rand 0.02;

    $nginx->killed($round % 2 == 0, sub {
        push @acked, readline $in;
        close $in;
        waitpid $pid, 0;
    });
    $n += 100;
}

chomp @acked;
cmp_ok(scalar @acked, '>', 20, 'many were acknowledged: ' . @acked);

restart();
is(join(' ', grep { revoke("sub=k-$_&undo=1") != 200 } @acked), '',
   'and none of them is lost');
are('nor what was there before', %want);

$nginx->end('QUIT', 'is damaged', 'cannot be written', 'signal 9',
            'was locked by');


# -- at start

for my $bad (
    ['another option', 'rtauth_zone 1m size=2;', sub { },
     qr/invalid value "size=2" in "rtauth_zone": write "state=PATH"/],
    ['no folder', 'rtauth_zone 1m state=%%DIR%%/none/x;', sub { },
     qr/"state=\S+" of "rtauth_zone" cannot be reached: make its folder/],
    ['a folder that others may write to',
     'rtauth_zone 1m state=%%DIR%%/state/x;',
     sub { chmod 0777, state_folder($_[0]) },
     qr/"state=\S+" of "rtauth_zone" (?:needs a folder|is reached)/],
    ['a file that others may read', 'rtauth_zone 1m state=%%DIR%%/state/x;',
     sub {
         my $path = state_folder($_[0]) . '/x';
         open my $fh, '>', $path or die $!;
         chown +(stat $_[0]->dir . '/state')[4, 5], $path;
         chmod 0644, $path;
     },
     qr/"state=\S+" of "rtauth_zone" is no file of mode 0600/],
    ['a link', 'rtauth_zone 1m state=%%DIR%%/state/x;',
     sub { symlink '/etc/passwd', state_folder($_[0]) . '/x' },
     qr/"state=\S+" of "rtauth_zone" /],
) {
    my ($what, $line, $make, $says) = @$bad;

    my $try = RT::Nginx->new(modules => ['rtauth'], main => $User,
                             http => $line);
    $make->($try);

    my ($rc, $text) = $try->try;

    isnt($rc, 0, "$what: nginx does not start");
    like($text, $says, "$what: and says why");
}

done_testing();

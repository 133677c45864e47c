#!/usr/bin/perl

# Whoever waits for the file of users has it in the end.  A change that another
# nginx made is heard, even when others have the lock nearly always, and a change
# does not wait for the searches that were asked before it.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use Fcntl qw(:DEFAULT :flock);
use IO::Select;
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use RT::Nginx;
use RT::Scim;
use RT::State;


my @config = (modules => ['rtauth'], main => $User);

my $one = RT::Nginx->new(@config, ports => 2, workers => 1,
                         http => RT::Scim::http());
my $state = state_folder($one);

sub http {
    my $http = RT::Scim::http(@_, server => <<"EOT");
        location = /revoke { rtauth off; rtauth_revoke key=data:$Key; }
EOT
    $http =~ s{%%DIR%%/state}{$state}g;
    $http =~ s{rtauth_zone 1m;}{rtauth_zone 1m state=$state/revoked;};
    return $http;
}

$one->configure(http => http());
$one->start;

my $other = RT::Nginx->new(@config, ports => 2, workers => 2, http => http());
$other->start;

sub make {
    return push_to($one, 'POST', '/Users', { userName => $_[0], @_[1 .. $#_] })
           ->{json}{id};
}

sub set {
    my ($id, $active) = @_;
    return user_op($one, $id, { op => 'replace', path => 'active',
                                value => $active })->{status};
}

sub token {
    return user_token(sub => $_[0], email => $_[0],
                      email_verified => JSON::PP::true, iat => int(time) - 60);
}

sub heard {
    my ($nginx, $token, $want) = @_;

    return $nginx->wait_for($want, sub {
        return results($nginx, $token) eq join ' ', ($want) x 4;
    });
}


# -- somebody takes the lock again and again, and lets go of it in between for as
# long as a thread of nginx does

# in: how long it is held, in seconds
# ret: what gives it back for good

sub hold {
    my ($file, $long) = @_;

    pipe my $read, my $write or die $!;
    my $pid = fork // die $!;

    if ($pid == 0) {
        sysopen my $fh, $file, O_RDWR or POSIX::_exit(1);

        for (;;) {
            flock $fh, LOCK_EX or POSIX::_exit(1);
            syswrite $write, 'x' if $write;
            undef $write;
            sleep $long;
            flock $fh, LOCK_UN;
            sleep 0.002;
        }
    }

    close $write;
    sysread $read, my $byte, 1 or die "$file: no lock";

    return sub { kill KILL => $pid; waitpid $pid, 0 };
}

my $ann = make('ann@example.com');
my $token = token('ann@example.com');

ok(heard($other, $token, '200 ok'), 'she is in, at the other nginx, too');

my $free = hold("$state/users", 0.05);

is(set($ann, JSON::PP::false), 200, 'she is disabled while others write');
ok(heard($other, $token, '403 disabled'), 'and the other nginx hears it');

is(set($ann, JSON::PP::true), 200, 'she is enabled');
ok(heard($other, $token, '200 ok'), 'and that is heard');

my $begun = time;
is(set($ann, JSON::PP::false), 200, 'a worker that ends may wait for the lock');
$other->stop;
cmp_ok(time - $begun, '<', 15, 'and ends all the same');
$free->();
$other->start;

$free = hold("$state/revoked", 0.05);
my $bob = token('bob@example.com');

is($one->post('/revoke', 'application/x-www-form-urlencoded',
              'sub=bob@example.com',
              headers => ["Authorization: Bearer $Key"])->{status}, 200,
   'a token is revoked while others write');
ok(heard($other, $bob, '401 revoked'), 'and the other nginx hears it');
$free->();


# -- somebody does not give it back

sub crits { return () = $one->log_text =~ /\[crit\].*is locked by another/g }

$free = hold("$state/users", 3600);
my $waits = $one->ask("/scim/v2/Users/$ann", "Authorization: Bearer $Key");

ok($one->wait_for('a line of the log', sub { scalar crits() }, 40),
   'the log says why nothing is changed');
is(scalar crits(), 1, 'once');

$free->();
is($one->answer($waits)->{status}, 200, 'and what waited goes on');


# -- a change that nobody waits for any more is made before those behind it

$free = hold("$state/users", 3600);

sub patch_text {
    my $body = JSON::PP::encode_json({
        schemas => ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations => [{ op => 'replace', path => 'active',
                         value => $_[0] }] });

    return join "\r\n", "PATCH /scim/v2/Users/$ann HTTP/1.1",
        'Host: localhost', 'Connection: close', "Authorization: Bearer $Key",
        'Content-Type: application/scim+json',
        'Content-Length: ' . length $body, '', $body;
}

# in order: nginx has read all of one before the next is sent

sub read_by_nginx {
    my $pair = sprintf ':%04X [0-9A-F]+:%04X', $_[0]->peerport,
        $_[0]->sockport;

    return RT::Nginx::slurp('/proc/net/tcp')
           =~ /$pair [0-9A-F]+ [0-9A-F]+:0{8} /;
}

sub send_in_order {
    return map {
        my $s = $one->connect or die $!;

        $s->syswrite($_);
        $one->wait_for('it to be read', sub { read_by_nginx($s) });
        $s;
    } @_;
}

# the first is what the thread has begun when the others come

my ($front, $enable, $disable) = send_in_order(
    "GET /scim/v2/Users/$ann HTTP/1.1\r\nHost: localhost\r\n"
    . "Connection: close\r\nAuthorization: Bearer $Key\r\n\r\n",
    patch_text(JSON::PP::true));
close $enable;
($disable) = send_in_order(patch_text(JSON::PP::false));

$free->();
is($one->answer($disable)->{status}, 200, 'she is disabled behind that');
is(push_to($one, 'GET', "/Users/$ann")->{json}{active}, JSON::PP::false,
   'and stays so');
is(results($one, $token), join(' ', ('403 disabled') x 4), 'and is out');

$other->stop;


# -- many searches of many users, and then a change

sub line { return substr(sha256_hex($_[0]), 0, 16) . " $_[0]\n" }

sub encoded { return encode_base64url($_[0]) }

my $many = RT::Nginx->new(@config, ports => 2, workers => 1,
                          http => RT::Scim::http(zone => '32m'));
my $file = state_folder($many) . '/users';
my $now = int(time * 1000);

open my $fh, '>', $file or die $!;
chmod 0600, $fh;
chown((stat $many->dir . '/state')[4, 5], $fh);
print $fh line('S 77 20000');

for my $n (1 .. 20000) {
    my $name = sprintf 'u%05d@example.com', $n;

    print $fh line(join ' ', 'P', $n, 'U a', encoded(pack 'a16', "id$n"), $now,
        $now, encoded($name) . '..', '', '', JSON::PP::encode_json({
            userName => $name, displayName => 'd' x 200 }));
}

print $fh line('E 20000');
close $fh or die $!;

$many->start;

my $id = push_to($many, 'POST', '/Users', { userName => 'ann@example.com' })
         ->{json}{id};

sub searches {
    my ($n, $compared) = @_;
    my $filter = join '%20or%20',
        map { "displayName%20co%20%22zz$_%22" } 1 .. $compared;

    return map {
        $many->ask("/scim/v2/Users?filter=$filter",
                   "Authorization: Bearer $Key")
    } 1 .. $n;
}

my @asked = searches(24, 8);

is(user_op($many, $id, { op => 'replace', path => 'active',
                         value => JSON::PP::false })->{status}, 200,
   'a user is disabled while many search');

my $ready = () = IO::Select->new(@asked)->can_read(0);
cmp_ok($ready, '<', 12, 'and few of those who asked before had their answer');

is(join(' ', map { $many->answer($_)->{status} } @asked),
   join(' ', (200) x 24), 'all of them get one');

my @answers = map { $many->answer($_) } searches(100, 1);
my @refused = grep { $_->{status} == 503 } @answers;

cmp_ok(scalar @refused, '>', 0, 'too many that wait at once are refused');
is(scalar(grep { $_->{head} =~ /^Retry-After: 1\r?$/m } @refused),
   scalar @refused, 'and told to come again');
is(scalar(grep { $_->{status} == 200 } @answers), 100 - @refused,
   'the others are answered');

$many->end;
$one->stop;
$one->quiet('is locked by another process');
$other->quiet('is locked by another process');

done_testing();

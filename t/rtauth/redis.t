#!/usr/bin/perl

# A real Redis: users, TLS, a fleet of hosts, and whatever a Redis can do to us.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use IO::Socket::INET;
use Time::HiRes qw(time);

use RT::Nginx;
use RT::Redis;
use RT::Session;


my $redis = RT::Redis->new->start;

# an unrelated location, beside those with sessions
my $plain = 'location = /plain { return 200 "plain\n"; }';


sub host {
    my ($block, %opt) = @_;
    return RT::Session::nginx($block, 'redis:fleet', more => $plain, %opt);
}


sub becomes {
    my ($nginx, $cookie, $what, $name) = @_;

    my $seen;
    $nginx->wait_for($name, sub { ($seen = who($nginx, $cookie)) eq $what });

    return is($seen, $what, $name);
}


# files that the workers have open

sub files {
    my $nginx = shift;
    return map { my @fds = glob "/proc/$_/fd/*"; scalar @fds } $nginx->workers;
}


# ways to reach it

for my $how (qw(plain tls unix)) {
    subtest $how => sub {
        my $nginx = host($redis->block('fleet', $how));
        my $cookie = create($nginx, 'alice');

        is(who($nginx, $cookie), 'alice', 'a session');
        is(page($nginx, $cookie, '/end')->{status}, 200, 'ends');
        is(who($nginx, $cookie), 401, 'and is gone');
        unlike($nginx->log_text, qr/away/, 'it never was away');

        $nginx->end;
    };
}


subtest 'another database' => sub {
    my $block = $redis->block('fleet');
    $block =~ s{(redis://[^;]+)}{$1/3};

    my ($one, $three) = (host($redis->block('fleet')), host($block));
    my $cookie = create($three, 'alice');

    is(who($three, $cookie), 'alice', 'a session in database 3');
    is(who($one, $cookie), 401, 'is in no other');

    $_->end for $one, $three;
};


# whoever is not the Redis that was meant gets no password

subtest 'refused' => sub {
    my $tls = $redis->block('fleet', 'tls');
    my $localhost = $redis->block('fleet', 'tls') =~ s/127\.0\.0\.1/localhost/r;
    my $system = $tls =~ s/ssl_trusted_certificate [^;]*;//r;

    my @cases = (
        ['a wrong password', qr/is away: WRONGPASS/,
         $redis->block('fleet') =~ s/password [^;]*;/password data:wrong;/r],
        ['no password', qr/is away: NOAUTH/,
         $redis->block('fleet') =~ s/user nginx; password [^;]*;//r],
        ['another name', qr/is away: [Hh]ostname mismatch/, $localhost],
        ['nobody vouches for it', qr/is away: self.signed certificate/,
         $system],
        ['no TLS there', qr/is away: (?:the TLS|it does not answer)/,
         $tls =~ s/:$redis->{tls}/:$redis->{port}/r],
        ['TLS there', qr/is away: it (?:closed|says|does not answer)/,
         $redis->block('fleet') =~ s/:$redis->{port}/:$redis->{tls}/r],
        ['nobody there', qr/is away: it cannot be connected to/,
         'rtauth_redis fleet { url redis://127.0.0.1:1; }'],
        ['no socket', qr/is away: it cannot be connected to/,
         'rtauth_redis fleet { url unix:/nonexistent/redis; }'],
    );

    for my $case (@cases) {
        my ($name, $log, $block) = @$case;

        next if RT::skips($block);

        my $nginx = host($block =~ s/timeout 10s/timeout 500ms/r);

        is($nginx->get('/create?sub=alice')->{status}, 503, "$name: 503");
        is(who($nginx, 'rt=' . 'A' x 43), 503, "$name: for others, too");
        is($nginx->get('/plain')->{status}, 200, "$name: elsewhere 200");
        $nginx->wait_for('the log', sub { $nginx->log_text =~ $log });
        like($nginx->log_text, $log, "$name: the log says so");
        unlike($nginx->log_text, qr/\Q$redis->{secret}\E/,
               "$name: and has no password");

        $nginx->stop;
        $nginx->quiet(qr/connect\(\) to|SSL_do_handshake/);
    }
};


# hosts that share it

subtest 'a fleet' => sub {
    $redis->ask('FLUSHALL');

    my ($one, $two) = map { host($redis->block('fleet')) } 1 .. 2;
    my ($alice, $bob) = map { create($one, $_) } qw(alice bob);

    is(who($two, $alice), 'alice', 'signed in at one, let in at the other');

    page($two, $alice, '/update?sub=carol');
    is(who($one, $alice), 'carol', 'what one changes, the other sees');

    page($two, $alice, '/end');
    is(who($one, $alice), 401, 'signed out at one, out at the other');

    is(who($two, $bob), 'bob', 'another session goes on');
    my $begin = time;
    $one->get('/revoke?sub=bob');
    becomes($two, $bob, 401, 'revoked at one, refused at the other');
    diag(sprintf 'revoked over the fleet after %.2f s', time - $begin)
        if $ENV{RT_TIMES};

    # one that begins later, from what the stream has

    my $three = host($redis->block('fleet'));
    is(who($three, $bob), 401, 'a host that begins later knows it');

    # and one that had to say it again

    is($redis->ask('XLEN', 'rt:revoked'), 1, 'it was said once');
    my $said = join ' ', @{$redis->ask('XRANGE', 'rt:revoked', '-', '+')->[0][1]};
    unlike($said, qr/bob/, 'and nobody is named');

    $redis->ask('FLUSHALL');
    $redis->ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    $one->wait_for('the stream', sub { $redis->ask('XLEN', 'rt:revoked') });
    ok($redis->ask('XLEN', 'rt:revoked'), 'a Redis that forgot is told again');

    $_->end for $one, $two, $three;
};


subtest 'locks' => sub {
    my ($one, $two) = map { host($redis->block('fleet')) } 1 .. 2;

    my $lock = $one->get('/lock?sub=x');
    is($lock->{status}, 200, 'a lock');
    my ($number) = $lock->{body} =~ /^(\d+)/;

    is($one->get('/lock?sub=x')->{status}, 507, 'is had by one');
    is($two->get('/lock?sub=x')->{status}, 507, 'of all hosts');
    is($two->get('/lock?sub=y')->{status}, 200, 'another one is another');

    $two->get('/unlock?sub=x&version=' . ($number - 1024));
    is($two->get('/lock?sub=x')->{status}, 507, 'nobody else gives it back');

    $one->get("/unlock?sub=x&version=$number");
    is($two->get('/lock?sub=x&ttl=1')->{status}, 200, 'who has it does');

    my $again;
    $one->wait_for('a lock to lapse', sub {
        $again = $one->get('/lock?sub=x')->{status};
        $again == 200;
    });
    is($again, 200, 'and it lapses');

    $_->end for $one, $two;
};


subtest 'a stranger in the stream' => sub {
    $redis->ask('FLUSHALL');

    my $nginx = host($redis->block('fleet'));
    my $cookie = create($nginx, 'alice');

    $redis->ask('XADD', 'rt:revoked', '*', @$_)
        for ['k', 'x', 'b', '1', 'u', '1'], ['a', 'b'],
            ['k', 'a' x 64, 'b', '9' x 18, 'u', '9' x 18],
            map { ['x' x 100, 'y' x 200] } 1 .. 250;

    is(who($nginx, $cookie), 'alice', 'what is no revocation revokes nobody');

    my $other = host($redis->block('fleet'));
    is(who($other, $cookie), 'alice', 'nor at a host that begins');

    $other->get('/revoke?sub=alice');
    becomes($nginx, $cookie, 401, 'what is one behind all of them does');

    $_->end for $nginx, $other;
};


# more was revoked than there is room for

subtest 'too much' => sub {
    $redis->ask('FLUSHALL');

    my $nginx = host($redis->block('fleet', 'plain', 'stale 1s;'),
                     zone => '64k');
    my $cookie = create($nginx, 'alice');
    becomes($nginx, $cookie, 'alice', 'a session');

    $redis->ask('XADD', 'rt:revoked', '*', 'k', sprintf('%064x', $_),
                'b', 1, 'u', '9' x 10) for 1 .. 300;

    becomes($nginx, $cookie, 503, 'nobody is let in who may have been revoked');
    my $said = () = $nginx->log_text =~ /"rtauth_zone" is full, make it/g;
    is($said, 1, 'the log says so, once');

    $redis->ask('DEL', 'rt:revoked');
    becomes($nginx, $cookie, 'alice', 'until there is room');

    $nginx->stop;
    $nginx->quiet(qr/"rtauth_zone" is full/);
};


# it may not say what was revoked: nobody is let in, though it has sessions

subtest 'stale' => sub {
    $redis->ask('FLUSHALL');

    my $nginx = host($redis->block('fleet', 'plain', 'stale 1s;'));
    my $cookie = create($nginx, 'alice');
    becomes($nginx, $cookie, 'alice', 'a session');

    $redis->ask('ACL', 'SETUSER', 'nginx', '-xread');
    becomes($nginx, $cookie, 503, 'who hears nothing lets nobody in');
    $nginx->wait_for('the log', sub { $nginx->log_text =~ /an error: NOPERM/ });
    like($nginx->log_text, qr/answers with an error: NOPERM/, 'the log says so');

    $redis->ask('ACL', 'SETUSER', 'nginx', '+xread');
    becomes($nginx, $cookie, 'alice', 'until it is heard again');

    $nginx->end;
};


# killed and brought back, with requests under way

subtest 'killed' => sub {
    my $nginx = host($redis->block('fleet'), workers => 1);
    my $cookie = create($nginx, 'alice');

    is(who($nginx, $cookie), 'alice', 'a session');
    my @before = files($nginx);

    for my $round (1 .. 3) {
        my %seen;

        $redis->freeze;
        my @asked = map { $nginx->ask('/', "Cookie: $cookie") } 1 .. 20;
        is($nginx->get('/plain')->{status}, 200, 'an unrelated location '
           . 'answers while others wait for Redis');
        is(scalar(() = IO::Select->new(@asked)->can_read(0)), 0, 'who do wait');

        $redis->stop;
        $seen{$nginx->answer($_)->{status}}++ for @asked;
        is_deeply(\%seen, { 503 => 20 }, 'nobody is let in when it dies');

        is(who($nginx, $cookie), 503, 'nor after that') for 1 .. 5;
        is($nginx->get('/plain')->{status}, 200, 'elsewhere 200');

        $redis->start;
        my $new;
        $nginx->wait_for('a sign-in', sub { $new = create($nginx, 'alice') });
        becomes($nginx, $new, 'alice', 'when it is back');
        is(who($nginx, $cookie), 401, 'what it forgot is gone');
        $cookie = $new;
    }

    my $log = () = $nginx->log_text =~ /is away/g;
    ok($log < 20, 'a few lines say so, not one a request');
    like($nginx->log_text, qr/answers again/, 'and that it is back');

    my @after;
    $nginx->wait_for('connections to close', sub {
        @after = files($nginx);
        $after[0] <= $before[0] + 1;
    });
    cmp_ok($after[0], '<=', $before[0] + 1, 'no file is left open');

    $nginx->end;
};


subtest 'slow' => sub {
    my $nginx = host($redis->block('fleet', 'plain', 'timeout 300ms;'));
    my $cookie;

    $nginx->wait_for('a sign-in', sub { $cookie = create($nginx, 'alice') });
    becomes($nginx, $cookie, 'alice', 'a session');

    $redis->freeze;
    is(who($nginx, $cookie), 503, 'an answer that is late is none');
    like($nginx->log_text, qr/is away: it does not answer in time/,
         'the log says so');

    $redis->thaw;
    becomes($nginx, $cookie, 'alice', 'when it is fast again');

    $nginx->end;
};


subtest 'clients that do not wait' => sub {
    my $nginx = host($redis->block('fleet'), workers => 1);
    my ($alice, $bob) = map { create($nginx, $_) } qw(alice bob);

    $redis->freeze;

    for my $round (1 .. 10) {
        $nginx->ask('/', "Cookie: $alice")->close;
    }

    my @waiting = map { $nginx->ask('/', "Cookie: $_") } ($alice, $bob) x 3;
    is($nginx->get('/plain')->{status}, 200, 'an unrelated location');
    $redis->thaw;

    is_deeply([map { $nginx->answer($_)->{body} =~ /^sub=(\S*)/ } @waiting],
              [qw(alice bob) x 3], 'who waits gets his own answer');

    $nginx->end;
};


# a server that takes no writes; one that is full; one that may not.  In one
# worker: another may think for a while yet that it is a replica

subtest 'no writes' => sub {
    my $nginx = host($redis->block('fleet'), workers => 1);
    my $cookie = create($nginx, 'alice');

    $redis->ask('REPLICAOF', '127.0.0.1', 1);
    is($nginx->get('/create?sub=bob')->{status}, 503, 'a replica: no sign-in');
    is(page($nginx, $cookie, '/end')->{status}, 503, 'and no sign-out');
    like($nginx->log_text, qr/is away: (?:READONLY|MASTERDOWN)/,
         'the log says so');
    $redis->ask('REPLICAOF', 'NO', 'ONE');
    becomes($nginx, $cookie, 'alice', 'when it is a master again');

    $redis->ask('CONFIG', 'SET', 'maxmemory', '1');
    is($nginx->get('/create?sub=bob')->{status}, 503, 'a full one: no sign-in');
    is(who($nginx, $cookie), 'alice', 'those who are in stay in');
    like($nginx->log_text, qr/answers with an error: OOM/, 'the log says so');
    $redis->ask('CONFIG', 'SET', 'maxmemory', '0');

    $redis->ask('ACL', 'SETUSER', 'nginx', '-del');
    is(page($nginx, $cookie, '/end')->{status}, 503, 'a sign-out that is none');
    $redis->ask('ACL', 'SETUSER', 'nginx', '+del');
    is(page($nginx, $cookie, '/end')->{status}, 200, 'and one that is');

    $nginx->end;
};


# something that is no Redis, or lies

sub liar {
    my ($listen, $answers) = @_;

    my $pid = fork // die "fork: $!";
    return $pid if $pid;

    alarm 300;      # should the test die
    $SIG{TERM} = 'DEFAULT';
    $SIG{CHLD} = 'IGNORE';

    while (my $s = $listen->accept) {
        next if fork;

        $SIG{PIPE} = 'DEFAULT';
        $s->autoflush;
        while (sysread $s, my $asked, 65536) {
            print $s $answers->($asked);
        }

        POSIX::_exit(0);
    }
}


subtest 'a liar' => sub {
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
        or die $!;
    my $url = 'redis://127.0.0.1:' . $listen->sockport;

    my $tree = '*1' . "\r\n*1" x 20 . "\r\n+x\r\n";

    my @cases = (
        ['garbage', "\x00\xff\xfe garbage \r\n\r\n"],
        ['a web server', "HTTP/1.1 400 Bad Request\r\n\r\n"],
        ['a huge string', "\$999999999999\r\n" . 'x' x 4096],
        ['a long string', "\$65537\r\n" . 'x' x 65537 . "\r\n"],
        ['a number that is none', "\$-7\r\n"],
        ['many values', "*999999999\r\n"],
        ['a tree', $tree],
        ['no end', '+' . 'x' x 5000],
        ['more than was asked', "+OK\r\n" x 1000],
        ['an unknown type', "%1\r\n+a\r\n+b\r\n"],
        ['a status', "+QUEUED\r\n"],
        ['a list', "*2\r\n\$1\r\na\r\n\$1\r\nb\r\n"],
        ['an error with a line of its own', "-\e[31mERR\x07 rt:s:\r\n"],
        ['nothing', ''],
    );

    my $answer;

    for my $case (@cases) {
        my ($name, $text) = @$case;

        my $pid = liar($listen, sub { $text });
        my $nginx = host("rtauth_redis fleet { url $url; timeout 500ms; }");
        my @workers = sort $nginx->workers;

        is(who($nginx, 'rt=' . 'A' x 43), 503, "$name: 503") for 1 .. 3;
        is($nginx->get('/plain')->{status}, 200, "$name: elsewhere 200");
        is_deeply([sort $nginx->workers], \@workers, "$name: no worker died");
        unlike($nginx->log_text, qr/\e|rt:s:|QUEUED/,
               "$name: the log has nothing of it");

        $nginx->end;
        kill 'TERM', $pid;
        waitpid $pid, 0;
    }
};


# reloads: connections end with their workers

subtest 'reloads' => sub {
    my $nginx = host($redis->block('fleet'));
    my $cookie = create($nginx, 'alice');

    for my $round (1 .. 5) {
        $nginx->reload;
        is(who($nginx, $cookie), 'alice', "a session after reload $round");
    }

    $nginx->wait_for('old workers to end', sub { $nginx->workers(1) == 2 });
    is(scalar $nginx->workers(1), 2, 'no idle connection keeps a worker');

    my $clients;
    $nginx->wait_for('their connections to end', sub {
        $clients = () = $redis->ask('CLIENT', 'LIST') =~ /user=nginx/g;
        $clients <= 3;
    });
    cmp_ok($clients, '<=', 3, 'one a worker, and one that listens');

    $nginx->end;
};


done_testing();

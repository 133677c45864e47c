#!/usr/bin/perl

# One set of tests against every store of sessions.

use strict;
use warnings;

use lib 't/lib';

use POSIX ();
use Test::More;

use RT::Nginx;
use RT::Redis;
use RT::Session;


my $redis = RT::Redis->new->start;

sub http { RT::Session::http($redis->block('fleet'), @_) }
sub new_nginx { RT::Session::nginx($redis->block('fleet'), @_) }


for my $store (@ARGV ? @ARGV : qw(zone cookie redis:fleet)) {
    my $kept = $store ne 'cookie';

    subtest $store => sub {
        my $nginx = new_nginx($store);
        my ($alice, $bob) = map { create($nginx, $_) } qw(alice bob);

        # created, loaded, by every worker, and over a reload

        like($alice, qr/^rt=[\w-]+/, 'a session has a cookie');
        is(who($nginx, $alice), 'alice', 'and is whose it is');
        is(who($nginx, $bob), 'bob', 'so is another one');
        is(who($nginx, ''), 401, 'without it nobody is let in');

        my %pids;
        $nginx->wait_for('both workers', sub {
            my $answer = page($nginx, $alice);
            my ($pid) = $answer->{head} =~ /^Pid: (\d+)/m;
            $pids{$pid}++ if $answer->{body} =~ /^sub=alice /;
            keys %pids == 2;
        });
        is(keys %pids, 2, 'every worker knows it');

        $nginx->reload;
        is(who($nginx, $alice), 'alice', 'it outlives a reload');

        # the application sees its own cookies, and none of ours

        my $answer = page($nginx, "a=1;b=\"2; 3\" ; $alice; rt_l0=x; c");
        is($answer->{body}, "sub=alice cookie=a=1;b=\"2; 3\" ; c\n",
           'the application gets its own cookies, byte for byte');

        # changed, of another, twice

        (my $other = $alice) =~ s/(rt=.{10})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/e;
        is(who($nginx, $other), 401, 'a cookie with one character changed');
        is(who($nginx, "$alice; $bob"), 401, 'a cookie that is there twice');
        is(who($nginx, "$alice; rt=x"), 401, 'a tossed cookie beside it');
        is(who($nginx, "rt=$_"), 401, "no cookie of ours: \"$_\"")
            for '', 'x', 'A' x 43, 'A' x 44, '"', '%41' x 20;

        # another content under the same cookie, where something is kept

        my $changed = cookies(page($nginx, $alice, '/update?sub=carol'));
        is($changed eq $alice, !!$kept, 'whether the cookie is the same');
        is(who($nginx, $changed), 'carol', 'a changed session');

        # another one at sign-in: the first is gone

        my $again = create($nginx, 'alice', $changed);
        isnt($again, $changed, 'a new sign-in has a new cookie');
        is(who($nginx, $again), 'alice', 'which is good');
        is(who($nginx, $changed), 401, 'and the one before is not any more');

        # ended

        $answer = page($nginx, $again, '/end');
        is($answer->{status}, 200, 'a session ends');
        like($answer->{head}, qr/^Set-Cookie: rt=; .*Max-Age=0/mi,
             'its cookie is deleted');
        is(who($nginx, $again), 401, 'a copy of the cookie is no good');
        is(who($nginx, $bob), 'bob', 'the other session goes on');

        # a refresh that is later than the sign-out brings nobody back

        my $late = create($nginx, 'dave');
        $answer = page($nginx, $late, '/late?sub=dave');
        is($answer->{status}, $kept ? 507 : 200, 'a late change');
        is(who($nginx, $late), 401, 'the session stays ended');
        is(who($nginx, cookies($answer) || 'rt='), 401, 'whatever it was given');

        # revoked, in whichever worker

        $nginx->get('/revoke?sub=bob');
        is_deeply([map { who($nginx, $bob) } 1 .. 6], [(401) x 6],
                  'a user that was revoked');

        $nginx->end;
    };

    subtest "$store: keys, hosts, names" => sub {
        my $nginx = new_nginx($store, keys => ['old']);
        my $cookie = create($nginx, 'alice');
        my $conf = sub { $nginx->reload(http => http($store, @_)) };

        $conf->(keys => [qw(new old)]);
        is(who($nginx, $cookie), 'alice', 'the second key opens');

        my $fresh = create($nginx, 'bob');
        $conf->(keys => ['new']);
        is(who($nginx, $fresh), 'bob', 'the first key has sealed');
        is(who($nginx, $cookie), 401, 'a key that is gone opens nothing');

        $conf->(keys => ['other']);
        is(who($nginx, $fresh), 401, 'nor does another key');

        $conf->(keys => ['new'], host => 'other.example.com');
        is(who($nginx, $fresh), 401, 'a record is of one host');

        $conf->(keys => ['new'], session => 'cookie=other');
        is(who($nginx, $fresh =~ s/^rt=/other=/r), 401, 'and of one name');

        $conf->(keys => ['new']);
        is(who($nginx, $fresh), 'bob', 'as it was, it is good');

        $nginx->end;
    };

    # whoever's lock has lapsed must not give back that of the next one

    subtest "$store: locks" => sub {
        my $nginx = new_nginx($store);
        my ($number) = $nginx->get('/lock?sub=x')->{body} =~ /^(\d+)/;

        ok($number, 'a lock has a number');
        is($nginx->get('/lock?sub=x')->{status}, 507, 'and is had by one');

        $nginx->get('/unlock?sub=x&version=' . ($number - 1024));
        is($nginx->get('/lock?sub=x')->{status}, 507, 'who alone gives it back');

        $nginx->get("/unlock?sub=x&version=$number");
        is($nginx->get('/lock?sub=x')->{status}, 200, 'to the next one');

        $nginx->end;
    };

    subtest "$store: time" => sub {
        my $nginx = new_nginx($store,
                              session => 'cookie=rt idle=6s absolute=1h');

        # used, it lives for longer than that; where the machine stood still
        # for half of it between two uses, another session begins

        my ($cookie, $begin, $used, %seen);

        $nginx->wait_for('7 seconds of use', sub {
            if (!defined $cookie) {
                $begin = $used = time;
                $cookie = create($nginx, 'alice');
            }

            my $sent = time;
            my $answer = page($nginx, $cookie);

            if (time - $used > 3) {
                $cookie = undef;
                return 0;
            }

            $seen{$answer->{status}}++;
            $cookie = cookies($answer) || $cookie;
            $used = $sent;

            return time > $begin + 7;
        }, 120);
        is(join(' ', keys %seen), '200', 'one that is used stays');

        my $other = create($nginx, 'bob');
        my $last = time;
        $nginx->wait_for('the end of an idle session', sub { time > $last + 7 });
        is(who($nginx, $cookie), 401, 'an idle one ends');
        is(who($nginx, $other), 401, 'and one that nobody used');

        $nginx->reload(http => http($store, session =>
                                    'cookie=rt idle=2s absolute=3s'));
        $cookie = create($nginx, 'alice');
        $nginx->wait_for('the end of a session', sub {
            my $answer = page($nginx, $cookie);
            $cookie = cookies($answer) || $cookie;
            $answer->{status} == 401;
        });
        is(who($nginx, $cookie), 401, 'the longest time ends one in use');

        $nginx->end;
    };
}


# a full store says so, and keeps what it has

subtest 'zone: full' => sub {
    my $nginx = new_nginx('zone', zone => '64k');
    my $alice = create($nginx, 'alice');
    my $status;

    $nginx->wait_for('a full zone', sub {
        $status = $nginx->get('/create?sub=bob&pad=1000')->{status};
        $status != 200;
    });

    is($status, 507, 'there is room for no more');
    is(who($nginx, $alice), 'alice', 'those who are in stay in');

    $nginx->end;
};


# its share is counted in what records take of the zone, not in what they ask
# for: those a bit longer than half a page have a whole one each

subtest 'zone: a quarter of it' => sub {
    my $nginx = new_nginx('zone', zone => '256k');
    my $page = POSIX::sysconf(POSIX::_SC_PAGESIZE());
    my $n = 0;

    $n++ while $n < 100
        && $nginx->get("/create?sub=bob&pad=" . $page / 2)->{status} == 200;

    cmp_ok($n, '<=', 256 * 1024 / 4 / $page, 'is all that sessions get');
    cmp_ok($n, '>', 256 * 1024 / 4 / $page / 2, 'and they do get it');

    $nginx->end;
};


subtest 'cookie: too large' => sub {
    my $nginx = new_nginx('cookie');

    my $two = $nginx->get('/create?sub=alice&pad=1900');

    is($two->{status}, 200, 'a larger record');
    is(who($nginx, cookies($two)), 'alice', 'is good');
    is($nginx->get('/create?sub=alice&pad=9000')->{status}, 507,
       'one that no browser would keep is refused');

    $nginx->end;
};


# what is kept opens nothing by itself

subtest 'redis: what is kept' => sub {
    my $nginx = new_nginx('redis:fleet');
    $redis->ask('FLUSHALL');

    my $cookie = create($nginx, 'alice');
    my ($secret) = $cookie =~ /^rt=(.*)$/;
    my ($key, @more) = $redis->sessions;

    is(scalar @more, 0, 'one session, one key');
    like($key, qr/^rt:s:[0-9a-f]{64}$/, 'the key is no cookie');

    my $value = $redis->ask('GET', $key);
    unlike($value, qr/alice|sub/, 'the value says nothing');
    is(index($key . $value, $secret), -1, 'nor has it the cookie');

    my $ttl = $redis->ask('PTTL', $key);
    ok($ttl > 3_500_000 && $ttl <= 3_600_000, 'it ends with the idle time');

    # the value of one under the name of another, bits of it changed

    my $bob = create($nginx, 'bob');
    my ($other) = grep { $_ ne $key } $redis->sessions;

    $redis->ask('SET', $other, $value);
    is(who($nginx, $bob), 401, 'a record under another name opens for nobody');

    for my $at (0, 5, 20, length($value) - 1) {
        my $bad = $value;
        substr($bad, $at, 1) ^= "\x01";
        $redis->ask('SET', $key, $bad);
        is(who($nginx, $cookie), 401, "a record with a changed byte at $at");
    }

    for my $bad ('', 'x', 'x' x 29, 'x' x 49153, 'x' x 65536) {
        $redis->ask('SET', $key, $bad);
        is(who($nginx, $cookie), 401, 'no record of ' . length($bad));
    }

    $redis->ask('SET', $key, $value);
    is(who($nginx, $cookie), 'alice', 'as it was, it is good');

    # more than a worker would read of any answer

    $redis->ask('SETRANGE', $key, 1_000_000, 'x');
    is(who($nginx, $cookie), 401, 'a huge value is no record');
    is(who($nginx, 'rt=' . 'A' x 43), 401, 'and holds nobody else up');
    unlike($nginx->log_text, qr/is away/, 'nor is Redis away for it');

    $redis->ask('DEL', $key);
    $redis->ask('LPUSH', $key, 'x');
    is(who($nginx, $cookie), 503, 'a key of another type is no answer');
    is(who($nginx, 'rt=' . 'A' x 43), 401, 'but to the one whose it is');

    # put back, for him who kept the cookie; not what was revoked

    $redis->ask('DEL', $key);
    $redis->ask('SET', $key, $value);
    page($nginx, $cookie, '/end');
    is(who($nginx, $cookie), 401, 'a session ends');
    $redis->ask('SET', $key, $value);
    is(who($nginx, $cookie), 'alice', 'its record, put back, is one again');

    $nginx->get('/revoke?sub=alice');
    $redis->ask('SET', $key, $value);
    is(who($nginx, $cookie), 401, 'unless it was revoked');

    unlike($nginx->log_text, qr/\Q$secret\E|rt:s:/, 'the log names no key');
    $nginx->end;
};


# whoever takes the end off a record prolongs it, to the longest time at most

subtest 'redis: an expiry that was taken away' => sub {
    my $nginx = new_nginx('redis:fleet',
                          session => 'cookie=rt idle=2s absolute=4s');
    my $seen;

    $redis->ask('FLUSHALL');

    my $cookie = create($nginx, 'alice');
    my ($key) = $redis->sessions;
    my $value = $redis->ask('GET', $key);

    $nginx->wait_for('the end of a session', sub {
        $redis->ask('SET', $key, $value);
        ($seen = who($nginx, $cookie)) eq '401';
    });
    is($seen, 401, 'it ends all the same');
    is($redis->ask('PTTL', $key), -1, 'whatever Redis says');

    $nginx->end;
};


# the stream itself, of another type, or with what no host would read

subtest 'redis: a stream that cannot be read' => sub {
    $redis->ask('FLUSHALL');

    my $nginx = RT::Session::nginx($redis->block('fleet', 'plain', 'stale 1s;'),
                                   'redis:fleet');
    my $cookie = create($nginx, 'alice');
    my $becomes = sub {
        my ($what, $name) = @_;
        my $seen;

        $nginx->wait_for($name, sub { ($seen = who($nginx, $cookie)) eq $what });
        is($seen, $what, $name);
    };

    $redis->ask('SET', 'rt:revoked', 'x');
    $becomes->(503, 'a stream of another type: nobody is let in');
    like($nginx->log_text, qr/answers with an error: WRONGTYPE/,
         'the log says so');
    $redis->ask('DEL', 'rt:revoked');
    $becomes->('alice', 'until it is gone');

    $redis->ask('XADD', 'rt:revoked', '*', 'k', 'x' x 200_000);
    $becomes->(503, 'an entry that is too long: the same');
    like($nginx->log_text, qr/is away: (?:its answer|it says)/, 'the log, too');
    $redis->ask('DEL', 'rt:revoked');
    $becomes->('alice', 'until it is gone');

    $nginx->end;
};


done_testing();

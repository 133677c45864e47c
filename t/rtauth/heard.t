#!/usr/bin/perl

# What one host revokes, the others refuse within a second: shown by the order
# of what happens, and by a clock that is as slow as the machine.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use Test::More;
use Time::HiRes qw(sleep time);

use RT::JWT ();
use RT::Nginx;
use RT::Redis;
use RT::Session;
use RT::State;


my $redis = RT::Redis->new->start;

my $Round = 0.2;        # seconds
my $n = 0;

sub host { RT::Session::nginx($redis->block('fleet'), 'redis:fleet',
                              workers => 1) }


# whoever of that name waits for the stream

sub waits {
    my ($list, $user) = @_;

    return scalar grep { /flags=\w*b/ && /cmd=xread/ && /user=$user\b/ }
                      split /\n/, $list;
}


# Hosts do not look for what is new: Redis hands it to whoever waits, to a host
# in the same moment as to a subscriber of this test.

subtest 'as soon as any subscriber' => sub {
    my $nginx = host();
    my $seen;

    for my $try (1 .. 50) {
        my $cookie = create($nginx, 'user' . ++$n);
        my $key = sha256_hex("0http://127.0.0.1:1\0user$n");

        is(who($nginx, $cookie), "user$n", 'a session');

        my $control = $redis->talk;
        RT::Redis::put($control, [qw(XREAD BLOCK 0 STREAMS rt:revoked $)]);
        $nginx->wait_for('a subscriber', sub {
            waits($redis->ask('CLIENT', 'LIST'), 'test');
        });

        my $s = $redis->talk;
        RT::Redis::put($s, ['CLIENT', 'LIST'],
                       ['XADD', 'rt:revoked', '*', 'k', $key, 'b', int time,
                        'u', int(time) + 60]);

        my $list = RT::Redis::value($s);

        RT::Redis::value($_) for $s, $control;
        $redis->ask('PING');        # by now everybody was sent it

        # it may have been between two looks: then there is nothing to see

        next if !waits($list, 'nginx');

        $seen = who($nginx, $cookie);
        last;
    }

    is($seen, 401, 'what a subscriber has heard, the host refuses');

    $nginx->end;
};


# how many rounds of a clock that sleeps and asks Redis something, too

sub clock {
    pipe my $rounds, my $child or die $!;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(TERM PIPE);
        alarm 300;
        close $rounds;

        while (1) {
            sleep $Round;
            $redis->ask('PING');
            syswrite $child, '.';
        }
    }

    $rounds->blocking(0);

    return ($pid, sub { sysread($rounds, my $dots, 65536) // 0 });
}


# of several tries the best one: a machine may be as slow as it likes

sub within_a_second {
    my ($one, $two, $what, $before) = @_;

    my ($pid, $rounds) = clock();
    my $least;

    for my $try (1 .. 5) {
        my $cookie = create($one, 'user' . ++$n);
        my ($begin, $gone);

        is(who($two, $cookie), "user$n", 'a session');

        $before->() if $before;
        $rounds->();
        $begin = time;
        $one->get("/revoke?sub=user$n");
        $one->wait_for('the other host',
                       sub { $gone = who($two, $cookie) eq '401' });

        my $found = $gone ? $rounds->() : 'never';

        diag(sprintf '%s: %.2f s, %s rounds', $what, time - $begin, $found)
            if $ENV{RT_TIMES};

        $least = $found if $gone && (!defined $least || $found < $least);
        last if defined $least && $least * $Round <= 1;
    }

    kill 'TERM', $pid;
    waitpid $pid, 0;

    cmp_ok(($least // 99) * $Round, '<=', 1, $what);
}


subtest 'over a fleet' => sub {
    my ($one, $two) = map { host() } 1 .. 2;

    within_a_second($one, $two, 'what one revokes, the other refuses');

    # the worker that listens and tells; another one does so at once

    within_a_second($one, $two, 'by a host whose listener was killed', sub {
        my ($pid) = $one->workers;

        kill 'KILL', $pid;
        $one->wait_for('another worker', sub {
            my @now = $one->workers;
            @now == 1 && $now[0] != $pid;
        });
    });

    $two->end;
    $one->end(undef, 'exited on signal 9');
};


# what the operator revokes, by rtauth_revoke; each host takes back its own, for
# whoever writes to the Redis may not let anybody in

subtest 'the operator' => sub {
    my $key = 'k' x 32;
    my $block = $redis->block('fleet');

    my ($one, $two) = map { RT::Nginx->new(modules => ['rtauth'],
                                           http => <<"EOT")->start } 1 .. 2;
    rtauth_zone 1m;
    $block
    rtauth_session store=redis:fleet key=data:$key;
    rtauth_origin https://localhost;
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        root %%DIR%%/html;
        location / { rtauth corp; }
        location = /revoke { rtauth off; rtauth_revoke key=data:$key; }
    }
EOT

    $_->file('html/x', "hello\n") for $one, $two;

    my $token = RT::JWT::bearer(sub => 'ann', iat => int(time) - 60);

    my $result = sub {
        my $answer = $_[0]->get('/x', headers => [$token]);
        return ($answer->{head} =~ /^X-Result: (\w+)/m)[0];
    };

    my $revoke = sub {
        my ($nginx, $body) = @_;
        return $nginx->post('/revoke', 'application/x-www-form-urlencoded',
            $body, headers => ["Authorization: Bearer $key"])->{status};
    };

    is($result->($_), 'ok', 'a token is good') for $one, $two;
    is($revoke->($one, 'sub=ann'), 200, 'it is revoked at one host');
    is($result->($one), 'revoked', 'at once there');
    ok($one->wait_for('the other host',
                      sub { $result->($two) eq 'revoked' }), 'and at the other');

    my $name = sha256_hex("0https://login.example.com\0ann");
    my $later = int(time) + 10 ** 9;

    $redis->ask('XADD', 'rt:revoked', '*', 'x', $name, 'b', $later, 'u',
                $later);
    is($revoke->($one, 'sub=bob'), 200, 'somebody else is revoked');
    ok($one->wait_for('the other host', sub {
        $revoke->($two, 'sub=bob&undo=1') == 200
    }), 'and the other host has heard all that was said');
    is($result->($_), 'revoked', 'nobody in the Redis takes it back')
        for $one, $two;

    is($revoke->($one, 'sub=ann&undo=1'), 200, 'one host takes it back');
    is($result->($one), 'ok', 'it is good there');
    is($result->($two), 'revoked', 'and not at the other');
    is($revoke->($two, 'sub=ann&undo=1'), 200, 'which takes it back as well');
    is($result->($_), 'ok', 'it is good') for $one, $two;

    $_->end for $two, $one;
};



# Hosts that know tokens alone keep no session in the Redis, and hear it as well.

subtest 'without sessions' => sub {
    my $key = 'k' x 32;
    my ($one, $two) = map {
        RT::Nginx->new(modules => ['rtauth'], http => <<"EOT")->start
    rtauth_zone 1m;
    @{[$redis->block('fleet')]}
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        location / { rtauth corp; root %%DIR%%/html; }
        location = /revoke { rtauth_revoke key=data:$key; }
        location = /metrics { rtauth_status prometheus; }
    }
EOT
    } 1, 2;

    my $token = 'Authorization: Bearer '
                . RT::JWT::token(sub => 'may', iat => int(time) - 60);
    my $status = sub {
        return $_[0]->get('/x', headers => [$token])->{status};
    };

    is($status->($_), 404, 'a token is good') for $one, $two;
    is($one->post('/revoke', 'application/x-www-form-urlencoded', 'sub=may',
                  headers => ["Authorization: Bearer $key"])->{status},
       200, 'it is revoked at one host');
    is($status->($one), 401, 'at once there');
    ok($two->wait_for('the other host', sub { $status->($two) == 401 }),
       'and at the other');
    like($two->get('/metrics')->{body}, qr/^rtauth_redis_up\{redis="fleet"\} 1$/m,
         'which says that it hears');

    $_->end for $two, $one;
};


# A host looks at some of its revocations at a time.  Its fleet is told all of
# them, however many they are and whatever the stream has lost, and first of the
# one that has just come.

subtest 'very many' => sub {
    my $key = 'k' x 32;
    my $many = 3000;
    my $later = int(time) + 3600;
    my $empty = RT::Redis->new->start;

    my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 1,
                               main => $User, http => <<"EOT");
    rtauth_zone 32m state=%%DIR%%/state/revoked;
    @{[$empty->block('fleet')]}
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        location / { rtauth corp; root %%DIR%%/html; }
        location = /revoke { rtauth_revoke key=data:$key; }
    }
EOT

    my $folder = state_folder($nginx);

    $nginx->file('state/revoked', join '', map {
        my $record = 'k ' . sha256_hex($_) . " b $later u $later";
        substr(sha256_hex($record), 0, 16) . " $record\n";
    } 1 .. $many);

    chown((stat $folder)[4, 5], "$folder/revoked");
    chmod 0600, "$folder/revoked";
    $nginx->start;

    my $told = sub { $empty->ask('XLEN', 'rt:revoked') };
    my $place;

    for my $try (1 .. 3) {
        ok($nginx->wait_for('some', sub { $told->() > 0 }), 'some are told');

        is($nginx->post('/revoke', 'application/x-www-form-urlencoded',
                        "sub=late$try",
                        headers => ["Authorization: Bearer $key"])->{status},
           200, 'one more is revoked');

        my $name = sha256_hex("0https://login.example.com\0late$try");

        ok($nginx->wait_for('all', sub { $told->() >= $many + $try }),
           'all are told');

        my @names = map { $_->[1][1] }
                        @{$empty->ask('XRANGE', 'rt:revoked', '-', '+')};
        my %names = map { $_ => 1 } @names;

        is(scalar keys %names, $many + $try, 'each of them');
        is(scalar @names, $many + $try, 'once');
        ($place) = grep { $names[$_] eq $name } 0 .. $#names;

        # the stream is gone, and the host is cut off from it

        $empty->ask('DEL', 'rt:revoked');
        $empty->ask('CLIENT', 'KILL', 'USER', 'nginx');

        last if $place < $many;
    }

    cmp_ok($place, '<', $many, 'the latest before others');
    ok($nginx->wait_for('some', sub { $told->() > 0 }), 'and all anew');

    $nginx->end(undef, 'closed|reset|Redis');
};


done_testing();

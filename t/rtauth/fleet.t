#!/usr/bin/perl

# Several hosts on one Redis ask the provider anew about a session: one of them
# does, with the refresh token that was given last, whoever dies meanwhile.

use strict;
use warnings;

use lib 't/lib';

use IO::Select;
use Test::More;
use Time::HiRes qw(time);

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::Redis;
use RT::SignIn;


# one that comes back knows what it knew

my $redis = RT::Redis->new(conf => "appendonly yes\nappendfsync always\n")
                     ->start;
my $corp = RT::Provider->new;

my $Recheck = 4;        # seconds
my $Location = "proxy_pass http://$App;";


# people sign in at the first one, whose address is the origin of all

sub host {
    my ($origin, $claims) = @_;

    my $block = $redis->block('fleet') . signs_in($corp, 'corp',
        "timeout 10s; claims_from $claims;");

    return RT::Nginx->new(modules => [qw(rtauth)], workers => 2,
                          http => <<"EOT")->start;
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    $block
    rtauth_session store=redis:fleet recheck=${Recheck}s recheck_stale=1h
        key=data:01234567890123456789012345678901;
    rtauth_origin http://localhost:$origin;
    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;

        location / { $Location }
        location /ajax { rtauth_login never; $Location }
        location /late { rtauth_login never; $Location }
    }
EOT
}

my $one = host('%%PORT0%%', 'id_token userinfo');
my $two = host($one->port, 'id_token');
my $dies = host($one->port, 'id_token');
my $too = host($one->port, 'id_token');


sub signed {
    my $browser = RT::Browser->new($one);

    signed_in($browser->walk('/oidc/login?to=/x'), 'ann@example.com',
              'signed in');

    return $browser;
}


# the same browser, sent to another host

sub at {
    my ($host, $browser) = @_;

    my $same = RT::Browser->new($host);
    $same->{jar} = $browser->{jar};

    return $same;
}


# a request whose answer is not waited for

sub sends {
    my ($host, $browser, $path) = @_;

    return $host->ask($path // '/x', 'Cookie: ' . join '; ',
        map { "$_=$browser->{jar}{$_}" } sort keys %{$browser->{jar}});
}


sub refreshes {
    return grep { ($_->{form}{grant_type} // '') eq 'refresh_token' }
               $corp->asked('token');
}


# how many refresh tokens were used up

sub used { scalar(() = glob "$corp->{dir}/a.refresh-token_*.used") }


sub person { $corp->user(email => $_[0]) }


# whatever of a session was asked since is older than recheck now

my $since;

sub due {
    $one->wait_for('the time of a recheck',
                   sub { time > $since + $Recheck + 1.1 });
    $since = time;
}


# A slow machine may have come to the next recheck meanwhile.

sub so_often {
    my ($n, $what) = @_;

    my $found = refreshes();
    ok($found == $n || time - $since > $Recheck - 1.1, "$what: $found");
}


sub locks { @{$redis->ask('KEYS', 'rt:l:*')} }


# what is known of them gets old meanwhile

my ($many, $bare, $refused, $changed, $killed, $used, $lapsed, $away)
    = map { signed() } 1 .. 8;

$since = time;
due();


# -- many requests at two hosts: one asks, the others go on

$corp->forget;
person('ann@new.example');
$corp->hold('token');

my @sockets = map { sends($_, $many) } (($one, $two) x 10);
my $select = IO::Select->new(@sockets);
my @answers;

$one->wait_for('19 answers', sub {
    for my $s ($select->can_read(0.05)) {
        push @answers, $one->answer($s);
        $select->remove($s);
    }
    return @answers >= 19;
});

is(scalar(grep { (seen($_) // '') =~ /^X-Email: ann\@example\.com\r$/m }
               @answers), 19, '19 of 20 go on with what is known');
my ($many_lock) = locks();
ok($many_lock, 'there is a lock');

$corp->let_go('token');

signed_in($one->answer($select->handles), 'ann@new.example',
          'the one that asked has what is new');
signed_in(at($_, $many)->open('/x'), 'ann@new.example', 'so has every host')
    for $one, $two;

so_often(1, 'it was asked once');
is(scalar locks(), 0, 'the lock was given back');


# -- no ID token, and userinfo has the word

$corp->lie(token => { json => { id_token => undef } });

signed_in(at($one, $bare)->open('/x'), 'ann@new.example',
          'an answer without an ID token');
$corp->honest;


# -- what ends a session ends it at each host at once

for my $case (['invalid_grant', $refused, token => { status => 400,
                                   body => '{"error":"invalid_grant"}' }],
              ['another sub', $changed, id_token => { sub => 'u-2' }])
{
    my ($what, $browser, @lie) = @$case;
    my $copy = at($two, { jar => { %{$browser->{jar}} } });
    my $kept = $redis->sessions;

    $corp->lie(@lie);
    is(at($one, $browser)->open('/ajax')->{status}, 401,
       "$what: the session is over");
    $corp->honest;

    is($copy->open('/ajax')->{status}, 401, "$what: at the other host, too");
    is(scalar $redis->sessions, $kept - 1, "$what: nothing is kept of it");
}


# -- a host that dies while it asks

sub dies_asking {
    my ($host, $browser) = @_;

    $corp->forget;
    $corp->hold('token');

    my $s = sends($host, $browser);

    $one->wait_for('the flight', sub { refreshes() == 1 });

    my $master = $host->master;
    kill 'KILL', $master, $host->workers;
    $one->wait_for('its end', sub { !RT::Nginx::runs($master) });
    close $s;
}

$corp->lie(rotate => 0);
dies_asking($dies, $killed);

signed_in(at($two, $killed)->open('/x'), 'ann@example.com',
          'a host has died asking: others go on with what is known');
is(scalar refreshes(), 1, 'nobody asks beside it');

my ($lock, @more) = locks();
my $left = $redis->ask('PTTL', $lock);

is(scalar @more, 0, 'its lock is there');
ok($left > 0 && $left <= 45_000, 'for the timeouts and 5 seconds at most');

# ... which need not be waited for

$redis->ask('PEXPIRE', $lock, 1);
$one->wait_for('the end of the lock', sub { locks() == 0 });

person('ann@late.example');
$corp->let_go('token');

signed_in(at($two, $killed)->open('/x'), 'ann@late.example',
          'another host asks when it has lapsed');
$corp->honest;

# the provider has taken the token, and whoever was given the next one is dead

my $before = used();

dies_asking($too, $used);
$corp->let_go('token');
$one->wait_for('the token to be used', sub { used() > $before });
$redis->ask('DEL', locks());

is(at($two, $used)->open('/ajax')->{status}, 401,
   'a token that went with its host ends the session');
is(at($one, $used)->open('/ajax')->{status}, 401, 'at every host');


# -- a lock that lapses while its holder asks on: the last token stays

$corp->forget;
$corp->hold('userinfo');

my $s = sends($one, $lapsed, '/late');

$one->wait_for('its userinfo', sub { $corp->asked('userinfo') == 1 });
$redis->ask('DEL', locks());
person('ann@overtaken.example');

signed_in(at($two, $lapsed)->open('/x'), 'ann@overtaken.example',
          'another host overtakes it');
is(scalar refreshes(), 2, 'with the token that the first was given');

$corp->let_go('userinfo');
signed_in($one->answer($s), 'ann@overtaken.example',
          'the first goes on with what the other has kept');
$corp->honest;


# -- Redis dies between the provider's answer and its keeping

$before = used();
person('ann@kept.example');
$corp->hold('token');
$corp->forget;
$s = sends($one, $away);

$one->wait_for('the flight', sub { refreshes() == 1 });
$redis->stop;
$corp->let_go('token');
$one->wait_for('the token to be used', sub { used() > $before });

is(at($_, $many)->open('/ajax')->{status}, 503, 'nobody is let in meanwhile')
    for $one, $two;
is(scalar(() = IO::Select->new($s)->can_read(0)), 0, 'who has asked waits');

$redis->start;
signed_in($one->answer($s), 'ann@kept.example',
          'what was answered is kept when it is back');
so_often(1, 'and was asked once');


# -- all of them have the token that was given last

$since = time;
due();
person('ann@last.example');

for my $browser ($many, $bare, $killed, $lapsed, $away) {
    my $seen;

    # a worker that knew Redis away may not have tried it since

    $two->wait_for('an answer', sub {
        ($seen = at($two, $browser)->open('/ajax'))->{status} != 503;
    });
    signed_in($seen, 'ann@last.example', 'a token that was given is good');
}

# -- whoever writes to Redis: a lock that is held, a record from before a refresh

my %old = map { $_ => $redis->ask('GET', $_) } $redis->sessions;

$since = time;
due();

my $asked = refreshes();

$redis->ask('SET', $many_lock, 'x');
signed_in(at($one, $many)->open('/x'), 'ann@last.example',
          'with a lock that somebody else holds he goes on');
is(scalar refreshes(), $asked, 'and nobody is asked');

$redis->ask('DEL', $many_lock);
signed_in(at($one, $many)->open('/x'), 'ann@last.example', 'then');
is(scalar refreshes(), $asked + 1, 'he is');

$redis->ask('SET', $_, $old{$_}) for keys %old;

is(at($two, $many)->open('/ajax')->{status}, 401,
   'a record from before it ends the session');


unlike($_->log_text, qr/refresh-token_[0-9a-f]/, 'no token is in a log')
    for $one, $two;

# what a worker that met Redis away has refused

$_->end(undef, 'connect\(\) to', 'store_unavailable') for $one, $two;

done_testing;

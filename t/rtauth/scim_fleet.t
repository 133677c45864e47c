#!/usr/bin/perl

# Whom rtauth_scim keeps out is out at the other hosts of a fleet, too, though
# Redis was away when it was said and nginx was restarted before it came back.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use JSON::PP ();
use Test::More;

use RT::Nginx;
use RT::Redis;
use RT::Scim;

my $redis = RT::Redis->new->start;
my $ok = join ' ', ('200 ok') x 4;

sub host {
    my $host = RT::Scim::nginx(scim => 'link=userName:login',
                               modules => ['rtauth'],
                               http => $redis->block('fleet', 'plain',
                                                     'stale 5s;'),
                               server => <<"EOF");
        location = /revoke { rtauth off; rtauth_revoke key=data:$Key; }
        location = /metrics { rtauth off; rtauth_status prometheus; }
EOF
    return $host->start;
}

my ($one, $two) = (host(), host());
my (%id, %token);

for my $who (qw(ann bob cat dan eve)) {
    $id{$who} = push_to($one, 'POST', '/Users', { userName => $who })
                ->{json}{id};
    $token{$who} = user_token(sub => $who, login => $who,
                              iat => int(time) - 5);
}

sub renamed {
    my ($who, $to) = @_;
    is(user_op($one, $id{$who}, { op => 'replace', path => 'userName',
                                  value => $to })->{status}, 200,
       "$who is $to");
}

sub off {
    my ($who, $to) = @_;
    is(user_op($one, $id{$who}, { op => 'replace', path => 'active',
                                  value => $to })->{status}, 200,
       "$who: active is $to");
}

sub out_there {
    my $who = shift;
    ok($two->wait_for($who, sub {
        results($two, $token{$who}) eq join ' ', ('401 revoked') x 4
    }), "$who is out at the other host");
}

ok($two->wait_for('the stream', sub { results($two, $token{ann}) eq $ok }),
   'ann is let in at the other host');

$redis->stop;

renamed('cat', 'cat-left');
off($_, JSON::PP::false) for qw(ann cat dan);
off('dan', JSON::PP::true);
is(push_to($one, 'DELETE', "/Users/$id{bob}")->{status}, 204, 'bob is deleted');
$one->stop;
$one->start;
$redis->start;

out_there($_) for qw(ann bob cat);
is(results($two, $token{$_}), $ok, "$_ is let in there") for qw(dan eve);

$one->end;


# -- more of them than a host has room for: 256 revocations, half of them of SCIM

sub metric {
    my $name = shift;
    my ($value) = $two->get('/metrics')->{body} =~ /^\Q$name\E (\d+)/m;
    return $value // 'none';
}

sub revoked {
    my ($kind, $key) = @_;
    $redis->ask(qw(XADD rt:revoked *), $kind, sha256_hex($key),
                'b', int time, 'u', int(time) + 3600);
}

sub thief { user_token(sub => $_[0], login => $_[0], iat => int(time) - 5) }

my $missed = 'rtauth_redis_missed{redis="fleet"}';

is(metric($missed), 0, 'there was room for all');
revoked('p', "user $_") for 1 .. 200;
revoked('k', "0https://login.example.com\0thief");

ok($two->wait_for('thief', sub {
    results($two, thief('thief')) eq join ' ', ('401 revoked') x 4
}), 'what comes behind those that have no room is noted');
is(metric('rtauth_zone_entries{part="pushed"}'), 128, 'they have half of it');
cmp_ok(metric($missed), '>=', 72, 'how many have no room is counted');
ok($two->wait_for('stale', sub {
    metric('rtauth_redis_up{redis="fleet"}') eq '0'
}), 'and the host does not know all');
is($two->post('/revoke', 'application/x-www-form-urlencoded',
              'sub=other&iss=https://login.example.com',
              headers => ["Authorization: Bearer $Key"])->{status}, 200,
   'an operator has room');
is(results($two, thief('other')), join(' ', ('401 revoked') x 4),
   'whom he revoked is out');
is(() = $two->log_text =~ /what was revoked cannot be noted/g, 1,
   'the log says it once');

$redis->ask('DEL', 'rt:revoked');

ok($two->wait_for('another look', sub { metric($missed) eq '0' }),
   'it looks again, and there is nothing it does not know');
ok($two->wait_for('the stream', sub {
    metric('rtauth_redis_up{redis="fleet"}') eq '1'
}), 'it hears all again');

$two->end('QUIT', 'what was revoked cannot be noted');
done_testing();

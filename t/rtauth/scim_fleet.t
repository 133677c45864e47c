#!/usr/bin/perl

# Whom rtauth_scim keeps out is out at the other hosts of a fleet, too, though
# Redis was away when it was said and nginx was restarted before it came back.

use strict;
use warnings;

use lib 't/lib';

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
                               http => $redis->block('fleet'));
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

$_->end for $one, $two;
done_testing();

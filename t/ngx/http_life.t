#!/usr/bin/perl

# The HTTP client's connections and jobs when clients leave, and when workers
# are told to go.

use strict;
use warnings;
use lib 't/lib';

use HTTP::Tiny;
use Test::More;
use RT::Idp;
use RT::Nginx;

# so few connections that one lost by each request would be missed soon

my $nginx = RT::Nginx->new(modules => ['rtauth', 'rttest'],
                           connections => 24, http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider p { issuer i; audience tools; timeout 60s;
        jwks_uri $ENV{TEST_NGINX_IDP}/hang.keys/jwks; }

    server {
        listen 127.0.0.1:%%PORT0%%;

        location = /fresh {
            rttest_http $ENV{TEST_NGINX_IDP_KEPT}/ok.fresh/echo;
        }
        location = /kept {
            rttest_http $ENV{TEST_NGINX_IDP_KEPT}/ok.kept/echo keepalive=60s;
        }
        location = /tls {
            rttest_http $ENV{TEST_NGINX_IDP_TLS}/ok.tls/echo keepalive=60s
                        ca=$ENV{TEST_NGINX_IDP_CA};
        }
        location = /refused { rttest_http http://127.0.0.1:1/; }
        location = /left {
            rttest_http $ENV{TEST_NGINX_IDP_KEPT}/hold.left/echo timeout=60s;
        }
        location = /reload {
            rttest_http $ENV{TEST_NGINX_IDP_KEPT}/hold.reload/echo timeout=60s;
        }
        location = /many {
            rttest_http $ENV{TEST_NGINX_IDP_KEPT}/hold.many/echo timeout=60s
                        keepalive=60s;
        }
    }
EOT

my $http = HTTP::Tiny->new(timeout => $RT::Nginx::Deadline);


# what the provider says of a realm; open/N and held/N wait until it is so

sub ctl {
    my ($realm, $what) = @_;

    my $answer = $http->get(idp("ctl/$realm/$what"))->{content};
    chomp $answer;

    return $answer;
}


sub one_worker {
    return $nginx->wait_for('the old worker to end',
                            sub { $nginx->workers(1) == 1 });
}


$nginx->start;


# none is lost, whatever became of it

for my $uri (qw(/fresh /kept /tls /refused)) {
    my %got;
    $got{$nginx->get($uri)->{status}}++ for 1 .. 40;
    is_deeply(\%got, { 200 => 40 }, "forty times $uri");
}

is(ctl('ok.fresh', 'open/0'), 'open 0', 'no connection is left of /fresh');
is(ctl('ok.kept', 'open/1'), 'open 1', 'one is kept of /kept');
is(ctl('ok.tls', 'open/1'), 'open 1', 'and one of /tls');


# a client that does not wait takes its job along

my $client = $nginx->ask('/left');
is(ctl('hold.left', 'open/1'), 'open 1', 'a job waits for an answer');
close $client;
is(ctl('hold.left', 'open/0'), 'open 0', 'its client is gone, and so is it');


# a bound for those that are kept

my @clients = map { $nginx->ask('/many') } 1 .. 7;
is(ctl('hold.many', 'open/7'), 'open 7', 'seven jobs at a time');
is(ctl('hold.many', 'held/7'), 'held 7', 'all were asked');
ctl('hold.many', 'release');
is($nginx->answer($_)->{status}, 200, 'answered') for @clients;
is(ctl('hold.many', 'open/4'), 'open 4', 'four connections are kept');


# A reload: kept connections are closed at once, the fetch of keys that never
# ends is given up, and the job that a request waits for is done.

$client = $nginx->ask('/reload');
is(ctl('hold.reload', 'held/1'), 'held 1', 'a job is in flight');

ok($nginx->reload, 'reload');
is(ctl("$_", 'open/0'), 'open 0', "nothing is kept of $_")
    for qw(ok.kept ok.tls hold.many);
is(scalar $nginx->workers(1), 2, 'the old worker waits for its job');

ctl('hold.reload', 'release');
my $answer = $nginx->answer($client);
is($answer->{status}, 200, 'which is answered');
like($answer->{body}, qr/^200 \n\n\{"n":1,/, 'in full');
ok(one_worker(), 'the old worker ends');

like($nginx->get('/kept')->{body}, qr/"c":2,/,
     'the new worker has connections of its own');


# without a request in hand there is nothing to wait for

ok($nginx->reload, 'reload');
ok(one_worker(), 'the old worker ends at once');
is(ctl('ok.kept', 'open/0'), 'open 0', 'with what it had kept');

$nginx->get('/kept');
$nginx->end;

is(ctl('ok.kept', 'open/0'), 'open 0', 'the end closes what is kept');

done_testing();

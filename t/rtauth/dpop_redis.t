#!/usr/bin/perl

# DPoP proofs in a fleet: what one host has seen is no good for another, and
# where nobody can tell, nobody is let in.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Proof;
use RT::Redis;

my $redis = RT::Redis->new->start;
my $token = token(cnf => { jkt => key('ec')->{jkt} });

sub host {
    my $block = $redis->block('fleet', 'plain', @_);

    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    $block
    rtauth_provider corp {
        issuer https://login.example.com; audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json; bound dpop nonce=on;
    }
    rtauth_session store=redis:fleet key=file:%%DIR%%/key secure=off cookie=rt;
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        location /page { rtauth corp; root %%DIR%%; }
        location /both { rtauth corp; auth_request /ask; root %%DIR%%;
                         try_files /page =404; }
        location = /ask { internal; root %%DIR%%; try_files /page =404; }
    }
EOT

    chmod 0600, $nginx->file('key', 'k' x 32);
    $nginx->file('page', 'page');

    return $nginx->start;
}


sub verdict {
    my $answer = shift;
    my ($result) = $answer->{head} =~ /^X-Result: (\S+)/m;

    return "$answer->{status} $result";
}


sub get {
    my ($nginx, $path, @headers) = @_;
    return verdict($nginx->get($path, headers => \@headers));
}


my ($one, $two) = (host(), host());

my ($nonce) = $one->get('/page', headers => [shows($token)])->{head}
    =~ /^DPoP-Nonce: (\S+)\r$/m;

my @shown = shows($token, nonce => $nonce);

is(get($one, '/page', @shown), '200 ok', 'a proof at one host');
is(get($two, '/page', @shown), '401 replayed_proof', 'at the other');
is(get($two, '/page', shows($token, nonce => $nonce)), '200 ok',
   'a nonce of the one is good at the other');
is(get($one, '/both', shows($token, nonce => $nonce,
                            htu => 'http://localhost/both')), '200 ok',
   'a request with a subrequest has one proof');

my ($key) = @{$redis->ask('KEYS', 'rt:l:*')};
my $left = $redis->ask('PTTL', $key);

ok($left > 0 && $left <= 121_000, 'it is forgotten when it is too old');

# frozen: whoever asks waits, and a client that goes is forgotten

$redis->freeze;

my $waits = $one->ask('/page', shows($token, nonce => $nonce));
my $gone = $one->ask('/page', shows($token, nonce => $nonce));
close $gone;

$redis->thaw;
is(verdict($one->answer($waits)), '200 ok', 'it goes on when Redis answers');

$redis->stop;
@shown = shows($token, nonce => $nonce);
is(get($one, '/page', @shown), '503 proofs_unknown', 'Redis is away');
is(get($one, '/page', shows($token)), '401 proof_nonce',
   'what is no good needs no Redis');

$redis->start;
$one->wait_for('Redis', sub {
    get($one, '/page', shows($token, nonce => $nonce)) eq '200 ok';
});
is(get($one, '/page', @shown), '200 ok', 'it is back, and had not seen it');

$_->end('QUIT', 'redis') for $one, $two;

done_testing();

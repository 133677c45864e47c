# Keys that change under their names, or come after their tokens: newer ones are
# looked for once in jwks_cooldown, and then the verdict stands.

use lib 't/lib';
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use RT::Idp qw(:DEFAULT believer result ctl);
use RT::Nginx;


sub server {
    my ($realm, $cooldown, $workers) = @_;

    my $idp = idp($realm);

    return believer("issuer $idp; jwks_uri $idp/jwks;
                     jwks_cooldown $cooldown;", workers => $workers // 1);
}



sub fetches { return (ctl("/$_[0]/count") =~ /jwks=(\d+)/)[0] }


# the provider replaces a key under the same name, in two workers

my $nginx = server('ok.reused', '4s', 2);
my $iss = idp('ok.reused');
my $old = bearer(iss => $iss);
my $new = bearer(iss => $iss, key => 'k2', kid => 'k1');

is(result($nginx, $old), '200 ok', 'the first key');
ctl('/ok.reused/publish/k1=k2');

is_deeply([map { result($nginx, $new) } 1 .. 8], [('200 ok') x 8],
          'the second key under its name, from the first request on');
is_deeply([map { result($nginx, $old) } 1 .. 8], [('401 bad_signature') x 8],
          'the first key is gone');
is(fetches('ok.reused'), 2, 'one fetch for all of it');

ok($nginx->wait_for('the cooldown', sub {
    result($nginx, $old) eq '401 bad_signature'
        && fetches('ok.reused') == 3;
}), 'and one more after the cooldown, with the same verdict');

is(result($nginx, $new), '200 ok', 'the second key still is good');
$nginx->end;


# a key of another kind under the same name

$nginx = server('ok.kind', '1m');
$iss = idp('ok.kind');

is(result($nginx, bearer(iss => $iss)), '200 ok', 'the first kind');
ctl('/ok.kind/publish/k1=ed');
is(result($nginx, bearer(iss => $iss, key => 'ed', kid => 'k1')), '200 ok',
   'the second kind');
is(result($nginx, bearer(iss => $iss)), '401 alg_mismatch',
   'the first kind is gone');
is(fetches('ok.kind'), 2, 'one fetch');
$nginx->end;


# bad signatures make no more fetches than that

$nginx = server('ok.forged', '1m');
$iss = idp('ok.forged');
my $forged = bearer(iss => $iss, key => 'k3', kid => 'k1');

is_deeply([map { result($nginx, $forged) } 1 .. 20],
          [('401 bad_signature') x 20], 'forged tokens are refused');
is(fetches('ok.forged'), 2, 'and make one fetch');
is(result($nginx, bearer(iss => $iss)), '200 ok', 'good ones are good');
$nginx->end;


# the keys at hand are believed while the provider is away

$nginx = server('ok.gone', '1m');
$iss = idp('ok.gone');
$forged = bearer(iss => $iss, key => 'k3', kid => 'k1');

is(result($nginx, bearer(iss => $iss)), '200 ok', 'the provider is there');
ctl('/ok.gone/mode/e500');
is(result($nginx, $forged), '401 bad_signature', 'it is not, and a no stands');
is(result($nginx, bearer(iss => $iss, key => 'k3')), '503 keys_unavailable',
   'whether there is another key cannot be told');
$nginx->end;


# a token that comes shortly before its key

$nginx = server('ok.early', '2s');
$iss = idp('ok.early');
my $early = bearer(iss => $iss, key => 'k2');
my $begun = time;

is(result($nginx, $early), '401 unknown_key', 'a key that is not there yet');
ctl('/ok.early/publish/k1,k2');
ok($nginx->wait_for('the key', sub { result($nginx, $early) eq '200 ok' }),
   'is there later');
cmp_ok(time - $begun, '<', 7, 'after the cooldown, not after four of them');
is(fetches('ok.early'), 3, 'and was looked for twice');
$nginx->end;

done_testing();

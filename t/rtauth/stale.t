# jwks_stale: how long keys are believed that could not be refreshed.

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::Idp qw(:DEFAULT believer result ctl);
use RT::Nginx;


sub server {
    my ($realm, $more) = @_;

    my $iss = idp($realm);

    return believer("issuer $iss; jwks_uri $iss/jwks; jwks_refresh 1s;
                     jwks_cooldown 1s; $more", workers => 2);
}



sub said { my ($nginx, $re) = @_; my $n = () = $nginx->log_text =~ /$re/g; $n }


# keys from a file beside it are out of use from the first fetch on

for my $file ('', "jwks_file $ENV{TEST_NGINX_IDP_DIR}/jwks.json;") {
    my $realm = $file ? 'ok.file' : 'ok.stale';
    my $with = $file ? ', with a file' : '';
    my $nginx = server($realm, "jwks_stale 1s; $file");
    my $token = bearer(iss => idp($realm));

    ok($nginx->wait_for('keys', sub { ctl("/$realm/count") =~ /jwks=[1-9]/ }),
       "the provider is there$with");
    is(result($nginx, $token), '200 ok', "a token is good$with");

    ctl("/$realm/mode/e500");
    ok($nginx->wait_for('the end', sub {
        result($nginx, $token) eq '503 keys_unavailable'
    }), "and cannot be verified when its keys are too old$with");
    ok($nginx->wait_for('a line', sub {
        said($nginx, qr/the ones at hand are older than "jwks_stale" allows/)
    }), "which the log says$with");
    is(result($nginx, bearer(iss => idp($realm), key => 'k2')),
       '503 keys_unavailable', "nor can any other$with");

    ctl("/$realm/mode/ok");
    ok($nginx->wait_for('the provider', sub {
        result($nginx, $token) eq '200 ok'
    }), "it is good when the provider is there again$with");

    $nginx->end;
}


# within that time they are believed

my $nginx = server('ok.day', '');
my $token = bearer(iss => idp('ok.day'));

is(result($nginx, $token), '200 ok', 'a token is good');
ctl('/ok.day/mode/e500');
ok($nginx->wait_for('failures', sub {
    said($nginx, qr/could not be fetched: status 500/) >= 3
}), 'the provider is away');
is(result($nginx, $token), '200 ok', 'for a day it does not matter');
is(said($nginx, qr/older than "jwks_stale"/), 0, 'and nothing else is said');
$nginx->end;

# at once: the age of keys is no more than jwks_refresh

$nginx = server('ok.none', 'jwks_stale 0;');
$token = bearer(iss => idp('ok.none'));
is(result($nginx, $token), '200 ok', 'a token is good');
ctl('/ok.none/mode/hang');
ok($nginx->wait_for('the end', sub {
    my $answer = result($nginx, $token);
    return $answer eq '503 keys_unavailable';
}), 'without the provider none is, once a refresh was due');
$nginx->end;

done_testing();

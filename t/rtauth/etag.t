# A key set with an ETag is asked for with If-None-Match: what did not change is
# not sent again, and an ETag never stands for another set than its own.

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::Idp qw(:DEFAULT believer result ctl);
use RT::Nginx;


sub server {
    my ($keys, $realm) = @_;

    return believer('issuer ' . idp($realm) . "; $keys jwks_cooldown 1s;",
                    workers => 2, level => 'info');
}



# how often it was asked for without a condition, answered 304, asked for at all

sub plain     { return (ctl("/$_[0]/plain") =~ /(\d+)/)[0] }
sub unchanged { return (ctl("/$_[0]/unchanged") =~ /(\d+)/)[0] }
sub fetches   { return (ctl("/$_[0]/count") =~ /jwks=(\d+)/)[0] }

sub read_of {
    my ($nginx, $n) = @_;

    my $count = () = $nginx->log_text =~ /"p": $n keys from /g;

    return $count;
}


# one address

my $nginx = server('jwks_uri ' . idp('etag.uri') . '/jwks; jwks_refresh 1s;',
                   'etag.uri');
my $iss = idp('etag.uri');
my $k1 = bearer(iss => $iss);
my $k2 = bearer(iss => $iss, key => 'k2', kid => 'k2');

ok($nginx->wait_for('answers 304', sub { unchanged('etag.uri') >= 2 }),
   'a set that did not change is not sent again');
is(plain('etag.uri'), 1, 'it was once');
ok($nginx->wait_for('both workers', sub { read_of($nginx, 1) == 2 }),
   'both workers have read it');
is(result($nginx, $k1), '200 ok', 'its key is good');

ctl('/etag.uri/publish/k1,k2');
ok($nginx->wait_for('both workers', sub { read_of($nginx, 2) == 2 }),
   'one that changed is sent, and read by both workers');
is(result($nginx, $k2), '200 ok', 'its new key is good');

my $before = unchanged('etag.uri');
ok($nginx->wait_for('answers 304', sub { unchanged('etag.uri') > $before }),
   'it has an ETag of its own');
is(read_of($nginx, 1) . read_of($nginx, 2), '22', 'and nobody reads it again');
is(plain('etag.uri'), 1, 'no fetch was without a condition');

# the provider forgets how to answer 304

ctl('/etag.uri/mode/ok');
my $plain = plain('etag.uri');
ok($nginx->wait_for('a set without an ETag', sub { plain('etag.uri') > $plain }),
   'an answer without an ETag takes the condition away');
is(result($nginx, $k2), '200 ok', 'the keys stay');
$nginx->end;


# discovery says where the set is

$nginx = server('discovery ' . idp('etag.disco')
                . '/.well-known/openid-configuration; jwks_refresh 1s;',
                'etag.disco');
$k1 = bearer(iss => idp('etag.disco'));

ok($nginx->wait_for('answers 304', sub { unchanged('etag.disco') >= 1 }),
   'discovery said the same: the set is not sent again');
is(plain('etag.disco'), 1, 'it was once');
is(result($nginx, $k1), '200 ok', 'its key is good');

ctl('/etag.disco/mode/etag-more');
ok($nginx->wait_for('a fetch', sub { plain('etag.disco') == 2 }),
   'discovery says something else: it is sent');
$before = unchanged('etag.disco');
ok($nginx->wait_for('answers 304', sub { unchanged('etag.disco') > $before }),
   'and not again');
is(plain('etag.disco'), 2, 'as long as nothing changes');
is(result($nginx, $k1), '200 ok', 'its key is good');
$nginx->end;


# an ETag that stays when the keys change: whoever has a new key gets in

$nginx = server('jwks_uri ' . idp('etag-stuck.x') . '/jwks; jwks_refresh 1s;',
                'etag-stuck.x');
$iss = idp('etag-stuck.x');

ok($nginx->wait_for('answers 304', sub { unchanged('etag-stuck.x') >= 1 }),
   'a weak ETag is one');
ctl('/etag-stuck.x/publish/k2');
$before = unchanged('etag-stuck.x');
ok($nginx->wait_for('answers 304', sub { unchanged('etag-stuck.x') > $before }),
   'the provider says that nothing changed');
is(plain('etag-stuck.x'), 1, 'and is believed');
ok($nginx->wait_for('the new key', sub {
    result($nginx, bearer(iss => $iss, key => 'k2')) eq '200 ok'
}), 'a token of a new key asks for the whole set');
is(plain('etag-stuck.x'), 2, 'once');
$nginx->end;


# what is no ETag is not sent back

$nginx = server('jwks_uri ' . idp('etag-none.x') . '/jwks; jwks_refresh 1s;',
                'etag-none.x');

ok($nginx->wait_for('fetches', sub { fetches('etag-none.x') >= 3 }),
   'a set with a bad ETag');
is(plain('etag-none.x'), fetches('etag-none.x'), 'is asked for as before');
is(result($nginx, bearer(iss => idp('etag-none.x'))), '200 ok',
   'its key is good');
$nginx->end;

done_testing();

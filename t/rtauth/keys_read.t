# A key set is read once by the worker that fetched it, once by each other one,
# and by nobody when it did not change.

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::Idp qw(:DEFAULT ctl);
use RT::Nginx;


my $iss = idp('ok.read');

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2,
                           level => 'info', http => <<"END");
    rtauth_zone 1m;
    rtauth_provider p {
        issuer        $iss;
        audience      tools;
        jwks_uri      $iss/jwks;
        jwks_refresh  1s;
        jwks_cooldown 1s;
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        location /t { rtauth p; }
    }
END

$nginx->file('html/t', "hello\n");
$nginx->start;



sub said { my $n = () = $nginx->log_text =~ /$_[0]/g; return $n }

# how often a set of so many keys was read: by who fetched it, by another

sub read_of {
    my $n = shift;

    return said(qr/"p": $n keys from "http/) . ' '
           . said(qr/"p": $n keys from the zone/);
}

sub unchanged { return said(qr/"p": the keys of "http\S+" did not change/) }


ok($nginx->wait_for('both workers', sub { read_of(1) eq '1 1' }),
   'both workers have read the set');
ok($nginx->wait_for('fetches', sub { unchanged() >= 3 }),
   'it is fetched again and again');
is(read_of(1), '1 1', 'and read no more');
is($nginx->get('/t', headers => [bearer(iss => $iss)])->{status}, 200,
   'it is good as before');

ctl('/ok.read/publish/k1,k2');

ok($nginx->wait_for('both workers', sub { read_of(2) eq '1 1' }),
   'both workers have read another set');

my $before = unchanged();

ok($nginx->wait_for('fetches', sub { unchanged() >= $before + 2 }),
   'which is fetched again, too');
is(read_of(2), '1 1', 'and read no more');
is(read_of(1), '1 1', 'nor is the old one');
is($nginx->get('/t', headers => [bearer(iss => $iss, key => 'k2')])->{status},
   200, 'its second key is good');

# what is no set is not stored, and what is there stays

ctl('/ok.read/mode/nokeys');
ok($nginx->wait_for('a bad set',
                    sub { said(qr/the answer holds no key, url/) >= 2 }),
   'a set without a key is refused');
is($nginx->get('/t', headers => [bearer(iss => $iss, key => 'k2')])->{status},
   200, 'and the one at hand stays');

ctl('/ok.read/mode/ok');
$before = unchanged();
ok($nginx->wait_for('fetches', sub { unchanged() > $before }),
   'which is the same when the provider is well again');
is(read_of(2), '1 1', 'so nobody reads it');

$nginx->end;

done_testing();

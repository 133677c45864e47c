#!/usr/bin/perl

# rt key: what it makes is taken by nginx, has the rights it should have, and
# overwrites nothing.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Nginx;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtaudit']);
my $dir = $nginx->dir;

$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));

sub key { my $in = shift; RT::Tool::run($nginx, $in, 'key', @_) }
sub text { RT::Nginx::slurp("$dir/$_[0]") }
sub mode { sprintf '%04o', (stat "$dir/$_[0]")[2] & 07777 }

# whatever the umask is
umask 0;


# keys of all algorithms, in both formats, and their public halves

for my $alg (qw(ES256 ES384 ES512 EdDSA Ed25519 Ed448 RS256 PS512)) {
    for my $format (qw(pem jwk)) {
        my $file = "$alg.$format";
        my ($rc, $out) = key('', 'new', '--alg', $alg, '--format', $format,
                             '--out', $file);

        is($rc, 0, "$file is made");
        is(mode($file), '0600', 'and nobody else reads it');

        my $jwk = decode_json($out)->{keys}[0];
        is($jwk->{alg}, $alg, 'its public half says what it is for');
        ok(!exists $jwk->{d}, 'and is public');

        my @alg = $format eq 'pem' ? ('--alg', $alg) : ();
        my ($again, $public) = key(text($file), 'public', @alg);

        # EdDSA is found before the names that stand for one curve
        is($public, $out, 'which "rt key public" finds again')
            if @alg || $alg !~ /^Ed\d/;
    }
}

is((key(text('RS256.pem'), 'public', '--format', 'pem'))[1],
   `openssl pkey -pubout -in $dir/RS256.pem`, "PEM, as OpenSSL's own");


# nothing is overwritten, not even behind a link

my $before = text('ES256.pem');
my ($rc, $out, $err) = key('', 'new', '--out', 'ES256.pem');

is($rc, 2, 'a file that is there');
like($err, qr/ES256\.pem: is there already, and is not overwritten/, 'is said');
is(text('ES256.pem'), $before, 'and stays');

symlink 'nowhere', "$dir/link" or die $!;
is((key('', 'new', '--out', 'link'))[0], 2, 'a link');
ok(!-e "$dir/nowhere", 'is not followed');


# secrets

($rc, $out) = key('', 'new', '--secret', '--json', '--out', 'secret');
is_deeply(decode_json($out), { file => 'secret' }, 'the secret is not said');
like(text('secret'), qr/^[\w-]{43}\n\z/, 'it is in the file');
is(mode('secret'), '0600', 'for its owner');

isnt((key('', 'new', '--secret'))[1], (key('', 'new', '--secret'))[1],
     'none is like another');

my $group = getgrgid $(;

is((key('', 'new', '--secret', '--out', 'shared', '--group', $group))[0], 0,
   'for a group');
is(mode('shared'), '0640', 'which may read it');

($rc, $out, $err) = key('', 'new', '--secret', '--out', 'x', '--group', 'no-such');
is($rc, 2, 'for none that is there');
ok(!-e "$dir/x", 'leaves nothing behind');


# nginx takes them

key('', 'new', '--alg', 'EdDSA', '--out', 'chain.pem');

$nginx->configure(http => "
    rtauth_zone 1m;
    rtauth_session store=cookie key=file:%%DIR%%/secret secure=off cookie=s;
    rtauth_provider corp {
        issuer http://127.0.0.1:%%PORT0%%; jwks_file %%DIR%%/jwks.json;
        client_id tools; client_auth private_key_jwt;
        client_key file:%%DIR%%/RS256.jwk;
    }
    rtaudit_zone 1m;
    rtaudit_chain key=file:%%DIR%%/secret sign=file:%%DIR%%/chain.pem;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        server_name localhost;
        rtaudit main;
        rtauth_origin http://localhost:%%PORT0%%;
        rtauth_identity key=file:%%DIR%%/ES256.pem key=file:%%DIR%%/ES256.jwk
                        iss=https://a.example aud=b;
        location = /keys { rtauth off; rtauth_identity_keys; }
    }
");
$nginx->start;

my %published = map { $_->{kid} => $_ }
    @{decode_json($nginx->get('/keys')->{body})->{keys}};

for my $file (qw(ES256.pem ES256.jwk)) {
    my $key = decode_json((key('', 'public', $file))[1])->{keys}[0];
    is_deeply($published{$key->{kid}}, $key, "$file is published as it is said");
}

$nginx->end;

($rc, $out) = key('', 'public', '--format', 'pem', 'chain.pem');
$nginx->file('chain.pub', $out);

($rc, $out, $err) = RT::Tool::run($nginx, '', 'audit', 'verify', '--key',
                                  'secret', '--pub', 'chain.pub',
                                  'logs/audit.log');
is($rc, 0, 'the chain holds, with its signatures') or diag("$out$err");


# what cannot be

for ([['new', '--alg', 'HS256', '--out', 'x'], qr/--alg: is no algorithm/],
     [['new', '--alg', 'none', '--out', 'x'], qr/--alg: is no algorithm/],
     [['new', '--kid', "a\nb", '--out', 'x'], qr/kid/],
     [['new', '--format', 'der', '--out', 'x'], qr/--format: is none of pem and jwk$/],
     [['new', '--secret', '--alg', 'ES256'], qr/--secret has no --alg/],
     [['new', '--group', $group], qr/--group needs --out/],
     [['new', '--json'], qr/--json needs --out/],
     [['new', 'x'], qr/a word is too many/],
     [['new', '--out', 'none/x'], qr/No such file/],
     [['public', 'none'], qr/none: No such file/],
     [['public', '--secret'], qr/--secret: is no option/],
     [['public', 'secret'], qr/secret: is no private key/],
     [['public', '--alg', 'RS256', 'ES256.pem'], qr/not a key for this/],
     [['public', '--format', 'pem', 'ES256.jwk'], qr/is a JWK/])
{
    my ($words, $says) = @$_;

    ($rc, $out, $err) = key('', @$words);
    is($rc, 2, "it cannot: @$words");
    like($err, $says, 'why');
    ok(!-e "$dir/x", 'nothing was written');
}

done_testing();

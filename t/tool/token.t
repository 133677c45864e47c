#!/usr/bin/perl

# rt token inspect: what is shown of a token, what never is, and that its
# verdict is the one that nginx has of the same token.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url);
use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Tool;


my $keys = "$RT::Top/t/data/keys";
my $nginx = RT::Nginx->new(modules => ['rtauth'], level => 'info');

$nginx->file('jwks.json', RT::Nginx::slurp("$keys/jwks.json"));

$nginx->configure(http => "
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer https://login.example.com; audience tools;
        jwks_file %%DIR%%/jwks.json;
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        location / { try_files /none =204; }
    }
");
$nginx->start;

my @trust = ('--jwks', 'jwks.json', '--issuer', 'https://login.example.com',
             '--audience', 'tools');


# whatever is said, the signature is not in it, and the warning is beside it

sub inspect {
    my ($token, @words) = @_;

    my ($rc, $out, $err) = RT::Tool::run($nginx, $token, 'token', 'inspect',
                                         @words);

    my ($signature) = $token =~ /\.([^.\s]+)\s*$/;

    unlike("$out$err", qr/\Q$signature\E/, 'no signature')
        if defined $signature;

    return ($rc, $out, $err);
}


# as one sees it

my $now = time;
my ($rc, $out, $err) = inspect(token(exp => $now + 7230, iat => $now - 185,
                                     groups => ['a', 'b'], n => 1.50) . "\n");

is($rc, 0, 'a token is shown');
like($out, qr/^header\n  alg +"RS256"\n  kid +"rsa"\n  typ +"JWT"\nclaims\n/,
     'its header first');
like($out, qr/^  exp +\d+  20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ, ends in 2 hours$/m,
     'exp in words');
like($out, qr/^  iat .*Z, 3 minutes ago$/m, 'iat in words');
like($out, qr/^  groups +\["a","b"\]$/m, 'an array');
like($out, qr/^rt token inspect: the signature was not checked: give --jwks /m,
     'what was not done is said');
like($err, qr/^rt token inspect: a token is a secret: /, 'the warning');

($rc, $out) = inspect(token(exp => $now - 90));
like($out, qr/^  exp .*, ended (?:9\d|1[01]\d) seconds ago$/m, 'an old one');
is($rc, 0, 'which is no refusal, as long as nobody asks for one');

($rc, $out) = inspect(token("x\x1b[2J" => "\x{202e}\x7f"));
unlike($out, qr/[^\n -~]/, 'nothing that a terminal acts upon');
like($out, qr/\\u202e/, 'an escape in its place');


# each verdict beside nginx's own

my $other = token(-key => 'rogue', -kid => 'rsa');

my @verdicts = (
    [token(), 'ok'],
    [token(exp => $now - 3600), 'expired'],
    [token(exp => undef), 'no_exp'],
    [token(nbf => $now + 3600), 'not_yet_valid'],
    [token(iat => $now + 3600), 'issued_in_future'],
    [token(aud => 'else'), 'wrong_audience'],
    [token(sub => undef), 'no_sub'],
    [token(cnf => { jkt => 'x' }), 'confirmation_required'],
    [token(nonce => 'x'), 'bad_type'],
    [token(-key => 'ec'), 'ok'],
    [token(-key => 'ed'), 'ok'],
    [token(-key => 'oct'), 'bad_alg'],
    [token(-header => { kid => 'none' }), 'unknown_key'],
    [token(-header => { crit => ['x'] }), 'unknown_crit'],
    [$other, 'bad_signature'],
);

for (@verdicts) {
    my ($token, $reason) = @$_;

    my $answer = $nginx->get('/', headers => ["Authorization: Bearer $token"]);

    is($answer->{status}, $reason eq 'ok' ? 204 : 401, "nginx: $reason");
    like($nginx->log_text, qr/$reason/, 'and says so') if $reason ne 'ok';

    ($rc, $out) = inspect($token, @trust);

    is($rc, $reason eq 'ok' ? 0 : 1, "rt: $reason");
    like($out, $reason eq 'ok' ? qr/^rt token inspect: ok$/m
               : qr/^rt token inspect: refused: $reason: /m, 'in words');

    ($rc, $out) = inspect("Authorization: Bearer $token\r\n", '--json', @trust);
    is(decode_json($out)->{result}, $reason, 'as JSON');
}

# of another issuer nginx has no provider to ask

($rc, $out) = inspect(token(iss => 'https://evil.example'), @trust);
like($out, qr/refused: wrong_issuer: /, 'of another issuer');

($rc, $out) = inspect(token(iss => 'https://evil.example', aud => 'x'),
                      '--jwks', 'jwks.json');
is($rc, 0, 'whoever does not ask for an issuer');
like($out, qr/: ok, from whichever issuer: give --issuer, for any audience: /,
     'is told that none was looked at');


# what is no JWT

($rc, $out) = inspect('Zq8-opaque');
is($rc, 1, 'an opaque token');
like($out, qr/ opaque token, which only its provider can read/, 'is said to be');

my $head = encode_base64url('{"alg":"RSA-OAEP","enc":"A256GCM","kid":"k1"}');

($rc, $out) = inspect("$head.aKey.anIv.aText.aTag22");
is($rc, 1, 'an encrypted one');
like($out, qr/^  enc +"A256GCM"\n.*encrypted \(JWE\)/ms, 'is said to be');
is(decode_json((inspect("$head.aKey.anIv.aText.aTag22", '--json'))[1])->{form}, 'jwe', 'JSON');
is((inspect("$head.aKey.anIv.aText.aTag22", @trust))[0], 1, 'is refused');
is(decode_json((inspect('x.y.z', '--json'))[1])->{form}, 'opaque', 'no base64');


# what cannot be done, and what is printed of it

for ([['--issuer', 'x'], qr/need --jwks FILE/],
     [['--jwks', 'none'], qr/none: No such file/],
     [['--jwks', 'nginx.conf'], qr/nginx\.conf: is /],
     [['--signature'], qr/--signature: is no option/],
     [['--jwks'], qr/--jwks: needs a value/],
     [['--jwks', '-'], qr/standard input: was read already: /],
     [['-', '--jwks', '-'], qr/standard input: was read already: /],
     [['--json=1'], qr/--json: has no value/],
     [['none'], qr/none: No such file/],
     [[token()], qr/not read from the command line/],
     [['Bearer', token()], qr/a word is too many/])
{
    my ($words, $says) = @$_;

    ($rc, $out, $err) = inspect(token(), @$words);
    is($rc, 2, "it cannot: $words->[0]");
    like($err, $says, 'why');
    unlike("$out$err", qr/eyJ/, 'no part of a token');
}

is((inspect(''))[0], 2, 'nothing');
is((inspect(" \n"))[0], 2, 'blanks');

$nginx->file('token', token());
is((inspect('', 'token'))[0], 0, 'a file');

$nginx->end;

done_testing();

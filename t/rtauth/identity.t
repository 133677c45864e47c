#!/usr/bin/perl

# rtauth_identity, rtauth_identity_keys, rtauth_userinfo: what an application
# and a page's own script are told of a user, and who may ask.  Another
# implementation checks these tokens in test/diff/identity.mjs.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;

use RT::JWT;
use RT::Nginx;


my $data = "$RT::Top/t/data";

my $corp = "rtauth_zone 1m;
    rtauth_provider corp {
        issuer https://login.example.com; audience tools;
        jwks_file $data/keys/jwks.json; }\n";

my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 2);

# a key that others may read is refused

for my $key (qw(ec ed rsa rsa2)) {
    chmod 0600, $nginx->file("$key.pem",
                             RT::Nginx::slurp("$data/keys/$key.pem"));
}

sub identity {
    return 'rtauth_identity iss=https://gw.example.com aud=app ' . join ' ', @_;
}

my $ec = 'key=file:%%DIR%%/ec.pem';

$nginx->{http} = $corp . '
    rtauth_group staff { match groups has staff; permission edit /; }
    ' . identity($ec) . ';
    server {
        listen 127.0.0.1:%%PORT0%%; rtauth corp; rtauth_authorize off;
        rtauth_strip_header X-Identity;
        proxy_set_header X-Identity $rtauth_identity;
        location /       { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /ed/    { ' . identity('key=file:%%DIR%%/ed.pem', 'alg=EdDSA',
                           'ttl=5m', 'claims=department,roles,email') . ';
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /rsa/   { ' . identity('key=file:%%DIR%%/rsa.pem',
                           'key=file:%%DIR%%/rsa2.pem', 'alg=RS256',
                           'claims=') . ';
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /none/  { rtauth_identity off;
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /off/   { rtauth off; proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /any/   { satisfy any; allow all;
                           rtauth_require group staff;
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /keys   { rtauth off; rtauth_identity_keys; }
        location /me     { rtauth_userinfo; }
        location /cookie/ { rtauth_token $cookie_t; rtauth_userinfo; }
        location /any-me { satisfy any; allow all; rtauth_userinfo; }
    }
    server { listen 127.0.0.1:%%PORT1%%;
             location / { return 200 "$http_x_identity"; } }
';

$nginx->start;


sub issued {
    my ($path, @headers) = @_;

    my $answer = $nginx->get($path, headers => \@headers);
    is($answer->{status}, 200, "$path is answered");

    my $token = $answer->{body};
    return undef if $token eq '';

    my ($head, $claims) = map { decode_json(decode_base64url($_)) }
        (split /\./, $token)[0, 1];

    return { token => $token, head => $head, claims => $claims };
}


# RFC 7638

sub thumbprint {
    my ($key) = @_;

    my @names = grep { defined $key->{$_} } qw(crv e kty n x y);
    my $text = join ',', map { "\"$_\":\"$key->{$_}\"" } @names;

    return encode_base64url(sha256("{$text}"));
}


my $keys = $nginx->get('/keys');
is($keys->{status}, 200, 'the keys');
like($keys->{head}, qr{^Content-Type: application/jwk-set\+json\r?$}m,
     'their type');
like($keys->{head}, qr/^Cache-Control: public, max-age=300\r?$/m,
     'they may be kept a while');
unlike($keys->{body}, qr/"(?:d|p|q|dp|dq|qi|k)":/, 'nothing private in them');

my %key = map { $_->{kid} => $_ } @{decode_json($keys->{body})->{keys}};
is(join(' ', sort map { $_->{alg} } values %key), 'ES256 EdDSA RS256 RS256',
   'all keys of the server, each with a name');

my $now = time;
my $made = issued('/', bearer(groups => ['staff', 'x']));

is($made->{head}{alg}, 'ES256', 'signed by the first key');
is($key{$made->{head}{kid}}{alg}, 'ES256', 'which has a name');

is($_->{kid}, thumbprint($_), "$_->{alg}: its thumbprint") for values %key;

my %claims = %{$made->{claims}};
cmp_ok($claims{exp} - $claims{iat}, '==', 60, 'for a minute');
cmp_ok($claims{iat}, '>=', $now - 1, 'from now on');
delete @claims{qw(iat exp)};

is_deeply(\%claims, {
    iss => 'https://gw.example.com', aud => 'app', sub => 'u-1',
    idp => 'https://login.example.com', email => 'ann@example.com',
    groups => ['staff'], permission => 'edit' }, 'what it says');

is(issued('/', bearer(groups => ['staff', 'x'], jti => 'other'))->{token},
   $made->{token}, 'the same of the same user');
is_deeply(issued('/', bearer())->{claims}{groups}, [],
          'another one when his groups are others');
is(issued('/', bearer(sub => 'u-2'))->{claims}{sub}, 'u-2', 'or another user');

my $ends = time + 30;
my $short = issued('/', bearer(groups => ['staff', 'x'], exp => $ends));
is($short->{claims}{exp}, $ends, 'never longer than he is known himself');

my $ed = issued('/ed/', bearer(department => 'it', roles => [{ a => 1 }],
                               email_verified => \0, secret => 'x'));
is($ed->{head}{alg}, 'EdDSA', 'another algorithm');
is_deeply([sort keys %{$ed->{claims}}],
          [qw(aud department exp iat idp iss roles sub)],
          'claims= picks; an email that is not his is not there');
is_deeply($ed->{claims}{roles}, [{ a => 1 }], 'a claim as it was');

my $rsa = issued('/rsa/', bearer());
is_deeply([sort keys %{$rsa->{claims}}], [qw(aud exp iat idp iss sub)],
          'no more than who he is');

ok($key{$_->{head}{kid}}, "$_->{head}{alg}: its key is published")
    for $made, $ed, $rsa;

# the signatures, by this very module with the published keys

my $check = RT::Nginx->new(modules => ['rtauth'], http => '
    rtauth_zone 1m;
    rtauth_provider gw { issuer https://gw.example.com; audience app;
                         algorithms ES256 EdDSA RS256;
                         jwks_file %%DIR%%/keys.json; }
    server { listen 127.0.0.1:%%PORT0%%; rtauth gw;
             location / { try_files /none =204; } }');
$check->file('keys.json', $keys->{body});
$check->start;

for ($made, $ed, $rsa) {
    my @as = (headers => ["Authorization: Bearer $_->{token}"]);
    is($check->get('/', @as)->{status}, 204, "$_->{head}{alg}: it holds");
}

$check->end;


# nobody, and who was refused

for (['/off/', 'without rtauth', bearer()],
     ['/none/', 'switched off', bearer()],
     ['/any/', 'anonymous, let in by his address'],
     ['/any/', 'a token that is no good', 'Authorization: Bearer x'],
     ['/any/', 'not of that group', bearer()],
     ['/', 'with more to say than is sent',
      bearer(groups => ['staff']), 'X-Identity: x'])
{
    my ($path, $name, @headers) = @$_;
    my $made = issued($path, @headers);

    if ($name =~ /more/) {
        is($made->{claims}{sub}, 'u-1', 'a header of his own is not there');
        next;
    }

    is($made, undef, "$name: none");
    is(issued($path, @headers, "$_: forged"), undef, "$name: nor by $_")
        for 'X-Identity', 'x_identity';
}

is(issued('/any/', bearer(groups => ['staff']))->{claims}{sub}, 'u-1',
   'who is let in by his token');
is($nginx->post('/keys', 'text/plain', '')->{status}, 405, 'keys: GET alone');


# the user, for the page's own script

my $me = $nginx->get('/me', headers => [bearer(groups => ['staff'])]);
is($me->{status}, 200, 'the user');
is_deeply(decode_json($me->{body}), {
    id => 'u-1', email => 'ann@example.com', groups => ['staff'],
    externalIdentifier => 'https://login.example.com' }, 'as JSON');
like($me->{head}, qr/^Cache-Control: .*no-store/m, 'not to be stored');
like($me->{head}, qr/^Cross-Origin-Resource-Policy: same-origin/m, 'nor shown');
like($me->{head}, qr/^X-Content-Type-Options: nosniff/m, 'nor run');

is($nginx->get('/me')->{status}, 401, 'nobody');
is($nginx->get('/any-me')->{status}, 401, 'nobody, let in by his address');
is($nginx->post('/me', 'text/plain', '', headers => [bearer()])->{status}, 405,
   'GET alone');

my ($token) = bearer() =~ / (\S+)$/;

for (['Sec-Fetch-Site: same-origin', 200], ['Sec-Fetch-Site: none', 200],
     ['Sec-Fetch-Site: cross-site', 403], ['Sec-Fetch-Site: same-site', 403],
     ['Origin: https://evil.example', 403], ['Origin: null', 403],
     ['Origin: http://localhost', 200], ['X: none of them', 200])
{
    my ($header, $status) = @$_;
    my $answer = $nginx->get('/cookie/',
                             headers => ["Cookie: t=$token", $header]);

    is($answer->{status}, $status, "by a cookie, $header");
    unlike($answer->{body}, qr/u-1/, 'nothing of him') if $status == 403;
}

is($nginx->get('/me', headers => [bearer(), 'Origin: https://x.example'])
   ->{status}, 200, 'who shows a token himself');


# a reload with another first key

$nginx->{http} =~ s{\Q$ec\E;}{key=file:%%DIR%%/new.pem $ec;};
system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
       . "-out $nginx->{dir}/new.pem 2> $nginx->{dir}/openssl.log");
$nginx->configure;
$nginx->reload;

my $next = issued('/', bearer(groups => ['staff', 'x']));
isnt($next->{head}{kid}, $made->{head}{kid}, 'after a rotation: the new key');
my %all = map { $_->{kid} => 1 }
    @{decode_json($nginx->get('/keys')->{body})->{keys}};
ok($all{$next->{head}{kid}} && $all{$made->{head}{kid}}, 'both are published');

unlike($nginx->log_text, qr/\Q$made->{token}\E|PRIVATE/, 'no secret in the log');
$nginx->end;


# what nginx -t says

my $dir = $nginx->{dir};
my $try = RT::Nginx->new(modules => ['rtauth']);

chmod 0600, $try->file("$_.pem", RT::Nginx::slurp("$data/keys/$_.pem"))
    for qw(ec rsa);

my $in = sub { "$corp server { listen 127.0.0.1:%%PORT0%%; rtauth corp;
                location / { $_[0] # here\n } }" };

for (['needs key=SECRET', identity() . ';'],
     ['needs key=SECRET', "rtauth_identity $ec iss=x;"],
     ['number 1 is not a key for this algorithm',
      identity('key=file:%%DIR%%/rsa.pem') . ';'],
     ['"alg=" that is not known', identity($ec, 'alg=HS256') . ';'],
     ['"alg=" that is not known', identity($ec, 'alg=none') . ';'],
     ['write 5s to 1h', identity($ec, 'ttl=1d') . ';'],
     ['write 5s to 1h', identity($ec, 'ttl=1s') . ';'],
     ['invalid claim "sub"', identity($ec, 'claims=sub') . ';'],
     ['invalid claim "cnf"', identity($ec, 'claims=cnf') . ';'],
     ['invalid claim "a"', identity($ec, 'claims=a,a') . ';'],
     ['without variables', "rtauth_identity $ec iss=\$host aud=x;"],
     ['parameter "iss=" in "rtauth_identity": write it once', identity($ec, 'iss=x') . ';'],
     ['invalid parameter "what=1"', identity($ec, 'what=1') . ';'],
     ['has nothing to publish', 'rtauth_identity_keys;'],
     ['"rtauth_userinfo" needs "rtauth"', 'rtauth off; rtauth_userinfo;'],
     ['another handler', 'empty_gif; rtauth_userinfo;'])
{
    $try->blames($_->[0], http => $in->($_->[1]));
}

done_testing;

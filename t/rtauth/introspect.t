#!/usr/bin/perl

# Tokens that say nothing by themselves: what their provider says of them, and
# what becomes of a provider that lies, is slow or away.

use strict;
use warnings;

use lib 't/lib';

use Cwd qw(abs_path);
use Test::More;

use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $provider = RT::Provider->new;
my $plain = RT::Provider->new(discovery => { introspection_endpoint => undef });

sub block {
    my ($name, $lines, $of) = @_;
    return signs_in($of // $provider, $name,
                    "redirect_uri /$name/back; $lines");
}

# a certificate that the client shows

my $mtls = RT::lacks('bound mtls;') ? '' : 'bound mtls;';

my $http = block('on', 'audience tools; introspection on; timeout 10s;')
    . block('jwt', 'audience tools; introspection jwt;')
    . block('any', 'audience any; introspection on; require_sub off;')
    . block('short', 'audience tools; introspection on;
                      introspection_cache 1s; max_lifetime 1h;')
    . block('post', 'audience tools; introspection on; client_auth post;')
    . block('local', 'audience tools;')
    . block('bound', "audience tools; introspection on; $mtls")
    . block('none', 'audience tools; introspection on;', $plain)
    . block('line', 'audience tools; introspection on;
                     introspection_endpoint ' . $provider->issuer
                     . '/introspect;', $plain)
    . block('wrong', 'audience tools; introspection on;')
      =~ s/data:[^']+/data:another secret/r;

my $keys = abs_path('t/data/keys/jwks.json');
my @names = qw(on jwt any short post local bound none line wrong);

my $places = join '', map { "location /$_ { rtauth $_; try_files /t =404; }\n" }
    @names;

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2,
                           level => 'info', ports => 2, http => <<"EOT");
    rtauth_zone 8m;
    rtauth_login never;
    rtauth_origin http://localhost;
    rtauth_session key=data:0123456789abcdef0123456789abcdef;
$http
    rtauth_provider corp {
        issuer https://login.example.com; audience tools; jwks_file $keys;
    }
    rtauth_group staff { provider on; match groups has staff; permission use; }
    rtauth_authorize off;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;
        server_name localhost;
        root %%DIR%%/html;
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;
        add_header X-Result \$rtauth_result always;
        add_header X-Who \$rtauth_claim_sub always;
        add_header X-Groups \$rtauth_groups always;
        add_header X-Client \$rtauth_claim_client_id always;

$places
        location = /t { rtauth off; }
        location /scope {
            rtauth on; rtauth_require scope write; try_files /t =404;
        }
        location /arg { rtauth on; rtauth_token \$arg_t; try_files /t =404; }
        location /early {
            rtauth on; rtauth_phase preaccess; try_files /t =404;
        }
        location /sub { auth_request /auth; try_files /t =404; }
        location = /auth { internal; rtauth on; alias %%DIR%%/html/t; }
        location /either {
            satisfy any; deny all; rtauth on; try_files /t =404;
        }
        location /both { rtauth corp none on; try_files /t =404; }
    }
EOT

$nginx->file('html/t', "hello\n");
$nginx->start;


my $n = 0;

# another token each time; what was asked about it, and how often

sub fresh { return 'opaque.' . ++$n . '~token' }

sub active {
    my $token = fresh();

    $provider->active($token, iss => $provider->issuer, aud => 'tools',
                      sub => 'u-1', iat => time, exp => time + 300, @_);
    return $token;
}

sub asked {
    my ($token, $of) = @_;
    return grep { $_->{form}{token} eq $token } ($of // $provider)
        ->asked('introspect');
}

sub get {
    my ($token, $path, @headers) = @_;
    return $nginx->get($path // '/on',
                       headers => ["Authorization: Bearer $token", @headers]);
}

sub result {
    my $answer = get(@_);
    my ($result) = $answer->{head} =~ /^X-Result: (\w+)/m;
    return "$answer->{status} " . ($result // '');
}

sub says {
    my ($json) = @_;
    my $token = active();

    $provider->lie(introspect => $json);
    my $result = result($token, $_[1] // '/any');
    $provider->lie(introspect => {});

    return $result;
}


# -- a token that is active

my $token = active(groups => ['staff'], scope => 'read write',
                   client_id => 'robot');
my $answer = get($token);

is($answer->{status}, 200, 'an active token is let in');
like($answer->{head}, qr/^X-Who: u-1\r?$/m, 'its claims are those of a user');
like($answer->{head}, qr/^X-Client: robot\r?$/m, 'all of them');
like($answer->{head}, qr/^X-Groups: \["staff"\]\r?$/m, 'and make groups');
is(result($token, '/scope'), '200 ok', 'its scope is what was asked for');
is(result(active(scope => 'read'), '/scope'), '403 requirement',
   'or is not');

my ($asked) = asked($token);

is($asked->{method}, 'POST', 'it is asked for in a form');
is($asked->{form}{token_type_hint}, 'access_token', 'as an access token');
like($asked->{head}, qr/^Authorization: Basic /mi, 'by this client');
unlike($asked->{target}, qr/opaque/, 'and is not in an address');

get($token) for 1 .. 20;

is(scalar(asked($token)), 1,
   'it is asked about once: two workers have a zone');

is(result($token, '/post'), '200 ok', 'client_auth post is one, too');
is((asked($token))[-1]{form}{client_id}, 'gateway', 'in the form');

is($nginx->get("/arg?t=$token")->{status}, 200, 'rtauth_token says where');
is($nginx->get('/arg?t=a%20b')->{status}, 401, 'a blank is in no token');
is(scalar(asked('a b')), 0, 'and nobody is asked');


# -- wherever a request is decided

for my $path (qw(/early /sub /either)) {
    is(get(active(), $path)->{status}, 200, "an active one at $path");
    is(get(fresh(), $path)->{status}, 401, 'and one that is not');
}

is($nginx->http2('GET', '/on', port => 1, headers => [
    'Authorization: Bearer ' . active()])->{status}, 200, 'over HTTP/2');


# -- one that is not

$token = fresh();

$answer = get($token);

is($answer->{status}, 401, 'an inactive one is refused');
like($answer->{head}, qr/^X-Result: inactive\r?$/m, 'with a reason of its own');
like($answer->{head}, qr/^WWW-Authenticate: Bearer .*error="invalid_token"/m,
     'as RFC 6750 says');
is(result($token), '401 inactive', 'and again');
is(scalar(asked($token)), 1, 'without a question');
is(result($token, '/short'), '401 inactive', 'by each policy');

ok($nginx->wait_for('the answer to be old', sub {
    $provider->active($token, aud => 'tools', sub => 'u-1', iat => time,
                      exp => time + 60);
    result($token, '/short') eq '200 ok';
}), 'but not for long');

$token = active();

is(result($token, '/short'), '200 ok', 'a good one');
$provider->inactive($token);
ok($nginx->wait_for('the answer to be old', sub {
    result($token, '/short') eq '401 inactive';
}), 'a token that was taken back is refused when introspection_cache is over');

$token = active(exp => time - 27);
ok($nginx->wait_for('its end', sub { result($token) eq '401 expired' }),
   'its own end, and leeway, come first');


# -- who is asked about what

my $jwt = RT::JWT::token(iss => $provider->issuer);

is(result($jwt), '200 ok', 'a JWT of the provider is verified as ever');
is(scalar(asked($jwt)), 0, 'and not asked about');

$jwt = RT::JWT::token(iss => $provider->issuer, -key => 'rogue', -kid => 'rsa');

is(result($jwt), '401 bad_signature', 'nor is one that somebody forged');
is(result(RT::JWT::token(iss => 'https://elsewhere')), '401 wrong_issuer',
   'one of another issuer is shown to nobody');

$jwt = RT::JWT::token(iss => undef, n => 1);
$provider->active($jwt, aud => 'tools', sub => 'u-9');
like(get($jwt)->{head}, qr/^X-Who: u-9\r?$/m, 'one that names none is asked '
     . 'about');

$token = active();
is(result($token, '/local'), '401 malformed', 'without "introspection" no word');
is(scalar(asked($token)), 0, 'goes anywhere');

is(result($token, '/both'), '503 provider_unavailable',
   'the first that has it on is asked, whatever it can');
like($nginx->log_text, qr/"none": it does not say .* names no such endpoint/,
     'and an error says what it lacks');

is(result(active(), '/none'), '503 provider_unavailable', 'no endpoint');

is(result(active(iss => undef), '/line'), '200 ok', 'introspection_endpoint names one');


# -- what an answer has to say

my $T = JSON::PP::true;

is(result(active(@{$$_[0]}), $$_[2] // '/on'), $$_[1], $$_[3]) for
    [[aud => 'payroll'], '401 wrong_audience', '/on', 'of another audience'],
    [[aud => undef], '401 wrong_audience', '/on', 'of none'],
    [[aud => undef], '200 ok', '/any', 'of none, where any will do'],
    [[aud => ['x', 'tools']], '200 ok', '/on', 'of several'],
    [[iss => 'https://elsewhere'], '401 wrong_issuer', '/on',
     'of another issuer'],
    [[iss => undef], '200 ok', '/on', 'that says no issuer'],
    [[exp => undef], '200 ok', '/on', 'that does not say when it ends'],
    [[exp => undef], '401 too_long_lived', '/short', 'nor under max_lifetime'],
    [[iat => undef], '200 ok', '/on', 'that does not say when it began'],
    [[iat => undef], '401 no_iat', '/short', 'which counts there'],
    [[exp => time - 100], '401 expired', '/on', 'that is over'],
    [[exp => 'soon'], '401 bad_claim', '/on', 'whose end is no time'],
    [[nbf => time + 100], '401 not_yet_valid', '/on', 'that is to come'],
    [[iat => time + 100], '401 issued_in_future', '/on', 'of tomorrow'],
    [[sub => undef], '401 no_sub', '/on', 'of nobody'],
    [[sub => undef], '200 ok', '/any', 'of nobody, with require_sub off'],
    [[sub => 7], '401 bad_claim', '/on', 'of a number'],
    [[cnf => { jkt => 'x' }], '401 confirmation_required', '/on',
     'bound to a key'],
    [[cnf => { jkt => 'x' }, token_type => 'DPoP'],
     '401 confirmation_required', '/on', 'and said to be'],
    [[token_type => 'DPoP'], '401 bad_type', '/on', 'said to be and not bound'],
    [[], $mtls ? '401 unbound' : '200 ok', '/bound',
     'bound to nothing where tokens are'],
    [[cnf => { 'x5t#S256' => 'A' x 43 }],
     $mtls ? '401 wrong_certificate' : '401 confirmation_required', '/bound',
     'bound to a certificate that nobody showed'],
    [[token_type => 'bearer'], '200 ok', '/on', 'in small letters'],
    [[token_type => 'N_A'], '401 bad_type', '/on', 'of no access'],
    [[token_type => undef], '200 ok', '/on', 'without a type, for us'],
    [[token_type => undef], '401 bad_type', '/any',
     'without a type, for anybody: a refresh token is active, too'],
    [[token_use => 'refresh_token'], '401 bad_type', '/on', 'for a refresh'],
    [[typ => 'Refresh'], '401 bad_type', '/on', 'for a refresh of Keycloak'],
    [[nonce => 'x'], '401 bad_type', '/on', 'that is an ID token'],
    [[events => {}], '401 bad_type', '/on', 'that is an event'];

$token = active(aud => 'payroll');
result($token) for 1 .. 5;
is(scalar(asked($token)), 1, 'one that is no good here is asked about once');


# -- what is no answer lets nobody in, and is not kept

is(says($$_[0]), '503 provider_unavailable', "no answer: $$_[1]") for
    [{ json => { active => 'true' } }, 'active is a string'],
    [{ json => { active => 1 } }, 'active is a number'],
    [{ json => { active => undef } }, 'active is not there'],
    [{ json => { active => [$T] } }, 'active is a list'],
    [{ body => "{\"active\":true,\"active\":false}" }, 'active twice'],
    [{ body => '[{"active":true}]' }, 'a list'],
    [{ body => '<html>' }, 'a page'],
    [{ body => '' }, 'nothing'],
    [{ append => '}' }, 'more behind it'],
    [{ json => { pad => 'x' x 16384 } }, 'too long'],
    [{ json => { sub => "a\0b" } }, 'a NUL in it'],
    [{ status => 201 }, 'status 201'],
    [{ status => 302, headers => ['Location: /ok'] }, 'a redirect'],
    [{ status => 400 }, 'status 400'],
    [{ status => 403 }, 'status 403'],
    [{ status => 429 }, 'status 429'],
    [{ status => 500 }, 'status 500'],
    [{ raw => "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n"
              . '{"active":true}' }, 'torn off'],
    [{ type => 'application/token-introspection+jwt' }, 'no JWT'];

$token = active();
$provider->lie(introspect => { status => 503 });
$answer = get($token);
is($answer->{status}, 503, 'an outage is one');
like($answer->{head}, qr/^Retry-After: \d+\r?$/m, 'and says when to come back');
like($answer->{head}, qr/^Cache-Control: no-store\r?$/m, 'it is nobody\'s to keep');
$provider->lie(introspect => {});
is(result($token), '200 ok', 'and is over when the provider is back');

is(result(active(), '/wrong'), '503 provider_unavailable',
   'a provider that refuses us is an outage, not the client\'s fault');
like($nginx->log_text, qr/"wrong": .* refuses this client with 401, mend/,
     'and the log says what to mend');


# -- signed answers

is(result(active(), '/jwt'), '200 ok', 'an answer that is signed');
is(result(fresh(), '/jwt'), '401 inactive', 'also of an inactive one');
like((($provider->asked('introspect'))[-1])->{head},
     qr{^Accept: application/token-introspection\+jwt\r?$}m,
     'is asked for');

sub signed {
    my ($lie, $path) = @_;

    $provider->lie(signed => $lie);
    my $result = result(active(), $path // '/jwt');
    $provider->honest;

    return $result;
}

is(signed({ sub => undef }, '/on'), '200 ok',
   'a provider may sign where JSON will do');
is(signed(undef), '503 provider_unavailable',
   '"introspection jwt" takes no other answer');

is(signed($$_[0]), '503 provider_unavailable', "signed: $$_[1]") for
    [{ -key => 'rogue', -kid => 'rsa' }, 'by somebody else'],
    [{ -header => { typ => 'JWT' } }, 'as another type'],
    [{ -header => { typ => undef } }, 'as no type'],
    [{ -header => { typ => 'at+jwt' } }, 'as an access token'],
    [{ iss => 'https://elsewhere' }, 'by another issuer'],
    [{ iss => undef }, 'by nobody'],
    [{ aud => 'other' }, 'for somebody else'],
    [{ aud => undef }, 'for nobody'],
    [{ iat => undef }, 'at no time'],
    [{ iat => time - 1000 }, 'long ago'],
    [{ iat => time + 1000 }, 'tomorrow'],
    [{ exp => time - 1000 }, 'until yesterday'],
    [{ token_introspection => undef, active => $T }, 'with nothing in it'],
    [{ token_introspection => [] }, 'with a list'],
    [{ token_introspection => { active => 'true' } }, 'with a string'];

is(signed({ -header => { typ => 'application/token-introspection+jwt' } }),
   '200 ok', 'its type in full');
is(signed({ token_introspection => { active => JSON::PP::false } }),
   '401 inactive', 'that it is not');

$jwt = RT::JWT::token(iss => $provider->issuer, iat => time,
                      -header => { typ => 'token-introspection+jwt' },
                      token_introspection => { active => $T });
is(result($jwt), '401 bad_type', 'such an answer is no token');


# -- one question for all who show the same token

$provider->hold('introspect');

$token = active();
my @waiting = map { $nginx->ask('/on', "Authorization: Bearer $token") } 1 .. 12;

ok($nginx->wait_for('the question', sub { asked($token) >= 1 }), 'it is asked');

# the first of each worker asks; a client of each kind goes away

my $gone = $nginx->ask('/on', "Authorization: Bearer $token");
close $gone;
close shift @waiting;

is($nginx->get('/local')->{status}, 401, 'others are served meanwhile');

$provider->let_go('introspect');

is_deeply([map { $nginx->answer($_)->{status} } @waiting], [(200) x 11],
          'all are let in by its answer');
cmp_ok(scalar(asked($token)), '<=', 2, 'which each worker asked for once');

$provider->hold('introspect');
$provider->lie(introspect => { status => 500 });

$token = active();
@waiting = map { $nginx->ask('/on', "Authorization: Bearer $token") } 1 .. 8;
ok($nginx->wait_for('the question', sub { asked($token) >= 1 }), 'asked');

$provider->let_go('introspect');

is_deeply([map { $nginx->answer($_)->{status} } @waiting], [(503) x 8],
          'all who waited for an answer that did not come are told so');
cmp_ok(scalar(asked($token)), '<=', 8, 'and do not ask one after the other');
$provider->honest;


# -- over a reload; revocation by us is in t/rtauth/logout.t and its kin

$provider->hold('introspect');
$token = active();
my $old = $nginx->ask('/on', "Authorization: Bearer $token");
ok($nginx->wait_for('the question', sub { asked($token) }), 'asked');
ok($nginx->reload, 'reloaded while it is open');
$provider->let_go('introspect');
is($nginx->answer($old)->{status}, 200, 'the old worker finishes it');
is(result($token), '200 ok', 'a new one knows of it');
is(scalar(asked($token)), 1, 'from the zone');


# -- those who send words of their own

# all over one connection, for a budget is a worker's: "status reason" of each

sub pipeline {
    my ($address, @tokens) = @_;

    my @heads = map {
        join "\r\n", 'GET /on HTTP/1.1', 'Host: localhost',
                     "X-Real-IP: $address", "Authorization: Bearer $_"
    } @tokens;

    $heads[-1] .= "\r\nConnection: close";

    my $raw = $nginx->raw(join '', map { "$_\r\n\r\n" } @heads);
    my @results;

    while ($raw =~ /^HTTP\/1.1 (\d+) .*?^X-Result: (\w+)/msg) {
        push @results, "$1 $2";
    }

    return @results;
}

my @results = pipeline('192.0.2.1', map { active() } 1 .. 110);

is(scalar(grep { $_ eq '200 ok' } @results), 110,
   'tokens that are active are not counted');

my $known = active();
@results = pipeline('192.0.2.2', $known, (map { fresh() } 1 .. 100), active(),
                    $known);

is(scalar(grep { $_ eq '401 inactive' } @results), 100,
   'an address may send so many others');
is($results[101], '429 too_many_bad', 'and then none that has to be asked about');
is($results[102], '200 ok', 'one that is known is let in');
is((pipeline('192.0.2.3', active()))[0], '200 ok',
   'and so is another address');


# -- what is kept and what is said of them

my $said = said($nginx);

unlike($said, qr/opaque\.\d/, 'no token is in the log');
unlike($said, qr/\Q$provider->{client_secret}\E/, 'nor is the secret');

$nginx->end;
done_testing();

#!/usr/bin/perl

# What comes back from the provider, and what may be wrong with it: each lie
# ends on a page with a reference that is in the log, and with no session.

use strict;
use warnings;

use lib 't/lib';

use MIME::Base64 qw(encode_base64);
use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $other = RT::Provider->new(client_id => 'other-gateway',
                              user => { sub => 'o-1',
                                        email => 'olga@example.org',
                                        email_verified => JSON::PP::true });
my $quiet = RT::Provider->new(discovery => {
    authorization_response_iss_parameter_supported => JSON::PP::false });

my $corp_block = signs_in($corp, 'corp', 'claims_from id_token userinfo;');
my $other_block = signs_in($other, 'other', 'redirect_uri /oidc/other;');
my $quiet_block = signs_in($quiet, 'quiet');

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], workers => 2,
                           ports => 2, level => 'debug', http => <<"EOT");
    rtauth_zone 8m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $other_block
    $quiet_block

    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;

        rtauth corp other;
        rtaudit main;
        rtaudit_level request;

        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;

        rtauth quiet;
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;

my $Login = '/oidc/login?rtauth_provider=corp&to=';

sub browser { return RT::Browser->new($nginx, port => $_[0] // 0) }


# he is not signed in, and is told so in a way that helps; the log says why

my %Status = (login_state => 400, login_refused => 403, login_failed => 502,
              provider_unavailable => 503);

sub fails {
    my ($browser, $answer, $reason, $what) = @_;

    is($answer->{status}, $Status{$reason}, $what);
    is($browser->cookie('__Host-rt'), undef, "$what: no session");
    is(location($answer), undef, "$what: no redirect");

    my ($reference) = $answer->{body} =~ m{<strong>([\w-]{6,64})</strong>};

    ok(defined $reference, "$what: there is a reference")
        or return diag($answer->{raw});

    like(line_of($reference), qr/\b$reason\b/, "$what: the log says why");
}


# of the error log; of login_state, which anybody can cause, there are but ten
# in ten seconds, and then the audit file has it

sub line_of {
    my $reference = shift;

    my ($line) = grep { /, reference \Q$reference\E/ }
        split /\n/, $nginx->log_text;

    return $line // $nginx->wait_for("the event of $reference", sub {
        (grep { /"reference":"\Q$reference\E"/ } split /\n/,
         RT::Nginx::slurp($nginx->dir . '/logs/audit.log'))[0];
    }) // "no line of $reference";
}


# a sign-in in which the provider lies

sub lied {
    my ($lies, $reason, $what) = @_;

    my $browser = browser;

    $corp->lie(%$lies);
    my $answer = $browser->walk($Login . '/x');
    $corp->honest;

    fails($browser, $answer, $reason, $what);
}


sub honest {
    my ($lies, $what) = @_;

    my $browser = browser;

    $corp->lie(%$lies);
    my $answer = $browser->walk($Login . '/x');
    $corp->honest;

    signed_in($answer, 'ann@example.com', $what);
}


# -- the provider's redirect

honest({}, 'an honest provider');

lied({ authorize => { json => { state => 'x' x 60 } } }, 'login_state',
     'another state');
lied({ authorize => { json => { state => undef } } }, 'login_state',
     'no state');
lied({ authorize => { json => { iss => 'http://127.0.0.1:1' } } },
     'login_state', 'another issuer');
lied({ authorize => { json => { iss => undef } } }, 'login_state',
     'no issuer, though one was promised');
lied({ authorize => { json => { code => undef } } }, 'login_state', 'no code');
lied({ authorize => { json => { code => '' } } }, 'login_state',
     'an empty code');
lied({ authorize => { append => "&$_" } }, 'login_state', "twice: $_")
    for qw(code=x state=x iss=x c%6fde=x);
lied({ authorize => { json => { code => 'x' x 5000 } } }, 'login_state',
     'a code of 5,000 bytes');
lied({ authorize => { json => { error => 'access_denied' } } }, 'login_state',
     'a code with an error');
lied({ authorize => { json => { code => undef, error => 'access_denied',
       error_description => 'not <b>you</b>' } } }, 'login_refused',
     'access denied');

{
    my $browser = browser;

    $corp->lie(authorize => { json => { code => undef, error => '<script>',
               error_description => '<script>alert(1)</script>' } });
    my $answer = $browser->walk($Login . '/x');
    $corp->honest;

    unlike($answer->{body}, qr/<script|alert/i,
           'the provider\'s words do not become HTML');
    like($answer->{head}, qr/^Content-Security-Policy: default-src 'none'/mi,
         'and the page could run none');
    like($answer->{head}, qr/^Cache-Control: .*no-store/mi,
         'no cache keeps it');
}


# -- whose answer is it?

{
    my $browser = browser;
    my $url = $browser->leaves($Login . '/x');
    my $back = HTTP::Tiny->new(max_redirect => 0)->get($url)
                   ->{headers}{location};
    my ($callback) = $back =~ m{^http://[^/]*(/.*)};

    my $stranger = browser;
    fails($stranger, $stranger->open($callback), 'login_state',
          'a browser without our cookie');

    $stranger = browser;
    $stranger->leaves($Login . '/y');
    fails($stranger, $stranger->open($callback), 'login_state',
          'a browser that signs in with another state');

    signed_in($browser->returns($back), 'ann@example.com',
              'the browser itself, after all of these');

    my $replay = $browser->open($callback);
    is($replay->{status}, 400, 'the same address again');
    signed_in($browser->open('/x'), 'ann@example.com',
              'does not sign out who is signed in');
}

{
    my $browser = browser;
    my $url = $browser->leaves($Login . '/x');
    my $back = HTTP::Tiny->new(max_redirect => 0)->get($url)
                   ->{headers}{location};
    my ($callback) = $back =~ m{^http://[^/]*(/.*)};
    my %jar = %{$browser->{jar}};

    $browser->returns($back);

    my $thief = browser;
    $thief->{jar} = { %jar };
    fails($thief, $thief->open($callback), 'login_state',
          'a code that was used, with the very cookie');
}


# the answer of one provider at the address of another (mix-up)

{
    my $browser = browser;
    my $url = $browser->leaves($Login . '/x');
    my $back = HTTP::Tiny->new(max_redirect => 0)->get($url)
                   ->{headers}{location};
    my ($query) = $back =~ /\?(.*)/;

    $other->forget;
    fails($browser, $browser->open("/oidc/other?$query"), 'login_state',
          'the answer of another provider');

    my $iss = RT::Provider::escape($other->issuer);
    fails($browser, $browser->open('/oidc/other?'
          . ($query =~ s/iss=[^&]*/iss=$iss/r)), 'login_state',
          'even when it names the issuer');
    is(scalar($other->asked('token')), 0, 'no code was shown to the other');
}


# without the promise of RFC 9207 the parameter may be absent, not wrong

{
    my $browser = browser(1);

    $quiet->lie(authorize => { json => { iss => undef } });
    signed_in($browser->walk('/oidc/login?to=/x'), 'ann@example.com',
              'no issuer, and none was promised');

    $browser = browser(1);
    $quiet->lie(authorize => { json => { iss => 'http://127.0.0.1:1' } });
    fails($browser, $browser->walk('/oidc/login?to=/x'), 'login_state',
          'another issuer, though none was promised');
}


# -- the token endpoint

my @answers = (
    ['invalid_client', { status => 401, body => '{"error":"invalid_client"}' }],
    ['HTML', { type => 'text/html', body => '<html>hello</html>' }],
    ['nothing', { body => '' }],
    ['an array', { body => '[]' }],
    ['half an answer', { body => '{"access_token":"x"' }],
    ['a redirect', { status => 302, headers => ['Location: /token'] }],
    ['no token_type', { json => { token_type => undef } }],
    ['another token_type', { json => { token_type => 'mac' } }],
    ['no access token', { json => { access_token => undef } }],
    ['an access token with a line feed', { json => {
        access_token => "a\nb" } }],
    ['no ID token', { json => { id_token => undef } }],
    ['a number for an ID token', { json => { id_token => 1 } }],
    ['two ID tokens', { body => '{"token_type":"Bearer","access_token":"a",'
                               . '"id_token":"b","id_token":"c"}' }],
);

lied({ token => $$_[1] }, 'login_failed', "the token endpoint gives $$_[0]")
    for @answers;

# it does not know the code, or not any more

lied({ token => { status => 400, body => '{"error":"invalid_grant"}' } },
     'login_state', 'the token endpoint gives an error');
lied({ token => { status => 400, body => '' } }, 'login_state',
     'the token endpoint gives an empty 400');

# a secret that was sent, and is said again there, is not in the log

sub refused_with {
    my ($browser, $words) = (browser, @_);

    my $back = HTTP::Tiny->new(max_redirect => 0)
                   ->get($browser->leaves($Login . '/x'))->{headers}{location};
    my ($code) = $back =~ /[?&]code=([^&]+)/;
    my $said = $words->($code);

    $corp->lie(token => { status => 401, body => '{"error":"invalid_client",'
                          . qq("error_description":"no: $said"}) });
    my $answer = $browser->returns($back);
    $corp->honest;

    is($answer->{status}, 502, 'a refusal with words');

    return grep { !/\[debug\]/ && index($_, "no: $said") >= 0 }
        split /\n/, $nginx->log_text;
}

ok(refused_with(sub { 'this one is over' }), 'the log has the words');
ok(!refused_with($$_[1]), "but not $$_[0]")
    for ['the code', sub { $_[0] }], ['a part of it', sub { substr $_[0], 2 }],
        ['the client\'s secret', sub { $corp->{client_secret} }],
        ['what is made of it', sub {
            encode_base64(join(':', @$corp{qw(client_id client_secret)}), '')
        }];

like($nginx->log_text, qr/invalid_client", with a secret in its words/,
     'which it says');

lied({ token => { body => '{"a":"' . 'x' x 2_000_000 . '"}' } },
     'provider_unavailable', 'the token endpoint gives 2 MB');
lied({ token => { status => 500, body => 'no' } }, 'provider_unavailable',
     'the token endpoint is ill');
lied({ token => { raw => '' } }, 'provider_unavailable',
     'the token endpoint hangs up');
lied({ token => { raw => "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}" } },
     'provider_unavailable', 'the token endpoint stops in the middle');

honest({ token => { json => { token_type => 'bEARER' } } },
       'token_type in another case');
honest({ token => { json => { expires_in => undef, refresh_token => undef,
                              scope => 'openid' } } },
       'no expires_in, no refresh token');


# -- the ID token

my $now = time;
my $issuer = $corp->issuer;

my @tokens = (
    ['another nonce', nonce => 'x' x 43],
    ['no nonce', nonce => undef],
    ['an empty nonce', nonce => ''],
    ['a list of nonces', nonce => ['x']],
    ['another issuer', iss => 'http://127.0.0.1:1'],
    ['an issuer with a slash behind', iss => "$issuer/"],
    ['no issuer', iss => undef],
    ['another audience', aud => 'else'],
    ['no audience', aud => undef],
    ['several audiences and no azp', aud => ['gateway', 'else']],
    ['several audiences, azp another', aud => ['gateway', 'else'],
     azp => 'else'],
    ['another azp', azp => 'else'],
    ['a number for azp', azp => 1],
    ['another at_hash', at_hash => 'x' x 22],
    ['an empty at_hash', at_hash => ''],
    ['no subject', sub => undef],
    ['an empty subject', sub => ''],
    ['a number for a subject', sub => 7],
    ['no iat', iat => undef],
    ['an iat in the future', iat => $now + 600],
    ['no exp', exp => undef],
    ['an exp in the past', exp => $now - 600],
    ['an nbf in the future', nbf => $now + 600],
    ['an auth_time in the future', auth_time => $now + 600],
    ['events', events => {}],
    ['no signature', -unsigned => 1],
    ['a key that nobody published', -key => 'rogue', -kid => 'rsa'],
    ['a shared secret', -key => 'oct', -kid => 'rsa'],
    ['the client secret\'s algorithm', -alg => 'HS256'],
    ['an unknown crit', -header => { crit => ['x'], x => 1 }],
    ['the type of a logout token', -header => { typ => 'logout+jwt' }],
    ['the type of an access token', -header => { typ => 'at+jwt' }],
);

for (@tokens) {
    my ($what, @claims) = @$_;
    lied({ id_token => { @claims } }, 'login_failed', "ID token: $what");
}

honest({ id_token => { at_hash => undef } }, 'ID token without at_hash');
honest({ id_token => { azp => 'gateway' } }, 'ID token with our azp');
honest({ id_token => { aud => ['gateway'] } }, 'ID token, a list of one');
honest({ id_token => { aud => ['gateway', 'else'], azp => 'gateway' } },
       'ID token, several audiences, our azp');
honest({ id_token => { -key => 'ec' } }, 'ID token with ES256');


# -- userinfo

my @infos = (
    ['another subject', { json => { sub => 'u-2' } }],
    ['no subject', { json => { sub => undef } }],
    ['HTML', { type => 'text/html', body => '<html>' }],
    ['a list', { body => '[]' }],
    ['a refusal', { status => 403, body => '{}' }],
    ['a subject twice', { body => '{"sub":"u-1","sub":"u-2"}' }],
);

lied({ userinfo => $$_[1] }, 'login_failed', "userinfo gives $$_[0]")
    for @infos;

honest({ userinfo => { json => { extra => 1 } } }, 'userinfo with more');


# -- methods, and other ways to come here

{
    my $browser = browser;
    my $answer = $browser->ask('POST', '/oidc/callback', body => 'code=a',
        headers => ['Content-Type: application/x-www-form-urlencoded']);

    like($answer->{status}, qr/^40[05]$/, 'a POST to the callback');
    is($browser->cookie('__Host-rt'), undef, 'signs nobody in');

    fails($browser, $browser->open('/oidc/callback'), 'login_state',
          'the callback without a query');
    fails($browser, $browser->open('/oidc/callback?' . 'a=b&' x 1900),
          'login_state', 'the callback with a query of 7 KB');
    fails($browser, $browser->open('/oidc/callback?code=%00&state=%0a'),
          'login_state', 'the callback with control characters');
}


# -- a session is made anew at each sign-in, and the old one is gone

{
    my $browser = browser;

    $browser->{jar}{'__Host-rt'} = 'A' x 43;
    $browser->walk($Login . '/x');
    isnt($browser->cookie('__Host-rt'), 'A' x 43,
         'a session that somebody put there is not taken up');

    my $old = $browser->cookie('__Host-rt');
    $browser->walk($Login . '/x');
    isnt($browser->cookie('__Host-rt'), $old, 'another sign-in, another id');

    my $thief = browser;
    $thief->{jar}{'__Host-rt'} = $old;
    is($thief->open('/x')->{status}, 302, 'the one before is worth nothing');
}

{
    my $browser = browser;
    my $answer = $browser->open('/oidc/login?rtauth_provider=corp&to=/x');

    $answer = $browser->follow($answer);    # at the provider
    $answer = $browser->follow($answer);    # the callback

    my %set = cookies($answer);

    like($set{'__Host-rt'} // '', qr/^__Host-rt=[\w-]{43};/,
         'the session cookie is 32 bytes');
    like($set{'__Host-rt'} // '', qr/; HttpOnly/i, 'no script reads it');
    like($set{'__Host-rt'} // '', qr/; Secure/i, 'it is Secure');
    like($set{'__Host-rt'} // '', qr/; SameSite=Lax/i, 'it is SameSite=Lax');
    like($set{'__Host-rt'} // '', qr/; Path=\/(;|$)/i, 'it has the path /');
    unlike($set{'__Host-rt'} // '', qr/; Domain/i, 'and no domain');
    like($answer->{head}, qr/^Cache-Control: .*no-store/mi,
         'no cache keeps the answer');
    like($set{'__Host-rt_l0'} // '', qr/; Max-Age=60(;|$)/i,
         'the cookie of the attempt is a mark for a minute');
}


# -- the provider is away

{
    my $browser = browser;
    my $url = $browser->leaves($Login . '/x');
    my $back = HTTP::Tiny->new(max_redirect => 0)->get($url)
                   ->{headers}{location};

    $corp->stop;
    fails($browser, $browser->returns($back), 'provider_unavailable',
          'the provider is away at the callback');
    $corp->resume;

    signed_in(browser->walk($Login . '/x'), 'ann@example.com',
              'and is back');
}


# -- a client that goes while the provider thinks

{
    my $browser = browser;
    my $url = $browser->leaves($Login . '/x');
    my $back = HTTP::Tiny->new(max_redirect => 0)->get($url)
                   ->{headers}{location};
    my ($callback) = $back =~ m{^http://[^/]*(/.*)};
    my $before = $corp->asked('token');

    $corp->hold('token');

    my $cookie = join '; ', map { "$_=$browser->{jar}{$_}" }
        keys %{$browser->{jar}};
    my $socket = $nginx->ask($callback, "Cookie: $cookie");

    $nginx->wait_for('the code at the provider',
                     sub { $corp->asked('token') > $before });
    close $socket;

    # somebody else is not held up

    is(browser->open('/x')->{status}, 302, 'others are served meanwhile');
    $corp->let_go('token');

    honest({}, 'and can sign in');
}


# -- what is in the files: no code, no state, no token

audited($nginx, 'LOGIN', 'the audit file says who signed in');
audited($nginx, 'LOGIN_FAILED', 'and who failed');

my $log = said($nginx);

my @secrets = map { @{$_->{form}}{qw(code code_verifier)} }
                  $corp->asked('token');
push @secrets, map { @{$_->{query}}{qw(state nonce)} }
                   $corp->asked('authorize');

is_deeply([grep { defined && length > 20 && index($log, $_) >= 0 } @secrets],
          [], 'no code, state, nonce or verifier is in a log');
unlike($log, qr/a secret of the client|a\.refresh-token|an\.access-token/,
       'and no secret or token');

$nginx->end;

done_testing;

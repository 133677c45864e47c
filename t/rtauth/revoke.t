#!/usr/bin/perl

# rtauth_revoke: a POST of the operator's ends tokens and sessions in every
# worker, and may be taken back; who may send it, and what it may say.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::SignIn;
use RT::State;


my $key = 'k' x 32;
my $next = 'n' x 32;

my $corp = RT::Provider->new(user => { sub => 'u-1',
                                       email => 'Ann@Example.com',
                                       email_verified => JSON::PP::true });
my $other = RT::Provider->new(client_id => 'other');

my $providers = signs_in($corp, 'corp', 'audience tools; leeway 0s;')
    . signs_in($other, 'other', 'redirect_uri /oidc/other; audience tools;
                                 leeway 20s; max_lifetime 1h;');

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], workers => 2,
                           main => $User, http => <<"EOT");
    rtauth_zone 1m state=%%DIR%%/state/revoked;
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;
    $providers
    proxy_set_header X-Email \$rtauth_claim_email;
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        location / { rtauth corp other; proxy_pass http://$App; }
        location = /revoke {
            rtauth off;
            rtauth_revoke key=data:$key key=data:$next;
        }
        location = /open { rtauth off; rtauth_revoke open; }
        location = /admin {
            rtauth corp other;
            rtauth_require claim role eq admin;
            rtauth_revoke;
        }
        location = /dry {
            rtauth corp other;
            rtauth_require claim role eq admin;
            rtauth_dry_run on;
            rtauth_revoke;
        }
    }
EOT

state_folder($nginx);
$nginx->start;

my $form = 'application/x-www-form-urlencoded';

sub revoke {
    my ($body, %opt) = @_;

    return $nginx->post($opt{uri} // '/revoke', $opt{type} // $form, $body,
        headers => [$opt{auth} // "Authorization: Bearer $key",
                    @{$opt{headers} // []}]);
}

sub told {
    my ($answer) = @_;
    return JSON::PP::decode_json($answer->{body} || '{}');
}

sub done {
    my ($body, $what) = @_;
    my $answer = revoke($body);

    is($answer->{status}, 200, "$what: 200");
    return told($answer);
}

sub bearer {
    return 'Authorization: Bearer '
           . RT::JWT::token(iss => $corp->issuer, -kid => undef,
                            exp => int(time) + 600, sub => 'u-1', email => undef,
                            @_);
}

sub results {
    my ($token) = @_;

    return join ' ', map {
        my $answer = $nginx->get('/x', headers => [$token]);
        my ($result) = $answer->{head} =~ /^X-Result: (\w*)/m;
        "$answer->{status} $result";
    } 1 .. 4;
}

my ($ok, $gone) = map { join ' ', ($_) x 4 } '200 ok', '401 revoked';

sub ask { return join '&', map { s/([^\w=.-])/sprintf '%%%02X', ord $1/ger } @_ }

my ($iss, $far) = map { ask('iss=' . $_->issuer) } $corp, $other;


# -- who may

is(revoke('sub=x', auth => 'X: y')->{status}, 401, 'without the key');
like(revoke('sub=x', auth => 'X: y')->{head}, qr/^WWW-Authenticate: Bearer/m,
     'which is said');
is(revoke('sub=x', auth => 'Authorization: Bearer ' . 'x' x 32)->{status}, 401,
   'with another one');
is(revoke('sub=x', auth => "Authorization: Bearer $key$key")->{status}, 401,
   'with a longer one');
is(revoke('sub=x&' . $iss, headers => ['Sec-Fetch-Site: cross-site'])
       ->{status}, 403, 'from another site');
is(revoke("sub=x&$iss", uri => '/open', auth => 'X: y',
          headers => ['Origin: https://evil.example'])->{status}, 403,
   'from another origin, where anybody may');
is(revoke("sub=x&$iss", uri => '/admin', auth => bearer(iat => time))
       ->{status}, 403, 'a user who is no admin');
is(revoke("sub=nobody&$iss", uri => '/admin',
          auth => bearer(iat => time, role => 'admin', sub => 'boss'))
       ->{status}, 200, 'an admin');
for my $who ('X: y', bearer(iat => time)) {
    is(revoke("sub=nobody&$iss", uri => '/dry', auth => $who)->{status}, 403,
       'a dry run lets nobody in here');
}
is(revoke("sub=nobody&$iss", uri => '/dry',
          auth => bearer(iat => time, role => 'admin', sub => 'boss'))
       ->{status}, 200, 'but an admin');
is(revoke("sub=nobody2&$iss", uri => '/open', auth => 'X: y')->{status}, 200,
   'anybody, where it is open');
is(revoke("sub=nobody3&$iss", auth => "Authorization: bearer $next")
       ->{status}, 200, 'the other key');


# -- what it says

for my $bad (
    ['GET' => 405, sub { $nginx->get('/revoke') }],
    ['a GET of HTTP that has a body' => 405, sub {
        $nginx->request('GET', '/revoke', body => "sub=x&$iss") }],
    ['another type' => 415, sub { revoke('{"sub":"x"}',
                                         type => 'application/json') }],
    ['another charset' => 415, sub { revoke("sub=x&$iss",
        type => 'application/x-www-form-urlencoded; charset=utf-16') }],
    ['an encoding' => 415, sub { revoke("sub=x&$iss",
                                  headers => ['Content-Encoding: gzip']) }],
    ['a long body' => 413, sub { revoke('sub=' . 'x' x 9000) }],
    ['a long body in chunks' => 413, sub { RT::Nginx::parse($nginx->raw(
        "POST /revoke HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . "Authorization: Bearer $key\r\nContent-Type: $form\r\n"
        . "Transfer-Encoding: chunked\r\n\r\n2800\r\n" . 'x' x 0x2800
        . "\r\n0\r\n\r\n")) }, 'html'],
    ['a long value' => 400, sub { revoke("$iss&sub=" . 'x' x 1025) }],
    map { my $body = $_; [$body => 400, sub { revoke($body) }] }
        '', 'sub=', "sub=x&sub=x&$iss", "sub=x&jti=y&$iss", "user=x&$iss",
        'sub=x', 'sid=x', 'jti=x', 'sub=x&iss=https%3A%2F%2Felse',
        "sub=x%zz&$iss", "sub=x%00&$iss", "sub=%ff&$iss", "sub=x&$iss&undo=0",
        "jti=x&$iss&before=now", "sub=x&$iss&before=99999999999",
        "sub=x&$iss&before=-1", "sub=x&$iss&before=soon", 'undo=1',
        "sub=x&$iss&" . join('&', map { "a$_=1" } 1 .. 9),
) {
    my ($what, $status, $make, $html) = @$bad;
    my $answer = $make->();

    is($answer->{status}, $status, "$what: $status");
    next if $html;
    ok(length(told($answer)->{error}), "$what: says why");
    like($answer->{head}, qr/^Cache-Control: no-store/m, "$what: is not kept");
}

like($nginx->get('/revoke')->{head}, qr/^Allow: POST/m, 'a GET is told of POST');


# -- tokens

my $now = int time;
my %token = (
    old  => bearer(iat => $now - 60, sid => 's-1', jti => 'j-1',
                   email => 'ANN@example.com',
                   email_verified => JSON::PP::true),
    none => bearer(iat => undef),
    bob  => bearer(iat => $now - 60, sub => 'u-2'),
    nil  => bearer(iat => undef, sub => 'u-2'),
    far  => bearer(iss => $other->issuer, iat => $now - 60, sid => 's-1',
                   jti => 'j-1', email => 'ann@example.com',
                   email_verified => JSON::PP::false),
);

sub verdicts {
    my ($what, %is) = @_;

    for my $name (sort keys %token) {
        is(results($token{$name}), $is{$name} // $ok, "$what: $name");
    }
}

verdicts('nothing');

my $answer = done("sub=u-1&$iss", 'sub');
ok($answer->{revoked} && $answer->{before} >= $now
   && $answer->{until} > $answer->{before}, 'the answer says until when');
verdicts('sub', old => $gone, none => $gone);

is(told(revoke("sub=u-1&$iss&undo=1"))->{revoked}, JSON::PP::false, 'undone');
verdicts('undone');
is(revoke("sub=u-1&$iss&undo=1")->{status}, 404, 'and not twice');

done("sub=u-1&$iss", 'again at once');
verdicts('again', old => $gone, none => $gone);
done("sub=u-1&$iss&undo=1", 'and undone');

for my $by (['sid=s-1', 'old'], ['jti=j-1', 'old']) {
    my ($what, $who) = @$by;

    for my $round (1, 2) {
        done("$what&$iss", $what);
        verdicts("$what, $round", $who => $gone);
        done("$what&$iss&undo=1", "$what undone");
    }

    verdicts("$what undone");
}

done('email=Ann@EXAMPLE.com', 'email of any issuer');
verdicts('an email, verified or not', old => $gone, far => $gone);
done('email=ann@example.com&undo=1', 'email undone');
done("email=ann\@example.com&$far", 'email of another issuer');
verdicts('an email of another issuer', far => $gone);
done("email=ann\@example.com&$far&undo=1", 'email undone');

done("sub=u-2&$iss&before=" . ($now - 100), 'what is older');
verdicts('before its time', nil => $gone);
done("sub=u-2&$iss&before=" . ($now - 60), 'what is as old');
verdicts('at its time', bob => $gone, nil => $gone);
done("sub=u-2&$iss&before=" . ($now - 100), 'an older one');
verdicts('which changes nothing', bob => $gone, nil => $gone);
done("sub=u-2&$iss&undo=1", 'undone');
verdicts('undone');


# -- all of an issuer, and everybody

done("before=now&$far", 'an issuer');
verdicts('an issuer', far => $gone);
is(results(bearer(iss => $other->issuer, iat => time + 15)), $gone,
   'a token of a clock that is ahead is not newer than it may be');
done("before=now&$far&undo=1", 'undone');

my $browser = RT::Browser->new($nginx);
my $login = '/oidc/login?to=/x&rtauth_provider=corp';
signed_in($browser->walk($login), 'Ann@Example.com', 'ann is signed in');

done('before=now', 'everybody');
verdicts('everybody', map { $_ => $gone } keys %token);
is($browser->open('/x')->{status}, 302, 'a session too');

ok($nginx->wait_for('the next second', sub {
    signed_in_again();
}), 'who signs in again is let in');

sub signed_in_again {
    my $again = RT::Browser->new($nginx);
    return 0 if !defined seen($again->walk($login));
    return defined seen($again->open('/x'));
}

is(results(bearer(iat => time, sub => 'u-9')), $ok,
   'and so is a token that is newer');
done('before=now&undo=1', 'undone');
verdicts('undone');


# -- a session, by who it is

for my $by (['sub=u-1', $iss], ['sid=sid-' . $corp->port, $iss],
            ['email=ann@example.com', '']) {
    my ($what, $of) = @$by;

    $browser = RT::Browser->new($nginx);
    ok($nginx->wait_for('a session', sub {
        defined seen($browser->walk($login))
    }), "$what: a session");

    my $other_browser = RT::Browser->new($nginx);
    signed_in($other_browser->walk($login =~ s/corp/other/r),
              'ann@example.com', "$what: one at another provider");

    done("$what&$of", $what);
    is($browser->open('/x')->{status}, 302, "$what: ends it");
    is(defined seen($other_browser->open('/x')) ? 1 : 0,
       $what =~ /^email/ ? 0 : 1, "$what: of this provider")
        if $what !~ /^email/;
    done("$what&$of&undo=1", "$what: undone");
    ok(defined seen($browser->open('/x')), "$what: and it is there again");
}

audited($nginx, 'REVOKE', 'an event of a revocation');
audited($nginx, 'REVOKE_UNDONE', 'and of one that was taken back');

# whom each was about

my %about;

for (RT::Nginx::slurp($nginx->dir . '/logs/audit.log') =~ /^(.*)$/mg) {
    my $event = JSON::PP::decode_json($_);
    my $said = $event->{metadata}{rtauth};
    $about{$said->{targetKind}}{$said->{target} // ''} = 1
        if $event->{actionType} =~ /^REVOKE/;
}

is_deeply([sort keys %about], [qw(email everybody jti sid sub)],
          'events say what each was about');
ok($about{sub}{'u-1'} && $about{everybody}{''}, 'and whom');

my $out = $nginx->log_text
          . RT::Nginx::slurp($nginx->dir . '/logs/audit.log');
unlike($out, qr/$key|$next/, 'the key is nowhere');


# -- a zone that is full

my ($n, $last) = (0);

while ($n++ < 2000) {
    $last = revoke("sub=full-$n&$iss")->{status};
    last if $last != 200;
}

is($last, 507, 'a full zone answers 507');
is(revoke("sub=full-1&$iss")->{status}, 200, 'and takes what it knows');
is(results(bearer(sub => "full-$n", iat => $now)), $ok,
   'whom it did not take is let in');
is(results(bearer(sub => 'full-1', iat => $now)), $gone, 'others are not');

# -- who guesses, last: all here have one address; one connection is one worker

sub guesses {
    my ($last) = @_;
    my $post = "POST /revoke HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Type: $form\r\nContent-Length: 5\r\n%s"
        . "Authorization: Bearer %s\r\n\r\nsub=x";

    my $out = $nginx->raw(sprintf($post, '', 'y' x 32) x 40
                          . sprintf($post, "Connection: close\r\n", $last));

    return split /(?=HTTP\/1\.1 \d)/, $out;
}

my @told = guesses($key);
my @asked = grep { /^HTTP\/1\.1 401/ && /^WWW-Authenticate: Bearer\r$/m } @told;
my @waits = grep { /^HTTP\/1\.1 429/ && /^Retry-After: 1\r$/m } @told;

cmp_ok(scalar @asked, '<=', 20, 'some wrong keys are compared');
cmp_ok(scalar @waits, '>', 0, 'who guesses on has to wait');
ok($nginx->wait_for('429', sub {
    @told = guesses($key);
    $told[39] =~ /^HTTP\/1\.1 429/
}), 'until the second is over');
unlike($told[40], qr/^HTTP\/1\.1 4(?:01|29)/, 'the right key is heard meanwhile');

$nginx->end('QUIT');


# -- at start

for my $bad (
    ['nobody to guard it', 'rtauth_revoke;',
     qr/anybody could use "rtauth_revoke": write "rtauth NAME"/],
    ['rtauth without a requirement', 'rtauth corp; rtauth_revoke;',
     qr/anybody could use "rtauth_revoke"/],
    ['a key and rtauth', "rtauth corp; rtauth_revoke key=data:$key;",
     qr/the "key=" of "rtauth_revoke" would be taken for a token/],
    ['a short key', 'rtauth_revoke key=data:short;',
     qr/invalid key in "rtauth_revoke": write a secret of at least 32/],
    ['three keys', 'rtauth_revoke' . " key=data:$key" x 3 . ';',
     qr/invalid number of keys in "rtauth_revoke"/],
    ['another word', 'rtauth_revoke closed;',
     qr/invalid value "closed" in "rtauth_revoke"/],
    ['open and a key', "rtauth_revoke open key=data:$key;",
     qr/invalid value "open" in "rtauth_revoke"/],
    ['twice', 'rtauth_revoke open; rtauth_revoke open;',
     qr/"rtauth_revoke" directive is duplicate/],
    ['no state', 'rtauth_revoke open;',
     qr/a restart would forget what "rtauth_revoke" has revoked/],
) {
    my ($what, $line, $says) = @$bad;

    my $try = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
        rtauth_zone 1m;
        $providers
        server {
            listen 127.0.0.1:%%PORT0%%;
            server_name localhost;
            location = /revoke { $line }
        }
EOT
    my ($rc, $text) = $try->try;

    isnt($rc, 0, "$what: nginx does not start");
    like($text, $says, "$what: and says why");
}

done_testing();

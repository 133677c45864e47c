#!/usr/bin/perl

# rtauth_require acr, amr, auth_age: who does not meet one is sent to sign in
# again, once, and comes back to where he was; an API is told what is asked.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::JWT;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $other = RT::Provider->new(client_id => 'other-gateway');

my $strict = RT::Provider->new(client_id => 'strict-gateway', discovery => {
    claims_parameter_supported => JSON::PP::true });
my $own = RT::Provider->new(client_id => 'own-gateway', discovery => {
    claims_parameter_supported => JSON::PP::true });

my $corp_block = signs_in($corp, 'corp', 'audience tools;
    extra_auth_args acr_values=cheap resource=a resource=b;');
my $other_block = signs_in($other, 'other', 'redirect_uri /oidc/other;');

my $strict_block = signs_in($strict, 'strict', 'redirect_uri /oidc/strict;
    extra_auth_args acr_values=cheap resource=a;');
my $own_block = signs_in($own, 'own', 'redirect_uri /oidc/own;
    extra_auth_args \'claims={"userinfo":{"groups":null}}\';');

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2, ports => 4,
                           level => 'info', http => <<"EOT");
    rtauth_zone 8m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $other_block
    $strict_block
    $own_block
    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;

        location / { proxy_pass http://$App; }
        location /acr/ {
            rtauth_require acr 2fa phr;
            proxy_pass http://$App;

            location /acr/fresh/ {
                rtauth_require auth_age 15m;
                rtauth_require auth_age 1h;
                proxy_pass http://$App;
            }
            location /acr/off/ { rtauth_require off; proxy_pass http://$App; }
        }
        location /same/ { rtauth_require acr 2fa phr; proxy_pass http://$App; }
        location /amr/ { rtauth_require amr otp hwk; proxy_pass http://$App; }
        location /age/ { rtauth_require auth_age 15m; proxy_pass http://$App; }
        location /jose/ {
            rtauth_require jose typ present;
            proxy_pass http://$App;
        }
        location /jose/ne/ {
            rtauth_require off;
            rtauth_require jose typ ne x;
            proxy_pass http://$App;
        }
        location /tenant/ {
            rtauth_require acr 2fa;
            rtauth_require claim tenant eq acme;
            proxy_pass http://$App;
        }
        location /plain401/ {
            rtauth_require acr plain error=401;
            proxy_pass http://$App;
        }
        location /never/ {
            rtauth_login never;
            rtauth_require acr 2fa;
            proxy_pass http://$App;
        }
        location /either/ {
            satisfy any;
            deny all;
            rtauth_require acr 2fa;
            proxy_pass http://$App;
        }
        location /asks/ { rtauth off; auth_request /asked;
            proxy_pass http://$App; }
        location = /asked { internal; rtauth_require acr 2fa;
            proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;
        rtauth corp other;

        location / { proxy_pass http://$App; }
        location /acr/ { rtauth_require acr 2fa; proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        server_name localhost;
        rtauth strict;

        location / { proxy_pass http://$App; }
        location /acr/ { rtauth_require acr 2fa phr; proxy_pass http://$App; }
        location /odd/ {
            rtauth_require acr urn:x:a%b '{c},d';
            proxy_pass http://$App;
        }
        location /age/ { rtauth_require auth_age 15m; proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT3%%;
        server_name localhost;
        rtauth own;

        location /acr/ { rtauth_require acr 2fa phr; proxy_pass http://$App; }
    }
EOT

$nginx->start;

# somebody who has signed in, in a way of this kind

sub somebody {
    my ($claims, $port, $login) = @_;

    my $browser = RT::Browser->new($nginx, port => $port // 0);

    ($port ? $other : $corp)->lie(id_token => $claims || {});
    my $answer = $browser->walk($login // '/oidc/login?to=/');
    ($port ? $other : $corp)->honest;

    signed_in($answer, 'ann@example.com', 'he is signed in');

    return $browser;
}


# he opens a page and is sent to the provider: what that is asked; and when he
# is back

sub steps {
    my ($browser, $path, $claims, $what) = @_;

    my $url = $browser->leaves($path);

    ok(defined $url, "$what: he is sent to the provider")
        or return ({}, { body => '', head => '', raw => '' });

    $corp->lie(id_token => $claims);
    my $answer = $browser->returns($url);
    $corp->honest;

    return (arguments($url), $answer);
}

sub refused {
    my ($answer, $what) = @_;

    is($answer->{status}, 403, "$what: he is refused");
    is(location($answer), undef, "$what: and sent nowhere");
}

sub challenge { ($_[0]{head} =~ /^WWW-Authenticate: *(.*?)\r?$/mi)[0] // '' }


# -- acr

my $browser = somebody({ acr => '1fa' });
my $old = $browser->cookie('__Host-rt');
my $answer = $browser->open('/acr/x?y=1&z=%20');

is($answer->{status}, 302, 'acr: a page is a redirect');
like(location($answer), qr{^/oidc/login\?to=%2Facr%2Fx%3Fy%3D1%26z%3D%2520&},
     'acr: to where one signs in, with the address');
like($answer->{head}, qr/^Cache-Control: .*no-store/mi, 'acr: for no cache');

my ($asked, $back) = steps($browser, '/acr/x?y=1&z=%20', { acr => 'phr' },
                           'acr');

is($asked->{acr_values}, '2fa phr', 'acr: the provider is asked for them');
is($asked->{max_age}, undef, 'acr: and for no age');
is($asked->{prompt}, undef, 'acr: nor for more');
signed_in($back, 'ann@example.com', 'acr: he is in');
is($browser->path, '/acr/x?y=1&z=%20', 'acr: where he was');
isnt($browser->cookie('__Host-rt'), $old, 'acr: with another session');
signed_in($browser->open('/same/'), 'ann@example.com',
          'acr: and nobody asks him again');

# who signed in showed no token here: whatever is asked of one does not hold

refused($browser->open('/jose/'), 'jose: a session');
refused($browser->open('/jose/ne/'), 'jose: a session, negated');


# asked for in vain: never a loop

$browser = somebody({ acr => '1fa' });
(undef, $back) = steps($browser, '/acr/', { acr => '1fa' }, 'in vain');
refused($back, 'in vain');
refused($browser->open('/acr/'), 'once more');
refused($browser->open('/same/'), 'the same elsewhere');
like($nginx->log_text,
     qr/"rtauth_require acr 2fa phr" in \S+ does not hold: the token has "1fa"/,
     'the log says what came');

signed_in($browser->open('/'), 'ann@example.com', 'he is signed in yet');

($asked, $back) = steps($browser, '/amr/', { amr => ['pwd', 'otp'] },
                        'something else');
is($asked->{prompt}, 'login', 'it is asked for all the same');
signed_in($back, 'ann@example.com', 'and had');


# whom nobody knew: asked for at once, with one visit to the provider

$corp->forget;
$browser = RT::Browser->new($nginx);
($asked, $back) = steps($browser, '/acr/x', { acr => '2fa' }, 'a stranger');
is($asked->{acr_values}, '2fa phr', 'a stranger: the provider is asked');
signed_in($back, 'ann@example.com', 'a stranger: he is in');
is(scalar $corp->asked('authorize'), 1, 'a stranger: after one visit');

$browser = RT::Browser->new($nginx);
(undef, $back) = steps($browser, '/acr/x', {}, 'a stranger in vain');
refused($back, 'a stranger in vain');


# -- amr: an array, or a string; a part of one is none

$browser = somebody({ amr => ['pwd'] });
($asked, $back) = steps($browser, '/amr/', { amr => 'hwk' }, 'amr');
is($asked->{prompt}, 'login', 'amr: he is to sign in anew');
is($asked->{acr_values}, 'cheap', 'amr: extra_auth_args are said');
signed_in($back, 'ann@example.com', 'amr: one way as a string');

for my $amr (['otp2'], 'otp hwk', [['otp']], { otp => 1 }, 7, []) {
    (undef, $back) = steps(somebody({}), '/amr/', { amr => $amr },
                           'another amr');
    refused($back, 'another amr');
}


# -- auth_age

$browser = somebody({ auth_time => time - 1000 });
($asked, $back) = steps($browser, '/age/', { auth_time => time - 800 }, 'age');
is($asked->{max_age}, 900, 'age: the provider is asked for it');
is($asked->{prompt}, undef, 'age: and decides itself');
signed_in($back, 'ann@example.com', 'age: a younger sign-in');
signed_in($browser->open('/age/y'), 'ann@example.com', 'age: is good');

for my $time (time - 1000, undef, 0) {
    my $name = 'auth_time ' . ($time // 'absent');

    (undef, $back) = steps(somebody({ auth_time => undef }), '/age/',
                           { auth_time => $time }, $name);
    refused($back, $name);
}

$browser = somebody({ acr => '1fa', auth_time => time - 1000 });
($asked, $back) = steps($browser, '/acr/fresh/',
                        { acr => '2fa', auth_time => time }, 'both');
is($asked->{acr_values}, '2fa phr', 'both: acr of the outer location');
is($asked->{max_age}, 900, 'both: and the least age');
signed_in($back, 'ann@example.com', 'both: he is in');
signed_in(somebody({})->open('/acr/off/'), 'ann@example.com',
          'rtauth_require off drops it');


# -- what another sign-in cannot mend goes first

$browser = somebody({ acr => '1fa' });
refused($browser->open('/tenant/'), 'another tenant');
like($nginx->log_text, qr/"rtauth_require claim tenant eq acme" in/,
     'which is what the log says');

$browser = somebody({ acr => '1fa' });
(undef, $back) = steps($browser, '/plain401/', {}, 'error=401');
is($back->{status}, 401, 'error=401: the answer in the end');
is(location($back), undef, 'error=401: which leads nowhere');


# -- who does not open a page is told (RFC 9470)

my $says = 'Bearer realm="corp", error="insufficient_user_authentication", '
           . 'error_description="a stronger or a more recent sign-in is '
           . 'required"';

sub told {
    my ($answer, $more, $what) = @_;

    is($answer->{status}, 401, "$what: 401");
    is(challenge($answer), $says . $more, "$what: and what is asked for");
    is(location($answer), undef, "$what: no redirect");
}

$browser = somebody({ acr => '1fa', auth_time => time - 1000 });

my @script = (headers => ['Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty',
                          'Sec-Fetch-Site: same-origin', 'Accept: */*']);

told($browser->ask('GET', '/acr/', @script), ', acr_values="2fa phr"',
     'a script');
told($browser->ask('GET', '/age/', @script), ', max_age="900"', 'its age');
told($browser->ask('GET', '/acr/fresh/', @script),
     ', acr_values="2fa phr", max_age="900"', 'both');
told($browser->ask('GET', '/amr/', @script), '', 'amr cannot be asked for');
told($browser->ask('POST', '/acr/', body => 'a=b', headers =>
     ['Sec-Fetch-Site: same-origin', 'Accept: text/html']),
     ', acr_values="2fa phr"', 'a form');
told($browser->open('/never/'), ', acr_values="2fa"', 'rtauth_login never');
told($browser->open('/asks/'), ', acr_values="2fa"', 'auth_request');

sub shows {
    my ($path, %claims) = @_;

    return $nginx->get($path, headers => [
        'Accept: text/html', 'Authorization: Bearer '
        . token(iss => $corp->issuer, email_verified => JSON::PP::true,
                %claims)]);
}

told(shows('/acr/', acr => '1fa'), ', acr_values="2fa phr"', 'a token');
told(shows('/acr/', acr => ['2fa']), ', acr_values="2fa phr"',
     'an acr of another type');
told(shows('/age/'), ', max_age="900"', 'a token without auth_time');
told(shows('/age/', auth_time => time - 1000), ', max_age="900"', 'an old one');
told(shows('/age/', auth_time => time + 1000), ', max_age="900"',
     'one of tomorrow');
told(shows('/amr/'), '', 'a token without amr');

signed_in(shows('/acr/', acr => '2fa'), 'ann@example.com', 'a good token');
signed_in(shows('/age/', auth_time => time - 10), 'ann@example.com',
          'a young one');
signed_in(shows('/amr/', amr => ['hwk']), 'ann@example.com', 'one with amr');


# -- satisfy any: sent there when nobody else lets him in

$browser = somebody({ acr => '1fa' });
$answer = $browser->open('/either/');
is($answer->{status}, 302, 'satisfy any: he is sent to sign in');
like(location($answer), qr{^/oidc/login\?to=%2Feither%2F&stepup=\d+$},
     'satisfy any: with what is asked for');


# -- what is said to login_uri can ask for what is configured, or nothing

for my $number (0, -1, 99, 256, '1x', 'x', '', '99999999999999999999',
                '1&stepup=2')
{
    my $url = RT::Browser->new($nginx)
        ->leaves("/oidc/login?to=/&stepup=$number");
    my $asked = arguments($url);

    is($asked->{acr_values}, 'cheap', "stepup=$number: nothing is asked for");
    is($asked->{max_age}, undef, "stepup=$number: no age");
}

my $url = RT::Browser->new($nginx)->leaves('/oidc/login?to=/&stepup=1'
    . '&acr_values=evil&max_age=99999999&prompt=none&acr=evil');

unlike($url, qr/evil|9999|none/, 'nothing of a client is said to the provider');
is(scalar(() = $url =~ /[?&]acr_values=/g), 1, 'and nothing twice');
is(scalar(() = $url =~ /[?&]resource=/g), 2, 'but what is configured so');


# -- two providers: his own is asked, not the chooser

$browser = somebody({ acr => '1fa' }, 1,
                    '/oidc/login?to=/&rtauth_provider=other');
delete $browser->{jar}{'__Host-rt_p'};
$answer = $browser->open('/acr/');
like(location($answer), qr/[?&]rtauth_provider=other(&|$)/,
     'the provider that signed him in');
like($browser->leaves('/acr/'), qr/^\Q@{[$other->issuer]}\E\//, 'is asked');

$browser = RT::Browser->new($nginx, port => 1);
$answer = $browser->on($browser->open('/acr/'));
like($answer->{body}, qr/rtauth_provider=other&amp;to=%2Facr%2F&amp;stepup=\d/,
     'a choice keeps what is asked for');



# -- a provider that takes "claims": asked for as essential (OpenID Connect
# Core 1.0, 5.5.1.1), never together with acr_values, whose own in
# extra_auth_args gives way

sub essential { return { id_token => { acr => { essential => JSON::PP::true,
                                                values => [@_] } } } }

sub strictly {
    my ($browser, $path, $claims) = @_;

    my $url = $browser->leaves($path);
    $strict->lie(id_token => $claims);
    my $answer = $browser->returns($url);
    $strict->honest;

    return ($url, arguments($url), $answer);
}

$browser = RT::Browser->new($nginx, port => 2);
($url, $asked, $back) = strictly($browser, '/acr/x', { acr => 'phr' });

is_deeply(JSON::PP::decode_json($asked->{claims}), essential(qw(2fa phr)),
          'claims: an essential acr, and each of its values');
unlike($url, qr/acr_values/, 'claims: and not as a wish, too');
is($asked->{resource}, 'a', 'claims: beside the other arguments');
signed_in($back, 'ann@example.com', 'claims: a stranger is in');

$browser = RT::Browser->new($nginx, port => 2);
strictly($browser, '/', { acr => '1fa' });
($url, $asked, $back) = strictly($browser, '/acr/x', { acr => '1fa' });
is_deeply(JSON::PP::decode_json($asked->{claims}), essential(qw(2fa phr)),
          'claims: who is signed in, too');
refused($back, 'claims: an answer with another acr');

($url, $asked) = strictly($browser, '/odd/', { acr => '1fa',
                                               auth_time => time - 1000 });
is_deeply(JSON::PP::decode_json($asked->{claims}),
          essential('urn:x:a%b', '{c},d'), 'claims: escaped');

($url, $asked) = strictly($browser, '/age/', {});
is($asked->{claims}, undef, 'claims: an age is none');
is($asked->{acr_values}, 'cheap', 'claims: then extra_auth_args are said');

# the provider does not reach it, and says so

$strict->lie(authorize => { json => { code => undef,
                            error => 'unmet_authentication_requirements' } });
$browser = RT::Browser->new($nginx, port => 2);
$back = $browser->returns($browser->leaves('/acr/x'));
$strict->honest;
is($back->{status}, 403, 'claims: an acr that cannot be had');
like($nginx->log_text, qr/it says "unmet_authentication_requirements"/,
     'claims: as the log says');

$asked = arguments(RT::Browser->new($nginx, port => 3)->leaves('/acr/x'));
is($asked->{claims}, '{"userinfo":{"groups":null}}',
   'claims of extra_auth_args stay');
is($asked->{acr_values}, '2fa phr', 'and the acr goes by its other name');


$nginx->end;


# -- mistakes

my $bad = RT::Nginx->new(modules => ['rtauth']);
my $http = "rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
                           jwks_file $RT::Top/t/data/keys/jwks.json; }
    server { listen 127.0.0.1:%%PORT0%%; rtauth corp;";

for (['acr', 'write "claim PATH OP VALUE"'],
     ['acr "a b"', 'invalid value "a b" in "rtauth_require": write a word'],
     ['acr ""', 'invalid value "" in "rtauth_require": write a word'],
     ['acr a\\"b', 'write a word of ASCII, without quotes'],
     ['acr $arg_a', 'write a word of ASCII, without quotes, blanks and vari'],
     ['amr a $arg_a', 'write a word of ASCII, without quotes, blanks and vari'],
     ['auth_age 30s', 'write one time from 1m to 365d'],
     ['auth_age 366d', 'write one time from 1m to 365d'],
     ['auth_age soon', 'write one time from 1m to 365d'],
     ['auth_age 5m 6m', 'write one time from 1m to 365d'],
     ['acr ' . 'x' x 1024, 'are longer than 1024 bytes, write fewer'])
{
    $bad->blames($_->[1], http => "$http
        rtauth_require $_->[0];  # here
    }");
}

my $many = join ' ', map { "location /$_ { rtauth_require acr a$_; }" } 1 .. 255;

($http) = "$http location / { rtauth off; }";
$bad->{http} = "$http $many }";
is(($bad->try)[0], 0, 'so many different ones') or diag(($bad->try)[1]);
$bad->{http} = "$http $many location /256 { rtauth_require acr b; } }";
like(($bad->try)[1], qr/more than 255 different sets of/, 'and no more');

done_testing();

#!/usr/bin/perl

# Sessions, Redis, origins and what else a server says about signing in: each error names directive, line and mend.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 2);

sub secret {
    my ($name, $text) = @_;
    chmod 0600, $nginx->file($name, $text);
}

secret('secret', "s3cret\n");
secret('key', 'k' x 32 . "\n");
secret('old', 'o' x 32 . "\n");
secret('short', 's' x 31 . "\n");

$nginx->file('pages/signed_out.html', "<p>bye</p>\n");
$nginx->file('empty/signout.html', "<p>bye</p>\n");
$nginx->file('bad/failed.html', "<p>\n{{message}}</p>\n<script></script>\n");
chmod 0666, $nginx->file('open/away.html', "<p>later</p>\n");

my $lines = 'issuer http://127.0.0.1:%%PORT1%%; client_id web;'
            . ' client_secret file:%%DIR%%/secret;';

my $corp = "rtauth_zone 1m;\nrtauth_provider corp { $lines }\n";
my $plain = "rtauth_zone 1m;\nrtauth_provider corp {"
            . " issuer a; audience b; jwks_file $RT::Top/t/data/keys/jwks.json; }\n";
my $name = 'server_name tools.example.com;';
my $key = 'key=file:%%DIR%%/key';

sub server { "server { listen 127.0.0.1:%%PORT0%%;\n" . join("\n", @_) . "\n}\n" }
sub session { "rtauth_session @_;  # here\n" }
sub redis { "rtauth_redis r {\n" . join("\n", @_) . "\n}\n" }


my @cases = (

    # rtauth_session

    '"rtauth_session" directive is duplicate' =>
        "rtauth_session idle=1m;\n" . session('idle=1m'),
    'invalid option "ttl=1h" in "rtauth_session": write store=, cookie=' =>
        session('ttl=1h'),
    'invalid option "idle=" in "rtauth_session": write a value' =>
        session('idle='),
    'invalid parameter "idle=" in "rtauth_session": write it once' => session('idle=1m idle=2m'),
    'invalid store "file" in "rtauth_session": write zone, cookie or redis' =>
        session('store=file'),
    'invalid store "redis:" in "rtauth_session"' => session('store=redis:'),
    'invalid time "0" in "rtauth_session": write one from 1s to 366d' =>
        session('idle=0'),
    'invalid time "367d" in "rtauth_session"' => session('absolute=367d'),
    'invalid time "soon" in "rtauth_session"' => session('recheck=soon'),
    '"idle=" of "rtauth_session" is longer than "absolute=", 3600 against 60' =>
        session('absolute=1m'),
    'invalid samesite "Lax" in "rtauth_session": write lax, strict or none' =>
        session('samesite=Lax'),
    'invalid secure "no" in "rtauth_session": write on or off' =>
        session('secure=no'),
    'the key of "rtauth_session" does not say where it comes from' =>
        session('key=' . 'k' x 32),
    'invalid key in "rtauth_session": write at least 32 characters there' =>
        session('key=file:%%DIR%%/short'),
    'two "key=" of "rtauth_session" are one key, leave one of them out' =>
        session("$key $key"),
    '"rtauth_session" has more than 8 "key=", leave the oldest out' =>
        session(map { secret("k$_", "$_" x 32); "key=file:%%DIR%%/k$_" } 1 .. 9),
    'keeps sessions outside of nginx and has no key for them: write "key=' =>
        session('store=cookie'),
    'keeps sessions outside of nginx and has no key for them' =>
        session('store=redis:r'),
    'unknown "store=redis:x" in "rtauth_session": write "rtauth_redis x' =>
        session("store=redis:x $key") . server(),

    # a cookie that browsers would not keep

    'invalid cookie "__Host-rt" in "rtauth_session": mend cookie=, secure=' =>
        session('domain=example.com'),
    'for it begins with __Host-, and' => session('path=/app'),
    'for it begins with __Host-' => session('secure=off'),
    'invalid cookie "__Secure-rt" in "rtauth_session"' =>
        session('cookie=__Secure-rt secure=off'),
    'invalid cookie "r t" in "rtauth_session"' => session('"cookie=r t"'),
    'invalid cookie "rt" in "rtauth_session"' =>
        session('cookie=rt samesite=none secure=off'),
    'for it is longer than 40 bytes' => session('cookie=' . 'x' x 41),
    'invalid cookie "rt" in "rtauth_session": mend cookie=, secure=, same' =>
        session('cookie=rt path=app'),

    # rtauth_redis

    'invalid name "a b" in "rtauth_redis": write up to 64 letters' =>
        "rtauth_redis 'a b' {  # here\n}\n",
    'duplicate rtauth_redis "r", give each a name of its own' =>
        redis('url redis://127.0.0.1;') . "rtauth_redis r {  # here\n}\n",
    'too many rtauth_redis: write at most 4' =>
        join('', map { "rtauth_redis r$_ { url redis://127.0.0.1; }\n" } 1 .. 4)
        . "rtauth_redis r {  # here\n}\n",
    'rtauth_redis "r": TLS cannot be used, write a file of' => redis('url rediss://127.0.0.1; '
        . 'ssl_trusted_certificate /nonexistent;') =~ s/\{/{  # here/r,
    'rtauth_redis "r": no "url", write "url redis://HOST:PORT"' =>
        "rtauth_redis r {  # here\ntimeout 1s;\n}\n",
    'rtauth_redis "r": unknown directive "host" in the block' =>
        redis('host a;  # here'),
    'invalid URL in "url": write "redis://HOST:PORT", "rediss://HOST:PORT"' =>
        redis('url http://127.0.0.1;  # here'),
    'invalid URL in "url": write it without a user name and a password' =>
        redis('url redis://a:b@127.0.0.1;  # here'),
    'in "url": write the number of a database behind the host, or nothing' =>
        redis('url redis://127.0.0.1/x;  # here'),
    'invalid URL "redis://127.0.0.1:99999" in "url"' =>
        redis('url redis://127.0.0.1:99999;  # here'),
    '"url" is duplicate' =>
        redis('url redis://127.0.0.1;', 'url redis://127.0.0.1;  # here'),
    'a semicolon is missing before "timeout" in "url"' =>
        redis('url redis://127.0.0.1', 'timeout 1s;  # here'),
    'invalid number of arguments in "prefix": write one value' =>
        redis('prefix a b;  # here'),
    'invalid value "a*" in "prefix": write up to 64 letters' =>
        redis('prefix a*;  # here'),
    'invalid time "0" in "timeout": write one from 1ms to 60s' =>
        redis('timeout 0;  # here'),
    'invalid time "2d" in "stale": write one from 1s to 1d' =>
        redis('stale 2d;  # here'),
    'the password of "password" does not say where it comes from' =>
        redis('password s3cret;  # here'),
    'rtauth_redis "r": "user" without a password, write "password file:PATH"' =>
        "rtauth_redis r {\nurl redis://127.0.0.1; user a;  # here\n}\n",
    '"ssl_trusted_certificate" is of no use with "url redis://127.0.0.1"' =>
        "rtauth_redis r {\nurl redis://127.0.0.1;"
        . " ssl_trusted_certificate ca.pem;  # here\n}\n",

    # rtauth_origin

    'invalid origin "tools.example.com" in "rtauth_origin": write "https://' =>
        "rtauth_origin tools.example.com;  # here\n",
    'invalid origin "https://tools.example.com/" in "rtauth_origin"' =>
        "rtauth_origin https://tools.example.com/;  # here\n",
    'invalid origin "app://tools" in "rtauth_origin"' =>
        "rtauth_origin app://tools;  # here\n",
    'people sign in at this server, and it has no exact "server_name"' =>
        "$corp server {  # here\nlisten 127.0.0.1:%%PORT0%%; rtauth corp;\n}\n",
    'and it has no exact "server_name" to send them back to: write' =>
        "$corp server {  # here\nlisten 127.0.0.1:%%PORT0%%;"
        . " server_name *.example.com ~^a _; rtauth corp;\n}\n",
    'and it listens on 2 ports: write "rtauth_origin https://tools' =>
        "$corp server {  # here\nlisten 127.0.0.1:%%PORT0%%;"
        . " listen 127.0.0.1:%%PORT1%%; $name rtauth corp;\n}\n",

    # what a location says

    'invalid value "on" in "rtauth_login": write auto, always or never' =>
        server('rtauth_login on;  # here'),
    '"rtauth_login" has nowhere to send people: no provider of "rtauth" here' =>
        $plain . server('location / {', 'rtauth_login auto;  # here',
                        'rtauth corp;', '}'),
    'invalid origin "*.example.com" in "rtauth_cross_origin": write "https' =>
        server('rtauth_cross_origin https://a.test *.example.com;  # here'),
    'invalid origin "allow" in "rtauth_cross_origin"' =>
        server('rtauth_cross_origin https://a.test allow;  # here'),
    'invalid origin "https://a.test/x" in "rtauth_cross_origin"' =>
        server('rtauth_cross_origin https://a.test/x;  # here'),
    '"rtauth_cross_origin" directive is duplicate' =>
        server('rtauth_cross_origin allow;',
               'rtauth_cross_origin refuse;  # here'),
    'invalid name "a=b" in "rtauth_app_cookie": write that of a cookie' =>
        server('rtauth_app_cookie sid a=b;  # here'),
    '/none" in "rtauth_pages": make it, or mend the path' =>
        server('rtauth_pages %%DIR%%/none;  # here'),

    '/empty" holds no page: call one "chooser.html", "signed_out.html", ' =>
        server('rtauth_pages %%DIR%%/empty;  # here'),
    '/bad/failed.html:3" of "rtauth_pages" has an element that a page of' =>
        server('rtauth_pages %%DIR%%/bad;  # here'),
    '/open/away.html" of "rtauth_pages" may be written by all users' =>
        server('rtauth_pages %%DIR%%/open;  # here'),

    # addresses of ours

    '"redirect_uri /oidc/callback" of rtauth_provider "two" is '
        . '"redirect_uri" of "corp" too, in one server: write another' =>
        $corp . "rtauth_provider two {\n client_id x;  # here\n"
        . " client_auth none; issuer http://127.0.0.1:%%PORT0%%;\n}\n"
        . server($name, 'rtauth corp two;'),
    '"logout_uri /oidc/callback" of rtauth_provider "corp" is '
        . '"redirect_uri" of "corp" too' =>
        "rtauth_zone 1m; rtauth_provider corp { $lines\n"
        . "logout_uri /oidc/callback;  # here\n}\n"
        . server($name, 'rtauth corp;'),
    '"backchannel_logout_uri /b" of rtauth_provider "two" is' =>
        "rtauth_zone 1m; rtauth_provider corp { $lines\n"
        . "backchannel_logout_uri /b; }\n rtauth_provider two {\n"
        . "client_id x; client_auth none; redirect_uri /two;\n"
        . "issuer http://127.0.0.1:%%PORT0%%;\n"
        . "backchannel_logout_uri /b;  # here\n}\n"
        . server($name, 'location /1 { rtauth corp; }',
                 'location /2 { rtauth two; }'),
);

while (my ($says, $http) = splice @cases, 0, 2) {
    $nginx->blames($says, http => $http);
}


# what is good, and what is only warned of

my @good = (
    'everything' => "rtauth_session store=cookie cookie=__Secure-rt $key"
        . " key=file:%%DIR%%/old idle=10m absolute=1d recheck=1m"
        . " recheck_stale=5m samesite=strict domain=example.com path=/app;"
        . server('rtauth_cross_origin https://a.test capacitor://localhost;',
                 'rtauth_app_cookie session sid; rtauth_pages %%DIR%%/pages;'),
    'redis' => redis('url rediss://127.0.0.1:6380/3; user nginx;'
                     . 'password file:%%DIR%%/secret; prefix tools:;'
                     . 'timeout 500ms; stale 10s;') =~ s/rediss:/redis:/r
        . "rtauth_session store=redis:r $key;" . server(),
    'redis by a socket' => redis('url unix:/run/redis.sock;'),
    'a server that nobody signs in at needs no name' =>
        $corp . server(''),
    'an origin stands for a name' =>
        $corp . 'rtauth_origin https://tools.example.com:8443;'
        . server('rtauth corp;'),
    'two providers share their login' =>
        $corp . "rtauth_provider two { client_id x; client_auth none;"
        . " redirect_uri /two; issuer http://127.0.0.1:%%PORT0%%; }"
        . server('rtauth_origin https://a.test; rtauth corp two;'),
    'the same provider, in several servers and locations' =>
        $corp . 'rtauth_origin https://a.test;'
        . server('location /1 { rtauth corp; } location /2 { rtauth corp; }')
        . server('server_name b; rtauth corp;'),
    'login at an outer level does not matter to others' =>
        $plain . 'rtauth_login auto;' . server('location / { rtauth corp; }'),
);

while (my ($what, $http) = splice @good, 0, 2) {
    $nginx->configure(http => $http);
    my ($rc, $out) = $nginx->try;
    is($rc, 0, $what) or diag($out);
    unlike($out, qr/\[(?:warn|error|emerg)\]/, "$what: no warning");
}

my @warned = (
    qr/\[warn\].*"large_client_header_buffers" of 4096 bytes are too small for the cookies of sign-in.* in .*nginx.conf:\d+/ =>
        $corp . 'rtauth_origin https://a.test;'
        . server('large_client_header_buffers 4 4k; rtauth corp;'),
    qr{\[warn\].*browsers do not keep the cookies of sign-in, which are secure, for "http://tools.example.com:\d+": write "rtauth_origin https} =>
        $corp . server($name, 'rtauth corp;'),
);

while (my ($says, $http) = splice @warned, 0, 2) {
    $nginx->configure(http => $http);
    my ($rc, $out) = $nginx->try;
    is($rc, 0, 'it is no error') or diag($out);
    like($out, $says, 'warned of');
}


# until somebody is signed in, a request without a token is a stranger's

$nginx->configure(http => $corp . server('server_name localhost;',
    'rtauth corp; location = /t { alias %%DIR%%/t; }'));
$nginx->file('t', 'secret text');
$nginx->start;

my $answer = $nginx->get('/t');

like($answer->{status}, qr/^(?:302|401)$/, 'nobody is let in');
unlike($answer->{raw}, qr/secret text/, 'and nothing is shown');

$nginx->end;
done_testing;

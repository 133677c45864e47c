#!/usr/bin/perl

# rtauth_login: which requests of nobody are sent to the login URI, which get
# a page with a link, and which keep their 401.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Raw;


my $issuer = "https://127.0.0.1:1/login";
my $block = "issuer $issuer; audience tools;
    jwks_file $RT::Top/t/data/keys/jwks.json; client_auth none;";

my $app = RT::Raw::start(sub {
    return "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nof an app";
});

my $nginx = RT::Nginx->new(
    modules => ['rtauth'],
    ports   => 2,
    http    => "
    rtauth_zone 1m;
    rtauth_provider corp { $block client_id web; }
    rtauth_provider other {
        issuer https://127.0.0.1:1/other; client_auth none; client_id two;
        jwks_file $RT::Top/t/data/keys/jwks.json; redirect_uri /other/back;
        login_uri /other/login;
    }
    rtauth_provider third {
        issuer https://127.0.0.1:1/third; client_auth none; client_id three;
        jwks_file $RT::Top/t/data/keys/jwks.json; redirect_uri /third/back;
    }
    rtauth_provider tokens {
        issuer https://127.0.0.1:1/tokens; audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json;
    }

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth_origin https://tools.example.com;
        root %%DIR%%/html;

        location / { rtauth corp; rtauth_raw_path allow; }
        location /always/ { rtauth corp; rtauth_login always; }
        location /never/ { rtauth corp; rtauth_login never; }
        location /tokens/ { rtauth tokens; }
        location /first/ { rtauth tokens other corp; }
        location /early/ { rtauth corp; rtauth_phase preaccess; }
        location /public/ { rtauth off; }
        location /401/ {
            rtauth corp; rtauth_require claim dept eq it error=401;
        }

        location = /other/login { rtauth other; try_files /index.html =404; }
        location /rewritten/ {
            rtauth corp; rewrite ^ /oidc/login break;
            proxy_pass http://127.0.0.1:$app;
        }

        # internal redirects; an error page that keeps its status is no page
        # that anybody asked for, and one that does not is

        location /try/ { rtauth off; try_files /none /try-to/; }
        location /try-to/ { rtauth corp; }
        location /kept/ { rtauth off; error_page 404 /error/404; }
        location /given/ { rtauth off; error_page 404 = /error/404; }
        location /error/ { rtauth corp; }

        # of satisfy any, each in its place

        location /any/in/ { satisfy any; allow 127.0.0.1; deny all; rtauth corp;
                            alias %%DIR%%/html/; }
        location /any/out/ { satisfy any; deny all; rtauth corp; }
        location /any/page/ {
            satisfy any; deny all; rtauth corp; error_page 401 /public/401.html;
        }
        location /any/app/ {
            satisfy any; deny all; rtauth corp; error_page 401 /public/app;
        }
        location /any/ok/ {
            satisfy any; deny all; rtauth corp;
            error_page 401 =200 /public/401.html;
        }
        location = /public/app {
            rtauth off; proxy_pass http://127.0.0.1:$app;
        }

        # subrequests

        location /asked/ { rtauth off; auth_request /ask; }
        location = /ask { rtauth corp; internal; try_files /nope =204; }

        # a frame's page, and who takes its place

        location /framed/ {
            rtauth corp;
            add_header Content-Security-Policy \"script-src *\" always;
            add_header X-Frame-Options SAMEORIGIN always;
            add_header X-Page \$rtauth_page always;
            expires 1d;
        }
        location /replaced/ { rtauth corp; error_page 401 /public/401.html; }
    }

    # two providers sign people in at one address

    server {
        listen 127.0.0.1:%%PORT1%%;
        rtauth_origin https://two.example.com;
        root %%DIR%%/html;

        location / { rtauth corp third; }
        location /third/ { rtauth third; }
    }
    ");

$nginx->file("html/$_", "text of $_\n") for 'index.html', 'public/401.html';
$nginx->start;

sub ask {
    my ($method, $uri, %opt) = @_;
    return $nginx->request($method, $uri, %opt);
}

sub location { $_[0]{head} =~ /^Location: *(.*?)\r?$/mi ? $1 : undef }

my @document = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document',
                'Sec-Fetch-Site: none');
my @frame = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe');
my @script = ('Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty',
              'Sec-Fetch-Site: same-origin');
my @html = ('Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8');


# who is sent: name, request, its headers, what follows "to="; undef: 401

my @cases = (
    'a browser' => ['GET', '/a'], \@document, '%2Fa',
    'HEAD' => ['HEAD', '/a'], \@document, '%2Fa',
    'a browser over http, which says no more' => ['GET', '/a'], \@html, '%2Fa',
    'several Accept lines' => ['GET', '/a'],
        ['Accept: image/png', 'Accept: text/html'], '%2Fa',
    'POST' => ['POST', '/a'], \@document, undef,
    'OPTIONS' => ['OPTIONS', '/a'], \@document, undef,
    'PUT' => ['PUT', '/a'], \@html, undef,
    'a script' => ['GET', '/a'], [@script, @html], undef,
    'an image' => ['GET', '/a'],
        ['Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: image'], undef,
    'AJAX of an old library' => ['GET', '/a'],
        [@html, 'X-Requested-With: XMLHttpRequest'], undef,
    'curl' => ['GET', '/a'], ['Accept: */*'], undef,
    'an API client' => ['GET', '/a'], ['Accept: application/json'], undef,
    'nothing is said' => ['GET', '/a'], [], undef,
    'a prefetch' => ['GET', '/a'], [@document, 'Sec-Purpose: prefetch'], undef,
    'a prerender' => ['GET', '/a'],
        [@document, 'Sec-Purpose: prefetch;prerender'], undef,
    'an old prefetch' => ['GET', '/a'], [@document, 'Purpose: prefetch'], undef,
    'a WebSocket' => ['GET', '/a'],
        [@html, 'Upgrade: websocket', 'Connection: upgrade'], undef,
    'a header twice' => ['GET', '/a'],
        ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Mode: cors',
         'Sec-Fetch-Dest: document'], undef,

    # credentials

    'another scheme' => ['GET', '/a'],
        [@document, 'Authorization: Basic dTpw'], '%2Fa',
    'a bad token' => ['GET', '/a'],
        [@document, 'Authorization: Bearer x'], undef,
    'a token of yesterday' => ['GET', '/a'],
        [@document, bearer(iss => $issuer, exp => time - 86400)], undef,
    'no token behind its scheme' => ['GET', '/a'],
        [@document, 'Authorization: Bearer'], undef,
    'a user who lacks something' => ['GET', '/401/'],
        [@document, bearer(iss => $issuer)], undef,
    'a session that is none' => ['GET', '/a'],
        [@document, 'Cookie: __Host-rt=' . 'A' x 43], '%2Fa',

    # places

    'always, whoever asks' => ['GET', '/always/x'], [], '%2Falways%2Fx',
    'always, a script' => ['GET', '/always/x'], \@script, '%2Falways%2Fx',
    'always, a frame' => ['GET', '/always/x'], \@frame, '%2Falways%2Fx',
    'always, POST' => ['POST', '/always/x'], \@document, undef,
    'always, a WebSocket' => ['GET', '/always/x'],
        ['Upgrade: websocket', 'Connection: upgrade'], undef,
    'always, a bad token' => ['GET', '/always/x'],
        ['Authorization: Bearer x'], undef,
    'never' => ['GET', '/never/x'], \@document, undef,
    'nobody signs people in' => ['GET', '/tokens/x'], \@document, undef,
    'before the limits' => ['GET', '/early/x'], \@document, '%2Fearly%2Fx',

    # addresses: as the client wrote them

    'a query' => ['GET', '/a/b?c=d&e=%2F+f#'], \@document,
        '%2Fa%2Fb%3Fc%3Dd%26e%3D%252F%2Bf%23',
    'an encoded path' => ['GET', '/x/%2e%2e//a%0d%0ab'], \@document,
        '%2Fx%2F%252e%252e%2F%2Fa%250d%250ab',
    'two slashes' => ['GET', '//evil.example/x'], \@document,
        '%2F%2Fevil.example%2Fx',
    'an absolute one' => ['GET', 'http://evil.example/x?y'], \@document,
        '%2Fx%3Fy',
    'one without a path' => ['GET', 'http://evil.example'], \@document, '%2F',
    'one with a query alone' => ['GET', 'http://evil.example?x'], \@document,
        qr/^%2F(?:%3Fx)?$/,
    'one that fits' => ['GET', '/' . 'a' x 1023], \@document,
        '%2F' . 'a' x 1023,
    'a long query' => ['GET', '/a?' . 'b' x 1022], \@document, '%2Fa',
    'a long path' => ['GET', '/' . 'a' x 1024 . '?b'], \@document, '%2F',

    # internal redirects

    'try_files' => ['GET', '/try/x?y'], \@document, '%2Ftry%2Fx%3Fy',
    'an error page in place of a page' => ['GET', '/given/x'], \@document,
        '%2Fgiven%2Fx',
    'the same of a POST' => ['POST', '/given/x'], \@document, undef,

    # satisfy any

    'any, the other one says no' => ['GET', '/any/out/x'], \@document,
        '%2Fany%2Fout%2Fx',
    'any, with an error page' => ['GET', '/any/page/x'], \@document,
        '%2Fany%2Fpage%2Fx',
    'any, with one of an application' => ['GET', '/any/app/x'], \@document,
        '%2Fany%2Fapp%2Fx',
    'any, HEAD' => ['HEAD', '/any/out/x'], \@document, '%2Fany%2Fout%2Fx',
    'any, a script' => ['GET', '/any/out/x'], \@script, undef,
    'any, a frame' => ['GET', '/any/out/x'], \@frame, undef,
    'any, a bad token' => ['GET', '/any/out/x'],
        [@document, 'Authorization: Bearer x'], undef,

    # subrequests

    'auth_request' => ['GET', '/asked/x'], \@document, undef,
);

while (my ($name, $request, $headers, $to) = splice @cases, 0, 4) {

    my $r = ask(@$request, headers => $headers);

    if (!defined $to) {
        is($r->{status}, 401, "$name: 401");
        is(location($r), undef, "$name: goes nowhere");
        like($r->{head}, qr/^WWW-Authenticate: Bearer /mi, "$name: challenged");
        next;
    }

    is($r->{status}, 302, "$name: 302");

    my ($uri, $back) = split /\?to=/, location($r) // '', 2;

    is($uri, '/oidc/login', "$name: to the login URI");
    ref $to ? like($back, $to, "$name: and back") : is($back, $to, "$name: and back");
    like($r->{head}, qr/^Cache-Control: no-store\r?$/mi, "$name: not stored");
    unlike($r->{head}, qr/^(?:Set-Cookie|WWW-Authenticate):/mi, "$name: no more");
}


# which login URI

like(location(ask('GET', '/first/x', headers => \@document)),
     qr{^/other/login\?to=%2Ffirst%2Fx$}, 'of the first that signs people in');

sub at_two { ask('GET', $_[0], headers => \@document, port => 1) }

is(location(at_two('/x')), '/oidc/login?to=%2Fx', 'both may be chosen');
is(location(at_two('/third/x')),
   '/oidc/login?to=%2Fthird%2Fx&rtauth_provider=third',
   'what would be nobody here is not');


# let in by another, or shown a page

my $r = ask('GET', '/any/in/index.html', headers => \@document);
is($r->{status}, 200, 'any, let in');
is($r->{body}, "text of index.html\n", 'and served');

$r = ask('GET', '/any/ok/x', headers => \@document);
is($r->{status}, 200, 'any, a status in place of 401 stays');
is($r->{body}, "text of public/401.html\n", 'with its page');

$r = ask('GET', '/any/page/x', headers => \@document);
is($r->{body}, '', 'no body with the redirect');
$r = ask('GET', '/any/app/x', headers => \@document);
is($r->{body}, '', 'nor of an application');

$r = ask('GET', '/kept/x', headers => \@document);
is($r->{status}, 401, 'an error page that is guarded is refused');
is(location($r), undef, 'and leads nowhere');


# addresses of ours: nobody is asked who he is where the server has a location
# for one; elsewhere a rewrite to one does not spare anybody the question

$r = ask('GET', '/other/login', headers => \@document);
unlike($r->{head}, qr/%2Fother%2Flogin/, 'a login URI does not lead to itself');
unlike($r->{body}, qr/text of/, 'nor to what lies there');

$r = ask('POST', '/rewritten/x', body => 'x');
is($r->{status}, 401, 'a rewrite to a login URI is asked');
is($r->{body} =~ /of an app/, '', 'before the application is');


# a frame

$r = ask('GET', '/framed/x?y=<z>', headers => \@frame);
is($r->{status}, 401, 'a frame: 401');
like($r->{body}, qr{<a class="go" target="_top" href="/oidc/login\?to=%2Fframed%2Fx%3Fy%3D%3Cz%3E">},
     'a link that opens on top');
like($r->{head}, qr{^Content-Type: text/html; charset=utf-8\r?$}mi, 'HTML');
like($r->{head}, qr/^X-Page: frame\r?$/mi, 'the variable names it');
like($r->{head}, qr/^WWW-Authenticate: Bearer realm="corp"\r?$/mi, 'challenged');
is(() = $r->{head} =~ /^Content-Security-Policy:/mig, 1, 'one policy');
like($r->{head}, qr/^Content-Security-Policy: default-src 'none'; /mi, 'its own');
unlike($r->{head}, qr/frame-ancestors|X-Frame-Options/i, 'it may be framed');
is(() = $r->{head} =~ /^Cache-Control:/mig, 1, 'one line for caches');
like($r->{head}, qr/^Cache-Control: no-store\r?$/mi, 'not stored');
unlike($r->{head}, qr/^Expires:/mi, 'whatever expires says');
like($r->{head}, qr/^X-Content-Type-Options: nosniff\r?$/mi, 'not sniffed');
like($r->{head}, qr/^Referrer-Policy: no-referrer\r?$/mi, 'no referrer');

my ($length) = $r->{head} =~ /^Content-Length: (\d+)/mi;
is(length $r->{body}, $length, 'the whole of it');

$r = ask('HEAD', '/framed/x?y=<z>', headers => \@frame);
is($r->{status}, 401, 'HEAD of it');
is(($r->{head} =~ /^Content-Length: (\d+)/mi)[0], $length, 'the same length');
is($r->{body}, '', 'no body');

$r = ask('GET', '/framed/x', headers => [
    @frame, 'If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT']);
is($r->{status}, 401, 'no precondition is held against it');

$r = ask('GET', '/early/x', headers => \@frame);
is($r->{status}, 401, 'before the limits');
like($r->{body}, qr/target="_top"/, 'with the page');

$r = ask('GET', '/replaced/x', headers => \@frame);
is($r->{status}, 401, 'replaced by an error page');
is($r->{body}, "text of public/401.html\n", 'which is the operator\'s');
like($r->{head}, qr/^Cache-Control: no-store\r?$/mi, 'not stored either');
like($r->{head}, qr/^WWW-Authenticate: Bearer /mi, 'and challenged');
unlike($r->{head}, qr/^Content-Security-Policy:/mi, 'its policy is his');

# after each of them the connection goes on

my @lines = map { my @headers = @$_; "GET /framed/x HTTP/1.1\r\nHost: x\r\n"
                  . join '', map { "$_\r\n" } @headers }
            \@document, \@frame, [@frame, 'Connection: close'];

my @status = $nginx->raw(join '', map { "$_\r\n" } @lines)
             =~ /^HTTP\/1.1 (\d+)/mg;

is("@status", '302 401 401', 'one after the other on a connection');

$nginx->end;
done_testing;

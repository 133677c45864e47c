#!/usr/bin/perl

# Who a browser's cookie says it is counts only for requests that a page of our
# own has started: here a token in a cookie, as something in front may set it.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;


my $page = 'try_files /ok.txt =404; error_page 405 =200 /ok.txt;';
my $corp = RT::JWT::corp();

$corp =~ s/\$TEST_NGINX_DATA/$RT::Top\/t\/data/;

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => "$corp
    map \$cookie_old \$named { default \$cookie_old; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        root %%DIR%%/html;

        rtauth_origin https://tools.example.com;
        rtauth corp;
        rtauth_token \$cookie_token \$http_x_token;

        location /x { $page }
        location = /ok.txt { rtauth_cross_origin allow; }
        location /named/ { rtauth_token \$named \$http_x_token; $page }
        location /pieces/ {
            set \$pieces \$cookie_t0\$cookie_t1;
            rtauth_token \$pieces;
            $page
        }
        location /open/ { rtauth_cross_origin allow; $page }
        location /listed/ {
            rtauth_cross_origin https://app.example.com capacitor://localhost;
            $page
        }
    }");

$nginx->file('html/ok.txt', "in\n");
$nginx->start;

my $token = RT::JWT::token();
my $cookie = "Cookie: token=$token";
my $own = 'Origin: https://tools.example.com';
my $evil = 'Origin: https://evil.example';
my $cross = 'Sec-Fetch-Site: cross-site';

my @table = (
    ['a GET of another site shows a page, as a link does',
     200, GET => '/x', $cookie, $cross, $evil],
    ['a POST of another site', 403, POST => '/x', $cookie, $cross],
    ['of a sibling domain',
     403, POST => '/x', $cookie, 'Sec-Fetch-Site: same-site'],
    ['of our own',
     200, POST => '/x', $cookie, 'Sec-Fetch-Site: same-origin', $own],
    ['by the person himself',
     200, POST => '/x', $cookie, 'Sec-Fetch-Site: none'],
    ['a browser that says only Origin',
     200, POST => '/x', $cookie, 'Origin: https://TOOLS.example.com:443'],
    ["and another's", 403, POST => '/x', $cookie,
     'Origin: https://tools.example.com.evil.example'],
    ['null', 403, POST => '/x', $cookie, 'Origin: null'],
    ['a program says neither', 200, POST => '/x', $cookie],
    ['two Origins', 403, POST => '/x', $cookie, $own, $evil],
    ['a WebSocket is opened by GET', 403, GET => '/x', $cookie,
     'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
     'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', $evil],
    ['whoever can set a header is no page of another site',
     200, POST => '/x', "X-Token: $token", $cross, $evil],
    ['a variable made of a cookie', 403, POST => '/named/x',
     "Cookie: old=$token", $cross],
    ['a GET by it', 200, GET => '/named/x', "Cookie: old=$token", $cross],
    ['one made of two', 403, POST => '/pieces/x',
     'Cookie: t1=' . substr($token, 40) . '; t0=' . substr($token, 0, 40),
     $cross],
    ['and of a short one, the last', 403, POST => '/pieces/x',
     'Cookie: t0=' . substr($token, 0, -3) . '; t1=' . substr($token, -3),
     $cross],
    ['a header that is no cookie, beside one that is', 200, POST => '/named/x',
     "X-Token: $token", "Cookie: other=$token", $cross],
    ['allow', 200, POST => '/open/x', $cookie, $cross, $evil],
    ['one of those listed', 200, POST => '/listed/x', $cookie, $cross,
     'Origin: https://app.example.com'],
    ["an application's own scheme",
     200, POST => '/listed/x', $cookie, 'Origin: capacitor://localhost'],
    ['none of those', 403, DELETE => '/listed/x', $cookie, $cross,
     'Origin: https://app.example.com.evil.example'],
);

for (@table) {
    my ($what, $status, $method, $path, @headers) = @$_;

    is($nginx->request($method, $path, headers => \@headers)->{status},
       $status, $what);
}

like($nginx->log_text, qr/refused with 403: cross_origin/, 'the log says why');

$nginx->end;

done_testing;

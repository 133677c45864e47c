#!/usr/bin/perl

# Where a person is when he has signed in: at a page of this very site,
# whatever the address that he came with says.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $block = signs_in($corp, 'corp');

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 8m;
    set_real_ip_from 127.0.0.1;
    $block

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;


# the callback's Location for this value of "to", as it stands in the query

sub lands {
    my $to = shift;

    my $browser = RT::Browser->new($nginx);
    my $url = $browser->leaves("/oidc/login?to=$to") // return 'no sign-in';
    my $answer = $browser->follow({ head => "Location: $url" });

    return location($browser->follow($answer)) // 'no redirect';
}


# hosts in the shapes that browsers and libraries take for one, and what may
# stand before them

my @hosts = qw(evil.example evil.example/x evil.example:443/ a@evil.example
               localhost@evil.example evil.example%2fx [::1]/ 0x7f000001
               127.1 evil%2eexample xn--evil-dma.example evil.example%00
               evil.example%0d%0aSet-Cookie:%20a=b evil.example?a);

push @hosts, 'evil.example#a';

my @before = ('//', '///', '////', '/\\', '\\/', '\\\\', '/\\/', '//\\',
              'http://', 'https://', 'HTTPS://', 'http:/', 'https:', 'ftp://',
              '/%2f', '/%5c', '%2f%2f', '%5c%5c', '/%252f', '/%255c', '/.//',
              '/..//', '/./\\', '/%2e%2f/', '/%2e%2e//', '/;/..//', '/x/..//',
              "/\t/", "/\n/", "/\r/", "\t//", "\x01//", "/\x7f/", '/%09/',
              '/%0a/', '/%0d/', '/ /', '/%20/', '/%c0%af', '/%e0%80%af',
              '/%c1%9c', "/\xe3\x80\x82/", '/%00/', '?//', '#//', '@', ':',
              ';//', './/', '..//', 'x//');

my @others = ('javascript:alert(1)', 'JaVaScRiPt:alert(1)', '%6aavascript:x',
              "java\tscript:alert(1)", '/javascript:alert(1)//x',
              'data:text/html,x', 'vbscript:x', 'file:///etc/passwd',
              'mailto:a@b', '', ' ', '%20', '%2520', 'x', 'x/y', './x', '../x',
              '/../x', '/x/../../y', '/%2e%2e/x', '/%252e%252e/x',
              '/x%', '/x%2', '/x%zz', "/x\0y", '/x%00y', '/x%0d%0aX:%20y',
              "/x\r\nX: y", '/x%0aX', '/x y', "/\xff",
              '/x?a=%0d%0aX:%20y', "/x?a=\x01", '/x#%0a', '/' . 'a' x 3000,
              '/oidc/login', '/oidc/login?to=/x', '/oidc/callback?code=a',
              '/oidc/logout');

my %seen;
my @hostile = grep { !$seen{$_}++ }
    (map { my $b = $_; $b . $hosts[length($b) % @hosts] } @before),
    (map { "//$_" } @hosts), (map { "https://$_" } @hosts), @others;

cmp_ok(scalar @hostile, '>=', 100, 'the table has ' . @hostile . ' addresses');

for my $to (@hostile) {
    my $shown = $to =~ s/([^!-~])/sprintf '\\x%02x', ord $1/ger;

    is(lands(escape($to)), '/', 'to ' . substr $shown, 0, 60);
}


# the same as a browser would pass it on, with as few bytes escaped as it can

for my $to ('//evil.example', '/\\evil.example', 'https://evil.example',
            '/%2fevil.example', '/%5cevil.example', '/%09/evil.example')
{
    is(lands($to), '/', "to $to, not escaped");
}


# several of them: nobody says which is meant

is(lands('/a&to=//evil.example'), '/', 'two addresses');
is(lands('/a&to=/b'), '/', 'two addresses, both of them good');


# what is meant

my %good = (
    '/' => '/',
    '/x' => '/x',
    '/x?a=b&c=d' => '/x?a=b&c=d',
    '/x?next=https://example.com/' => '/x?next=https://example.com/',
    '/x/y/?a=%2F%3F' => '/x/y/?a=%2F%3F',
    '/caf%C3%A9' => '/caf%C3%A9',
    '/x?q=' . 'a' x 900 => '/x?q=' . 'a' x 900,
    '/x?q=' . 'a' x 2000 => '/x',           # too long with its query
);

is(lands(escape($_)), $good{$_}, 'to ' . substr $_, 0, 40)
    for sort keys %good;

$nginx->end;

done_testing;

#!/usr/bin/perl

# Who is signed in and may not open a page is told so by a page of ours, and so
# is who opens one while the store of sessions is away.  Scripts, frames, those
# without a session and locations where nobody is sent to sign in get nginx's
# own answer.

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
my $corp_block = signs_in($corp, 'corp', 'audience tools;');
my $staff = 'rtauth_require claim groups has staff;';

my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 2, http => <<"EOT");
    rtauth_zone 1m;
    rtauth_redis gone { url redis://127.0.0.1:1; timeout 1s; }
    $corp_block
    rtauth_group all { match sub present; permission use; }
    rtauth_group owners { match groups has owners; permission own; }
    proxy_set_header X-Email \$rtauth_user;
    add_header X-Page "[\$rtauth_page]" always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;

        location / { proxy_pass http://$App; }
        location /staff/ { $staff proxy_pass http://$App; }
        location /level/ {
            rtauth_require permission own;
            proxy_pass http://$App;
        }
        location /early/ {
            rtauth_phase preaccess;
            $staff
            proxy_pass http://$App;
        }
        location /never/ {
            rtauth_login never;
            $staff
            proxy_pass http://$App;
        }
        location /any/ {
            satisfy any;
            deny all;
            $staff
            proxy_pass http://$App;
        }
        location /any/in/ {
            satisfy any;
            allow all;
            $staff
            proxy_pass http://$App;
        }
        location /replaced/ {
            error_page 403 /sorry;
            $staff
            proxy_pass http://$App;
        }
        location /inner/ { try_files /none /staff/inner; }
        location /asked/ { auth_request /staff/x; proxy_pass http://$App; }
        location = /sorry { rtauth off; try_files /none =404; }
        location = /bye { rtauth off; return 200 bye; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;
        rtauth corp;
        rtauth_session store=redis:gone
                       'key=data:01234567890123456789012345678901';

        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;


my $browser = RT::Browser->new($nginx);

signed_in($browser->walk('/x'), 'ann@example.com', 'ann is signed in');


sub page {
    my ($answer, $status, $name, $what) = @_;

    is($answer->{status}, $status, "$what: $status");
    like($answer->{head}, qr/^X-Page: \[\Q$name\E\]\r?$/m,
         "$what: the page [$name]");
    like($answer->{head}, qr/^Cache-Control: (?:no-store|private)/mi,
         "$what: no cache in front keeps it");
}


# -- signed in, and not let in

for my $path ('/staff/x', '/level/x', '/early/x', '/inner/x') {
    my $answer = $browser->open($path);

    page($answer, 403, 'refused', $path);
    like($answer->{body}, qr/<h1>You have no access/, "$path: it says so");
    like($answer->{body}, qr{<a class="go" href="/oidc/logout">Sign out</a>},
         "$path: with a way out");
    unlike($answer->{body}, qr/reference|Try again/, "$path: and no more");
    like($answer->{head}, qr/^Content-Security-Policy: default-src 'none'/mi,
         "$path: with its own policy");
    like($answer->{head}, qr/^WWW-Authenticate: .*insufficient_scope/mi,
         "$path: the headers of a refusal stay");
}

my $head = $browser->ask('HEAD', '/staff/x', headers => ['Accept: text/html']);

page($head, 403, 'refused', 'HEAD');
is($head->{body}, '', 'HEAD: no body');


# -- nginx's own answer

my @fetch = ('Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty');
my @frame = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe');

page($browser->ask('GET', '/staff/x', headers => \@fetch), 403, '', 'a script');
page($browser->open('/staff/x', headers => \@frame), 403, '', 'a frame');
page($browser->open('/staff/x', method => 'POST', body => ''), 403, '',
     'a form');
page($browser->open('/never/x'), 403, '', 'rtauth_login never');
page($browser->open('/any/x'), 403, '', 'satisfy any');
page($browser->open('/asked/x'), 403, '', 'auth_request');

my $bearer = 'Authorization: Bearer ' . RT::JWT::token(
    iss => $corp->issuer, aud => 'tools', sub => 'bot');

page(RT::Browser->new($nginx)->open('/staff/x', headers => [$bearer]), 403, '',
     'a bearer token');

my $answer = $browser->open('/any/in/x');

is($answer->{status}, 200, 'satisfy any: another lets her in');

# an error_page takes its place

$answer = $browser->open('/replaced/x');
page($answer, 404, '', 'error_page');


# -- the store of sessions is away

my $lost = RT::Browser->new($nginx, port => 1);

$lost->{jar}{'__Host-rt'} = 'A' x 43;
$answer = $lost->open('/x?y=1&z="');

page($answer, 503, 'away', 'no store');
like($answer->{head}, qr/^Retry-After: \d+\r?$/mi, 'no store: with Retry-After');
like($answer->{body}, qr{href="/x\?y=1&amp;z=&quot;"},
     'no store: its link leads to where she wanted to be');
page($lost->ask('GET', '/x', headers => \@fetch), 503, '', 'no store, a script');

$nginx->end('QUIT', 'redis|store_unavailable|connect\(\) failed');

done_testing;

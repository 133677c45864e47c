#!/usr/bin/perl

# Every page of a sign-in as a whole answer, over HTTP/1.1 and HTTP/2, by GET
# and HEAD: its status, its headers, whatever the server and rtcsp add to each
# response, and not one byte of hostile text as markup.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_base64);
use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $evil = q("'><script>alert(7)</script><img src=x onerror=alert(7)>{{app}}&);
my $sent = escape($evil);
my $title = q("'></a><script>alert(8)</script><b>&amp;);

my $corp = RT::Provider->new;
my $other = RT::Provider->new(client_id => 'other', discovery => {
    end_session_endpoint => undef });

my $blocks = signs_in($corp, 'corp', 'require_verified_email on;
    title "' . $title =~ s/"/\\"/gr . '";')
    . signs_in($other, 'other', 'redirect_uri /oidc/other;')
    . "rtauth_provider gone {
        issuer https://127.0.0.1:1/gone; client_auth none; client_id web;
        redirect_uri /oidc/gone; jwks_file $RT::Top/t/data/keys/jwks.json;
    }";

# a server that means well, or has no idea, and would have the pages embedded,
# scripted and kept

my $server = <<"EOT";
        server_name localhost;
        rtauth corp other gone;

        rtcsp strict;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:0123456789abcdefghijklmn;
        rtcsp_report_only_policy "script-src 'self'; report-uri /r";

        expires 1h;
        add_header Content-Security-Policy "script-src * 'unsafe-inline'" always;
        add_header Content-Security-Policy-Report-Only "img-src *" always;
        add_header X-Frame-Options ALLOWALL always;
        add_header Referrer-Policy unsafe-url always;
        add_header X-Content-Type-Options off always;
        add_header Cache-Control "public, s-maxage=99" always;
        add_header Surrogate-Control "max-age=99" always;
        add_header X-Page \$rtauth_page always;

        location / { proxy_pass http://$App; }
        location /deny/ {
            rtauth_require claim name eq nobody;
            proxy_pass http://$App;
        }
EOT

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtcsp)], ports => 2,
                           http => <<"EOT");
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    proxy_set_header X-Email \$rtauth_user;
    $blocks
    server { listen 127.0.0.1:%%PORT0%%; $server }
    server { listen 127.0.0.1:%%PORT1%% http2; $server }
EOT

$nginx->start;

my @frame = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe');
my @cross = ('Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate',
             'Sec-Fetch-Dest: document');

sub browser { RT::Browser->new($nginx, port => $_[0], http2 => $_[0]) }

sub inside {
    my $browser = browser(@_);
    signed_in($browser->walk('/oidc/login?to=/x&rtauth_provider=other'),
              'ann@example.com', 'somebody signs in');
    return $browser;
}

# page, status, who asks, for what, with which headers, and whether by HEAD

my @pages = (
    ['chooser', 200, \&browser, "/oidc/login?to=/x?q=$sent&$sent=$sent", [], 1],
    ['sign_out', 200, \&inside, "/oidc/logout?t=$sent&x=$sent", \@cross, 1],
    ['signed_out', 200, \&browser, "/oidc/logout?$sent", [], 1],
    ['away', 503, \&browser, "/oidc/login?to=/x?$sent&rtauth_provider=gone",
     [], 1],
    ['refused', 403, \&inside, "/deny/%3Cscript%3Ealert(7)?$sent", [], 1],
    ['frame', 401, \&browser, "/x?q=$sent", \@frame, 1],
    ['failed', 400, \&browser,
     "/oidc/callback?state=$sent&error=$sent&error_description=$sent", []],
    ['failed', 400, \&browser, "/oidc/callback?code=$sent&state=$sent"
                               . "&iss=$sent", []],
);


sub all {
    my ($answer, $name) = @_;

    return $answer->{head} =~ /^\Q$name\E: *(.*?)\r?$/mgi;
}


sub whole {
    my ($answer, $page, $status, $what) = @_;

    $what = "$what: $page";

    is($answer->{status}, $status, "$what: $status");
    is(join('|', all($answer, 'X-Page')), $page, "$what: by its name");

    my %is = (
        'Content-Type' => 'text/html; charset=utf-8',
        'Cache-Control' => 'no-store',
        'X-Content-Type-Options' => 'nosniff',
        'Referrer-Policy' => 'no-referrer',
        'X-Frame-Options' => $page eq 'frame' ? '' : 'DENY',
        'Retry-After' => $status == 503 ? '5' : '',
        map { $_ => '' } qw(Content-Security-Policy-Report-Only Expires Age
            Surrogate-Control CDN-Cache-Control Location ETag Last-Modified
            Accept-Ranges),
    );

    for my $name (sort keys %is) {
        is(join('|', all($answer, $name)), $is{$name}, "$what: $name");
    }

    unlike(join('|', all($answer, 'Set-Cookie')), qr/__Host-rt=[^;]/,
           "$what: no session");

    my @csp = all($answer, 'Content-Security-Policy');

    is(scalar @csp, 1, "$what: one policy");
    is($csp[0] =~ s/'sha256-[^']*'/HASH/r, "default-src 'none'; style-src HASH;"
       . " base-uri 'none'; "
       . ($page eq 'frame' ? '' : "frame-ancestors 'none'; ")
       . "form-action 'self'", "$what: which is its own");

    return $csp[0];
}


sub harmless {
    my ($answer, $csp, $what) = @_;

    my $html = $answer->{body};
    my ($style) = $html =~ m{<style>(.*?)</style>}s;

    my $hash = sha256_base64($style // '');

    like($csp, qr/'sha256-\Q$hash\E='/,
         "$what: the policy allows the style that is there");
    is(join('|', all($answer, 'Content-Length')), length $html,
       "$what: of this length");

    unlike($html, qr/<(?:script|img|form|iframe|object|embed|base|b|link)\b/i,
           "$what: no element but its own");
    unlike($html, qr/<[^>]*\s(?:on\w+|style|src)\s*=/i,
           "$what: no attribute that does something");
    unlike($html, qr/(?:href="|\()\s*(?!https?:)[a-z]+:/i,
           "$what: no address of another kind");
    unlike($html, qr/\{\{|nonce/, "$what: no place left, and no nonce");
}


for my $port (0, 1) {
    my $http = $port ? 'HTTP/2' : 'HTTP/1.1';

    for my $row (@pages) {
        my ($page, $status, $who, $path, $headers, $head) = @$row;
        my $browser = $who->($port);
        my $answer = $browser->open($path, headers => $headers);
        my $what = "$http: GET";

        harmless($answer, whole($answer, $page, $status, $what),
                 "$what: $page");
        unlike($answer->{body}, qr/alert\(7\)/,
               "$what: $page: nothing of the request is shown")
            if $page !~ /chooser|frame/;

        next if !$head;

        my $bare = $browser->open($path, headers => $headers,
                                  method => 'HEAD');

        whole($bare, $page, $status, "$http: HEAD");
        is($bare->{body}, '', "$http: HEAD: $page: no body");
        is(join('|', all($bare, 'Content-Length')),
           join('|', all($answer, 'Content-Length')),
           "$http: HEAD: $page: as long as for GET") if $page ne 'away';
    }

    # a title is text, and where he was going is no address but a value

    my $answer = browser($port)->open($pages[0][3]);

    like($answer->{body}, qr{>&quot;&\#39;&gt;&lt;/a&gt;&lt;script&gt;alert\(8\)
                             &lt;/script&gt;&lt;b&gt;&amp;amp;</a>}x,
         "$http: a title as it is written");
    is(() = $answer->{body} =~ m{<a\ class="go"\ href="/oidc/login\?
        rtauth_provider=\w+&amp;to=[\w%.~-]+">}xg, 3,
       "$http: a link for each provider");

    # not verified; and refused by the provider, in its words

    $corp->user(email_verified => JSON::PP::false, email => $evil);
    $answer = browser($port)->walk('/oidc/login?to=/x&rtauth_provider=corp');
    harmless($answer, whole($answer, 'refused', 403, $http), "$http: refused");
    unlike($answer->{body}, qr/alert/, "$http: refused: nothing of his");

    $corp->honest;
    $corp->lie(authorize => { json => { code => undef, error => 'access_denied',
                                        error_description => $evil } });
    $answer = browser($port)->walk('/oidc/login?to=/x&rtauth_provider=corp');
    harmless($answer, whole($answer, 'failed', 403, $http),
             "$http: refused there");
    unlike($answer->{body}, qr/alert|access_denied/,
           "$http: refused there: nothing of it");
    $corp->honest;
}

# bytes that no browser sends, unescaped

my $answer = $nginx->get('/oidc/login?to=/<script>alert(7)</script>"\'&<b>');

is($answer->{status}, 200, 'a query with raw markup');
harmless($answer, (all($answer, 'Content-Security-Policy'))[0], 'raw markup');

# what is said by POST leads on without script and form

my $browser = inside(0);

$answer = $browser->ask('POST', '/oidc/logout', body => '',
                        headers => ['Sec-Fetch-Site: same-origin']);
harmless($answer, whole($answer, 'signed_out', 200, 'POST'), 'POST');

$nginx->end(undef, qr/rtcsp_nonce.*data:/);

done_testing;

#!/usr/bin/perl

# A page of rtauth where rtcsp has a policy: whichever is loaded first, the
# page keeps its own, and has no nonce.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my @frame = ('Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe');

sub try_set {
    my @set = @_;
    my $name = "@set";

    my $nginx = RT::Nginx->new(
        modules => [@set],
        http    => "
        rtauth_zone 1m;
        rtauth_provider corp {
            issuer https://127.0.0.1:1/corp; client_auth none; client_id web;
            jwks_file $RT::Top/t/data/keys/jwks.json;
        }
        rtauth_pages %%DIR%%/pages;
        add_header X-Event \$rtcsp_event always;
        add_header X-Page \$rtauth_page always;

        server {
            listen 127.0.0.1:%%PORT0%%;
            rtauth_origin https://tools.example.com;
            root %%DIR%%/html;

            rtcsp talisman;
            rtcsp_nonce_in script-src;
            rtcsp_nonce placeholder=data:0123456789abcdefghijklmn;
            rtcsp_report_only_policy \"script-src 'self'; report-uri /r\";

            location / { rtauth corp; }
            location /keep/ { rtauth corp; rtcsp_upstream keep; }
            location /append/ { rtauth corp; rtcsp_upstream append; }
            location /off/ { rtauth corp; rtcsp off; rtcsp_nonce off; }
            location /public/ { rtauth off; }
            location /replaced/ {
                rtauth corp; error_page 401 /public/401.html;
            }
        }");

    # a template may hold the placeholder: it is text like any other

    $nginx->file('pages/frame.html',
                 '<style>p { margin: 0; }</style>'
                 . '<p class="0123456789abcdefghijklmn">sign in</p>');
    $nginx->file('html/401.html', '');
    $nginx->file('html/public/401.html',
                 '<script nonce="0123456789abcdefghijklmn">1</script>');
    $nginx->start;

    for my $path ('/x', '/keep/x', '/append/x', '/off/x') {

        my $r = $nginx->get($path, headers => \@frame);
        my @csp = $r->{head} =~ /^(Content-Security-Policy.*?)\r?$/mig;

        is($r->{status}, 401, "$name $path: refused");
        like($r->{body}, qr/class="0123456789abcdefghijklmn">sign in/,
             "$name $path: the page as its template is");
        is(scalar @csp, 1, "$name $path: one policy");
        like($csp[0], qr/^Content-Security-Policy: default-src 'none'; style-src 'sha256-/,
             "$name $path: its own");
        unlike($r->{head}, qr/^X-Frame-Options:/mi, "$name $path: may be framed");
        is(join('|', $r->{head} =~ /^Referrer-Policy: *(.*?)\r?$/mig),
           'no-referrer', "$name $path: its own referrer policy");
        is(() = $r->{head} =~ /^X-Content-Type-Options:/mig, 1,
           "$name $path: said once");
    }

    # the other headers of the preset are there

    like($nginx->get('/x', headers => \@frame)->{head},
         qr/^Permissions-Policy:/mi, "$name: what the preset adds stays");

    # what takes its place is no page of rtauth

    my $r = $nginx->get('/replaced/x', headers => \@frame);
    my ($nonce) = $r->{head} =~ /^Content-Security-Policy: .*'nonce-(.{32})'/mi;

    ok($nonce, "$name: an error page has the location's policy");
    is($r->{body}, "<script nonce=\"$nonce\">1</script>", "$name: and a nonce");

    # a refusal without a page keeps the policy, too

    like($nginx->get('/x')->{head}, qr/^Content-Security-Policy: .*'nonce-/mi,
         "$name: nginx's own page has it");

    $nginx->stop;
    $nginx->quiet('rtcsp_nonce.*data:');
}


try_set(@$_) for [qw(rtauth rtcsp)], [qw(rtcsp rtauth)];

done_testing;

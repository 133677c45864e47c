#!/usr/bin/perl

# What is found out after its line was read still names that line: in merge.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtcsp']);

# 'strict-dynamic' around locations that all have a nonce is none of theirs

my $alone = "\"script-src 'strict-dynamic'\" in the policy of \"rtcsp\": "
            . 'without a nonce or hash no script runs at all';
my $way = 'rtcsp_nonce placeholder=data:pH7-placeholder_0123456789abcdef;';

for (
    [1, ''],
    [1, 'location /a { rtcsp_nonce upstream; }'],
    [1, "location = / { $way }"],
    [1, "location / { $way } location /b { }"],
    [1, "location / { $way } location /b { location /b/c { } }"],
    [1, 'rtcsp_report_only_policy strict; rtcsp_report_uri /r;'],
    [1, "location / { $way location /b { rtcsp strict; rtcsp_nonce off; } }"],
    [0, "location / { $way }"],
    [0, "location / { $way location /b { location ~ c { } } }"],
    [0, 'location / { rtcsp_nonce upstream; }'],
    [0, 'location / { rtcsp_nonce gated src=/a/; }'],
    [0, 'location / { rtcsp talisman; }'],
    [0, "location / { $way } location = /report { rtcsp_collector; }"],
    [0, "location / { $way } location /b { rtcsp off; }"],
) {
    my ($warned, $locations) = @$_;

    my $try = RT::Nginx->new(modules => ['rtcsp'], http => <<"EOT");
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtcsp strict;  # here
        $locations
    }
EOT

    my ($rc, $out) = $try->try;

    is($rc, 0, "taken: $locations");
    is(scalar(() = $out =~ /\[warn\] [^\n]*\Q$alone\E/g), $warned,
       '... and warned of ' . ($warned ? 'once' : 'not at all')) or diag($out);
}

my @cases = (
    'no policy for "rtcsp_nonce_in" to put a nonce in', '
        rtcsp_nonce_in script-src;  # here
    ',

    'no policy for "rtcsp_directive img-src" to change', '
        rtcsp_directive img-src self;  # here
        rtcsp_directive font-src self;
    ',

    'no policy for "rtcsp_report_only on"', '
        rtcsp_report_only on;  # here
    ',

    'would both send Content-Security-Policy-Report-Only', '
        rtcsp on;
        rtcsp_report_uri /r;
        rtcsp_report_only on;  # here
        rtcsp_report_only_policy strict;
    ',

    'would both send Content-Security-Policy-Report-Only', '
        rtcsp on;
        rtcsp_report_uri /r;
        rtcsp_report_only on;
        location /in {
            rtcsp_report_only_policy strict;  # here
        }
    ',

    'the policy of "rtcsp_report_only_policy" is only reported on', '
        rtcsp on;
        rtcsp_report_only_policy strict;  # here
    ',

    'the policy of "rtcsp" is only reported on', '
        rtcsp on;
        location /in {
            rtcsp_report_only on;  # here
        }
    ',

    'lets a <base> lead scripts that "rtcsp_nonce gated" allows', '
        rtcsp on;
        rtcsp_nonce_in script-src;
        rtcsp_nonce gated src=/static/;
        rtcsp_directive base-uri https://a.test;  # here
    ',

    'the policy has no such directive to take away', '
        rtcsp on;
        rtcsp_directive img-src self;
        rtcsp_directive font-src off;  # here
    ',

    '"rtcsp_directive" took all directives', q{
        rtcsp_policy "img-src 'self'";
        rtcsp_directive img-src off;  # here
    },

    'invalid directive "script-src" in "rtcsp_nonce_in"', q{
        rtcsp_policy "img-src 'self'";
        rtcsp_nonce header;
        rtcsp_nonce_in script-src;  # here
    },

    # found by the linter, of a line or of the whole policy

    '"sandbox wrong" in the policy of "rtcsp"', '
        rtcsp talisman;
        rtcsp_directive img-src self;
        rtcsp_directive sandbox wrong;  # here
    ',

    'in the policy of "rtcsp_policy"', q{
        location /in {
            rtcsp_policy "script-src 'self'; object-src 'none'";  # here
            rtcsp_nonce header;
            rtcsp_nonce_in script-src;
        }
    },

    '"rtcsp_nonce" gives no page a nonce', '
        rtcsp talisman;
        rtcsp_nonce header;  # here
    ',
);

while (my ($says, $server) = splice @cases, 0, 2) {
    $nginx->blames($says, http => "server { $server }");
}

# in a file that is included, and the outer level's line
mkdir $nginx->dir . '/inc';
$nginx->file('inc/csp.conf', "\nrtcsp_directive img-src off;  # here\n");

$nginx->blames('the policy has no such directive to take away', http => '
    rtcsp on;
    include %%DIR%%/inc/csp.conf;
    server { location / { rtcsp_report_uri /r; } }
');

done_testing;

#!/usr/bin/perl

# What compresses pages must do so after rtcsp has read them, and which of two
# modules comes first depends on the order of their load_module.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my $server = 'server { location / { rtcsp on; } }';

sub try {
    my $nginx = RT::Nginx->new(modules => [@_], http => $server);

    return $nginx->dir, $nginx->try;
}

my ($dir, $rc, $out) = try(qw(zstd_filter rtcsp));

is($rc, 0, 'loaded after it') or diag $out;

($dir, $rc, $out) = try(qw(rtcsp zstd_filter));

is($rc, 1, 'loaded before it');
like($out, qr/\[emerg\] "ngx_http_zstd_filter_module" would compress pages before "ngx_http_rtcsp_module" reads them: put the "load_module" of rtcsp after its own, in "\Q$dir\E\/nginx.conf" or a file that it includes$/m,
     'which is said, with the mend and the place');

done_testing;

#!/usr/bin/perl

# A zone that is too small: the size that nginx asks for is the one that it
# takes, and two percent less are not enough.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit']);

# what is said of a zone of so many KB

sub said {
    my ($size, $workers, $event) = @_;

    $nginx->{workers} = $workers;
    $nginx->{http} = <<"EOT";
        rtaudit_zone ${size}k;
        rtaudit_max_event $event;
        rtaudit_sink main file:%%DIR%%/logs/audit.log;
        server { listen 127.0.0.1:%%PORT0%%; rtaudit main; }
EOT

    return $nginx->try;
}

for ([1, '64k'], [2, '64k'], [8, '64k'], [32, '64k'], [300, '64k'],
     [1, '8k'], [16, '1m'])
{
    my ($workers, $event) = @$_;
    my $of = "$workers workers, events of $event";

    my ($failed, $said) = said(40, @$_);
    my ($size) = $said =~ /too small for $workers .*: make it at least (\d+)k/;

    ok($failed && $size, "$of: it says how much");

    ($failed, $said) = said($size, @$_);
    is($failed, 0, "$of: ${size}k are enough") or diag($said);

    ($failed) = said(int($size * 0.98), @$_);
    ok($failed, "$of: and little less is not");
}

done_testing();

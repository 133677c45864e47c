#!/usr/bin/perl

# What tests ask of every audit file that nginx left: a fault of one is found,
# wherever in its file it is, and so is one of the validator.

use strict;
use warnings;
use lib 't/lib';

use File::Temp ();
use Test::More;
use RT;


my $dir = File::Temp->newdir;
my ($event) = grep { /^\{"id":"/ } do {
    open my $fh, '<', "$RT::Top/docs/event.md" or die $!;
    <$fh>;
};


sub faults {
    open my $fh, '>', "$dir/audit.log" or die $!;
    print $fh @_;
    close $fh;

    return RT::faults("$dir");
}


is(faults($event), '', 'the event of the docs');
is(faults("a line\n", "{}\n"), '', 'another file');
like(faults($event, "{\"id\":\"x\"}\n"), qr/audit\.log:2: /, 'the second line');
like(faults("half\"}\n", $event), qr/audit\.log:1: half/, 'the first line');
like(faults("half\"}\n{\"id\":"), qr/^$/, 'neither line begins as an event');

{
    local $RT::Top = "$dir";
    like(faults($event), qr/^schema: [1-9]/, 'the validator finds no schema');
}

done_testing();

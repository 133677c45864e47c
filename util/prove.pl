#!/usr/bin/perl
#
# Runs .t files, JOBS at a time, and closes with "check: N passed, N failed".
# A file that dies, or whose plan does not hold, counts as one failure more.  What
# is skipped, a test or a whole file, is counted by its reason.

use strict;
use warnings;

use TAP::Harness;

my @files = @ARGV or die "$0: error: no .t file was found\n";

my $harness = TAP::Harness->new({
    lib       => ['t/lib'],
    jobs      => $ENV{JOBS} || 1,
    timer     => 1,
    merge     => 0,
    verbosity => $ENV{VERBOSE} ? 1 : 0,
});

my %skipped;

$harness->callback(made_parser => sub {
    my $parser = shift;

    $parser->callback(test => sub {
        my ($why) = $_[0]->explanation =~ /([^-]*)\z/;

        $skipped{$why =~ s/^\s+//r}++ if $_[0]->has_skip;
    });
});

my $results = $harness->runtests(@files);

my $passed = $results->passed;
my $failed = $results->failed;

for my $parser ($results->parsers) {
    $skipped{$parser->skip_all}++ if $parser->skip_all;
    next unless $parser->has_problems;

    # Test::More exits with the number of tests that failed
    my $died = (($parser->wait // 0) & 127)
               || ($parser->exit // 0) > $parser->failed;

    $failed++ if $died || !$parser->is_good_plan || !$parser->tests_run;
}

print "check: $skipped{$_} skipped: $_\n" for sort keys %skipped;
print "check: $passed passed, $failed failed\n";

exit($failed || !$passed ? 1 : 0);

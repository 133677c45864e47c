package RT::Format;

# What a collector's documentation asks of a request, or of one line, and the
# events in it:
#
#   my @lines = RT::Format::lines('loki', $body);   # dies if a rule is broken
#   my $line = RT::Format::datadog($object);
#
# A line is the event's, with its LF, for RT::Audit::check.

use strict;
use warnings;

use B ();
use JSON::PP ();

my $json = JSON::PP->new->utf8->canonical;
my $time = qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/;

my %lines = (
    retool => sub { split /^/, $_[0] },
    datadog => \&all_of_datadog,
    loki => \&all_of_loki,
    es_bulk => \&all_of_es_bulk,
    splunk_hec => \&all_of_splunk_hec,
);


sub lines {
    my ($format, $body) = @_;

    return $lines{$format}->($body);
}


sub must { $_[0] or die "$_[1]\n" }


sub text {
    my $v = shift;

    return defined $v && !ref $v
           && B::svref_2object(\$v)->FLAGS & B::SVf_POK;
}


# https://docs.datadoghq.com/api/latest/logs: POST /api/v2/logs

sub all_of_datadog {
    my $body = shift;

    my $all = $json->decode($body);

    must(ref $all eq 'ARRAY' && @$all >= 1 && @$all <= 1000, 'no array');
    must(length $body <= 5 << 20, 'more than 5 MB');

    return map { datadog($_) } @$all;
}


sub datadog {
    my $v = shift;

    must(length $json->encode($v) <= 1 << 20, 'more than 1 MB');
    must(text($v->{$_}), "$_ is no text") for qw(ddsource message hostname);
    must(!exists $v->{service} || text($v->{service}), 'service');
    must(!exists $v->{ddtags}
         || $v->{ddtags} =~ m{\A[\w./-]+(?::[\w./:-]+)?(?:,[\w./-]+(?::[\w./:-]+)?)*\z},
         'ddtags');
    must($v->{timestamp} =~ $time, 'timestamp');
    must($v->{status} =~ /\A(?:info|warn|error)\z/, 'status');

    return $json->encode($v->{retool}) . "\n";
}


# https://grafana.com/docs/loki/latest/reference/loki-http-api: push

sub all_of_loki {
    my $all = $json->decode($_[0]);

    must(ref $all->{streams} eq 'ARRAY' && @{$all->{streams}} == 1, 'streams');

    my ($stream, $values) = @{$all->{streams}[0]}{qw(stream values)};

    must(%$stream && keys %$stream <= 15, 'labels');
    must(/\A[a-zA-Z_][a-zA-Z0-9_]*\z/ && text($stream->{$_}), "label $_")
        for keys %$stream;

    must(ref $values eq 'ARRAY' && @$values, 'values');

    return map {
        must(@$_ == 2 && text($_->[0]) && text($_->[1]), 'a value');
        must($_->[0] =~ /\A1\d{18}\z/, 'nanoseconds');
        "$_->[1]\n"
    } @$values;
}


# https://www.elastic.co/docs/api: POST /{index}/_bulk, of a data stream

sub all_of_es_bulk {
    my $body = shift;

    my (@lines, @events) = split /^/, $body;

    must($body =~ /\n\z/ && @lines && @lines % 2 == 0, 'pairs of lines');

    while (my ($action, $document) = splice @lines, 0, 2) {
        my $do = $json->decode($action);
        my $v = $json->decode($document);

        must(join(' ', keys %$do) eq 'create', 'create');
        must($do->{create}{_id} eq $v->{id}, 'the id');
        must(delete($v->{'@timestamp'}) eq $v->{createdAt}, '@timestamp');

        push @events, $json->encode($v) . "\n";
    }

    return @events;
}


# https://docs.splunk.com: services/collector/event

sub all_of_splunk_hec {
    my @all = map { $json->decode($_) } split /^/, $_[0];

    must(@all, 'no object');

    for my $v (@all) {
        must(!text($v->{time}) && $v->{time} =~ /\A1\d{9}(?:\.\d{1,3})?\z/,
             'time');
        must(text($v->{$_}), $_) for qw(host sourcetype);
        must(ref $v->{event} eq 'HASH', 'event');
    }

    return map { $json->encode($_->{event}) . "\n" } @all;
}


1;

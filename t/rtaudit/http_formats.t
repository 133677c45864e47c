#!/usr/bin/perl

# https: and http: sinks with format=: requests as the collectors' documents
# want them (RT::Format), and what their answers mean.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Intake;
use RT::Nginx;


# parameters, the type of a request, the answers before all is well

my %format = (
    datadog => ['service=tools env=production tags=team:ops',
                'application/json', 202],
    loki => ['service=tools env=production', 'application/json', 204],
    es_bulk => ['index=audit', 'application/x-ndjson',
                { status => 200, body => 'no such answer' },
                { status => 200, items => [400, 429, 503, 201, 409] }],
    splunk_hec => ['service=tools index=audit', 'application/json',
                   { status => 503, body => '{"text":"Server is busy",'
                                            . '"code":9}' }],
);

my %c = map { $_ => RT::Intake->new(format => $_) } keys %format;
my $sinks = '';

for my $name (sort keys %format) {
    my ($args, undef, @say) = @{$format{$name}};

    $c{$name}->say(@say);
    $c{$name}{always} = { status => 200, items => [] } if $name eq 'es_bulk';
    $sinks .= "rtaudit_sink $name " . $c{$name}->target
              . " spool=%%DIR%%/$name:16m class=all format=$name $args;\n";
    $c{$name}->stop;
}

my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
    $sinks
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main @{[ sort keys %format ]};
        location / { return 200; }
    }
EOF

# own events may come with those of requests, behind them

sub lines { grep { !RT::Audit::is_own($_) } @{$_[0]{lines}} }


$nginx->start;
$nginx->get("/r$_") for 1 .. 5;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my @events = $audit->events(5);

# one request has all of them

$nginx->stop;
RT::Intake::gather($nginx->dir . "/$_") for keys %format;
$_->start for values %c;
$nginx->start;

for my $name (sort keys %format) {
    my $c = $c{$name};
    my (undef, $type) = @{$format{$name}};

    RT::Intake::until("$name: all", sub {
        $name eq 'es_bulk' ? @{$c->{requests}} >= 3 : $c->accepted >= 5;
    });

    my ($first) = @{$c->{requests}};

    like($first->{head}, qr/^Content-Type: \Q$type\E\r?$/m, "$name: the type");
    is_deeply([RT::Audit::check(lines($first))], \@events,
              "$name: the events, wrapped");
}

my (undef, $all, $again) = @{$c{es_bulk}{requests}};

is(lines($all), 5, 'an answer that cannot be read: all are sent again');
is_deeply($again->{lines}, [(lines($all))[1, 2]],
          'items that were refused for a while are, and no others');

my $kept;
ok(RT::Intake::until('the refused', sub {
    $kept = RT::Nginx::slurp($nginx->dir . '/es_bulk/refused');
}), 'an item that is refused is kept');
is_deeply([RT::Audit::check($kept =~ s/^[0-9a-f]{16} //r)], [$events[0]],
          'as the event that it is');

ok(RT::Intake::until('it to be over', sub {
    !grep { m{/(?:open|[0-9a-f]{16})\z} && -s }
        map { glob $nginx->dir . "/$_/*" } keys %format;
}), 'nothing waits any more');

$nginx->end(undef, 'events of sink "es_bulk" were refused, and are kept in');

done_testing();

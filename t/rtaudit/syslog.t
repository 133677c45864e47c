#!/usr/bin/perl

# syslog: sinks: what a collector gets, over each way there is.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::Syslog;


my %c = map { $_ => RT::Syslog->new($_) } qw(udp tcp unix);
my %with = (udp => '', tcp => 'facility=local3 tag=my-app', unix => '');

if (!RT::skips('syslog:tls:')) {
    $c{tls} = RT::Syslog->new('tls');
    $with{tls} = "ca=$c{tls}{dir}/cert.pem required";
}

my @ways = sort keys %c;
my @sinks = map { "rtaudit_sink $_ @{[ $c{$_}->target ]} $with{$_};\n" } @ways;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                           http => <<EOF);
    rtaudit_zone 4m;
    @sinks
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit @ways main;
        rtaudit_level request;
        rtaudit_body 1m;
        rtaudit_max_event 512k;
        client_body_buffer_size 1m;
        location / { return 200; }
        location /long { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        return 200;
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');


# -- one event

$nginx->get('/one?a=b');

my $event = $audit->event;
my %m = map { $_ => ($c{$_}->wait(1))[0] } @ways;

chomp(my $line = $audit->text);
chomp(my $host = `uname -n`);
my ($worker) = $nginx->workers;

for my $way (@ways) {
    is($m{$way}{text}, $line, "$way: the event itself, without its LF");
    is($m{$way}{msgid}, $way, 'the sink by its name');
    is($m{$way}{time}, $event->{createdAt}, 'the time of the event');
    is($m{$way}{pid}, $worker, 'the worker');
    is($m{$way}{host}, lc $host, 'the machine');
}

is($m{udp}{pri}, 13 * 8 + 6, 'facility audit, severity info');
is($m{udp}{app}, 'nginx', 'by nginx');
is($m{tcp}{pri}, 19 * 8 + 6, 'the facility that was asked for');
is($m{tcp}{app}, 'my-app', 'the tag that was asked for');


# -- many, in order

for (1 .. 300) {
    $nginx->get("/r$_");
    $_->take for values %c;
}

# the file comes last: meanwhile nobody would empty the socket of who is unix

my %urls = map {
    $_ => [map { $_->{request}{url} } RT::Syslog::events($c{$_}->wait(300))]
} @ways;
my @main = map { $_->{request}{url} } $audit->events(300);

is_deeply($urls{$_}, \@main, "$_: the same events") for @ways;


# -- longer than a datagram: dropped and counted, never cut

sub long {
    my $n = shift;
    $nginx->post('/long', 'application/json', '{"a":"' . 'x' x $n . '"}');
}

long(400_000);
$nginx->get('/after');

# it is longer than what a connection holds of what nobody has read

$nginx->wait_for('both', sub {
    $_->take for values %c;
    return $audit->fresh >= 2;
});

my @long = $audit->events(2);
cmp_ok(length((split /^/, $audit->text)[-2]), '>', 400_000, 'a long event');

$nginx->get('/told');
my $told = $audit->event;

my %lost = map { $_ => 0 } @ways;

for my $way (@ways) {
    my @want = map { $_->{request}{url} } @long, $told;
    shift @want if $way =~ /^u/;

    my @got = RT::Syslog::events($c{$way}->wait(scalar @want));
    is_deeply([map { $_->{request}{url} } @got], \@want, "$way: what fits");
    $lost{$way} += $_->{metadata}{lost} || 0 for @got;
}

# by the one behind it, or by the next

is_deeply(\%lost, { map { $_ => /^u/ ? 1 : 0 } @ways }, 'and is told');

$nginx->stop;

for my $way (@ways) {
    my $books = RT::Syslog::books($nginx, $way);
    my $dropped = $way =~ /^u/ ? 1 : 0;

    is_deeply($books, { requests => 304, waived => 0, left => 0,
                        written => 304 - $dropped, dropped => $dropped },
              "$way: the books agree");
}

$nginx->quiet;

done_testing();

#!/usr/bin/perl

# format=datadog: what a file for the Agent and a syslog collector get; that the
# event in it is the event; and what nginx -t says of a format and its words.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Format;
use RT::Nginx;
use RT::Syslog;


my $away = RT::Syslog->new('udp');
my $view = 'format=datadog service=tools env=production tags=team:ops,eu';

my $http = <<"EOT";
    rtaudit_zone 4m;
    rtaudit_sink main   file:%%DIR%%/logs/main.log format=retool;
    rtaudit_sink agent  file:%%DIR%%/logs/agent.log $view;
    rtaudit_sink health file:%%DIR%%/logs/health.log class=health $view;
    rtaudit_sink away   @{[ $away->target ]} format=datadog;
EOT

$http .= <<'EOT';
    rtaudit main agent health away;
    rtaudit_level request;
    rtaudit_field userId header:X-User;

    server {
        listen 127.0.0.1:%%PORT0%%;
        location / { return 200; }
        location /gone { return 404; }
        location /down { return 502; }
    }
EOT

my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => $http);
$nginx->start;

my $main = RT::Audit->new($nginx->dir . '/logs/main.log');


# lines of a file, once there are $n; each as an object

sub objects {
    my ($name, $n) = @_;

    my @lines;
    $nginx->wait_for("$n lines of $name", sub {
        @lines = grep { !RT::Audit::is_own($_) }
            RT::Nginx::slurp($nginx->dir . "/logs/$name.log") =~ /.*\n/g;
        @lines == $n
    });

    return map { RT::Audit::parse($_) } @lines;
}


# the events in them; they are valid, and so is what is around them

sub wrapped { return RT::Audit::check(map { RT::Format::datadog($_) } @_) }


my @asked = ('/?a=%22b%22', '/gone', '/down');

$nginx->get($_, headers => ['X-User: lovelace "the first"']) for @asked;

my @main = $main->events(scalar @asked);
my @agent = objects('agent', scalar @asked);
my @health = objects('health', scalar @asked);
my @away = $away->wait(scalar @asked);

is_deeply([wrapped(@agent)], \@main, 'the event is in it');
is_deeply([map { $_->{status} } @agent], [qw(info warn error)], 'a severity');

my $line = $agent[0];

is_deeply({ %$line, retool => 0 }, {
    id => $main[0]{id}, ddsource => 'rtaudit', message => 'QUERY_RUN',
    service => 'tools', ddtags => 'env:production,team:ops,eu',
    timestamp => $main[0]{createdAt}, hostname => $main[0]{metadata}{node},
    status => 'info', usr => { id => 'lovelace "the first"' },
    http => { status_code => 200, method => 'GET',
              url => '/?a=%22b%22' },
    network => { client => { ip => '127.0.0.1' } },
    evt => { name => 'QUERY_RUN' }, retool => 0,
}, 'with Datadog\'s names beside it');


# of a part of an event

is_deeply([map { $_->{metadata}{class} } wrapped(@health)],
          [map { ['health'] } @asked], 'a part of the event');

$line = $health[0];
is_deeply([sort keys %$line],
          [qw(ddsource ddtags hostname http id message retool service status
              timestamp)], 'brings nothing back');
is_deeply($line->{http}, { status_code => 200 }, 'nor in an object');
unlike(RT::Nginx::slurp($nginx->dir . '/logs/health.log'),
       qr/lovelace|127\.0\.0\.1|\?a=|GET/, 'no value at all');


# over syslog

is_deeply([wrapped(map { RT::Audit::parse("$_->{text}\n") } @away)], \@main,
          'syslog: likewise');
is($away[0]{time}, $main[0]{createdAt}, 'with the time of the event');

$nginx->end;


# -- nginx -t

sub refused {
    my ($words, $why) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<"EOT");
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log $words;
EOT
    my ($rc, $said) = $nginx->try;

    isnt($rc, 0, $words);
    like($said, qr/\Q$why\E/, 'the mend');
}

refused('format=xml', 'invalid format "xml" in "rtaudit_sink": write retool,');
refused('format=loki', 'invalid format "loki" in "rtaudit_sink": it is for a'
                       . ' sink that sends requests, write retool or datadog');
refused('service=tools', 'invalid parameter "service=" in "rtaudit_sink": it'
                         . ' is a format\'s, write format=datadog');
refused('format=retool env=a', 'invalid parameter "env=" in "rtaudit_sink":'
                               . ' this format has none, leave it out');
refused('format=datadog service=', 'invalid parameter "service=" in'
                                   . ' "rtaudit_sink": write 1 to 200 letters');
refused('format=datadog "tags=a b"', 'with commas between tags, behind it');
refused('format=datadog index=a', 'invalid parameter "index="');

done_testing();

#!/usr/bin/perl

# https: and http: sinks: what a collector gets, once, over restarts.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Intake;
use RT::Nginx;
use RT::Syslog;


my %c = (
    plain => RT::Intake->new,
    tls => RT::Intake->new(tls => 1, san => 'DNS:logs.test'),
);

my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2,
                           http => <<EOF);
    rtaudit_zone 4m;
    rtaudit_sink plain @{[ $c{plain}->target ]} spool=%%DIR%%/plain:16m
                 class=all
                 header=X-Key:file:%%DIR%%/key header=X-Tenant:data:one;
    rtaudit_sink tls @{[ $c{tls}->target ]} spool=%%DIR%%/tls:16m required
                 class=all
                 ca=$c{tls}{dir}/cert.pem name=logs.test;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit plain tls main;
        location / { return 200; }
    }
EOF

$nginx->file('key', "s3cret\n");
chmod 0600, $nginx->dir . '/key';
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $n = 0;


# a collector that answers does so all the time

sub ask {
    for (1 .. shift) {
        $nginx->get('/r' . ++$n);
        RT::Intake::take_all();
    }
}


sub ids { sort map { $_->{id} } @_ }


# -- one event

ask(1);
my $event = $audit->event;

for my $way (sort keys %c) {
    my ($got) = $c{$way}->wait(1);
    is($got->{id}, $event->{id}, "$way: the event itself");

    my $head = $c{$way}{requests}[0]{head};
    like($head, qr{^Content-Type: application/x-ndjson\r?$}m, 'as lines');
    unlike($head, qr/^Expect:/m, 'it waits for no "100 Continue"');
}

my ($head) = map { $_->{head} } @{$c{plain}{requests}};
like($head, qr/^X-Key: s3cret\r?$/m, 'with a key from a file');
like($head, qr/^X-Tenant: one\r?$/m, 'and another header');
like($c{tls}{requests}[0]{head}, qr/^Host: logs\.test:\d+\r?$/m,
     'asked for by its name');


# -- many, each once, over one connection

ask(60);
my @all = $audit->events(60);

for my $way (sort keys %c) {
    is_deeply([ids($c{$way}->wait(60))], [ids(@all)],
              "$way: the same events, once");
    is($c{$way}{connections}, 1, 'the connection is kept');
}

my @stat = stat $nginx->dir . '/plain';
is($stat[2] & 0777, 0700, 'the spool is its owner\'s');
is((grep { (stat)[2] & 077 } glob $nginx->dir . '/plain/*'), 0,
   'and so is what is in it');


# -- reload, with the key turned

$nginx->file('key', "turned\n");
chmod 0600, $nginx->dir . '/key';
ask(20);

my %old = map { $_ => 1 } $nginx->workers;
$nginx->signal('HUP');
ok(RT::Intake::until('the reload', sub {
    ask(1);
    2 == grep { !$old{$_} } $nginx->workers;
}), 'reload');

ask(20);
my $rest = $n - 61;

my %got = map { $_ => [ids($c{$_}->wait($rest))] } sort keys %c;
@all = $audit->events($rest);
is_deeply($got{$_}, [ids(@all)], "$_: once") for sort keys %c;

ok(RT::Intake::until('the new key', sub {
    ask(1);
    $c{plain}{requests}[-1]{head} =~ /^X-Key: turned\r?$/m;
}), 'with the new key soon');


# -- an upgrade: two nginx have the spool, one of their workers sends

my $master = $nginx->master;
kill 'USR2', $master;
ok(RT::Intake::until('another master', sub {
    ask(1);
    my $now = $nginx->master;
    $now && $now != $master && $nginx->workers == 2;
}), 'another nginx beside the old one');

ask(10);
kill 'QUIT', $master;
ok(RT::Intake::until('the old one to end', sub {
    ask(1);
    !RT::Nginx::runs($master);
}), 'the old one ends');


# -- nobody listens: it stays on disk, over a stop and a start

RT::Intake::until('the last', sub {
    2 == grep { $_->accepted == $n } values %c;
});
$_->stop for values %c;

is($nginx->get('/r' . ++$n)->{status}, 200, 'required: the spool takes it');
ask(19);
RT::Intake::until('the error', sub { $nginx->log_text =~ /wait for "http:/ });
$nginx->stop;

my $books = RT::Syslog::books($nginx, 'tls');
is($books->{requests}, $n, 'all requests are in the books');
is($books->{written}, $n, 'and written, which is: on disk');

$nginx->start;
ask(10);
$_->start for values %c;

for my $way (sort keys %c) {
    RT::Intake::until('the rest', sub { $c{$way}->accepted >= $n });
    is_deeply([ids(RT::Audit::check($c{$way}->accepted))],
              [ids($audit->all)], "$way: all of them, once");
}

$nginx->end;

like($nginx->log_text, qr/\[error\].* events of sink "plain" wait for "http:/,
     'that it was away is said');
unlike($nginx->log_text, qr/s3cret|turned|x=1/, 'no key, no query in the log');

done_testing();

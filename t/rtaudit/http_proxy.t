#!/usr/bin/perl

# https: and http: sinks through a proxy, and with a certificate to show.

use strict;
use warnings;
use lib 't/lib';

use IO::Socket::SSL;
use Test::More;
use RT::Audit;
use RT::Intake;
use RT::Nginx;
use RT::Proxy;
use RT::Syslog;


# -- http:: it is asked for the collector by its name

{
    my $proxy = RT::Intake->new;
    my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
    rtaudit_sink main http://logs.invalid:81/in?x=1 spool=%%DIR%%/spool:16m
                      class=all
                      proxy=http://127.0.0.1:$proxy->{port};
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOF

    local $ENV{http_proxy} = 'http://127.0.0.1:1';

    $nginx->start;
    $nginx->get('/');
    $proxy->wait(1);
    like($proxy->{requests}[0]{head},
         qr{\APOST http://logs\.invalid:81/in\?x=1 }, 'a proxy');
    $nginx->end(undef);
    like(RT::Nginx::slurp($nginx->dir . '/logs/command.out'),
         qr/events go to "http:\/\/logs\.invalid:81\/in" in the clear/,
         'in the clear, which is warned of');
}


# -- https:: it leads there, and sees nothing; the collector wants a certificate

{
    my ($user) = my @machine = map { RT::Intake->new(tls => 1) } 1 .. 2;
    my @c = map { RT::Intake->new(
        tls => 1, san => 'DNS:logs.test',
        ssl => { SSL_verify_mode => SSL_VERIFY_PEER
                                    | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                 SSL_ca_file => "$user->{dir}/cert.pem" }) } 1 .. 3;
    my @proxy = map { RT::Proxy->new($_->{port}) } @c;

    # what is shown to each; the second gets none, the third another's

    my @shows = map { $_ ? " cert=$_->{dir}/cert.pem"
                           . " key=file:$_->{dir}/key.pem" : '' }
                $user, undef, $machine[1];

    my $sinks = join '', map { <<EOF } 0 .. 2;
    rtaudit_sink s$_ https://logs.test:8443/in?x=1 spool=%%DIR%%/s$_:16m
                 class=all timeout=5s header=X-Key:data:s3cret
                 proxy=http://127.0.0.1:$proxy[$_]{port}
                 ca=$c[$_]{dir}/cert.pem$shows[$_];
EOF

    my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
$sinks
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit s0 s1 s2;
        location / { return 200; }
    }
EOF

    $nginx->start;
    $nginx->get('/one');

    my ($event) = $c[0]->wait(1);
    is($event->{request}{url}, '/one', 'it came');
    like($c[0]{requests}[0]{head}, qr/^X-Key: s3cret\r?$/m, 'with its key');
    like($c[0]{requests}[0]{head}, qr{\APOST /in\?x=1 .*^Host: logs\.test:8443\r?$}ms,
         'asked for by its name');

    for my $i (1, 2) {
        ok(RT::Intake::until('the refusal', sub {
            $nginx->log_text =~ /\[error\].* sink "s$i" wait for /
        }), "s$i: without the right certificate it waits");
        is(@{$c[$i]{requests}}, 0, 'and nothing is sent');
    }

    for my $i (0 .. 2) {
        my ($head) = $proxy[$i]->heads;
        like($head, qr/\ACONNECT logs\.test:8443 HTTP/, "s$i: a tunnel");
        unlike($head, qr/s3cret|one/, 'and no more than that');
    }

    $nginx->end;

    is(RT::Syslog::books($nginx, "s$_")->{written}, 1, "s$_: written")
        for 0 .. 2;
}

done_testing();

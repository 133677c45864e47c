#!/usr/bin/perl

# Requests that TLS refuses: a certificate that is missing or bad (495, 496),
# plain HTTP on a port of HTTPS (497).  Clients and $status have 400 for each.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $tools = `openssl version 2>&1` . `curl --version 2>&1`;
plan(skip_all => 'no openssl or curl')
    unless $tools =~ /OpenSSL/ && $tools =~ /\bcurl\b.*\d/;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%% ssl;
        ssl_certificate %%DIR%%/server.crt;
        ssl_certificate_key %%DIR%%/server.key;
        ssl_client_certificate %%DIR%%/server.crt;
        ssl_verify_client on;
        rtaudit main;
        rtaudit_level request;
        location / { return 200 ok; }
    }
EOT

my $dir = $nginx->dir;

for my $who ('server', 'stranger') {
    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
           . " -nodes -days 2 -subj /CN=$who -keyout $dir/$who.key"
           . " -out $dir/$who.crt >/dev/null 2>&1") == 0
        or die 'openssl failed';
}

$nginx->start;

my $audit = RT::Audit->new("$dir/logs/audit.log");
my $base = 'https://127.0.0.1:' . $nginx->port;


sub ask {
    my ($uri, $who) = @_;
    my $with = $who ? "--cert $dir/$who.crt --key $dir/$who.key" : '';

    return `curl -sk -o /dev/null -w '%{http_code}' $with '$base$uri'`;
}


is(ask('/fine', 'server'), 200, 'a known certificate');
my $e = $audit->event;
is($e->{status}, 200, 'its status');
is($e->{request}{url}, '/fine', 'its address');

is(ask('/none?a=1'), 400, 'none');
$e = $audit->event;
is($e->{status}, 400, 'its status');
is($e->{error}{type}, 'bad_request', 'and what it says');
is($e->{request}{url}, '/none?a=1', 'its address');

is(ask('/bad', 'stranger'), 400, 'one nobody knows');
$e = $audit->event;
is($e->{status}, 400, 'its status');

$nginx->raw("GET /http HTTP/1.1\r\nHost: a\r\n\r\n");
$e = $audit->event;
is($e->{status}, 400, 'HTTP on a port of HTTPS');
is($e->{request}{url}, '/http', 'its address');

$audit->none_more;
$nginx->stop;
$nginx->quiet;

done_testing();

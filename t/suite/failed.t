#!/usr/bin/perl

# A sign-in that comes to nothing: the page, the line in the error log and the
# audit event have one reference, and none of them a byte of what was sent.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Nginx;


my $nginx = RT::Nginx->new(
    modules => [qw(rtauth rtaudit rtcsp)],
    ports   => 3,
    http    => "
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer https://127.0.0.1:1/corp; client_auth none; client_id web;
        jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;
    rtaudit_level request;
    add_header X-Result \$rtauth_result always;
    add_header X-Endpoint \$rtauth_endpoint always;
    rtcsp google;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth_origin https://tools.example.com;
        root %%DIR%%/html;
        rtauth corp;
    }
    server {
        listen 127.0.0.1:%%PORT1%%;
        rtauth_origin https://two.example.com;
        root %%DIR%%/html;
        rtauth corp;
        error_page 400 503 /public/ours.html;
        location /public/ { rtauth off; }
        location = /oidc/logout { return 403; }
    }
    server {
        listen 127.0.0.1:%%PORT2%%;
        rtauth_origin https://three.example.com;
        rtauth_pages %%DIR%%/pages;
        rtauth corp;
    }
    ");

$nginx->file('html/index.html', '');
$nginx->file('html/public/ours.html', "our own page\n");
$nginx->file('pages/failed.html', "<p>call 7777, {{reference}}</p>\n");
$nginx->start;

my $forged = '/oidc/callback?code=c0dec0de&state=st4test4te';
my $hex = qr/[0-9a-f]{8}/;

sub header { my ($r, $name) = @_; $r->{head} =~ /^$name: *(.*?)\r?$/mi ? $1 : '' }

my @refs;


# the page

my $r = $nginx->get($forged);

is($r->{status}, 400, 'a forged callback: 400');
is(header($r, 'Content-Type'), 'text/html; charset=utf-8', 'a page');
is(header($r, 'Cache-Control'), 'no-store', 'not stored');
is(header($r, 'X-Frame-Options'), 'DENY', 'not framed');
is(header($r, 'X-Result'), 'login_state', 'the result is the reason');
is(() = $r->{head} =~ /^Content-Security-Policy/mig, 1, 'one policy');
like(header($r, 'Content-Security-Policy'),
     qr/^default-src 'none'; .*frame-ancestors 'none'/, 'its own');
unlike($r->{raw}, qr/c0dec0de|st4test4te/, 'nothing of the request is in it');
like($r->{body}, qr/the reference <strong>($hex)</, 'it has a reference');
push @refs, $r->{body} =~ /<strong>($hex)</;

is(header($r, 'X-Endpoint'), 'redirect_uri', 'the variable names the address');


# away

$r = $nginx->get('/oidc/login?to=%2Fx');

is($r->{status}, 503, 'the provider is away: 503');
is(header($r, 'Retry-After'), 5, 'try again later');
is(() = $r->{head} =~ /^Retry-After:/mig, 1, 'said once');
is(header($r, 'X-Result'), 'provider_unavailable', 'and why');
like($r->{body}, qr/not possible right now/, 'in words');
push @refs, $r->{body} =~ /<strong>($hex)</;

my $head = $nginx->request('HEAD', '/oidc/login?to=%2Fx');

is($head->{status}, 503, 'HEAD');
is($head->{body}, '', 'without a body');
is(header($head, 'Content-Length'), header($r, 'Content-Length'), 'as long');


# an operator's own

$r = $nginx->get($forged, port => 1);

is($r->{status}, 400, 'error_page: the same status');
is($r->{body}, "our own page\n", 'his page');
is(header($r, 'Cache-Control'), 'no-store', 'not stored either');
unlike(header($r, 'Content-Security-Policy'), qr/default-src 'none'; style/,
       'with the policy of its location');

$r = $nginx->get('/oidc/login?to=%2Fx', port => 1);

is($r->{status}, 503, 'error_page: away');
is($r->{body}, "our own page\n", 'his page');
is(header($r, 'Retry-After'), 5, 'and still: try again later');

$r = $nginx->get($forged, port => 2);

like($r->{body}, qr/^<p>call 7777, $hex<\/p>$/, 'a template of rtauth_pages');
push @refs, $r->{body} =~ /($hex)/;

# where it is refused before, what was sent is as secret; elsewhere it is not

is($nginx->get('/oidc/logout?state=st4test4te', port => 1)->{status}, 403,
   'answered by nginx');

$r = $nginx->get('/x?state=california');
is(header($r, 'X-Endpoint'), '', 'no address of ours');

$nginx->stop;


# the log and the events

my $log = $nginx->log_text;

like($log, qr/\[notice\] .*rtauth: sign-in at provider "corp" failed: login_state: .*, reference $refs[0],/,
     'the line has the reference');
like($log, qr/\[error\] .*rtauth: sign-in at provider "corp" failed: provider_unavailable: .*, reference $refs[1],/,
     'that of an outage, too');

my $audit = RT::Nginx::slurp($nginx->dir . '/logs/audit.log');
my @events = grep { $_->{actionType} !~ /^AUDIT_/ }
             map { decode_json($_) } split /\n/, $audit;

my $elsewhere = pop @events;
my $denied = pop @events;

is(scalar @events, 6, 'an event each');
is(join(' ', map { $_->{actionType} } @events), join(' ', ('LOGIN_FAILED') x 6),
   'all of them failed');
is($elsewhere->{parameters}{state}, 'california', 'a state of an application');
is($denied->{parameters}{state}, '[REDACTED]', 'one of a sign-in');
is($events[0]{parameters}{code}, '[REDACTED]', 'a code');
is($events[0]{request}{url}, '/oidc/callback?code=[REDACTED]&state=[REDACTED]',
   'in the address, too');

my @told = map { $_->{metadata}{rtauth} } @events;

is_deeply($told[0], { decision => 'deny', reason => 'login_state',
                      provider => 'corp', reference => $refs[0] },
          'what the event says');
is($events[0]{error}{type}, 'login_state', 'the reason is the error');
is_deeply($told[1], { decision => 'error', reason => 'provider_unavailable',
                      provider => 'corp', reference => $refs[1] },
          'of an outage');
is($told[3]{reason}, 'login_state', 'an error_page changes nothing of it');
like($told[3]{reference}, qr/^$hex$/, 'and there is a reference, for the log');
is($told[5]{reference}, $refs[2], 'nor does a template');

my %once;
is((grep { $once{$_->{reference}}++ } @told), 0, 'each has its own');

unlike($log . $audit, qr/c0dec0de|st4test4te/, 'no code and no state anywhere');

$nginx->quiet;
done_testing;

#!/usr/bin/perl

# docs/grafana and docs/alerts name metrics that rtaudit_status, rtauth_status and
# rtcsp_status print, with their labels; promtool takes the rules.

use strict;
use warnings;
use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;
use RT::Nginx;
use RT::State;


my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtaudit', 'rtcsp'],
                           main => $User, http => <<"EOT");
    rtauth_zone 1m state=%%DIR%%/state/revoked;
    rtauth_scim_zone 1m state=%%DIR%%/state/users;
    rtauth_provider corp {
        issuer https://l; audience x; jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        allow 127.0.0.1;
        deny  all;
        location /scim/  { rtauth off; rtauth_scim key=data:@{['k' x 32]}; }
        location = /auth  { rtauth_status prometheus; }
        location = /audit { rtaudit_status prometheus; }
        location = /csp   { rtcsp_status prometheus; }
    }
EOT

state_folder($nginx);
$nginx->start;

my $printed = join '', map { $nginx->get($_)->{body} }
              qw(/auth /audit /csp);
my %metric = map { $_ => 1 } $printed =~ /^# TYPE (\w+) /mg;

$nginx->end;

cmp_ok(scalar(keys %metric), '>', 30, 'metrics are printed');


# the expressions of both files

my $dashboard = decode_json(RT::Nginx::slurp("$RT::Top/docs/grafana/rtaudit.json"));
my $alerts = RT::Nginx::slurp("$RT::Top/docs/alerts/rtaudit.yml");

my %used = (
    dashboard => [map { $_->{expr} } map { @{$_->{targets}} }
                  @{$dashboard->{panels}}],
    alerts => [$alerts =~ /^ +expr: (.+)$/mg],
);

for my $where (sort keys %used) {
    my @exprs = @{$used{$where}};
    my @names = map { /\b(rt(?:audit|auth|csp)_\w+)/g } @exprs;

    cmp_ok(scalar @exprs, '>', 10, "$where: has expressions");
    is(join(' ', grep { !$metric{$_} } @names), '', "$where: each is printed");
    is(join("\n", grep { !/\brt(?:audit|auth|csp)_/ } @exprs), '',
       "$where: each is about one");

    # labels within braces and behind "by"
    my %label = map { $_ => 1 } map { /(\w+)(?==|!=|=~)/g } map { /\{(.*?)\}/g }
                @exprs;
    $label{$_} = 1 for map { split /\W+/ } map { /\bby \((.*?)\)/g } @exprs;
    delete $label{instance};

    my $known = qr/^(?:sink|reason|result|provider|class|directive)$/;

    is(join(' ', grep { $_ !~ $known } sort keys %label), '', "$where: labels that there are");
}

my %of_audit = map { $_ => 1 } grep { /^rtaudit_/ } keys %metric;
delete @of_audit{map { /\b(rtaudit_\w+)/g } map { @$_ } values %used};
is(join(' ', sort keys %of_audit),
   'rtaudit_sink_required rtaudit_start_time_seconds',
   'what else rtaudit_status prints needs no panel');

SKIP: {
    skip 'no promtool', 1 if !grep { -x "$_/promtool" } split /:/, $ENV{PATH};

    my $said = `promtool check rules $RT::Top/docs/alerts/rtaudit.yml 2>&1`;
    is($?, 0, 'promtool takes the rules') or diag($said);
}

done_testing();

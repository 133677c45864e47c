#!/usr/bin/perl

# What rtauth decides is in the audit file, by its action and its reason; the
# end of a group with a time is there once a sink, by itself, whoever comes, over
# all workers and a reload.  (LOGIN, LOGOUT: login_event.t; LOGIN_FAILED:
# failed.t.)

use strict;
use warnings;
use lib 't/lib';

use Cwd ();
use POSIX qw(strftime);
use Test::More;
use RT::Audit;
use RT::JWT;
use RT::Nginx;


my $data = Cwd::abs_path('t/data');
my $corp = RT::JWT::corp() =~ s/\$TEST_NGINX_DATA/$data/r;
my $http = <<"EOT";
    $corp
    rtauth_group open  { match groups has open; permission use;
                         until 2099-01-01T00:00:00Z; reason "on call"; }
    rtauth_group past  { match groups has past; permission use;
                         until 2020-01-01T00:00:00Z; reason "ticket 1"; }
    rtauth_group ends  { match groups has ends; permission use;
                         until ENDS; reason "ticket \\"2\\""; }
    rtauth_group never { match groups has never; permission use;
                         from 2020-01-01T00:00:00Z; reason "staff"; }
    geo \$rtauth-ends \$nothing { default 0; }
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink more file:%%DIR%%/logs/more.log class=alert;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtaudit main more;
        root %%DIR%%/html;
        rtauth corp;
        rtauth_bind arg:email \$rtauth_user;
        location = /echo.html { rtauth off; rtaudit off; ssi on; }
    }
EOT

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], workers => 3,
                           http => $http =~ s/ENDS/2099-01-01T00:00:00Z/r);
my %file = map { $_ => $nginx->dir . "/logs/$_.log" } qw(audit more);

$nginx->file('html/page.html', "a page\n");
$nginx->file('html/echo.html', '<!--# echo var="rtauth-ends" -->');
$nginx->start;

my @asked = (
    ['TOKEN_REJECTED', '', 'expired', 401, exp => 1],
    ['TOKEN_REJECTED', '', 'bad_signature', 401, -key => 'rogue',
     -kid => 'rsa'],
    ['ACCESS_DENIED', '', 'no_permission', 403, groups => ['none']],
    ['ACCESS_DENIED', 'past', 'no_permission', 403, groups => ['past']],
    ['SPOOF_BLOCKED', 'open', 'spoofed', 403, groups => ['open']],
    ['GRANT_USED', 'open', 'ok', 200, groups => ['open']],
);

my %grant = (past => 'ticket 1', open => 'on call');
my $audit = RT::Audit->new($file{audit});

for (@asked) {
    my ($action, $grant, $reason, $status, @claims) = @$_;

    my $uri = '/page.html'
              . ($action eq 'SPOOF_BLOCKED' ? '?email=eve@example.com' : '');
    my $got = $nginx->get($uri, headers => [RT::JWT::bearer(@claims)]);
    is($got->{status}, $status, "$action: $reason");

    my $e = $audit->event;
    my $said = $e->{metadata}{rtauth};
    is("$e->{actionType} $said->{reason}", "$action $reason", 'in the file');
    is($said->{grantReason}, $action eq 'SPOOF_BLOCKED' ? undef
                                                        : $grant{$grant},
       'with the reason of the grant');
}

is($nginx->get('/page.html')->{status}, 401, 'nobody');
my $nobody = $audit->event;
is($nobody->{actionType}, 'QUERY_RUN', 'is no alarm');
is($nobody->{metadata}{rtauth}{reason}, 'anonymous', 'and has a reason');

is($nginx->get('/echo.html')->{body}, '(none)',
   'no page has the times and reasons of all grants');

# the end, once a sink

sub ends {
    my $file = shift // 'audit';
    return grep { $_->{actionType} eq 'GRANT_EXPIRED' }
           RT::Audit->new($file{$file})->own;
}

# at the next second but one; where the machine was too slow, a later one

for (my $long = 2; !ends(); $long *= 2) {
    my $end = time + $long;
    my $until = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $end);

    ok($nginx->reload(http => $http =~ s/ENDS/$until/r), 'one that will end');
    $nginx->wait_for('its end', sub { ends() || time > $end + 5 }, $long + 10);
}

for my $file (qw(audit more)) {
    RT::Audit->new($file{$file})->told('GRANT_EXPIRED');
    is((my @e = ends($file)), 1, "$file: told");
}

my ($ended) = ends();
is_deeply($ended->{metadata}{rtauth},
          { grant => 'ends', grantReason => 'ticket "2"' }, 'which, and why');
is($ended->{request}, undef, 'nobody has asked');

# whoever tells next tells it no more

rename $file{audit}, "$file{audit}.1";
$nginx->reopen;
$audit->told('AUDIT_ROTATE');
ok($nginx->reload, 'and a reload after it');
$audit->told('AUDIT_CONFIG');
is((my @e = ends()), 0, 'it is not told again');
is((@e = ends('more')), 1, 'nor to the other one');

$nginx->end;
done_testing();

#!/usr/bin/perl

# rtaudit_view: where it may stand, which file it shows, and who sees it.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::JWT;
use RT::Nginx;
use RT::View;

my $zone = "rtaudit_zone 2m;\n";
my $sink = "$zone rtaudit_sink main file:%%DIR%%/logs/audit.log;";
my $corp = corp() =~ s/\$TEST_NGINX_DATA/$RT::Top\/t\/data/gr;


# -- what nginx -t says

my $nginx = RT::Nginx->new(modules => ['rtaudit', 'rtauth']);

sub at {
    my ($location, $line, $more) = @_;
    return "$sink server { location $location {\n $line # here\n"
           . ($more // '') . "}\n }";
}

my @wrong = (
    at('/audit', 'rtaudit_view open;'), 'ends with a slash',
    at('= /audit/', 'rtaudit_view open;'), 'ends with a slash',
    at('~ /audit/', 'rtaudit_view open;'), 'ends with a slash',
    at('@audit', 'rtaudit_view open;'), 'ends with a slash',
    at('/a/', 'rtaudit_view shut;'), 'invalid parameter "shut"',
    at('/a/', 'rtaudit_view open open;'), 'invalid parameter "open"',
    at('/a/', 'rtaudit_view file=a.log open;'), 'invalid parameter "file=a.log"',
    at('/a/', 'rtaudit_view file=/a file=/b;'), 'invalid parameter "file=/b"',
    at('/a/', 'rtaudit_view;'), 'anybody could read "rtaudit_view"',
    at('/a/', 'rtaudit_view file=/dev/full open;'), 'is no regular file',
    at('/a/', 'rtaudit_view file=/none/a.log open;'), 'a directory that is there',
    at('/a/', 'rtaudit_view file=%%DIR%%/logs/ open;'), 'cannot read',
    at('/a/', 'rtaudit_view;', 'rtauth corp;') =~ s/^/$corp/r,
        'write "rtauth NAME" and an "rtauth_require"',
    at('/a/', 'rtaudit_view;', 'rtauth corp; rtauth_require off;')
        =~ s/^/$corp rtauth corp; rtauth_require claim sub present;/r,
        'write "rtauth NAME" and an "rtauth_require"',
    at('/a/', 'rtaudit_view;',
       'rtauth corp; rtauth_require claim sub present; rtauth_dry_run on;')
        =~ s/^/$corp/r,
        'anybody could read "rtaudit_view"',
    at('/a/', 'rtaudit_view;', 'rtauth off;')
        =~ s/^/$corp rtauth corp; rtauth_require claim sub present;/r,
        'write "rtauth NAME" and an "rtauth_require"',
    "$zone rtaudit_sink main syslog:udp://127.0.0.1:9 class=all;
     server { location /a/ {\n rtaudit_view open; # here\n} }",
        'no file for "rtaudit_view"',
    "server { location /a/ {\n rtaudit_view open; # here\n} }",
        'no file for "rtaudit_view"',
    at('/a/', 'rtaudit_view open;'), 'is in no event: write "rtaudit NAME"',
);

while (my ($http, $says) = splice @wrong, 0, 2) {
    $nginx->blames($says, http => $http);
}

$nginx->{modules} = ['rtaudit'];
$nginx->blames('anybody could read "rtaudit_view"',
               http => at('/a/', 'rtaudit_view;'));

# a link of another user chooses no file

SKIP: {
    skip 'only root can make one', 1 if $>;

    mkdir $nginx->dir . '/links';
    symlink '/etc/passwd', $nginx->dir . '/links/a.log';
    system('chown', '-h', 'nobody', $nginx->dir . '/links/a.log');
    $nginx->blames('cannot trust',
                   http => at('/a/', 'rtaudit_view file=%%DIR%%/links/a.log open;'));
}


# -- who sees it, whatever the order of the modules

sub try_set {
    my @set = @_;

    my $nginx = RT::Nginx->new(modules => \@set, http => <<"EOT");
        $corp
        $sink
        rtaudit main;

        server {
            listen 127.0.0.1:%%PORT0%%;
            rtauth corp;
            rtauth_require claim groups has auditors;

            location /audit/ { rtaudit_view; }
            location /if/ {
                rtaudit_view;
                set \$yes 1;
                if (\$yes) { set \$no 0; }
            }
            location /any/ { rtaudit_view; satisfy any; allow all; }
            location /open/ { rtaudit_view open; rtauth off; }
            location /denied/ { rtaudit_view open; rtauth off; deny all; }
            location /rewritten/ { rewrite ^ /audit/events last; }
            location /page/ { error_page 404 /audit/events; return 404; }
            location = /ssi.html { ssi on; root %%DIR%%/html; rtauth off; }
        }
EOT

    $nginx->file('html/ssi.html', '<!--# include virtual="/open/events" -->');
    $nginx->start;

    my @auditor = (headers => [bearer(groups => ['auditors'])]);
    my @other = (headers => [bearer(groups => ['staff'])]);

    for my $part ('', 'view.js', 'view.css', 'events') {
        is($nginx->get("/audit/$part")->{status}, 401, "@set: /$part, nobody");
        is($nginx->get("/audit/$part", @other)->{status}, 403,
           "@set: /$part, another");
        is($nginx->get("/audit/$part", @auditor)->{status}, 200,
           "@set: /$part, an auditor");

        for my $where (qw(if any)) {
            is($nginx->get("/$where/$part", @auditor)->{status}, 200,
               "@set: /$where/$part, an auditor");
            is($nginx->get("/$where/$part", @other)->{status}, 403,
               "@set: /$where/$part, another");
            is($nginx->get("/$where/$part")->{status},
               $where eq 'if' ? 401 : 403, "@set: /$where/$part, nobody");
        }

        is($nginx->get("/open/$part")->{status}, 200, "@set: /open/$part");
        is($nginx->get("/denied/$part")->{status}, 403, "@set: /denied/$part");
    }

    for my $where (qw(rewritten page)) {
        is($nginx->get("/$where/")->{status}, 401, "@set: /$where/, nobody");
        is($nginx->get("/$where/", @other)->{status}, 403,
           "@set: /$where/, another");
    }

    unlike($nginx->get('/ssi.html')->{body}, qr/"(?:events|error)"/,
           "@set: not in another page");

    my $view = RT::View->new($nginx, '/audit/');
    my $found;

    $nginx->wait_for('an event of the auditor', sub {
        $found = $view->ask('user=ann@*&action=AUDIT_VIEW&path=/audit/*', @auditor);
        @{$found->{events} || []};
    });

    is($found->{events}[0]{user}{email}, 'ann@example.com',
       "@set: who reads is known");

    $nginx->end;
}


try_set(@$_) for ['rtaudit', 'rtauth'], ['rtauth', 'rtaudit'];

done_testing();

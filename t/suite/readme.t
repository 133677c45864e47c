#!/usr/bin/perl

# The README's configuration runs as printed, in http {} and with the modules
# that "make install" enables: its block is taken out of the page, only files
# and ports are put where a test may write.  rt check finds nothing in it, nor
# in the demo's or the image's.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;

use RT::JWT;
use RT::Nginx;


my $readme = RT::Nginx::slurp("$RT::Top/README.md");
my ($http) = $readme =~ /runs this block as printed -->\n```nginx\n(.*?)```/s;

ok($http, 'the README has a configuration') or BAIL_OUT('no block');

# the order of the names in modules-enabled
my @modules = qw(rtaudit rtauth rtcsp);


# the app: a page with the placeholder, and who nginx said is there

my $secret = '4d1f0c9b7e2a58634d1f0c9b7e2a5863';

my $app = RT::Nginx->new(http => "
    server {
        listen 127.0.0.1:%%PORT0%%;
        default_type text/html;
        location / {
            return 200
                '<p>\$http_x_email</p><script nonce=\"$secret\">1</script>';
        }
    }");

my $nginx = RT::Nginx->new(modules => \@modules);
my $dir = $nginx->dir;

$app->start;

for ([qr/listen  127\.0\.0\.1:8080/, 'listen 127.0.0.1:%%PORT0%%'],
     [qr/127\.0\.0\.1:8088/, '127.0.0.1:' . $app->port],
     [qr{/etc/nginx/}, "$dir/"],
     [qr{/var/log/(?:nginx|rtaudit)/}, "$dir/logs/"])
{
    my ($printed, $here) = @$_;
    ok($http =~ s/$printed/$here/g, "$printed is in the block");
}

$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));

my $placeholder = $nginx->file('nonce-placeholder', "$secret\n");
my ($mode) = $readme =~ m{^    install -m (\d+) -g APP \S+ /etc/nginx/nonce}m;

is($mode, '640', 'the app may read the placeholder, others may not');
chmod oct $mode, $placeholder;

$nginx->{http} = $http;

my ($rc, $said) = $nginx->try;

is($rc, 0, 'nginx -t takes it');
unlike($said, qr/\[warn\]/, '... without a warning') or diag($said);
is_deeply([$nginx->findings], [], '... and rt check finds nothing');

$nginx->start;


my @support = (bearer(sub => 'u-1', email => 'sue@example.com',
                      groups => ['support']));
my @builder = (bearer(sub => 'u-2', email => 'bob@example.com',
                      groups => ['builders']));

my $r = $nginx->get('/');
is($r->{status}, 401, 'nobody is refused');
like($r->{head}, qr/^WWW-Authenticate: Bearer /mi, 'and told how to come in');

$r = $nginx->get('/', headers => [@support]);
is($r->{status}, 302, 'support is routed');
like($r->{head}, qr{^Location: \S*/apps/support\r?$}mi, 'to its app');

$r = $nginx->get('/', headers => [@builder]);
is($r->{status}, 200, 'a builder is not');

$r = $nginx->get('/x', headers => [@support, 'X-Email: root@example.com',
                                   'X_Email: root@example.com']);
my ($nonce) = $r->{head} =~ /'nonce-([A-Za-z0-9_-]{32})'/;
ok($nonce, 'a page has a nonce');
is($r->{body}, "<p>sue\@example.com</p><script nonce=\"$nonce\">1</script>",
   'the app knows who it is, and the page carries the nonce');

$r = $nginx->get('/admin/', headers => [@support]);
is($r->{status}, 403, 'support is not let in to /admin/');

$r = $nginx->get('/admin/', headers => [@builder]);
is($r->{status}, 200, 'a builder is');

$r = $nginx->get('/health');
is($r->{status}, 200, '/health needs nobody');
is($r->{body}, 'ok', 'and says ok');

$nginx->get('/x?password=canary', headers => [@support]);
$nginx->stop;

like(RT::Nginx::slurp("$dir/logs/tools.log"),
     qr/ \[notice\] .* rtauth: refused with 403: requirement/,
     'its error log says why support was refused');

my $log = RT::Nginx::slurp($nginx->dir . '/logs/audit.log');
my @events = grep { $_->{actionType} !~ /^AUDIT_/ }
             map { decode_json($_) } split /\n/, $log;

is(scalar @events, 7, 'each request but /health is an event');
is($events[-1]{user}{email}, 'sue@example.com', 'of a user');
unlike($log, qr/canary/, 'without the password');
unlike($log . $nginx->log_text, qr/\Q$secret\E/, 'or the placeholder');

$nginx->quiet;


# the configurations of the demo and of the image

for my $path ('demo/nginx.conf.in', 'util/docker/nginx.conf') {
    my $text = RT::Nginx::slurp("$RT::Top/$path");
    my $file = $nginx->file('checked', $text =~ s/^ *include .*;//mgr);

    like(`$RT::Tool check $file`,
         qr/^rt check: 0 findings in 1 server, [1-9]/, "rt check of $path");
}

done_testing();

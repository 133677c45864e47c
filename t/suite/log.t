#!/usr/bin/perl

# What the modules themselves write to the error log about a request: client,
# server, method and path, nothing else of it, and not a line for each request.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;


my ($token) = bearer(-key => 'rogue', -kid => 'rsa') =~ /Bearer (\S+)/;

my $mark = '0123456789abcdef01234567';

my $nginx = RT::Nginx->new(
    modules => [qw(rtauth rtaudit rtcsp)], level => 'info', ports => 3,
    http => <<"EOF");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer     https://login.example.com;
        audience   tools;
        jwks_file  $RT::Top/t/data/keys/jwks.json;
    }
    rtauth_provider away {
        issuer     https://away.example.com;
        audience   tools;
        jwks_uri   http://127.0.0.1:1/jwks.json;
    }

    log_format path '\$request_method \$rtaudit_path';
    rtaudit_zone 1m;
    rtaudit_sink full file:%%DIR%%/logs/full.log required;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT2%% http2;
        server_name tools.example.com;

        access_log %%DIR%%/logs/access.log path;
        rtaudit_redact uri:/file/reset/*;

        location /file     { rtauth corp; alias %%DIR%%/file; }
        location /require  { rtauth corp; rtauth_require claim a eq b;
                             alias %%DIR%%/file; }
        location /away     { rtauth away; alias %%DIR%%/file; }
        location /sub      { auth_request /check; alias %%DIR%%/file; }
        location = /check  { internal; rtauth corp; alias %%DIR%%/file; }
        location /csp      { rtcsp on; rtcsp_nonce_in script-src;
                             rtcsp_nonce placeholder=data:$mark;
                             proxy_pass http://127.0.0.1:%%PORT1%%/; }
        location /audit    { error_log %%DIR%%/logs/audit-error.log;
                             rtaudit full; return 200; }
        location /other    { rtaudit full; return 200; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        default_type text/html;
        location / { add_header Content-Encoding br;
                     return 200 "<script nonce=$mark>"; }
    }
EOF

$nginx->file('file', 'a file');
symlink '/dev/full', $nginx->dir . '/logs/full.log' or die $!;
$nginx->start;

my @secret = ('Referer: http://localhost/canary', 'Cookie: canary',
              'User-Agent: canary');
my $query = "password=canary&jwt=$token";

sub lines { grep { /$_[0]/ } split /^/, $nginx->log_text }


# the newest line of this text

sub line {
    my $text = shift;

    $nginx->wait_for($text, sub { lines($text) });

    return (lines($text))[-1];
}


# asks for a path, gives the line that says so

sub logged {
    my ($path, $text, @headers) = @_;

    $nginx->get("$path?$query", headers => [@secret, @headers]);

    return line($text);
}


# -- what a line has

my $who = qr/, client: 127\.0\.0\.1, server: tools\.example\.com/;

like(logged('/file', 'anonymous'), qr{$who, request: "GET /file"$},
     'a refusal of rtauth');
like(logged('/file/a%20b', 'bad_signature', "Authorization: Bearer $token"),
     qr{$who, request: "GET /file/a%20b"$}, 'of a token');
like(logged('/file/..;/x', 'the raw path'), qr{$who, request: "GET /file/\.\.;/x"$},
     'of a path');
like(logged('/require', 'does not hold', bearer()),
     qr{$who, request: "GET /require"$}, 'of a requirement');
like(logged('/away', 'keys_unavailable',
            bearer(iss => 'https://away.example.com')),
     qr{$who, request: "GET /away"$}, 'from an event, after a wait for keys');
like(logged('/sub', 'subrequest'),
     qr{$who, request: "GET /sub", subrequest: "/check"$}, 'in a subrequest');
like(logged('/csp', 'rtcsp: upstream'), qr{$who, request: "GET /csp"$},
     'a line of rtcsp');

is(system('curl', '-s', '-o', '/dev/null', '--http2-prior-knowledge',
          '-X', 'PURGE', '-H', $secret[0], '-H', $secret[1],
          'http://127.0.0.1:' . $nginx->port(2) . "/file/h2?$query"), 0,
   'HTTP/2');
like(line('PURGE'), qr{anonymous$who, request: "PURGE /file/h2"$}, 'likewise');

like(logged("/file/$token/x", 'file/\[R'),
     qr{request: "GET /file/\[REDACTED\]/\[REDACTED\]"$},
     'a token in a path is masked, and the rest');
like(logged('/file/reset/canary', '/reset'),
     qr{request: "GET /file/reset/\[REDACTED\]"$}, 'so is what uri: covers');
like(logged('/file/other/ghp_canary' . 'x' x 36, '/other'),
     qr{request: "GET /file/other/\[REDACTED\]"$}, 'and a key by its looks');
like(logged('/file&password=canary', 'file&'),
     qr{request: "GET /file&password\*"$}, 'so is a value');
like(logged('/file/%22%20"/' . 'x' x 1500, 'x22/'),
     qr{request: "GET /file/%22%20\\x22/\*"$},
     'a path stays one line, and bounded');
like(logged('/file/' . 'x' x 5000, '"GET "'), qr{request: "GET "$},
     'one that is longer is not looked through');


like(RT::Nginx::slurp($nginx->dir . '/logs/access.log'),
     qr{^GET /file/a%20b\n.*^GET /file/reset/\[REDACTED\]\n}ms,
     'a log of nginx with $rtaudit_path');


# -- a flood

my $audit = $nginx->dir . '/logs/audit-error.log';
my $refused = 'rtaudit: refused, a required sink cannot take its event';

$nginx->wait_for('the sink to fail',
                 sub { $nginx->get('/audit')->{status} == 503 });

my $asked = 500;
my %status;

$status{$nginx->get("/audit/$_?$query", headers => \@secret)->{status}}++
    for 1 .. $asked;
is_deeply(\%status, { 503 => $asked }, 'all are refused');

is($nginx->get("/other?$query", headers => \@secret)->{status}, 503,
   'at another location, too');
like(line($refused), qr{$who, request: "GET /other"$},
     'which is not left out for the sake of the first');

ok($nginx->wait_for('the number', sub {
    my $text = RT::Nginx::slurp($audit);
    my $written = () = $text =~ /$refused, client/g;
    my $left_out = 0;

    $left_out += $_
        for $text =~ /"$refused": (\d+) more in the last 1\d s$/mg;
    $written + $left_out == $asked + 1 && $left_out
}), 'each was written, or counted where the lines stand');

cmp_ok(-s $audit, '<', 20_000, 'in a few lines');


# -- none of them has anything else of a request

$nginx->stop;

my $text = $nginx->log_text . RT::Nginx::slurp($audit);
unlike(RT::Nginx::slurp($nginx->dir . '/logs/access.log'),
       qr{[/_]canary|\?|jwt}, 'nor has that log');
my @ours = grep { /\brt(?:auth|audit|csp): / } split /^/, $text;

cmp_ok(@ours, '>', 20, 'there are lines to look at');
is_deeply([grep { m{canary|referrer|\Q$token\E|password=} } @ours], [],
          'no query, no header, no token');

$nginx->quiet('cannot write to', 'at the end: \d+ events were not written');

done_testing();

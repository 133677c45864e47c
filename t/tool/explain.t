#!/usr/bin/perl

# rt explain: the way of a request through several servers and locations, who
# decided, and why, as nginx itself says it; nothing is left behind, nothing
# that runs is touched, and no token is told.

use strict;
use warnings;

use lib 't/lib';

use File::Path qw(remove_tree);
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use RT::JWT;
use RT::Nginx;
use RT::Preload;
use RT::State;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtaudit', 'rtcsp'],
                           main => $User, level => 'info');
my $dir = $nginx->dir;

push @{$nginx->{port}}, RT::Nginx::free_ports(2);

$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));
$nginx->file('html/index.html', 'a page');
$nginx->file('html/ok', 'ok');
state_folder($nginx);
mkdir "$dir/tmp" or die $!;
chmod 0711, "$dir/tmp" or die $!;

# what a worker does while root removes his folder: a link takes its place

my $swaps = RT::Preload::build(<<'EOF');
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
swap(const char *folder)
{
    if (rename(folder, getenv("RT_SWAP_TO")) == 0
        && symlink(getenv("RT_SWAP_LINK"), folder) == 0)
    {
        close(open(getenv("RT_SWAP_DONE"), O_CREAT | O_WRONLY, 0600));
    }

    unsetenv("RT_SWAP");
}

int
unlinkat(int fd, const char *name, int flags)
{
    int          rc, err;
    char         link[64], path[8192];
    ssize_t      n;
    const char  *when = getenv("RT_SWAP");

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, 4096);
    n = n > 0 ? n : 0;
    snprintf(path + n, sizeof(path) - n, "/%s", name);

    if (when && strcmp(when, "inside") == 0 && strstr(path, "/state/d/")) {
        path[n] = '\0';
        swap(path);
    }

    rc = syscall(SYS_unlinkat, fd, name, flags);
    err = errno;

    if (when && strcmp(when, "before") == 0 && n > 6
        && strcmp(path + n - 6, "/state/d") == 0)
    {
        swap(path);
    }

    errno = err;
    return rc;
}
EOF

$ENV{TMPDIR} = "$dir/tmp";

my $tls = `$nginx->{nginx} -V 2>&1` =~ /with-http_ssl_module/;

is(system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -days 2"
          . " -keyout $dir/key.pem -out $dir/cert.pem 2>$dir/logs/req"), 0,
   'a certificate');

$nginx->configure(http => <<'CONF' . ($tls ? <<'TLS' : ''));
rtauth_zone 1m state=%%DIR%%/state/revoked;
rtauth_provider corp {
    issuer https://login.example.com; audience tools; discovery off;
    jwks_file jwks.json;
}
rtauth_group readers { match groups has readers; permission use; deny /app/x/no; }
rtaudit_zone 1m;
rtaudit_sink main file:%%DIR%%/logs/audit.log;
proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;
rtcsp_warning off;
map $arg_m $mapped { default ""; pid "a\"b\\c"; }
upstream app { server 127.0.0.1:1; }

server {
    listen 127.0.0.1:%%PORT0%% default_server;
    listen %%PORT2%%;
    server_name first.example.com;
    location / { rtauth off; return 404; }
}

server {
    listen 127.0.0.1:%%PORT0%%;
    server_name tools.example.com;
    root %%DIR%%/html;
    rtauth corp;
    rtaudit main;
    rtaudit_redact name:ssn action=drop;
    rtcsp_policy "default-src 'self'";
    error_page 403 /denied;
    error_page 404 @none;

    location / { index index.html; }

    location /app/ {
        proxy_pass http://app;
        proxy_set_header X-User $rtauth_claim_sub;

        location ~ ^/app/x/(?<n>.+)$ {
            rtauth_require claim department in sales "support";
            proxy_pass http://app;
            if ($arg_if = "y{") { set $x 1; }
        }
    }

    location = /denied { internal; rtauth off; return 403 no; }
    location @none { rtauth off; return 404 none; }
    location /old/ { rewrite ^/old/(.*)$ /app/$1 last; }
    location /try/ { try_files /none /app/tried; }
    location /any/ { satisfy any; allow 127.0.0.1; deny all; }
    location /post/ {
        limit_except GET { rtauth_require scope write; }
        try_files /none =204;
    }
    location /cached/ { proxy_cache pages; proxy_pass http://app; }
    location /empty/ { }
    location /body/ {
        client_body_in_file_only on;
        client_body_temp_path %%DIR%%/bodies;
        proxy_bind 192.0.2.1;
        proxy_pass http://app;
    }
    location /sub/ {
        log_subrequest on;
        auth_request /asked;
        try_files /none =204;
    }
    location = /asked { internal; rtauth off; return 200 yes; }
    location /port/ { rtauth off; add_header X-P $server_port; return 204; }
    location /put/ { rtauth off; dav_methods PUT DELETE; }
}
CONF
server {
    listen 127.0.0.1:%%PORT1%% ssl;
    server_name secure.example.com;
    ssl_certificate cert.pem;
    ssl_certificate_key key.pem;
    rtcsp strict;
    location / { rtauth off; try_files /none =204; }
}
TLS


our $Conf = "$dir/nginx.conf";

sub ask_rt {
    my ($url, @words) = @_;

    my ($rc, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url', $url,
                                         '--nginx', $nginx->{nginx}, '-c',
                                         $Conf, '-p', $dir, '--json', @words);

    is(join(' ', glob "$dir/tmp/*"), '', "$url: nothing is left behind");
    diag($err) if $rc == 2;

    return ($rc, $rc == 2 ? $err : decode_json($out), $out);
}

sub url { 'http://tools.example.com:' . $nginx->port . $_[0] }


# a request with these words goes this way, and has that status

sub goes {
    my ($path, $way, $status, $name, @words) = @_;

    my ($rc, $doc) = ask_rt(url($path), @words);

    is($rc, $status < 400 ? 0 : 1, "$name: the exit code");
    return {} if !ref $doc;

    is(join(' > ', map { $_->{location} =~ s/^server [^,]*(?:, )?//r
                         || 'server' } @{$doc->{places}}),
       $way, "$name: the way");
    is($doc->{status}, $status, "$name: the status");

    return $doc;
}


my $token = token(groups => ['readers'], department => 'sales');
my $other = token(groups => ['readers'], department => 'law');
$nginx->file('token', "$token\n");
$nginx->file('other', "$other\n");

my @with = ('--token', "$dir/token");

my $doc = goes('/app/', 'server > location /app/', 200, 'let in', @with);

is($doc->{user}, 'ann@example.com', 'who it is');
is($doc->{groups}, 'readers', 'his groups');
is($doc->{permission}, 'use', 'his permission');
is($doc->{reached}, JSON::PP::true, 'an application was reached');
is($doc->{logged}{status}, 200, 'what is logged');
is_deeply($doc->{headers}, [{ name => 'Content-Security-Policy',
                              value => "default-src 'self'" }], 'the policy');

$doc = goes('/app/', 'server > location /app/', 401, 'nobody');
is($doc->{reached}, JSON::PP::false, 'no application was reached');

$doc = goes('/app/x/1?if=y%7B', 'server > location ~ ^/app/x/(?<n>.+)$', 200,
            'a nested regex', @with);

my @lines = split /\n/, RT::Nginx::slurp("$dir/nginx.conf");
my $line = (grep { ($lines[$_ - 1] // "")
                   =~ /rtauth_require claim/ } 1 .. 100)[0];

$doc = goes('/app/x/1', 'server > location ~ ^/app/x/(?<n>.+)$ > server >'
            . ' location = /denied', 403, 'a requirement that does not hold',
            '--token', "$dir/other");
like("@{$doc->{because} // []}", qr{department in sales support" in \Q$dir/nginx.conf:$line\E does not hold: the token has "law"},
     'which one, where it stands, and what came');

$doc = goes('/app/x/no', 'server > location ~ ^/app/x/(?<n>.+)$ > server >'
            . ' location = /denied', 403, 'a path that is denied', @with);

goes('/', 'server > location / > server > location /', 200, 'an index', @with);
$nginx->file('copied', "Authorization: Bearer $token\n");
goes('/app/', 'server > location /app/', 200, 'a token as it was copied',
     '--token', "$dir/copied");

goes('/nothing', 'server > location / > location @none', 404, 'error_page',
     @with);
goes('/old/1', 'server > location /old/ > location /app/', 200, 'a rewrite',
     @with);
goes('/try/1', 'server > location /try/ > server > location /app/', 200,
     'try_files', @with);
goes('/any/', 'server > location /any/ > location @none', 404,
     'satisfy any: by the address');
goes('/any/', 'server > location /any/', 401,
     'satisfy any: from another address', '--from', '192.0.2.7');
goes('/post/', 'server > location /post/', 204, 'limit_except: GET', @with);
$doc = goes('/post/', 'server > server > location = /denied', 403,
            'limit_except: POST', @with, '--method', 'POST');
like("@{$doc->{because}}", qr/rtauth_require scope write/, 'which tells why');
like("@{$doc->{notes}}", qr/limit_except does not say/, 'and not the way');
goes('/cached/', 'server > location /cached/', 200, 'a cache of its own',
     @with);
goes('/put/x', 'server > location /put/', 405,
     'nothing is written', '--method', 'PUT', '--data', "$dir/token");
ok(!-e "$dir/html/put", 'and no file is made');
ok(!-e "$dir/cache" || !glob("$dir/cache/*"), 'nor in the real cache');

goes('/body/', 'server > location /body/', 200, 'a body, and an address',
     @with, '--method', 'POST', '--data', "$dir/token");
is(join(' ', glob "$dir/bodies/*"), '', 'no body where the real ones are');

SKIP: {
    skip 'this nginx has no auth_request', 1
        if `$nginx->{nginx} -V 2>&1` !~ /http_auth_request_module/;
    my $doc = goes('/sub/', 'server > location /sub/ > server >'
                   . ' location = /asked', 204, 'log_subrequest', @with);
    like("@{$doc->{notes}}", qr/an auth_request .* lets everybody in/,
         'who is asked is told');
    $doc = goes('/app/', 'server > location /app/', 200, 'beside auth_request',
                @with);
    unlike("@{$doc->{notes}}", qr/auth_request/, 'where nobody is, he is not');
}

$doc = goes('/port/', 'server > location /port/', 204, 'a port');
like("@{$doc->{notes}}", qr/server_port are those of a socket/, 'is told');

my ($rc, $said) = ask_rt('http://unknown.example.com:' . $nginx->port . '/');
is($said->{places}[0]{location}, 'server first.example.com',
   'a name of nobody: the default server') if ref $said;

SKIP: {
    skip 'this nginx has no SSL', 1 if !$tls;

    ($rc, $said) = ask_rt('https://secure.example.com:' . $nginx->port(1)
                           . '/');
    is($said->{status}, 204, 'over TLS');
    is($said->{places}[0]{location}, 'server secure.example.com',
       'the server with TLS');
}


# in words

my ($code, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url',
    url('/app/x/1'), '--nginx', $nginx->{nginx}, '-c', "$dir/nginx.conf",
    '-p', $dir, @with, '--header', 'X-Other: 1');

is($code, 0, 'in words: the exit code');
like($out, qr/^  location +server tools\.example\.com, location ~ /m,
     'in words: the location');
like($out, qr/gets in +whom corp vouches for; .*must have claim department/,
     'in words: its conditions');
like($out, qr/^  answer +HTTP\/1.1 200 OK/m, 'in words: the answer');


# no token is told, and nothing that runs has heard of it

is(index($out . $err, substr($token, -20)), -1, 'no token is printed');
is(-s "$dir/logs/audit.log" // 0, 0, 'no event in the real sink');
is(-s "$dir/nginx.pid" // 0, 0, 'no pid in the real file');


# beside a server that runs

$nginx->start;
my @before = ($nginx->master, $nginx->workers);
goes('/app/', 'server > location /app/', 200, 'beside one that runs', @with);
is_deeply([$nginx->master, $nginx->workers], \@before, 'which goes on');
$nginx->stop;


# modules that said nothing of it are not taken for none

$nginx->file('silent', "#!/bin/sh\nunset RT_SHOW\nexec $nginx->{nginx} \"\$@\"\n");
chmod 0755, "$dir/silent" or die $!;

($code, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url', url('/'),
    '--nginx', "$dir/silent", '-c', "$dir/nginx.conf", '-p', $dir);
is("$code|$out", '2|', 'modules that are silent: the exit code');
like($err, qr/the modules said nothing of it: .*RT_SHOW/, 'and why');
unlike($err, qr/syntax is ok|is successful/, 'and not that all is well');


# a state= of somebody else's is not given to the workers

SKIP: {
    skip 'workers are whom we are', 1 if $> != 0;

    $nginx->file('foreign', 'a secret of root');
    chmod 0600, "$dir/foreign" or die $!;
    $nginx->file('copies', <<"SH");
#!/bin/sh
case \$1 in
-V) exec $nginx->{nginx} "\$@";;
-T) $nginx->{nginx} "\$@" | sed "s|state=[^;]*;|state=$dir/foreign;|"; exit;;
esac
grep -rl 'a secret of root' "\$TMPDIR" >$dir/logs/given
exec $nginx->{nginx} "\$@"
SH
    chmod 0755, "$dir/copies" or die $!;

    ($code, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url',
        url('/app/'), @with, '--nginx', "$dir/copies", '-c', "$dir/nginx.conf",
        '-p', $dir);
    is($code, 0, 'a state= of somebody else: the exit code') or diag($err);
    like($out, qr/note +a state= could not be read/, 'it is told');
    is(RT::Nginx::slurp("$dir/logs/given"), '', 'and it is not copied');
}


# a worker puts a link where his folder was while root removes it: before root is
# in it, or when he is

SKIP: {
    skip 'workers are whom we are', 1 if $> != 0;

    my @of = (getpwnam 'nobody')[2, 3];
    my @waits = script('waits', "until [ -e $dir/stage/in ]; do sleep 0.05; done\n"
                                . "exec $nginx->{nginx} \"\$@\"");

    mkdir "$dir/victim" or die $!;
    $nginx->file("victim/$_", '') for 1 .. 9;
    chmod 0755, "$dir/tmp" or die $!;

    for my $when ('before', 'inside') {
        state_folder($nginx, 'stage');
        state_folder($nginx, 'stage/d');
        mkdir "$dir/stage/d/roots" or die $!;
        $nginx->file("stage/d/$_", '') for 1 .. 9, 'roots/file';

        my $pid = fork // die $!;

        if ($pid == 0) {
            $( = $) = "$of[1] $of[1]";
            $< = $> = $of[0];
            POSIX::_exit(moves_in("$dir/stage"));
        }

        local @ENV{qw(RT_SWAP RT_SWAP_TO RT_SWAP_LINK RT_SWAP_DONE)}
            = ($when, "$dir/stage/d2", "$dir/victim", "$dir/swapped");

        RT::Preload::with($swaps, sub {
            (undef, undef, $err) = RT::Tool::run($nginx, '', 'explain', '--url',
                                                 url('/app/'), @waits);
        });
        waitpid $pid, 0;

        is($?, 0, "$when: a folder was moved in");
        ok(unlink("$dir/swapped"), '... and swapped for a link');
        like($err, qr/rt-\w+ could not be removed/, '... what is left is told');
        ok(-e "$dir/stage/d2/roots/file", '... a folder of somebody else stays');
        is(scalar(() = glob "$dir/victim/*"), 9, '... and what is behind it');

        remove_tree("$dir/stage", glob "$dir/tmp/rt-*");
    }

    chmod 0711, "$dir/tmp" or die $!;
}


# as a worker: ret: 0, a folder was moved into the one that root will remove

sub moves_in {
    my $stage = shift;

    $nginx->wait_for('a copy', sub {
        my ($state) = glob "$dir/tmp/rt-*/state";
        return $state && rename "$stage/d", "$state/d";
    }) or return 1;

    return !open my $in, '>', "$stage/in";
}


# whoever else is on the machine sees nothing, and no secret is in a file

sub script {
    my ($name, $text) = @_;

    $nginx->file($name, "#!/bin/sh\ncase \$1 in -V|-T) exec $nginx->{nginx}"
                        . " \"\$@\";; esac\n$text\n");
    chmod 0755, "$dir/$name" or die $!;

    return ('--nginx', "$dir/$name", '-c', "$dir/nginx.conf", '-p', $dir);
}

my $secret = 'a-secret-of-a-cookie';
my @seen = script('looks', <<"SH");
$nginx->{nginx} "\$@" & p=\$!
trap "kill -QUIT \$p" QUIT
while kill -0 \$p 2>/dev/null; do wait \$p; done
find "\$TMPDIR" -mindepth 1 ! -type l -printf '%m %P\\n' >$dir/logs/seen
grep -rl -e $secret -e @{[substr($token, -20)]} "\$TMPDIR" >$dir/logs/secret
SH

($code, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url',
    url('/app/'), @with, '--header', "Cookie: a=$secret", @seen);

is($code, 0, 'a look at the folder: the exit code') or diag($err);
like($out, qr/reached +the application/, 'the application was reached');

my @modes = split /\n/, RT::Nginx::slurp("$dir/logs/seen");
cmp_ok(scalar @modes, '>', 10, 'there are files');
is(join(', ', grep { oct((split)[0]) & 07 } @modes), '',
   'none of them is for others');
is(RT::Nginx::slurp("$dir/logs/secret"), '', 'none has the token or cookie');


# what this nginx has no module for: the text says it, the copy is looked at

$nginx->file('session-key', '4d1f0c9b7e2a58634d1f0c9b7e2a5863');
chmod 0600, "$dir/session-key" or die $!;

$nginx->file('texts', <<"SH");
#!/bin/sh
case \$1 in
-V) exec $nginx->{nginx} "\$@";;
-T) $nginx->{nginx} "\$@" | sed "\$(cat $dir/fake)"; cp "\$RT_SHOW" $dir/rows
    exec perl -e "\$(cat $dir/more)" $dir/rows >"\$RT_SHOW";;
esac
cp "\$2" $dir/logs/copy
exec $nginx->{nginx} "\$@"
SH
chmod 0755, "$dir/texts" or die $!;

# a configuration with more in front of its first server; ret: code, errors, copy

sub with_text {
    my ($main, $http, @words) = @_;

    my $n = () = $http =~ /\bserver \{/g;

    $nginx->file('fake', "s|^http {|$main http { $http|\n");
    $nginx->file('more', <<'PERL' =~ s/N/$n/r);
while (<>) {
    print;
    my ($m) = /("module":"\w+")/;
    print qq({$m,"kind":"server"}\n) x N if !$seen{$m}++;
}
PERL
    unlink "$dir/logs/copy";

    my ($rc, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--nginx',
        "$dir/texts", '-c', "$dir/nginx.conf", '-p', $dir, @words);

    return ($rc, $out . $err,
            -e "$dir/logs/copy" ? RT::Nginx::slurp("$dir/logs/copy") : '');
}

my @port = ('--url', url('/put/x'));
my ($all, $copy);

# addresses are found by their number, up to the last one that there may be

for ([200, 204, 'http://a:81/', '--listen', '127.0.9.200:81'],
     [250, 204, 'http://a:81/', '--listen', '127.0.9.250:81'],
     [260, undef, 'http://a:81/', '--listen', '127.0.9.1:81'])
{
    my ($n, $status, @words) = @$_;

    ($rc, $all) = with_text('', join('', map { sprintf 'server { listen 127.0.%d.%d:81; return %d; }',
                                     9 + $_ / 256, $_ % 256,
                                     $_ == $n ? 204 : 202 } 1 .. $n), '--url', @words);
    is($rc, $status ? 0 : 2, "$n addresses, and more") or diag($all);
    like($all, $status ? qr/answer +HTTP\/1.1 $status/ : qr/too many addresses/,
         'what it says');
}

($rc, $all, $copy) = with_text('rtmp { server { listen 1935; } } mgmt { }',
    'otel_exporter { endpoint a:1; } modsecurity on; upstream z { server z.invalid;'
    . ' state /var/z; } server { listen 127.0.0.1:443 quic; }', @port);
is($rc, 1, 'blocks of others: they are not run') or diag($all);
unlike($copy, qr/rtmp|mgmt|otel|modsec|upstream|quic;|"server"\s*{\s*}/,
       'none is in the copy');
is(join(' ', grep { !/^listen unix:/ } $copy =~ /^\s*(listen [^;]*)/mg), '',
   'which listens on sockets alone');
is(scalar(() = $copy =~ /^ "server" \{/mg),
   scalar(() = $copy =~ /^ "server" \{(?:(?!^ "server" \{).)*?listen unix:/msg),
   'each server on one');
like($all, qr/note +what stands outside of http/, 'one note');
like($all, qr/note +modsecurity/, 'and another');

($rc, $all, $copy) = with_text('', "rtauth_session store=cookie recheck=1s"
    . " recheck_stale=2s key=file:$dir/session-key;", @port);
is($rc, 1, 'sessions in cookies: it runs') or diag($all);
like($copy, qr/^rtauth_session "store=cookie" "key=[^"]*" recheck=366d;/m,
     'and never uses a refresh token');

for ('set_by_lua $a "return 1";', 'log_by_lua "a";', 'init_by_lua "a";') {
    ($rc, $all) = with_text('', $_ =~ s/[\$]/\\\$/r, @port);
    is($rc, 2, "Lua: $_");
    like($all, qr/code in it \(Lua\)/, 'and why');
}

for ('/oidc/logout', '/oidc/callback?code=1', '/oidc//%6cogout', '/a/../signout',
     '/oidc%2Flogout')
{
    my $more = /signout/ ? 'logout_uri /signout clear=cache;' : '';
    ($rc, $all) = with_text('', "rtauth_provider z { client_id c; $more }",
                            '--url', url($_));
    is($rc, 2, "sign-in: $_");
    like($all, qr/address of sign-in/, 'and why');
}


# files beside the configuration, and above; headers of a file

mkdir "$dir/etc" or die $!;
mkdir "$dir/etc/top" or die $!;
mkdir "$dir/etc/top/inc" or die $!;
$nginx->file('etc/top/inc/a.conf', "$User\n");
$nginx->file('etc/users', 'ann:{PLAIN}secret');
chmod 0644, "$dir/etc/users" or die $!;
$nginx->file('etc/top/nginx.conf', "include inc/a.conf; events { } pid $dir/p;"
    . " http { server { listen 127.0.0.1:1; location / { auth_basic a;"
    . " auth_basic_user_file ../users; try_files /none =204; } } }\n");
$nginx->file('headers', "Authorization: Basic YW5uOnNlY3JldA==\nX-A: b\n");

($rc, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url',
    'http://a:1/', '--nginx', $nginx->{nginx}, '-c', "$dir/etc/top/nginx.conf",
    '-p', $dir, '--header', "\@$dir/headers");
is($rc, 0, 'a relative path, and a header of a file') or diag($out . $err);
like($out, qr/answer +HTTP\/1.1 204/, 'let in');


# what is kept in Redis, and what somebody took back there, is not looked at

my ($loads) = RT::Nginx::slurp("$dir/nginx.conf") =~ /\A((?:load_module .*\n)+)/;

$nginx->file('redis.conf', $loads . <<"CONF");
$User
events { }
pid $dir/p;
http {
    rtauth_zone 1m;
    rtauth_redis fleet { url redis://127.0.0.1:1; timeout 1s; }
    rtauth_session store=redis:fleet key=file:$dir/session-key;
    rtauth_provider corp {
        issuer https://login.example.com; audience tools; discovery off;
        jwks_file $dir/jwks.json;
    }
    server {
        listen 127.0.0.1:1;
        rtauth corp;
        location / { try_files /none =204; }
        location = /revoke {
            rtauth off;
            rtauth_revoke key=file:$dir/session-key;
        }
    }
}
CONF

{
    local $Conf = "$dir/redis.conf";

    ($rc, $said) = ask_rt('http://a:1/', @with);
    is($rc, 0, 'Redis that is away: a token is let in') or diag($said);
    like("@{$said->{notes} // []}",
         qr/sessions and revocations in Redis are not looked at/, 'and told');

    ($rc, $said) = ask_rt('http://a:1/revoke', '--method', 'POST', '--data',
                          "$dir/other");
    is(ref $said && $said->{status}, 401, 'nobody revokes without the key');
}


# a token by a FIFO, as bash has it for "<(...)", is in no file

my $writer = RT::Tool::fifo("$dir/fifo", "$token\n");

goes('/app/', 'server > location /app/', 200, 'a token by a FIFO', '--token',
     "$dir/fifo");
waitpid $writer, 0;


# one that never listens is not waited for without end

my @hangs = script('hangs', "trap '' TERM QUIT\nwhile :; do sleep 1; done");

($code, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url', url('/'),
                                    @hangs);
is($code, 2, 'an nginx that hangs: the exit code');
like($err, qr/nginx does not answer/, 'and why');
is(join(' ', glob "$dir/tmp/*"), '', 'and nothing is left');


# a signal ends it, and what it began

my @slow = script('slow', 'exec sleep 60');

for my $signal ('TERM', 'QUIT') {
    my $pid = RT::Tool::start($nginx, '', 'explain', '--url', url('/'), @slow);

    $nginx->wait_for('a copy', sub { scalar glob "$dir/tmp/rt-*/app" })
        or fail('a copy is made');
    kill $signal, $pid;
    waitpid $pid, 0;
    is($? >> 8, 2, "$signal: the exit code");
    is(join(' ', glob "$dir/tmp/*"), '', "$signal: nothing is left");
}


# nobody reads what it says

system("$RT::Tool explain --url '@{[url('/')]}' --nginx $nginx->{nginx}"
       . " -c $dir/nginx.conf -p $dir 2>$dir/err | true");
is(join(' ', glob "$dir/tmp/*"), '', 'a closed pipe: nothing is left');


# a folder whose name nginx would read otherwise

mkdir "$dir/a b;c" or die $!;
$ENV{TMPDIR} = "$dir/a b;c";
($code, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--url', url('/'),
    '--nginx', $nginx->{nginx}, '-c', "$dir/nginx.conf", '-p', $dir);
is($code, 2, 'TMPDIR with a blank: the exit code');
like($err, qr/TMPDIR has a character/, 'and why');
$ENV{TMPDIR} = "$dir/tmp";

for (['no URL', [], 'say which request'],
     ['no scheme', ['--url', 'a/b'], 'begins with http'],
     ['another port', ['--url', 'http://a:1/'], 'no server listens'],
     ['TLS where there is none', ['--url', 'https://a:' . $nginx->port . '/'],
      'has no TLS'],
     ['a port as "listen" has it', ['--url', 'https://a/', '--listen',
                                    $nginx->port(2)], 'has no TLS'],
     ['a port that nobody has', ['--url', 'https://a/', '--listen', '1'],
      'no server listens'],
     ['a header in a header', ['--url', url('/'), '--header', "A: b\r\nC: d"],
      'write --header'],
     ['no token', ['--url', url('/'), '--token', "$dir/none"], 'No such file'])
{
    my ($name, $words, $says) = @$_;

    ($rc, $out, $err) = RT::Tool::run($nginx, '', 'explain', '--nginx',
        $nginx->{nginx}, '-c', "$dir/nginx.conf", '-p', $dir, @$words);
    is($rc, 2, "$name: the exit code");
    like($err, qr/\Q$says\E/, "$name: what it says");
}

is(join(' ', glob "$dir/tmp/*"), '', 'nothing is left at all');

done_testing();

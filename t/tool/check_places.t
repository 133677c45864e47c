#!/usr/bin/perl

# rt check of an nginx that it asks itself: for each location who gets in, what
# is logged and what a browser may run, and the holes in that.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Nginx;
use RT::State;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtaudit', 'rtcsp'],
                           main => $User, ports => 2);
my $dir = $nginx->dir;

$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));
mkdir "$dir/tmp" or die $!;

my $tls = `$nginx->{nginx} -V 2>&1` =~ /with-http_ssl_module/;

is(system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -days 2"
          . " -keyout $dir/key.pem -out $dir/cert.pem 2>$dir/logs/req"), 0,
   'a certificate');

our $before = "
rtauth_zone 1m;
rtauth_provider corp {
    issuer https://login.example.com; audience tools; discovery off;
    jwks_file $dir/jwks.json;
}
rtauth_group readers {
    match groups has readers; permission use /app/; permission edit POST:/app/x;
}
rtaudit_zone 1m;
rtaudit_sink main file:$dir/logs/audit.log;
rtcsp_warning off;
";


# one that hangs is ended after 30 seconds: here it begins, below it has ended

my $other = RT::Nginx->new;
my $hangs = $other->file('hangs', "#!/bin/sh\ntrap '' TERM\n"
                                  . "while :; do sleep 1; done\n");
mkdir $other->dir . '/tmp' or die $!;
chmod 0755, $hangs or die $!;

my $hung = do {
    local $ENV{TMPDIR} = $other->dir . '/tmp';
    RT::Tool::start($other, '', 'check', '--nginx', $hangs);
};

$ENV{TMPDIR} = "$dir/tmp";

our $Nginx = $nginx->{nginx};           # that is asked


# (exit code, what it printed, what it said) of rt check

sub check {
    my ($http, @words) = @_;

    $nginx->{http} = $before . $http;
    $nginx->configure;

    my @run = RT::Tool::run($nginx, '', 'check', '--nginx', $Nginx,
                            '-c', "$dir/nginx.conf", '-p', $dir, @words);

    is(join(' ', glob "$dir/tmp/*"), '', 'nothing is left behind');

    return @run;
}


# a hole is found once, on the line marked "# found", and not in its twin

sub hole {
    my ($id, $name, $with, $without, $says) = @_;

    my ($rc, $out, $err) = check($with, '--json');
    my $doc = $rc == 2 ? {} : decode_json($out);
    my @found = grep { $_->{id} eq $id } @{$doc->{findings}};

    is($rc, 1, "$id: $name: the exit code") or diag($err);
    is(@found, 1, "$id: $name: once");

    my @lines = split /\n/, RT::Nginx::slurp("$dir/nginx.conf");
    my ($line) = grep { $lines[$_ - 1] =~ /# found/ } 1 .. @lines;
    is($found[0]{line}, $line, "$id: $name: the line");
    like($found[0]{text}, $says, "$id: $name: says why") if $says;

    ($rc, $out, $err) = check($without, '--json');
    $doc = $rc == 2 ? { findings => [{ id => $id }] } : decode_json($out);
    is(grep({ $_->{id} eq $id } @{$doc->{findings}}), 0,
       "$id: $name: not in its twin") or diag($err);
}

sub server { "server { listen 127.0.0.1:%%PORT0%%; $_[0] }" }


# -- each location in words

my ($rc, $out, $err) = check(server(<<'CONF'));
server_name tools.example.com;
rtauth corp; rtaudit main; rtaudit_redact name:ssn action=drop;
rtcsp_policy "default-src 'self'";

location / { root html; }

location /app/ {
    rtauth_require claim department eq sales;
    rtaudit_level request;
    satisfy any; allow 127.0.0.1; deny all;

    location ~ ^/app/x { # rt check ok: dry-run
                         rtauth_dry_run on; if ($arg_a) { return 403; } }
}

location =/off { rtauth off; rtaudit off; rtcsp off; root html; }
CONF

is($rc, 0, 'nothing is wrong with it') or diag($err, $out);
is($out, <<"EXPECTED", 'in words');
server tools.example.com (127.0.0.1:${\$nginx->port})
    location /
        gets in    whom corp vouches for; readers may use (/app/), readers may edit (POST /app/x)
        is logged  metadata to main; without name:ssn (drop)
        may run    default-src 'self'
    location /app/
        gets in    whom corp vouches for; readers may use (/app/), readers may edit (POST /app/x); must have claim department eq sales; or whom another check lets in (satisfy any)
        is logged  request to main; without name:ssn (drop)
        may run    default-src 'self'
    location ~ ^/app/x
        gets in    whom corp vouches for; readers may use (/app/), readers may edit (POST /app/x); must have claim department eq sales; or whom another check lets in (satisfy any); a dry run: nobody is refused
        is logged  request to main; without name:ssn (drop)
        may run    default-src 'self'
    if (\$arg_a)
        gets in    whom corp vouches for; readers may use (/app/), readers may edit (POST /app/x); must have claim department eq sales; or whom another check lets in (satisfy any); a dry run: nobody is refused
        is logged  request to main; without name:ssn (drop)
        may run    default-src 'self'
    location =/off
        gets in    everybody
        is logged  nothing
        may run    no policy of nginx's

rt check: 0 findings in 1 server, 4 locations (2 under rtauth)
EXPECTED


# -- what no location matches, and who is led to a place

($rc, $out, $err) = check(server(<<'CONF'));
root html;
location /a/ { rtauth corp; error_page 404 @n; }
location @n { rtauth off; }
location /in/ { rtauth off; internal; allow 127.0.0.1; }
location /d/ { rtauth off; allow 127.0.0.1; deny all; }
location /s/ { rtauth corp; satisfy any; allow all; }
CONF

my @gets = $out =~ /^    (\S.*)\n        gets in    (.*)$/mg;
is_deeply(\@gets, [
    'server, where no location matches', 'everybody (no rtauth is said here)',
    'location /a/', 'whom corp vouches for; no group may do anything here',
    'location @n', 'whom nginx leads here: no client comes here directly',
    'location /in/', 'whom nginx leads here: no client comes here directly',
    'location /d/', "who gets here by nginx's own directives",
    'location /s/', 'whom corp vouches for; no group may do anything here; '
                    . 'or everybody (satisfy any, and allow)',
], 'places that are not what they seem') or diag($err, $out);


# -- the same as one document

($rc, $out) = check(server('location /a { rtauth corp; location /a/b { } }
                            location /c { rtauth off; }'), '--json');

my $doc = decode_json($out);
is_deeply([map { $_->{location} =~ s/.*, //r } @{$doc->{places}}],
          ['server 127.0.0.1:' . $nginx->port, 'location /a', 'location /a/b',
           'location /c'], 'places');
is_deeply([map { $_->{module} } @{$doc->{modules}}],
          ['rtauth', 'rtaudit', 'rtcsp'], 'modules');

my ($release) = RT::Nginx::slurp("$RT::Top/CHANGES.md") =~ /^## ([0-9.]+), /m;
is_deeply([map { $_->{version} } @{$doc->{modules}}], [($release) x 3],
          'and of which release they are');
is_deeply([map { $_->{modules}[0]{on} } @{$doc->{places}}],
          [JSON::PP::false, JSON::PP::true, JSON::PP::true, JSON::PP::false],
          'what rtauth said of each');


# -- the same file twice: a place is told by where it is included

$nginx->file('inc', 'location /same { }');
($rc, $out) = check("server { listen 127.0.0.1:%%PORT0%%; rtauth corp;
                              include $dir/inc; }
                     server { listen 127.0.0.1:%%PORT0%%; server_name b;
                              rtauth off; include $dir/inc; }", '--json');
$doc = decode_json($out);
is_deeply([map { $_->{modules}[0]{on} ? 1 : 0 } @{$doc->{places}}],
          [1, 1, 0, 0], 'included twice');


# -- holes

hole('nobody-is-asked', 'a location without a word',
     server("location / { # found\n root html; }
             location /in { rtauth corp; }"),
     server('location / { rtauth off; root html; }
             location /in { rtauth corp; }
             location /r { return 301 /; }
             location /i { internal; }
             location @n { root html; }
             location /d { deny all; }'),
     qr/nothing says that this is meant: write "rtauth NAME;", or "rtauth off;"/);

hole('nobody-is-asked', 'what no location matches',
     server('# found
             root html; location /a/ { rtauth corp; }'),
     server('rtauth corp; root html; location /a/ { }'));

hole('nobody-is-asked', 'a server without locations',
     server('# found'."\n"),
     server('return 404;'));

hole('nobody-is-asked', 'a named location to which everybody is led',
     server("rtauth corp; location / { } location /a/ { }")
     . "server { listen 127.0.0.1:%%PORT0%%; server_name b;
                location / { try_files /none \@n; rtauth off; }
                location \@n { # found\n root html; } }",
     "server { listen 127.0.0.1:%%PORT0%%; server_name b;
               location / { try_files /none \@n; rtauth corp; }
               location \@n { root html; } }");

($rc, $out, $err) = do {
    local $before = 'rtcsp_warning off;';
    check(server('location / { root html; }'));
};
is($rc, 0, 'without a provider nobody is meant to be asked') or diag($out, $err);

hole('sink-without-redaction', 'what no location matches',
     server("rtauth corp; rtaudit main; # found\n
             location /b/ { rtaudit_redact name:x; }"),
     server('rtauth corp; rtaudit main;
             location / { rtaudit_redact name:x; }'));

hole('policy-lets-scripts-in', 'what no location matches',
     server("rtauth corp; rtcsp_policy \"img-src *\"; # found\n
             location /b/ { rtcsp off; }"),
     server('rtauth corp; rtcsp_policy "img-src *";
             location ^~ / { rtcsp off; }'));

hole('sink-without-redaction', 'said once for all locations',
     server("rtauth corp; rtaudit main; # found\n location / { }
             location /b { rtaudit_level request; rtaudit_redact name:x; }
             location /c { }"),
     server('rtauth corp; rtaudit main; rtaudit_redact name:ssn;
             location / { } location /b { rtaudit off; }'),
     qr/the sink "main" gets addresses and their parameters, and no rtaudit_red/);

hole('sink-without-redaction', 'bodies are said',
     server("rtauth corp; rtaudit main; # found\n rtaudit_level request;
             location / { }"),
     server('rtauth corp; rtaudit main; rtaudit_level request;
             rtaudit_redact name:ssn; location / { }'),
     qr/gets addresses, parameters and bodies/);

hole('policy-lets-scripts-in', $_->[0],
     server("rtauth corp; rtcsp_policy \"$_->[1]\"; # found\n location / { }"),
     server("rtauth corp; rtcsp_policy \"$_->[2]\"; location / { }"), $_->[3])
    for ['inline', "script-src 'self' 'unsafe-inline'", "script-src 'self'",
         qr/^script-src 'unsafe-inline': \w/],
        ['no script-src', "img-src 'self'", "default-src 'none'",
         qr/script-src.*: \w/],
        ['data:', "script-src data:", "default-src 'self'; img-src data:",
         qr/^script-src data:: \w/],
        ['any host', "default-src *", "default-src https://a.example.com",
         qr/^default-src \*: \w/];

# -- plain http

sub listens { "server { listen $_[0]; # found\n $_[1] }" }

my $in = 'rtauth corp; location / { root html; }';
my $scim = "rtauth off; location /scim/v2/ {
                rtauth_scim key=file:$dir/key32; }";

$nginx->file('key32', 'k' x 40);
chmod 0600, "$dir/key32" or die $!;
state_folder($nginx);
my $zone = "rtauth_scim_zone 1m state=$dir/state/users;\n";

hole('no-tls', $_->[0], listens($_->[0], $in), listens($_->[1], $in),
     qr/can be reached with plain http from other machines: .*127\.0\.0\.1/)
    for ['%%PORT0%%', '127.0.0.1:%%PORT0%%'],
        ['0.0.0.0:%%PORT0%%', "unix:$dir/sock"],
        ['*:%%PORT0%%', 'localhost:%%PORT0%%'];

hole('no-tls', 'a second address',
     "server { listen 127.0.0.1:%%PORT0%%; listen *:%%PORT1%%; # found\n $in }",
     "server { listen 127.0.0.1:%%PORT0%%; listen 127.0.0.2:%%PORT1%%; $in }");
hole('no-tls', 'a key', $zone . listens('%%PORT0%%', $scim),
     $zone . listens('127.0.0.1:%%PORT0%%', $scim));
hole('no-tls', 'for everybody', listens('%%PORT0%%', $in),
     listens('%%PORT0%%', 'rtauth off; location / { root html; }'));
hole('no-tls', 'all are sent to https', "rtauth corp;"
                                        . listens('%%PORT0%%', 'root html;'),
     "rtauth corp;" . listens('%%PORT0%%', 'return 301 https://a.example;'));
hole('no-tls', 'meant', listens('%%PORT0%%', $in),
     listens('%%PORT0%%', "# rt check ok: no-tls\n $in"));


SKIP: {
    skip 'this nginx has no SSL', 1 if !$tls;

    my $ssl = "ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem;
               location / { rtauth corp; root html; }";

    sub tls { "server { listen 127.0.0.1:%%PORT0%% ssl; $_[0] }" }

    my $good = 'ssl_protocols TLSv1.2 TLSv1.3;';

    # at one server, and by that for all servers of the address
    hole('no-tls', 'beside TLS',
         "server { listen *:%%PORT0%% ssl; listen *:%%PORT1%%; # found\n $ssl }",
         "server { listen *:%%PORT0%% ssl; $ssl }
          server { listen *:%%PORT0%%; server_name b; $ssl }");

    hole('old-tls', 'said', tls("ssl_protocols TLSv1.1 TLSv1.2; # found\n$ssl"),
         tls("$good $ssl"),
         qr/with TLSv1.1, which is broken: write "ssl_protocols TLSv1.2 TLSv1.3;"/);
    hole('weak-cipher', substr($_->[0], -32),
         tls("$good ssl_ciphers $_->[0]; # found\n$ssl"),
         tls("$good ssl_ciphers HIGH:!aNULL:!MD5:!3DES; $ssl"),
         qr/with the cipher suite \S+: $_->[1]; take it out of "ssl_ciphers"/)
        for ['ALL:@SECLEVEL=0', 'the server proves nothing'],
            ['HIGH:!aNULL:NULL-SHA256:@SECLEVEL=0',
             'nothing is encrypted'],
            ['AES128-SHA:' x 60 . 'NULL-SHA256:@SECLEVEL=0',
             'nothing is encrypted'];

    # what nginx takes by default changed with 1.23.4; this one says it is older

    for (['1.23.3', 1], ['1.23.4', 0], ['1.22.1', 1], ['1.26.3', 0]) {
        my ($version, $old) = @$_;

        local $Nginx = $nginx->file('claims', "#!/bin/sh\n[ \$1 = -V ]"
            . " && { echo 'nginx version: nginx/$version' >&2; exit; }\n"
            . "exec $nginx->{nginx} \"\$@\"\n");
        chmod 0755, $Nginx or die $!;

        my ($rc, $out, $err) = check(tls($ssl), '--json');
        my @found = grep { $_->{id} eq 'old-tls' }
                    @{$rc == 2 ? [] : decode_json($out)->{findings}};

        is(@found, $old, "TLS by the default of $version") or diag($err);
        like($found[0]{text}, qr/with TLSv1, by the default of this nginx,/,
             'is said') if $old;
    }
    hole('old-tls', 'nobody is guarded there',
         "server { listen 127.0.0.1:%%PORT0%% ssl;
                   ssl_protocols TLSv1 TLSv1.2; # found\n$ssl }",
         "server { listen 127.0.0.1:%%PORT0%% ssl;
                   ssl_protocols TLSv1 TLSv1.2; $ssl }"
         =~ s/rtauth corp/rtauth off/r);
}


# -- what cannot be

for ('', 'server { location / { rtauth corp; } }', 'map $uri $m { rtcsp 1; }') {
    local $Nginx = $nginx->file('silent', "#!/bin/sh\nunset RT_SHOW\n"
                                          . "exec $nginx->{nginx} \"\$@\"\n");
    local $before = '' if /map/;
    chmod 0755, $Nginx or die $!;

    ($rc, $out, $err) = check("server { listen 127.0.0.1:%%PORT0%%; } $_");

    if (/map/) {
        is("$rc|$err", '0|', 'a word that is no directive of the modules');
        next;
    }

    is("$rc|$out", '2|', 'modules that said nothing: no verdict');
    like($err, qr/the modules said nothing of it: .*RT_SHOW/, 'and why');
}

($rc, $out, $err) = check('nonsense;');
is($rc, 2, 'a configuration that nginx refuses: the exit code');
like($err, qr/unknown directive "nonsense"/, 'what nginx says comes along');
is($out, '', 'no verdict');

($rc, $out, $err) = RT::Tool::run($nginx, '', qw(check --nginx /nonexistent));
is($rc, 2, 'no nginx');
like($err, qr{/nonexistent: No such file}, 'said so');

# an nginx that waits is ended by a signal, and its folder goes

$nginx->file('slow', "#!/bin/sh\nexec sleep 60\n");
chmod 0755, "$dir/slow";
my $pid = RT::Tool::start($nginx, '', 'check', '--nginx', "$dir/slow");
ok(RT::Nginx::wait_for($nginx, 'its folder',
                       sub { scalar glob "$dir/tmp/rt-*/err" }), 'it runs');
kill 'TERM', $pid;
waitpid $pid, 0;
is($? >> 8, 2, 'a signal: the exit code');
is(join(' ', glob "$dir/tmp/*"), '', 'and nothing is left');


# without a word, the nginx of PATH is asked, also where there is no terminal

mkdir "$dir/bin" or die $!;
symlink $nginx->{nginx}, "$dir/bin/nginx" or die $!;
$nginx->{http} = $before . server('return 404;');
$nginx->configure;

{
    local $ENV{PATH} = "$dir/bin:$ENV{PATH}";
    ($rc, $out, $err) = RT::Tool::run($nginx, 'not looked at', 'check', '-c',
                                      "$dir/nginx.conf", '-p', $dir);
}

is($rc, 0, 'the nginx of PATH') or diag($err);
like($out, qr/^rt check: 0 findings in 1 server/m, 'was asked');


# the one that hangs, and does not care

local $SIG{ALRM} = sub { kill 'KILL', $hung };
alarm 60;
waitpid $hung, 0;
alarm 0;
is($? >> 8, 2, 'an nginx that hangs: the exit code');
like(RT::Nginx::slurp($other->dir . '/err'), qr/or does not end$/m, 'and why');
is(join(' ', glob $other->dir . '/tmp/*'), '', 'and nothing is left of it');

done_testing();

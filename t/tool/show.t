#!/usr/bin/perl

# What the modules tell rt check: a line of JSON for each place, of what was
# merged there, under "nginx -t" with RT_SHOW and at no other time.  Nothing of
# it is a secret.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Nginx;
use RT::State;


my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtaudit', 'rtcsp'],
                           main => $User);
my $dir = $nginx->dir;
my $shown = "$dir/shown";

$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));


# the name of a secret to what it holds

my %secret = map { $_ => "$_-4d1f0c9b7e2a58634d1f0c9b7e2a5863" }
    qw(client session session2 redis revoke scim hmac chain header nonce env);

sub secret_file {
    my ($name, $text) = @_;

    $nginx->file("secret-$name", "$text\n");
    chmod 0600, "$dir/secret-$name" or die $!;
}

sub pem { scalar `openssl genpkey $_[0] 2>/dev/null` }

$secret{identity} = pem('-algorithm EC -pkeyopt ec_paramgen_curve:P-256');
$secret{clientkey} = pem('-algorithm EC -pkeyopt ec_paramgen_curve:P-256');
$secret{sign} = pem('-algorithm ED25519');

like($secret{$_}, qr/PRIVATE KEY/, "a key: $_")
    for qw(identity clientkey sign);

secret_file($_, $secret{$_}) for keys %secret;
state_folder($nginx, $_) for qw(state spool);


my $http = <<'CONF';
rtauth_zone 1m state=%%DIR%%/state/revoked;
rtauth_scim_zone 4m state=%%DIR%%/state/users;
rtauth_provider corp {
    issuer https://login.example.com; audience tools;
    jwks_file %%DIR%%/jwks.json; client_id tools;
    client_secret file:secret-client;
}
rtauth_provider partner {
    issuer https://partner.example.com; audience tools;
    jwks_file %%DIR%%/jwks.json; client_id tools; login_uri /l2;
    redirect_uri /cb2; logout_uri /lo2;
    client_key file:secret-clientkey alg=ES256; client_auth private_key_jwt;
}
rtauth_redis fleet {
    url redis://127.0.0.1:6379;
    password file:secret-redis;
}
rtauth_group readers {
    match groups has readers; provider corp; permission use /app/;
}
rtauth_group editors {
    match groups has editors; provider corp;
    permission edit POST,PUT:/app/edit/; deny /app/edit/old/;
}
rtauth_session store=redis:fleet key=file:secret-session
               key=file:secret-session2;
rtaudit_zone 1m;
rtaudit_hmac_key kid=2026 key=file:secret-hmac;
rtaudit_chain key=file:secret-chain sign=file:secret-sign;
rtaudit_sink main file:%%DIR%%/logs/audit.log required class=usage,alert;
rtaudit_sink far https://127.0.0.1:9/in class=all
             spool=%%DIR%%/spool:16m header=DD-API-KEY:file:secret-header
             header=X-Other:data:header-in-line-4d1f0c9b7e2a5863;
resolver 127.0.0.1;

server {
    listen 127.0.0.1:%%PORT0%%;
    server_name localhost tools.example.com;
    rtauth corp;
    rtauth_origin https://tools.example.com;
    rtauth_strip_header X-Email;
    rtaudit main far;
    rtaudit_redact name:ssn user:email action=hmac;
    rtcsp strict;
    rtcsp_nonce placeholder=file:secret-nonce;

    location / {
        root html;
    }

    location /app/ {
        rtauth_require claim department eq sales error=403;
        rtauth_bind arg:email $rtauth_user required;
        rtaudit_redact name:*pin* action=drop;
        rtaudit_level response if=$arg_deep;
        rtauth_login never;

        location ~ ^/app/(?<name>x+)$ {
            rtauth_phase preaccess;
            rtauth_dry_run on;
            limit_except GET { deny all; }
            if ($arg_a) { return 403; }
        }
    }

    location = /app/edit/one { rtauth_raw_path strict; rtaudit off; }
    location @named { rtauth off; rtcsp off; root html; }
    location = /revoke { rtauth off; rtauth_revoke key=file:secret-revoke; }
    location /scim/ {
        rtauth off;
        rtauth_scim key=file:secret-scim key=env:RT_SCIM_SECRET provider=corp;
    }
    location = /me {
        rtauth_identity key=file:secret-identity iss=https://tools.example.com
                        aud=reports;
        proxy_set_header X-Identity $rtauth_identity;
        proxy_pass http://127.0.0.1:1;
    }
    location = /numbers { rtauth_status json; allow 127.0.0.1; deny all; }
}

server {
    listen 127.0.0.1:%%PORT1%%;
    server_name bare.example.com;
    location / { root html; }
}
CONF

$nginx->{http} = $http;
push @{$nginx->{port}}, RT::Nginx::free_ports(1);

$ENV{RT_SCIM_SECRET} = $secret{env};


# what was said under RT_SHOW, as rows of a module

sub shown {
    my $text = RT::Nginx::slurp($shown);

    return map { decode_json($_) } split /\n/, $text;
}


{
    local $ENV{RT_SHOW} = $shown;

    my ($rc, $out) = $nginx->try;
    is($rc, 0, 'nginx -t says ok') or BAIL_OUT($out);
}

my $text = RT::Nginx::slurp($shown);

is((stat $shown)[2] & 07777, 0600, 'the file is for its owner alone');

for my $name (sort keys %secret) {
    (my $part = $secret{$name}) =~ s/-----.*?-----//g;

    for my $line (grep { length > 8 } split /\n/, $part) {
        is(index($text, $line), -1, "nothing of the secret $name");
    }
}

is(index($text, 'header-in-line'), -1, 'nor of one that stands in a line');


my @rows = shown();
my %http = map { $_->{module} => $_ } grep { !$_->{kind} && !$_->{server} }
           @rows;

is(join(' ', sort keys %http), 'rtaudit rtauth rtcsp', 'each module says it');


# the row of a place, such as "~ ^/app/"

sub place {
    my ($module, $kind, $name) = @_;

    my @found = grep {
        $_->{server} && $_->{module} eq $module && $_->{kind} eq $kind
        && (!defined $name || $_->{name} eq $name)
        && $_->{server}{names}[0] eq 'localhost'
    } @rows;

    is(@found, 1, "$module has one row of $kind " . ($name // ''));
    return $found[0] // {};
}

my $row = place('rtauth', 'server');
is_deeply($row->{server}{names}, ['localhost', 'tools.example.com'],
          'names of the server');
is_deeply($row->{server}{listen}, ['127.0.0.1:' . $nginx->port],
          'where it listens');
is($row->{server}{file}, "$dir/nginx.conf", 'its file');

$row = place('rtauth', '', '/app/');
is_deeply($row->{providers}, ['corp'], 'inherited: who vouches');
is_deeply([map { $_->{text} } @{$row->{require}}],
          ['claim department eq sales error=403'], 'what is required');
is($row->{require}[0]{error}, 403, 'and how it is refused');
is_deeply([map { [@$_{qw(text required)}] } @{$row->{bind}}],
          [['arg:email $rtauth_user', JSON::PP::true]], 'what is bound');
is_deeply($row->{strip}, ['X-Email'], 'what is stripped');
is($row->{login}, 'never', 'no sign-in');
is_deeply([map { "$_->{group} $_->{permission} $_->{methods} $_->{path}" }
           @{$row->{permits}}],
          ['readers use  /app/', 'editors edit POST,PUT /app/edit/'],
          'who is permitted what');
is_deeply([map { "$_->{group} $_->{path}" } @{$row->{denies}}],
          ['editors /app/edit/old/'], 'and who is denied it');

$row = place('rtauth', '=', '/app/edit/one');
is($row->{rawPath}, 'strict', 'raw path');
is_deeply($row->{denies}, [], 'another path is denied');

$row = place('rtauth', '~', '^/app/(?<name>x+)$');
is($row->{dryRun}, JSON::PP::true, 'a dry run');
is($row->{phase}, 'preaccess', 'the phase');
is(@{$row->{require}}, 1, 'requirements of the outer level');

place('rtauth', 'if');
place('rtauth', 'limit_except');

$row = place('rtauth', '@', '@named');
is($row->{on}, JSON::PP::false, 'rtauth off');

is(place('rtauth', '=', '/revoke')->{revoke}, JSON::PP::true, 'revokes');
is(place('rtauth', '', '/scim/')->{scim}, JSON::PP::true, 'SCIM');
is(place('rtauth', '=', '/numbers')->{status}, 'json', 'numbers');
is(place('rtauth', '=', '/me')->{identity}, JSON::PP::true, 'an identity');


is_deeply([map { "$_->{name} $_->{kind} @{$_->{classes}}" }
           @{$http{rtaudit}{sinks}}],
          ['main file usage alert', 'far https '], 'the sinks');

$row = place('rtaudit', '', '/app/');
is_deeply([map { "$_->{selector} $_->{action}" } @{$row->{redact}}],
          ['name:ssn hmac', 'user:email hmac', 'name:*pin* drop'],
          'what is redacted');
is_deeply($row->{levels}, [{ level => 'response', if => '$arg_deep' },
                           { level => 'metadata' }], 'levels');
is($row->{required}, JSON::PP::true, 'a sink is required');
is(place('rtaudit', '=', '/app/edit/one')->{on}, JSON::PP::false,
   'rtaudit off');


$row = place('rtcsp', '', '/app/');
like($row->{policy}, qr/'nonce-\.\.\.'/, 'the policy, with dots for a nonce');
is($row->{preset}, 'strict', 'the preset');
is($row->{nonce}, 'placeholder', 'how a page gets the nonce');
is(place('rtcsp', '@', '@named')->{on}, JSON::PP::false, 'rtcsp off');


# at no other time, and in no other file

unlink $shown or die $!;

my ($rc, $out) = $nginx->try;
is($rc, 0, 'nginx -t without RT_SHOW');
ok(!-e $shown, 'no file without RT_SHOW');

{
    local $ENV{RT_SHOW} = $shown;
    local $nginx->{http} = 'server { listen 127.0.0.1:%%PORT0%%; }';

    $nginx->start;
    $nginx->reload;
    is($nginx->get('/')->{status}, 404, 'a server runs');
    $nginx->stop;

    ok(!-e $shown, 'a server that runs, or is reloaded, writes none');
}

# each of these: how it is made, what is said

for (['open to others', sub { $nginx->file('shown', 'x') }, 'yours alone'],
     ['a symbolic link', sub { $nginx->file('other', '');
                               symlink "$dir/other", $shown }, 'open'],
     ['a pipe', sub { POSIX::mkfifo($shown, 0600) }, 'open|yours alone'],
     ['a folder', sub { mkdir $shown }, 'open'])
{
    my ($name, $make, $says) = @$_;

    local $ENV{RT_SHOW} = $shown;

    $make->();
    my ($rc, $out) = $nginx->try;
    is($rc, 1, "refused: $name");
    like($out, qr/\[emerg\].*(?:$says)/, "and said: $name");
    is(-s "$dir/other" // 0, 0, 'nothing is written') if -l $shown;

    -d $shown && !-l $shown ? rmdir $shown : unlink $shown;
}

done_testing();

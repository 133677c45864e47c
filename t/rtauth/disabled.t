#!/usr/bin/perl

# rtauth_disabled: who is switched off by a file is refused in every worker,
# tokens that were known and sessions too; a bad file leaves the list at hand.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new(user => { sub => 'u-1',
                                       email => 'Ann@Example.com' });
my $other = RT::Provider->new(client_id => 'other');

my $both = signs_in($corp, 'corp', 'audience tools;')
           . signs_in($other, 'other', 'redirect_uri /oidc/other;
                                        audience tools;');

my $http = <<"EOT";
    rtauth_zone 1m;
    rtauth_disabled file=%%DIR%%/off;
    proxy_set_header X-Email \$rtauth_claim_email;
    add_header X-Result \$rtauth_result always;
    add_header X-Page "[\$rtauth_page]" always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        location / { rtauth corp PLUS; proxy_pass http://$App; }
        location /error/ {
            rtauth corp PLUS;
            error_page 403 /again;
            proxy_pass http://$App;
        }
        location = /again { rtauth corp PLUS; proxy_pass http://$App; }
        location /any/ {
            rtauth corp PLUS;
            satisfy any;
            deny all;
            proxy_pass http://$App;
        }
        location /asked/ { rtauth off; auth_request /x; proxy_pass http://$App; }
        location /early/ {
            rtauth corp PLUS;
            rtauth_phase preaccess;
            proxy_pass http://$App;
        }
    }
EOT

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2,
                           http => $both . $http =~ s/PLUS/other/gr);

my $last;
my $login = '/oidc/login?to=/x&rtauth_provider=corp';

sub list {
    my ($text, $in_place) = @_;

    return $nginx->file('off', $text) if $in_place;

    $nginx->file('off.new', $text);
    rename $nginx->dir . '/off.new', $nginx->dir . '/off' or die $!;
}

# until each of the workers has said it, since the last change

sub both_say {
    my $what = shift;

    ok($nginx->wait_for("both workers: $what", sub {
        my $since = substr $nginx->log_text, $last;
        my %pid = map { $_ => 1 } $since =~ /\] (\d+)#[^\n]*(?:$what)/g;
        return keys %pid == 2;
    }), "both workers say: $what");
}

sub change {
    my ($text, $says, $in_place) = @_;

    $last = length $nginx->log_text;
    list($text, $in_place);
    both_say($says);
}

sub bearer { 'Authorization: Bearer ' . RT::JWT::token(@_) }

sub results {
    my ($token, $path) = @_;

    return join ' ', map {
        my $answer = $nginx->get($path // '/x', headers => [$token]);
        my ($result) = $answer->{head} =~ /^X-Result: (\w*)/m;
        "$answer->{status} $result";
    } 1 .. 4;
}

my ($ok, $off) = map { join ' ', ($_) x 4 } '200 ok', '403 disabled';

list("# nobody\n");
$nginx->start;

my %own = (iss => $corp->issuer, -kid => undef, iat => time - 10,
           email_verified => JSON::PP::true);
my %token = (
    ann => bearer(%own, sub => 'u-1', sid => 's-1', jti => 'j-1'),
    bob => bearer(%own, sub => 'u-2', sid => 's-2', jti => 'j-2',
                  email => "B\x{d6}B\@example.com"),
    far => bearer(%own, iss => $other->issuer, sub => 'u-1', sid => 's-1',
                  jti => 'j-1', email => 'else@example.com'),
    odd => bearer(%own, sub => 'u-3', email => 'ann@example.com',
                  email_verified => JSON::PP::false),
    mum => bearer(%own, sub => 'u-4', email => 'ann@example.com',
                  email_verified => undef),
);

is(results($token{$_}), $ok, "$_ is let in") for sort keys %token;

my $browser = RT::Browser->new($nginx);
signed_in($browser->walk($login), 'Ann@Example.com', 'ann is signed in');


# -- in every location, at once in every worker

change("sub:u-1 iss=" . $corp->issuer . "\n", 'changed, 1 entries');

is(results($token{ann}), $off, 'a token that was known');
is(results($token{far}), $ok, 'not that of another issuer');
is(results($token{bob}), $ok, 'nor that of another user');
is(results($token{ann}, $_), $off, "in $_")
    for '/error/x', '/any/x', '/early/x';
is($nginx->get('/asked/x', headers => [$token{ann}])->{status}, 403,
   'by a subrequest');

my $page = $browser->open('/x');
is($page->{status}, 403, 'a session');
like($page->{head}, qr/^X-Page: \[refused\]/m, 'which gets a page');
like($page->{body}, qr{<a class="go" href="/oidc/logout">Sign out</a>},
     'with a way out');
unlike($page->{head}, qr/^Location:/mi, 'and is not sent to sign in');

$browser = RT::Browser->new($nginx);
is($browser->walk($login)->{status}, 403, 'who signs in anew is refused as well');
is($browser->open('/x')->{status}, 403, 'and stays so');

$browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin']);
is($browser->open('/x')->{status}, 302, 'he may sign out');


# -- by what else

for my $by (
    ['sub of any issuer', "sub:u-1\n", [qw(ann far)]],
    ['a JSON array', '[{"sub": "u-1", "iss": "' . $other->issuer . '"}]',
     [qw(far)]],
    ['sid', 'sid:s-2', [qw(bob)]],
    ['jti', '["jti:j-1"]', [qw(ann far)]],
    ['email, verified or not, whatever its case', 'email:ANN@example.COM',
     [qw(ann odd mum)]],
    ['email, in all scripts', "email:b\xc3\xb6b\@example.com", [qw(bob)]],
) {
    my ($what, $text, $who) = @$by;
    my %who = map { $_ => 1 } @$who;

    change($text, 'changed, 1 entries');

    for my $name (sort keys %token) {
        is(results($token{$name}), $who{$name} ? $off : $ok,
           "$what: $name is " . ($who{$name} ? 'refused' : 'let in'));
    }
}


# -- a bad file

change("sub:u-1\n", 'changed, 1 entries');

for my $bad (
    ['a line that names nobody', "sub:u-2\nbob\n", 'line 2 of .* has no ":"'],
    ['half of an array', '["sub:u-2"', 'is not strict JSON'],
    ['an empty file', '', 'is empty, too large or no regular file'],
) {
    my ($what, $text, $says) = @$bad;

    change($text, $says);
    both_say('changed and is not used, the list at hand stays in use, 1 ent');
    is(results($token{ann}), $off, "$what: who was refused is");
    is(results($token{bob}), $ok, "$what: and nobody else");
}

$last = length $nginx->log_text;
chmod 0666, $nginx->dir . '/off' or die $!;
both_say('may be written by all users|is empty');
$last = length $nginx->log_text;
unlink $nginx->dir . '/off' or die $!;
both_say('cannot be opened');
is(results($token{ann}), $off, 'no file: who was refused is');

change("sub:u-2\n", 'changed, 1 entries');
is(results($token{ann}), $ok, 'a good one: he is let in');
is(results($token{bob}), $off, 'and another one refused');

change("sub:u-1\nsub:u-2\n", 'changed, 2 entries', 1);
is(results($token{$_}), $off, "written in place: $_") for qw(ann bob);


# -- a worker in the place of one that died knows what the master has not read

change("sub:u-2\n", 'changed, 1 entries');

my @before = $nginx->workers;
kill 'KILL', @before;
ok($nginx->wait_for('new workers', sub {
    my %old = map { $_ => 1 } @before;
    my @now = grep { !$old{$_} } $nginx->workers;
    return @now == 2;
}), 'new workers');
is(results($token{ann}), $ok, 'they have read the new list');
is(results($token{bob}), $off, 'which is as it was');


# -- without the directive

my $one = signs_in($corp, 'corp', 'audience tools;');

list('email:ann@example.com');
ok($nginx->reload(http => $one . $http =~ s/ PLUS//gr), 'one provider');
is(results($token{ann}), $off, 'with it');

ok($nginx->reload(http => ($one . $http =~ s/ PLUS//gr)
                          =~ s/rtauth_disabled \S+//r), 'no list');
is(results($token{ann}), $ok, 'and nobody is refused');

$nginx->end('QUIT', '"rtauth_disabled":', 'exited on signal 9');


# -- who is somebody else when the provider is asked anew

my $asks = RT::Nginx->new(modules => ['rtauth'], http => signs_in($corp, 'corp',
                          'claims_from id_token userinfo;') . <<"EOT");
    rtauth_zone 1m;
    rtauth_disabled file=%%DIR%%/off;
    proxy_set_header X-Email \$rtauth_claim_email;
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth_session recheck=1s recheck_stale=1h;
        location / { rtauth corp; proxy_pass http://$App; }
    }
EOT

$asks->file('off', "email:eve\@example.com\n");
$asks->start;

$browser = RT::Browser->new($asks);
signed_in($browser->walk($login), 'Ann@Example.com', 'ann is signed in');

$corp->forget;
$corp->user(email => 'eve@example.com');

ok($asks->wait_for('a new claim', sub {
    $page = $browser->open('/x');
    return $corp->asked('userinfo');
}), 'the provider says another email');

like($page->{head}, qr/^X-Result: disabled/m, 'which is refused at once');
is($page->{status}, 403, 'with 403');
$corp->honest;
$asks->end;


# -- at start

sub try_with {
    my ($line, $file) = @_;

    my $try = RT::Nginx->new(modules => ['rtauth'], http => $line);

    $try->file('off', $file) if defined $file;

    return $try->try;
}

for my $bad (
    ['no file', 'rtauth_disabled file=%%DIR%%/off;', undef,
     qr/"rtauth_disabled": "\S+" cannot be opened, .* No such file/],
    ['a bad one', 'rtauth_disabled file=%%DIR%%/off;', "x\n",
     qr/"rtauth_disabled": line 1 of "\S+" has no ":" in \S+:\d+/],
    ['no option', 'rtauth_disabled %%DIR%%/off;', "#\n",
     qr/invalid value "\S+" in "rtauth_disabled": write "file=PATH"/],
    ['an empty one', 'rtauth_disabled file=;', "#\n",
     qr/invalid value "file=" in "rtauth_disabled": write "file=PATH"/],
    ['two', "rtauth_disabled file=%%DIR%%/off;\n" x 2, "#\n",
     qr/"rtauth_disabled" directive is duplicate/],
) {
    my ($what, $line, $file, $says) = @$bad;
    my ($rc, $out) = try_with($line, $file);

    isnt($rc, 0, "$what: nginx does not start");
    like($out, $says, "$what: and says why");
}

done_testing();

#!/usr/bin/perl

# rt init: nginx takes what it writes, rt check finds nothing in it, and people
# sign in with it.

use strict;
use warnings;

use lib 't/lib';

use IO::Pty;
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;

use RT::Browser;
use RT::JWT;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;
use RT::State;
use RT::Tool;

# whatever the umask is
umask 0;

my $provider = RT::Provider->new;
my $nginx;


# a private nginx, which reads what rt init has written into its folder

sub begin {
    my @modules = @_ ? @_ : qw(rtauth rtaudit rtcsp);

    $nginx = RT::Nginx->new(modules => \@modules,
                            main => $User,
                            http => "include %%DIR%%/conf.d/*.conf;\n"
                                    . "# listen 127.0.0.1:%%PORT0%%;");
    state_folder($nginx);
}

# an option may be there once: of those here the last one is

sub once {
    my @words = @_;
    my (%value, @names);

    while (@words) {
        my $name = shift @words;
        push @names, $name if !$value{$name};
        $value{$name} = [@words && $words[0] !~ /^--/ ? shift @words : ()];
    }

    return map { ($_, @{$value{$_}}) } @names;
}

sub init {
    my ($in, @words) = @_;

    RT::Tool::run($nginx, $in, 'init',
                  once('--out', $nginx->dir,
                       '--audit', $nginx->dir . '/logs/audit.log',
                       '--state', $nginx->dir . '/state', @words));
}

sub mode { sprintf '%04o', (stat $nginx->dir . "/$_[0]")[2] & 07777 }

sub listens { ('--listen', '127.0.0.1:' . $nginx->port) }


# nginx -t without a warning, and rt check without a finding

sub good {
    my $what = shift;

    my ($rc, $out) = $nginx->try;

    is($rc, 0, "nginx -t: $what") or diag($out);

    # a first start makes files;

    $out =~ s/^.*\[warn\].*" is not there, and is made:.*\n//mg;

    # which claim of a token stays is known to nobody but his provider

    $out =~ s/^.*\[warn\].* a disabled user whose token has another email.*\n//m
        or fail("warned of link=: $what") if $what eq 'all of it';
    unlike($out, qr/\[warn\]/, "no warning: $what");
    is_deeply([$nginx->findings], [], "rt check of nginx -T: $what");

    my ($code, $found, $err) = RT::Tool::run($nginx, '', 'check', '--nginx',
        $nginx->{nginx}, '-p', $nginx->dir, '-c', $nginx->dir . '/nginx.conf');

    is($code, 0, "rt check, which asks nginx: $what") or diag("$found$err");
}


# people who sign in, with all that there is

begin();

my @people = ('--issuer', $provider->issuer, '--client-id',
              $provider->{client_id}, '--client-secret', '-',
              '--origin', 'http://localhost:' . $nginx->port,
              '--app', "http://$App", listens(), '--scim', '--revoke',
              '--groups', 'support=use:/apps/support,builders=edit');

my ($rc, $out, $err) = init("$provider->{client_secret}\n", @people);

is($rc, 0, 'written') or diag($err);

my $origin = 'http://localhost:' . $nginx->port;

for (["redirect URI", "$origin/oidc/callback"],
     ["post-logout URI", "$origin/signed-out"],
     ["back-channel URI", "$origin/oidc/backchannel"],
     ["SCIM", "$origin/scim/v2/"])
{
    like($out, qr/^  $_->[0] +\Q$_->[1]\E/m, "what to register: $_->[0]");
}

like($out, qr/nginx -t && .*rt check/, 'what comes next');

my @secrets = map { "rt/$_" } qw(client-secret session-key scim-key revoke-key
                                 nonce-placeholder);

for (@secrets) {
    is(mode($_), '0600', "the mode of $_");

    my $secret = RT::Nginx::slurp($nginx->dir . "/$_");
    chomp $secret;
    cmp_ok(length $secret, '>=', 10, 'is a secret');
    unlike("$out$err" . RT::Nginx::slurp($nginx->dir . '/conf.d/rt.conf'),
           qr/\Q$secret\E/, 'and stays where it is');
}

good('all of it');

$nginx->start;
$provider->lie(token => { id_token => { groups => ['support'] } });

my $browser = RT::Browser->new($nginx);
my $answer = $browser->walk('/');

is($browser->path, '/apps/support', 'who may use lands in his application');
ok(seen($answer), 'which answers');
like(seen($answer), qr/^X-Email: \S+@\S+\r$/m, 'and knows him');
like($answer->{head}, qr/^Content-Security-Policy: .*'nonce-/m, 'a policy');
audited($nginx, 'LOGIN', 'an event of it');

is($nginx->get('/')->{status}, 401, 'a script is nobody');
is($nginx->get('/signed-out')->{status}, 200, 'where people are in the end');
is($nginx->get('/health')->{status}, 200, 'a load balancer');
is($nginx->get('/scim/v2/Users')->{status}, 401, 'SCIM without its key');

my $key = RT::Nginx::slurp($nginx->dir . '/rt/scim-key');
chomp $key;
is($nginx->get('/scim/v2/Users', headers => ["Authorization: Bearer $key"])
   ->{status}, 200, 'and with it');

$nginx->end;


# nothing is overwritten, and nothing is left half

my %before = map { $_ => RT::Nginx::slurp($nginx->dir . "/$_") }
    'conf.d/rt.conf', @secrets;

($rc, $out, $err) = init('x', @people);
is($rc, 2, 'again');
like($err, qr/rt\.conf: is there already, and is not overwritten/, 'why not');

unlink $nginx->dir . '/conf.d/rt.conf', $nginx->dir . '/rt/client-secret';
($rc, $out, $err) = init('x', @people);
is($rc, 2, 'a key is there');
like($err, qr/session-key: is there already/, 'which stays');
ok(!-e $nginx->dir . "/$_", "$_ is taken back")
    for 'conf.d/rt.conf', 'rt/client-secret';
is(RT::Nginx::slurp($nginx->dir . "/$_"), $before{$_}, "$_ is as it was")
    for grep { -e $nginx->dir . "/$_" } @secrets;


# tokens alone; answers as JSON

begin();
$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));

($rc, $out) = init('', '--issuer', 'https://login.example.com', '--audience',
                   'tools', '--jwks', $nginx->dir . '/jwks.json', '--json',
                   '--server-name', 'localhost', '--app', "http://$App",
                   listens());

is($rc, 0, 'tokens alone');
is_deeply(decode_json($out),
          { files => [map { $nginx->dir . "/$_" } 'rt/nonce-placeholder',
                      'conf.d/rt.conf'] }, 'as JSON');
good('tokens alone');

$nginx->start;
like(seen($nginx->get('/', headers => [bearer()])) // 'nothing',
     qr/^X-Email: ann\@example\.com\r$/m, 'a token is let in');
is($nginx->get('/', headers => [bearer(aud => 'x')])->{status}, 401,
   'another one is not');
is($nginx->get('/')->{status}, 401, 'nor is nobody');
$nginx->end;


# each module alone

for my $module (qw(rtaudit rtcsp)) {
    begin($module);
    is((init('', '--modules', $module, '--app', "http://$App", '--origin',
             $origin, listens()))[0], 0, "$module alone");
    good("$module alone");
}


# what each provider calls it, and whether it says who signed out

for (['https://sso.example.com/realms/x', 'keycloak', 1],
     ['https://login.microsoftonline.com/0a1b/v2.0', 'entra', 0],
     ['https://example.okta.com/oauth2/default', 'okta', 0],
     ['https://accounts.google.com', 'google', 0],
     ['https://example.eu.auth0.com/', 'auth0', 1],
     ['https://okta.com.example.org', '', 1])
{
    my ($issuer, $name, $backchannel) = @$_;

    begin();
    ($rc, $out) = init('s', '--issuer', $issuer, '--client-id', 'x',
                       '--client-secret', '-', '--app', 'http://127.0.0.1:1',
                       '--origin', 'https://a.example');

    my $conf = RT::Nginx::slurp($nginx->dir . '/conf.d/rt.conf');

    like($out, $name ? qr/^At the provider, $name:$/m : qr/^At the provider:$/m,
         $issuer);
    is($out =~ /back-channel/ ? 1 : 0, $backchannel, 'told so');
    is($conf =~ /backchannel_logout_uri/ ? 1 : 0, $backchannel, 'and written');
}


# no word brings another directive in

my %word = (issuer => 'https://login.example.com', audience => 'a',
            origin => 'https://a.example', app => 'http://127.0.0.1:1');

begin();

for my $bad ("x;y", "x\ny", 'x}', '{x', 'x"y', "x'y", 'x$y', 'x\\y', 'x y', '',
             'x#y')
{
    for my $option (qw(issuer audience origin app client-id groups-claim listen
                       jwks certificate audit state user group app-group
                       server-name groups modules))
    {
        my %words = (%word, $option => ($word{$option} // '') . $bad);
        $words{$option} = '' if $bad eq '';
        $words{'client-secret'} = '/none/x' if $option eq 'client-id';

        my ($rc, undef, $err)
            = init('', map { ("--$_", $words{$_}) } sort keys %words);

        is($rc, 2, "--$option: " . ($bad =~ s/\n/\\n/r)) or diag($err);
        ok(!-e $nginx->dir . '/conf.d', 'nothing is written');
    }
}

for ([issuer => 'http://login.example.com', qr/is not https/],
     [issuer => 'https://login.example.com?x', qr/has a query/],
     [app => 'http://127.0.0.1:1/path', qr/more than a scheme/],
     [groups => 'a=read', qr/not use, edit or own/],
     [groups => 'a', qr/NAME=use/],
     [groups => 'a=use,b=own,a=edit', qr/has a group twice/],
     [origin => 'http://tools.example.com', qr/no Secure cookie over http/],
     [certificate => '/a', qr/are for each other/],
     [modules => 'rtauth,lua', qr/rtauth,rtaudit,rtcsp/],
     [audit => 'logs/x', qr/absolute path/],
     [audit => '/var/log/x/', qr/is a folder/],
     [groups => '', qr/everybody would get in/],
     [modules => 'rtaudit', qr/--(?:issuer|audience): needs rtauth/],
     (map { [listen => $_, qr/plain http for the whole network/] }
          qw(8080 *:8080 0.0.0.0:8080 [::]:8080 192.0.2.1:80 127.example.com
             localhost.example.com:80 [::10]:80)),
     [state => '/var/../etc', qr/absolute path/])
{
    my ($option, $value, $says) = @$_;
    my %words = (%word, $option => $value);

    my ($rc, undef, $err) = init('', map { ("--$_", $words{$_}) } keys %words);
    is($rc, 2, "--$option $value");
    like($err, $says, 'why');
}

# http is for this machine, and not where nginx ends TLS

for (['http://localhost:8080', 2, qr/not https, which --certificate is for/,
      '--certificate', '/a', '--certificate-key', '/b'],
     ['http://tools.example.com', 0, qr/^$/, '--modules', 'rtcsp'],
     ['http://127.0.0.1:8080', 0,
      qr/^rt init: no groups: everybody whom the provider vouches for gets in$/])
{
    my ($origin, $code, $says, @more) = @$_;
    my %words = (%word, origin => $origin);
    delete @words{qw(issuer audience)} if "@more" =~ /rtcsp/;

    my ($rc, undef, $err) = init('', @more,
                                 map { ("--$_", $words{$_}) } keys %words);
    is($rc, $code, "--origin $origin @more") or diag($err);
    like($err, $says, 'what it says');
    unlink $nginx->dir . '/conf.d/rt.conf', glob $nginx->dir . '/rt/*';
}

for ('127.0.0.1:80', '127.1.2.3', '[::1]:80', 'localhost', 'localhost:80',
     'unix:/run/rt.sock')
{
    is((init('', '--listen', $_, map { ("--$_", $word{$_}) } keys %word))[0], 0,
       "--listen $_");
    unlink $nginx->dir . '/conf.d/rt.conf', glob $nginx->dir . '/rt/*';
}

my @needless = (issuer => 'zzz', 'client-id' => 'x', 'client-secret' => '/none/x',
                audience => 'a', jwks => '/none/x', groups => 'a=use',
                'groups-claim' => 'x');

while (my ($option, $value) = splice @needless, 0, 2) {
    my ($rc, undef, $err) = init('', '--modules', 'rtaudit', "--$option",
                                 $value, '--app', $word{app}, '--origin',
                                 $word{origin});
    is($rc, 2, "--$option without rtauth");
    like($err, qr/--$option: needs rtauth/, 'why');
}


# folders that the application may enter, and files that are not there

begin();
umask 077;
my %absent = (%word, audit => '/audit.log', 'client-id' => 'x',
              'client-secret' => $nginx->dir . '/none',
              certificate => $nginx->dir . '/cert',
              'certificate-key' => $nginx->dir . '/key');
($rc, $out, $err) = init('', map { ("--$_", $absent{$_}) } keys %absent);
umask 0;
is($rc, 0, 'under a umask') or diag($err);
is(mode($_), '0755', "the mode of $_") for qw(rt conf.d);
unlike($out, qr/install -d -m 755 *$/m, 'no folder without a name');
like($out, qr/ # put [^\n]* into \Q${\$nginx->dir}\E\/$_, which is not there$/m,
     "$_ is not there yet") for qw(none cert key);

begin();
is((init('', '--app-group', 'no-such-group-x',
         map { ("--$_", $word{$_}) } keys %word))[0], 2, 'no such group');
ok(!-e $nginx->dir . "/$_", "the folder $_ is taken back") for qw(rt conf.d);


# nginx would not take it

$nginx->file('secret', 's');
chmod 0644, $nginx->dir . '/secret';
my @secret = ((map { ("--$_", $word{$_}) } keys %word), '--client-id', 'x',
              '--client-secret', $nginx->dir . '/secret');

($rc, $out, $err) = init('', @secret);
is($rc, 2, 'a secret that others may read');
like($err, qr/--client-secret: .*chmod o=/, 'why');
chmod 0640, $nginx->dir . '/secret';

SKIP: {
    skip 'only root gives a file to somebody else', 2 if $> != 0;

    chown 65534, -1, $nginx->dir . '/secret';
    ($rc, $out, $err) = init('', @secret);
    is($rc, 2, 'a secret of another user than root and us');
    like($err, qr/--client-secret: .*chown root/, 'why');
    chown 0, -1, $nginx->dir . '/secret';
}

is((init('', @secret))[0], 0, 'and may not');
like(RT::Nginx::slurp($nginx->dir . '/conf.d/rt.conf'),
     qr/^    listen  127\.0\.0\.1:8080;$/m,
     'without TLS of its own, this machine alone');
unlink $nginx->dir . '/conf.d/rt.conf';

for my $lost (sort keys %word) {
    my %words = %word;
    delete $words{$lost};

    is((init('', map { ("--$_", $words{$_}) } keys %words))[0], 2,
       "without --$lost");
}


# on a terminal: a secret is not shown, and an end in the middle leaves nothing

our $Before = '';           # what answers the questions before the last one

sub typed {
    my ($what, $keys, @words) = @_;
    my $pty = IO::Pty->new;
    my $pid = fork // die $!;

    if ($pid == 0) {
        $pty->make_slave_controlling_terminal;
        my $slave = $pty->slave;
        close $pty;
        open STDIN, '<&', $slave or die $!;
        open STDOUT, '>&', $slave or die $!;
        open STDERR, '>&', $slave or die $!;
        exec "$ENV{RT_BUILD}/rt", 'init', once('--out', $nginx->dir, @words)
            or die $!;
    }

    my $slave = $pty->slave;
    syswrite $pty, $Before;
    my $out = '';
    my $status;
    my $read = sub {
        my ($bits, $more) = ('', '');
        vec($bits, fileno $pty, 1) = 1;
        return select($bits, undef, undef, 0.1)
               && sysread($pty, $more, 4096) && ($out .= $more);
    };

    ok($nginx->wait_for("the question of $what",
                        sub { $read->(); $out =~ /is not shown: / }),
       "$what: is asked");

    my $term = POSIX::Termios->new;
    $term->getattr(fileno $slave);
    ok(!($term->getlflag & POSIX::ECHO), "$what: nothing is shown");

    syswrite $pty, $keys;
    ok($nginx->wait_for("the end of $what", sub {
        $read->();
        waitpid($pid, POSIX::WNOHANG) == $pid or return 0;
        $status = $?;
        return 1;
    }), "$what: it ends");

    1 while $read->();
    $term->getattr(fileno $slave);
    ok($term->getlflag & POSIX::ECHO, "$what: what is typed is shown again");

    return ($status, $out);
}

delete $word{'client-secret'};
unlink glob $nginx->dir . '/rt/*';
my @asked = (map({ ("--$_", $word{$_}) } sort keys %word),
             '--client-id', 'tools', '--client-secret', '-', '--audience', 'a',
             '--groups', 'a=use');

for my $key ("\x03", "\x1c") {
    my ($status, $said) = typed(sprintf('0x%02x', ord $key), "hush-$key",
                                @asked);

    isnt($status, 0, 'is no success');
    unlike($said, qr/hush-/, 'nor a secret on the screen');
    is(scalar(() = glob $nginx->dir . '/rt/*'), 0, 'nor a file');
}

my ($status, $said) = typed('too long', 'x' x 600 . "\n", @asked);
isnt($status, 0, 'a secret that is too long is refused');
like($said, qr/at most 510 bytes/, 'and not cut');

($status, $said) = typed('a secret', "hush-hush\n", @asked);
is($status, 0, 'a secret that was typed') or diag $said;
unlike($said, qr/hush-hush/, 'is not on the screen');
is(RT::Nginx::slurp($nginx->dir . '/rt/client-secret'), 'hush-hush',
   'but in its file');

# Enter where groups are asked for lets everybody in, and that is said

unlink $nginx->dir . '/conf.d/rt.conf', glob $nginx->dir . '/rt/*';

{
    local $Before = "\n";
    ($status, $said) = typed('no groups', "hush-hush\n",
                             splice @asked, 0, -2);
}

is($status, 0, 'no groups') or diag $said;
like($said, qr/no groups: everybody whom the provider vouches for gets in\r?$/m,
     'is said');

done_testing();

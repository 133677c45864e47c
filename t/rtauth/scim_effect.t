#!/usr/bin/perl

# What pushed users mean for those who come: unknown=, link=, sessions, requests
# that live long, other hosts of a fleet; and what rtauth_status says.

use strict;
use warnings;

use lib 't/lib';

use Fcntl qw(LOCK_EX);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::Raw;
use RT::Redis;
use RT::Scim;
use RT::SignIn qw(signs_in seen signed_in $App);
use RT::State;

# what is to take a second takes longer on a machine that has no time

my $Soon = $ENV{RT_DEADLINE} ? $ENV{RT_DEADLINE} : 1;

my $true = JSON::PP::true;
my $false = JSON::PP::false;
my ($ok, $off, $unknown, $gone) = map { join ' ', ($_) x 4 }
    '200 ok', '403 disabled', '403 not_pushed', '401 revoked';

sub ann { user_token(sub => 'u-1', email => undef, @_) }

sub made {
    my ($nginx, $user) = @_;
    my $answer = push_to($nginx, 'POST', '/Users', $user);

    is($answer->{status}, 201, "$user->{userName} is pushed");
    return $answer->{json}{id};
}

sub off {
    my ($nginx, $id, $to) = @_;
    return user_op($nginx, $id, { op => 'replace', path => 'active',
                                  value => $to // $false })->{status};
}


# -- refuse, by externalId and a claim

my $nginx = RT::Scim::nginx(scim => 'unknown=refuse link=externalId:oid',
    modules => ['rtauth'], server => <<'EOT');
        location = /metrics { rtauth off; allow 127.0.0.1; deny all;
                              rtauth_status prometheus; }
EOT

$nginx->start;

my $token = ann(oid => 'o-1');
is(results($nginx, $token), $unknown, 'nobody was pushed');
my $id = made($nginx, { userName => 'ann', externalId => 'o-1' });
is(results($nginx, $token), $ok, 'she was');
is(results($nginx, ann(oid => 'O-1')), $unknown, 'an externalId has a case');
is(results($nginx, ann()), $unknown, 'no claim');
is(results($nginx, ann(oid => 1)), $unknown, 'no string');
is(results($nginx, ann(oid => '')), $unknown, 'an empty one');
is(results($nginx, ann(oid => 'x' x 600)), $unknown, 'a long one');
my $twin = made($nginx, { userName => 'twin', externalId => 'o-1' });
is(results($nginx, $token), $unknown, 'two are nobody');
is(off($nginx, $twin), 200, 'one of them is disabled');
isnt(results($nginx, $token), $ok, 'the other one is not let in by that');
push_to($nginx, 'DELETE', "/Users/$twin");

# a request is counted when it is logged, behind its answer

my $metrics;

sub counted {
    my ($result, $n) = @_;

    return ok($nginx->wait_for("$n $result", sub {
        $metrics = $nginx->get('/metrics')->{body};
        return $metrics =~ /^rtauth_scim_requests_total\{result="$result"\} $n$/m;
    }), "$n $result");
}

counted(changed => 4);
like($metrics, qr/^rtauth_scim_users\{state="active"\} 1$/m, 'one user');
like($metrics, qr/^rtauth_scim_users\{state="deleted"\} 1$/m, 'one was deleted');
push_to($nginx, 'POST', '/Users', '{');
counted(refused => 1);
like($metrics, qr/^rtauth_scim_ready 1$/m, 'ready');
like($metrics, qr/^rtauth_scim_journal_bytes [1-9]/m, 'with a file');
unlike($metrics, qr/^rtauth_logins_total\{provider="corp",reason="ok"\} [1-9]/m,
       'no change is a sign-in');
$nginx->end;


sub started {
    my ($scim, %opt) = @_;
    my $one = RT::Scim::nginx(scim => $scim, modules => ['rtauth'], %opt);
    $one->start;
    return $one;
}

sub later { later_token($nginx, sub => 'u-1', email => undef, @_) }

# -- several with one email, also with unknown=allow

my $no_leeway = 'leeway 0s;';
$nginx = started('link=email', provider => $no_leeway);
my @shared = map {
    made($nginx, { userName => $_, emails => [
        { value => 'Team@example.com', primary => $true } ] })
} 'first', 'second';
my @team = (email => 'team@example.com', email_verified => $true);
my $team = ann(@team);

is(results($nginx, $team), $unknown, 'two with his email: nobody is let in');
is(push_to($nginx, 'DELETE', "/Users/$shared[1]")->{status}, 204, 'one is deleted');
is(results($nginx, $team), $off, 'that was his, as far as anybody knows');
$team = later(@team);
is(results($nginx, $team), $ok, 'the other one is let in when he signs in');
is(off($nginx, $shared[0]), 200, 'and disabled');
is(results($nginx, $team), $off, 'and out');
$nginx->end;


# -- a token that has what he was called before, or what somebody else was

# the file is made anew when it has grown

sub grown {
    my $file = $nginx->dir . '/state/users';
    my $id = made($nginx, { userName => 'grows' });
    my $most = 0;

    do { $most = -s $file }
        while (user_op($nginx, $id, { op => 'replace', path => 'title',
                                      value => $most . 'x' x 999 })->{status}
               == 200 && -s $file > $most);
    cmp_ok(-s $file, '<', $most, 'the file is made anew');
}

sub restarted {
    $nginx->stop;
    $nginx->start;
}

$nginx = started('link=userName:login', provider => $no_leeway,
    groups => 'rtauth_group eds { scim_group Eds; }');
my %named = map { $_ => ann(login => $_) } 'a' .. 'd', 'b-left', 'c-left';
my %pushed = map { $_ => made($nginx, { userName => $_ }) } 'a' .. 'd';

sub renamed {
    my ($who, $to, @more) = @_;
    is(user_op($nginx, $pushed{$who}, { op => 'replace', path => 'userName',
                                        value => $to }, @more)->{status}, 200,
       "$who is $to");
}

my $left = { op => 'replace', path => 'active', value => $false };

renamed('a', 'a-left', $left);
is(off($nginx, $pushed{b}), 200, 'b is disabled');
renamed('b', 'b-left');
renamed('c', 'c-left');
is(results($nginx, $named{c}), $ok, 'a name of before is as a name of nobody');
is(off($nginx, $pushed{c}), 200, 'c-left is disabled');
renamed('d', 'd-left');
push_to($nginx, 'DELETE', "/Users/$pushed{d}");

sub kept_out {
    my $when = shift;
    is(results($nginx, $named{$_}), $off, "$when: $_ is kept out")
        for sort keys %named;
}

# somebody else has the name in between, and gives it away

$pushed{$_} = made($nginx, { userName => $_ }) for 'e' .. 'h';
$named{$_} = ann(login => $_) for 'e', 'g';
renamed('e', 'e-left');
renamed('f', 'e');
renamed('f', 'f-left');
is(results($nginx, $named{e}), $ok, 'both who had that name are active');
is(off($nginx, $pushed{e}), 200, 'the first one is disabled');
push_to($nginx, 'DELETE', "/Users/$pushed{g}");
renamed('h', 'g');
is(results($nginx, $named{g}), $off,
   'what was issued to one who was deleted is not of who has his name now');
is(results($nginx, later(login => 'g')), $ok, 'who has it now is in');
renamed('h', 'h-left');

# and gets groups of his own, that who had his name before does not get

$pushed{$_} = made($nginx, { userName => $_ }) for 'i', 'j';
my $before = ann(login => 'i');
renamed('i', 'i-left');
renamed('j', 'i');
is(push_to($nginx, 'POST', '/Groups', {
       displayName => 'Eds', members => [{ value => $pushed{j} }] })->{status},
   201, 'who has that name now is in a group');
is((said($nginx, $before))[0], '', 'and not who had it');
is((said($nginx, later(login => 'i')))[0], 'eds', 'he is');

kept_out('in memory');
restarted();
kept_out('restarted');
grown();
restarted();
kept_out('from another file');

is(off($nginx, $pushed{b}, $true), 200, 'b-left is enabled');
is(results($nginx, $named{b}), $ok, 'what he was given as b is good again');
made($nginx, { userName => 'a' });
is(results($nginx, $named{a}), $off, 'who had a name is not who has it now');
is(results($nginx, later(login => 'a')), $ok, 'who is let in by it');
$nginx->end;

# what is forgotten after a year must not be good for longer

sub lives {
    return ann(iat => int(time) - 60, exp => int(time) + $_[0] * 86400);
}

$nginx = RT::Scim::nginx(modules => ['rtauth']);
$nginx->start;
is(results($nginx, lives(400)), join(' ', ('401 too_long_lived') x 4),
   'a token of more than a year');
is(results($nginx, lives(360)), $ok, 'one of less');
is(results($nginx, ann(iat => undef)), join(' ', ('401 no_iat') x 4),
   'one that does not say how long it has lived');
$nginx->end;

$nginx = started('link=externalId:oid', provider => $no_leeway);
$id = made($nginx, { userName => 'alice', externalId => 'o-1' });
push_to($nginx, 'DELETE', "/Users/$id");
made($nginx, { userName => 'alice', externalId => 'o-2' });
is(results($nginx, ann(oid => 'o-1')), $off, 'who was deleted stays so');
is(results($nginx, ann(oid => 'o-2')), $ok, 'another one has his name');
restarted();
is(results($nginx, ann(oid => 'o-1')), $off, 'and after a restart');
grown();
restarted();
is(results($nginx, ann(oid => 'o-1')), $off, 'and from another file');
made($nginx, { userName => 'alice-1', externalId => 'o-1' });
is(results($nginx, later(oid => 'o-1')), $ok,
   'until he is pushed again, with what he is given then');
$nginx->end;


# -- another provider of the same issuer has the same users

my $second = <<EOT;
    rtauth_provider second {
        issuer https://login.example.com; audience tools;
        jwks_file @{[RT::own_data()]}/keys/jwks.json;
    }
    rtauth_provider other {
        issuer https://other.example.com; audience tools;
        jwks_file @{[RT::own_data()]}/keys/jwks.json;
    }
EOT

$nginx = RT::Scim::nginx(scim => 'link=userName:login provider=corp',
    modules => ['rtauth'], http => $second, server => <<'EOT');
        location = /second { rtauth second;
                             proxy_pass http://127.0.0.1:%%PORT1%%; }
        location = /other { rtauth other;
                            proxy_pass http://127.0.0.1:%%PORT1%%; }
EOT
$nginx->start;
$id = made($nginx, { userName => 'ann' });
is(results($nginx, ann(login => 'ann'), '/second'), $ok, 'she is let in there');
is(off($nginx, $id), 200, 'she is disabled');
is(results($nginx, ann(login => 'ann')), $off, 'she is out at the provider');
is(results($nginx, ann(login => 'ann'), '/second'), $off,
   'and at another one of its issuer');
is(results($nginx, ann(login => 'ann', iss => 'https://other.example.com'),
           '/other'), $ok, 'another issuer has an ann of its own');
is(results($nginx, lives(400), '/second'), join(' ', ('401 too_long_lived') x 4),
   'what outlives her name is not taken there, too');


# -- a name that is short when it is folded, and long in the token

my $kelvin = "\x{212a}" x 300;
is(push_to($nginx, 'POST', '/Users', { userName => $kelvin })->{json}{scimType},
   'invalidValue', 'who has it is not taken');
is(push_to($nginx, 'POST', '/Users', { userName => $kelvin, active => $false })
       ->{status}, 201, 'but if he is disabled');
is(results($nginx, ann(login => $kelvin)), $off, 'out as it is written');
is(results($nginx, ann(login => 'k' x 300)), $off, 'and as it is folded');
is(push_to($nginx, 'POST', '/Users', { userName => 'k' x 513 })->{status}, 413,
   'a longer one is not taken');
is(results($nginx, ann(login => 'k' x 513)), $ok, 'and is nobody');
$nginx->end;


# -- signs that become letters when they are folded keep out, and bring nobody in

$nginx = started('unknown=refuse link=userName:login');
$id = made($nginx, { userName => 'kelvins' });
my @signs = map { ann(login => $_) } "\x{212a}elvins", "kelvin\x{17f}";

is(results($nginx, ann(login => 'KELVINS')), $ok, 'in any case');
is(results($nginx, $_), $unknown, 'a sign is no letter of a name') for @signs;
is(off($nginx, $id), 200, 'disabled');
is(results($nginx, $_), $off, 'but is one that keeps out') for @signs;
$nginx->end;


# -- nor does one that is pushed

$nginx = started('unknown=refuse link=userName:login',
                 groups => 'rtauth_group a { scim_group Admins; permission use; }');
$id = made($nginx, { userName => 'ann' });

for my $name ("Admin\x{17f}", 'Admins') {
    my $group = push_to($nginx, 'POST', '/Groups', { displayName => $name,
        members => [{ value => $id }] });
    my $in = ($name eq 'Admins');

    is($group->{status}, $in ? 201 : 400, $in ? 'Admins' : 'with a sign');
    is((said($nginx, ann(login => 'ann')))[0], $in ? 'a' : '', 'and who is in');
}

is(push_to($nginx, 'PUT', "/Users/$id", { userName => "an\x{212a}" })->{status},
   400, 'nor can a name be changed to one');
is(results($nginx, ann(login => 'ank')), $unknown, 'nobody has it');

# who asks for the sign does not find the letter, and pushes nobody into it

is(push_to($nginx, 'GET', '/Groups?filter=displayName%20eq%20%22Admin%C5%BF%22')
       ->{json}{totalResults}, 0, 'another group');
$nginx->end;


# -- by email, which has to be verified

my %token = (
    verified => ann(email => 'Ann@Example.com', email_verified => $true),
    text     => ann(email => 'ann@example.com', email_verified => 'true'),
    claimed  => ann(email => 'ann@example.com', email_verified => $false),
    silent   => ann(email => 'ann@example.com'),
);

sub by_email {
    my $link = shift;

    $nginx = RT::Scim::nginx(scim => "unknown=refuse $link",
                             modules => ['rtauth'],
        groups => 'rtauth_group a { scim_group Team; permission use; }');
    $nginx->start;

    $id = made($nginx, { userName => 'ann', emails => [
        { value => 'other@example.com' },
        { value => 'ANN@example.com', primary => $true } ] });
    push_to($nginx, 'POST', '/Groups', { displayName => 'TEAM',
                                         members => [{ value => $id }] });

    is(results($nginx, $token{$_}), $ok, "$_: let in") for qw(verified text);
    is((said($nginx, $token{verified}))[0], 'a', 'in her group');
    is(results($nginx, $token{$_}), $unknown, "$_: not let in by it")
        for qw(claimed silent);
    is(off($nginx, $id), 200, 'disabled');
    is(results($nginx, $token{$_}), $off, "$_: kept out") for sort keys %token;
    is(off($nginx, $id, 'True'), 200, 'enabled');
    is(results($nginx, $token{verified}), $ok, 'let in again');
    $nginx->end;
}

# however the path of that claim is written

by_email($_) for 'link=email', 'link=email:/email';


# -- sessions, what is open, and another host

my $proxied = RT::Raw::tunnel();

my $corp = RT::Provider->new(user => { sub => 'u-1', email => 'ann@example.com',
                                       email_verified => $true });
my $redis = RT::Redis->new->start;

sub host {
    my $origin = shift;
    my $fleet = $redis->block('fleet');
    my $provider = signs_in($corp, 'corp', 'audience tools; leeway 0s;');

    my $host = RT::Nginx->new(modules => ['rtauth'], workers => 2, ports => 2,
                              main => $User, http => <<"EOT");
    rtauth_zone 4m;
    rtauth_scim_zone 1m state=%%DIR%%/state/users;
    $fleet
    $provider
    rtauth_session store=redis:fleet key=data:01234567890123456789012345678901;
    rtauth_origin http://localhost:$origin;
    rtauth_reauthorize 1s;
    rtauth_group editors { scim_group Editors; }
    proxy_set_header X-Email \$rtauth_user;
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;
        server_name localhost;
        location /scim/v2/ { rtauth off; rtauth_scim key=data:$Key; }
        location / { rtauth corp; proxy_pass http://$App; }
        location /ws { rtauth corp; $proxied
            location /ws/edit { rtauth_require group editors; $proxied } }
    }
EOT
    state_folder($host);
    return $host->start;
}

my $one = host('%%PORT0%%');
my $two = host($one->port);

my $browser = RT::Browser->new($one);
signed_in($browser->walk('/oidc/login?to=/x'), 'ann@example.com', 'signed in');
my $there = RT::Browser->new($two);
$there->{jar} = $browser->{jar};
ok(defined seen($there->open('/x')), 'at the other host, too');

sub websocket {
    my ($host, $path, $email) = (@_, '/ws', 'ann@example.com')[0 .. 2];
    return RT::Raw::opened($host, $path, 'Authorization: Bearer '
        . RT::JWT::token(iss => $corp->issuer, -kid => undef, sub => 'u-1',
                         email => $email, email_verified => $true,
                         iat => int(time) - 5, exp => int(time) + 600));
}

$id = made($one, { userName => 'ann@example.com' });
my @open = map { websocket($_) } $one, $two;
is(off($one, $id), 200, 'disabled at one host');

my $told = time;

is($browser->open('/x')->{status}, 403, 'whose session is out there');
ok($two->wait_for('the other host', sub { !defined seen($there->open('/x')) }),
   'and at the other one');
cmp_ok(time - $told, '<', $Soon, 'within a second');
is($one->rest($open[0]), '', 'what was open here has ended');
is($two->rest($open[1]), '', 'and there');

is(off($one, $id, $true), 200, 'enabled');
ok($one->wait_for('a sign-in', sub {
    my $again = RT::Browser->new($one);
    defined seen($again->walk('/oidc/login?to=/x'));
}), 'who signs in again is let in');

# one who comes as disabled, and one whose deletion nobody waited for

sub of {
    return 'Authorization: Bearer '
        . RT::JWT::token(iss => $corp->issuer, -kid => undef, sub => $_[0],
                         email => $_[0], email_verified => $true,
                         iat => $_[1] // int(time) - 5, exp => int(time) + 600);
}

sub out_there {
    my ($who, $what) = @_;
    ok($two->wait_for($what, sub { results($two, of($who)) eq $gone }), $what);
}

isnt(results($two, of('bob@example.com')), $gone, 'bob is let in');
made($one, { userName => 'bob@example.com', active => $false });
out_there('bob@example.com', 'pushed as disabled, he is out at the other host');

# what is open ends with a deletion, and with a right that was by a pushed group

my $max = made($one, { userName => 'max@example.com' });
my $liv = made($one, { userName => 'liv@example.com' });
my $group = push_to($one, 'POST', '/Groups',
                    { displayName => 'Editors',
                      members => [map { { value => $_ } } $max, $liv] });
is($group->{status}, 201, 'a group of two');
my ($edits, $stays) = map { websocket($one, '/ws/edit', "$_\@example.com") }
                      qw(max liv);
my $plain = websocket($one, '/ws', 'max@example.com');

is(push_to($one, 'PATCH', "/Groups/$group->{json}{id}", {
       schemas => ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
       Operations => [{ op => 'remove', path => qq(members[value eq "$max"]) }]
   })->{status}, 204, 'one leaves it');
is($one->rest($edits), '', 'what he had open by it has ended');
like($one->get('/ws/edit', headers => [of('max@example.com')])->{head},
     qr/^HTTP\/1\.1 403/, 'and his next request is refused');

is(push_to($one, 'DELETE', "/Users/$max")->{status}, 204, 'he is deleted');
is($one->rest($plain), '', 'what else he had open has ended');
my $bits = '';
vec($bits, fileno $stays, 1) = 1;
is(select($bits, undef, undef, 0), 0, 'the other one goes on');


# what somebody was called before, and no one else is now

sub called {
    my ($id, $to) = @_;
    is(user_op($one, $id, { op => 'replace', path => 'userName',
                            value => $to })->{status}, 200, "then $to");
}

my ($kim, $lee) = map { made($one, { userName => "$_\@example.com" }) }
                  qw(kim lee);
called($kim, 'kim.two@example.com');
called($kim, 'kim.three@example.com');
called($lee, 'lea@example.com');
made($one, { userName => 'lee@example.com' });
is(off($one, $lee), 200, 'who was lee is disabled');
is(off($one, $kim), 200, 'who was kim is, too');
out_there($_, "$_ is out at the other host")
    for map { "$_\@example.com" } qw(lea kim.three kim.two kim);
out_there('lee@example.com', 'what lee had before another one was lee, too');
ok($two->wait_for('what is issued later', sub {
    results($two, of('lee@example.com', int(time) + 31)) ne $gone
}), 'who is lee now is let in');

my $eve = made($one, { userName => 'eve@example.com' });
open my $lock, '+<', $one->dir . '/state/users' or die $!;
flock $lock, LOCK_EX or die $!;
open my $out, '-|', 'node', 't/lib/RT/h2.mjs',
     'http://127.0.0.1:' . $one->port(1), "Bearer $Key",
     'http://127.0.0.1:' . $one->port . '/x', "!DELETE:/scim/v2/Users/$eve"
     or die $!;
is(<$out>, "gone\n", 'a deletion is given up');
isnt(results($two, of('eve@example.com')), $gone, 'before it was made');
kill 'TERM', $one->workers;
$one->wait_for('the workers to end', sub {
    2 == (() = $one->log_text =~ /\[notice\] \d+#\d+: exiting$/mg)
});
close $lock;
out_there('eve@example.com', 'made all the same, she is out at the other host');
ok($one->wait_for('a line', sub {
    $one->log_text =~ /was given up: USER_DELETED of $eve, with key \w+/
}), 'the log says who was deleted');

$_->end for $one, $two;
$redis->stop if $redis->can('stop');
done_testing();

#!/usr/bin/perl

# rt users: over the address of rtauth_scim, what it prints and changes.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use RT::Nginx;
use RT::Raw;
use RT::Scim;
use RT::Tool;

my $nginx = RT::Scim::nginx(modules => ['rtauth']);
my $other = RT::Scim::nginx(modules => ['rtauth']);

$_->start for $nginx, $other;

$nginx->file('key', "$Key\n");

sub users {
    my ($to, $in, @words) = @_;

    return RT::Tool::run($nginx, $in, 'users', @words, '--url',
        'http://127.0.0.1:' . $to->port . '/scim/v2', '--key', 'file:key');
}

sub done {
    my ($words, $what, $to, $in) = @_;
    my ($code, $out, $err) = users($to // $nginx, $in // '', @$words);

    is("$code $err", '0 ', $what) or diag($out);
    return $out;
}

my %id;

for my $n (1 .. 205) {
    my $answer = push_to($nginx, 'POST', '/Users', { userName => "user$n",
        displayName => "Nr. \"$n\"",
        emails => [{ value => "u$n\@example.com" }] });
    $id{$n} = $answer->{json}{id};
}

push_to($nginx, 'POST', '/Groups', { displayName => 'Team',
    members => [map { { value => $id{$_} } } 1, 2, 205] });

my $out = done(['list'], 'list');
is(scalar(() = $out =~ /^\S{36}  active    user\d+$/mg), 205, 'all of them');
is(done([qw(list --filter), 'userName eq "user7"'], 'a filter'),
   "$id{7}  active    user7\n", 'one of them');

$out = done([qw(list --json --filter), 'userName eq "user7"'], 'as JSON');
is(JSON::PP::decode_json($out)->{displayName}, 'Nr. "7"', 'is one');

$out = done([qw(show user205)], 'show');
like($out, qr/^userName    user205\n/m, 'his name');
like($out, qr/^group       Team\n/m, 'his group');
like($out, qr/^state       active\n/m, 'his state');
like(done(['show', $id{1}], 'by id'), qr/^userName    user1$/m, 'is he');

is(done([qw(disable user7)], 'disable'), '', 'says nothing');
like(done([qw(show user7)], 'show'), qr/^state       disabled$/m, 'he is');
is(results($nginx, user_token(email => 'user7', email_verified => 'true')),
   join(' ', ('403 disabled') x 4), 'and out');
like(done([qw(list --filter), 'active eq false'], 'who is'),
     qr/^\S{36}  disabled  user7\n\z/, 'one is');
done([qw(enable user7)], 'enable');
like(done([qw(show user7)], 'show'), qr/^state       active$/m, 'he is back');
done([qw(disable user7)], 'disable');

like(done(['groups'], 'groups'), qr/^\S{36}      3  Team$/m, 'one, with three');

# as JSON

sub json {
    my @words = @_;
    return JSON::PP::decode_json(done([@words, '--json'], "$words[0] as JSON"));
}

my $user = json('show', 'user205');
is_deeply([@$user{qw(id userName active)}, $user->{groups}[0]{display}],
          [$id{205}, 'user205', JSON::PP::true, 'Team'], 'the user as he is');
is_deeply(json('enable', 'user7'), { id => $id{7}, active => JSON::PP::true },
          'enabled');
like(done([qw(show user7)], 'show'), qr/^state       active$/m, 'he is');
is_deeply(json('disable', 'user7'), { id => $id{7}, active => JSON::PP::false },
          'disabled');
like(done([qw(show user7)], 'show'), qr/^state       disabled$/m, 'he is');

my $group = json('groups');
is_deeply([$group->{displayName}, sort map { $_->{value} } @{$group->{members}}],
          ['Team', sort @id{1, 2, 205}], 'the group');

my $lines = done(['export'], 'export');
is(scalar(() = $lines =~ /\n/g), 206, 'a line each');
is(done(['import'], 'import', $other, $lines), '', 'at another host');
like(done([qw(show user7)], 'show', $other), qr/^state       disabled$/m,
     'he is disabled there');
like(done(['groups'], 'groups', $other), qr/^\S{36}      3  Team$/m,
     'the group has its members');
like(done([qw(show user205)], 'show', $other), qr/^group       Team$/m,
     'the same');
done(['import'], 'import again', $other, $lines);
is(scalar(() = done(['list'], 'list', $other) =~ /\n/g), 205, 'nobody twice');

my ($code, undef, $err) = users($other, "{\"userName\":\"x\"}\n{\n"
                                . "{\"userName\":\" bad\"}\n", 'import');
is($code, 1, 'bad lines');
like($err, qr/line 2: is no object of JSON.*line 3 is not taken/s, 'are said');
like(done([qw(show x)], 'show', $other), qr/^userName    x$/m,
     'and others taken');

# names that differ in their case are one, of which no line replaces another

my %same = (userName => 'Users', displayName => 'Groups');

for my $name (sort keys %same) {
    my $lines = join '', map { qq({"$name":"$_","externalId":"$_"}\n) }
        qw(Twin twin other);
    my ($code, undef, $err) = users($other, $lines, 'import');
    is("$code $err", "1 rt users: line 2 is not taken: an earlier line has this"
       . " name\n", "a second $name");

    my $found = push_to($other, 'GET', "/$same{$name}?filter=$name%20eq%20"
                        . '%22TWIN%22')->{json}{Resources};
    is_deeply([map { $_->{externalId} } @$found], ['Twin'], 'is not taken');
    ($code) = users($other, $lines, 'import');
    is($code, 1, 'nor again');
}

# somebody is deleted between two pages: who has gone to the first is not lost

my $between = RT::Raw::start(sub {
    my ($uri) = $_[0] =~ /\AGET (\S+)/;

    push_to($nginx, 'DELETE', "/Users/$id{3}") if $uri =~ /startIndex=201&/;

    return $nginx->raw("GET $uri HTTP/1.1\r\nHost: localhost\r\n"
        . "Authorization: Bearer $Key\r\nConnection: close\r\n\r\n");
});

($code, undef, $err) = RT::Tool::run($nginx, '', 'users', 'export', '--url',
    "http://127.0.0.1:$between/scim/v2", '--key', 'file:key');
is($code, 2, 'an export from whose first page somebody goes');
like($err, qr/^rt users: \/Users: somebody was deleted .* ask again$/m, 'says so');
is(scalar(() = done(['export'], 'export again') =~ /\n/g), 205, 'all the others');

for (['show', 'nobody'], ['disable', 'nobody']) {
    my ($code, $out, $err) = users($nginx, '', @$_);
    is("$code $out", '1 ', "$_->[0] of nobody");
    like($err, qr/nobody: there is no such user/, 'says so');
}

sub fails {
    my ($what, $says, @words) = @_;
    my ($code, $out, $err) = RT::Tool::run($nginx, '', 'users', @words);

    is("$code $out", '2 ', "$what: 2");
    like($err, $says, "$what: says why");
    unlike($err, qr/$Key/, "$what: without the key");
}

my $url = 'http://127.0.0.1:' . $nginx->port;
my @to = ('--url', "$url/scim/v2/", '--key');

$nginx->file('wrong', 'w' x 32);
fails('no verb', qr/^usage: rt users list/);
fails('no address', qr/write --url URL/, 'list');
fails('plain http', qr/plain http/, 'list', '--url', 'http://x.example/',
      '--key', 'file:key');
fails("to $_", qr/plain http|without a user|is no address/, 'list', '--url', $_,
      '--key', 'file:key')
    for 'http://localhost:x@127.0.0.1:' . $nginx->port . '/scim/v2',
        'http://127.evil.example/', 'http://localhost.evil.example:80/',
        'http://[::1].evil.example/', 'http://127.0.0.1.evil.example/',
        'https://x:y@localhost/', 'ftp://127.0.0.1/', '127.0.0.1/scim/v2';
fails('a wrong key', qr/the answer is 401/, 'list', @to, 'file:wrong');
fails('no key', qr/nowhere: No such file/, 'list', @to, 'file:nowhere');
fails('a key as text', qr/write file:PATH/, 'list', @to, 'secret');
fails('another address', qr/no JSON|the answer is/, 'list', '--url', "$url/x",
      '--key', 'file:key');
fails('a bad filter', qr/the answer is 400/, 'list', @to, 'file:key',
      '--filter', 'x');
fails("a filter of $_ bytes", qr/what is looked for is too long/, 'list', @to,
      'file:key', '--filter', 'x' x $_)
    for 8170, 8190;
fails('an unknown option', qr/^rt users list: --all: is no option of it/, 'list', '--all', @to,
      'file:key');
fails('no user', qr/write a userName/, 'show', @to, 'file:key');

$_->end for $nginx, $other;
done_testing();

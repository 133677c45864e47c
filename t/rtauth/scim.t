#!/usr/bin/perl

# rtauth_scim: users and groups that a provider pushes are made, shown, changed
# and deleted; who is disabled is out in every worker at once.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use RT::Audit;
use RT::Nginx;
use RT::Scim;

my $nginx = RT::Scim::nginx(provider => 'leeway 0s;', groups => <<'EOT', http => <<'EOT');
    rtauth_group support { match role eq support; scim_group Support "Help Desk";
                           permission use; }
    rtauth_group builders { scim_group Builders; permission edit; }
    rtauth_group other { match role eq other; permission use; }
EOT
    rtauth_authorize off;
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;
    rtaudit_level request;
EOT

$nginx->start;

my ($ok, $off) = map { join ' ', ($_) x 4 } '200 ok', '403 disabled';
my $true = JSON::PP::true;

my %ann = (sub => 'u-1', email => 'ann@example.com', email_verified => $true);
my $ann = user_token(%ann);
my $bob = user_token(sub => 'u-2', email => 'bob@example.com',
                          email_verified => $true);

is(results($nginx, $ann), $ok, 'nobody was pushed: anybody is let in');


# -- a user

my $answer = push_to($nginx, 'POST', '/Users', {
    schemas => ["$Core:User"], userName => 'Ann@Example.com',
    externalId => '00u1', name => { givenName => 'Ann', familyName => 'Lee' },
    emails => [{ value => 'ann@example.com', type => 'work', primary => $true }],
    active => $true, password => 'this-is-never-kept',
});

is($answer->{status}, 201, 'a user is made');

my $id = $answer->{json}{id};
my $at = 'http://localhost/scim/v2/Users/' . ($id // '');

like($id, qr/^[0-9a-f-]{36}$/, 'he has an id');
like($answer->{head}, qr/^Location: \Q$at\E\r?$/m, 'and a place');
is($answer->{json}{meta}{location}, $at, 'which he is told');
like($answer->{head}, qr{^Content-Type: application/scim\+json}m, 'as SCIM');
like($answer->{head}, qr{^Cache-Control: no-store}m, 'kept by nobody');
my ($etag) = $answer->{head} =~ /^ETag: (\S+)/m;
is($answer->{json}{meta}{version}, $etag, 'with a version');
unlike($answer->{body}, qr/this-is-never-kept/, 'his password is nowhere');

is(results($nginx, $ann), $ok, 'who is active is let in');

my (undef, $user) = said($nginx, $ann);
is_deeply([@$user{qw(enabled firstName lastName)}], [$true, 'Ann', 'Lee'],
          'and the application is told of him');
like($user->{createdAt}, qr/^20\d\d-\d\d-\d\dT/, 'and since when');

$answer = push_to($nginx, 'GET', "/Users/$id");
is($answer->{status}, 200, 'he is read');
is($answer->{json}{userName}, 'Ann@Example.com', 'as he was written');

is(push_to($nginx, 'GET', "/Users/$id", undef,
           headers => ["If-None-Match: $etag"])->{status}, 304,
   'and not again');

$answer = push_to($nginx, 'HEAD', "/Users/$id");
is("$answer->{status} $answer->{body}", '200 ', 'HEAD has no body');

$answer = push_to($nginx, 'POST', '/Users', { userName => 'ANN@example.COM' });
is("$answer->{status} " . ($answer->{json}{scimType} // ''), '409 uniqueness',
   'his userName is taken, whatever the case');


# -- disabled, and enabled

$answer = user_op($nginx, $id, { op => 'Replace', path => 'active',
                                 value => 'False' });
is($answer->{status}, 200, 'disabled as Entra ID writes it');
is($answer->{json}{active}, JSON::PP::false, 'it is');
is(results($nginx, $ann), $off, 'he is out in every worker');
is(results($nginx, $bob), $ok, 'others are not');

is(user_op($nginx, $id, { op => 'replace',
                          value => { active => $true } })->{status}, 200,
   'enabled as Okta writes it');
is(results($nginx, $ann), $ok, 'he is in again');

is(push_to($nginx, 'PUT', "/Users/$id", { userName => 'ann@example.com',
                                          active => JSON::PP::false },
           headers => ["If-Match: $etag"])->{status}, 412,
   'who has an old version changes nothing');
is(results($nginx, $ann), $ok, 'indeed');


# -- groups

$answer = push_to($nginx, 'POST', '/Groups', {
    displayName => 'builders', members => [{ value => $id }] });
is($answer->{status}, 201, 'a group is made');
my $group = $answer->{json}{id};
is($answer->{json}{members}[0]{value}, $id, 'with its member');
is((said($nginx, $ann))[0], 'builders', 'who is in ours');
is((said($nginx, $bob))[0], '', 'and nobody else');

$answer = push_to($nginx, 'GET', "/Users/$id");
is($answer->{json}{groups}[0]{value}, $group, 'he is told');

$answer = push_to($nginx, 'PATCH', "/Groups/$group", { schemas => [$Patch],
    Operations => [{ op => 'Remove', path => "members[value eq \"$id\"]" }] });
is($answer->{status}, 204, 'he is taken out');
is((said($nginx, $ann))[0], '', 'at once');

push_to($nginx, 'PATCH', "/Groups/$group", { schemas => [$Patch],
    Operations => [{ op => 'add', path => 'members',
                     value => [{ value => $id }] },
                   { op => 'replace', path => 'displayName',
                     value => 'Help Desk' }] });
is((said($nginx, $ann))[0], 'support', 'back, under another name');


# -- lists

push_to($nginx, 'POST', '/Users', { userName => "user$_" }) for 1 .. 5;

sub found {
    my ($path, $body) = @_;
    my $answer = push_to($nginx, $body ? 'POST' : 'GET', $path, $body);

    return join ' ', $answer->{status}, $answer->{json}{totalResults} // '-',
        map { $_->{userName} // $_->{displayName} // $_->{id} }
            @{$answer->{json}{Resources} // []};
}

is(found('/Users?filter=userName%20eq%20%22ANN@example.com%22'),
   '200 1 Ann@Example.com', 'found by userName');
is(found('/Users?filter=externalId+eq+%2200u1%22'), '200 1 Ann@Example.com',
   'by externalId');
is(found('/Users?filter=userName+eq+%22nobody%22'), '200 0', 'nobody is there');
is(found('/Users?startIndex=2&count=2'), '200 6 user1 user2', 'a page');
is(found('/Users?count=0'), '200 6', 'how many there are');
is(found('/Users?filter=userName+sw+%22user%22&startIndex=4'),
   '200 5 user4 user5', 'a page of what is looked for');
is(found('/Users/.search', { filter => 'userName sw "user"', count => 1 }),
   '200 5 user1', 'a search');
is(found('/Groups?filter=displayName+eq+%22help+desk%22'), '200 1 Help Desk',
   'a group');
is(found('/Users?sortBy=userName'), '501 -', 'sorting is not there');
is(found('/Users?filter=userName'), '400 -', 'nor is half a filter');
is(found('/Users?filter=a&filter=b'), '400 -', 'nor are two');

$answer = push_to($nginx, 'GET', "/Users/$id?attributes=userName");
is(join(' ', sort keys %{$answer->{json}}), 'id schemas userName',
   'what is asked for')
    or diag($answer->{body});


# -- a secret that is asked for

my $secret = 'password eq "this-is-never-kept"';

is(push_to($nginx, 'GET', '/Users?count=1&filter=' . $secret =~ s/ /%20/gr)
   ->{status}, 400, 'by a filter');
is(push_to($nginx, 'POST', '/Users/.search',
           { filter => qq(userName pr and $secret) })->{status}, 400,
   'by a search');
is(user_op($nginx, $id, { op => 'remove', path => "emails[$secret]" })
   ->{status}, 400, 'by the path of a PATCH');


# -- deleted

is(user_op($nginx, $id, { op => 'replace', path => 'title', value => 'Boss' })
   ->{status}, 200, 'he has a title');
is(push_to($nginx, 'DELETE', "/Users/$id")->{status}, 204, 'he is deleted');
is(push_to($nginx, 'DELETE', "/Users/$id")->{status}, 404, 'once');
is(results($nginx, $ann), $off, 'and out');
is(push_to($nginx, 'GET', "/Users/$id")->{status}, 404, 'nobody has his id');
is(push_to($nginx, 'GET', "/Groups/$group")->{json}{members}, undef,
   'he is in no group');
is(push_to($nginx, 'POST', '/Users', { userName => 'ann@example.com' })
   ->{status}, 201, 'he comes back as somebody new');
is(push_to($nginx, 'DELETE', "/Groups/$group")->{status}, 204,
   'the group is deleted');
is(push_to($nginx, 'DELETE', "/Groups/$group")->{status}, 404, 'once');
is(results($nginx, $ann), $off, 'what he had is not good again');
$ann = later_token($nginx, %ann);
is(results($nginx, $ann), $ok, 'what he is given then is');


# -- it stays

push_to($nginx, 'POST', '/Users', { userName => 'bob@example.com',
                                    active => JSON::PP::false });
is(results($nginx, $bob), $off, 'bob is disabled');
$nginx->reload;
is(results($nginx, $bob), $off, 'over a reload');
$nginx->stop;
$nginx->start;
is(results($nginx, $bob), $off, 'over a restart');


# -- what is told of it

my %seen;

for (RT::Nginx::slurp($nginx->dir . '/logs/audit.log') =~ /^(.*)$/mg) {
    my $event = JSON::PP::decode_json($_);
    my $said = $event->{metadata}{rtauth};

    next unless $event->{actionType} =~ /^(?:USER|GROUP)_/;
    push @{$seen{$event->{actionType}}}, $said;
}

is_deeply([sort keys %seen],
          [qw(GROUP_CHANGED GROUP_CREATED GROUP_DELETED USER_CREATED
              USER_DELETED USER_DISABLED USER_ENABLED USER_UPDATED)],
          'each change is an event');

# of each, what is told of it first, and no value of an attribute

sub told {
    my ($action) = @_;
    my $said = $seen{$action}[0];

    return join '; ', map { $_ // '-' }
                      @$said{qw(targetKind target changed before after)};
}

is(scalar @{$seen{$_}}, 1, "one $_")
    for qw(GROUP_DELETED USER_DELETED USER_UPDATED USER_DISABLED USER_ENABLED);

my $made = 'externalId,userName,name,active,emails';

is(told('USER_CREATED'), "user; $id; $made; -; active=true", 'made');
is(told('USER_UPDATED'), "user; $id; title; active=true; active=true",
   'changed');
is(told('USER_ENABLED'), "user; $id; active; active=false; active=true",
   'enabled');
is(told('USER_DELETED'), "user; $id; " . $made =~ s/,active/,title,active/r
   . '; active=true; -', 'deleted');
is(told('GROUP_CREATED'),
   "group; $group; displayName,members; -; members=1 added=$id",
   'a group is made');
is(told('GROUP_DELETED'), "group; $group; displayName; members=0; -",
   'and deleted');
is_deeply({ %{$seen{USER_DISABLED}[0]}, keyId => 'x' },
          { decision => 'allow', reason => 'ok', provider => 'corp',
            targetKind => 'user', target => $id, keyId => 'x',
            changed => 'active', before => 'active=true',
            after => 'active=false' }, 'with who, whom and what');
like($seen{GROUP_CHANGED}[0]{after}, qr/^members=0 removed=\Q$id\E$/,
     'and who left a group');

my @many = map {
    push_to($nginx, 'POST', '/Users', { userName => "many-$_" })->{json}{id}
} 1 .. 20;

push_to($nginx, 'POST', '/Groups', {
    displayName => 'many', members => [map { { value => $_ } } @many]
});
ok($nginx->wait_for('its event', sub {
    RT::Nginx::slurp($nginx->dir . '/logs/audit.log')
        =~ /"after":"members=20 added=(?:[0-9a-f-]{36},){19}[0-9a-f-]{36}"/
}), 'an event names more than a few members');

my $all = $nginx->log_text . RT::Nginx::slurp($nginx->dir . '/logs/audit.log')
          . RT::Nginx::slurp($nginx->dir . '/state/users');
unlike($all, qr/this-is-never-kept|$Key|$Next/, 'no secret is anywhere');

$nginx->end;
done_testing();

#!/usr/bin/perl

# A change of rtauth_scim that is under way, on its way to a disk that is slow,
# while nginx is reloaded, stopped and upgraded, while its client goes away and
# while processes are killed: what was acknowledged is there, and what is there
# is whole, in memory as in the file.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use RT::Disk;
use RT::Nginx;
use RT::Scim;

my $JSON = JSON::PP->new->canonical->utf8;

my $disk = RT::Disk->new;
my $nginx = RT::Scim::nginx(scim => 'unknown=refuse link=externalId:oid',
                            http => <<'EOT');
    rtauth_authorize off;
    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;
EOT

my ($in, $out) = map { join ' ', ($_) x 4 } '200 ok', '403 not_pushed';

$disk->start($nginx);


# users as a list says: "NAME:on|off", and the members of the group

sub there {
    my $users = push_to($nginx, 'GET', '/Users?count=200')->{json}{Resources};
    my $groups = push_to($nginx, 'GET', '/Groups')->{json}{Resources};
    my %name = map { $_->{id} => $_->{userName} } @$users;

    return join ' ', (sort map {
        "$_->{userName}:" . ($_->{active} ? 'on' : 'off')
    } @$users), map {
        "$_->{displayName}=" . join ',', sort map { $name{$_->{value}} }
            @{$_->{members} // []}
    } @$groups;
}

sub token { return user_token(oid => $_[0]) }


# a request that is not waited for: its socket

sub sent {
    my ($method, $path, $body) = @_;
    my $s = $nginx->connect or die "connect: $!";
    my $text = $JSON->encode($body);

    $s->syswrite(join "\r\n", "$method /scim/v2$path HTTP/1.1",
        'Host: localhost', 'Connection: close', "Authorization: Bearer $Key",
        'Content-Type: application/scim+json',
        'Content-Length: ' . length $text, '', $text);
    return $s;
}

# one that makes a user, and is on its way to the disk

sub on_its_way {
    my $name = shift;

    $disk->hold(qq("userName":"$name"));
    my $s = sent('POST', '/Users', { userName => $name, externalId => $name });
    ok($disk->waits, "$name is on his way to the disk");
    return $s;
}

sub status { return RT::Nginx::parse($nginx->rest($_[0]))->{status} }

sub restarted {
    $nginx->stop;
    $disk->start($nginx);
}

my @all = ('first:on');

sub whole {
    my $what = shift;

    is(there(), join(' ', (sort @all), 'team=first'), "$what: all are there");
}

sub kept {
    my $what = shift;

    whole($what);
    restarted();
    whole("$what, restarted");
}

my $first = push_to($nginx, 'POST', '/Users', {
    userName => 'first', externalId => 'first' })->{json}{id};
my $team = push_to($nginx, 'POST', '/Groups', {
    displayName => 'team', members => [{ value => $first }] })->{json}{id};

whole('at first');


# -- a reload

my $s = on_its_way('reloaded');
is(results($nginx, token('reloaded')), $out, 'nobody is in before he is on it');
is(results($nginx, token('first')), $in, 'and nobody waits for that');
ok($nginx->reload, 'nginx is reloaded meanwhile');
is(results($nginx, token('reloaded')), $out, 'he is not in at new workers');
$disk->go;
is(status($s), 201, 'he is acknowledged by the old worker');
is(results($nginx, token('reloaded')), $in, 'and in at the new ones');
push @all, 'reloaded:on';
kept('reloaded');


# -- an end

$s = on_its_way('quit');
$nginx->signal('QUIT');
$nginx->wait_for('the worker to end', sub {
    $nginx->log_text =~ /gracefully shutting down/
});
$disk->go;
is(status($s), 201, 'he is acknowledged while nginx ends');
push @all, 'quit:on';
$nginx->wait_for('nginx to end', sub { !$nginx->master });
$disk->start($nginx);
is(results($nginx, token('quit')), $in, 'and is in when it has started');
kept('ended');


# -- an upgrade

my $old = $nginx->master;

$s = on_its_way('upgraded');
kill 'USR2', $old or die $!;
ok($nginx->wait_for('the new master', sub {
    -e $nginx->dir . '/nginx.pid.oldbin'
}), 'nginx is upgraded meanwhile: the new one waits for the file');
$disk->go;
is(status($s), 201, 'he is acknowledged by the old nginx');
push @all, 'upgraded:on';
ok($nginx->wait_for('the new workers', sub {
    my $new = $nginx->master;
    return $new && $new != $old && $nginx->workers == 2;
}), 'the new one goes on');
kill 'QUIT', $old or die $!;
ok($nginx->wait_for('the old one to end', sub { !RT::Nginx::runs($old) }),
   'and the old one ends');
is(results($nginx, token('upgraded')), $in, 'he is in at the new one');
kept('upgraded');


# -- a client that goes away

sub events {
    return grep { $_->{actionType} =~ /^(?:USER|GROUP)_/ }
        map { $JSON->decode($_) }
        RT::Nginx::slurp($nginx->dir . '/logs/audit.log') =~ /^(.*)\n/mg;
}

my $before = events();

$s = on_its_way('gone');
close $s;
is(results($nginx, token('gone')), $out, 'his client does not wait');
$disk->go;
ok($nginx->wait_for('him', sub { results($nginx, token('gone')) eq $in }),
   'he is in all the same');
ok($nginx->wait_for('an event', sub { events() > $before }), 'an event says so');
is((events())[-1]{actionType}, 'USER_CREATED', 'which');
push @all, 'gone:on';
kept('left');


# -- a disk that fails in the middle: nothing was changed

$disk->fail('"userName":"failed"');
$s = sent('POST', '/Users', { userName => 'failed', externalId => 'failed' });
is(status($s), 503, 'a disk that fails');
is(results($nginx, token('failed')), $out, 'nobody is in by that');
$disk->mend;
ok($nginx->wait_for('the disk', sub {
    push_to($nginx, 'GET', '/Users?count=0')->{status} == 200
}), 'it does no more');
kept('failed');


# -- killed between the file and the memory: the line is whole, and counts

sub killed {
    my ($name, $kills) = @_;
    my $s = on_its_way($name);

    $kills->();
    is(status($s), 0, "$name is not acknowledged");
    $disk->go;
}

killed('worker', sub {
    my @workers = $nginx->workers;
    kill 'KILL', @workers;
    $nginx->wait_for('other workers', sub {
        my %now = map { $_ => 1 } $nginx->workers;
        return keys %now == 2 && !grep { $now{$_} } @workers;
    });
});
ok($nginx->wait_for('him', sub { results($nginx, token('worker')) eq $in }),
   'he is in at the next ones');
push @all, 'worker:on';
kept('workers were killed');

killed('master', sub {
    my $master = $nginx->master;
    my @all = ($master, $nginx->workers);

    kill 'KILL', @all;
    $nginx->wait_for('all to be gone', sub {
        !grep { RT::Nginx::runs($_) } @all
    });
    unlink $nginx->dir . '/nginx.pid';
});
$disk->start($nginx);
push @all, 'master:on';
is(results($nginx, token('master')), $in, 'he is in when it has started');
kept('all were killed');


# a deletion, with all that goes with it: the member, too

sub deleted {
    $disk->hold(qq("userName":"master"));
    my $s = sent('DELETE', "/Users/$first", {});
    $disk->waits;
    return $s;
}

$s = deleted();
is(results($nginx, token('first')), $in, 'who is being deleted is in');
my $master = $nginx->master;
my @pids = ($master, $nginx->workers);
kill 'KILL', @pids;
$nginx->wait_for('all to be gone', sub {
    !grep { RT::Nginx::runs($_) } @pids
});
unlink $nginx->dir . '/nginx.pid';
$disk->go;
$disk->start($nginx);
@all = grep { $_ ne 'first:on' } @all;
is(there(), join(' ', (sort @all), 'team='),
   'deleted when all were killed, he is in no list and in no group');
restarted();
is(there(), join(' ', (sort @all), 'team='), 'and restarted');

$nginx->end('QUIT', 'signal 9', 'cannot be written to');
done_testing();

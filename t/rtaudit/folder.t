#!/usr/bin/perl

# Who could change where an audit file's path leads: links and folders in it.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


plan skip_all => 'needs root' if $> != 0;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/way/to/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOT

my $dir = $nginx->dir;
my ($uid, $gid) = (getpwnam 'nobody')[2, 3];


# %%DIR%%/way/to, made anew, with these modes and owners

sub way {
    my %args = (way => 0755, to => 0755, owner => 0, @_);

    system('rm', '-rf', "$dir/way");

    for my $folder (qw(way way/to)) {
        mkdir "$dir/$folder" or die $!;
        chmod $args{$folder =~ s{.*/}{}r}, "$dir/$folder";
    }

    chown $args{owner}, $args{group} // 0, "$dir/way/to";
    chmod $args{to}, "$dir/way/to";
}


# nginx -t as another user, to whom everything here belongs

sub try_as {
    my ($user, $group) = @_;

    $nginx->configure(workers => 1);
    $nginx->file('nginx.pid', '');
    system('chown', '-R', $user,
           map { "$dir/$_" } qw(logs nginx.conf nginx.pid));

    # LeakSanitizer cannot look into a process that changed its user
    local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '')
                               =~ s/detect_leaks=1/detect_leaks=0/r;

    my $pid = open(my $from, '-|') // die $!;

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        $) = "$group $group";
        $( = $group;
        $< = $> = $user;
        exec $nginx->{nginx}, '-t', '-p', $dir, '-c', "$dir/nginx.conf",
             '-e', 'stderr'
            or POSIX::_exit(127);
    }

    my $said = do { local $/; <$from> };
    close $from;
    my $status = $? >> 8;
    system('chown', '-R', 'root', "$dir/logs");
    unlink "$dir/nginx.pid";

    return ($status, $said);
}


my ($rc, $said);

way();
($rc, $said) = $nginx->try;
is($rc, 0, 'folders of root');
unlike($said, qr/\[warn\]/, 'say nothing');

# folders

for my $at (qw(way to)) {
    my $path = $at eq 'way' ? 'way' : 'way/to';

    way($at => 0777);
    ($rc, $said) = $nginx->try;
    isnt($rc, 0, "anybody writes to $path: refused");
    like($said, qr/"rtaudit_sink main" cannot trust "\Q$dir\E\/$path", a folder that anybody may write to: chmod o-w it/,
         'with the folder and the mend');
    ok(!-e "$dir/way/to/audit.log", 'before a file is made');
}

way(way => 01777);
($rc, $said) = $nginx->try;
is($rc, 0, 'a sticky folder further up, as /tmp');
unlike($said, qr/\[warn\]/, 'says nothing');

my %shared = (
    'a sticky folder'              => [to => 01777],
    "another user's folder"        => [owner => $uid],
    "a folder its group writes to" => [to => 0775, group => $gid],
);

for my $what (sort keys %shared) {
    way(@{$shared{$what}});
    ($rc, $said) = $nginx->try;
    is($rc, 0, "$what works");
    like($said, qr/\[warn\].*"rtaudit_sink main": others may put files into "\Q$dir\E\/way\/to": let only root/,
         'with a warning');
}

# links: in the last place, in the way, and behind a link of root's

my $victim = "$dir/victim";

for my $case (['way/to', 'in the way'], ['way/to/audit.log', 'at the end']) {
    my ($at, $where) = @$case;

    for my $owner ('root', 'nobody') {
        way();
        system('rm', '-rf', $victim);
        mkdir $victim or die $!;
        rmdir "$dir/way/to" if $at eq 'way/to';
        symlink $at eq 'way/to' ? '../victim' : "$victim/audit.log",
                "$dir/$at" or die $!;
        system('chown', '-h', $owner, "$dir/$at") == 0 or die;

        ($rc, $said) = $nginx->try;

        if ($owner eq 'root') {
            is($rc, 0, "a link of root $where is followed");
            is(sprintf('%04o', (stat "$victim/audit.log")[2] & 07777),
               '0600', 'and the file made behind it');
            next;
        }

        isnt($rc, 0, "a link of another user $where: refused");
        like($said, qr/cannot trust "\Q$dir\/$at\E", a link that another user/,
             'with its place');
        ok(!-e "$victim/audit.log", 'nothing is made behind it');
    }
}

way();
rmdir "$dir/way/to";
symlink "$dir/second", "$dir/way/to" or die $!;
symlink $victim, "$dir/second" or die $!;
system('chown', '-h', 'nobody', "$dir/second") == 0 or die;
($rc, $said) = $nginx->try;
isnt($rc, 0, 'a link of another user behind one of root: refused');
like($said, qr/cannot trust "\Q$dir\E\/second", a link/, 'with its place');

# links in a circle

unlink "$dir/second";
symlink "$dir/way/to", "$dir/second" or die $!;
($rc, $said) = $nginx->try;
isnt($rc, 0, 'links in a circle');
like($said, qr/cannot make ".*audit\.log".*\(40: /, 'are too many');
unlink "$dir/second";

# a master that is not root: nothing it could be used for

way(to => 0777);
($rc, $said) = try_as($uid, $gid);
is($rc, 0, 'an emptyDir, nginx is not root') or diag $said;
like($said, qr/\[warn\].*others may put files into "\Q$dir\E\/way\/to"/,
     'with a warning');

way(owner => $uid, group => $gid);
($rc, $said) = try_as($uid, $gid);
is($rc, 0, 'the folder is its own') or diag $said;
unlike($said, qr/others may put/, 'which is as it should be');

way(to => 0777);
symlink $victim, "$dir/way/to/audit.log" or die $!;
chmod 0777, $victim;
system('chown', '-h', 'daemon', "$dir/way/to/audit.log") == 0 or die;
($rc, $said) = try_as($uid, $gid);
isnt($rc, 0, "a third user's link is refused there, too");
like($said, qr/cannot trust "\Q$dir\E\/way\/to\/audit\.log", a link/,
     'with its place');

# at USR1: what has become unsafe is no place for a new file

way();
$nginx->configure(workers => 1);
$nginx->start;
$nginx->get('/one');
my $audit = RT::Audit->new("$dir/way/to/audit.log");
is($audit->event->{request}{url}, '/one', 'an event');

rename "$dir/way/to", "$dir/way/old" or die $!;
unlink "$dir/way/old/audit.log" or die $!;
symlink 'old', "$dir/way/to" or die $!;
system('chown', '-h', 'nobody', "$dir/way/to") == 0 or die;
$nginx->reopen;

my $alert = qr/\[alert\].*rtaudit: ".*" is not made: "\Q$dir\E\/way\/to" is a folder that anybody may write to, or a link/;

ok($nginx->wait_for('the alert', sub { $nginx->log_text =~ $alert }),
   'a link in the way at USR1 is said');
$nginx->end('QUIT', 'is not made', 'is gone: send', 'at the end');

done_testing();

#!/usr/bin/perl

# rtaudit_sink: whose file it is, who may read it, and that old lines stay.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink group file:%%DIR%%/logs/group.log mode=0640;
    rtaudit_sink null file:/dev/null;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main group null;
        location / { return 200; }
    }
EOF

my $dir = $nginx->dir . '/logs';


sub mode { sprintf '%04o', (stat "$dir/$_[0]")[2] & 07777 }


# nginx -t makes it, too, with the same mode; the umask does not matter

umask 0;
my ($rc, $said) = $nginx->try;
is($rc, 0, 'nginx -t');
is(mode('audit.log'), '0600', 'made private');
is(mode('group.log'), '0640', 'made as asked for');
unlink "$dir/audit.log", "$dir/group.log";

umask 077;
$nginx->start;
is(mode('audit.log'), '0600', 'made private');
is(mode('group.log'), '0640', 'made as asked for');

if ($> == 0) {
    my ($worker) = $nginx->workers;
    is((stat "$dir/audit.log")[4], (stat "/proc/$worker")[4],
       'owned by the user of the workers');
}

my $audit = RT::Audit->new("$dir/audit.log");
my $group = RT::Audit->new("$dir/group.log");

$nginx->get('/one');
is($audit->event->{id}, $group->event->{id}, 'one event, two files');

$nginx->stop;
like($nginx->log_text, qr/"null".* requests 1 waived 0 written 1 /,
     'a device works as well');
$nginx->quiet;

# lines of before stay

$nginx->start;
$nginx->get('/two');
is($audit->event->{request}{url}, '/two', 'appended');
$nginx->stop;

# a file others can read is left alone, and said

chmod 0644, "$dir/audit.log";
($rc, $said) = $nginx->try;
is($rc, 0, 'it starts all the same');
like($said, qr/"rtaudit_sink main": ".*" was there before with mode 0644:/,
     'and warns');
like($said, qr/chmod it to 0600 if that was not meant/, 'and says the mend');
is(mode('audit.log'), '0644', 'not changed behind anybody\'s back');

# a link of the workers' user, which the master would follow as root

SKIP: {
    skip 'needs root', 9 if $> != 0;

    my $victim = $nginx->dir . '/victim';

    my $plant = sub {
        unlink "$dir/audit.log";
        symlink $victim, "$dir/audit.log" or die $!;
        system('chown', '-h', 'nobody', "$dir/audit.log") == 0 or die;
    };

    unlink "$dir/audit.log";
    open my $fh, '>', $victim or die $!;
    close $fh;
    chmod 0600, $victim;

    $nginx->start;
    $plant->();

    ($rc, $said) = $nginx->try;
    isnt($rc, 0, 'a link of another user: nginx -t');
    like($said, qr/"rtaudit_sink main" cannot trust ".*audit\.log", a link /,
         'says what it cannot trust');
    like($said, qr/name a file in a folder that only root may write to/,
         'and the mend');

    $nginx->reopen;
    $nginx->wait_for('USR1 to remove it', sub { !-l "$dir/audit.log" });
    ok(!-l "$dir/audit.log", 'USR1 removes it');
    ok($nginx->wait_for('the file', sub { -f "$dir/audit.log" }),
       'and makes the file');
    is(mode('audit.log'), '0600', 'for nobody else');
    is((stat $victim)[4], 0, 'what it led to stays root\'s');

    # the writer has the file a turn of the worker's loop later

    $nginx->wait_for('the file', sub {
        $nginx->get('/three');
        RT::Nginx::slurp("$dir/audit.log") =~ m{"/three"};
    });

    my ($fresh) = RT::Audit->new("$dir/audit.log")->all;
    is($fresh->{request}{url}, '/three', 'events go to the file');

    $nginx->stop;
    is(-s $victim, 0, 'and none to where the link led');
    $nginx->quiet('is a link that another user made', 'cannot trust');
}

# nothing is left behind by reloads

sub fds { scalar(() = glob "/proc/$_[0]/fd/*") }

unlink "$dir/audit.log";
$nginx->start;
$nginx->get('/');
my $master = $nginx->master;
my @before = map { fds($_) } $master, ($nginx->workers)[0];

for (1 .. 25) {
    $nginx->reload or last;
    $nginx->reopen or last;
    $nginx->get('/');
}

$nginx->wait_for('old workers to end', sub { $nginx->workers(1) == 1 });
$nginx->wait_for('the master to close what it shared with them',
                 sub { fds($master) <= $before[0] });
is(fds($master), $before[0], 'as many files open in the master as before');
$nginx->wait_for('the thread to close what it had',
                 sub { fds(($nginx->workers)[0]) <= $before[1] });
is(fds(($nginx->workers)[0]), $before[1], 'and in a worker');
$nginx->stop;

# without any sink in use nothing runs

my $idle = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOF');
    server { listen 127.0.0.1:%%PORT0%%; location / { return 200 x; } }
EOF

$idle->start;
is($idle->get('/')->{status}, 200, 'loaded and not used');
$idle->reload;
is($idle->get('/')->{status}, 200, 'after a reload, too');
$idle->end;

# one process only

my $single = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOF',
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    server { listen 127.0.0.1:%%PORT0%%; rtaudit main; location / { return 200; } }
EOF
    main => 'master_process off;', workers => 0);

$single->start;
$single->get('/single');
my $alone = RT::Audit->new($single->dir . '/logs/audit.log');
is($alone->event->{request}{url}, '/single', 'without a master');

$single->signal('USR1');
$single->get('/reopened');
is($alone->event->{request}{url}, '/reopened', 'and reopened');

# nginx itself does not serve any more after this, but it must not fall over

$single->signal('HUP');
ok($single->wait_for('the reload', sub {
    $single->log_text =~ /rtaudit: sink "main" slot 0: requests 2/
}), 'reloaded');
$single->end;

done_testing();

#!/usr/bin/perl

# More groups with a time end in one second than the ring has room for, while
# nobody reads the sink: each end is told once, the rest when there is room.

use strict;
use warnings;
use lib 't/lib';

use Cwd ();
use Fcntl qw(O_NONBLOCK O_RDWR);
use POSIX qw(mkfifo strftime);
use Test::More;
use RT::Audit;
use RT::JWT;
use RT::Nginx;


my $groups = 256;
my ($unread, $size) = (0x541b, 1031);       # FIONREAD, F_SETPIPE_SZ

my $why = 'ticket ' . 'x' x 100;
my $data = Cwd::abs_path('t/data');
my $corp = RT::JWT::corp() =~ s/\$TEST_NGINX_DATA/$data/r;

my ($nginx, $pipe, $text, $start, @came, %told);


# begins, with groups that end that many seconds from now

sub begin {
    my $until = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime time + $_[0]);

    $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)],
                            http => join '', <<"EOT", map {
    $corp
    rtaudit_zone 448k;
    rtaudit_max_event 8k;
    rtaudit_sink pipe file:%%DIR%%/logs/pipe.log;
    server { listen 127.0.0.1:%%PORT0%%; rtaudit pipe; }
EOT
        "    rtauth_group g$_ { match groups has g$_; permission use;"
        . " until $until; reason \"$why\"; }\n"
    } 1 .. $groups);

    my $fifo = $nginx->dir . '/logs/pipe.log';

    mkfifo($fifo, 0600) or die $!;
    sysopen $pipe, $fifo, O_RDWR | O_NONBLOCK or die $!;
    fcntl $pipe, $size, 4096 or die $!;

    ($text, $start, @came) = ('');
    $nginx->start;
    $nginx->wait_for('AUDIT_START', sub { came() }) or die;

    return substr($start, 0, 19) lt substr($until, 0, 19);
}


# the actions of what came, with the group of each end

sub came {
    while (sysread $pipe, $text, 65536, length $text) { }

    while ($text =~ s/\A(.*\n)//) {
        my $e = RT::Audit::parse($1);

        $start //= $e->{createdAt};
        push @came, "$e->{actionType} "
                    . ($e->{metadata}{rtauth}{grant} // '');
    }

    return @came;
}


# what ended before AUDIT_START is not told: on a slow machine, later

for (my $in = 2; !begin($in); $in *= 2) {
    $nginx->end;
}

ok($nginx->wait_for('the pipe is full', sub {
    my $n = pack 'i', 0;
    ioctl $pipe, $unread, $n or die $!;
    return unpack('i', $n) > 4096 - 1024;
}), 'nobody reads it');

ok($nginx->wait_for('the ends', sub {
    %told = map { $_ => 1 } grep { /^GRANT_EXPIRED/ } came();
    return keys %told == $groups;
}), 'each is told');

ok($nginx->reload, 'whoever tells next');
ok($nginx->wait_for('AUDIT_CONFIG', sub {
    return 2 == grep { /^AUDIT_CONFIG/ } came();
}), 'is there');

is((my @ends = grep { /^GRANT_EXPIRED/ } came()), $groups, 'tells none again');

$nginx->end;
done_testing();

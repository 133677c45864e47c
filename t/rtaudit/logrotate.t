#!/usr/bin/perl

# util/logrotate/rtaudit, with Debian's logrotate: the file is renamed, nginx
# makes the new one as private as it was, and every event is in one of them.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my ($logrotate) = grep { -x } map { "$_/logrotate" }
                  split(/:/, $ENV{PATH}), qw(/usr/sbin /sbin);

die "no logrotate: \"make test\" installs it\n"
    unless $logrotate;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 2,
                           http => <<'EOT');
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/audit/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 204; }
    }
EOT

my $dir = $nginx->dir;
my $file = "$dir/audit/audit.log";

# logrotate asks for a folder that others cannot write to

umask 022;
mkdir "$dir/audit" or die $!;
$nginx->start;


# the file as shipped; only its two paths are others here

my $conf = RT::Nginx::slurp("$RT::Top/util/logrotate/rtaudit");

for ([qr{/var/log/rtaudit/}, "$dir/audit/"],
     [qr{/run/nginx\.pid}, "$dir/nginx.pid"])
{
    my ($shipped, $here) = @$_;
    ok($conf =~ s/$shipped/$here/g, "$shipped is in the file");
}

open my $fh, '>', "$dir/logrotate.conf" or die $!;
print $fh "create\n$conf";      # as Debian's logrotate.conf says for all
close $fh or die $!;


sub rotate {
    my $before = () = $nginx->log_text =~ /reopening logs/g;

    my $said = qx("$logrotate" -f -s "$dir/state" "$dir/logrotate.conf" 2>&1);

    is($?, 0, 'logrotate ends well');
    is($said, '', 'and has nothing to say');

    # the next rotation removes what is renamed now

    $nginx->wait_for('the new file', sub {
        my $now = () = $nginx->log_text =~ /reopening logs/g;

        $now >= $before + 1 + $nginx->{workers}
            && !grep { RT::Nginx::has_open($_, "$file.1") } $nginx->workers;
    });
}


sub mode { sprintf '%04o', (stat $_[0])[2] & 07777 }


for my $n (1 .. 3) {
    is($nginx->get("/r$n")->{status}, 204, "request $n");

    # its event belongs to the file of before
    ok($nginx->wait_for('the event', sub { RT::Nginx::slurp($file)
                                           =~ m{"/r$n"} }), "event $n");
    my $owner = (stat $file)[4];

    ok(rotate(), 'nginx opened its files anew');
    is(mode($file), '0600', 'the new file is private');
    is((stat $file)[4], $owner, 'and the same user\'s');
    is(join('', grep { !RT::Audit::is_own($_) }
            split /^/, RT::Nginx::slurp($file)), '', 'and empty');
}

$nginx->stop;

is(RT::Audit->new("$file.1")->event->{request}{url}, '/r3', 'the last one');

for my $n (2, 3) {
    my $event = join '', grep { !RT::Audit::is_own($_) }
                qx(gzip -dc "$file.$n.gz");

    is($?, 0, 'the one before is compressed');
    like($event, qr{^\{.*"/r@{[4 - $n]}".*\}\n\z}, 'and whole');
}

unlike($nginx->log_text, qr/dropped [1-9]/, 'nothing was dropped');
$nginx->quiet;

done_testing();

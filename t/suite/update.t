#!/usr/bin/perl

# A new file of a module under the old name: a reload goes on with the code
# that nginx has in memory, an upgrade in place (USR2) reads the file.

use strict;
use warnings;
use lib 't/lib';

use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Test::More;

use RT::Nginx;


my $so = 'ngx_http_rtcsp_module.so';
my $own = tempdir('rt-update-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $built = $RT::Modules;

# as "make install" does it: another file takes the name

sub put {
    my ($what, $text) = @_;

    unlink "$own/$so";

    if ($what eq 'built') {
        copy("$built/$so", "$own/$so") or die "$so: $!";
    } else {
        open my $fh, '>', "$own/$so" or die $!;
        print $fh $text;
        close $fh or die $!;
    }
}

# the files of that name that a process has in memory

sub mapped {
    my $pid = shift;
    my %file = map { $_ => 1 }
        RT::Nginx::slurp("/proc/$pid/maps") =~ /(\S*\Q$so\E.*)$/mg;
    return sort keys %file;
}


put('built');
$RT::Modules = $own;

my $nginx = RT::Nginx->new(modules => ['rtcsp'], http => <<'EOF');
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtcsp talisman;
        location / { return 204; }
    }
EOF

$nginx->start;

my $master = $nginx->master;

is_deeply([mapped($master)], ["$own/$so"], 'the file is in memory');

put('text', "no module\n");

my ($rc, $said) = $nginx->try;
isnt($rc, 0, 'nginx -t reads the new file');
like($said, qr/\[emerg\].*dlopen\(\)/, '... and refuses it');

ok($nginx->reload, 'a reload works all the same');
like($nginx->get('/')->{head}, qr/^Content-Security-Policy: /mi,
     'new workers have the old code');
is_deeply([mapped(($nginx->workers)[0])], ["$own/$so (deleted)"],
          'and say of its file that it is gone');

$nginx->signal('USR2');
ok($nginx->wait_for('the upgrade to fail', sub {
       $nginx->log_text =~ /new binary process \d+ exited with code 1/
   }), 'an upgrade in place reads the new file, and here cannot');
is($nginx->get('/')->{status}, 204, '... and the old nginx goes on');

put('built');
$nginx->signal('USR2');

my $new = $nginx->wait_for('another master', sub {
    my $now = $nginx->master;
    $now && $now != $master && $nginx->workers == 1 && $now
});

ok($new, 'with a good file it becomes another nginx');
is_deeply([mapped($new)], ["$own/$so"], '... which has the new file');

kill 'QUIT', $master;
ok($nginx->wait_for('the old one to end', sub { !kill 0, $master }),
   'the old one ends');

$nginx->stop;
$nginx->quiet('dlopen\(\)');

done_testing();

#!/usr/bin/perl

# make install and make uninstall: what is put where, what is taken away again,
# and that a rule of logrotate which somebody changed is nobody's to touch.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use Test::More;

use RT::Nginx;


my $top = tempdir('rt-install-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $root = "$top/root";
my $rule = "$root/etc/logrotate.d/rtaudit";
my $ours = "$RT::Top/util/logrotate/rtaudit";

# ret: what install.sh says, line by line

sub install {
    my ($verb, @more) = @_;

    local %ENV = (%ENV, DESTDIR => $root, BUILD => "$top/build",
                  MODULES_DIR => '/usr/lib/nginx/modules',
                  RT_MODULES => 'rtauth rtaudit rtcsp', @more);

    my @said = `cd $RT::Top && util/install.sh $verb 2>&1`;
    is($?, 0, "install.sh $verb") or diag(@said);

    return @said;
}

sub files { split /\n/, `cd $root && find . ! -type d | sort` }


mkdir $_ or die $! for $root, "$top/build";
symlink $RT::Modules, "$top/build/modules" or die $!;
symlink $RT::Tool, "$top/build/rt" or die $!;

install('install');

my @all = files();

for my $file ('usr/local/bin/rt', 'usr/local/share/man/man1/rt.1',
              'usr/local/share/bash-completion/completions/rt',
              'usr/local/share/rt/roles/superset/gamma.conf',
              'usr/lib/nginx/modules/ngx_http_rtaudit_module.so',
              'etc/logrotate.d/rtaudit')
{
    ok(grep({ $_ eq "./$file" } @all), "$file is there");
}

is(RT::Nginx::slurp($rule), RT::Nginx::slurp($ours), 'the rule is ours');
is(sprintf('%o', (stat $rule)[2] & 0777), '644', 'logrotate takes it');

is(grep({ /logrotate/ } install('install')), 0, 'once more: nothing is said');

# a disk that is full, as it were: what was there stays whole

{
    local %ENV = (%ENV, DESTDIR => $root, BUILD => "$top/build",
                  MODULES_DIR => '/usr/lib/nginx/modules',
                  RT_MODULES => 'rtauth rtaudit rtcsp');

    `cd $RT::Top && ulimit -f 64 && util/install.sh 2>&1`;
    isnt($?, 0, 'a copy that is cut short is an error');
    ok(RT::Nginx::slurp("$root/usr/local/bin/rt")
       eq RT::Nginx::slurp($RT::Tool), 'and the old file is there, whole');

    unlink "$root/usr/local/bin/rt.new" or die "no copy was begun: $!";
}

install('uninstall');
is_deeply([files()], [], 'nothing is left');

install('install', RT_MODULES => 'rtcsp');
ok(!-e $rule, 'without rtaudit there is no rule');
install('uninstall');

install('install');
open my $fh, '>>', $rule or die $!;
print $fh "# mine\n";
close $fh;

is(grep({ /^left \Q$rule\E as it is: / } install('install')), 1,
   'one that was changed: it is said');
like(RT::Nginx::slurp($rule), qr/^# mine$/m, 'and stays');
install('uninstall');
is_deeply([files()], ['./etc/logrotate.d/rtaudit'], 'also behind uninstall');

done_testing();

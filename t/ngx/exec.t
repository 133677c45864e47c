#!/usr/bin/perl

# exec:PATH: secrets from a program, at start and at each reload, without a shell, within bounds, never shown.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my $canary = 'canary0123456789abcdefghijk';
my ($first, $second) = map { $_ x 32 } qw(A B);

my $nginx = RT::Nginx->new(modules => ['rtcsp']);
my $dir = $nginx->dir;

sub program {
    my ($name, $text, $mode) = @_;
    chmod $mode // 0755, $nginx->file($name, "#!/bin/sh\n$text\n");
    return "$dir/$name";
}

sub conf {
    my $command = shift;

    return "rtcsp on; rtcsp_nonce \"placeholder=exec:$command\";
            server { listen 127.0.0.1:%%PORT0%%; root %%DIR%%/html;
                     default_type text/html; }";
}

# what nginx -t says of a program, which is never what it wrote

sub refuses {
    my ($says, $command, $name) = @_;

    $nginx->configure(http => conf($command));
    my ($rc, $out) = $nginx->try;

    isnt($rc, 0, "$name: does not start");
    like($out, qr/\[emerg\].*\Q$says\E/, "$name: and why");
    like($out, qr/ in \Q$dir\E\/nginx\.conf:\d+$/m, "$name: and where");
    unlike($out, qr/$canary/, "$name: nothing of what it wrote");
}


# -- what is no secret

refuses('which ended with status 3, and said: "token ?[1mexpired"',
        program('fails', "echo $canary; printf '\\ntoken \\033[1mexpired\\n$canary' >&2; exit 3"),
        'a failure');
refuses('which was ended by signal 9', program('dies', "echo $canary; kill -9 \$\$"),
        'a signal');
refuses('which wrote more than a secret may have',
        program('much', "echo $canary; head -c 65536 /dev/zero | tr '\\0' x"),
        'more than 64k');
refuses("from \"exec:$dir/empty\" is empty", program('empty', 'echo'), 'nothing');
refuses('holds a NUL byte', program('nul', "printf '$canary\\0'"), 'a NUL');
refuses('which cannot be opened', "$dir/none", 'no such file');
refuses('which is no program: chmod u+x it', program('plain', 'echo x', 0644),
        'no right to run it');
refuses('which may be written by all users', program('open', 'echo x', 0777),
        'a file that others may write to');
refuses('which is no absolute path, write exec:/PATH', 'sh -c x', 'a relative path');
refuses('which is no absolute path', '', 'no path');
refuses('which has more than 32 words', '/bin/echo ' . 'x ' x 32, 'many words');
refuses('which ended with status 127', program('odd', '') =~ s/odd$/bad/r, 'no interpreter')
    if $nginx->file('bad', "#!$dir/none\n") && chmod 0755, "$dir/bad";

# a program that hangs is gone with all that it began

refuses('which took longer than 10 seconds',
        program('hangs', "sleep 600 & echo \$! >$dir/child; echo $canary; wait"),
        'no end');

my ($child) = RT::Nginx::slurp("$dir/child") =~ /(\d+)/;
ok($child && $nginx->wait_for('the child to end', sub { !RT::Nginx::runs($child) }),
   'what it began is ended');


# -- what it is given

$ENV{HOME} = '/nowhere';
$ENV{VAULT_ADDR} = 'https://vault.test';
$ENV{AWS_PROFILE} = 'tools';
$ENV{OTHER} = 'x';

program('look', "env >$dir/env; ls /proc/self/fd >$dir/fds; cat >$dir/in;"
                . " printf '%s\\n' \"\$@\" >$dir/args; echo $first");
$nginx->configure(http => conf("$dir/look  -a \$HOME;id  *'"));
my ($rc, $out) = $nginx->try;

is($rc, 0, 'it starts') or diag($out);
is(RT::Nginx::slurp("$dir/args"), "-a\n\$HOME;id\n*'\n", 'words, and no shell');
is(RT::Nginx::slurp("$dir/in"), '', 'no input');
is(RT::Nginx::slurp("$dir/fds"), "0\n1\n2\n3\n", 'no descriptor of nginx');

my %env = map { split /=/, $_, 2 } grep { !/^(?:PWD|OLDPWD|SHLVL|_)=/ }
    split /\n/, RT::Nginx::slurp("$dir/env");
delete @env{qw(LANG SSL_CERT_FILE SSL_CERT_DIR)};
delete @env{grep { /^AWS_/ && $_ ne 'AWS_PROFILE' } keys %env};

is_deeply(\%env, {
    PATH => '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME => '/nowhere', VAULT_ADDR => 'https://vault.test', AWS_PROFILE => 'tools',
}, 'its environment');


# -- stand-ins for the tools of the recipes: what they are asked, they answer

my %tools = (
    vault => ['kv get -field=client_secret secret/nginx', 'printf %s'],
    aws   => ['secretsmanager get-secret-value --secret-id nginx --query SecretString --output text',
              "printf '%s\\n'"],
);

for my $tool (sort keys %tools) {
    my ($args, $print) = @{$tools{$tool}};

    my $path = program($tool, "[ \"\$*\" = '$args' ] || { echo \"usage: $tool\" >&2; exit 2; }\n"
                              . "$print $first");

    $nginx->configure(http => conf("$path $args"));
    ($rc, $out) = $nginx->try;
    is($rc, 0, "$tool as in the recipe") or diag($out);

    refuses("ended with status 2, and said: \"usage: $tool\"", "$path login", $tool);
}


# -- its life: a reload takes what it says then, or keeps all as it was

$nginx->file('html/page', "<script nonce=\"$first\">1</script>"
                          . "<script nonce=\"$second\">2</script>");
my $current = program('current', "cat $dir/now; exit \$(cat $dir/exit)");

$nginx->file('now', "$first\n");
$nginx->file('exit', '0');
$nginx->{http} = conf($current);
$nginx->start;

# a stranger's nonce is taken out or left: only ours becomes another one

sub filled {
    my $text = shift;
    return $nginx->get('/page')->{body} !~ /\Q$text\E/;
}

ok(filled($first), 'the secret of the start');
ok(!filled($second), 'and no other');

$nginx->file('now', "$second\n");
ok($nginx->reload, 'a reload');
ok(filled($second), 'takes the new one');

$nginx->file('exit', '5');
$nginx->signal('HUP');
ok($nginx->wait_for('the error', sub {
    $nginx->log_text =~ /exec:\Q$current\E", which ended with status 5/
}), 'a reload that fails says so');

ok(filled($second), 'and the old configuration stays');

$nginx->file('exit', '0');
my ($worker) = $nginx->workers;
kill 'KILL', $worker;
ok($nginx->wait_for('another worker', sub {
    my @now = $nginx->workers;
    @now == 1 && $now[0] != $worker;
}), 'the master still sees its own children end');
ok($nginx->reload, 'and reloads');
ok(filled($second), 'and serves');

unlike($nginx->log_text, qr/$first|$second|$canary/, 'no secret is in the log');

$nginx->stop;


# -- in the foreground, and started by somebody who ignores that children end

my $real = $nginx->{nginx};

$nginx->{nginx} = program('front', "trap '' CHLD\n"
                                   . "[ \"\$5\" ] && exec $real \"\$@\"\n"
                                   . "$real \"\$@\" -g 'daemon off;' &");

is(($nginx->try)[0], 0, 'its end is seen where nobody waits for children');

$nginx->start;
ok(filled($second), 'daemon off: the secret of the start');

$nginx->file('now', "$first\n");
ok($nginx->reload, 'daemon off: a reload');
ok(filled($first), 'daemon off: takes the new one');

$nginx->stop;
$nginx->quiet('exec:|exited on signal 9');

done_testing;

package RT::Tool;

# Runs rt in tests, in the folder of an RT::Nginx.
#
#   my ($code, $out, $err) = RT::Tool::run($nginx, $stdin, @words);
#   my $pid = RT::Tool::start($nginx, $stdin, @words);    # to "out" and "err"
#   my $pid = RT::Tool::fifo($path, $text);     # who opens it gets the text

use strict;
use warnings;

use POSIX ();

use RT::Nginx;


sub start {
    my ($nginx, $in, @words) = @_;

    my $dir = $nginx->dir;
    $nginx->file($_, '') for qw(out err);
    $nginx->file('in', $in);

    my $pid = fork // die $!;
    return $pid if $pid;

    chdir $dir or die $!;
    open STDIN, '<', 'in' or die $!;
    open STDOUT, '>', 'out' or die $!;
    open STDERR, '>', 'err' or die $!;
    exec $RT::Tool, @words or POSIX::_exit(127);
}


sub run {
    my $nginx = shift;

    waitpid start($nginx, @_), 0;

    return ($? >> 8, map { RT::Nginx::slurp($nginx->dir . "/$_") } qw(out err));
}


sub fifo {
    my ($path, $text) = @_;

    POSIX::mkfifo($path, 0600) or die $!;

    my $pid = fork // die $!;
    return $pid if $pid;

    open my $out, '>', $path or POSIX::_exit(1);
    print $out $text;
    close $out;
    POSIX::_exit(0);
}


1;

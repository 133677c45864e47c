package RT::Preload;

# Code of a test in front of what an nginx calls: of the C library, say.
#
#   my $file = RT::Preload::build(<<'EOF');     # C
#   RT::Preload::with($file, sub { $nginx->start });

use strict;
use warnings;

use File::Temp qw(tempdir);


sub build {
    my ($source) = @_;

    my $dir = tempdir(CLEANUP => 1);

    open my $fh, '>', "$dir/preload.c" or die $!;
    print $fh $source;
    close $fh or die $!;

    system('cc', '-shared', '-fPIC', '-O1', '-o', "$dir/preload.so",
           "$dir/preload.c") == 0 or die "cc failed\n";

    return "$dir/preload.so";
}


# what LD_PRELOAD has to be: ASan wants to be loaded first

sub list {
    my ($file) = @_;

    my $asan = $ENV{RT_ASAN} ? `cc -print-file-name=libasan.so` : '';

    return join ' ', split(' ', $asan), $file;
}


sub with {
    my ($file, $start) = @_;

    local $ENV{LD_PRELOAD} = list($file);

    return $start->();
}


1;

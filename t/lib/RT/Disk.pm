package RT::Disk;

# A disk that stalls, fails and is full when a test says so: fdatasync() and
# writev() of an nginx that is started with it.
#
#   my $disk = RT::Disk->new;
#   $disk->start($nginx);
#   $disk->hold('/one');    # a commit of a file with this text in it waits ...
#   $disk->waits;           # ... one does
#   $disk->go;              # it is done, and so are others
#   $disk->fail('/one');    # likewise: it fails
#   $disk->late('/one');    # likewise: it fails once for each opening of the
#                           # file, as an error does that comes later
#   $disk->full('/one');    # ... nothing more is written to it
#   $disk->mend;            # what fails, or is full, does no more
#   $disk->stall('/one');   # who has written that does not come back ...
#   $disk->stalls;          # ... one does not
#   $disk->commits;         # how many were done

use strict;
use warnings;

use File::Temp qw(tempdir);

use RT::Nginx;
use RT::Preload;


my $source = <<'EOF';
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>


static __thread char  name[256], word[256], text[1 << 20];


static ssize_t
take(const char *file, char *dst, size_t size)
{
    int      fd;
    ssize_t  n;

    fd = open(file, O_RDONLY);

    if (fd == -1) {
        return -1;
    }

    n = read(fd, dst, size);
    close(fd);

    return n;
}


static int
told(const char *what, int fd)
{
    ssize_t  n, len;

    snprintf(name, sizeof(name), "%s/%s", getenv("RT_DISK"), what);
    n = take(name, word, sizeof(word));

    if (n <= 0) {
        return 0;
    }

    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    len = take(name, text, sizeof(text));

    return len > 0 && memmem(text, len, word, n) != NULL;
}


static void
tell(const char *what)
{
    int  fd;

    snprintf(name, sizeof(name), "%s/%s", getenv("RT_DISK"), what);
    fd = open(name, O_WRONLY|O_CREAT|O_APPEND, 0666);
    (void) !write(fd, "\n", 1);
    close(fd);
}


int
fdatasync(int fd)
{
    if (told("hold", fd)) {
        tell("held");
    }

    while (told("hold", fd)) {
        poll(NULL, 0, 2);
    }

    if (told("fail", fd)) {
        errno = EIO;
        return -1;
    }

    /* the owner of signals is an opening's, whoever has duplicates of it */

    if (told("late", fd) && fcntl(fd, F_GETOWN) == 0) {
        fcntl(fd, F_SETOWN, getpid());
        errno = EIO;
        return -1;
    }

    if (syscall(SYS_fdatasync, fd) == -1) {
        return -1;
    }

    tell("done");
    return 0;
}


ssize_t
writev(int fd, const struct iovec *iov, int n)
{
    ssize_t  size;

    if (told("full", fd)) {
        errno = ENOSPC;
        return -1;
    }

    size = syscall(SYS_writev, fd, iov, n);

    if (told("stall", fd)) {
        tell("stalled");
    }

    while (told("stall", fd)) {
        poll(NULL, 0, 2);
    }

    return size;
}
EOF


sub new {
    my $class = shift;

    my $dir = tempdir('rt-disk-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    chmod 0777, $dir;

    return bless { dir => $dir, preload => RT::Preload::build($source) },
        $class;
}


# an upgrade, too: nginx hands on what "env" names

sub start {
    my ($self, $nginx) = @_;

    local $ENV{RT_DISK} = $self->{dir};

    $nginx->{main} .= "env RT_DISK;\nenv LD_PRELOAD;\n";

    return RT::Preload::with($self->{preload}, sub { $nginx->start });
}


sub make {
    my ($self, $what, $text) = @_;

    open my $fh, '>', "$self->{dir}/new" or die $!;
    print $fh $text;
    close $fh or die $!;
    rename "$self->{dir}/new", "$self->{dir}/$what" or die $!;
}


sub count {
    my ($self, $what) = @_;
    return length RT::Nginx::slurp("$self->{dir}/$what");
}


sub hold {
    my ($self, $text) = @_;

    $self->{held} = $self->count('held');
    $self->make('hold', $text);
}


sub waits {
    my $self = shift;

    return RT::Nginx->wait_for('a commit', sub {
        $self->count('held') > $self->{held}
    });
}


sub go   { unlink "$_[0]{dir}/hold" or die $! }
sub fail { $_[0]->make('fail', $_[1]) }
sub late { $_[0]->make('late', $_[1]) }
sub full { $_[0]->make('full', $_[1]) }
sub stall { $_[0]->make('stall', $_[1]) }

sub mend {
    my $self = shift;

    unlink grep { -e } map { "$self->{dir}/$_" } qw(fail late full stall)
        or die $!;
}


sub stalls {
    my $self = shift;

    return RT::Nginx->wait_for('a write', sub { $self->count('stalled') });
}

sub commits { $_[0]->count('done') }


1;

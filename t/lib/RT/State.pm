package RT::State;

# A folder for "state=", which is the workers' alone.
#
#   use RT::State;
#   RT::Nginx->new(main => $User, ...);     # whom workers run as
#   state_folder($nginx);                   # makes %%DIR%%/state; or another

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(state_folder $User);

my ($name, $uid, $gid) = $> == 0 ? (getpwnam 'nobody')[0, 2, 3] : ();

our $User = defined $name ? "user $name " . getgrgid($gid) . ';' : '';


sub state_folder {
    my ($nginx, $name) = @_;
    my $path = $nginx->dir . '/' . ($name // 'state');

    mkdir $path, 0700 or die "$path: $!";
    chown $uid, $gid, $path or die "$path: $!" if defined $uid;

    return $path;
}


1;

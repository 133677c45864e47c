package RT::Talisman;

# Flask with the real Flask-Talisman, until the test ends:
#
#   my $apps = RT::Talisman::start($placeholder,
#       { talisman => { ... }, view => { ... } }, ...);
#   # { port, raised => [exceptions] }, see talisman.py

use strict;
use warnings;

use IPC::Open2;
use JSON::PP;

use RT ();


sub start {
    my ($placeholder, @apps) = @_;

    my $module = ($ENV{RT_BUILD} // "$RT::Top/build")
                 . '/flask-talisman/usr/lib/python3/dist-packages';

    local $ENV{PYTHONPATH} = $module if -d $module;

    open2(my $out, my $in, 'setpriv', '--pdeathsig', 'KILL',
          '/usr/bin/python3', "$RT::Top/t/lib/RT/talisman.py", $placeholder);

    print $in JSON::PP->new->canonical->encode(\@apps);
    close $in;

    my $line = <$out> // die "Flask-Talisman does not start: run \"make deps\"";

    return decode_json($line);
}


1;

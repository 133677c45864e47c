#!/usr/bin/perl

# Who could change a file that decides whom nginx believes: the file itself,
# links and folders on the way to it.  Keys, certificates and secrets are read
# by one function; each of them is tried with the file, the keys with the way.

use strict;
use warnings;
use lib 't/lib';

use File::Copy qw(copy);
use Test::More;
use RT::Nginx;


plan skip_all => 'needs root' if $> != 0;

my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtcsp'], http => <<'EOT');
    rtauth_zone 1m;

    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file %%DIR%%/way/to/jwks.json;
    }

    rtauth_provider partner {
        issuer https://127.0.0.1:1;
        audience tools;
        ssl_trusted_certificate %%DIR%%/way/to/ca.pem;
    }

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        rtcsp superset;
        rtcsp_nonce placeholder=file:%%DIR%%/way/to/secret;
    }
EOT

my $dir = $nginx->dir;
my ($uid, $gid) = (getpwnam 'nobody')[2, 3];

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=t " .
       "-keyout /dev/null -out $dir/ca.pem 2>/dev/null") == 0
    or die "openssl: $?";


# %%DIR%%/way/to, made anew, with its three files

sub way {
    my %args = (way => 0755, to => 0755, owner => 0, group => 0, @_);

    system('rm', '-rf', "$dir/way");

    for my $folder (qw(way way/to)) {
        mkdir "$dir/$folder" or die $!;
    }

    copy('t/data/keys/jwks.json', "$dir/way/to/jwks.json") or die $!;
    copy("$dir/ca.pem", "$dir/way/to/ca.pem") or die $!;
    $nginx->file('way/to/secret', 'abcdefghijklmnopqrstuvwxyz012345');

    chmod 0644, map { "$dir/way/to/$_" } qw(jwks.json ca.pem);
    chmod 0640, "$dir/way/to/secret";
    chown 0, 0, map { "$dir/way/to/$_" } qw(jwks.json ca.pem secret);
    chown $args{owner}, $args{group}, "$dir/way/to";
    chmod $args{way}, "$dir/way";
    chmod $args{to}, "$dir/way/to";
}


sub refused {
    my ($what, $words) = @_;

    my ($rc, $said) = $nginx->try;
    isnt($rc, 0, "$what: refused");
    like($said, qr/\[emerg\].*$words/, 'in words');
    unlike($said, qr/abcdefghij/, 'and without the secret');
}


sub taken {
    my ($what, $warning) = @_;

    my ($rc, $said) = $nginx->try;
    is($rc, 0, "$what: taken") or diag $said;

    if ($warning) {
        like($said, qr/\[warn\].*$warning/, 'with a warning');
    } else {
        unlike($said, qr/\[warn\]/, 'in silence');
    }
}


way();
taken('files of root');

# the files

my %name = ('jwks.json' => 'jwks_file', 'ca.pem' => 'ssl_trusted_certificate',
            'secret' => 'placeholder');

for my $file (sort keys %name) {
    my $mode = $file eq 'secret' ? 0640 : 0644;

    way();
    chmod $mode | 02, "$dir/way/to/$file";
    refused("$name{$file}, which all may write",
            "$name{$file}.*may be written by all users: chmod o-w it");

    way();
    chown $uid, 0, "$dir/way/to/$file";
    refused("$name{$file} of another user",
            "$name{$file}.*belongs to another user than root");

    way();
    chown 0, $gid, "$dir/way/to/$file";
    chmod $mode | 020, "$dir/way/to/$file";
    refused("$name{$file}, which a group may write",
            "$name{$file}.*may be written by a group.*chmod g-w it");

    way();
    chown 0, $gid, "$dir/way/to/$file";
    taken("$name{$file}, which a group may read");

    way();
    chmod $mode | 020, "$dir/way/to/$file";
    taken("$name{$file}, which root's group may write");
}

# folders

for my $at (qw(way to)) {
    my $path = $at eq 'way' ? 'way' : 'way/to';

    way($at => 0777);
    refused("anybody writes to $path",
            "all users may write to the folder \"\Q$dir\E/$path\": chmod o-w");

    way($at => 01777);
    taken("$path is sticky, as Kubernetes' secrets and /tmp are");
}

way(owner => $uid);
taken("another user's folder", "others may put another file in place of.*"
      . "own \"\Q$dir\E/way/to\"");

way(to => 0775, group => $gid);
taken('a folder its group writes to', 'others may put another file in place');

# links

way();
rename "$dir/way/to", "$dir/way/..2026" or die $!;
symlink '..2026', "$dir/way/..data" or die $!;
mkdir "$dir/way/to" or die $!;
symlink "../..data/$_", "$dir/way/to/$_" or die $! for keys %name;
taken("links of root, as in Kubernetes' volumes");

system('chown', '-h', 'nobody', "$dir/way/to/jwks.json") == 0 or die;
refused("another user's link to the file",
        "is reached by \"\Q$dir\E/way/to/jwks.json\", a link that another user");

way();
rename "$dir/way/to", "$dir/way/there" or die $!;
symlink 'there', "$dir/way/to" or die $!;
system('chown', '-h', 'nobody', "$dir/way/to") == 0 or die;
refused("another user's link on the way",
        "is reached by \"\Q$dir\E/way/to\", a link that another user");

# a read-only mount is nobody's to change: Kubernetes' ConfigMaps

SKIP: {
    skip 'no mount namespaces here', 2 if system('unshare -m true 2>&-') != 0;

    way(to => 0777);
    $nginx->configure;

    # LeakSanitizer does not find its way in another mount namespace
    local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '')
                               =~ s/detect_leaks=1/detect_leaks=0/r;

    my $said = qx{unshare -m sh -c '
        mount --bind $dir/way $dir/way && mount -o remount,bind,ro $dir/way &&
        exec $nginx->{nginx} -t -p $dir -c $dir/nginx.conf -e stderr' 2>&1};

    is($?, 0, 'a folder of mode 0777 in a read-only mount: taken');
    unlike($said, qr/\[warn\]/, 'in silence') or diag $said;
}

# at a reload the configuration before it stays

way();
$nginx->start;
chmod 0666, "$dir/way/to/jwks.json";
$nginx->signal('HUP');
ok($nginx->wait_for('the refusal', sub {
    $nginx->log_text =~ /may be written by all users/
}), 'a reload with such a file is refused');
is($nginx->get('/')->{status}, 401, 'and the configuration before it stays');
$nginx->end('QUIT', 'may be written by all users');

done_testing();

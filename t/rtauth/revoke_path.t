#!/usr/bin/perl

# "state=" names another file after a reload: all that was revoked comes into
# it, though workers of the older configuration live on and write to theirs.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use Test::More;

use RT::Nginx;
use RT::State;


my $many = 60;
my $later = int(time) + 3600;

sub http {
    my $file = shift;

    return <<"EOT";
    rtauth_zone 1m state=%%DIR%%/state/$file;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        location / { return 204; }
        location /page { rtauth corp; return 200; }
    }
EOT
}

sub line {
    my $record = 'k ' . sha256_hex(shift) . " b $later u $later";

    return substr(sha256_hex($record), 0, 16) . " $record\n";
}


for my $try (1 .. 3) {
    my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2,
                               main => $User, http => http('one'));
    my $folder = state_folder($nginx);

    $nginx->file('state/one', join '', map { line($_) } 1 .. $many);
    chown((stat $folder)[4, 5], "$folder/one");
    chmod 0600, "$folder/one";
    $nginx->start;

    # an answer is there, so a worker has it; half a request keeps that worker
    my @open = map { $nginx->connect } 1 .. 6;

    for my $s (@open) {
        $s->syswrite("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        $nginx->rest($s, undef, qr/ 204 /);
        $s->syswrite("GET / HTTP/1.1\r\n");
    }

    $nginx->configure(http => http('two'));
    $nginx->signal('HUP');

    my %known;

    ok($nginx->wait_for('all of them', sub {
        my $text = -e "$folder/two" ? RT::Nginx::slurp("$folder/two") : '';

        %known = map { $_ => 1 } $text =~ / k (\w{64}) /g;
        return keys %known == $many;
    }), "try $try: the new file has all") or diag(scalar(keys %known));

    close $_ for @open;
    $nginx->end;
}


done_testing();

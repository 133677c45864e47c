#!/usr/bin/perl

# A file that ends in half a line, which a machine that stopped, or somebody
# else, has left: the next event has a line of its own.

use strict;
use warnings;
use lib 't/lib';

use RT::Together;
use Test::More;
use RT::Audit;
use RT::Nginx;


sub half {
    my $chain = shift;

    my $nginx = RT::Nginx->new(modules => ['rtaudit'], torn => 1,
                               http => <<EOF);
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    $chain

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOF

    my $file = $nginx->dir . '/logs/audit.log';
    my $text = '';

    # half a line more, in whatever is there by now

    my $leave = sub {
        my $new = !-e $file;

        open my $fh, '>>', $file or die $!;
        print $fh $_[0];
        close $fh or die $!;
        return unless $new;

        chmod 0600, $file or die $!;
        chown +(getpwnam('nobody'))[2, 3], $file if $> == 0;
    };

    my $ask = sub {
        my $uri = shift;

        $nginx->get($uri);
        ok($nginx->wait_for($uri, sub {
            $text = RT::Nginx::slurp($file);
            $text =~ m{"$uri".*\n};
        }), "$uri: written");
    };

    $nginx->file('key', "b7c8a1f0d2e34b5566778899aabbccdd\n");
    chmod 0600, $nginx->dir . '/key' or die $!;

    $leave->('{"at":"start');
    $nginx->start;
    $ask->('/start');

    $leave->('{"at":"work');
    $ask->('/work');
    $ask->('/more');

    my @lines = split /(?<=\n)/, $text;
    is_deeply([grep { /^\{"at"/ } @lines],
              ["{\"at\":\"start\n", "{\"at\":\"work\n"],
              'what was there is a line by itself');
    is(RT::Audit::check(grep { !/^\{"at"/ } @lines), 3, 'so are events');
    unlike($text, qr/\n\n/, 'and none is empty');

    rename $file, "$file.1" or die $!;
    $leave->('{"at":"USR1');
    $nginx->reopen($file);
    $ask->('/anew');

    @lines = split /(?<=\n)/, $text;
    is(shift @lines, "{\"at\":\"USR1\n", 'also when it was opened anew');
    RT::Audit::check(@lines);

    $nginx->end;
}


# a file that its workers may not read is written all the same

sub unread {
    my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log mode=0200;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOF

    my $file = $nginx->dir . '/logs/audit.log';

    $nginx->start;
    is((stat $file)[2] & 0777, 0200, 'its mode');

    for my $uri ('/one', '/two') {
        $nginx->get($uri);
        chmod 0600, $file or die $!;
        ok($nginx->wait_for($uri, sub {
            RT::Nginx::slurp($file) =~ m{"$uri".*\n}
        }), "$uri: written");
    }

    $nginx->end;
    is(RT::Audit->new($file)->all, 2, 'both are there');
}


RT::Together::run(
    unread => \&unread,
    plain => sub { half('') },
    chain => sub { half('rtaudit_chain key=file:%%DIR%%/key;') },
);

done_testing();

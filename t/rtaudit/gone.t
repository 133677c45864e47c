#!/usr/bin/perl

# The audit file goes away while nginx runs: that is seen, said with its
# mend, refused where the sink is required, and what went with it is booked.

use strict;
use warnings;
use lib 't/lib';

use RT::Together;
use Test::More;
use RT::Audit;
use RT::Nginx;


my $http = <<'EOT';
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/folder/audit.log %%HOW%%;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
        location /passed { empty_gif; }
    }
EOT

my ($nginx, $file, $folder);

sub begin {
    my $how = shift;

    $nginx = RT::Nginx->new(modules => ['rtaudit'],
                            http => $http =~ s/%%HOW%%/$how/r);
    $folder = $nginx->dir . '/folder';
    $file = "$folder/audit.log";
    mkdir $folder, 0755 or die $!;
    $nginx->start;
}

sub books {
    my @n = $nginx->log_text =~ /"main" slot \d+: requests (\d+) waived 0 written (\d+) dropped (\d+) left (\d+)/;
    return \@n;
}

# What went with the file may be found after the last event, when USR1 came first:
# then it is the error log that tells.

sub told {
    my ($dropped, @events) = @_;

    my ($told) = $nginx->log_text =~ /, (\d+) losses are told in no event/;

    $told += $_->{metadata}{lost} || 0 for @events;
    is($told // 0, $dropped, 'what went with the file is told');
    $nginx->quiet('is gone: send USR1', 'cannot write to',
                  '0 events were not written, \d+ losses');
}

my $gone = qr/\[crit\].*rtaudit: "\S+audit\.log" of sink "main" is gone: send USR1 to the master process/;

my %away = (
    'unlinked'                   => sub { unlink $file },
    'its folder gone'            => sub { system('rm', '-r', $folder) },
    'another file in its place'  => sub {
        open my $fh, '>', "$file.new" or die $!;
        close $fh;
        rename "$file.new", $file or die $!;
    },
);

my %part;

for my $what (keys %away) { $part{$what} = sub {
    begin('required');
    is($nginx->get('/one')->{status}, 200, "$what: at first it is there");
    RT::Audit->new($file)->event;

    $away{$what}->();

    ok($nginx->wait_for('a refusal',
                        sub { $nginx->get('/ask')->{status} == 503 }),
       'refused');
    ok($nginx->wait_for('the line', sub { $nginx->log_text =~ $gone }),
       'said, with the mend');

    mkdir $folder, 0755;
    unlink $file;
    $nginx->reopen;
    ok($nginx->wait_for('an answer',
                        sub { $nginx->get('/again')->{status} == 200 }),
       'the mend helps');
    $nginx->stop;

    my @events = RT::Audit->new($file)->all;
    my $lost = 0;
    $lost += $_->{metadata}{lost} || 0 for @events;

    my ($requests, $written, $dropped, $left) = @{books()};
    is($requests, $written + $dropped, 'the books agree');
    is($left, 0, 'nothing is left');
    ok($written == @events || $written == @events + 1,
       'written: what is there, and at most the first, if it had been seen');
    is($lost, $dropped, 'events tell what went with the file');
    $nginx->quiet('is gone: send USR1');
} }

# nobody requires it: many events, all in the books

$part{'many events'} = sub {
    begin('');
    $nginx->get('/one');
    RT::Audit->new($file)->event;
    unlink $file;

    my $asked = 1;

    $nginx->wait_for('the line', sub {
        $nginx->get('/more');
        $asked++;
        $nginx->log_text =~ $gone
    });
    $nginx->reopen;
    $nginx->get('/last');
    $nginx->wait_for('the last', sub { RT::Nginx::slurp($file) =~ m{"/last"} });
    $nginx->stop;

    my @events = RT::Audit->new($file)->all;
    my ($requests, $written, $dropped, $left) = @{books()};
    is($requests, $asked + 1, 'all requests are in the books');
    ok($written == @events || $written == @events + 1,
       'written is not what went with the file');
    is($dropped, $requests - $written, 'that was dropped');
    cmp_ok($dropped, '>', 0, 'there was some');
    told($dropped, @events);
};

# USR1 comes before anybody has looked: neither uncounted, nor passed on

for my $how ('', 'strict fsync=1s') { $part{"early \"$how\""} = sub {
    begin($how);
    $nginx->get('/passed/first');
    $nginx->wait_for('the first', sub {
        RT::Nginx::slurp($file) =~ m{"/passed/first"}
    });
    open my $old, '<', $file or die $!;
    unlink $file;

    my $s = $nginx->ask('/passed/between');
    my $text = '';

    $nginx->wait_for('the line', sub {
        seek $old, 0, 0;
        $text = do { local $/; <$old> };
        $text =~ m{/between"} || $nginx->log_text =~ $gone
    });
    $nginx->reopen($file);

    my $status = $nginx->answer($s)->{status};

    $nginx->wait_for('the last', sub {
        $nginx->get('/last');
        RT::Nginx::slurp($file) =~ m{"/last"}
    });
    $nginx->stop;

    my @all = RT::Audit->new($file)->all;
    my $intents = grep { $_->{metadata}{stage} eq 'received' } @all;
    my ($requests, $written, $dropped, $left) = @{books()};

    is($requests, $written + $dropped, "\"$how\": the books agree");
    cmp_ok($written, '<=', @all - $intents + 1,
           'what went with the file is not written');

    if ($how) {
        ok($status == 503 || $intents,
           'nor is a request passed on whose intent did');
    }

    told($dropped, @all);
} }

# a file that is only renamed keeps its lines, and is written until USR1

$part{'renamed'} = sub {
    begin('required');
    $nginx->get('/one');
    RT::Audit->new($file)->event;
    rename $file, "$file.1" or die $!;

    my %status;

    for (1 .. 40) {
        $status{$nginx->get('/renamed')->{status}}++;
        select undef, undef, undef, 0.05;
    }

    is_deeply([keys %status], [200], 'between rename and USR1 nobody is refused');
    $nginx->reopen;

    # the writer has the new file a turn of the worker's loop later

    ok($nginx->wait_for('the new file', sub { $nginx->get('/last'); -s $file }),
       'after it events go to the new one');
    $nginx->stop;
    my $lines = () = RT::Nginx::slurp("$file.1") =~ /"\/renamed"/g;
    my $rest = () = RT::Nginx::slurp($file) =~ /"\/renamed"/g;
    is($lines + $rest, $status{200}, 'nor is an event lost');
    $nginx->quiet;
};

# without USR1 it is no rotation

$part{'away for long'} = sub {
    begin('required');
    rename $file, "$file.1" or die $!;
    ok($nginx->wait_for('the line', sub { $nginx->log_text =~ $gone }),
       'a file that stays away from its path is said');
    is($nginx->get('/refused')->{status}, 503, 'and refused');
    $nginx->reopen;
    ok($nginx->wait_for('an answer',
                        sub { $nginx->get('/again')->{status} == 200 }),
       'until USR1');
    $nginx->end('QUIT', 'is gone: send USR1');
};

# alone, for a stall of 10 seconds would end what it asserts

(delete $part{'renamed'})->();
RT::Together::run(%part);

done_testing();

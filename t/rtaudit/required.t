#!/usr/bin/perl

# Sinks that fail or stall: required ones refuse, others lose and say so,
# and no request waits for a disk.

use strict;
use warnings;
use lib 't/lib';

use POSIX qw(mkfifo);
use Test::More;
use RT::Audit;
use RT::Nginx;
use Time::HiRes qw(time);


my $http = <<'EOF';
    rtaudit_zone 1200k;
    rtaudit_sink main file:%%DIR%%/logs/audit.log %%HOW%%;

    server {
        listen 127.0.0.1:%%PORT0%%;
        error_page 503 /busy;
        rtaudit main;
        location / { return 200; }
        location /plain/ { error_page 503 /none; return 200; }
        location /busy { internal; return 503 busy; }
        location /copied { error_page 503 = @copied; return 200; }
        location @copied { mirror /copy; proxy_pass http://127.0.0.1:%%PORT1%%; }
        location = /copy { internal; proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /asked { error_page 503 /asked.html; return 200; }
        location = /asked.html { auth_request /copy; root %%DIR%%; }
        location /included { error_page 503 /page.html; return 200; }
        location = /page.html { ssi on; root %%DIR%%; }
        location /off { rtaudit off; return 200; }
        location /none-wanted { rtaudit_level none; return 200; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        access_log %%DIR%%/logs/application.log;
        location / { return 200; }
    }
EOF

sub with { my $text = $http; $text =~ s/%%HOW%%/$_[0]/; $text }


# -- a required sink that cannot write

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                         http => with('required'));
my $file = $nginx->dir . '/logs/audit.log';

symlink '/dev/full', $file or die $!;
$nginx->file('asked.html', 'busy');
$nginx->file('page.html', 'busy<!--# include virtual="/copy" -->here');
$nginx->start;

# AUDIT_START does not get there

$nginx->wait_for('a refusal', sub { $nginx->get('/first')->{status} == 503 });
ok($nginx->wait_for('the error', sub { $nginx->log_text =~ /\[crit\]/ }),
   'the failure is logged');
like($nginx->log_text, qr/\[crit\].*rtaudit: sink "main" cannot write to/,
     'with the name of the sink');

my $answer = $nginx->get('/refused');
is($answer->{status}, 503, 'refused');
is($answer->{body}, 'busy', 'with its error page');
like($answer->{head}, qr/^Retry-After: \d+\r?$/m, 'and when to come back');
is($nginx->get('/copied')->{status}, 503, 'an application makes no page');
is($nginx->get('/asked')->{status}, 500, 'a page to ask for is none');
like($nginx->get('/included')->{body}, qr/^busy.*here\z/s,
     'nor is an application part of a page');
is(-s $nginx->dir . '/logs/application.log', 0,
   'it sees nothing of that, nor of a copy');
is($nginx->get('/off')->{status}, 200, 'where nothing is audited all is well');
is($nginx->get('/none-wanted')->{status}, 200, 'nor where no event is wanted');

# it works again: what was kept is written, refusals too

unlink $file;
$nginx->reopen;

ok($nginx->wait_for('an answer',
                    sub { $nginx->get('/again')->{status} == 200 }),
   'it lets requests in again');
ok($nginx->wait_for('the event', sub { RT::Nginx::slurp($file) =~ /again/ }),
   'written');

my $audit = RT::Audit->new($file);
$nginx->stop;

my @events = $audit->all;
is($events[0]{request}{url}, '/first', 'kept for as long as it took');

my ($refused) = grep { $_->{request}{url} eq '/refused' } @events;
is($refused->{status}, 503, 'the refused one is there, with its status');
is($refused->{error}{type}, 'audit_unavailable', 'and the reason');
like($nginx->log_text, qr/sink "main" writes to .* again/, 'said once more');
like($nginx->log_text,
     qr/"main".* requests (\d+) waived 0 written \1 dropped 0 left 0/,
     'the books agree');
$nginx->quiet('cannot write to');


# -- a sink nobody requires: losses are counted and said

$nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                         http => with(''));
$file = $nginx->dir . '/logs/audit.log';
symlink '/dev/full', $file or die $!;
$nginx->start;

my $asked = 600;
my %status;

$status{$nginx->get("/r$_")->{status}}++ for 1 .. $asked;
is_deeply(\%status, { 200 => $asked }, 'nobody is refused');

unlink $file;
$nginx->reopen;
$nginx->wait_for('the file', sub { -s $file });

# what the ring held is out when an event after it is

$nginx->get('/last');
$nginx->wait_for('the last', sub { RT::Nginx::slurp($file) =~ m{"/last"} });
$nginx->stop;

@events = RT::Audit->new($file)->all;

my $lost = 0;
$lost += $_->{metadata}{lost} || 0 for @events;

cmp_ok($lost, '>', 0, 'events were lost');
is(@events + $lost, $asked + 1, 'written and lost are all');
is($events[-1]{metadata}{lost}, $lost, 'the next event says how many');

my @seq = sort { $a <=> $b } map { $_->{metadata}{seq} }
          @events, RT::Audit->new($file)->own;
is_deeply(\@seq, [0 .. $#seq], 'seq has no gap');
my $books = sprintf 'requests 601 waived 0 written %d dropped %d left 0',
                    scalar @events, $lost;
like($nginx->log_text, qr/$books/, 'the books agree');

my @warned = $nginx->log_text
    =~ /\[warn\].*rtaudit: the ring was full, (\d+) events were lost/g;
my $warned = 0;
$warned += $_ for @warned;
is($warned, $lost, 'the log warns of each that found no room');
cmp_ok(scalar @warned, '<=', 2, 'not once for each');
$nginx->quiet('cannot write to');


# -- a sink that stalls: a pipe nobody reads

$nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                         http => with(''));
$file = $nginx->dir . '/logs/audit.log';
mkfifo($file, 0600) or die $!;
sysopen my $pipe, $file, POSIX::O_RDWR() | POSIX::O_NONBLOCK() or die $!;
chmod 0666, $file;
$nginx->start;

my $slowest = 0;

for (1 .. 300) {
    my $from = time;
    $nginx->get("/r$_");
    my $took = time - $from;
    $slowest = $took if $took > $slowest;
}

cmp_ok($slowest, '<', 1, 'no request waits for the pipe');

# the ring may be full at first

my $text = '';
my $more = 0;

sub drain {
    my $what = shift;

    return $nginx->wait_for($what, sub {
        sysread $pipe, my $part, 1 << 20;
        $text .= $part // '';
        $nginx->get('/more' . ++$more) if $what eq 'more';
        $text =~ m{"/$what.*\n}
    });
}

ok(drain('more'), 'it is read again');
$nginx->get('/last');
ok(drain('last'), 'to the end');

@events = RT::Audit::check(split /(?<=\n)/, $text);
$lost = 0;
$lost += $_->{metadata}{lost} || 0 for @events;
is(@events + $lost, 300 + $more + 1, 'written and lost are all');
$nginx->end;


# -- a required sink that stalls, before anybody calls it stale: requests are
# refused while there is room for those that were let in, and nothing is lost

$nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                         http => with('required'));
$file = $nginx->dir . '/logs/audit.log';
mkfifo($file, 0600) or die $!;
sysopen $pipe, $file, POSIX::O_RDWR() | POSIX::O_NONBLOCK() or die $!;
chmod 0666, $file;
$nginx->start;

my $from = time;
my $fill = 'x' x 3000;
my $let_in = 0;

$let_in++ while $let_in < 2000
    && $nginx->get("/plain/$fill")->{status} == 200;

cmp_ok($let_in, '>', 20, 'requests are let in');
cmp_ok($let_in, '<', 2000, 'until the ring is three quarters full');
cmp_ok(time - $from, '<', 5, 'long before the sink is stale');

($text, $more) = ('', 0);
$nginx->get('/plain/last');
ok(drain('plain/last'), 'read to the end');

@events = RT::Audit::check(split /(?<=\n)/, $text);
is(scalar(grep { $_->{metadata}{lost} } @events), 0, 'nothing was lost');
is(scalar(grep { $_->{status} == 200 } @events), $let_in, 'all are there');
$nginx->end;


# -- a required sink that stalls: stale after a while

$nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                         http => with('required'));
$file = $nginx->dir . '/logs/audit.log';
mkfifo($file, 0600) or die $!;
sysopen $pipe, $file, POSIX::O_RDWR() | POSIX::O_NONBLOCK() or die $!;
chmod 0666, $file;
$nginx->start;

ok($nginx->wait_for('a refusal',
                    sub { $nginx->get('/plain/x')->{status} == 503 }),
   'a stalled sink refuses');

$text = '';
ok($nginx->wait_for('an answer', sub {
    sysread $pipe, my $part, 1 << 20;
    $text .= $part // '';
    $nginx->get('/plain/y')->{status} == 200
}), 'and lets in again');

$nginx->end('QUIT', 'cannot write to', 'at the end');

done_testing();

#!/usr/bin/perl

# A strict sink: nothing is passed on before it is on disk that it is let in,
# and the worker waits for nothing.

use strict;
use warnings;
use lib 't/lib';

use IO::Select;
use Test::More;
use RT::Audit;
use RT::Disk;
use RT::Nginx;
use Time::HiRes qw(time);


my $disk = RT::Disk->new;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 3, level => 'info',
                           http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log strict;
    rtaudit_sink more file:%%DIR%%/logs/more.log;

    map $status $deep { default 1; 204 0; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT2%% http2;
        rtaudit main more;
        rtaudit_redact uri:/reset/* name:ticket;
        proxy_set_header Connection close;
        root %%DIR%%/html;

        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /action { rtaudit_action ORDER_PAY;
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /try { try_files /no/such @app; }
        location /missing { error_page 404 = @app; }
        location /twice { error_page 502 = @app;
                          proxy_pass http://127.0.0.1:1; }
        location /busy { error_page 503 = @app;
                         proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /copied { error_page 503 = @copied;
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location @copied { mirror /copy;
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /paged { error_page 503 /page.html;
                          proxy_pass http://127.0.0.1:%%PORT1%%; }
        location = /page.html { mirror /copy; }
        location /mirror { mirror /copy;
                           proxy_pass http://127.0.0.1:%%PORT1%%; }
        location = /copy { internal; proxy_pass http://127.0.0.1:%%PORT1%%; }
        location @app { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /any { satisfy any; deny all; auth_request /may;
                        proxy_pass http://127.0.0.1:%%PORT1%%; }
        location = /may { internal; return 204; }
        location /no { deny all; proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /said { return 200 said; }
        location /quiet { rtaudit_level metadata if=$deep; rtaudit_level none;
                          proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /off { rtaudit off; proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
EOT

mkdir $nginx->dir . '/html', 0755;
open my $page, '>', $nginx->dir . '/html/page.html' or die $!;
print $page 'page';
close $page;

my $up = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                               LocalPort => $nginx->port(1),
                               Listen => 64, ReuseAddr => 1)
    or die "cannot listen: $!";

$disk->start($nginx);

my $file = $nginx->dir . '/logs/audit.log';
my $audit = RT::Audit->new($file);
my $more = RT::Audit->new($nginx->dir . '/logs/more.log');

my $asked = 0;      # requests with a sink


# the next request that the application sees; it is answered

sub upstream {
    my $answer = shift // "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup";

    my $c = IO::Select->new($up)->can_read($RT::Nginx::Deadline)
            && $up->accept or return '';

    $c->sysread(my $head, 65536);
    $c->syswrite($answer);
    close $c;

    return $head =~ /^\S+ (\S+)/ ? $1 : '';
}


sub unseen { return !IO::Select->new($up)->can_read(0) }


# a request to its end, passed on or not

sub answer {
    my ($uri, $from_app) = @_;

    $asked++;
    my $s = $nginx->ask($uri);

    IO::Select->new($up, $s)->can_read($RT::Nginx::Deadline);
    upstream($from_app) unless unseen();

    return $nginx->answer($s);
}


sub stages { return join ' ', map { $_->{metadata}{stage} } @_ }


# -- it waits, and nobody else does

$disk->hold('/reset/');
$asked++;
my $s = $nginx->ask('/reset/s3cret?ticket=s3cret');

ok($disk->waits, 'the thread commits');

my $intent = $audit->event;
is($intent->{metadata}{stage}, 'received', 'the intent is written');
is($intent->{request}{url}, '/reset/[REDACTED]', 'and redacted');
is($intent->{request}{method}, 'GET', 'with its method');
is($intent->{actionType}, 'HTTP_REQUEST', 'an action that is not known yet');
is($intent->{status}, 0, 'no status');
ok(!$intent->{isError}, 'which is no error');
ok(unseen(), 'the application sees nothing of it');

my $free = $nginx->ask('/off');
is(upstream(), '/off', 'the worker serves others meanwhile');
is($nginx->answer($free)->{status}, 200, 'to the end');
ok(unseen(), 'it waits yet');

$disk->go;
is(upstream(), '/reset/s3cret?ticket=s3cret', 'on disk: it is passed on');
is($nginx->answer($s)->{status}, 200, 'and answered');

my $event = $audit->event;
is($event->{metadata}{stage}, 'complete', 'its event follows');
is($event->{id}, $intent->{id}, 'with the same id');
is($event->{status}, 200, 'and the status');


# -- what ways there are: one intent, one event

for my $uri (qw(/x /action /try /missing /twice /any)) {
    is(answer($uri)->{status}, 200, "$uri: answered");

    my @e = $audit->events(2);
    is(stages(@e), 'received complete', 'an intent and an event');
    is($e[0]{id}, $e[1]{id}, 'of one request');
    is($e[0]{actionType}, $uri eq '/action' ? 'ORDER_PAY' : 'HTTP_REQUEST',
       'the action as far as it is known');
}

$disk->hold('/mirror');
$asked++;
$s = $nginx->ask('/mirror');
ok($disk->waits, 'a request with a mirror');
ok(unseen(), 'is not mirrored before');
$disk->go;
is(join(' ', sort(upstream(), upstream())), '/copy /mirror', 'but then');
is($nginx->answer($s)->{status}, 200, 'and answered');
is(stages($audit->events(2)), 'received complete', 'with one intent');

# what nginx answers before anybody sees it

for (['/no', 403], ['/said', 200]) {
    is(answer($_->[0])->{status}, $_->[1], "$_->[0]: nginx's own answer");
    is($audit->event->{metadata}{stage}, 'complete', 'is an event alone');
}

# the level looks at the status: it is not kept from before there was one

is(answer('/quiet')->{status}, 200, 'a level that waits for the status');
is(stages($audit->events(2)), 'received complete', 'finds it');

is(answer('/quiet', "HTTP/1.1 204 No Content\r\n\r\n")->{status}, 204,
   'level none, later');
is(stages($audit->events(2)), 'received complete', 'an intent has its event');


# -- two requests of one connection

$disk->hold('/k1');
$asked += 2;
$s = $nginx->connect;
$s->syswrite("GET /k1 HTTP/1.1\r\nHost: a\r\n\r\n"
             . "POST /k2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
             . "Connection: close\r\n\r\nabc");
ok($disk->waits, 'two requests in a row');
ok(unseen(), 'wait');
$disk->go;
is(upstream(), '/k1', 'the first');
is(upstream(), '/k2', 'the second');
my $both = $nginx->rest($s);
is(() = $both =~ m{HTTP/1.1 200}g, 2, 'are answered');
is(stages($audit->events(4)), 'received complete received complete',
   'with an intent each');


# -- a client that goes away while it waits

$disk->hold('/gone');
$asked++;
$s = $nginx->ask('/gone');
ok($disk->waits, 'a client that waits');
$audit->event;
close $s;
ok($nginx->wait_for('its end', sub {
    $nginx->log_text =~ m{client prematurely closed .* "GET /gone }
}), 'and goes away: it is over');
$disk->go;
my $e = $audit->event;
is($e->{metadata}{stage}, 'aborted', 'which its event says');
is($e->{status}, 499, 'and the status');
ok(unseen(), 'the application never saw it');


# -- HTTP/2

SKIP: {
    skip 'no curl with HTTP/2', 10 unless `curl --version` =~ /HTTP2/;

    my @curl = qw(curl -s -o /dev/null -w %{http_code}
                  --http2-prior-knowledge);
    my $base = 'http://127.0.0.1:' . $nginx->port(2);

    $disk->hold('/h2');
    $asked += 2;
    open my $two, '-|', @curl, "$base/h2" or die $!;
    ok($disk->waits, 'a stream of HTTP/2');
    ok(unseen(), 'waits');
    $disk->go;
    is(upstream(), '/h2', 'and goes on');
    is(do { local $/; <$two> }, 200, 'to its answer');
    close $two;
    $audit->events(2);

    $disk->hold('/reset2');
    my $pid = open my $reset, '-|', @curl, "$base/reset2" or die $!;
    ok($disk->waits, 'one that is given up');
    kill 'KILL', $pid;
    close $reset;
    ok($nginx->wait_for('its end', sub {
        $nginx->log_text =~ m{client .* "GET /reset2 }
    }), 'is over');
    $disk->go;
    is(stages($audit->events(2)), 'received aborted', 'which is told');
    ok(unseen(), 'the application never saw it');
}


# -- a disk that fails

$disk->hold('/lost');
$disk->fail('/lost');
$asked++;
$s = $nginx->ask('/lost');
ok($disk->waits, 'a commit');
$disk->go;
my $answer = $nginx->answer($s);
is($answer->{status}, 503, 'that fails: refused');
like($answer->{head}, qr/^Retry-After: 5\r?$/m, 'for a while');
ok(unseen(), 'the application never saw it');
ok($nginx->wait_for('the line', sub {
    $nginx->log_text
        =~ /\[crit\].*sink "main" cannot write to .*Input.output error/
}), 'which is said');
$disk->mend;
ok($nginx->wait_for('the notice', sub {
    $nginx->log_text =~ /sink "main" writes to .* again/
}), 'and that it is over');
is(answer('/mended')->{status}, 200, 'let in again');
$nginx->wait_for('its event', sub { 2 == (() = $audit->text =~ m{"/mended"}g) });


# -- one that stalls: no page of an application either

$disk->hold('/busy');
my $from = time;
$asked++;
$s = $nginx->ask('/busy');
is($nginx->answer($s)->{status}, 503, 'a disk that stalls: refused');
cmp_ok(time - $from, '>', 4, 'after a while');
ok(unseen(), 'and its error page is no application');
$disk->go;
ok($nginx->wait_for('an answer', sub { answer('/awake')->{status} == 200 }),
   'let in again');


# -- a file that is gone

unlink $file;
is(answer('/unlinked')->{status}, 503, 'no file: refused');
$asked++;
$s = $nginx->ask('/busy');
is($nginx->answer($s)->{status}, 503, 'at once, from then on');
ok(unseen(), 'nor is then the error page an application');

for my $uri ('/copied', '/paged') {
    $asked++;
    $answer = $nginx->answer($nginx->ask($uri));
    is($answer->{status}, 503, "$uri: nor does a mirror of its location");
    is($answer->{body}, $uri eq '/paged' ? 'page' : '', 'keep its page');
    ok(unseen(), 'or get a copy');
}

$nginx->reopen($file);
ok($nginx->wait_for('an answer', sub { answer('/again')->{status} == 200 }),
   'let in again after USR1');


# -- a worker that is told to go

$disk->hold('/quit');
$asked++;
$s = $nginx->ask('/quit');
ok($disk->waits, 'a commit');
my $master = $nginx->master;
kill 'QUIT', $master;
ok($nginx->wait_for('the word', sub {
    $nginx->log_text =~ /gracefully shutting down/
}), 'nginx is to quit');
ok(unseen(), 'it waits yet');
$disk->go;
is(upstream(), '/quit', 'and is passed on');
is($nginx->answer($s)->{status}, 200, 'and answered');
ok($nginx->wait_for('the end', sub { !RT::Nginx::runs($master) }),
   'nginx ends');

my @more = $more->all;
is(@more, $asked, 'the other sink has an event of each');
is((grep { $_->{metadata}{stage} eq 'received' } @more), 0, 'and no intent');

for my $sink (qw(main more)) {
    my @n = $nginx->log_text =~ /"$sink" slot \d+: requests (\d+) waived (\d+) written (\d+) dropped (\d+) left (\d+)/;
    is($n[0], $n[1] + $n[2] + $n[3], "the books of $sink agree");
    is($n[4], 0, 'nothing is left');
}

$nginx->quiet('cannot write to', 'is gone: send USR1', 'Connection refused');

done_testing();

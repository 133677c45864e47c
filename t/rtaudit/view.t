#!/usr/bin/perl

# rtaudit_view: the page and its parts; events of a file, newest first, by
# filters and cursors, over rotated files, and of files that are not as they
# should be.

use strict;
use warnings;
use lib 't/lib';

use JSON::PP ();
use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::View;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOT');
    rtaudit_zone 2m;
    rtaudit_sink away syslog:udp://127.0.0.1:9 class=all;
    rtaudit_sink part file:%%DIR%%/logs/part.log class=health;
    rtaudit_sink dd file:%%DIR%%/logs/dd.log format=datadog service=s;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;
        rtaudit main;
        rtaudit_level request;

        location / { return 200; }
        location /none { return 404; }
        location /audit/ { rtaudit_view open; }
        location /named/ { rtaudit_view open; rtaudit_action WHO_READ; }
        location /made/ {
            rtaudit off;
            rtaudit_view file=%%DIR%%/logs/made.log open;
        }
        location /lent/ { error_page 403 /audit/; return 403; }
    }
EOT

my $dir = $nginx->dir;
my $made = "$dir/logs/made.log";

sub fill { $nginx->file('logs/made.log', join '', @_) }


$nginx->start;

my $audit = RT::Audit->new("$dir/logs/audit.log");
my $view = RT::View->new($nginx, '/made/');


# -- the page and its parts

for (['', 'text/html; charset=utf-8', qr/<script src="view.js" defer nonce="">/],
     ['view.js', 'text/javascript; charset=utf-8', qr/^'use strict';/],
     ['view.css', 'text/css; charset=utf-8', qr/^:root/],
     ['events', 'application/json', qr/^\{"events":\[/])
{
    my ($name, $type, $body) = @$_;
    my $r = $nginx->get("/audit/$name");

    is($r->{status}, 200, "/$name");
    like($r->{head}, qr/^Content-Type: \Q$type\E\r?$/mi, "/$name: its type");
    like($r->{body}, $body, "/$name: its text");

    my @headers = ('Cache-Control: no-store', 'Referrer-Policy: no-referrer',
                   'X-Content-Type-Options: nosniff', 'X-Frame-Options: DENY',
                   'Cross-Origin-Resource-Policy: same-origin');

    like($r->{head}, qr/^\Q$_\E\r?$/mi, "/$name: $_") for @headers;
    like($r->{head}, qr/^Content-Security-Policy: default-src 'none'; script-src 'self';/mi,
         "/$name: its policy");

    my $h = $nginx->request('HEAD', "/audit/$name");

    is($h->{status}, 200, "/$name: HEAD");
    is($h->{body}, '', "/$name: HEAD has no body");
    is($nginx->request('POST', "/audit/$name", body => 'x')->{status}, 405,
       "/$name: POST");
}

like($nginx->get('/audit')->{head}, qr{^Location: http://[^/]*/audit/\r?$}mi,
     'without the slash');
is($nginx->get("/audit/$_")->{status}, 404, "no /audit/$_")
    for qw(other view.js/ events/ audit.log ..%2Fnone);
is($nginx->get('/lent/')->{status}, 403, 'as an error page, its status stays');
is($nginx->get('/audit/events', headers => ["Sec-Fetch-Site: $_"])->{status},
   403, "events for another site: $_") for qw(cross-site same-site x);
is($nginx->get('/audit/events', headers => ["Sec-Fetch-Site: $_"])->{status},
   200, "events: $_") for qw(same-origin none);


# -- who reads is audited

my @seen = $audit->events(24);
my @views = grep { $_->{actionType} eq 'AUDIT_VIEW' } @seen;

is(scalar @views, 22, 'each is an AUDIT_VIEW, but for a redirect and /none');
is($nginx->get('/audit/events?user=bob%40x&status=4xx')->{status}, 200, 'a read');
is($nginx->get('/named/events')->{status}, 200, 'a read with an action');
@seen = $audit->events(2);
is_deeply($seen[0]{parameters}, { user => 'bob@x', status => '4xx' },
          'the filters are its parameters');
is($seen[1]{actionType}, 'WHO_READ', 'rtaudit_action wins');

my $own = RT::View->new($nginx, '/audit/');

$nginx->get('/none');
$audit->events(1);

my $found = $own->ask('views=no&limit=1');

is($found->{events}[0]{status}, 404, 'the newest that is no read of this page');
is($found->{events}[0]{request}{url}, '/none', 'its address');
$audit->events(1);
is($own->ask('limit=1')->{events}[0]{actionType}, 'AUDIT_VIEW', 'the newest');


# -- pages and filters

fill(map { event($_, user => $_ % 3 ? 'ann' : 'bob', status => 200 + $_ % 5,
                 action => $_ % 2 ? 'QUERY_RUN' : 'PAGE_VIEW',
                 path => "/p/$_") } 1 .. 20);

my @all = $view->all('limit=7');

is_deeply([map { numbers($_) } @all], [reverse 1 .. 20], 'all, newest first');
is_deeply([map { scalar @{$_->{events}} } @all], [7, 7, 6], 'seven at a time');
is_deeply([map { $_->{end} } @all], [qw(more more oldest)], 'to the end');
is($all[0]{oldest}, '2026-11-29T00:00:14.000Z', 'how far it looked back');
is($all[0]{answer}{body} =~ /(\{"id".*?\}\}),\{"id"/ ? "$1\n" : '',
   event(20, user => 'ann', status => 200, action => 'PAGE_VIEW',
         path => '/p/20'), 'an event goes out as it came');

my %filters = (
    'user=bob'           => sub { $_ % 3 == 0 },
    'user=bob@*'         => sub { $_ % 3 == 0 },
    'action=PAGE_*'      => sub { $_ % 2 == 0 },
    'status=201,203'     => sub { $_ % 5 == 1 || $_ % 5 == 3 },
    'status=%3E%3D203'   => sub { $_ % 5 >= 3 },
    'path=/p/1*'         => sub { /^1/ },
    'id=0188f843-7d8c-7000-8000-000000000004' => sub { $_ == 4 },
    'since=2026-11-29T00:00:10Z' => sub { $_ >= 10 },
    'until=2026-11-29T00:00:10Z' => sub { $_ < 10 },
    'user=bob&status=200&action=' => sub { $_ % 3 == 0 && $_ % 5 == 0 },
    'user=bob&user=ann'  => sub { 1 },
    'user=nobody'        => sub { 0 },
);

for my $query (sort keys %filters) {
    is_deeply([numbers($view->ask($query))],
              [grep { $filters{$query}->() } reverse 1 .. 20], $query);
}

is_deeply([map { numbers($_) } $view->all('limit=2&user=bob')],
          [18, 15, 12, 9, 6, 3], 'a filter, from cursor to cursor');

my %bad = (
    'limit=0'      => 'limit is no number from 1 to 200',
    'limit=201'    => 'limit is no number from 1 to 200',
    'limit=1e9'    => 'limit is no number from 1 to 200',
    'limit=99999999999999999999' => 'limit is no number',
    'views=yes'    => 'views is not \"no\"',
    'status=4xxx'  => 'status is no status',
    'since=soon'   => 'since is no time',
    'path=admin'   => 'path is no path',
    'user=%zz'     => 'the query is malformed',
    'file=/etc/passwd' => 'write user, action',
    '%3Cb%3E=x'    => 'write user, action',
    join('&', map { "user=$_" } 1 .. 33) => 'too many parameters',
    'user=' . 'x' x 257 => 'user is too long',
    (map { ("cursor=$_" => 'cursor is none', "after=$_" => 'after is none') }
        '../../etc/passwd', '1', '1.2', '1.2.3', '-1.0.' . '0' x 36,
        '1.-1.' . '0' x 36, '1.0.' . '0' x 35, '1.0.' . '0' x 37, '1%00.0.' . '0' x 36,
        '11111111111111111.0.' . '0' x 36, '0x1.0.' . '0' x 36,
        "1.0.\xff" . '0' x 35),
);

for my $query (sort keys %bad) {
    my $r = $view->ask($query);

    is($r->{http}, 400, substr "$query: refused", 0, 60);
    like($r->{answer}{body}, qr/^\{"error":"[^"\\]*(?:\\.[^"\\]*)*"\}$/, 'as JSON');
    like($r->{answer}{body}, qr/\Q$bad{$query}\E/, "says $bad{$query}");
}


# -- what is new, after the newest that an answer looked at

my $head = $view->ask('user=nobody')->{head};

$found = $view->ask("after=$head");
is_deeply([$found->{end}, numbers($found)], ['after'], 'nothing is new');
is($found->{head}, undef, 'no newer one either');

sub append {
    open my $fh, '>>', $made or die $!;
    print $fh @_;
    close $fh or die $!;
}

append(event(21), event(22));
$found = $view->ask("after=$head");
is_deeply([$found->{end}, numbers($found)], ['after', 22, 21], 'two are');
isnt($found->{head}, $head, 'and one is the newest');

$found = $view->ask("after=$head&limit=1");
is_deeply([$found->{end}, numbers($found)], ['more', 22], 'more than the limit');


# -- what is no whole line yet, and what is no event

append(substr event(23), 0, 300);
is_deeply([numbers($view->ask('limit=2'))], [22, 21], 'half a line is left out');
is($view->ask('limit=2')->{read}{garbage}, 0, 'and not counted');
append(substr event(23), 300);
is_deeply([numbers($view->ask('limit=2'))], [23, 22], 'until it is whole');

my $secret = '<script>alert(1)</script>';

fill(event(1), "\n", "$secret\n", "{\"id\":\"$secret\"\n", "\0\0\0\n",
     "{\"a\":1}\n", "[1]\n", '"' . $secret . "\"\n", event(2),
     substr(event(3), 0, -2) . ",\"x\":}\n", "\xff" . event(4),
     '{"id":"' . "\xff" . '","actionType":"X"}' . "\n",
     substr(event(5), 0, -1) . event(5), event(6));
$found = $view->ask;
is_deeply([numbers($found)], [6, 2, 1], 'only what is an event goes out');
is($found->{read}{garbage}, 11, 'the rest is counted');
unlike($found->{answer}{body}, qr/script|\xff|\0/, 'and nowhere in the answer');

my $long = 'x' x (3 * 1024 * 1024);

fill(event(1), event(2, more => $long), event(3, more => 'y' x 1_000_000),
     event(4, more => 'z' x 1_000_000), event(5, more => 'z' x 500_000));

@all = $view->all('limit=50');
is_deeply([map { numbers($_) } @all], [5, 4, 3, 1], 'long lines go out ...');
is($all[0]{end}, 'more', '... in several answers ...');
is(scalar(grep { length $_->{answer}{body} > 2 * 1024 * 1024 + 1024 } @all), 0,
   '... none of which is longer than 2 MB');
cmp_ok((map { $_->{read}{huge} } @all)[-1], '>=', 1, 'one is too long for any');

fill();
$found = $view->ask;
is_deeply([@$found{qw(http end head next)}], [200, 'oldest', undef, undef],
          'an empty file');
fill('no line');
is($view->ask->{end}, 'oldest', 'a file without a line');


# -- 10 GB of which most is a hole: each answer reads 8 MB and a little

fill(event(1));
truncate $made, 10 * 1024 ** 3 or die $!;
append("\n", map { event($_) } 2 .. 4);

$found = $view->ask('user=nobody');
is($found->{end}, 'more', 'a large file: there is more');
cmp_ok($found->{read}{bytes}, '<=', 10 * 1024 * 1024, 'bounded');
is($found->{read}{lines}, 3, 'all its lines but one');

my $next = $view->ask("user=nobody&cursor=$found->{next}");
is($next->{end}, 'more', 'and more');
cmp_ok($next->{read}{bytes}, '>=', 8 * 1024 * 1024, 'another 8 MB');

my ($inode) = $next->{next} =~ /^(\w+)\./;
my $near = sprintf '%s.%x.00000000-0000-0000-0000-000000000000', $inode,
    1024 * 1024;
$found = $view->ask("cursor=$near");
is_deeply([@$found{qw(http end)}, numbers($found)], [200, 'oldest', 1],
          'from within, the first line is found');


# -- cursors that were made up

fill(map { event($_) } 1 .. 3);

my ($id, $nobody) = ($view->ask('limit=1')->{next} =~ /^\w+\.\w+\.(.*)/,
                     '00000000-0000-0000-0000-000000000000');
$inode = sprintf '%x', (stat $made)[1];

my %forged = (
    'the inode of another file' => sprintf('%x.0.%s', (stat '/etc/passwd')[1], $nobody),
    'no inode' => "0.0.$nobody",
    'the largest inode' => 'f' x 16 . ".0.$nobody",
    'behind the end' => sprintf('%s.%x.%s', $inode, 1 + -s $made, $nobody),
    'the largest offset' => "$inode." . 'f' x 16 . ".$nobody",
    'the largest that is positive' => "$inode.7" . 'f' x 15 . ".$nobody",
    'another event' => "$inode.0.$id",
    'in the middle of one' => "$inode.5.$id",
);

for my $name (sort keys %forged) {
    my $r = $view->ask("cursor=$forged{$name}");
    is_deeply([@$r{qw(http end events)}], [410, 'gone', []], "$name: gone");
}

my $middle = length(event(1)) + 40;
$found = $view->ask(sprintf 'cursor=%s.%x.%s', $inode, $middle, $nobody);
is_deeply([$found->{http}, numbers($found)], [200, 1],
          'in the middle of a line: it is left out');


# -- rotation, between pages and in the middle

fill(map { event($_) } 11 .. 15);
$nginx->file('logs/made.log.1', join '', map { event($_) } 6 .. 10);
$nginx->file('logs/made.log.2', join '', map { event($_) } 1 .. 5);

is_deeply([numbers($view->ask)], [reverse 1 .. 15], 'rotated files are read');

my $first = $view->ask('limit=2');
$head = $first->{head};

rename "$made.$_", "$made." . ($_ + 1) for 2, 1;
rename $made, "$made.1" or die $!;

$found = $view->ask('limit=2');
is_deeply([numbers($found)], [15, 14], 'renamed, and not made anew yet');
is_deeply([numbers($view->ask("limit=200&cursor=$first->{next}"))],
          [reverse 1 .. 13], 'on from a file that was renamed');

fill(map { event($_) } 16 .. 17);
is_deeply([map { numbers($_) } $view->all("limit=4&cursor=$first->{next}")],
          [reverse 1 .. 13], 'and when there is a new one');
$found = $view->ask("after=$head");
is_deeply([$found->{end}, numbers($found)], ['after', 17, 16],
          'what is new, over a rotation');

rename "$made.2", "$made.2.gz" or die $!;
unlink "$made.3";
$found = $view->ask;
is_deeply([$found->{end}, numbers($found)], ['compressed', reverse 11 .. 17],
          'a compressed file is said');

unlink "$made.2.gz", "$made.1";
$found = $view->ask("cursor=$first->{next}");
is_deeply([@$found{qw(http end)}], [410, 'gone'], 'a file that is gone is said');

$first = $view->ask('limit=1');
fill();
is($view->ask("cursor=$first->{next}")->{http}, 410, 'one that was truncated');
fill(map { event($_) } 18 .. 40);
is($view->ask("cursor=$first->{next}")->{http}, 410, '... and written anew');
$found = $view->ask("after=$first->{head}");
is_deeply([$found->{end}, numbers($found)], ['oldest', reverse 18 .. 40],
          '... is all new');

unlink $made;
$found = $view->ask;
is_deeply([@$found{qw(http end events)}], [200, 'missing', []], 'no file at all');

mkdir $made;
is($view->ask->{http}, 500, 'no regular file');
like($nginx->log_text, qr/rtaudit_view cannot read ".*made\.log" \(22: /,
     'is in the error log');
rmdir $made;

# the sink itself

rename "$dir/logs/audit.log", "$dir/logs/audit.log.1" or die $!;
$nginx->reopen("$dir/logs/audit.log");
$own->ask('status=999');
$nginx->wait_for('the event of the read', sub { -s "$dir/logs/audit.log" });
cmp_ok(scalar @{$own->ask('limit=200')->{events}}, '>=', 30,
       'the events of a sink that was rotated');


# -- HTTP/2

SKIP: {
    skip 'no curl with HTTP/2', 2 unless `curl --version 2>&1` =~ /HTTP2/;

    fill(map { event($_) } 1 .. 9);

    my $r = $nginx->http2('GET', '/made/events?limit=3', port => 1);

    is($r->{status}, 200, 'HTTP/2');
    is_deeply([numbers(JSON::PP::decode_json($r->{body}))], [9, 8, 7],
              'HTTP/2: events');
}

$nginx->end(undef, 'sink "away" cannot write to');

done_testing();

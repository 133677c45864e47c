#!/usr/bin/perl

# rtaudit_level response: what of a response is in its event, on every way a
# response takes, and what is not shown.

use strict;
use warnings;
use lib 't/lib';

use Compress::Zlib ();
use Digest::SHA qw(hmac_sha256_hex);
use IO::Socket::INET;
use JSON::PP ();
use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::Raw;
use RT::View;


# -- an upstream whose answers are rows of a table: type, body, other headers

my $boundary = 'multipart/form-data; boundary=x';
my $part = "--x\r\nContent-Disposition: form-data; name=";
my $gzipped = Compress::Zlib::memGzip('{"a":"canary"}');

my %reply = (
    object  => ['application/json', '{"a":1,"b":{"password":"canary"},"a":2}'],
    array   => ['application/json; charset=utf-8', '[{"token":"canary"},2.50]'],
    string  => ['application/json', '"password=canary"'],
    problem => ['application/problem+json', '{"title":"x"}'],
    text    => ['text/plain', "all\nis well\n"],
    hiding  => ['text/plain', "password: canary\n"],
    xml     => ['text/xml', '<a><b>1</b></a>'],
    soap    => ['application/soap+xml', '<a><password>canary</password></a>'],
    form    => ['application/x-www-form-urlencoded', 'a=1&token=canary&b=%C3%A9'],
    parts   => [$boundary, "$part\"a\"\r\n\r\n1\r\n$part\"pin\"; filename=\"f\""
                           . "\r\n\r\ncanary\r\n--x--\r\n"],
    empty   => ['application/json', ''],
    html    => ['text/html', '<p>canary</p>'],
    xhtml   => ['application/xhtml+xml', '<p>canary</p>'],
    csv     => ['text/csv', "password\ncanary\n"],
    none    => ['', '{"a":"canary"}'],
    broken  => ['application/json', '{"a":"canary"'],
    lying   => ['application/json', '<p>canary</p>'],
    zipped  => ['application/json', $gzipped, 'Content-Encoding: gzip'],
    latin   => ['text/plain; charset=iso-8859-1', "canary \xe9"],
    bytes   => ['text/plain', "canary \xe9"],
    bound   => ['text/plain', 'x' x 1000],
    over    => ['text/plain', 'canary' . 'x' x 995],
    cut     => ['application/json', '{"a":"canary"}', 'Content-Length: 100'],
    part    => ['text/plain', 'canary', 'Content-Range: bytes 0-5/10'],
    include => ['text/plain', 'all <!--# include virtual="/to/text" --> is'],
    accel   => ['application/json', 'canary', 'X-Accel-Redirect: /file/a.json'],
    deep    => ['application/json', '[' x 64 . ']' x 64],
    rows    => ['application/json',
                '[' . join(',', map { '{"id":' . $_ . ',"t":"' . 'y' x 90 . '"}' }
                                1 .. 200) . ']'],
    secret  => ['application/json', '{"a":"canary-canary-canary-22"}'],
    page    => ['text/html', '<script nonce="canary-canary-canary-22"></script>'],
    marked  => ['text/x-page', 'canary-canary-canary-22'],
    named   => ['text/plain', '<script nonce="canary-canary-canary-22"></script>'],
);

my $upstream = RT::Raw::start(sub {
    my ($name) = $_[0] =~ m{^\S+ \S*/(\w+)};

    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
           . "Connection: upgrade\r\n\r\ncanary" if $name eq 'upgrade';
    return "HTTP/1.1 204 No Content\r\n\r\n" if $name eq 'nothing';

    my ($type, $body, @head) = @{$reply{$name} // ['text/plain', "no $name"]};

    push @head, "Content-Type: $type" if length $type;
    push @head, 'Content-Length: ' . length $body
        unless grep { /^Content-Length/ } @head;

    my $status = $name eq 'part' ? '206 Partial Content' : '200 OK';
    return join "\r\n", "HTTP/1.1 $status", 'Connection: close', @head, '',
                $_[0] =~ /^HEAD/ ? '' : $body;
});

my $live = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
    or die "listen: $!";
my $live_port = $live->sockport;

my $servers = <<"EOF" . <<'EOF';
    upstream app { server 127.0.0.1:$upstream; }
    upstream live { server 127.0.0.1:$live_port; }
EOF
    rtaudit_zone 8m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    rtaudit main;
    rtaudit_level response;
    rtaudit_redact name:pin;
    proxy_http_version 1.1;
EOF

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                           main => 'thread_pool default threads=2;',
                           http => $servers . <<'EOF');
    rtaudit_sink health file:%%DIR%%/logs/health.log class=health;
    charset_map koi8-r utf-8 { 80 E282AC; }
    proxy_cache_path %%DIR%%/cache keys_zone=kept:1m;
    map $status $is_error { ~^[45] 1; default 0; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;
        root %%DIR%%;

        location /to/ { proxy_pass http://app; }
        location /bound/ { rtaudit_body 1000; proxy_pass http://app; }
        location /zero/ { rtaudit_body 0; proxy_pass http://app; }
        location /small/ { rtaudit_max_event 8k; proxy_pass http://app; }
        location /flat/ { rtaudit_parameters flat; proxy_pass http://app; }
        location /stream/ {
            proxy_buffering off;
            proxy_pass http://live;
        }
        location /kept/ {
            proxy_cache kept;
            proxy_cache_valid 1h;
            add_header X-Cache $upstream_cache_status;
            proxy_pass http://app;
        }
        location /upgrade {
            proxy_set_header Connection upgrade;
            proxy_set_header Upgrade x;
            proxy_pass http://app;
        }
        location /cs/ { charset koi8-r; source_charset utf-8;
                        charset_types text/plain; proxy_pass http://app; }
        location /gzip/ { gzip on; gzip_types *; gzip_min_length 1;
                          proxy_pass http://app; }
        location /ssi/ { ssi on; ssi_types text/plain; proxy_pass http://app; }
        location /auth/ { auth_request /to/object; proxy_pass http://app; }

        location /file/ { types { application/json json; text/plain txt; }
                          rtaudit_redact json:/hidden; sendfile on; }
        location /aio/ { alias %%DIR%%/file/; aio threads; sendfile on;
                         types { application/json json; } }

        location /json { default_type application/json;
                         return 200 '{"a":"b"}'; }
        location /error { error_page 404 /file/a.json; return 404; }
        location /word { return 403 canary; }
        location /closed { return 444; }
        location /request/ { rtaudit_level request; proxy_pass http://app; }
        location /if/ {
            rtaudit_level response if=$is_error;
            rtaudit_level metadata;
            proxy_pass http://app;
        }
        location /if/404 {
            rtaudit_level response if=$is_error;
            rtaudit_level metadata;
            error_page 404 /file/a.json;
            return 404;
        }
        location /classes/ { rtaudit main health; proxy_pass http://app; }
        location /view/ { rtaudit_view open; }
        location /viewed { rewrite ^ /view/events last; }
        location /told { error_page 418 =200 /view/events; return 418; }
    }
EOF

$nginx->file('file/a.json', '{"file":1,"hidden":"canary"}');
$nginx->file('file/b.json', '{"file":2}');
$nginx->file('file/long.txt', 'canary' . 'z' x 100_000);
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $e;


sub told { $e = $audit->event; return $e->{metadata}{response} }


sub got {
    my ($uri, %opt) = @_;

    my $answer = $nginx->get($uri, %opt);
    told();

    return $answer;
}


sub is_told {
    my ($uri, $told, $name) = @_;

    got($uri);
    is_deeply($e->{metadata}{response}, $told, $name);
}


# -- shown, and redacted like a request

sub shown {
    my ($name, $kind, $body, %more) = @_;

    my ($type) = $reply{$name}[0] =~ /^([^;]+)/;
    my $bytes = length $reply{$name}[1];

    is_told("/to/$name", { kind => $kind, bytes => $bytes, captured => $bytes,
                           type => $type, body => $body, %more }, $name);
}

shown('object', 'json', { a => [1, 2], b => { password => '[REDACTED]' } },
      duplicates => JSON::PP::true);
is($e->{metadata}{level}, 'response', 'the level');
is_deeply($e->{metadata}{redactions},
          [{ ptr => '/metadata/response/body/b/password', act => 'mask',
             rule => 'builtin' }], 'what was taken out is noted');

shown('array', 'json', [{ token => '[REDACTED]' }, 2.5]);
like($audit->text, qr/,2\.50\]/, 'a number keeps its text');
shown('string', 'json', '[REDACTED]');
shown('problem', 'json', { title => 'x' });
shown('text', 'text', "all\nis well\n");
shown('hiding', 'text', '[REDACTED]');
shown('xml', 'text', '<a><b>1</b></a>');
shown('soap', 'text', '[REDACTED]');
shown('form', 'form', { a => '1', token => '[REDACTED]', b => "\x{e9}" });
shown('parts', 'multipart', { a => '1', pin => '[REDACTED]' });
shown('deep', 'json', JSON::PP->new->max_depth(64)->decode($reply{deep}[1]));

# -- not shown: why

my %not = (kind => 'unparsed', captured => 0);

is_told('/to/empty', { kind => 'none', bytes => 0, captured => 0 }, 'no body');
is_told('/to/html', { kind => 'opaque', bytes => 13, captured => 0,
                      type => 'text/html' }, 'another type');
is_told('/to/xhtml', { kind => 'opaque', bytes => 13, captured => 0,
                       type => 'application/xhtml+xml' }, 'HTML as XML');
is_told('/to/csv', { kind => 'opaque', bytes => 16, captured => 0,
                     type => 'text/csv' }, 'one without names');
is_told('/to/none', { kind => 'opaque', bytes => 14, captured => 0 },
        'no type');
is_told('/to/broken', { %not, bytes => 13, captured => 13, why => 'json',
                        type => 'application/json' }, 'no JSON');
is_told('/to/lying', { %not, bytes => 13, captured => 13, why => 'json',
                       type => 'application/json' }, 'HTML called JSON');
is_told('/to/zipped', { %not, bytes => length $gzipped, why => 'encoding',
                        captured => length $gzipped,
                        type => 'application/json' }, 'compressed upstream');
is_told("/to/$_", { %not, bytes => 8, captured => 8, why => 'charset',
                    type => 'text/plain' }, "charset: $_") for qw(latin bytes);
is_told('/to/part', { kind => 'unread', bytes => 6, captured => 0,
                      type => 'text/plain' }, 'a part');

got('/to/cut');
is($e->{metadata}{response}{kind}, 'unread', 'one that breaks off');
is($e->{metadata}{response}{bytes}, 14, 'what of it came');

is_told('/bound/bound', { kind => 'text', bytes => 1000, captured => 1000,
                          type => 'text/plain', body => 'x' x 1000 },
        'as long as the bound');
is_told('/bound/over', { %not, bytes => 1001, why => 'size',
                         type => 'text/plain' }, 'longer');
is_told('/zero/text', { %not, bytes => 12, why => 'size',
                        type => 'text/plain' }, 'rtaudit_body 0');

got('/cs/text');
is($e->{metadata}{response}{why}, 'charset', 'a charset that nginx makes');

# -- the client gets what it got before; a compressor comes after us

my $answer = got('/gzip/object', headers => ['Accept-Encoding: gzip']);
like($answer->{head}, qr/^Content-Encoding: gzip/mi, 'compressed by nginx');
is(Compress::Zlib::memGunzip($answer->{body}), $reply{object}[1], 'whole');
is($e->{metadata}{response}{kind}, 'json', 'and shown');

# -- statuses and methods without a body, parts, files

$nginx->request('HEAD', '/to/object');
is_deeply(told(), { kind => 'none', bytes => 0, captured => 0 }, 'HEAD');
is_told('/to/nothing', { kind => 'none', bytes => 0, captured => 0 },
        'status 204');
is_told('/closed', undef, 'nothing was answered');

my %file = (kind => 'json', bytes => 28, captured => 28,
            type => 'application/json');

for my $uri ('/file/a.json', '/error', '/to/accel') {
    is_told($uri, { %file, body => { file => 1, hidden => '[REDACTED]' } },
            "a file: $uri");
}

is_told('/aio/b.json', { kind => 'json', bytes => 10, captured => 10,
                         type => 'application/json', body => { file => 2 } },
        'a file that threads read');

$answer = got('/file/long.txt');
is($answer->{body}, 'canary' . 'z' x 100_000, 'a long file goes out');
is_deeply($e->{metadata}{response}, { %not, bytes => 100_006, why => 'size',
                                      type => 'text/plain' }, 'and is counted');

$answer = got('/file/a.json', headers => ['Range: bytes=0-7']);
is($answer->{body}, '{"file":', 'a range of a file');
is_deeply($e->{metadata}{response},
          { kind => 'unread', bytes => 8, captured => 0,
            type => 'application/json' }, 'is a part');

my ($etag) = $answer->{head} =~ /^ETag: (\S+)/m;
got('/file/a.json', headers => ["If-None-Match: $etag"]);
is($e->{status}, 304, 'not modified');
is($e->{metadata}{response}{kind}, 'none', 'no body');

for my $from ('the upstream', 'the cache') {
    $answer = got('/kept/rows');
    is($answer->{body}, $reply{rows}[1], "rows from $from");
    is(scalar @{$e->{metadata}{response}{body}}, 200, 'all of them');
}

like($answer->{head}, qr/^X-Cache: HIT/m, 'which had them');

# -- internal redirects, subrequests, what nginx says itself

is_told('/json', { kind => 'json', bytes => 9, captured => 9,
                   type => 'application/json', body => { a => 'b' } }, 'return');

got('/ssi/include');
is($e->{metadata}{response}{body}, "all all\nis well\n is", 'with its parts');
got('/auth/text');
is($e->{metadata}{response}{body}, "all\nis well\n",
   'not what a subrequest was told');

# -- levels

got('/request/object');
is($e->{metadata}{level}, 'request', 'another level');
ok(!exists $e->{metadata}{response}, 'knows nothing of the response');

got('/if/object');
is($e->{metadata}{level}, 'metadata', 'captured in vain');
ok(!exists $e->{metadata}{response}, 'and not shown');
got('/if/404');
is_deeply($e->{metadata}{response}{body}, { file => 1, hidden => '[REDACTED]' },
          'captured, for a condition may hold at the end');

got('/flat/object');
is_deeply($e->{metadata}{response}{body},
          [{ name => 'a', value => '1', where => 'json' },
           { name => 'b', value => '{"password":"[REDACTED]"}',
             where => 'json' },
           { name => 'a', value => '2', where => 'json' }], 'flat');

got('/classes/object');
my ($health) = RT::Audit->new($nginx->dir . '/logs/health.log')->event;
is_deeply($health->{metadata}{response}, { kind => 'json' },
          'class=health: nothing but the kind');

# -- bounds of the line

got('/small/rows');
like(join(' ', @{$e->{metadata}{truncated}}), qr{^/metadata/response/body/\d+},
     'cut on a border');
cmp_ok(scalar @{$e->{metadata}{response}{body}}, '>', 10, 'with a part of it');

$nginx->post('/small/rows', 'application/json',
             JSON::PP::encode_json({ map { ("n$_" => 'v' x 90) } 1 .. 200 }));
told();
cmp_ok(scalar @{$e->{metadata}{response}{body}}, '>', 3,
       'a long request leaves it room');

# -- in pieces, as they come; an upgrade; HTTP/2

my $client = $nginx->ask('/stream/x');
my $app = $live->accept;

$app->sysread(my $request, 65536);
$app->syswrite("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
               . "Connection: close\r\n\r\n{\"a\":");
like($nginx->rest($client, 0, qr/\{"a":/), qr/\{"a":/, 'a piece is not held');
$app->syswrite('"b"}');
close $app;
$nginx->rest($client);
is_deeply(told()->{body}, { a => 'b' }, 'all of it is shown');

$client = $nginx->ask('/stream/x');
$app = $live->accept;
$app->sysread($request, 65536);
$app->syswrite("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
               . "Connection: close\r\n\r\ncanary");
$nginx->rest($client, 0, qr/canary/);
close $client;
is_deeply(told(), { kind => 'unread', bytes => 6, captured => 0,
                    type => 'text/plain' }, 'a client that goes');
is($e->{metadata}{stage}, 'aborted', 'in the middle');
close $app;

$nginx->raw("GET /upgrade HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n"
            . "Connection: upgrade\r\n\r\n", until => qr/canary/);
is(told()->{kind}, 'unread', 'another protocol');
is($e->{status}, 101, 'was answered');

SKIP: {
    skip 'no curl with HTTP/2', 1
        if `curl --version 2>/dev/null` !~ /HTTP2/;

    $nginx->http2('GET', '/to/array', port => 1);
    is_deeply(told()->{body}, [{ token => '[REDACTED]' }, 2.5], 'HTTP/2');
}

# -- the audit page shows it, and what it answers is no event's

my $found = RT::View->new($nginx, '/view/')->ask('path=/to/xml');
is($found->{events}[0]{metadata}{response}{body}, '<a><b>1</b></a>',
   'rtaudit_view');
told();
ok(!exists $e->{metadata}{response}, 'is not captured itself');

for my $uri ('/viewed', '/told') {
    like(got($uri)->{body}, qr/"events":/, "$uri shows it, too");
    ok(!exists $e->{metadata}{response}, 'and is not captured');
}

unlike($audit->text, qr/canary/, 'no secret');
$audit->none_more;
$nginx->end;


# -- with a key, an HMAC of what is not shown but is all there

my $key = '0123456789abcdef' x 2;
my $keyed = RT::Nginx->new(modules => ['rtaudit'],
                           http => $servers . <<"EOF" . <<'EOF');
    rtaudit_hmac_key kid=k key=data:$key;
EOF
    rtaudit_body 1000;
    server {
        listen 127.0.0.1:%%PORT0%%;
        location /to/ { proxy_pass http://app; }
        location /file/ { root %%DIR%%; types { image/png png; } }
    }
EOF

$keyed->file('file/a.png', 'canary');
$keyed->start;
$audit = RT::Audit->new($keyed->dir . '/logs/audit.log');

my %hashed = ((map { ("/to/$_" => $reply{$_}[1]) } qw(html broken zipped parts)),
              '/file/a.png' => 'canary');

for my $uri (sort keys %hashed) {
    $keyed->get($uri);
    is(told()->{hmac}, 'hmac-sha256:k:' . hmac_sha256_hex($hashed{$uri}, $key),
       "an HMAC: $uri");
}

for my $name (qw(object over cut part)) {
    $keyed->get("/to/$name");
    ok(!exists told()->{hmac}, "none: $name");
}

unlike($audit->text, qr/canary/, 'no secret');
$keyed->end;


# -- behind rtcsp, in whatever order they are loaded: neither what stands for a
# nonce in a page, nor a nonce

for my $modules (['rtaudit', 'rtcsp'], ['rtcsp', 'rtaudit']) {
    my $both = RT::Nginx->new(modules => $modules,
                              http => $servers . <<'EOF');
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtcsp on;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:canary-canary-canary-22;
        location / { proxy_pass http://app; }
        location /named { rtcsp_types text/plain; proxy_pass http://app; }
        location /zipped { proxy_pass http://app; }
    }
EOF
    $both->start;
    $audit = RT::Audit->new($both->dir . '/logs/audit.log');

    $both->get('/secret');
    is_deeply(told()->{body}, { a => 'x' x 23 }, "@$modules: overwritten");

    $answer = $both->get('/page');
    my ($nonce) = $answer->{body} =~ /nonce="([\w-]{32})"/;
    ok($nonce, 'a page has a nonce');
    is(told()->{kind}, 'opaque', 'and is not shown');

    $answer = $both->get('/named');
    my ($other) = $answer->{body} =~ /nonce="([\w-]{32})"/;
    ok($other, 'so has a page of another type');
    is(told()->{why}, 'nonce', 'nor is that');
    ok(!exists $e->{metadata}{response}{body}, 'not even in part');

    $both->get('/zipped', headers => ['Accept-Encoding: gzip']);
    is_deeply(told()->{body}, { a => 'canary' }, 'inflated by rtcsp');

    like($audit->text, qr/x{23}/, 'lines were looked at');
    unlike($audit->text, qr/canary-canary|\Q$nonce\E|\Q$other\E/, 'no secret');
    $both->end;
}


# -- what compresses must come after us, and does not matter at other levels

for my $try (['response', 1], ['request', 0]) {
    my ($level, $refused) = @$try;
    my ($rc, $out) = RT::Nginx->new(modules => ['rtaudit', 'zstd_filter'],
                                    http => <<"EOF")->try;
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    server { rtaudit main; rtaudit_level $level; }
EOF
    is($rc, $refused, "zstd after rtaudit, level $level");
    $refused ? like($out, qr/"ngx_http_zstd_filter_module" would compress pages before "ngx_http_rtaudit_module" reads them: put the "load_module" of rtaudit after its own/, 'and the mend') : pass('as before');
}

done_testing();

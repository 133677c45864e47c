#!/usr/bin/perl

# rt csp lint, hash and suggest.  What suggest writes goes through nginx -t, and
# what the policy is then.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_base64);
use JSON::PP;
use Test::More;

use RT::Nginx;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => []);
my $json = JSON::PP->new->canonical->utf8;


sub rt { my $in = shift; RT::Tool::run($nginx, $in, 'csp', @_) }


# what is given, the exit code and what is said

my @lint = (
    ["default-src 'self'; base-uri 'none'", 0, qr/^rt csp lint: 0 findings in 1 policy$/],
    ["default-src 'self';\nscript-src 'unsafe-inline'\n", 1,
     qr/^warning: script-src 'unsafe-inline': .* \(unsafe-inline\)$/m],
    ['scrip-src x', 1, qr/\(unknown-directive\)$/m],
    ["script-src 'nonce-abcdefghijklmnopqrst'", 1, qr/\(static-nonce\)$/m],
    ["img-src *\x07", 1, qr/^error: .*[^\x07]\n/m],
    ["HTTP/2 200\r\ncontent-type: text/html\r\n\r\n", 1,
     qr/^error: the response has no policy \(no-policy\)$/m],
    ["HTTP/1.1 200 OK\r\nContent-Security-Policy: default-src 'none'; base-uri "
     . "'none'; script-src 'nonce-abcdefghijklmnopqrst'\r\n\r\n", 0,
     qr/^rt csp lint: 0 findings in 1 policy$/],
    ["HTTP/1.1 200 OK\nContent-Security-Policy: default-src 'none', img-src "
     . "*\nContent-Security-Policy-Report-Only: default-src 'none'\n\n", 1,
     qr/\(report-only-silent\)\nrt csp lint: \d findings in 3 policies$/],
    ["HTTP/1.1 200 OK\nContent-Security-Policy: script-src "
     . "'nonce-abcdefghijklmnopqrst'\n\n", 1, qr/\(no-base-uri\)$/m],
);

for (@lint) {
    my ($text, $code, $says) = @$_;

    my ($rc, $out) = rt($text, 'lint');
    is($rc, $code, "lint: $text");
    like($out, $says, 'says so');
}

$nginx->file('policy', "default-src 'self'");
is((rt('', 'lint', 'policy'))[0], 0, 'a file');
is((rt('', 'lint', '--report-only', 'policy'))[0], 1, 'only reported');
is((rt('', 'lint', 'none'))[0], 2, 'no file');
is((rt('', 'lint'))[0], 2, 'nothing');
is((rt('x', 'lint', '--x'))[0], 2, 'no option');


# hashes, beside Perl's

sub line { 'sha256-' . sha256_base64($_[0]) . "=  # $_[1]\n" }

$nginx->file('a.js', "alert(1)\r\n");
$nginx->file('p.HTML', <<"EOT" =~ s/~/\r/gr);
<!doctype html><title><script>no</script></title>
<script>one()</script><script src=x>no</script>
<SCRIPT TYPE=module data-src=y>~
two~three</SCRIPT >
<script type="application/json">{"no":1}</script>
<script type=text/javascript><!-- <script>in</script> --></script>
<script></script><!-- <script>no</script> --><p title="<script>no</script>">
<script>open
EOT

my ($rc, $out, $err) = rt('', 'hash', 'a.js', 'p.HTML');

is($rc, 0, 'hash');
is($err, '', 'no trouble');
is($out, line("alert(1)\r\n", 'a.js') . line('one()', 'p.HTML:2')
         . line("\ntwo\nthree", 'p.HTML:3')
         . line('<!-- <script>in</script> -->', 'p.HTML:6')
         . line('', 'p.HTML:7'), 'of a file, and of each script of a page');

$nginx->file('stop.htm', '<script>a</script><frameset><script>b</script>');
($rc, $out, $err) = rt('', 'hash', 'none', 'stop.htm', 'a.js');
is($rc, 2, 'a file that is not there');
like($err, qr/none: No such file.*stop\.htm: what follows may be read/s, 'says');
is($out, line('a', 'stop.htm:1') . line("alert(1)\r\n", 'a.js'),
   'the others are hashed');
is((rt('', 'hash'))[0], 2, 'no file');

$nginx->file('types.html', <<'EOT');
<style>p { color: red }</style><STYLE media=print>q</STYLE>
<script type="text/javascript1.5">a</script><script type=text/jscript>b</script>
<script type=" text/javascript ">c</script><script type="module ">d</script>
<script type=text/x-tmpl>no</script><title><style>no</style></title>
<svg><style>no</style></svg><script type=module src="">no</script>
EOT

is((rt('', 'hash', 'types.html'))[1], join('', map { line(@$_) }
   ['p { color: red }', 'types.html:1'], ['q', 'types.html:1'],
   ['a', 'types.html:2'], ['b', 'types.html:2'],
   ['c', 'types.html:3'], ['d', 'types.html:3']),
   'styles, and each type that runs');


# reports in an audit file, and what they lack

my $n = 0;

sub event {
    my ($action, @violations) = @_;

    return $json->encode({
        id => sprintf('0188f843-7d8c-7000-8000-%012x', $n++),
        actionType => $action, status => 204,
        createdAt => '2026-11-29T12:00:00.000Z',
        request => { method => 'POST', url => '/r' },
        metadata => { stage => 'complete',
                      rtcsp => { violations => \@violations } },
    }) . "\n";
}


sub v {
    my ($directive, $blocked, $class, %more) = @_;

    return { directive => $directive, blocked => $blocked,
             class => $class // 'app', disposition => 'report',
             document => 'https://app.example/p', %more };
}


$nginx->file('audit.log', join '',
    event('CSP_VIOLATION', v('img-src', 'https://cdn.example/x.png'),
          v('img-src', 'https://cdn.example/y.png'),
          v('img-src', 'data'), v('img-src', 'https://app.example/own')),
    event('CSP_VIOLATION', v('script-src-elem', 'https://cdn.example/a.js')),
    event('CSP_VIOLATION', v('script-src-elem', 'https://unpkg.com/a.js'),
          v('script-src-elem', 'inline', 'inline'),
          v('script-src', 'eval', 'eval'), v('script-src', 'wasm-eval', 'eval'),
          v('script-src-elem', 'data:')),
    event('CSP_VIOLATION', v('script-src-elem', 'https://app.example/up/x.js'),
          v('default-src', 'https://evil.example/x'),
          v('object-src', 'https://app.example/x'),
          v('base-uri', 'https://evil.example/'),
          v('form-action', 'https://evil.example/'),
          v('frame-ancestors', 'https://evil.example/'),
          v('worker-src', 'https://evil.example/w.js'),
          v('child-src', 'blob'), v('form-action', 'self'),
          v('script-src-attr', 'inline', 'inline'),
          v('script-src-attr', 'https://evil.example/'),
          v('style-src-attr', 'inline', 'inline')),
    event('CSP_VIOLATION', v('connect-src', 'wss://push.example:8443/s'),
          v('connect-src', 'http://plain.example/')),
    event('CSP_VIOLATION', v('script-src-elem', 'chrome-extension:', 'extension'),
          v('img-src', 'http://127.0.0.1:1/x', 'injected')),
    event('CSP_VIOLATION', v('x-src', 'https://cdn.example/x'),
          v('img-src', 'https://h;x/', 'app', document => "a\nb"),
          v('img-src', 'weird'),
          v('trusted-types', 'https://x.example/'), v('sandbox', 'self'),
          v('img-src', 'inline', 'inline'), v('base-uri', 'wasm-eval', 'eval'),
          v('font-src', 'https://f.example/', 'app',
            document => "https://h/\n} evil;")),
    event('HTTP_REQUEST', v('media-src', 'https://never.example/')));

($rc, $out, $err) = rt('', 'suggest', 'audit.log');

is($rc, 0, 'suggest');
is($err, '', 'no trouble');
like($out, qr/^# rt csp suggest: 34 violations, 2 of them/, 'counts');
unlike($out, qr/never|chrome|127\.0/, 'nothing of noise and of other events');

is_deeply([sort $out =~ /^(rtcsp_directive .*)$/mg], [
    'rtcsp_directive connect-src + wss://push.example:8443;',
    'rtcsp_directive font-src + https://f.example;',
    'rtcsp_directive img-src + data:;',
    'rtcsp_directive img-src + https://cdn.example;',
    'rtcsp_directive img-src + self;',
    'rtcsp_directive script-src + wasm-unsafe-eval;',
], 'what would allow the others');

is_deeply([sort $out =~ /^# (rtcsp_directive .*)$/mg], [
    'rtcsp_directive base-uri + https://evil.example;',
    'rtcsp_directive child-src + blob:;',
    'rtcsp_directive connect-src + http://plain.example;',
    'rtcsp_directive default-src + https://evil.example;',
    'rtcsp_directive form-action + https://evil.example;',
    'rtcsp_directive form-action + self;',
    'rtcsp_directive frame-ancestors + https://evil.example;',
    'rtcsp_directive object-src + self;',
    'rtcsp_directive script-src + data:;',
    'rtcsp_directive script-src + https://cdn.example;',
    'rtcsp_directive script-src + https://unpkg.com;',
    'rtcsp_directive script-src + self;',
    'rtcsp_directive script-src + unsafe-eval;',
    'rtcsp_directive script-src + unsafe-inline;',
    'rtcsp_directive script-src-attr + unsafe-inline;',
    'rtcsp_directive style-src-attr + unsafe-inline;',
    'rtcsp_directive worker-src + https://evil.example;',
], 'what weakens the policy, or what an attack reports, is a comment');

is((() = $out =~ /^# risky: \S/mg), 17, 'with the reason');
like($out, qr/^# risky: .*no nonce helps there.*\n# rtcsp_directive script-src-attr/m,
     'handlers');
like($out, qr/^# 2 reports, the last of https:\/\/app\.example\/p\nrtcsp_directive img-src \+ https:\/\/cdn/m,
     'how often, and where');

my $server = RT::Nginx->new(modules => ['rtcsp'], http => <<'EOT');
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtcsp talisman;
        include %%DIR%%/inc/suggested;
        location / { return 200; }
        location /pages/ {
            alias %%DIR%%/pages/; types { } default_type text/html;
            rtcsp_nonce gated hash=%%DIR%%/inc/hashes;
            rtcsp_nonce_in script-src style-src;
        }
    }
EOT

# the hashes as nginx takes them: what was hashed has the nonce, and no other

my @pages = qw(p.HTML stop.htm types.html);
my %page = map { $_ => RT::Nginx::slurp($nginx->dir . "/$_") } @pages;

$server->file("pages/$_", $page{$_}) for @pages;
$server->file('pages/other', join '', map { s/(?=<\/(?:script|style))/ /gir }
                                      values %page);
$server->file('inc/hashes', (rt('', 'hash', @pages))[1]);
$server->file('inc/suggested', $out);
$server->start;

my ($policy) = $server->get('/')->{head}
               =~ /^Content-Security-Policy: (.*?)\r?$/m;

like($policy, qr/; img-src 'self' (?=.*https:\/\/cdn\.example)[^;]*data:/,
     'nginx takes it');
like($policy, qr/script-src 'self' [^;]*'wasm-unsafe-eval'/, 'all of it');
unlike($policy, qr/unsafe-inline|unpkg|evil|http:/, 'but for what is risky');

my %have = ('p.HTML' => 4, 'stop.htm' => 1, 'types.html' => 6, other => 0);

for my $name (sort keys %have) {
    my $answer = $server->get("/pages/$name");
    my ($nonce) = $answer->{head} =~ /script-src [^;]*'nonce-([\w-]{32})'/;

    my $body = $answer->{body};
    my @hashed = (rt('', 'hash', $name))[1] =~ /^sha256-\S+/mg;

    is($body =~ s/ nonce=\Q$nonce\E//g || 0, $have{$name}, "$name: nonces");
    is(@hashed, $have{$name}, '... as many as there are hashes')
        if $page{$name};
    is($body, $page{$name}, '... and nothing else') if $page{$name};
}
$server->end;

$nginx->file('empty.log', event('LOGIN'));
is((rt('', 'suggest', 'empty.log'))[0], 1, 'nothing to propose');
is((rt('', 'suggest', '--since', '2027-01-01', 'audit.log'))[0], 1,
   'filters of rt audit');
is((rt('', 'suggest', 'none'))[0], 2, 'no file');
is((rt('', 'other'))[0], 2, 'no verb');

done_testing();

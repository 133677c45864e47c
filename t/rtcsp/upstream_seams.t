# rtcsp_nonce upstream where nginx asks more than once, answers for upstream, or
# puts an answer together: what the application made as nonce leaves nginx
# nowhere, and each page has one of its own, in policy and script alike.

use strict;
use warnings;

use lib 't/lib';

use File::Temp qw(tempdir);
use Test::More;

use RT::Nginx;
use RT::Raw;

my $dir = tempdir(CLEANUP => 1);

# a nonce that is written down, for what must not be seen

sub make {
    open my $random, '<', '/dev/urandom' or die $!;
    sysread $random, my $bytes, 16;
    my $nonce = unpack 'H*', $bytes;

    open my $made, '>>', "$dir/made" or die $!;
    syswrite $made, "$nonce\n";

    return $nonce;
}

sub answer {
    my ($status, $nonce, $body, @lines) = @_;

    return join "\r\n", "HTTP/1.1 $status", 'Content-Type: text/html',
        "Content-Security-Policy: script-src 'nonce-$nonce'",
        'Content-Length: ' . length $body, 'Connection: close', @lines, '',
        $body;
}

# The application: a page, of which each answer says "n" more; /check lets
# everybody in; what is asked with an ETag has not changed, unless it is
# "gone", from when on there is an error.

sub app {
    my ($request) = @_;

    my ($method, $uri) = $request =~ m{^(\S+) (\S+)};
    my $nonce = make();
    my $page = "<script nonce=\"$nonce\">run()</script><p>$nonce";

    return answer('200 OK', $nonce, '')
        if $uri eq '/check';

    return answer('404 Not Found', $nonce, $page) if $uri =~ m{/missing$};

    return answer('500 Error', $nonce, $page)
        if $uri eq '/gone' && $request =~ /^If-None-Match: "e"/mi;

    return answer('304 Not Modified', $nonce, '', 'ETag: "e"')
        =~ s/Content-Length.*\r\n//r
        if $request =~ /^If-None-Match: "e"/mi;

    return answer('200 OK', $nonce, $method eq 'HEAD' ? '' : $page,
                  'ETag: "e"', 'Set-Cookie: a=b', 'Vary: *',
                  'Cache-Control: private, max-age=1');
}

my $app = RT::Raw::start(\&app);
my $pass = "proxy_pass http://127.0.0.1:$app;";

# of a file, which nginx cuts in slices

my $fixed = make();
my $sliced = "<script nonce=\"$fixed\"></script>" . ("<p>text $fixed</p>" x 20)
             . "<script nonce=\"$fixed\"></script>";

my $nginx = RT::Nginx->new(modules => ['rtcsp'], ports => 3, http => <<"EOF");
    proxy_cache_path %%DIR%%/cache keys_zone=c:1m;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT1%% http2;

        rtcsp_nonce           upstream;
        proxy_cache_key       \$uri\$slice_range;
        proxy_cache_valid     1s;
        proxy_ignore_headers  Cache-Control Set-Cookie Vary;
        add_header            X-Cache \$upstream_cache_status always;

        location /           { proxy_cache c; proxy_cache_valid 1h; $pass }
        location /plain/     { $pass }
        location /revalidate { proxy_cache c; proxy_cache_revalidate on; $pass }
        location /gone {
            proxy_cache            c;
            proxy_cache_revalidate on;
            proxy_cache_use_stale  http_500;
            $pass
        }
        location /background {
            proxy_cache                    c;
            proxy_cache_use_stale          updating;
            proxy_cache_background_update  on;
            $pass
        }

        location /asked/ { auth_request /check; $pass }
        location /told/ {
            auth_request  /check;
            proxy_pass    http://127.0.0.1:%%PORT2%%/none;
        }

        location = /check { internal; proxy_cache c; $pass }
        location /missing {
            proxy_intercept_errors  on;
            error_page              404 /oops;
            $pass
        }

        location /sliced {
            slice             256;
            proxy_cache       c;
            proxy_cache_valid 206 1h;
            proxy_set_header  Range \$slice_range;
            proxy_pass        http://127.0.0.1:%%PORT2%%;
        }
    }

    server {
        listen        127.0.0.1:%%PORT2%%;
        root          %%DIR%%/html;
        default_type  text/html;
        add_header    Content-Security-Policy "script-src 'nonce-$fixed'";

        location = /none { add_header X-None 1; return 200 "<script>"; }
    }
EOF

$nginx->file('html/sliced', $sliced);
$nginx->start;

my %seen;
my @answers;

sub get {
    my ($uri, %opt) = @_;

    my $answer = $opt{http2} ? $nginx->http2($opt{method} || 'GET', $uri, %opt)
                 : $nginx->request($opt{method} || 'GET', $uri, %opt);
    push @answers, $answer->{raw};

    ($answer->{nonce}) = $answer->{head}
        =~ /^content-security-policy: script-src 'nonce-([\w-]{32})'\r?$/mi;
    ($answer->{cache}) = $answer->{head} =~ /^x-cache: (\w+)/mi;

    return $answer;
}

# a page whose script has the nonce of its policy, which nobody had before

sub page {
    my ($name, $uri, %opt) = @_;

    my $answer = get($uri, %opt);
    my $nonce = $answer->{nonce} // 'none';

    ok($nonce ne 'none' && !$seen{$nonce}++, "$name: a new nonce");
    like($answer->{body}, qr/^<script nonce="\Q$nonce\E">/, '... in the page')
        if ($opt{method} // '') ne 'HEAD';
    is($answer->{cache}, $opt{cache}, '... out of the cache') if $opt{cache};
    is($answer->{status}, $opt{status} // 200, '... and its status');

    return $answer;
}

page('filled', "/$_", cache => 'MISS') for qw(revalidate gone background);

page('auth_request', '/asked/');
page('auth_request, cached', '/asked/');

my $told = get('/told/');
is($told->{nonce}, undef, 'a nonce of auth_request is nobody\'s');
is("$told->{status} $told->{body}", '200 <script>', '... and the page is whole');

page('intercepted', '/missing', status => 404);
page('an error page', '/plain/missing', status => 404);

page('HEAD first', '/head', method => 'HEAD', cache => 'MISS');
page('GET after it', '/head', cache => 'HIT');
page('HEAD', '/head', method => 'HEAD', cache => 'HIT');
page('HEAD, not cached', '/plain/', method => 'HEAD');

page('HTTP/2', '/head', http2 => 1, port => 1, cache => 'HIT');
page('HTTP/2, HEAD', '/head', http2 => 1, port => 1, method => 'HEAD');
page('HTTP/2, not cached', '/plain/', http2 => 1, port => 1);

for my $cache (qw(MISS HIT)) {
    my $answer = page('slices', '/sliced', cache => $cache);

    is($answer->{body} =~ s/\Q$answer->{nonce}\E/N/gr,
       $sliced =~ s/"$fixed"/"N"/gr =~ s/$fixed/'x' x 32/ger,
       '... in all of them');
}

# expired: with the 304 and the 500 comes another nonce, of no page

for (['revalidate', 'REVALIDATED'], ['gone', 'STALE'], ['background', 'STALE'])
{
    my ($uri, $want) = @$_;
    my @bad;

    ok($nginx->wait_for($want, sub {
        my $answer = get("/$uri");

        my $nonce = $answer->{nonce} // 'none';

        push @bad, $answer->{raw}
            if $answer->{body} !~ /^<script nonce="\Q$nonce\E">/
               || $seen{$nonce}++;

        return $answer->{cache} eq $want;
    }), "$uri: $want");

    is_deeply(\@bad, [], '... each time with a new nonce');
}

page('behind a 304', '/revalidate');

$nginx->end;

my $made = RT::Nginx::slurp("$dir/made");
my @leaked = grep { my $n = $_; grep { index($_, $n) >= 0 } @answers }
             split ' ', $made;

cmp_ok(length $made, '>', 33 * 10, 'the application made many');
is_deeply(\@leaked, [], '... and none was sent to anybody');
is_deeply([grep { index($nginx->log_text, $_) >= 0 } split ' ', $made], [],
          '... or logged');

done_testing();

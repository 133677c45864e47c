# A worker that is short of memory: each allocation of a request fails in turn.
# What the client then gets is an error, or the beginning of the page, but no
# placeholder, and no page without a policy; and the worker lives on.

use strict;
use warnings;

use lib 't/lib';

use Compress::Zlib qw(memGzip);
use Digest::SHA qw(sha256_base64);
use File::Temp qw(tempdir);
use Test::More;

use RT::Nginx;
use RT::Preload;
use RT::Raw;

plan(skip_all => 'ASan has a malloc() of its own') if $ENV{RT_ASAN};


# A file that the test and nginx share: how many allocations are left until one
# fails; 0 is none.

my $dir = tempdir(CLEANUP => 1);
my $left = "$dir/left";

my $preload = RT::Preload::build(<<'EOF');
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

extern void  *__libc_malloc(size_t);
extern void  *__libc_memalign(size_t, size_t);

static volatile int  *left;

__attribute__((constructor)) static void
begin(void)
{
    void  *p;

    p = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED,
             open(getenv("RT_LEFT"), O_RDWR), 0);
    left = (p == MAP_FAILED) ? NULL : p;
}

static int
fails(void)
{
    if (left == NULL || *left == 0) {
        return 0;
    }

    --*left;

    return *left == 0;
}

void *
malloc(size_t size)
{
    if (fails()) {
        errno = ENOMEM;
        return NULL;
    }

    return __libc_malloc(size);
}

int
posix_memalign(void **p, size_t align, size_t size)
{
    *p = fails() ? NULL : __libc_memalign(align, size);

    return *p ? 0 : ENOMEM;
}
EOF

sub arm {
    my ($n) = @_;

    open my $fh, '+<', $left or die $!;
    syswrite $fh, pack 'i', $n;
}

sub unused {
    open my $fh, '<', $left or die $!;
    sysread $fh, my $n, 4;

    return unpack 'i', $n;
}

open my $new, '>', $left or die $!;
print $new "\0" x 4096;
close $new or die $!;


my $Secret = 'pH7-placeholder_0123456789abcdef';
my $page = "<script nonce=\"$Secret\">run()</script><p>$Secret"
           . '<script>run()</script>';
my $gzip = memGzip($page);
my $hash = sha256_base64('run()') . '=';

my $app = RT::Raw::start(sub {
    my $body = $_[0] =~ m{^GET /zip} ? $gzip : $page;

    return join "\r\n", 'HTTP/1.1 200 OK', 'Content-Type: text/html',
        "Content-Security-Policy: script-src 'nonce-$Secret'",
        $body eq $gzip ? 'Content-Encoding: gzip' : 'X-Plain: 1',
        'Content-Length: ' . length $body, 'Connection: close',
        'Set-Cookie: session=a', "Link: </a>; nonce=$Secret", '', $body;
});

# small pools: hardly any allocation is part of another

my $nginx = RT::Nginx->new(modules => ['rtcsp'], http => <<"EOF");
    request_pool_size     256;
    connection_pool_size  256;
    gzip                  off;
    log_format            event '\$rtcsp_event';
    access_log            logs/event.log event;

    server {
        listen                127.0.0.1:%%PORT0%%;
        rtcsp                 strict;
        rtcsp_nonce_in        script-src style-src;
        rtcsp_report_only_policy  "default-src 'self' \$host";
        rtcsp_report_uri      /report;
        rtcsp_session_cookie  session;
        default_type          text/html;
        root                  %%DIR%%/html;

        location = /status { rtcsp_status; }

        location /zip {
            rtcsp_nonce  placeholder=data:$Secret;
            proxy_pass   http://127.0.0.1:$app;
            proxy_set_header  Accept-Encoding gzip;
        }

        location /placeholder { rtcsp_nonce placeholder=data:$Secret; }

        location /upstream { rtcsp_nonce upstream; proxy_pass http://127.0.0.1:$app; }

        location /gated {
            rtcsp_nonce gated src=/a/
                hash=sha256-$hash=;
        }

        location /auto { rtcsp talisman; rtcsp_nonce unsafe-auto; }
    }
EOF

$nginx->file("html/$_", $page) for qw(placeholder gated auto);

{
    local $ENV{RT_LEFT} = $left;
    RT::Preload::with($preload, sub { $nginx->start });
}

my @workers = $nginx->workers;


# an answer, and the nonce of its policy

sub get {
    my ($way) = @_;

    my $answer = $nginx->get("/$way", headers => ['Accept-Encoding: gzip']);
    my ($nonce) = $answer->{head}
        =~ /^Content-Security-Policy: [^\r]*'nonce-([\w-]{32})'/m;

    return ($answer, $nonce // 'none');
}


for my $way (qw(placeholder zip upstream gated auto)) {
    my %seen;
    my $secret = $way =~ /placeholder|zip|upstream/;
    my $n = 0;
    my @bad;

    do {
        arm(++$n);

        my ($answer, $nonce) = get($way);
        my $raw = $answer->{raw} // '';

        $seen{$answer->{status}}++;

        push @bad, "$n: a live placeholder: $raw"
            if $secret && $raw =~ /$Secret/;
        push @bad, "$n: no policy: $raw"
            if $answer->{status} == 200
               && $answer->{head} !~ /^Content-Security-Policy: /m;

        # that of the policy, or what stood in the page, or what overwrites it

        push @bad, "$n: another nonce: $raw"
            if grep { $_ ne $nonce && $_ ne $Secret && $_ ne 'x' x 32 }
                    ($answer->{body} // '') =~ /nonce="?([\w-]{32})/g;
    } until unused() || $n == 1000;

    arm(0);

    my ($answer, $nonce) = get($way);

    like($answer->{body}, qr/<script nonce="?\Q$nonce\E"?>run/,
         "$way: with memory, the script has the nonce");
    cmp_ok($n, '<', 1000, "$way: every allocation failed, $n of them");
    cmp_ok($n, '>', 10, '... and there were some');
    is(join("\n", @bad), '', '... and nothing is given away');
    ok($seen{200} && $seen{200} < $n, '... some of which a page needs');
}

is_deeply([$nginx->workers], \@workers, 'the worker lives on');

$nginx->end(undef, 'malloc|posix_memalign');
done_testing();

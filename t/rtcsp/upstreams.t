# Pages of upstreams of every kind, byte by byte: HTTP in all framings, FastCGI,
# uwsgi, SCGI and gRPC; what they are asked for, and what they must not send.

use strict;
use warnings;

use lib 't/lib';

use IO::Compress::Gzip qw(gzip);
use Test::More;

use RT ();
use RT::Nginx;
use RT::Raw;

my $Secret = 'pH7-placeholder_0123456789abcdef';

my $Page = "<!doctype html><title>$Secret</title><script nonce=\"$Secret\">"
           . "if (1 < 2) '$Secret'</script><p>$Secret</p><img alt='$Secret'>"
           . "<link rel=stylesheet nonce='$Secret' href=a.css>"
           . "<!-- <script nonce=$Secret> --><script nonce=$Secret></script>";

# as an application says it of a nonce of its own

my $Policy = "Content-Security-Policy: script-src 'nonce-$Secret'; "
             . "style-src 'nonce-$Secret'\r\n";

# with N for the nonce

(my $Want = $Page) =~ s/(?:"$Secret"|nonce='$Secret'|nonce=$Secret>(?!\s))/
                        $& =~ s{$Secret}{N}r/gex;
$Want =~ s/$Secret/'x' x 32/ge;

gzip(\$Page, \my $Gzipped) or die;

# the body as a request asks for it by words of its query

sub body { $_[0] =~ /gzip=1/ ? $Gzipped : $Page }

sub coding { $_[0] =~ /(gzip|br|zstd)=1/ ? "Content-Encoding: $1\r\n" : '' }

# Accept-Encoding and what must not come, as a kind of request has them

sub asked {
    my ($request) = @_;

    my ($coding) = $request =~ /^Accept-Encoding: ([^\r]*)/mi;
    ($coding) = $request =~ /HTTP_ACCEPT_ENCODING[\0-\x1f]*([\w, ]*)/
        if !defined $coding;
    my ($more) = $request =~ /(?:HTTP_)?((?:If[-_])?Range|If[-_]None)/i;

    return 'X-Asked: ' . join(' ', $coding || 'plain', $more // ()) . "\r\n";
}

sub http {
    my ($request) = @_;

    my $body = body($request);
    my $head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n$Policy"
               . coding($request) . asked($request) . "Connection: close\r\n";

    return $head . 'Content-Length: ' . length($body) . "\r\n\r\n$body"
        if $request =~ /length=1/;

    return $head . "Transfer-Encoding: chunked\r\n\r\n"
           . join('', map { "1\r\n$_\r\n" } split //, $body) . "0\r\n\r\n"
        if $request =~ /chunked=1/;

    return "$head\r\n$body";
}

sub cgi {
    my ($request) = @_;

    return "Status: 200 OK\r\nContent-Type: text/html\r\n$Policy"
           . coding($request) . asked($request) . "\r\n" . body($request);
}

# each byte of the page is a record

sub fastcgi {
    my ($head, $body) = split /(?<=\r\n\r\n)/, cgi(@_), 2;

    return join('', map { pack('CCnnCC', 1, 6, 1, length, 0, 0) . $_ }
                    $head, split(//, $body), '')
           . pack('CCnnCC', 1, 3, 1, 8, 0, 0) . pack('NN', 0, 0);
}

my %port = (
    proxy => RT::Raw::dripped(\&http), fastcgi => RT::Raw::dripped(\&fastcgi),
    uwsgi => RT::Raw::dripped(\&cgi), scgi => RT::Raw::dripped(\&cgi),
);

# Buffers of one byte (the first holds what came with the head), none, and as
# many as nginx takes by itself.

sub buffers {
    my ($kind) = @_;

    return { none => "${kind}_buffering off;", own => '',
             bytes => "${kind}_buffer_size 1k; ${kind}_buffers 1100 1;
                       ${kind}_busy_buffers_size 1k;" };
}

my %pass = (proxy => 'proxy_pass http://', uwsgi => 'uwsgi_pass ',
            scgi => 'scgi_pass ', fastcgi => 'fastcgi_pass ');
my $locations = '';

for my $kind (sort keys %pass) {
    my $buffers = buffers($kind);

    for my $how (sort keys %$buffers) {
        my $params = $kind eq 'proxy' ? ''
                     : "${kind}_param QUERY_STRING \$query_string;";

        $locations .= <<EOF;
            location /$kind/$how {
                $buffers->{$how} $params
                $pass{$kind}127.0.0.1:$port{$kind};
            }
EOF
    }
}

# a param that says it once more is made of the same lines

$locations .= <<EOF;
            location /param {
                fastcgi_param  QUERY_STRING          \$query_string;
                fastcgi_param  HTTP_ACCEPT_ENCODING  \$http_accept_encoding;
                fastcgi_param  HTTP_RANGE            \$http_range if_not_empty;
                fastcgi_pass   127.0.0.1:$port{fastcgi};
            }
EOF

my $nginx = RT::Nginx->new(modules => ['rtcsp'], ports => 3, http => <<EOF);
    postpone_output  1;

    server {
        listen          127.0.0.1:%%PORT0%%;
        rtcsp           talisman;
        rtcsp_nonce_in  script-src style-src;
        rtcsp_nonce     placeholder=data:$Secret;
        $locations

        location /grpc/ {
            grpc_pass  grpc://127.0.0.1:%%PORT1%%;
        }
    }

    server {
        listen       127.0.0.1:%%PORT2%%;
        rtcsp_nonce  upstream;
        $locations
    }

    server {
        listen          127.0.0.1:%%PORT1%% http2;
        root            %%DIR%%/html;
        output_buffers  1 1;
        add_header      X-Asked "\$http_accept_encoding\$http_range";
        add_trailer     X-Trailer $Secret;

        location /grpc/br/ {
            alias       %%DIR%%/html/grpc/;
            add_header  Content-Encoding br;
        }
    }
EOF

mkdir $nginx->dir . "/html";
chmod 0755, $nginx->dir . "/html";
$nginx->file('html/grpc/page.html', $Page);
$nginx->start;

my @BROWSER = ('Accept-Encoding: gzip, deflate, br, zstd', 'Range: bytes=0-9',
               'If-Range: "a"', 'If-None-Match: "a"');

sub page {
    my ($uri, $port) = @_;

    my $answer = $nginx->get($uri, headers => \@BROWSER, port => $port);
    my $self = $port ? '' : "'self' ";
    my ($nonce) = $answer->{head} =~ /script-src ${self}'nonce-([\w-]{32})'/;

    is($answer->{status}, 200, "$uri - 200");
    ok(defined $nonce, "$uri - a nonce in the policy") or return $answer;

    my $body = $answer->{body} =~ s/\Q$nonce\E/N/gr;
    ok($body eq $Want, "$uri - the page is as it should be")
        or diag($body);
    unlike($answer->{raw}, qr/$Secret/, "$uri - no placeholder");

    return $answer;
}

for my $kind (sort keys %pass) {
    for my $how (qw(none own bytes)) {
        for my $query ($kind eq 'proxy'
                       ? map { ("$_=1", "$_=1&gzip=1") } qw(length chunked close)
                       : ('', 'gzip=1'))
        {
            my $answer = page("/$kind/$how?$query");

            like($answer->{head}, qr/^X-Asked: gzip\r?$/mi,
                 "/$kind/$how?$query - asked for gzip at most, and the whole");
        }
    }

    for my $coding (qw(br zstd)) {
        my $answer = $nginx->get("/$kind/own?$coding=1");

        is($answer->{status}, 502, "$kind in $coding - 502");
        unlike($answer->{raw}, qr/$Secret/, "$kind in $coding - nothing raw");
    }
}

page("/$_/none", 2) for sort keys %pass;
page('/fastcgi/bytes?gzip=1', 2);

like(page('/param')->{head}, qr/^X-Asked: gzip\r?$/mi, 'as a param, too');

like(page('/grpc/page.html')->{head}, qr/^X-Asked: gzip\r?$/mi,
     'gRPC - asked for gzip at most, and the whole');

is($nginx->get('/grpc/br/page.html')->{status}, 502, 'gRPC in br - 502');

$nginx->end;
done_testing;

# The same over HTTP/2, by curl on a unix socket: header and body have one
# nonce, HEAD has the headers of GET, big pages come whole.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Secret = 'pH7-placeholder_0123456789abcdef';
our $Page = "<p>some text of a long page, line by line</p>\n" x 4000
            . "<script nonce=\"$Secret\"></script>$Secret\n"
            . "<p>some text of a long page, line by line</p>\n" x 4000;

sub curl {
    my $sock = html_dir() . '/h2.sock';

    open my $fh, '-|', 'curl', '-s', '-i', '-m', '60',
         '--http2-prior-knowledge', '--unix-socket', $sock, @_
        or die "curl: $!";
    local $/;
    my $answer = <$fh>;
    close $fh;

    return split /\r\n\r\n/, $answer, 2;
}

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->h2;

    my $name = $block->name;

    for my $uri (split ' ', $block->h2) {
        my ($head, $page) = curl("http://localhost$uri");

        Test::More::like($head, qr{^HTTP/2 200}, "$name - $uri is HTTP/2");
        my ($nonce) = $head =~ /'nonce-([\w-]{32})'/;
        Test::More::ok($nonce, "$name - $uri has a nonce");

        (my $want = $Page) =~ s/nonce="\K$Secret/$nonce/;
        $want =~ s/$Secret/'x' x 32/e;
        Test::More::ok($page eq $want, "$name - $uri is as it should be")
            or Test::More::diag(length($page) . ' of ' . length($want));

        my ($same) = curl('--head', "http://localhost$uri");
        s/(nonce-)[\w-]{32}|^date: .*?$/$1 || ''/gem for $head, $same;
        Test::More::is($same, $head, "$name - HEAD of $uri equals GET");
    }
});

plan_all();
run_tests();

__DATA__

=== TEST 1: files, upstream, gzip of upstream, a slow client
--- user_files eval: ">>> page.html\n$::Page"
--- http_config eval
"server {
    listen unix:\$TEST_NGINX_HTML_DIR/h2.sock http2;
    root \$TEST_NGINX_HTML_DIR;
    rtcsp talisman;
    rtcsp_nonce_in script-src;
    rtcsp_nonce placeholder=data:$::Secret;
    location /slow/ { alias \$TEST_NGINX_HTML_DIR/; limit_rate 400k; output_buffers 2 4k; }
    location /tiny/ { alias \$TEST_NGINX_HTML_DIR/; output_buffers 1 3; postpone_output 0; }
    location /up/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; }
    location /off/ { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/; proxy_buffering off; }
    location /gz/ {
        proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/up.sock:/;
        proxy_set_header Accept-Encoding gzip;
    }
}
server {
    listen unix:\$TEST_NGINX_HTML_DIR/up.sock;
    root \$TEST_NGINX_HTML_DIR;
    gzip on;
    gzip_http_version 1.0;
    gzip_proxied any;
}"
--- config
    location /t { return 200; }
--- request
GET /t
--- timeout: 60
--- h2: /page.html /slow/page.html /up/page.html /off/page.html /gz/page.html /tiny/page.html

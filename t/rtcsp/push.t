# A call without buffers pushes what filters behind rtcsp still hold: upstream
# in gzip pauses, and a client that begins to read only then gets all that was
# sent before the pause.

use lib 't/lib';
use RT qw(rtcsp);

use Compress::Raw::Zlib;
use IO::Select;
use IO::Socket::UNIX;
use POSIX ();

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Secret = 'pH7-placeholder_0123456789abcdef';

# Random digits, which gzip makes half as long: more than a socket takes, less
# than a socket and the buffers of nginx's gzip (gzip_buffers).

our $Part = join('', map { sprintf "%08x\n", RT::chance() * 2 ** 32 }
                     1 .. 80000)
            . "<script nonce=$Secret></script>\n-- END OF PART --\n";


# ret: how many bytes the other side has not read yet

use constant TIOCOUTQ => 0x5411;

sub unread {
    my ($c) = @_;

    ioctl $c, TIOCOUTQ, my $n = pack 'i', 0 or die "ioctl: $!";

    return unpack 'i', $n;
}


# answers one request, says when nginx has read what there is, and waits for a
# byte from the test before it goes on

sub upstream {
    my ($listen, $read, $go) = @_;

    my ($z) = Compress::Raw::Zlib::Deflate->new(-WindowBits => WANT_GZIP,
                                                -AppendOutput => 1);
    my $out = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n"
              . "Content-Encoding: gzip\r\n\r\n";

    $z->deflate($Part, $out);
    $z->flush($out, Z_SYNC_FLUSH);

    my $c = $listen->accept or die "accept: $!";
    sysread $c, my $request, 65536;

    for (my $n = 0; $n < length $out; ) {
        $n += syswrite($c, $out, 65536, $n) // last;
    }

    for (my $n = 0; unread($c) && $n < 2000; $n++) {
        select undef, undef, undef, 0.01;
    }

    syswrite $read, unread($c) ? 'n' : 'y';
    sysread $go, my $byte, 1;

    $out = '';
    $z->deflate("-- END --\n", $out);
    $z->flush($out);
    syswrite $c, $out;
    close $c;
}


# ret: what came until it matched, or 20 seconds long nothing came

sub read_until {
    my ($c, $what) = @_;

    my $s = '';

    while ($s !~ $what && IO::Select->new($c)->can_read(20)) {
        sysread($c, $s, 16384, length $s) or last;
    }

    return $s;
}


add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run || !defined $block->push;

    my $name = $block->name;
    my $path = html_dir() . '/push.sock';

    my $listen = IO::Socket::UNIX->new(Local => $path, Listen => 1)
        or die "$path: $!";
    pipe my $go, my $tell or die "pipe: $!";
    pipe my $has, my $read or die "pipe: $!";

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        close $tell;
        close $has;
        eval { upstream($listen, $read, $go) };
        POSIX::_exit(0);
    }

    close $go;
    close $read;

    my $c = IO::Socket::UNIX->new(Peer => html_dir() . '/client.sock')
        or die "client: $!";
    syswrite $c, "GET /t HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n";

    sysread $has, my $all, 1;
    Test::More::is($all, 'y', "$name - nginx has read it");

    my $s = read_until($c, qr/\r\n\r\n/);
    my ($head, $rest) = split /\r\n\r\n/, $s, 2;

    Test::More::like($head, qr/Content-Encoding: gzip/, "$name - in gzip");

    my ($z) = Compress::Raw::Zlib::Inflate->new(-WindowBits => WANT_GZIP,
                                                -AppendOutput => 1);
    my $page = '';

    $z->inflate($rest, $page);

    while ($page !~ /END OF PART/ && IO::Select->new($c)->can_read(20)) {
        sysread($c, my $more, 16384) or last;
        $z->inflate($more, $page);
    }

    (my $nonce) = $head =~ /'nonce-([\w-]{32})'/;
    (my $want = $Part) =~ s/$Secret/$nonce/;

    Test::More::ok($page eq $want,
                   "$name - all that upstream sent before it paused")
        or Test::More::diag(length($page) . ' of ' . length $want);

    syswrite $tell, 'x';
    close $tell;

    $rest = read_until($c, qr/(?!)/);
    $z->inflate($rest, $page);

    Test::More::ok($page eq "$want-- END --\n", "$name - and the rest");

    waitpid $pid, 0;
    unlink $path;
});

plan_all();
run_tests();

__DATA__

=== TEST 1: gzip in, gzip out, a pause
--- http_config eval
"server {
     listen unix:\$TEST_NGINX_HTML_DIR/client.sock;
     rtcsp talisman;
     rtcsp_nonce_in script-src;
     rtcsp_nonce placeholder=data:$::Secret;
     gzip on;
     gzip_proxied any;
     gzip_buffers 128 4k;
     gzip_http_version 1.0;
     proxy_buffering off;
     location /t { proxy_pass http://unix:\$TEST_NGINX_HTML_DIR/push.sock; }
 }"
--- config
    location /ok { return 200; }
--- request
GET /ok
--- push

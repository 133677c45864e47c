# Requests that wait for keys: they survive whatever happens around them, and
# nothing waits for ever.

use lib 't/lib';
use strict;
use warnings;

use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_RCVBUF inet_aton sockaddr_in);
use Test::More;
use Time::HiRes qw(time);

use RT::Idp;
use RT::Nginx;


sub http_block {
    my ($realm, $extra, $location) = @_;

    my $idp = idp($realm);
    $extra //= '';
    $location //= '';

    return <<"END";
    rtauth_zone 1m;
    rtauth_provider p {
        issuer    $idp;
        audience  tools;
        jwks_uri  $idp/jwks;
        $extra
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        location /t {
            rtauth p;
            add_header X-Result \$rtauth_result always;
        }
        location /open { return 200 open; }
        location /twice { auth_request /sub; alias %%DIR%%/html/t; }
        location = /sub { internal; rtauth p; alias %%DIR%%/html/t; }
        $location
    }
END
}


sub server {
    my ($http, %more) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtauth'], level => 'info',
                               http => $http, %more);
    $nginx->file('html/t', "hello\n");

    return $nginx->start;
}


sub status {
    my ($nginx, $path, @headers) = @_;
    return $nginx->get($path, headers => \@headers)->{status};
}


sub ctl {
    my ($path) = @_;
    return HTTP::Tiny->new->get(idp('ctl') . $path)->{content};
}


# the provider was asked for the keys of a realm, $count times or more

sub asked {
    my ($nginx, $realm, $count) = @_;

    ok($nginx->wait_for("the fetch of $realm", sub {
        ctl("/$realm/count") =~ /jwks=(\d+)/ && $1 >= $count
    }), "$realm: $count fetches are under way or done");
}


subtest 'clients that go away leave no trace' => sub {
    my $nginx = server(http_block('slow.abort', 'timeout 5s;'));
    my $line = bearer(iss => idp('slow.abort'));

    my @gone = map { $nginx->ask('/t', $line) } 1 .. 20;
    my $stays = $nginx->ask('/t', $line);

    close $_ for @gone;

    like($nginx->rest($stays), qr/^HTTP\/1.1 200 .*hello\n\z/s,
         'the one that waits gets its answer');

    is(status($nginx, '/t', bearer(iss => idp('slow.abort'))), 200,
       'so does the next');

    $nginx->end;
};


subtest 'a client that aborts is noticed while it waits' => sub {
    my $nginx = server(http_block('hang.notice', 'timeout 8s;'));
    my $line = bearer(iss => idp('hang.notice'));

    my $socket = $nginx->ask('/t', $line);
    close $socket;

    ok($nginx->wait_for('the abort is in the log',
        sub { $nginx->log_text =~ /client .*closed connection/ }),
       'before any timeout');

    $nginx->end('TERM');
};


subtest 'nobody waits for ever' => sub {
    my $nginx = server(http_block('hang.wait', 'timeout 300ms;'));
    my $start = time;
    my $res = $nginx->get('/t', headers => [bearer(iss => idp('hang.wait'))]);

    is($res->{status}, 503, 'the keys cannot be had');
    like($res->{head}, qr/^X-Result: keys_unavailable\r?$/m, 'and that is why');
    like($res->{head}, qr/^Retry-After: \d/m, 'come back later');
    cmp_ok(time - $start, '<', 2.5, 'said in time');

    is(status($nginx, '/open'), 200, 'other locations do not care');

    $nginx->end;
};


subtest 'a hundred wait' => sub {
    my $nginx = server(http_block('hang.many', 'timeout 2s;'));
    my $line = bearer(iss => idp('hang.many'));
    my @sockets = map { $nginx->ask('/t', $line) } 1 .. 100;

    my %status;
    $status{ $nginx->answer($_)->{status} }++ for @sockets;

    is_deeply(\%status, { 503 => 100 }, 'all of them are told');

    $nginx->end;
};


# a page asks for each of its parts at once, over one connection

subtest 'a thousand wait, not more' => sub {
    my $nginx = server(http_block('hang.bound', 'timeout 20s;', <<'END'));
        location = /page { ssi on; ssi_types *; alias %%DIR%%/html/page; }
END
    my $waits = 1024;
    my $more = 6;

    $nginx->file('html/page', join '', map {
        qq(<!--# include virtual="/t?$_" -->)
    } 1 .. $waits + $more);

    my $socket = $nginx->ask('/page', bearer(iss => idp('hang.bound')));
    my $full = qr/"p": $waits requests wait for it already/;

    ok($nginx->wait_for('the refusals', sub {
        my $n = () = $nginx->log_text =~ /$full/g;
        $n == $more
    }), 'one line for each that is too many');

    is(status($nginx, '/t', bearer(iss => idp('hang.bound'))), 503,
       'nor does another request wait');
    is(status($nginx, '/open'), 200, 'other locations do not care');

    close $socket;
    $nginx->end('TERM');
};


# what the log says of the next try: nobody has to wait for it

subtest 'a failed fetch is tried again after twice the time' => sub {
    my $nginx = server(http_block('e500.again', "timeout 1s;\n"
                                               . 'jwks_cooldown 3s;'));
    my $line = bearer(iss => idp('e500.again'));
    my @next;

    is(status($nginx, '/t', $line), 503, 'the keys cannot be had');

    ok($nginx->wait_for('three failures', sub {
        @next = $nginx->log_text =~ /could not be fetched.*next try in (\d+)ms/g;
        status($nginx, '/t', $line);
        @next >= 3
    }), 'it is tried again');

    my @wanted = (1000, 2000, 3000);

    for (0 .. 2) {
        cmp_ok($next[$_], '<=', $wanted[$_], "after $wanted[$_] ms at most");
        cmp_ok($next[$_], '>=', $wanted[$_] * 0.9, 'and nine tenths of it');
    }

    $nginx->end('QUIT', 'could not be fetched');
};


subtest 'streams of HTTP/2' => sub {
    my $http = http_block('hold.h2', 'timeout 9s;');
    my $nginx = server($http =~ s/listen 127.0.0.1:%%PORT0%%/$& http2/r);
    my $token = token(iss => idp('hold.h2'));

    open my $out, '-|', 'node', 't/lib/RT/h2.mjs',
         'http://127.0.0.1:' . $nginx->port, "Bearer $token",
         idp('ctl/hold.h2/release'), qw(/t !/t /open /t /t) or die $!;

    is(<$out>, "200 gone 200 200 200\n", 'wait and go away one by one');

    $nginx->end;
};


# nginx has no connection left for the fetch: it fails, and is tried again

subtest 'no connection is left for a fetch' => sub {
    my ($hang, $ok) = (idp('hang.none'), idp('age1-close.none'));

    my $nginx = server(<<"END", connections => 12);
    rtauth_zone 1m;
    rtauth_provider h { issuer $hang; audience tools; jwks_uri $hang/jwks;
                        timeout 30s; }
    rtauth_provider p { issuer $ok; audience tools; jwks_uri $ok/jwks;
                        jwks_cooldown 1s; }
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        location = /h { rtauth h; }
        location = /t { rtauth p; }
    }
END

    is(status($nginx, '/t', bearer(iss => $ok)), 200, 'keys are there');

    my $line = bearer(iss => $hang);
    my @sockets = map { $nginx->ask('/h', $line) } 1 .. 12;

    ok($nginx->wait_for('a fetch that found no connection',
        sub { $nginx->log_text =~ /no free connection or event/ }),
       'none is free');

    close $_ for @sockets;
    my ($n) = ctl('/age1-close.none/count') =~ /jwks=(\d+)/;

    asked($nginx, 'age1-close.none', $n + 1);
    is(status($nginx, '/t', bearer(iss => $ok)), 200, 'all is well');

    $nginx->end('TERM', 'worker_connections are not enough');
};


subtest 'a subrequest waits' => sub {
    my $nginx = server(http_block('slow.sub'));

    is(status($nginx, '/twice', bearer(iss => idp('slow.sub'))), 200,
       'and is let in');
    is(status($nginx, '/twice'), 401, 'an anonymous one is not');

    $nginx->end;
};


subtest 'a worker that is told to quit answers who waits' => sub {
    my $nginx = server(http_block('slow.quit'));
    my $socket = $nginx->ask('/t', bearer(iss => idp('slow.quit')));

    asked($nginx, 'slow.quit', 1);

    # the worker took the waiting one before this one

    is(status($nginx, '/open'), 200, 'another one is answered');

    $nginx->signal('QUIT');

    like($nginx->rest($socket), qr/^HTTP\/1.1 200 .*hello\n\z/s,
         'with what he asked for');

    ok($nginx->wait_for('the end', sub { !$nginx->master }), 'and ends');
    $nginx->quiet;
};


subtest 'a worker that is told to quit does not wait for a fetch' => sub {
    my $nginx = server(http_block('hang.quit', 'timeout 60s;'));

    asked($nginx, 'hang.quit', 1);

    $nginx->end;
};


subtest 'a worker killed in the middle of a fetch does not keep it' => sub {
    my $nginx = server(http_block('hang.kill', 'timeout 1s;'),
                       workers => 2);

    asked($nginx, 'hang.kill', 1);

    ctl('/hang.kill/mode/ok');

    my @workers = $nginx->workers;
    kill KILL => @workers;

    ok($nginx->wait_for('keys', sub {
        status($nginx, '/t', bearer(iss => idp('hang.kill'))) == 200
    }), 'its time runs out, another one fetches');

    $nginx->end('QUIT', 'exited on signal 9');
};


# An upload: bytes come in while it waits, and each of them has its phases run
# when the connection's last answer was too big for the socket's buffers, for
# nginx goes on to watch both directions.  Another worker's fetch may be over
# then, and this worker not have seen it yet.

sub upload {
    my ($nginx, $line) = @_;

    my $s = IO::Socket::INET->new(Proto => 'tcp') or die $!;
    setsockopt $s, SOL_SOCKET, SO_RCVBUF, 8192;
    connect $s, sockaddr_in($nginx->port, inet_aton('127.0.0.1')) or die $!;

    $s->syswrite("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");

    my $got = 0;

    while ($got < 8 << 20) {
        my $n = $s->sysread(my $part, 1 << 16) or die 'the big answer is short';
        $part =~ s/.*?\r\n\r\n//s unless $got;
        $got += length $part;
    }

    $s->syswrite("POST /post HTTP/1.1\r\nHost: localhost\r\n"
                 . "Connection: close\r\n$line\r\nContent-Length: 4000\r\n\r\n");

    return { socket => $s, left => 4000 };
}


sub trickle {
    my @uploads = @_;

    for my $u (grep { $_->{left} > 1 } @uploads) {
        $u->{left} -= $u->{socket}->syswrite('x') // 0;
    }
}


sub answers {
    my ($nginx, @uploads) = @_;
    my %status;

    $_->{socket}->syswrite('x' x $_->{left}) for @uploads;
    $status{ $nginx->answer($_->{socket})->{status} }++ for @uploads;

    return \%status;
}


subtest 'uploads that wait are read, whoever has fetched the keys' => sub {
    my $idp = idp('hold.upload');
    my $http = http_block('hold.upload', 'timeout 40s; jwks_cooldown 1s;',
                          'location /post { rtauth p; client_body_timeout 60s;
                               proxy_pass http://127.0.0.1:%%PORT0%%/open; }
                           location = /big { }');
    my $nginx = server($http =~ s/listen 127.0.0.1:%%PORT0%%/$& reuseport/r,
                       workers => 2);

    $nginx->file('html/big', 'x' x (8 << 20));

    for my $key (qw(k1 k2)) {
        my ($n) = ctl('/hold.upload/count') =~ /jwks=(\d+)/;

        if ($key eq 'k2') {
            ctl('/hold.upload/mode/hold');
            ctl('/hold.upload/publish/k1,k2');
        }

        my $line = bearer(iss => $idp, key => $key);
        my @uploads = map { upload($nginx, $line) } 1 .. 16;

        asked($nginx, 'hold.upload', $key eq 'k1' ? 1 : $n + 1);

        trickle(@uploads) for 1 .. 20;
        ctl('/hold.upload/release');
        trickle(@uploads) for 1 .. 2000;

        is_deeply(answers($nginx, @uploads), { 200 => 16 }, "$key: all end");
    }

    $nginx->end;
};


# attempts of other workers went by that this one did not look at: none of them
# may be taken for the one a request waits for

subtest 'a new key, met by all of several workers' => sub {
    my $nginx = server(http_block('age1.several', 'jwks_cooldown 1s;'),
                       workers => 4);

    asked($nginx, 'age1.several', 3);

    ctl('/age1.several/publish/k1,k2');

    my $line = bearer(iss => idp('age1.several'), key => 'k2');
    my @sockets = map { $nginx->ask('/t', $line) } 1 .. 32;

    my %status;
    $status{ $nginx->answer($_)->{status} }++ for @sockets;

    is_deeply(\%status, { 200 => 32 }, 'all of them get the right set');

    $nginx->end;
};


subtest 'a reload in the middle of a fetch' => sub {
    my $http = http_block('slower.reload');
    my $nginx = server($http);

    my $socket = $nginx->ask('/t', bearer(iss => idp('slower.reload')));

    asked($nginx, 'slower.reload', 1);

    ok($nginx->reload, 'reloaded');

    is(status($nginx, '/t', bearer(iss => idp('slower.reload'))), 200,
       'the new worker waits for the old one');
    like($nginx->rest($socket), qr/^HTTP\/1.1 200 /, 'the old one answers');
    like(ctl('/slower.reload/count'), qr/jwks=1$/, 'with one fetch');

    $nginx->end;
};


done_testing();

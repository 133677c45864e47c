# Requests that wait for keys: they survive whatever happens around them, and
# nothing waits for ever.

use lib 't/lib';
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use RT::Idp;
use RTServer;


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
        listen %%PORT%%;
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
    return RTServer->new(modules => ['rtauth'], http => $http, %more);
}


sub auth { return { Authorization => 'Bearer ' . token(@_) } }

sub ctl {
    my ($path) = @_;
    return HTTP::Tiny->new->get(idp('ctl') . $path)->{content};
}


subtest 'clients that go away leave no trace' => sub {
    my $nginx = server(http_block('slow.abort', 'timeout 5s;'));
    my $line = bearer(iss => idp('slow.abort'));

    my @gone = map { $nginx->request('/t', $line) } 1 .. 20;
    my $stays = $nginx->request('/t', $line);

    close $_ for @gone;

    like($nginx->answer($stays), qr/^HTTP\/1.1 200 .*hello\n\z/s,
         'the one that waits gets its answer');

    is($nginx->get('/t', auth(iss => idp('slow.abort')))->{status}, 200,
       'so does the next');

    $nginx->stop;
};


subtest 'a client that aborts is noticed while it waits' => sub {
    my $nginx = server(http_block('hang.notice', 'timeout 8s;'));
    my $line = bearer(iss => idp('hang.notice'));

    my $socket = $nginx->request('/t', $line);
    close $socket;

    ok($nginx->until(sub { $nginx->log =~ /client .*closed connection/ },
                     'the abort is in the log'),
       'before any timeout');

    $nginx->stop('TERM');
};


subtest 'nobody waits for ever' => sub {
    my $nginx = server(http_block('hang.wait', 'timeout 300ms;'));
    my $start = time;
    my $res = $nginx->get('/t', auth(iss => idp('hang.wait')));

    is($res->{status}, 503, 'the keys cannot be had');
    is($res->{headers}{'x-result'}, 'keys_unavailable', 'and that is why');
    ok($res->{headers}{'retry-after'}, 'come back later');
    cmp_ok(time - $start, '<', 2.5, 'said in time');

    is($nginx->get('/open')->{status}, 200, 'other locations do not care');

    $nginx->stop;
};


subtest 'a hundred wait' => sub {
    my $nginx = server(http_block('hang.many', 'timeout 2s;'));
    my $line = bearer(iss => idp('hang.many'));
    my @sockets = map { $nginx->request('/t', $line) } 1 .. 100;

    my %status;
    $status{ ($nginx->answer($_) // '') =~ /^HTTP\/1.1 (\d+)/ ? $1 : 0 }++
        for @sockets;

    is_deeply(\%status, { 503 => 100 }, 'all of them are told');

    $nginx->stop;
};


subtest 'streams of HTTP/2' => sub {
    my $http = http_block('hold.h2', 'timeout 9s;');
    my $nginx = server($http =~ s/listen %%PORT%%/$& http2/r);
    my $token = token(iss => idp('hold.h2'));

    open my $out, '-|', 'node', 't/lib/RT/h2.mjs',
         "http://127.0.0.1:$nginx->{port}", "Bearer $token",
         idp('ctl/hold.h2/release'), qw(/t !/t /open /t /t) or die $!;

    is(<$out>, "200 gone 200 200 200\n", 'wait and go away one by one');

    $nginx->stop;
};


# nginx has no connection left for the fetch: it fails, and is tried again

subtest 'no connection is left for a fetch' => sub {
    my ($hang, $ok) = (idp('hang.none'), idp('age1.none'));

    my $nginx = server(<<"END", connections => 12,
    rtauth_zone 1m;
    rtauth_provider h { issuer $hang; audience tools; jwks_uri $hang/jwks;
                        timeout 30s; }
    rtauth_provider p { issuer $ok; audience tools; jwks_uri $ok/jwks;
                        jwks_cooldown 1s; }
    server {
        listen %%PORT%%;
        root   %%DIR%%/html;
        location = /h { rtauth h; }
        location = /t { rtauth p; }
    }
END
                       allow => qr/worker_connections are not enough/);

    is($nginx->get('/t', auth(iss => $ok))->{status}, 200, 'keys are there');

    my $line = bearer(iss => $hang);
    my @sockets = map { $nginx->request('/h', $line) } 1 .. 12;

    ok($nginx->until(sub { $nginx->log =~ /no free connection or event/ },
                     'a fetch that found no connection'), 'none is free');

    close $_ for @sockets;
    my ($n) = ctl('/age1.none/count') =~ /jwks=(\d+)/;

    ok($nginx->until(sub { ctl('/age1.none/count') =~ /jwks=(\d+)/ && $1 > $n },
                     'the next one'), 'the next one gets through');
    is($nginx->get('/t', auth(iss => $ok))->{status}, 200, 'all is well');

    $nginx->stop('TERM');
};


subtest 'a subrequest waits' => sub {
    my $nginx = server(http_block('slow.sub'));

    is($nginx->get('/twice', auth(iss => idp('slow.sub')))->{status}, 200,
       'and is let in');
    is($nginx->get('/twice')->{status}, 401, 'an anonymous one is not');

    $nginx->stop;
};


subtest 'a worker that is told to quit answers who waits' => sub {
    my $nginx = server(http_block('slow.quit'));
    my $socket = $nginx->request('/t', bearer(iss => idp('slow.quit')));

    ok($nginx->until(sub { ctl('/slow.quit/count') =~ /jwks=1/ },
                     'the fetch is under way'), 'the fetch is under way');

    kill QUIT => $nginx->{pid};

    like($nginx->answer($socket), qr/^HTTP\/1.1 200 .*hello\n\z/s,
         'with what he asked for');

    $nginx->stop;
};


subtest 'a worker that is told to quit does not wait for a fetch' => sub {
    my $nginx = server(http_block('hang.quit', 'timeout 60s;'));

    ok($nginx->until(sub { ctl('/hang.quit/count') =~ /jwks=1/ },
                     'the fetch is under way'), 'the fetch is under way');

    $nginx->stop;
};


subtest 'a worker killed in the middle of a fetch does not keep it' => sub {
    my $nginx = server(http_block('hang.kill', 'timeout 1s;'),
                       workers => 2, allow => qr/exited on signal 9/);

    ok($nginx->until(sub { ctl('/hang.kill/count') =~ /jwks=1/ },
                     'the fetch is under way'), 'the fetch is under way');

    ctl('/hang.kill/mode/ok');

    my @workers = $nginx->workers;
    kill KILL => @workers;

    ok($nginx->until(sub {
        $nginx->get('/t', auth(iss => idp('hang.kill')))->{status} == 200
    }, 'keys'), 'its time runs out, another one fetches');

    $nginx->stop;
};


# attempts of other workers went by that this one did not look at: none of them
# may be taken for the one a request waits for

subtest 'a new key, met by all of several workers' => sub {
    my $nginx = server(http_block('age1.several', 'jwks_cooldown 1s;'),
                       workers => 4);

    ok($nginx->until(sub { ctl('/age1.several/count') =~ /jwks=[3-9]/ },
                     'some refreshes'), 'refreshed before');

    ctl('/age1.several/publish/k1,k2');

    my $line = bearer(iss => idp('age1.several'), key => 'k2');
    my @sockets = map { $nginx->request('/t', $line) } 1 .. 32;

    my %status;
    $status{ $nginx->answer($_) =~ /^HTTP\/1.1 (\d+)/ ? $1 : 0 }++
        for @sockets;

    is_deeply(\%status, { 200 => 32 }, 'all of them get the right set');

    $nginx->stop;
};


subtest 'a reload in the middle of a fetch' => sub {
    my $http = http_block('slower.reload');
    my $nginx = server($http);

    my $socket = $nginx->request('/t', bearer(iss => idp('slower.reload')));

    ok($nginx->until(sub { ctl('/slower.reload/count') =~ /jwks=1/ },
                     'the fetch is under way'), 'the fetch is under way');

    ok($nginx->reload($http, busy => 1), 'reloaded');

    my $res = $nginx->get('/t', auth(iss => idp('slower.reload')));

    is($res->{status}, 200, 'the new worker waits for the old one');
    like($nginx->answer($socket), qr/^HTTP\/1.1 200 /, 'the old one answers');
    like(ctl('/slower.reload/count'), qr/jwks=1$/, 'with one fetch');

    $nginx->stop;
};


done_testing();

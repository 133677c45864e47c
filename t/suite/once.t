#!/usr/bin/perl

# What is a matter of the configuration is said once a location: in all workers
# together, in however many locations, and again after a reload.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Raw;


my $socket = RT::Raw::start(sub { return <<"EOF" });
HTTP/1.1 101 Switching Protocols\r
Upgrade: websocket\r
Connection: upgrade\r
\r
EOF

my $places = 20;        # more than a kind of line may have in a while

my $locations = join '', map { <<"EOF" } 1 .. $places;
    location /shared$_ {
        rtauth corp; rtauth_cache on;
        proxy_cache pages; proxy_cache_valid 1m; proxy_cache_key \$request_uri;
        proxy_pass http://127.0.0.1:%%PORT1%%;
    }
    location /switch$_ {
        rtcsp talisman; rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:0123456789abcdef01234567;
        proxy_pass http://127.0.0.1:$socket; proxy_http_version 1.1;
        proxy_set_header Upgrade websocket; proxy_set_header Connection upgrade;
    }
EOF

my $nginx = RT::Nginx->new(
    modules => [qw(rtauth rtcsp)], workers => 2, ports => 2, http => <<"EOF");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer     https://login.example.com;
        audience   tools;
        jwks_file  $RT::Top/t/data/keys/jwks.json;
    }

    proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;

    server {
        listen 127.0.0.1:%%PORT0%% reuseport;
        add_header X-Worker \$pid always;
        $locations
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        return 200 page;
    }
EOF

my $token = bearer();
chomp $token;


# asks until each worker has answered once; no answer is cached yet

my $n = 0;

sub by_both {
    my ($path, $headers) = @_;
    my %seen;

    ok($nginx->wait_for("both workers to answer $path", sub {
        my $answer = $nginx->raw("GET $path?" . ++$n . " HTTP/1.1\r\n"
                                 . "Host: localhost\r\n$headers\r\n");
        $seen{$1} = 1 if $answer =~ /^X-Worker: (\d+)/m;
        keys %seen == 2;
    }), "both workers answered $path");
}


sub said {
    my $what = shift;
    return scalar grep { /\[warn\].*\Q$what/ } split /\n/, $nginx->log_text;
}


sub round {
    my $times = shift;

    for my $n (1 .. $places) {
        by_both("/shared$n", "$token\r\nConnection: close\r\n");
        by_both("/switch$n", "Upgrade: websocket\r\nConnection: upgrade\r\n");
        is(said("location \"/shared$n\" stores a user's response"), $times,
           "rtauth_cache in place $n: $times");
        is(said("request: \"GET /switch$n\""), $times,
           "a 101 in place $n: $times");
    }

    unlike($nginx->log_text, qr/more in the last/, 'nothing was left out');
}


$nginx->start;

round(1);
ok($nginx->reload, 'reloaded');
round(2);

$nginx->end;
done_testing;

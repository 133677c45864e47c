#!/usr/bin/perl

# What rtauth_status says of providers and of a Redis, while these come and go;
# who waits for them; and when "ready" is 200.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Idp qw(:DEFAULT ctl);
use RT::Nginx;
use RT::Provider;
use RT::Redis;
use RT::Session;


sub http {
    my ($provider, $more) = @_;

    $more //= '';

    return <<"EOT";
    rtauth_zone 1m;
    $provider
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        location /t { rtauth p; add_header X-Result \$rtauth_result always; }
        location = /status/metrics { allow all; rtauth_status prometheus; }
        location = /status/ready   { rtauth_status ready; }
        $more
    }
EOT
}


sub server {
    my ($http, %more) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => $http, %more);

    $nginx->file('html/t', "hello\n");

    return $nginx->start;
}


# the provider "p" of a realm

sub provider {
    my ($realm, $more) = @_;

    my $iss = idp($realm);

    return "rtauth_provider p { issuer $iss; audience tools;
                jwks_uri $iss/jwks; jwks_refresh 1s; jwks_cooldown 1s;
                $more }";
}


# "200", or "503 KIND NAME REASON ..." of what is missing

sub ready {
    my $answer = $_[0]->get('/status/ready');
    my $json = decode_json($answer->{body});

    is($json->{ready} ? 200 : 503, $answer->{status}, 'body and status agree')
        if ($json->{ready} ? 200 : 503) != $answer->{status};

    return join ' ', $answer->{status}, map {
        my ($kind) = grep { $_ ne 'reason' } keys %$_;
        "$kind $_->{$kind} $_->{reason}"
    } @{$json->{missing}};
}


sub becomes {
    my ($nginx, $wanted, $what) = @_;
    my $now;

    $nginx->wait_for($what, sub { ($now = ready($nginx)) =~ /^(?:$wanted)$/ });
    like($now, qr/^(?:$wanted)$/, $what);
}


sub numbers {
    my $answer = $_[0]->get('/status/metrics');

    return { map { /^rtauth_(\w+(?:\{.*\})?) (\d+)$/ ? ($1 => $2) : () }
             split /\n/, $answer->{body} };
}


# these numbers become so: name => number, or a function that looks at it

sub shows {
    my ($nginx, $what, %wanted) = @_;
    my $n;

    ok($nginx->wait_for($what, sub {
        $n = numbers($nginx);
        !grep { my $v = $n->{$_};
                !defined $v || (ref $wanted{$_} ? !$wanted{$_}->($v)
                                                : $v != $wanted{$_}) }
              keys %wanted;
    }), $what) or diag(explain { map { $_ => $n->{$_} } keys %wanted });
}

my $p = 'provider="p"';

sub some { $_[0] > 0 }


subtest 'keys that are on their way, there, and away' => sub {
    my $realm = 'hold.states';
    my $nginx = server(http(provider($realm, 'timeout 60s; jwks_stale 1h;')));

    becomes($nginx, '503 provider p keys_pending', 'no keys yet');
    shows($nginx, 'nothing of them is known', ready => 0,
          "provider_ready{$p}" => 0, "provider_up{$p}" => 0, "keys{$p}" => 0);
    ok(!exists numbers($nginx)->{"keys_age_seconds{$p}"}, 'nor their age');

    ctl("/$realm/mode/ok");
    ctl("/$realm/release");
    becomes($nginx, '200', 'they are there');
    shows($nginx, 'which is seen', ready => 1, "provider_ready{$p}" => 1,
          "provider_up{$p}" => 1, "keys{$p}" => 1,
          "keys_age_seconds{$p}" => sub { $_[0] < 60 },
          "key_fetches_total{$p,result=\"good\"}" => \&some);

    ctl("/$realm/mode/e500");
    shows($nginx, 'the provider is away', "provider_up{$p}" => 0,
          "key_fetch_error{$p,class=\"status\"}" => 1,
          "key_fetches_total{$p,result=\"failed\"}" => \&some,
          "provider_ready{$p}" => 1, "keys{$p}" => 1, ready => 1);
    becomes($nginx, '200', 'the keys at hand will do');

    ctl("/$realm/mode/garbage");
    shows($nginx, 'it says nonsense',
          "key_fetch_error{$p,class=\"answer\"}" => 1,
          "key_fetch_error{$p,class=\"status\"}" => 0);

    ctl("/$realm/publish/k1,k2");
    ctl("/$realm/mode/ok");
    shows($nginx, 'it is there again, with another key',
          "provider_up{$p}" => 1, "keys{$p}" => 2,
          "key_fetch_error{$p,class=\"answer\"}" => 0);

    $nginx->end(undef, 'could not be fetched');
};


subtest 'keys that are too old' => sub {
    my $realm = 'ok.old';
    my $nginx = server(http(provider($realm, 'jwks_stale 1s;')), workers => 2);

    becomes($nginx, '200', 'they are there');
    ctl("/$realm/mode/reset");
    becomes($nginx, '503 provider p keys_(?:unavailable|pending)',
            'they are too old');
    shows($nginx, 'which is seen', ready => 0, "provider_ready{$p}" => 0,
          "keys{$p}" => 0, "key_fetch_error{$p,class=\"connect\"}" => 1,
          "keys_age_seconds{$p}" => \&some);
    ctl("/$realm/mode/ok");
    becomes($nginx, '200', 'new ones are there');

    $nginx->end(undef, 'could not be fetched');
};


# what the last fetch has failed by; keys of a file stand in until then

my ($nobody) = RT::Nginx::free_ports(1);

for (
    [connect => "jwks_uri http://127.0.0.1:$nobody/jwks;"],
    [tls     => "jwks_uri $ENV{TEST_NGINX_IDP_WRONG}/ok.tls/jwks;
                 ssl_trusted_certificate $ENV{TEST_NGINX_IDP_CA};"],
    [timeout => 'jwks_uri ' . idp('hang.class') . '/jwks; timeout 200ms;'],
    [status  => 'jwks_uri ' . idp('e500.class') . '/jwks;'],
    [answer  => 'jwks_uri ' . idp('nokeys.class') . '/jwks;'],
    [name    => ''],
) {
    my ($class, $lines) = @$_;

    # discovery names a host that nobody knows

    my $iss = $lines ? 'https://i' : idp('uri-name.class');

    $lines ||= "discovery $iss/.well-known/openid-configuration;";

    my $nginx = server(http(<<"EOT"));
    rtauth_provider p { issuer $iss; audience a; $lines
                        jwks_file $ENV{TEST_NGINX_IDP_DIR}/jwks.json; }
EOT

    shows($nginx, "a fetch fails by $class", "provider_up{$p}" => 0,
          "key_fetch_error{$p,class=\"$class\"}" => 1,
          "provider_ready{$p}" => 1, "keys{$p}" => 1);
    $nginx->end(undef, 'could not be fetched');
}


subtest 'who waits' => sub {
    my $corp = RT::Provider->new;
    my $iss = $corp->issuer;
    my $keys = provider('hold.wait', 'timeout 60s;');

    my $nginx = server(http(<<"EOT", 'location /o { rtauth o; }'), workers => 2);
    rtauth_origin http://localhost;
    $keys
    rtauth_provider o { issuer $iss; audience tools; introspection on;
        client_id $corp->{client_id}; timeout 60s;
        client_secret 'data:$corp->{client_secret}'; }
EOT

    my $line = bearer(iss => idp('hold.wait'));
    my @keys = map { $nginx->ask('/t', $line) } 1 .. 12;

    shows($nginx, 'twelve wait for keys', 'waiting_requests{for="keys"}' => 12,
          'waiting_requests{for="introspection"}' => 0);

    $corp->hold('introspect');
    my @asks = map { $nginx->ask('/o', 'Authorization: Bearer opaque') } 1 .. 3;

    shows($nginx, 'three for an answer', 'waiting_requests{for="keys"}' => 12,
          'waiting_requests{for="introspection"}' => sub { $_[0] > 0 });

    close $_ for splice @keys, 0, 2;
    shows($nginx, 'two go away', 'waiting_requests{for="keys"}' => 10);

    ctl('/hold.wait/mode/ok');
    ctl('/hold.wait/release');
    like($nginx->rest($_), qr/^HTTP\/1.1 200 /, 'he has waited') for @keys;
    shows($nginx, 'nobody waits for keys', 'waiting_requests{for="keys"}' => 0);

    $corp->let_go('introspect');
    like($nginx->rest($_), qr/^HTTP\/1.1 401 /, 'nor for answers') for @asks;
    shows($nginx, 'nobody waits', 'waiting_requests{for="introspection"}' => 0);

    $nginx->end;
};


subtest 'who waited in a worker that died' => sub {
    my $nginx = server(http(provider('hold.dead', 'timeout 60s;')),
                       workers => 2);

    my @waits = map { $nginx->ask('/t', bearer(iss => idp('hold.dead'))) }
                    1 .. 12;

    shows($nginx, 'twelve wait', 'waiting_requests{for="keys"}' => 12);

    my %before = map { $_ => 1 } $nginx->workers;

    kill 'KILL', keys %before;
    $nginx->wait_for('new workers', sub {
        my @now = $nginx->workers;
        @now == 2 && !grep { $before{$_} } @now;
    });
    shows($nginx, 'nobody waits', 'waiting_requests{for="keys"}' => 0);

    $nginx->end(undef, 'exited on signal 9');
};


subtest 'a Redis' => sub {
    my $redis = RT::Redis->new;
    my $block = $redis->block('fleet', 'plain', 'stale 1s;');

    $redis->start;

    my $nginx = RT::Session::nginx($block, 'redis:fleet', more => <<'EOT');
        location = /status/metrics { allow all; rtauth_status prometheus; }
        location = /status/ready   { rtauth_status ready; }
EOT

    becomes($nginx, '200', 'it is there');
    shows($nginx, 'which is seen', 'redis_up{redis="fleet"}' => 1, ready => 1);

    $redis->stop;
    becomes($nginx, '503 redis fleet redis_unavailable', 'it is away');
    shows($nginx, 'which is seen', 'redis_up{redis="fleet"}' => 0, ready => 0);

    ok($nginx->reload, 'a reload');
    becomes($nginx, '503 redis fleet redis_unavailable', 'does not help');

    $redis->start;
    becomes($nginx, '200', 'it is there again');

    $nginx->end;
};


subtest 'a Redis that never was there' => sub {
    my $more = <<'EOT';
        location = /status/ready   { rtauth_status ready; }
EOT

    my $redis = RT::Redis->new;
    my $nginx = RT::Session::nginx($redis->block('fleet', 'plain', 'stale 1h;'),
                                   'redis:fleet', more => $more);

    becomes($nginx, '503 redis fleet redis_pending', 'is waited for');
    $nginx->end;

    $nginx = RT::Session::nginx($redis->block('fleet', 'plain', 'stale 1s;'),
                                'redis:fleet', more => $more);

    becomes($nginx, '503 redis fleet redis_unavailable', '"stale", no longer');

    $redis->start;
    becomes($nginx, '200', 'and then is there');
    $nginx->end;
};


done_testing();

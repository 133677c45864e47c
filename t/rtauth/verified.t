# Verified tokens are remembered: in the worker, in the zone, over reloads;
# and never longer, or for another policy, than they are good for.

use lib 't/lib';
use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64url);
use Test::More;

use RT::Idp;
use RT::Nginx;


my $debug = RT::Nginx::debug();

sub http_block {
    my (%o) = @_;

    my $zone = $o{zone} // '1m';
    my $iss = $o{iss} // 'i';
    my $aud = $o{audience} // 'tools';
    my $keys = $o{keys} // "jwks_file $ENV{TEST_NGINX_IDP_DIR}/jwks.json;";
    my $more = $o{more} // '';
    my $lines = $o{lines} // '';

    return <<"END";
    rtauth_zone $zone;
    rtauth_provider p {
        issuer    $iss;
        audience  $aud;
        $keys
        $lines
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        location = /t {
            rtauth p;
            add_header X-Result \$rtauth_result always;
        }
        $more
    }
END
}


sub server {
    my ($http, %more) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => $http,
                               level => $debug ? 'debug_http' : 'info', %more);
    $nginx->file('html/t', "hello\n");

    return $nginx->start;
}


# what the log says about looks at a signature, since the last call

sub seen {
    my ($nginx) = @_;

    my $log = $nginx->log_text;
    my $new = substr $log, $nginx->{seen} // 0;
    $nginx->{seen} = length $log;

    return join ' ', $new =~ /rtauth token of "\w+": .*?(\w+)(?:, client|$)/mg;
}


sub try {
    my ($nginx, $token, $path) = @_;

    my $answer = $nginx->get($path // '/t',
                             headers => ["Authorization: Bearer $token"]);
    my ($result) = $answer->{head} =~ /^X-Result: (.*?)\r?$/m;

    return "$answer->{status} " . ($result // '');
}


subtest 'one look at a signature' => sub {
    plan skip_all => 'nginx was built without --with-debug' unless $debug;

    my $nginx = server(http_block());
    my $token = token(iss => 'i');

    is(try($nginx, $token), '200 ok', 'a new token');
    is(seen($nginx), 'at', 'is verified');

    is(try($nginx, $token), '200 ok', 'again') for 1 .. 3;
    is(seen($nginx), 'worker worker worker', 'is not');

    ok($nginx->reload, 'after a reload');

    is(try($nginx, $token), '200 ok', 'it is good');
    is(seen($nginx), 'zone', 'and the zone knows so');

    $nginx->end;
};


subtest 'a refused token is never remembered' => sub {
    plan skip_all => 'nginx was built without --with-debug' unless $debug;

    my $nginx = server(http_block());
    my $forged = token(iss => 'i', key => 'k2', kid => 'k1');

    is(try($nginx, $forged), '401 bad_signature', 'forged') for 1 .. 2;
    is(seen($nginx), 'at at', 'looked at each time');

    $nginx->end;
};


subtest 'nothing but the very same bytes' => sub {
    my $nginx = server(http_block());
    my $token = token(iss => 'i');

    is(try($nginx, $token), '200 ok', 'good');

    my ($head, $body, $sig) = split /\./, $token;
    my $other = substr $sig, 10, 1;
    $other = $other eq 'A' ? 'B' : 'A';
    my $bent = $sig;
    substr $bent, 10, 1, $other;

    is(try($nginx, "$head.$body.$bent"), '401 bad_signature', 'a signature');
    like(try($nginx, "$token="), qr/^401/, 'padding');
    like(try($nginx, "$head.$body."), qr/^401/, 'no signature');
    like(try($nginx, substr $token, 0, -1), qr/^401/, 'cut short');
    is(try($nginx, $token), '200 ok', 'still good');

    $nginx->end;
};


# A worker finds tokens by their last bytes.  What ends as a known one does is
# compared in full, wherever it differs.

subtest 'the end of a known token, behind other claims' => sub {
    my $nginx = server(http_block());
    my $token = token(iss => 'i');
    my $other = token(iss => 'i', claims => { sub => 'u2' });

    is(try($nginx, $token), '200 ok', 'good');

    my ($head, $body, $sig) = split /\./, $token;
    my $claims = (split /\./, $other)[1];

    is(length $claims, length $body, 'of the same length');
    is(try($nginx, "$head.$claims.$sig"), '401 bad_signature', 'are not');

    for my $at (0, length($head) + 1, length("$head.$body") - 1) {
        my $bent = $token;
        substr($bent, $at, 1) =~ tr/A-Za-z0-9_-/B-ZAb-za1-90\-_/;

        like(try($nginx, $bent), qr/^401/, "bent at byte $at");
    }

    is(try($nginx, $token), '200 ok', 'still good');

    $nginx->end;
};


# nginx's ngx_murmur_hash2(): of 16 bytes, which is all it is asked for here

sub murmur {
    my ($text) = @_;

    my $m = 0x5bd1e995;
    my $h = length $text;

    for my $k (unpack 'V*', $text) {
        $k = ($k * $m) & 0xffffffff;
        $k = (($k ^ ($k >> 24)) * $m) & 0xffffffff;
        $h = (($h * $m) & 0xffffffff) ^ $k;
    }

    $h = (($h ^ ($h >> 13)) * $m) & 0xffffffff;

    return $h ^ ($h >> 15);
}


# so many good tokens that a worker keeps in one of its 4096 chains

sub one_chain {
    my ($want) = @_;

    my $head = encode_base64url('{"alg":"HS256","kid":"h"}');
    my $exp = time + 3600;
    my %chain;

    for (my $i = 0; ; $i++) {
        my $text = "$head." . encode_base64url(
            qq({"iss":"i","aud":"tools","sub":"u$i","exp":$exp}));
        my $token = "$text." . encode_base64url(hmac_sha256($text,
                                                            "\0" x 32));
        my $chain = $chain{ murmur(substr $token, -16) % 4096 } //= [];

        push @$chain, $token;
        return @$chain if @$chain == $want;
    }
}


subtest 'tokens that are kept in one chain' => sub {
    plan skip_all => 'nginx was built without --with-debug' unless $debug;

    RT::Idp::write_file('oct.json', '{"keys":[{"kty":"oct","kid":"h","k":"'
                                    . 'A' x 43 . '"}]}', 0600);

    my $nginx = server(http_block(
        keys => "jwks_file $ENV{TEST_NGINX_IDP_DIR}/oct.json;",
        lines => 'algorithms HS256;'));
    my ($first, @others) = one_chain(9);

    is(try($nginx, $_), '200 ok', 'good') for $first, @others;
    seen($nginx);

    is(try($nginx, $_), '200 ok', 'one of the last eight') for @others;
    is(seen($nginx), join(' ', ('worker') x 8), 'is remembered');

    is(try($nginx, $first), '200 ok', 'the one before them');
    is(seen($nginx), 'zone', 'is looked for in the zone');

    is(try($nginx, $others[0]), '200 ok', 'the next one');
    is(seen($nginx), 'zone', 'made room for it');

    is(try($nginx, $others[7]), '200 ok', 'the last one');
    is(seen($nginx), 'worker', 'did not');

    $nginx->end;
};


subtest 'it expires while it is remembered' => sub {
    my $nginx = server(http_block(lines => 'leeway 0;'));
    my $token = token(iss => 'i', claims => { exp => time + 2 });

    is(try($nginx, $token), '200 ok', 'good');

    ok($nginx->wait_for('the end of it',
                        sub { try($nginx, $token) eq '401 expired' }),
       'and then not');

    $nginx->end;
};


subtest 'each policy has its own verdict' => sub {
    my $two = http_block(more => <<"END");
        location = /other { rtauth q; alias %%DIR%%/html/t;
                            add_header X-Result \$rtauth_result always; }
    }
    rtauth_provider q {
        issuer    i;
        audience  other;
        jwks_file $ENV{TEST_NGINX_IDP_DIR}/jwks.json;
END
    my $nginx = server($two);
    my $token = token(iss => 'i');

    for (1 .. 2) {
        is(try($nginx, $token), '200 ok', 'here');
        is(try($nginx, $token, '/other'), '401 wrong_audience', 'not there');
    }

    $nginx->end;
};


subtest 'a reload with another policy' => sub {
    my $nginx = server(http_block());
    my $token = token(iss => 'i');

    is(try($nginx, $token), '200 ok', 'good');

    ok($nginx->reload(http => http_block(audience => 'others')), 'reloaded');
    is(try($nginx, $token), '401 wrong_audience', 'for others');

    ok($nginx->reload(http => http_block(
        keys => "jwks_file $ENV{TEST_NGINX_IDP_DIR}/k2.json;")), 'reloaded');
    is(try($nginx, $token), '401 unknown_key', 'with other keys');

    ok($nginx->reload(http => http_block(lines => 'max_lifetime 1m;')),
       'reloaded');
    is(try($nginx, $token), '401 too_long_lived', 'with another limit');

    ok($nginx->reload(http => http_block()), 'reloaded');
    is(try($nginx, $token), '200 ok', 'as before');

    $nginx->end;
};


subtest 'fetched keys outlive a reload' => sub {
    my $iss = idp('ok.keep');
    my $http = http_block(iss => $iss, keys => "jwks_uri $iss/jwks;");
    my $nginx = server($http);
    my $token = token(iss => $iss);
    my $count = sub {
        HTTP::Tiny->new->get(idp('ctl/ok.keep/count'))->{content}
    };

    is(try($nginx, $token), '200 ok', 'good');
    ok($nginx->reload, 'reloaded') for 1 .. 3;
    is(try($nginx, $token), '200 ok', 'good');
    like($count->(), qr/jwks=1$/, 'by one fetch');

    ok($nginx->reload(http => http_block(zone => '2m', iss => $iss,
                                 keys => "jwks_uri $iss/jwks;")), 'a new zone');
    is(try($nginx, $token), '200 ok', 'good');
    like($count->(), qr/jwks=2$/, 'by another fetch');

    $nginx->end;
};


subtest 'a small zone that is full' => sub {
    my $iss = idp('ok.full');
    my $nginx = server(http_block(zone => '32k', iss => $iss,
                                  keys => "jwks_uri $iss/jwks;"),
                       level => 'info');

    my @tokens = map { token(iss => $iss, claims => { jti => $_ }) } 1 .. 300;
    my %status;

    for (1 .. 2) {
        $status{ try($nginx, $_) }++ for @tokens;
    }

    is_deeply(\%status, { '200 ok' => 600 }, 'forgets, and refuses nobody');

    $nginx->end;
};


subtest 'the issuer chooses among several providers' => sub {
    my $both = http_block(more => <<"END");
        location = /both { rtauth p q; alias %%DIR%%/html/t;
                           add_header X-Result \$rtauth_result always; }
    }
    rtauth_provider q {
        issuer    j;
        audience  tools;
        jwks_file $ENV{TEST_NGINX_IDP_DIR}/k2.json;
END
    my $nginx = server($both);

    for (1 .. 2) {
        is(try($nginx, token(iss => 'i'), '/both'), '200 ok', 'p');
        is(try($nginx, token(iss => 'j', key => 'k2'), '/both'), '200 ok', 'q');
    }

    is(try($nginx, token(iss => 'j', key => 'k1'), '/both'),
       '401 unknown_key', 'not with the key of the other');
    is(try($nginx, token(iss => 'k'), '/both'), '401 wrong_issuer', 'nobody');

    $nginx->end;
};


# memory of the master, in kB

sub rss {
    my ($nginx) = @_;

    my ($kb) = RT::Nginx::slurp('/proc/' . $nginx->master . '/status')
               =~ /VmRSS:\s+(\d+)/;

    return $kb;
}


subtest 'reloads leak nothing' => sub {
    plan skip_all => 'the sanitizer looks itself' if $ENV{RT_ASAN};

    my $iss = idp('ok.leak');
    my $http = http_block(iss => $iss, keys => "jwks_uri $iss/jwks;
        jwks_file $ENV{TEST_NGINX_IDP_DIR}/both.json;");
    my $nginx = server($http, level => 'info');

    $nginx->reload for 1 .. 15;
    my $before = rss($nginx);

    $nginx->reload for 1 .. 30;
    my $after = rss($nginx);

    cmp_ok($after - $before, '<', 400, "from $before kB to $after kB");
    is(try($nginx, token(iss => $iss)), '200 ok', 'and all is well');

    $nginx->end;
};


done_testing();

# An unmodified application with the real Flask-Talisman, behind nginx's cache
# and rtcsp_nonce upstream: a page that Flask made once, and a new nonce in its
# policy and its script each of 1,000 times.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP;
use Test::More;

use RT::Nginx;
use RT::Talisman;

my $apps = RT::Talisman::start('unused', { talisman => {
    content_security_policy => { 'script-src' => "'self'" },
    content_security_policy_nonce_in => ['script-src'],
    force_https => JSON::PP::false,
} });

my $nginx = RT::Nginx->new(modules => ['rtcsp'], http => <<"EOF")->start;
    proxy_cache_path %%DIR%%/cache keys_zone=c:1m;
    server {
        listen            127.0.0.1:%%PORT0%%;
        proxy_set_header  X-Talisman 0;

        location = /page {
            rtcsp_nonce        upstream;
            proxy_cache        c;
            proxy_cache_valid  1h;
            proxy_pass         http://127.0.0.1:$apps->{port};
            add_header         X-Cache \$upstream_cache_status;
        }
        location /direct { proxy_pass http://127.0.0.1:$apps->{port}/page; }
    }
EOF

my ($own) = $nginx->get('/direct')->{head} =~ /'nonce-([\w-]{32})'/;
ok($own, 'Talisman makes nonces');

my (%nonces, %cache, %lines);

for (1 .. 10) {
    my $get = "GET /page HTTP/1.1\r\nHost: x\r\n";
    my $answers = $nginx->raw(("$get\r\n" x 99) . $get
                              . "Connection: close\r\n\r\n");

    for my $answer (split /(?=HTTP\/1\.1 200)/, $answers) {
        my ($head, $body) = split /\r\n\r\n/, $answer, 2;
        my ($nonce) = $head =~ /'nonce-([\w-]{32})'/;

        $nonces{$nonce // 'none'}++
            if $body eq '<script nonce="' . ($nonce // '') . '"></script>';
        $cache{$head =~ /^X-Cache: (\w+)/m ? $1 : ''}++;
        $lines{$1}++ if $head =~ /^((?:Cache-Control|ETag)[^\r]*)/m;
    }
}

is(keys %nonces, 1000, '1,000 nonces, each in policy and page alike');
is_deeply(\%cache, { MISS => 1, HIT => 999 }, 'Flask made one page');
is_deeply(\%lines, { 'Cache-Control: no-store' => 1000 },
          'which nobody else keeps');

$nginx->end;
done_testing();

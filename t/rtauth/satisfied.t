# "satisfy any": whom rtauth refuses is nobody, to others that are asked behind
# it, and to the application when one of them lets him in

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    rtauth_disabled file=%%DIR%%/disabled;
    proxy_set_header X-User \$rtauth_user;

    server {
        listen unix:%%DIR%%/app;
        location /auth { if (\$http_x_user = "") { return 401; } return 204; }
        location /moved { add_header X-Accel-Redirect /inner; return 200; }
        location / { return 200 "<\$http_x_user>"; }
    }

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        satisfy any;

        location = /auth  { internal; rtauth off; proxy_pass http://unix:%%DIR%%/app; }
        location = /inner { internal; rtauth off; proxy_pass http://unix:%%DIR%%/app; }
        location = /mirrored { internal; proxy_pass http://unix:%%DIR%%/app; }

        location /asks {
            rtauth_require claim sub !in u-2;
            auth_request /auth;
            proxy_pass http://unix:%%DIR%%/app;
        }
        location /moved {
            allow all;
            rtauth_require claim sub !in u-2;
            mirror /mirrored;
            proxy_pass http://unix:%%DIR%%/app;
        }
    }
EOT

$nginx->file('disabled', "sub:u-1\n");
$nginx->start;

# [address, sub or nobody, status, what the application is told]

for my $try (['/asks', undef, 401], ['/asks', 'u-1', 401],
             ['/asks', 'u-2', 401], ['/asks', 'u-3', 200, 'ann@example.com'],
             ['/moved', undef, 200, ''], ['/moved', 'u-1', 200, ''],
             ['/moved', 'u-2', 200, ''],
             ['/moved', 'u-3', 200, 'ann@example.com'])
{
    my ($uri, $sub, $status, $told) = @$try;
    my $who = $sub // 'nobody';

    my $answer = $nginx->get($uri, headers => [$sub ? bearer(sub => $sub)
                                                    : ()]);
    is($answer->{status}, $status, "$uri: $who");
    is($answer->{body}, "<$told>", "$uri: $who is told of so")
        if defined $told;
}

$nginx->end;

done_testing();

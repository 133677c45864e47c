# HTTP/2: the same decisions, the same strictness about headers

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::JWT;
use RT::Nginx;

my $keys = "$RT::Top/t/data/keys";

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
        jwks_file $keys/jwks.json; }
    rtauth_strip_header X-Email;
    underscores_in_headers on;

    server {
        listen 127.0.0.1:%%PORT0%% http2;
        rtauth corp;
        location /file { alias %%DIR%%/file.json; }
        location /return { return 200 secret; }
        location /none { return 204; }
        location /open/ { rtauth off; empty_gif; }
        location /strip { rtauth off; return 200 "<\$http_x_email>"; }
        location /page { error_page 401 /sorry; alias %%DIR%%/file.json; }
        location = /sorry { rtauth off; return 200 "sorry"; }
    }
EOT

$nginx->file('file.json', '{"keys":[]}');
$nginx->start;

sub curl {
    my ($path, @headers) = @_;

    my ($method) = map { /^-(\w+)$/ } @headers;
    my $answer = $nginx->http2($method // 'GET', $path,
                               headers => [grep { !/^-/ } @headers]);

    return ($answer->{status}, lc $answer->{head}, $answer->{body});
}

my ($status, $head, $body) = curl('/file', bearer());
is($status, 200, 'a good token');
like($body, qr/"keys"/, 'gets the file');

($status, $head, $body) = curl('/file');
is($status, 401, 'nobody is refused');
like($head, qr/^www-authenticate: bearer realm="corp"\r?$/m, 'with a challenge');
like($head, qr/^cache-control: no-store\r?$/m, 'that is not stored');
unlike($body, qr/"keys"/, 'and nothing of the file');

($status) = curl('/file', bearer(-key => 'rogue', -kid => 'rsa'));
is($status, 401, 'a forged token is refused');

($status, $head, $body) = curl('/return', bearer());
is($status, 403, 'the backstop');
unlike($body, qr/secret/, 'keeps the text');

is((curl('/none'))[0], 403, 'a 204 lets nobody in');
is((curl('/none', '-OPTIONS'))[0], 204, 'but answers a preflight');

for my $path ('/open/..;/file', '/open/..%2ffile', '/open/%2561') {
    is((curl($path))[0], 403, "$path is refused in an open location");
}

($status, $head, $body)
    = curl('/strip', 'X-Email: a', 'x_email: b', 'X_EMAIL: c');
is($status, 200, 'an open location');
is($body, '<>', 'sees no header the client may not send');

($status, $head, $body) = curl('/page');
is($status, 401, 'an error page keeps its status');
is($body, 'sorry', 'and is shown');

$nginx->end;

done_testing();

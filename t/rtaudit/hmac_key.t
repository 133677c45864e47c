#!/usr/bin/perl

# rtaudit_hmac_key: a body that an event cannot show has an HMAC; which key
# makes it; what nginx -t says of a line that is wrong.

use strict;
use warnings;
use lib 't/lib';

use Digest::SHA qw(hmac_sha256_hex);
use Test::More;
use RT::Audit;
use RT::Nginx;


my %key = (new => '0123456789abcdef0123456789abcdef', old => 'o' x 40);
my ($new, $old) = map { "rtaudit_hmac_key kid=$_ key=data:$key{$_};" }
    qw(new old);

my $http = <<'EOF';
    KEYS
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtaudit_level request;
        rtaudit_body 100;
        client_max_body_size 1m;

        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /meta {
            rtaudit_level metadata;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { return 200; }
    }
EOF

sub with { $http =~ s/KEYS/$_[0]/r }

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2,
                           http => with("$new $old"));
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');


# the body as the event has it

sub body {
    my ($type, $body, $uri) = @_;

    $nginx->request('POST', $uri || '/', body => $body,
                    headers => ["Content-Type: $type"]);

    return $audit->event->{metadata}{body};
}

sub hmac { "hmac-sha256:$_[0]:" . hmac_sha256_hex($_[1], $key{$_[0]}) }


for my $try (['application/json', '{"password":"secret",}', 'unparsed'],
             ['application/x-www-form-urlencoded', 'a=%zz', 'unparsed'],
             ['multipart/form-data; boundary=b', "--b--\r\n", 'multipart'],
             ['application/octet-stream', "\0\xff" x 50, 'opaque'])
{
    my ($type, $body, $kind) = @$try;
    my $got = body($type, $body);

    is($got->{kind}, $kind, "$type cannot be shown");
    is($got->{hmac}, hmac('new', $body), 'and has an HMAC by the first key');
}

for my $try (['application/json', '{"a":1}', '/', 'a body that is shown'],
             ['application/json', '', '/', 'none'],
             ['text/plain', 'hello', '/', 'a text that is shown'],
             ['image/png', 'x' x 101, '/', 'one that was not kept whole'],
             ['image/png', 'secret', '/meta', 'one at level metadata'])
{
    my ($type, $body, $uri, $name) = @$try;
    ok(!exists body($type, $body, $uri)->{hmac}, "$name has no HMAC");
}

ok($nginx->reload(http => with("$old $new")), 'another first key');
is(body('image/png', 'x')->{hmac}, hmac('old', 'x'), 'is used');

ok($nginx->reload(http => with('')), 'without a key');
ok(!exists body('image/png', 'x')->{hmac}, 'there is none');

unlike($audit->text . $nginx->log_text, qr/$key{new}|$key{old}/,
       'no key is shown');
$nginx->end('QUIT');


# what is wrong

my $made = RT::Nginx->new(modules => ['rtaudit']);

for my $try (['a b', 'invalid parameters in "rtaudit_hmac_key": write "kid=ID'],
             ['key=data:x kid=a', 'invalid parameters in "rtaudit_hmac_key": write'],
             ['kid= key=data:x', 'invalid name "" in "rtaudit_hmac_key"'],
             ['kid=a:b key=data:x', 'invalid name "a:b" in "rtaudit_hmac_key"'],
             ['kid=a key=data:' . 'x' x 31,
              'the key "a" of "rtaudit_hmac_key" is too short'],
             ['kid=a key=secret', 'rtaudit_hmac_key'],
             ['kid=a key=file:/nowhere/key', '/nowhere/key'])
{
    my ($args, $says) = @$try;

    $made->blames($says, http => "rtaudit_hmac_key $args; # here");
}

$made->blames('"rtaudit_hmac_key" has "kid=new" twice: give each key a name',
              http => "$new\nrtaudit_hmac_key kid=new key=data:$key{old}; # here");

my ($rc, $out) = $made->try(http => "rtaudit_hmac_key kid=a key=data:short;");
unlike($out, qr/data:short|"short"/, 'a message does not show the key');

done_testing();

#!/usr/bin/perl

# Selectors other than names, and action=hmac, through nginx: in the body, the
# path, the Referer, the user; added by an inner level, never taken away.

use strict;
use warnings;
use lib 't/lib';

use Digest::SHA qw(hmac_sha256_hex);
use Test::More;
use RT::Audit;
use RT::Nginx;

my $key = '0123456789abcdef' x 2;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<"EOF");
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_hmac_key kid=new key=data:$key;
    rtaudit_hmac_key kid=old key=data:${key}x;

    rtaudit main;
    rtaudit_level request;
    rtaudit_redact uri:/reset/* uri:/tenants/*/keys/*;
    rtaudit_redact json:/order/*/iban shape:card action=drop;
    rtaudit_redact user:email user:id action=hmac;
    rtaudit_redact name:customer action=hmac;
    rtaudit_header Referer X-Text Customer;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit_field user.email header:X-Email;
        rtaudit_field userId header:X-User;
        rtaudit_field pageName \$uri;

        location / { return 200; }
        location /body { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /regex/ {
            rtaudit_redact "regex:^\\d{3}-\\d{2}-\\d{4}\$"
                           "regex:(?i)^stra(ss|\xc3\x9f)e .\$";
            rtaudit_redact "regex:^(z|zz)+b?\$" regex:^K-\\d+ action=hmac;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /tenants/ { rtaudit_redact uri:/tenants/*; return 200; }
        location /inner/ {
            rtaudit_redact name:customer shape:email;
            error_page 404 /reset/x;
            return 404;
        }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        rtaudit off;
        return 200;
        location /short/ { rtaudit_redact uri:/short/*; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');


sub pseudonym { "hmac-sha256:new:" . hmac_sha256_hex($_[0], $key) }


sub notes {
    my ($e) = @_;
    return { map { $_->{ptr} => "$_->{act} $_->{rule}" }
             @{$e->{metadata}{redactions} || []} };
}


# the body, by place and by looks; other values stay

$nginx->post('/body', 'application/json', '{"order":[{"iban":"DE1","sum":7},'
             . '{"iban":["DE2"]}],"iban":"DE3","paid":4111111111111111,'
             . '"with":"4111-1111-1111-1111"}');
my $e = $audit->event;

is_deeply($e->{parameters}, { order => [{ sum => 7 }, {}], iban => 'DE3' },
          'json: and shape: in a body');
is(notes($e)->{'/parameters/order/0/iban'}, 'drop json:/order/*/iban', 'a note');
is(notes($e)->{'/parameters/paid'}, 'drop shape:card', 'of a number');

# the path, in the address, the Referer, an argument and a field

$nginx->get('/reset/canary/x?next=%2Freset%2Fcanary',
            headers => ['Referer: http://h/%72eset/canary',
                        'X-Text: https://h/reset/canary']);
$e = $audit->event;

is($e->{request}{url}, '/reset/[REDACTED]/x?next=[REDACTED]', 'the address');
is($e->{request}{headers}{referer}, 'http://h/%72eset/[REDACTED]',
   'the Referer');
is($e->{request}{headers}{'x-text'}, '[REDACTED]', 'another header');
is($e->{pageName}, '[REDACTED]', 'a field');

$nginx->get('/short/s?next=/short/s&at=https://h/short/canary',
            headers => ['Referer: https://h/short/canary?x=1']);
$e = $audit->event;

is($e->{request}{url}, '/short/s?next=/short/s&at=[REDACTED]',
   'an address with a host leads to another server');
is($e->{request}{headers}{referer}, 'https://h/short/[REDACTED]?x=1',
   'whose rule holds for the Referer');

$nginx->get('/', headers => ['Referer: //h/short/canary?x=1']);
is($audit->event->{request}{headers}{referer}, '//h/short/[REDACTED]?x=1',
   'and for one without a scheme');

$nginx->get('/tenants/canary/keys/canary');
$e = $audit->event;
is($e->{request}{url}, '/tenants/[REDACTED]/keys/[REDACTED]',
   'rules of both levels');

$nginx->get('//reset/./canary');
is($audit->event->{request}{url}, '//reset/./[REDACTED]', 'another spelling');

# the user and a name, by pseudonyms

$nginx->get('/?customer=mary&customer=7',
            headers => ['X-Email: mary@example.org', 'X-User: mary',
                        'Customer: mary']);
$e = $audit->event;

is($e->{user}{email}, pseudonym('mary@example.org'), 'the email');
is($e->{userId}, pseudonym('mary'), 'the user');
is_deeply($e->{parameters}{customer}, [pseudonym('mary'), pseudonym('7')],
          'an argument');
is($e->{request}{headers}{customer}, pseudonym('mary'), 'a header');
is($e->{request}{url}, '/?customer=' . pseudonym('mary') . '&customer='
   . pseudonym('7'), 'the address');
is(notes($e)->{'/user/email'}, 'hmac user:email', 'a note');

# an inner level is stricter, an outer one stays in force

$nginx->get('/inner/?customer=mary&m=a@b.org&card=4111111111111111',
            headers => ['X-Email: a@b.org']);
$e = $audit->event;

is_deeply($e->{parameters}, { customer => '[REDACTED]', m => '[REDACTED]' },
          'the strictest of all levels');

# regular expressions: in every value, bounded, of characters

my $trap = 'z' x 60 . 'x';

$nginx->post('/regex/120-12-1234/K-7?k=K-8&n=1', 'application/json',
             qq({"a":"120-12-1234","b":["x 120-12-1234","y\\n120-12-1234\\r\\n"],)
             . qq("c":"STRASSE \xc3\xa4","d":"stra\xc3\x9fe ab","e":"$trap",)
             . qq("f":"zzb","g":"120-\\u000012-1234","h":{"K-9":1}}),
             headers => ['X-Text: K-5', 'Customer: 120-12-1234']);
$e = $audit->event;

is_deeply($e->{parameters},
          { k => pseudonym('K-8'), n => 1, a => '[REDACTED]',
            b => ['x 120-12-1234', '[REDACTED]'], c => '[REDACTED]',
            d => "stra\xdfe ab", e => pseudonym($trap),
            f => pseudonym('zzb'), g => '[REDACTED]', h => {} },
          'regex: in a query and a body; what is too hard for one matches');
is($e->{request}{url}, '/regex/[REDACTED]/[REDACTED]?k=' . pseudonym('K-8')
   . '&n=1', 'in the path');
is_deeply($e->{request}{headers},
          { 'x-text' => '[REDACTED]', customer => '[REDACTED]' },
          'in headers');
is(notes($e)->{'/parameters/e'}, 'hmac regex:^(z|zz)+b?$', 'a note');

$nginx->get("/regex/?a=%ff&b=$trap%ff");
is_deeply($audit->event->{parameters}, { a => '[REDACTED]', b => '[REDACTED]' },
          'what is not UTF-8 matches');


unlike($audit->text, qr/canary|mary|a\@b|4111|DE[12]|K-[589]/,
       'nothing of it is there');

$nginx->end;

RT::Nginx->new(modules => ['rtaudit'])
    ->blames('no key for "action=hmac" of "rtaudit_redact"', http => <<'EOF');
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit_redact name:a;
        rtaudit_redact name:customer action=hmac;       # here
    }
EOF

for my $row (['(', 'missing'], ['(*COMMIT)a', 'is not taken'],
             ['a(?R)?b', 'is not taken'], ['', 'a pattern is missing'])
{
    my ($pattern, $words) = @$row;

    RT::Nginx->new(modules => ['rtaudit'])->blames($words, http => <<"EOF");
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit_redact name:a;
        rtaudit_redact "regex:$pattern";        # here
    }
EOF
}

done_testing();

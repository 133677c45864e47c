#!/usr/bin/perl

# rtaudit_redact: a secret in any place and any spelling is in no line.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    rtaudit_redact name:password;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtaudit_level request;
        rtaudit_redact name:*token* name:pin action=drop;
        rtaudit_header Authorization Cookie Referer X-Api-Key X-My-Token
                       User-Agent;

        location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /more/ {
            rtaudit_redact name:card;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /none/ { proxy_pass http://127.0.0.1:%%PORT1%%; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { return 200 up; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $form = 'application/x-www-form-urlencoded';


sub clean {
    my ($name) = @_;

    my $e = $audit->event || {};
    my $text = $audit->text;

    unlike($text, qr/canary|c%61nary|Y2FuYXJ5|c\\u0061nary/i,
           "$name: not in the file");
    return $e;
}


my $e;

# the query

for my $arg ('password=canary', 'PassWord=canary', 'pass%77ord=canary',
             'p%61ssword=c%61nary', 'password[]=canary',
             'user[password]=canary', 'password%5B%5D=canary',
             'a=1&password=canary&b=2', 'password=canary&password=canary',
             'access_token=canary', 'access-token=canary', 'xTOKENx=canary',
             'pin=canary', '%70in=canary', 'password=can%61ry&password=x',
             'password=%00canary', 'password=canary%ff', 'password=canary%',
             '%20password=canary', 'password%20=canary', 'password+=canary',
             'q=https%3A%2F%2Fh%2F%3Fpassword%3Dcanary',
             'q=%3F%2Bpassword%2B%3Dcanary', 'name=password&value=canary',
             'pass%C2%ADword=canary', 'p%E2%80%8Bin=canary', 'passWord=canary',
             'next=http://u:canary@h/', 'dsn=user=mary+password=canary',
             'env=USER%3Dmary%0APASSWORD%3Dcanary', 'accessToken=canary',
             'filter=password+eq+%22canary%22&count=1',
             'filter=a+eq+%22b%22+and+pin%5Bx+eq+%22canary%22%5D',

             # filters that are none, which are logged all the same
             'filter=password+eq+canary', 'Filter=a+pr+or+pin%09sw%09canary',
             'filter=pin%5Bx+eq+canary%5D', "filter=pin+eq'canary'")
{
    $nginx->get("/?$arg");
    clean("query $arg");
}

$nginx->get('/?password=canary&pin=canary&q=1');
$e = clean('query');
is($e->{request}{url}, '/?password=[REDACTED]&q=1', 'the address');
is_deeply($e->{parameters}, { password => '[REDACTED]', q => '1' },
          'mask and drop');

my %notes = map { $_->{ptr} => "$_->{act} $_->{rule}" }
    @{$e->{metadata}{redactions}};
is($notes{'/parameters/password'}, 'mask name:password', 'the mask is noted');
is($notes{'/parameters/pin'}, 'drop name:pin', 'the drop is noted');

# forms

for my $body ('password=canary', 'a=1&user%5Bpassword%5D=canary',
              'pass%77ord=canary', 'pin=canary&pin=canary',

              # what else is sent with this type by mistake
              '{"password":"canary"}', "password: canary\r\n",
              'password:canary', "user=mary\r\npassword=canary\r\n",
              'name=password&value=canary',
              "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n"
              . "\r\ncanary\r\n--x--\r\n")
{
    $nginx->post('/', $form, $body);
    clean("form $body");
}

$nginx->post('/', "$form; charset=UTF-8", 'password=canary&user=u');
$e = clean('form with charset');
is_deeply($e->{parameters}, { password => '[REDACTED]', user => 'u' },
          'the rest of the form');

# JSON

for my $body ('{"password":"canary"}', '{"PASSWORD":"canary"}',
              '{"a":{"b":[{"password":"canary"}]}}',
              '{"pass\\u0077ord":"c\\u0061nary"}',
              '{"password":{"deep":["canary"]}}',
              '{"password":["canary"]}', '[{"password":"canary"}]',
              '{"s":"{\\"password\\":\\"canary\\"}"}',
              '{"s":"[{\\"a\\":{\\"my_token\\":\\"canary\\"}}]"}',
              '{"password":"canary","password":"canary"}',
              '{"user.password":"canary"}', '{"pin":"canary"}',
              '{"{\\"password\\":\\"canary\\"}":""}',
              '[["password","canary"]]', "{\"\xef\xbb\xbfpassword\":\"canary\"}",
              '{"env":"USER=mary\\nPASSWORD=canary\\n"}',
              '{"dsn":"host=db1 user=mary password=canary dbname=crm"}',
              '{"cmd":"mysql --password=canary -h db1"}',
              '{"url":"postgres://mary:canary@db1/crm"}',
              '{"filter":"userName sw \\"a\\" or password eq \\"canary\\""}',
              '{"path":"pin[value eq \\"canary\\"].type","value":"canary"}',
              q({"path":"emails[password eq 'canary'].value","value":"x"}),
              '{"Operations":[{"path":"a[pin eq canary].b"}]}',
              '{"Filter":"not (password co canary)"}',
              '{"query":"mutation{login(password,:\\"canary\\"){id}}"}')
{
    $nginx->post('/', 'application/json', $body);
    clean("JSON $body");
}

$nginx->post('/', 'application/json; charset=utf-8',
             '{"pin":739155520417,"password":604418837295,"n":1.50,"b":true}');
$e = clean('JSON numbers');
is_deeply($e->{parameters}{password}, '[REDACTED]', 'a number is masked');
ok(!exists $e->{parameters}{pin}, 'a number is dropped');
unlike($audit->text, qr/739155520417|604418837295/, 'numbers are secrets, too');

# headers

$nginx->get('/', headers => [
    'Authorization: Bearer canary', 'Cookie: sid=canary; password=canary',
    'X-Api-Key: canary', 'X-My-Token: canary', 'User-Agent: fine',
    'Referer: http://h/?password=canary&access_token=canary']);
$e = clean('headers');
is($e->{request}{headers}{'user-agent'}, 'fine', 'another header is there');
ok(!exists $e->{request}{headers}{'x-my-token'}, 'a header can be dropped');

$nginx->get('/', headers => ['Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==']);
clean('basic authorization');

# addresses or nothing, at every level

my $token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbg';

$nginx->get('/', headers => ["X-Forwarded-For: 192.0.2.1, $token, canary"]);
$e = clean('X-Forwarded-For');
is_deeply($e->{metadata}{net}{forwardedFor}, ['192.0.2.1'], 'its addresses');
unlike($audit->text, qr/eyJzdWIi/, 'no token in it');

# a token that the application decodes, in path and Referer

(my $encoded = $token) =~ s/\./%2E/g;

$nginx->get("/verify/$encoded/x", headers => ["Referer: http://h/$encoded"]);
$e = clean('encoded token');
is($e->{request}{url}, '/verify/[REDACTED]/x', 'the path');
is($e->{request}{headers}{referer}, 'http://h/[REDACTED]', 'the Referer');
unlike($audit->text, qr/eyJzdWIi/, 'nor is it anywhere else');

$nginx->get('/static/keyboard-shortcuts-help.min.js?by=mary@keysidecentre.uk');
is($audit->event->{request}{url},
   '/static/keyboard-shortcuts-help.min.js?by=mary@keysidecentre.uk',
   'words are no tokens');

# what cannot be parsed is not shown

for my $try (['application/json', '{"password":"canary"'],
             ['application/json', '{"password":"canary"} x'],
             ['application/json', "{\"password\":\"canary\xff\"}"],
             ['application/json; charset=utf-16', '{"password":"canary"}'],
             ['text/plain', "password=canary\xff"],
             ['application/xml', '<!DOCTYPE a><a>canary</a>'],
             ['multipart/form-data; boundary=x',
              "--x\nContent-Disposition: form-data; name=\"a\"\n"
              . "\ncanary\n--x--\n"],
             ['', 'password=canary'])
{
    my ($type, $body) = @$try;

    $nginx->post('/', $type, $body);
    $e = clean("unparsed $type");
    like($e->{metadata}{body}{kind}, qr/^(?:unparsed|opaque|multipart)$/,
         "$type: its kind");
    is($e->{metadata}{body}{bytes}, length $body, "$type: its size");
    is_deeply($e->{parameters}, {}, "$type: no parameters");
}

$nginx->post('/', $form, 'password=canary',
             headers => ['Content-Encoding: gzip']);
$e = clean('encoded');
is($e->{metadata}{body}{kind}, 'unparsed', 'an encoded body');

# texts and XML, which are masked as a whole

for my $try (['text/plain', 'hello: there, at 12:30', 1],
             ['text/plain', "user: x\npassword: canary and more"],
             ['text/plain; charset=utf-8', 'a=1&pass%77ord=canary'],
             ['application/xml', '<a b="1">x &amp; y</a>', 1],
             ['application/soap+xml', '<a><s:password>canary</s:password></a>'],
             ['text/xml', '<d><key>password</key><string>canary</string></d>'])
{
    my ($type, $body, $open) = @$try;

    $nginx->post('/', $type, $body);
    $e = clean("$type: $body");
    is($e->{metadata}{body}{kind}, 'text', "$type: its kind");
    is($e->{request}{body}, $open ? $body : '[REDACTED]', "$type: $body");
}

# the fields of multipart, and of files what they are called

$nginx->post('/', 'multipart/form-data; boundary=x', join '', (map {
    "--x\r\nContent-Disposition: form-data; $_\r\n" }
    "name=\"password\"\r\n\r\ncanary", "name=\"a\"\r\n\r\n1",
    "name=\"f\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\ncanary",
    "name=\"password\"; filename=\"canary\"\r\n\r\n"), "--x--\r\n");
$e = clean('multipart');
is_deeply($e->{parameters},
          { password => ['[REDACTED]', '[REDACTED]'], a => '1',
            f => { filename => 'a.csv', type => 'text/csv', bytes => 6 } },
          'parts of multipart');
is($e->{metadata}{body}{kind}, 'multipart', 'its kind');

# GraphQL: the document without its literals, variables by their names

$nginx->post('/', 'application/json',
             '{"query":"mutation { login(pin: \\"canary\\", n: 42) { id } }",'
             . '"variables":{"password":"canary","x":1}}');
$e = clean('GraphQL');
is_deeply($e->{parameters},
          { query => 'mutation { login(pin: ?, n: ?) { id } }',
            variables => { password => '[REDACTED]', x => 1 } },
          'a document of GraphQL');

# inner levels add, and never take away

$nginx->get('/more/?card=canary&password=canary&token=canary&x=1');
$e = clean('inner rules');
is_deeply($e->{parameters},
          { card => '[REDACTED]', password => '[REDACTED]', x => '1' },
          'rules of all levels');

$nginx->get('/none/?card=fine&password=canary&token=canary');
$e = clean('outer rules');
is_deeply($e->{parameters}, { card => 'fine', password => '[REDACTED]' },
          'rules of the outer levels only');

$nginx->stop;
unlike($nginx->log_text, qr/canary/, 'our own log lines hold none');
$nginx->quiet;

done_testing();

#!/usr/bin/perl

# rtauth_scim against who has no key, and against who has one and sends what
# nobody should: guesses, paths, bodies, filters, races; HTTP/2, keep-alive.

use strict;
use warnings;

use lib 't/lib';

use Fcntl qw(:flock);
use JSON::PP ();
use Test::More;

use RT::JWT ();
use RT::Nginx;
use RT::Raw;
use RT::Scim;

my $nginx = RT::Scim::nginx(ports => 4, server => <<EOT);
        location /errors/ {
            rtauth off;
            error_page 401 404 409 413 = /page;
            rtauth_scim key=data:$Key key=data:$Next;
        }
        location = /page { rtauth off; return 200 page; }
        location /scim/v2/short/ {
            rtauth off;
            rewrite ^ /s break;
            rtauth_scim key=data:$Key key=data:$Next;
        }
        location /scim/v2/long/ {
            rtauth off;
            rewrite ^ /another/path/Users break;
            rtauth_scim key=data:$Key key=data:$Next;
        }
        location /early { rtauth corp; rtauth_phase preaccess; }
    }
    server {
        listen 127.0.0.1:%%PORT2%%; listen 127.0.0.1:%%PORT3%% http2;
        location /scim {
            rtauth off;
            rtauth_scim key=data:$Key key=data:$Next;
        }
EOT

$nginx->start;

sub status { push_to($nginx, @_)->{status} }

# -- who has no key

sub guess {
    my %opt = @_;
    return push_to($nginx, 'GET', '/Users', undef, port => 2, base => '/scim',
                   %opt);
}

my $answer = guess(key => 'x' x 32);
is($answer->{status}, 401, 'a wrong key');
like($answer->{head}, qr/^WWW-Authenticate: Bearer/m, 'it is asked for');
is($answer->{json}{status}, '401', 'as SCIM says it');
is(guess(key => "$Key$Key")->{status}, 401, 'a longer one');
is(guess(key => substr $Key, 1)->{status}, 401, 'a shorter one');
is($nginx->get('/scim/v2/Users')->{status}, 401, 'none');
is($nginx->get("/scim/v2/Users?access_token=$Key")->{status}, 401,
   'a key in the query');
like(guess(headers => ["Authorization: Bearer $Key"])->{status}, qr/^40[01]$/,
     'two');

is(guess(key => $Next)->{status}, 200, 'the second key is one');
is(push_to($nginx, 'GET', '/Users', undef, base => '/errors', key => 'z' x 32)
   ->{status}, 401, 'an error page has no part in it');


# -- paths and methods

my $made = push_to($nginx, 'POST', '/Users', { userName => 'ann' });
my $id = $made->{json}{id};

is(status('GET', "/Users/$id"), 200, 'a user');
is(status('GET', "/Users/../Users/$id"), 403, 'rtauth_raw_path guards it, too');

for (['/', 404], ['/users', 404], ["/Users/$id/", 404], ["/Users/$id/x", 404],
     ['/Users/' . uc $id, 404], ["/Users/$id%00", 400],
     ['/Users/..%2f..%2fetc', 403], ['/Users/*', 404], ["/Groups/$id", 404],
     ["/Users//$id//", 404], ['/.search', 404])
{
    is(status('GET', $_->[0]), $_->[1], "GET $_->[0]");
}

is(status('GET', '/short/Users'), 404, 'a path that a rewrite made shorter');
is(status('GET', '/long/Users'), 404, 'or another one');
is(push_to($nginx, 'GET', '/Users', undef, base => '/scimx', port => 2)
   ->{status}, 404, 'the location begins a name of its own');
is(status('DELETE', '/Users'), 405, 'nobody deletes all users');
is(status('PATCH', '/Users', {}), 405, 'or patches them');
is(status('POST', "/Users/$id", {}), 405, 'or posts one');
is(status('TRACE', '/Users'), 405, 'TRACE');
like(push_to($nginx, 'DELETE', '/Schemas')->{head}, qr/^Allow: GET, HEAD/m,
     'is told what there is');
is(status('POST', '/Bulk', {}), 501, 'no bulk');
is(status('GET', '/Me'), 501, 'no me');
is(status('GET', '/ServiceProviderConfig'), 200, 'what there is');
is(status('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User'), 200,
   'a schema');
is(status('GET', '/Schemas/urn:x'), 404, 'no schema');
is(status('GET', '/ResourceTypes/User'), 200, 'a type');
is(status('GET', '/ResourceTypes/x'), 404, 'no type');


# -- bodies

sub created {
    my ($body, %opt) = @_;
    my $answer = push_to($nginx, 'POST', '/Users', $body, %opt);
    return "$answer->{status} " . ($answer->{json}{scimType} // '');
}

is(created('{"userName":'), '400 invalidSyntax', 'half a JSON');
is(created('[]'), '400 invalidSyntax', 'no object');
is(created('{"userName":"a","userName":"b"}'), '400 invalidSyntax', 'twice');
is(created($_), '400 invalidSyntax', $_)
    for '{"userName":"a","x":1,"X":2}', '{"userName":"a","Username":"b"}',
        '{"userName":"a","emails":[{"value":"b","Value":"c"}]}',
        '{"userName":"a","active":true,"Active":false}',
        '{' . join(',', map { qq("a$_":1) } 1 .. 40) . ',"A7":1,"userName":"a"}';
is(created($_), '400 invalidPath', $_)
    for '{"userName":"a","urn:x":[{"active":false}]}',
        '{"userName":"a","urn:x":{"y":[{"z":{"active":false}}]}}';
is(created('{"userName":"a\u0000b"}'), '400 invalidSyntax', 'a NUL');
is(created("{\"userName\":\"\xff\"}"), '400 invalidSyntax', 'no UTF-8');
is(created('{}'), '400 invalidValue', 'nobody');
is(created('{"userName":" ann"}'), '400 invalidValue', 'a blank before it');
is(created('{"userName":7}'), '400 invalidValue', 'a number');
is(created({ userName => 'x' }, type => 'text/plain'), '415 ', 'no JSON');
is(created({ userName => 'x' }, headers => ['Content-Encoding: gzip']), '415 ',
   'encoded');
is(created({ userName => 'json' }, type => 'Application/JSON; charset=utf-8'),
   '201 ', 'as JSON');
is(created({ userName => 'x' }, type => "application/scim+json; $_"), '415 ', $_)
    for 'charset=utf-16', 'charset=iso-8859-1', 'charset=utf-8; charset=utf-16';
is(created('[' x 100000), '413 ', 'deep');
is(created({ userName => 'x', displayName => 'x' x 2000 }), '413 ',
   'a long value');
is(created({ userName => 'x', title => 'x' x 1_500_000 })
   =~ s/ .*//r, 413, 'a value above what is kept');
is(created({ userName => 'big16', unknown => 'x' x 30_000 }), '201 ',
   'a body above what nginx holds by default');
is(created({ userName => 'big', unknown => 'x' x 1_500_000 }), '201 ',
   'a body above what nginx lets through by default');

unlike($nginx->log_text, qr/buffered to a temporary file/,
       'no body is written to a file');

my $huge = '{"userName":"' . 'x' x (4 * 1024 * 1024) . '"}';

is(created($huge), '413 ', 'a huge body');
like($nginx->raw("POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\n"
    . "Connection: close\r\nAuthorization: Bearer $Key\r\n"
    . "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    . sprintf("%x\r\n", length $huge) . "$huge\r\n0\r\n\r\n"),
    qr/^HTTP\/1\.1 413/, 'a huge body in chunks');

my @ops = map { { op => 'replace', path => 'title', value => "t$_" } } 1 .. 1001;
is(user_op($nginx, $id, @ops)->{status}, 413, 'too many operations');
is(user_op($nginx, $id, { op => 'replace', path => 'id', value => 'x' })
   ->{json}{scimType}, 'mutability', 'an id stays');
is(user_op($nginx, $id, { op => 'replace', path => 'active', value => 'False' },
                        { op => 'add', path => 'emails[', value => 1 })->{status},
   400, 'half of a PATCH');
is(user_op($nginx, $id, { op => 'replace', value => $_ })->{status}, 400,
   join ' and ', sort keys %$_)
    for { active => \1, Active => \0 },
        { active => \1, "${Core}:User:active" => \0 },
        { 'urn:x' => [{ active => \0 }] };
like(user_op($nginx, $id, $_)->{status}, qr/^20[04]$/, 'another attribute')
    for { op => 'replace', path => 'is_active', value => \0 },
        { op => 'replace', value => { name => { active => \0 } } },
        { op => 'add', path => 'emails',
          value => [{ value => 'x@example.com', active => \0 }] };
is(push_to($nginx, 'GET', "/Users/$id")->{json}{active}, JSON::PP::true,
   'is none of it');


# -- filters

sub filter { status('GET', '/Users?filter=' . $_[0] =~ s/ /+/gr) }

is(filter('(' x 17 . 'active eq true' . ')' x 17), 400, 'deep parentheses');
is(filter('userName eq "' . 'x' x 3000 . '"'), 400, 'a long filter');
is(filter('password eq "x"'), 400, 'a password cannot be asked for');
is(filter('not (active eq true)'), 200, 'not');
is(filter('emails[type eq "work" and value co "@"]'), 200, 'a value');
is(status('GET', '/Users?count=99999999999999999999&startIndex=-5'), 200,
   'numbers out of bounds');
is(status('GET', '/Users?count=x'), 400, 'no number');
is(status('GET', '/Users?' . join '&', map { "a$_=1" } 1 .. 20), 400,
   'many arguments');



# -- races: of several who have read one version, one changes it

my ($etag) = push_to($nginx, 'GET', "/Users/$id")->{head} =~ /^ETag: (.*)\r/m;
my $body = "{\"schemas\":[\"$Patch\"],\"Operations\":[{\"op\":\"replace\","
           . '"path":"title","value":"T%d"}]}';
my @sockets = map {
    my $text = sprintf $body, $_;
    my $s = $nginx->connect;
    $s->syswrite(join "\r\n", "PATCH /scim/v2/Users/$id HTTP/1.1",
        'Host: localhost', 'Connection: close', "Authorization: Bearer $Key",
        'Content-Type: application/json', "If-Match: $etag",
        'Content-Length: ' . length $text, '', $text);
    $s;
} 1 .. 8;

my %got;
$got{$nginx->answer($_)->{status}}++ for @sockets;
is_deeply(\%got, { 200 => 1, 412 => 7 }, 'one of eight has won');


# -- HTTP/2, keep-alive, who goes away

$answer = push_to($nginx, 'POST', '/Users', { userName => 'h2' }, http2 => 1,
                  port => 3, base => '/scim');
is($answer->{status}, 201, 'HTTP/2');
is(push_to($nginx, 'DELETE', "/Users/$answer->{json}{id}", undef, http2 => 1,
           port => 3, base => '/scim')->{status}, 204, 'and deleted');

my $get = "GET /scim/v2/Users?count=1 HTTP/1.1\r\nHost: localhost\r\n"
          . "Authorization: Bearer $Key\r\n";
my $out = $nginx->raw("$get\r\n" . "$get\r\n" . "${get}Connection: close\r\n\r\n");
is(scalar(() = $out =~ /HTTP\/1\.1 200/g), 3, 'three on one connection')
    or diag($out);

# what waits for the journal's lock, as the kernel sees it

open my $journal, '<', $nginx->dir . '/state/users' or die $!;
flock $journal, LOCK_EX or die $!;

my $gone = $nginx->connect;
my $text = '{"userName":"gone"}';
$gone->syswrite(join "\r\n", 'POST /scim/v2/Users HTTP/1.1', 'Host: localhost',
    "Authorization: Bearer $Key", 'Content-Type: application/json',
    'Content-Length: ' . length $text, '', $text);

ok($nginx->wait_for('its job to begin', sub {
    my $workers = join '|', $nginx->workers;
    return RT::Nginx::slurp('/proc/locks') =~ /-> FLOCK .* (?:$workers) /;
}), 'a change is under way');

close $gone;
close $journal;

ok($nginx->wait_for('who went away', sub {
    push_to($nginx, 'GET', '/Users?filter=userName+eq+%22gone%22')
        ->{json}{totalResults}
}), 'who goes away in the middle has made it all the same');

$nginx->reload;
is(status('GET', "/Users/$id"), 200, 'all is there after a reload');

# -- who guesses, last: all here have one address

# all on one connection, so in one worker

sub pipeline {
    my @requests = @_;
    my ($path, $token) = @{pop @requests};
    my $head = "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n";

    my $out = $nginx->raw(join('', map { sprintf "$head\r\n", @$_ } @requests)
        . sprintf("${head}Connection: close\r\n\r\n", $path, $token));

    return split /(?=HTTP\/1\.1 \d)/, $out;
}

my $forged = RT::JWT::bearer(sub => 'ann') =~ s/.{20}\z/'A' x 20/er;
my @answers = pipeline((['/early', $forged]) x 14,
                       ['/scim/v2/Users', "Authorization: Bearer $Key"]);
like($answers[13], qr/^HTTP\/1\.1 429/, 'too many bad signatures come from there');
like($answers[14], qr/^HTTP\/1\.1 200/, 'the provider is heard all the same');

@answers = pipeline((['/scim/v2/Users', 'Authorization: Bearer ' . 'y' x 32]) x 40);
my @asked = grep { /^HTTP\/1\.1 401/ && /^WWW-Authenticate: Bearer\r$/m } @answers;
my @refused = grep { /^HTTP\/1\.1 429/ && /^Retry-After: 1\r$/m } @answers;

is(@asked + @refused, 40, 'who guesses is told so, or to wait');
cmp_ok(scalar @refused, '>', 0, 'who guesses on has to wait');
ok($nginx->wait_for('429', sub {
    @answers = pipeline(
        (['/scim/v2/Users', 'Authorization: Bearer ' . 'y' x 32]) x 40,
        ['/scim/v2/Users', "Authorization: Bearer $Key"]);
    $answers[39] =~ /^HTTP\/1\.1 429/
}), 'until the second is over');
like($answers[40], qr/^HTTP\/1\.1 200/, 'the right key is heard meanwhile');
unlike($nginx->log_text, qr/$Key|$Next/, 'no key is in the log');
$nginx->end;
done_testing();

#!/usr/bin/perl

# A secret of its own in every position of a request, in every encoding, on
# every route through nginx: no output has any of them, in any encoding.
# Positions, encodings and routes are rows of tables.

use strict;
use warnings;
use lib 't/lib';

use IO::Socket::INET;
use List::Util qw(first);
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::View;

my $http2 = `curl --version 2>/dev/null` =~ /HTTP2/;

srand($ENV{RT_SEED} || 1);

# a collector that keeps all it gets, until nginx closes

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 8)
    or die "listen: $!";
my $collector = $listen->sockport;
my $kept = "/tmp/rt_canary_$$.out";

my $child = fork // die "fork: $!";

if ($child == 0) {
    alarm 600;
    open my $out, '>', $kept or exit 1;
    my $in = $listen->accept or exit 1;

    syswrite $out, $_ while sysread $in, $_, 65536;
    POSIX::_exit(0);
}

close $listen;
my $owner = $$;

END { kill 'TERM', $child if $child && $$ == $owner }

my @routes = qw(up stream dead page named last try auth mirror ssi refuse meta
                flat full small large strict);
my @resets = map { "uri:/$_/reset/*" } 'first', @routes;

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 3,
                           level => RT::Nginx::debug() ? 'debug_http' : 'info',
                           http => <<"SINK" . <<'EOF');
    rtaudit_sink syslog syslog:tcp://127.0.0.1:$collector class=all;
    rtaudit_sink away http://127.0.0.1:1/ class=all spool=%%DIR%%/spool:64m;
    rtaudit_redact @resets;
SINK
    rtaudit_zone 8m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink second file:%%DIR%%/logs/second.log;
    rtaudit_sink content file:%%DIR%%/logs/content.log class=content;
    rtaudit_sink strict file:%%DIR%%/logs/strict.log strict;
    rtaudit_sink failing file:/dev/full required;

    rtaudit main second content syslog away;
    rtaudit_level request;
    rtaudit_redact name:pin;
    rtaudit_redact name:id_card action=drop;

    rtaudit_header Authorization Proxy-Authorization Cookie Referer X-Api-Key
                   X-Session-Token X-Original-URL Location User-Agent X-Text
                   Sec-WebSocket-Protocol Destination Pin;
    rtaudit_field pageName arg:pin header:Pin form:pin json:/pin;
    rtaudit_field queryName arg:note json:/note header:X-Text;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT2%% http2;
        client_max_body_size 3k;

        location / { return 200 open; }
        location /up/ { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /stream/ {
            proxy_request_buffering off;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /dead/ { proxy_pass http://127.0.0.1:1; }
        location /page/ { error_page 404 /error.html; return 404; }
        location /named/ { error_page 403 = @named; return 403; }
        location /last/ { rewrite ^ /error.html?new=1 last; }
        location /try/ { root %%DIR%%; try_files /none @named; }
        location /auth/ {
            auth_request /sub;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /mirror/ {
            mirror /sub;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /ssi/ {
            ssi on;
            ssi_types text/plain;
            proxy_pass http://127.0.0.1:%%PORT1%%/include/;
        }
        location /refuse/ {
            rtaudit_unreadable refuse;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /meta/ { rtaudit_level metadata; return 200; }
        location /flat/ { rtaudit_parameters flat; return 200; }
        location /full/ { rtaudit main second failing; return 200; }
        location /strict/ {
            rtaudit main strict;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /said/ {
            rtaudit_level response;
            proxy_pass http://127.0.0.1:%%PORT1%%/echo/;
        }
        location = /status { rtaudit off; rtaudit_status; }
        location = /metrics { rtaudit off; rtaudit_status prometheus; }
        location /small/ {
            rtaudit_max_event 8k;
            rtaudit_body 64;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /large/ {
            client_max_body_size 1;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }

        location /view/ { rtaudit off; rtaudit_view open; }
        location = /error.html { rtaudit off; return 200 sorry; }
        location @named { rtaudit off; return 200 named; }
        location = /sub {
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        rtaudit off;
        location / { return 200 up; }

        # what was sent, once nginx has read it

        location /echo/ {
            client_body_in_single_buffer on;
            proxy_pass http://127.0.0.1:1;
            error_page 502 =200 @echo;
        }
        location @echo {
            default_type '';
            add_header Content-Type $content_type;
            return 200 $request_body;
        }
        location /include/ {
            default_type text/plain;
            return 200 '<!--# include virtual="/sub" -->';
        }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');


# -- secrets: all begin alike, so that one search finds any of them

my $mark = 'cnryq';
my %where;


sub secret {
    my ($where) = @_;

    my $secret = $mark . join '', map { chr(97 + int rand 26) } 1 .. 8;

    $where{$secret} = $where;
    return $secret;
}


sub percent { join '', map { sprintf '%%%02X', ord } split //, $_[0] }
sub twice { percent(percent($_[0])) }
sub some { join '', map { rand() < 0.4 ? percent($_) : $_ } split //, $_[0] }
sub mixed { join '', map { rand() < 0.5 ? uc : lc } split //, $_[0] }
sub escaped { join '', map { rand() < 0.5 ? sprintf('\\u%04x', ord) : $_ }
              split //, $_[0] }
sub plain { $_[0] }
sub quoted { my ($s) = @_; $s =~ s/([\\"])/\\$1/g; return $s }
sub b64 { encode_base64($_[0], '') }


# fullwidth letters

sub wide {
    my ($s) = @_;
    $s =~ s/([a-z])/pack 'C3', 0xef, 0xbd, 0x80 + ord($1) - 0x60/ge;
    return $s;
}


sub token {
    my @parts = map { my $s = b64($_); $s =~ tr{+/=}{-_}d; $s }
        '{"alg":"HS256"}', "{\"sub\":\"$_[0]\"}", 'no signature at all';

    return join '.', @parts;
}


sub key { 'ghp_' . $_[0] . 'abcdefghijklmnopqrstuvwxyz0123456789' }


# -- names that hide their values: of rules, and without any

my @names = qw(pin id_card password clientSecret api_key access_token);


# -- encodings of a name and its value, where they are percent-decoded ...

my @encoded = (
    [plain  => \&plain, \&plain],
    [name   => \&percent, \&plain],
    [value  => \&plain, \&percent],
    [both   => \&percent, \&percent],
    [some   => \&some, \&some],
    [twice  => \&twice, \&percent],
    [mixed  => \&mixed, \&plain],
    [wide   => sub { percent(wide($_[0])) }, \&plain],
    [unseen => sub { substr($_[0], 0, 1) . '%E2%80%8B' . substr $_[0], 1 },
               \&plain],
    [spaced => sub { "+$_[0]%20" }, sub { "+$_[0]" }],
);

# ... and where they are JSON

my @escaped = (
    [plain   => \&plain, \&plain],
    [escaped => \&escaped, \&escaped],
    [mixed   => \&mixed, \&plain],
    [wide    => \&wide, \&plain],
    [unseen  => sub { "\xef\xbb\xbf$_[0]" }, \&plain],
);


# -- positions: where a name ($_[0]) and a value ($_[1]) stand

my @pairs = (
    sub { "a=1&$_[0]=$_[1]&b=2" },
    sub { "$_[0]=$_[1]&$_[0]=x" },
    sub { "$_[0]%5B%5D=$_[1]" },
    sub { "user[$_[0]]=$_[1]" },
    sub { "user.$_[0]=$_[1]" },
    sub { "name=$_[0]&value=$_[1]" },
    sub { "note=$_[0]%3D$_[1]" },
);

# in these the name is not encoded by itself

my @texts = (
    sub { "https://h/?$_[0]=$_[1]" },
    sub { "{\"a\":{\"$_[0]\":\"$_[1]\"}}" },
    sub { "<a><$_[0]>$_[1]</$_[0]></a>" },
    sub { "<c><entry key=\"$_[0]\">$_[1]</entry></c>" },
    sub { "USER=x\n$_[0]=$_[1]\n" },
    sub { "user: x\n$_[0]: $_[1]\n" },
    sub { "host=db1 $_[0]=$_[1] dbname=x" },
    sub { "run --$_[0]=$_[1]" },
    sub { "<entry key = \"$_[0]\">$_[1]</entry>" },
    sub { "<e a='>' name=\"$_[0]\">$_[1]</e>" },
    sub { "mutation{login($_[0]:\"$_[1]\"){id}}" },
    sub { "http://u:$_[1]\@h/" },
    sub { token($_[1]) },
    sub { 'it is ' . key($_[1]) . ' now' },
    sub { "-----BEGIN EC PRIVATE KEY-----\n$_[1]\n" },
    sub { "<d><key>$_[0]</key><string>$_[1]</string></d>" },
    sub { "<a><$_[0]>$_[1]" },
    sub { "$_[1]</$_[0]></a>" },
    sub { 'Basic ' . b64("user:$_[1]") },
    sub { "GET /\nAuthorization: Token $_[1]\n" },
    sub { "AccountName=x;AccountKey=$_[1]==" },
);

my @trees = (
    sub { "{\"$_[0]\":\"$_[1]\"}" },
    sub { "{\"a\":[{\"b\":{\"$_[0]\":\"$_[1]\"}}],\"c\":1}" },
    sub { "{\"$_[0]\":{\"x\":[\"$_[1]\",{\"y\":\"$_[1]\"}]}}" },
    sub { "[{\"$_[0]\":\"$_[1]\"}]" },
    sub { "[{\"name\":\"$_[0]\",\"value\":\"$_[1]\"}]" },
    sub { "{\"Operations\":[{\"op\":\"replace\",\"path\":\"$_[0]\","
          . "\"value\":\"$_[1]\"}]}" },
    sub { "{\"e\":[[\"$_[0]\",\"$_[1]\"]]}" },
    sub { "{\"$_[0]\":\"$_[1]\",\"$_[0]\":\"$_[1]\"}" },
    sub { "{\"query\":\"mutation(\$x:S){login(y:\$x)}\","
          . "\"variables\":{\"in\":{\"$_[0]\":\"$_[1]\"}}}" },
    sub { "{\"note\":\"$_[0]=$_[1]\",\"pin\":\"$_[1]\"}" },
    sub { "{\"query\":\"mutation{login(x:\\\"$_[1]\\\",y:5){id}}\"}" },
    sub { "[{\"query\":\"{a(b:\\\"\\\"\\\"$_[1]\\\"\\\"\\\")}#$_[1]\"}]" },
    sub { "{\"query\":\"{a(b:{$_[0]:$_[1]})}\"}" },
    sub { "{\"query\":\"{a(b:\\\"$_[1])}\"}" },
    sub { "{\"tokens\":[\"$_[1]\"],\"op\":\"add\","
          . "\"path\":\"/u/0/$_[0]\",\"value\":\"$_[1]\"}" },
);

# bodies that are not read, or cannot be

my $form = 'application/x-www-form-urlencoded';

my @bodies = (
    ['application/json', sub { "{\"$_[0]\":\"$_[1]\"" }],
    ['application/json', sub { "{\"$_[0]\":\"$_[1]\xff\"}" }],
    ['application/json; charset=utf-16', sub { "{\"$_[0]\":\"$_[1]\"}" }],
    [$form, sub { "{\"$_[0]\":\"$_[1]\"}" }],
    [$form, sub { "$_[0]: $_[1]\r\n" }],
    [$form, sub { "$_[0]=$_[1]%" }],
    ['text/plain', sub { "$_[0]=$_[1]" }],
    ['text/plain', sub { "a\r\n$_[0]: $_[1] $_[1]\r\n" }],
    ['text/plain', sub { "{\"$_[0]\":\"$_[1]\"}" }],
    ['text/plain', sub { 'x Basic ' . b64("u:$_[1]") }],
    ['text/plain; charset=latin1', sub { $_[1] }],
    ['text/xml', sub { "<a><$_[0]>$_[1]" }],
    ['text/xml', sub { "<!DOCTYPE a><b>$_[1]</b>" }],
    ['application/soap+xml', sub { "<a><s:$_[0] t='x'>$_[1]</s:$_[0]></a>" }],
    ['application/soap+xml', sub { "<d><key>$_[0]</key><s>$_[1]</s></d>" }],
    ['application/xml', sub { "<$_[0]>$_[1]</$_[0]>" }],
    ['text/xml', sub { "<a $_[0]=\"$_[1]\"/>" }],
    ['application/graphql', sub { "{login($_[0]:\"$_[1]\")}" }],
    ['application/octet-stream', sub { "\0$_[1]\0" }],
    ['', sub { "$_[0]=$_[1]" }],
    ['multipart/form-data; boundary=x', sub {
        "--x\r\nContent-Disposition: form-data; name=\"$_[0]\"\r\n\r\n"
        . "$_[1]\r\n--x--\r\n" }],
    ['multipart/form-data; boundary=x', sub {
        "--x\r\nContent-Disposition: form-data; name=\"$_[0]\"; "
        . "filename=\"$_[1].txt\"\r\nContent-Type: text/plain\r\n\r\n"
        . "$_[1]\r\n--x--\r\n" }],
    ['multipart/form-data; boundary=x', sub {
        "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
        . "{\"$_[0]\":\"$_[1]\"}\r\n--x--\r\n" }],
    (map { my $head = $_; ['multipart/form-data; boundary=x', sub {
        my ($name, $value) = @_;
        (my $part = $head) =~ s/NAME/$name/g;
        $part =~ s/VALUE/$value/g;
        "--x\r\nContent-Disposition: form-data; $part\r\n--x--\r\n" }] }
        "name=\"u[NAME]\"\r\n\r\nVALUE", "name=\"a\"\r\n\r\nNAME=VALUE",
        "name=\"NAME=VALUE\"\r\n\r\nx",
        "name=\"f\"; filename=\"NAME=VALUE\"\r\n\r\nVALUE",
        "name=\"f\"; filename*=UTF-8''VALUE\r\n\r\nVALUE",
        "name=\"a\"\r\nContent-Type: text/plain; NAME=VALUE\r\n\r\n\xff",
        "name=\"a\"\r\nContent-Type: text/x\r\n\r\nVALUE",
        "name=\"a\"\r\nX: VALUE\r\n\r\nVALUE",
        "name=\"name\"\r\n\r\nNAME\r\n--x\r\nContent-Disposition: "
        . "form-data; name=\"value\"\r\n\r\nVALUE"),
    ['multipart/mixed; boundary=y', sub {
        "--y\r\nX: $_[1]\r\n\r\n$_[1]\r\n--y--\r\n" }],
);

my @headers = (
    sub { "Authorization: Bearer $_[1]" },
    sub { 'Authorization: Basic ' . b64("user:$_[1]") },
    sub { "Authorization: $_[1]" },
    sub { "Proxy-Authorization: Digest response=$_[1]" },
    sub { "Cookie: $_[0]=$_[1]" },
    sub { "Cookie: a=1; session=$_[1]; b=\"$_[1];\"" },
    sub { "Cookie: $_[1]" },
    sub { "X-Api-Key: $_[1]" },
    sub { "X-Session-Token: $_[1]" },
    sub { "Pin: $_[1]" },
    sub { "X-Text: $_[0]=$_[1]" },
    sub { "X-Text: {\"$_[0]\":\"$_[1]\"}" },
    sub { 'X-Text: ' . token($_[1]) },
    sub { 'X-Text: ' . key($_[1]) },
    sub { "X-Text: <a><$_[0]>$_[1]</$_[0]></a>" },
    sub { "X-Not-Listed: $_[1]" },
    sub { "Referer: https://h/p?$_[0]=$_[1]&x=1" },
    sub { "Referer: https://h/p#$_[1]" },
    sub { "Referer: https://u:$_[1]\@h/p" },
    sub { 'Referer: https://h/' . token($_[1]) . '/x' },
    sub { 'Referer: https://h/' . key($_[1]) . '/x' },
    sub { "Referer: /p;$_[0]=$_[1]?y=1" },
    sub { "X-Original-URL: /p?$_[0]=$_[1]" },
    sub { "User-Agent: agent $_[0]=$_[1]" },
    sub { 'User-Agent: ' . token($_[1]) },
    sub { "Sec-WebSocket-Protocol: bearer, $_[1]" },
    sub { "X-Forwarded-For: 192.0.2.1, $_[1]" },
    sub { "Destination: http://h/p?$_[0]=$_[1]" },
    sub { "traceparent: 00-$_[1]" },
);

my @paths = (
    sub { "x;$_[0]=$_[1]" },
    sub { 'verify/' . token($_[1]) . '/x' },
    sub { 'verify/' . key($_[1]) },
    sub { 'verify/' . percent(token($_[1])) },
    sub { "p#$_[1]" },
    sub { "reset/$_[1]" },
    sub { "reset/" . percent($_[1]) . '/x' },
);


# -- each position in each encoding, as parts of a request

my @todo;

for my $i (0 .. $#pairs) {
    for my $row (@encoded) {
        my ($how, $name, $value) = @$row;
        my $text = sub { $pairs[$i]->($name->($_[0]), $value->($_[1])) };

        push @todo, ["query $i $how", sub { query => $text->(@_) }],
                    ["form $i $how", sub { type => $form,
                                           body => $text->(@_) }];
    }
}

for my $i (0 .. $#texts) {
    for my $how (\&percent, \&twice) {
        my $text = sub { 'q=' . $how->($texts[$i]->(@_)) };

        push @todo, ["query text $i", sub { query => $text->(@_) }],
                    ["form text $i", sub { type => $form,
                                           body => $text->(@_) }];
    }

    push @todo, ["JSON text $i", sub {
        my $s = quoted($texts[$i]->(@_));
        $s =~ s/\n/\\n/g;
        return (type => 'application/json', body => "{\"a\":[\"$s\"]}");
    }];
}

for my $i (0 .. $#trees) {
    for my $row (@escaped) {
        my ($how, $name, $value) = @$row;
        my $text = sub { $trees[$i]->($name->($_[0]), $value->($_[1])) };

        push @todo, ["JSON $i $how", sub { type => 'application/json',
                                           body => $text->(@_) }],
                    ["JSON $i in a string, $how", sub {
                        type => 'application/json',
                        body => '{"s":"' . quoted($text->(@_)) . '"}' }],
                    ["JSON $i in a query, $how", sub {
                        query => 'variables=' . percent($text->(@_)) }];
    }
}

for my $row (@bodies) {
    my ($type, $body) = @$row;
    push @todo, ["body $type", sub { type => $type, body => $body->(@_) }];
}

for my $i (0 .. $#headers) {
    my $copy = $headers[$i]->('', '') =~ /^Destination/;

    push @todo, ["header $i", sub { headers => [$headers[$i]->(@_)],
                                    $copy ? (method => 'COPY') : () }];
}

for my $i (0 .. $#paths) {
    push @todo, ["path $i", sub { path => $paths[$i]->(@_) }];
}


# -- sent on the plain route, and on two of the others: the routes and the names
# take turns

my ($sent, $turn) = (0, 0);


sub send_to {
    my ($route, $kind, $make, $how) = @_;

    my $name = $names[$turn++ % @names];
    my %r = $make->($name, secret("$kind, $name, /$route/ $how"));

    my $uri = "/$route/" . ($r{path} // 'p')
              . (defined $r{query} ? "?$r{query}" : '');
    my @head = (@{$r{headers} || []},
                length($r{type} // '') ? "Content-Type: $r{type}" : ());

    my %args = (headers => \@head, body => $r{body});
    my $method = $r{method} || (defined $r{body} ? 'POST' : 'GET');

    if ($how eq 'HTTP/2') {
        $nginx->http2($method, $uri, %args, port => 2);

    } else {
        $nginx->request($method, $uri, %args);
    }

    $sent++;
}


# first the lines that tell of a refusal, of which there are a few in ten seconds

ok($nginx->wait_for('a refusal', sub {
    $sent++;
    $nginx->get('/full/')->{status} == 503;
}), 'the failing sink refuses');

send_to('full', @$_, '') for grep { $_->[0] =~ /^path/ } @todo;

for my $i (0 .. $#todo) {
    send_to('first', @{$todo[$i]}, '');
    send_to($routes[$_ % @routes], @{$todo[$i]}, '') for $i, 7 * $i + 3;

    if ($todo[$i][0] =~ /^(?:body|form|JSON)/) {
        send_to('up', @{$todo[$i]}, '');
        send_to('said', @{$todo[$i]}, '');
    }

    send_to('up', @{$todo[$i]}, 'HTTP/2') if $http2 && $i % 30 == 7;
}

# what nginx refuses before it has a location

for my $bad ("GET /?pin=%s HTTP/1.1\r\n\r\n", "GET /?pin=%s\r\n",
             "GET /p?pin=%s HTTP/9.9\r\nHost: h\r\n\r\n",
             "GET /?pin=%s HTTP/1.1\r\nHost: h\r\nHost: %s\r\n\r\n",
             "GET /?pin=%s HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
             "p%s /?pin=%s HTTP/1.1\r\nHost: h\r\n\r\n")
{
    my $secret = secret("refused: $bad");
    (my $request = $bad) =~ s/%s/$secret/g;

    $nginx->raw($request);
    $sent++;
}


# -- nothing of them is anywhere

my @events = $audit->events($sent, 60);

cmp_ok($sent, '>', 1000, "$sent secrets were sent");

ok((first { ref $_->{parameters} eq 'HASH' && ($_->{parameters}{b} // '') eq 2 }
    @events), 'other parameters are there');
ok((first { ($_->{pageName} // '') eq '[REDACTED]' } @events),
   'fields were taken from what is hidden');
ok((first { $_->{metadata}{level} eq 'metadata' } @events), 'of level metadata');

ok((first { ($_->{metadata}{response}{body} // '') eq '[REDACTED]' } @events),
   'what was said in return is shown, without what it hides');

my $view = join '', map { $_->{answer}{body} }
    RT::View->new($nginx, '/view/')->all('limit=200');

my @status = map { $nginx->get($_)->{body} } '/status', '/metrics';

$nginx->stop;


# a text as it is, and as whoever decodes it once or twice reads it

sub readings {
    my @all = @_;

    for (1 .. 2) {
        my $next = $all[-1];

        $next =~ s/%([0-9a-f]{2})/chr hex $1/gie;
        $next =~ s/\\u00([0-9a-f]{2})/chr hex $1/gie;
        push @all, $next;
    }

    return @all;
}


# of the mark in base64, the characters that no neighbour changes, for each
# place of it among three bytes

my $base64 = join '|', map {
    substr b64('x' x $_ . $mark), $_ ? $_ + 1 : 0, 6
} 0 .. 2;


sub slurp { RT::Nginx::slurp(@_) }
sub file { slurp($nginx->dir . "/logs/$_[0]") }


# what there is to search, a row each

my %outputs = (
    'the file'   => sub { file('audit.log') },
    'another'    => sub { file('second.log') },
    'class=content' => sub { file('content.log') },

    'the intents of a strict one' => sub {
        join '', grep { /"stage":"received"/ } split /^/, file('strict.log') },

    'a spool' => sub { join '', map { slurp($_) }
                       glob $nginx->dir . '/spool/*' },

    'rtaudit_view' => sub { $view },
    'rtaudit_status' => sub { $status[0] },
    'its metrics' => sub { $status[1] },

    # the lines that are ours: nginx's own show what was sent

    'the error log' => sub { join "\n", grep { /\brt(?:audit|auth|csp):/ }
                             split /\n/, file('error.log') },

    'a collector' => sub { waitpid $child, 0; $child = 0; slurp($kept) },
);

for my $name (sort keys %outputs) {
    my $output = $outputs{$name}->();
    ok(length $output, "$name is not empty");

    my %found;

    for my $text (readings($output)) {
        $found{$where{lc $1} // "a part: $1"}++
            while $text =~ /($mark[a-z]{0,8})/gi;
        $found{"base64: $1"}++ while $text =~ /($base64)/g;
    }

    is(join("\n", sort keys %found), '', "no secret is in $name");
}

unlink $kept;
$nginx->quiet('sink "failing"');

done_testing();

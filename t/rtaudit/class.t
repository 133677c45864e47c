#!/usr/bin/perl

# class=: a sink gets the members of its classes, and no other byte.  A secret
# of its own in every position of a request is in the sinks of its class, and
# in no other; of health there is none.  Sinks for alerts get alerts only.

use strict;
use warnings;
use lib 't/lib';

use Digest::SHA qw(hmac_sha256_hex);
use MIME::Base64 qw(encode_base64);
use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::Syslog;


my @single = qw(usage metering health pii content);
my $away = RT::Syslog->new('tcp');
my $key = '0123456789abcdef0123456789abcdef';
my $sinks = join '', map {
    "    rtaudit_sink $_ file:%%DIR%%/logs/$_.log class=$_;\n"
} @single, 'alert';

my $http = <<"EOT";
    rtaudit_hmac_key kid=k1 key=data:$key;
    rtaudit_zone 8m;
    rtaudit_sink main file:%%DIR%%/logs/main.log;
$sinks
    rtaudit_sink pair file:%%DIR%%/logs/pair.log class=metering,health;
    rtaudit_sink away @{[ $away->target =~ s/all/health/r ]};
EOT

$http .= <<'EOT';
    rtaudit main usage metering health alert pii content pair away;
    rtaudit_level request;
    rtaudit_redact name:gone action=drop;
    rtaudit_header User-Agent Referer Cookie Authorization X-Text X-Request-Id
                   Destination;
    rtaudit_field userId         header:X-User;
    rtaudit_field organizationId header:X-Org;
    rtaudit_field user.email     header:X-Mail;
    rtaudit_field pageName       header:X-Page;
    rtaudit_field environment    header:X-Env;
    rtaudit_field query.route    header:X-Route;
    log_format    used '$request_id';

    server {
        listen 127.0.0.1:%%PORT0%%;
        client_max_body_size 4k;

        location /        { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /up      { proxy_pass http://$arg_up; }
        location /failed  { return 500; }
        location /small   { rtaudit_max_event 8k; return 200; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        rtaudit off;
        return 200 up;
    }
EOT

my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => $http);
my %log = map { $_ => RT::Audit->new($nginx->dir . "/logs/$_.log") }
    @single, qw(main alert pair);

$nginx->start;


# -- secrets in every position; of which class each is

my $mark = 'cnryq';
my (%class, $n);

sub secret {
    my ($class, $prefix) = @_;

    my $s = ($prefix // $mark) . sprintf('%04d', ++$n) =~ tr/0-9/a-j/r;
    $class{$s} = $class;
    return $s;
}

my $trace = secret('content', 'c0ffee00' x 3 . 'abcd');
my $span = secret('content', 'c0ffee00abcd');
my %ip = map { ("198.51.100.$_" => 1) } 77, 78;

$class{$_} = 'pii' for keys %ip;


# once for each request; a name as well as a value where there are names

sub head {
    my %class_of = (
        'User-Agent' => 'content', Referer => 'content', 'X-Text' => 'content',
        'X-Request-Id' => 'content', Destination => 'content',
        'X-User' => 'pii', 'X-Org' => 'metering', 'X-Mail' => 'pii',
        'X-Page' => 'usage', 'X-Env' => 'usage', 'X-Route' => 'content',
        'X-Any' => 'none',
    );

    return ((map { "$_: " . secret($class_of{$_}) } sort keys %class_of),
            'Cookie: ' . secret('content') . '=' . secret('none'),
            'Authorization: Basic ' . encode_base64(secret('none') . ':x', ''),
            'X-Forwarded-For: 198.51.100.77, ' . secret('none')
                . ', 198.51.100.78',
            "traceparent: 00-$trace-$span-01", secret('none') . ': 1');
}

sub where { '/' . secret('content') . '?' . secret('content') . '='
            . secret('content') . '&gone=' . secret('none') }

sub ask {
    my ($method, $uri, %opt) = @_;

    my @type = $opt{type} ? "Content-Type: $opt{type}" : ();
    $nginx->request($method, $uri, %opt, headers => [head(), @type]);
}

my @asked = (
    sub { ask('GET', where()) },
    sub { ask(uc secret('content'), where()) },
    sub { ask('COPY', where()) },
    sub { ask('POST', where(), type => 'application/json',
              body => sprintf '{"%s":"%s","a":{"%s":[1,"%s"]},"gone":"%s"}',
                      map { secret($_) } qw(content content content content
                                            none)) },
    sub { ask('POST', where(), type => 'application/x-www-form-urlencoded',
              body => secret('content') . '=' . secret('content')) },
    sub { ask('POST', where(), type => 'multipart/form-data; boundary=b',
              body => "--b\r\nContent-Disposition: form-data; name="
                      . secret('content') . "\r\n\r\n" . secret('content')
                      . "\r\n--b--\r\n") },
    sub { ask('POST', where(), type => 'text/' . secret('content'),
              body => secret('none')) },
    sub { ask('POST', where(), type => 'application/json',
              body => '{"a":"' . secret('none')) },
    sub { ask('POST', where(), body => secret('none') x 1000) },
    sub { ask('GET', '/small' . where()) },
    sub { ask('GET', '/up?up=127.0.0.1:' . $nginx->port(1)) },
    sub { ask('GET', '/up?up=' . secret('content') . '.invalid') },
    sub { $nginx->raw("GET /" . secret('none') . "\x01 HTTP/1.1\r\n\r\n") },
    sub { $nginx->raw("GET " . where() . " HTTP/1.1\r\nHost: "
                      . secret('content') . ".test\r\n"
                      . "Connection: close\r\n\r\n") },
);

$_->() for @asked;
$nginx->get('/failed');

my $sent = @asked + 1;
my %event = map { $_ => [ $log{$_}->events($sent) ] } @single, 'main', 'pair';
my @away = RT::Syslog::events($away->wait($sent));


# -- each secret is where its class is, and nowhere else

my %text = map { $_ => lc $log{$_}->text } keys %log;
my (@beyond, %seen);

for my $s (sort keys %class) {
    for my $sink (@single) {
        my $there = index($text{$sink}, lc $s) >= 0;

        $seen{$s} = 1 if $there;
        push @beyond, "$s ($class{$s}) in $sink"
            if $there && $sink ne $class{$s};
    }
}

is(join("\n", @beyond), '', 'no secret in a sink of another class');

my @main = grep { index($text{main}, lc $_) >= 0 } keys %class;

is_deeply([sort keys %seen], [sort @main],
          'what the whole line has, the sink of its class has');
cmp_ok(scalar @main, '>', 100, 'and that is not little');
is_deeply([sort keys %{{ map { ($class{$_} => 1) } @main }}],
          [qw(content metering pii usage)], 'of each class');


# -- health: no bit of a user

for my $sink ('health', 'alert') {
    is(() = $text{$sink} =~ /$mark|c0ffee|198\.51\.100|hmac-sha256/g, 0,
       "$sink: no secret");
}

is(() = join('', map { lc $_->{text} } @{$away->{messages}})
        =~ /$mark|c0ffee|198\.51\.100|hmac-sha256/g, 0, 'nor over syslog');

for my $i (0 .. $sent - 1) {
    my ($h, $main) = ($event{health}[$i], $event{main}[$i]);

    is($h->{id}, $main->{id}, 'an event is the same in all');
    is($h->{status}, $main->{status}, 'health has the status');

    my @kept = grep { !/^(?:seq|status|responseTimeMs|\w*Ms)$/ }
        grep { $h->{metadata}{$_} // '' } keys %{$h->{metadata}};
    my %may = map { $_ => 1 } qw(class schema level stage node stream scheme
                                 server body upstream lost);
    is(join(' ', grep { !$may{$_} } @kept), '', 'and nothing that varies');
}

is_deeply([map { $_->{metadata}{class} } @away],
          [map { ['health'] } @away], 'a line says its classes');
is_deeply(\@away, $event{health}, 'syslog: the same lines');

my %addr = map { $_ => 1 }
    grep { defined } map { $_->{metadata}{upstream}{addr} } @{$event{health}};
is_deeply([sort keys %addr], ['127.0.0.1:' . $nginx->port(1), 'variable'],
          'no address that a client chose');


# -- metering: users can be counted, by nobody's name

my %user = map { $_->{metadata}{userPseudonym} // '' => 1 }
    @{$event{metering}};
my %want = map { 'hmac-sha256:k1:' . hmac_sha256_hex($_->{userId}, $key) => 1 }
    grep { defined $_->{userId} } @{$event{main}};

is_deeply([sort grep { length } keys %user], [sort keys %want],
          'a pseudonym a user');
ok(exists $event{metering}[0]{metadata}{bytes}{out}, 'and the bytes');
ok(!exists $event{metering}[0]{status}, 'but not the status');
is($event{pair}[0]{status}, 200, 'of two classes, the members of both');
ok(exists $event{pair}[0]{metadata}{userPseudonym}, 'likewise');


# -- alerts: errors, and what tells of a loss

my ($failed) = grep { $_->{status} == 500 } @{$event{main}};
my @alert = $log{alert}->events(scalar grep { $_->{status} >= 500 }
                                @{$event{main}});

is_deeply([map { $_->{id} } @alert],
          [map { $_->{id} } grep { $_->{status} >= 500 } @{$event{main}}],
          'errors of the server');
is($alert[-1]{error}{type}, 'internal_server_error', 'with their reason');

# one in hand of a worker that is killed

my $half = $nginx->connect;
my ($worker) = $nginx->workers;

$half->syswrite("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
$nginx->get('/failed');
$log{alert}->event;

kill 'KILL', $worker;
$nginx->wait_for('another worker', sub {
    my @now = $nginx->workers;
    @now == 1 && $now[0] != $worker;
});
$nginx->get('/');

my $told = $log{alert}->event;
is($told->{status}, 200, 'what is no alert by itself');
is($told->{metadata}{lost}, 1, 'is one when it tells of a loss');
is(($log{$_}->events(2))[1]{metadata}{lost}, 1, "$_: is told, too")
    for @single;

$nginx->stop;

my $books = RT::Syslog::books($nginx, 'alert');
is($books->{requests}, $sent + 3, 'each request is booked for it');
is($books->{waived}, $sent - @alert, 'what is no alert as not wanted');
is($books->{written}, @alert + 2, 'the others as written');

$nginx->quiet('exited on signal 9', 'class=|data:', 'could not be resolved',
              'no resolver');

done_testing();

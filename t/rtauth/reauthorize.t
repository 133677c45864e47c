#!/usr/bin/perl

# rtauth_reauthorize: a request that lives long ends when whoever sent it would
# not be let in any more; others go on, whatever they wait for.

use strict;
use warnings;

use lib 't/lib';

use IO::Select;
use IPC::Open2;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);

use RT::Audit;
use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::Raw;
use RT::Redis;
use RT::SignIn;


# an application whose answers have no end: "tick TIME" again and again, as a
# tunnel or not.  What was sent to /to/PATH is answered from there.

my $endless = RT::Raw::start(undef, sub {
    my $client = shift;
    my $head = RT::Raw::head($client) // return;

    my ($path) = $head =~ m{^\S+ (\S*)};
    my $more = $path =~ m{^/to(/\S*)} ? "X-Accel-Redirect: $1\r\n" : '';

    $client->syswrite($head =~ /^Upgrade: websocket/mi
        ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
          . "Upgrade: websocket\r\n\r\n"
        : $path =~ m{^/bad} ? "HTTP/1.1 500 Bad\r\nConnection: close\r\n\r\n"
        : "HTTP/1.1 200 OK\r\nConnection: close\r\n"
          . "Content-Type: text/event-stream\r\n$more\r\n");

    return if $more || $path =~ m{^/bad};

    if ($path =~ m{^/up}) {
        1 while sysread $client, $head, 65536;
        return;
    }

    while (1) {
        $client->syswrite('tick ' . time . "\n") or return;
        sleep 0.02;
    }
});

my $App_ = "proxy_pass http://127.0.0.1:$endless; proxy_http_version 1.1;
            proxy_buffering off; proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header Connection \$connection_upgrade;";

my $corp = RT::Provider->new;
my $redis = RT::Redis->new;
$redis->start;

my $corp_block = signs_in($corp, 'corp', 'audience tools; leeway 0s;
    backchannel_logout_uri /oidc/back; claims_from id_token;');
my $fleet = $redis->block('fleet', 'plain', 'stale 3s;');
my $key = 'key=data:01234567890123456789012345678901';

# the time by which a machine has started nginx and asked for one page

my $until = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + 25));

my $Servers = join '', map { "
    server {
        listen 127.0.0.1:%%PORT$_->[0]%%$_->[2];
        server_name localhost;
        access_log %%DIR%%/logs/access.log result;

        rtauth corp;
        rtauth_session $_->[1];
        rtauth_reauthorize 1s;
        rtauth_authorize off;

        location / { $App_ }
        location /page { proxy_pass http://$App; }
        location /guest { rtauth_require group guest; $App_ }
        location = /desk { rtauth_authorize on; rtauth_workspace on; $App_ }
        location /public { rtauth_public_group visitors; $App_ }
        location /off { rtauth_reauthorize off; $App_ }
        location /expiry { rtauth_reauthorize 1s expiry; $App_ }
        location /staff { rtauth_require group staff; $App_ }
        location /staff/page { rtauth_require group staff;
            proxy_pass http://$App; }
        location /varies { rtauth_require \$unsent; $App_ }
        location /file { alias %%DIR%%/html/big; limit_rate 2k; }
        location /up { proxy_request_buffering off; $App_ }
        location /read { client_body_timeout 60s; $App_ }
        location /inner { internal; rtauth off; $App_ }
        location /asked { rtauth off; auth_request /ask; $App_ }
        location = /ask { internal; proxy_pass http://$App; }
        location /mirrored { rtauth off; mirror /copy; $App_ }
        location = /copy { internal; proxy_pass http://$App; }
        location /bad { proxy_intercept_errors on; error_page 500 = /inner/e;
            $App_ }
        location /after { post_action /afterwards; $App_ }
        location = /afterwards { internal; rtauth off;
            proxy_pass http://$App; }
    }\n" } [0, 'idle=1h', ''],
           [1, "idle=1h store=cookie '$key'", ''],
           [2, "idle=1h store=redis:fleet '$key'", ''],
           [3, 'idle=2s absolute=4s', ''],
           [4, 'idle=2s', ''],
           [5, 'idle=1h', ' http2'],
           [6, 'recheck=1s', ''],
           [7, "store=redis:fleet recheck=1s '$key'", ''];

my $http = <<"EOT";
    rtauth_zone 8m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $fleet

    rtauth_group staff { match groups has staff; }
    rtauth_group guest { match sub eq guest; until $until; reason "a visit"; }

    rtauth_group editors { match sub eq editor; permission edit;
                           until $until; reason "a visit"; }
    rtauth_group team { match sub eq editor; permission use /apps;
                        default_app /apps; }
    rtauth_group visitors { permission use /public;
                            until $until; reason "an open day"; }

    map \$bytes_sent \$unsent { volatile; 0 1; default 0; }
    map \$http_upgrade \$connection_upgrade { default upgrade; '' close; }
    proxy_set_header X-Email \$rtauth_user;

    log_format result escape=none '\$uri \$status \$rtauth_result \$rtauth_event';

    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;

    $Servers
EOT

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], workers => 2,
                           ports => 8, level => 'info', http => $http);

$nginx->file('html/big', 'x' x 4_000_000);
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $Web = 'Upgrade: websocket';


# -- what lives long: a socket, and what came of it

sub live {
    my ($path, %args) = @_;

    my $s = $nginx->connect($args{port} // 0) or die "connect: $!";
    my @headers = ('Host: localhost', @{$args{headers} || []});

    push @headers, 'Connection: Upgrade' if "@headers" =~ /Upgrade: web/;

    $s->syswrite(join "\r\n", ($args{method} // 'GET') . " $path HTTP/1.1",
                              @headers, '', $args{body} // '');

    return bless { s => $s, got => '', name => $args{name} // $path };
}

sub bearer { return 'Authorization: Bearer ' . RT::JWT::token(
                 iss => $corp->issuer, iat => int(time) - 5, @_) }

sub cookie {
    my $browser = shift;

    return 'Cookie: ' . join '; ', map { "$_=$browser->{jar}{$_}" }
                                   sort keys %{$browser->{jar}};
}


# reads what is there; 0: it is over

sub more {
    my $self = shift;

    while (!$self->{over} && IO::Select->new($self->{s})->can_read(0)) {
        my $n = $self->{s}->sysread(my $part, 65536);

        $self->{over} = 1 if !$n;
        $self->{got} = substr $self->{got} . ($part // ''), -4096 if $n;
    }

    return !$self->{over};
}


# something comes that was sent after this was called

sub goes_on {
    my ($self, $what) = @_;

    my $now = time;

    ok($nginx->wait_for("a tick of $self->{name}", sub {
        more($self) or return 1;
        my ($last) = $self->{got} =~ /.*tick ([\d.]+)\n/s;
        return ($last // 0) > $now;
    }) && !$self->{over}, $what // "$self->{name} goes on");
}

sub begins {
    my ($self, $what) = @_;

    ok($nginx->wait_for("the head of $self->{name}", sub {
        more($self);
        return $self->{got} =~ m{^HTTP/1.1 (?:101|200)}
               || $self->{over};
    }) && !$self->{over}, $what // "$self->{name} begins");
}

sub ends {
    my ($self, $what) = @_;

    ok($nginx->wait_for("the end of $self->{name}", sub { !more($self) }),
       $what // "$self->{name} ends");
}


# -- what ends them

my $n = 0;

sub back {
    my (%claims) = @_;

    my $token = RT::JWT::token(
        iss => $corp->issuer, aud => $corp->{client_id}, exp => undef,
        email => undef, sub => undef, iat => int time, jti => "j-$$-" . ++$n,
        events => { 'http://schemas.openid.net/event/backchannel-logout' => {}},
        %claims);

    is($nginx->post('/oidc/back', 'application/x-www-form-urlencoded',
                    'logout_token=' . escape($token))->{status}, 200,
       'the provider ends ' . join ' ', %claims);
}

sub browser {
    my ($port, %user) = @_;

    my $browser = RT::Browser->new($nginx, port => $port);

    $corp->lie(id_token => \%user) if %user;
    my $answer = $browser->walk('/oidc/login?to=/page');
    $corp->honest if %user;

    signed_in($answer, 'ann@example.com', "somebody signs in, port $port");

    return $browser;
}

my @own = ('Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate',
           'Sec-Fetch-Dest: document');


# -- a grant that ends while a connection lives, below

my $guest = live('/guest', headers => [$Web, bearer(sub => 'guest')]);
goes_on($guest, 'a guest');

my $editor = live('/desk', headers => [$Web, bearer(sub => 'editor')]);
goes_on($editor, 'an editor where others are sent to their app');

my $visitor = live('/public', headers => [$Web]);
goes_on($visitor, 'a visitor');


# -- of a token that is revoked, everything ends, wherever it is

my @gone = (headers => [bearer(sid => 's-1')]);
my @stay = (headers => [bearer(sid => 's-2')]);

my %ends = (
    socket => live('/ws', headers => [$Web, bearer(sid => 's-1')]),
    events => live('/sse', @gone),
    file => live('/file', @gone),
    redirected => live('/to/inner/x', @gone),
    asked => live('/asked', @gone),
    error => live('/bad', @gone),
    action => live('/after', @gone),
    action_socket => live('/after', headers => [$Web, bearer(sid => 's-1')]),
);

my %stays = (
    socket => live('/ws', headers => [$Web, bearer(sid => 's-2')]),
    events => live('/sse', @stay),
    varies => live('/varies', @stay),
    redirected => live('/to/inner/x', @stay),
    off => live('/off', @gone),
    off_socket => live('/off', headers => [$Web, bearer(sid => 's-1')]),
    mirrored => live('/mirrored', @gone),
);

$_->{name} = "gone: $_->{name}" for values %ends;

begins($ends{$_}, "$_: begins") for sort keys %ends;
begins($stays{$_}, "$_: begins") for sort keys %stays;

# what has no answer yet: bodies that are being sent on, and being read

my @long = ('Content-Length: 100000', 'Expect: 100-continue',
            bearer(sid => 's-1'));

$ends{$_} = live("/$_", method => 'POST', headers => \@long)
    for qw(up read);

for my $name (qw(up read)) {
    $nginx->wait_for("$name is read", sub {
        more($ends{$name});
        $ends{$name}{got} =~ /100 Continue/ });
    $ends{$name}{s}->syswrite("some of it");
}

back(sid => 's-1');

ends($ends{$_}, "$_: ends") for sort keys %ends;
goes_on($stays{$_}, "$_: goes on") for sort keys %stays;

like($nginx->get('/sse', @gone)->{head}, qr/^HTTP\S+ 401/, 'nor does it begin');

ok($nginx->wait_for('the access log', sub {
    my $log = RT::Nginx::slurp($nginx->dir . '/logs/access.log');
    my $event = '{"decision":"end","reason":"revoked","provider":"corp",'
                . '"action":"ACCESS_ENDED"}';

    return keys(%ends) == (() = $log =~ /^\S+ \d+ revoked \Q$event\E$/gm);
}), 'the variables say so when they are logged');
like($nginx->log_text, qr/rtauth: ended: revoked/, 'and the log');

ok($nginx->wait_for('an event', sub {
    grep { /"actionType":"ACCESS_ENDED"/ } $audit->fresh;
}), 'and an event');


# -- HTTP/2: the stream, and no other one of its connection

my ($from, $to);
my $pid = open2($from, $to, 'node', 't/lib/RT/streams.mjs',
                'http://127.0.0.1:' . $nginx->port(5),
                map { "$_->[0]=" . bearer(sid => $_->[1]) =~ s/^\S+ //r }
                    ['/sse?1', 's-3'], ['/sse?2', 's-4'], ['/sse?3', 's-3'],
                    ['/file', 's-3']);
my $said = '';

# what it says until it says that; undef: the deadline is over

sub hears {
    my ($what, $condition) = @_;

    ok($nginx->wait_for($what, sub {
        sysread $from, $said, 65536, length $said
            while IO::Select->new($from)->can_read(0) && !eof_of($from);
        return $condition->();
    }), $what);
}

sub eof_of { return 0 }

hears("stream $_ begins", sub { $said =~ /^\Q\/sse?$_\E tick/m }) for 1 .. 3;

back(sid => 's-3');

hears("stream $_ is reset", sub { $said =~ /^\Q$_\E ended 2$/m })
    for '/sse?1', '/sse?3', '/file';

my $now = time;

hears('the other one goes on', sub {
    ($said =~ m{.*^/sse\?2 tick ([\d.]+)$}ms)[0] > $now });
unlike($said, qr{^connection|^/sse\?2 ended}m, 'on the same connection');

close $to;
waitpid $pid, 0;


# -- sessions: signed out here, or by the provider

for my $port (0 .. 2) {
    my $store = (qw(zone cookie redis))[$port];
    my $ann = browser($port, sid => "a-$port");
    my $bob = browser($port, sid => "b-$port");
    my $cat = browser($port, sid => "c-$port");

    my @live = map { live('/ws', port => $port, name => $store,
                          headers => [$Web, cookie($_)]) } $ann, $bob, $cat;

    goes_on($_, "$store: a socket of a session") for @live;

    is($ann->open('/oidc/logout', headers => \@own)->{status}, 302,
       "$store: signed out");
    ends($live[0], "$store: ends when its user signs out");
    goes_on($live[$_], "$store: that of another session goes on") for 1, 2;

    back(sid => "b-$port");
    ends($live[1], "$store: ends when its provider says so");
    goes_on($live[2], "$store: that of the third session goes on");
}


# -- what the provider says of him now; not where the cookie is all there is

for my $port (6, 7) {
    my $store = $port == 7 ? 'redis' : 'zone';
    my $ann = browser($port, sid => "d-$port", groups => ['staff']);

    # they may ask anew at once

    $corp->lie(id_token => { sid => "d-$port", groups => ['staff'] });

    my @live = map { live($_, port => $port, headers => [$Web, cookie($ann)]) }
                   '/staff', '/ws';

    goes_on($_, "$store: somebody of staff") for @live;

    $corp->lie(id_token => { sid => "d-$port", groups => [] });

    ok($nginx->wait_for('a refresh', sub {
        ($ann->open('/staff/page')->{status} // 0) == 403;
    }), "$store: another request hears that he left staff");

    ends($live[0], "$store: what only staff may see ends");
    goes_on($live[1], "$store: what all may see goes on");

    $corp->lie(token => { status => 400,
                          body => '{"error":"invalid_grant"}' });

    ok($nginx->wait_for('the end of the session', sub {
        !defined seen($ann->open('/page'));
    }), "$store: another request hears that he is gone");

    $corp->honest;
    ends($live[1], "$store: the rest ends");
}


# -- times: that of a session, of its idleness, of a token

my $short = browser(3);
my $idle = browser(4);
my @times = (
    live('/ws', port => 3, headers => [$Web, cookie($short)]),
    live('/ws', port => 4, headers => [$Web, cookie($idle)]),
    live('/expiry', headers => [$Web, bearer(exp => int(time) + 4)]),
    live('/ws', headers => [$Web, bearer(exp => int(time) + 4)]),
);

goes_on($_) for @times;

ends($times[0], 'a session is over after its absolute time');
ends($times[2], 'a token has expired, where that is asked for');
goes_on($times[3], 'and not elsewhere');

ok($nginx->wait_for('the idle time', sub {
    !defined seen($nginx->get('/page', port => 4,
                              headers => [cookie($idle)]));
}), 'a session was idle for too long');

# whoever signs in makes room, by what is over; redis forgets by itself

browser(4) for 1 .. 2;
goes_on($times[1], 'what was begun goes on');
like($nginx->log_text, qr/rtauth: ended: expired/, 'the log says what ended');


# -- a redis that is away for a while, and for too long

my $ann = browser(2);
my $away = live('/ws', port => 2, headers => [$Web, cookie($ann)]);

goes_on($away, 'a session of redis');
$redis->stop;
ends($away, 'ends when nobody knows any more what was revoked');
like($nginx->log_text, qr/rtauth: ended: store_unavailable/, 'says the log');
$redis->start;


# -- a reload: the old workers judge what they have, by what they know

$ann = browser(0, sid => 'r-1');
my $other = browser(0, sid => 'r-2');
my @old = map { live('/ws', headers => [$Web, $_]) }
              cookie($ann), cookie($other), bearer(sid => 'r-3');

goes_on($_) for @old;

ok($nginx->reload(http => $http =~ s/rtauth_reauthorize 1s;/
                                     rtauth_reauthorize off;/xgr), 'a reload');

goes_on($_, 'an old worker still serves') for @old;
ok($ann->open('/oidc/logout', headers => \@own)->{status} == 302,
   'signed out at a new worker');
ends($old[0], 'ends what an old one has');

back(sid => 'r-3');
ends($old[2], 'and what is revoked');
goes_on($old[1], 'the rest goes on');

# -- the end of a grant

ends($guest, 'a guest is none any more');
ends($editor, 'so is an editor, who is not sent anywhere now');
ends($visitor, 'nor may nobody be there');
ok($nginx->wait_for('the access log', sub {
    RT::Nginx::slurp($nginx->dir . '/logs/access.log')
        =~ m{^/guest\ 101\ requirement\ \{"decision":"end",.*"grant":"guest",
             .*"action":"ACCESS_ENDED"\}$}mx;
}), 'and the event names the grant');

$_->{s}->close for values %stays, @times, @old;


# -- errors of configuration

for (['0s', 'invalid time "0s" in "rtauth_reauthorize"'],
     ['999ms', 'invalid time "999ms" in "rtauth_reauthorize"'],
     ['25h', 'invalid time "25h" in "rtauth_reauthorize"'],
     ['never', 'invalid time "never" in "rtauth_reauthorize"'],
     ['30s always', 'invalid option "always" in "rtauth_reauthorize"'],
     ['off expiry', 'invalid time "off" in "rtauth_reauthorize"'],
     ["30s;\nrtauth_reauthorize 1m", '"rtauth_reauthorize" directive is dup'])
{
    RT::Nginx->new(modules => ['rtauth'])->blames($_->[1], http => <<"EOT");
        server { rtauth_reauthorize $_->[0]; # here
        }
EOT
}

$nginx->end('TERM');

done_testing();

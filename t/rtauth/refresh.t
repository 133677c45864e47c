#!/usr/bin/perl

# rtauth_session recheck=, recheck_stale=: what is known of a session's user is
# asked anew, once, whatever the provider answers and whoever asks beside.

use strict;
use warnings;

use lib 't/lib';

use IO::Select;
use Test::More;
use Time::HiRes qw(time);

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $info = RT::Provider->new(client_id => 'info');
my $mute = RT::Provider->new(client_id => 'mute');

my $corp_block = signs_in($corp, 'corp', 'claims_from id_token userinfo;
                                          timeout 10s;');
my $info_block = signs_in($info, 'info', 'claims_from userinfo; timeout 10s;
                                          redirect_uri /oidc/info;');
my $mute_block = signs_in($mute, 'mute', 'redirect_uri /oidc/mute;
                                          timeout 1s;');

my $Location = "proxy_pass http://$App;";
my $Servers = join '', map { "
    server {
        listen 127.0.0.1:%%PORT$_->[0]%%;
        server_name localhost;

        rtauth corp info mute;
        rtauth_session $_->[1];

        location / { $Location }
        location /staff { rtauth_require claim groups has staff; $Location }
        location /tokens {
            proxy_set_header X-Access \$rtauth_access_token;
            proxy_set_header X-Id \$rtauth_id_token;
            proxy_set_header X-Session \$rtauth_session;
            $Location
        }
        location /kept {
            add_header Cache-Control 'public, max-age=600';
            add_header Surrogate-Control max-age=600;
            $Location
        }
        location /ajax { rtauth_login never; $Location }
        location /asked { auth_request /ajax/inner; $Location }
    }\n" } [0, 'recheck=2s recheck_stale=1h'],
           [1, 'recheck=2s recheck_stale=1s'],
           [2, "recheck=2s recheck_stale=1h store=cookie
                'key=data:01234567890123456789012345678901'"],
           [3, 'recheck=5m'];

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], workers => 2,
                           ports => 4, level => 'info', http => <<"EOT");
    rtauth_zone 8m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $info_block
    $mute_block

    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit main;
    rtaudit_level request;

    proxy_set_header X-Email \$rtauth_user;
    $Servers
EOT

$nginx->start;

my ($Zone, $Short, $Cookie, $Long) = 0 .. 3;


sub signed {
    my ($port, $name) = @_;

    my $browser = RT::Browser->new($nginx, port => $port);
    my $answer = $browser->walk('/oidc/login?rtauth_provider='
                                . ($name // 'corp') . '&to=/x');

    $browser->{signed} = time;
    signed_in($answer, 'ann@example.com', 'signed in');

    return $browser;
}


# what is known of him is older than recheck now

sub due {
    my ($browser, $seconds) = @_;

    my $then = $browser->{signed} + ($seconds // 3.1);

    $nginx->wait_for('the time of a recheck', sub { time > $then });
    $browser->{signed} = time;
}


sub refreshes {
    return grep { ($_->{form}{grant_type} // '') eq 'refresh_token' }
               $_[0]->asked('token');
}


# It was asked so many times since then.  A slow machine may have come to the
# next recheck meanwhile.

sub so_often {
    my ($since, $n, $what) = @_;

    my $found = refreshes($corp);

    ok($found == $n || time - $since > 0.9, "$what: $found");
}


# a request whose answer is not waited for

sub sends {
    my ($browser, $path) = @_;

    my $s = $nginx->connect($browser->{port}) or die "connect: $!";
    my $jar = join '; ', map { "$_=$browser->{jar}{$_}" }
                             sort keys %{$browser->{jar}};

    $s->syswrite("GET $path HTTP/1.1\r\nHost: localhost\r\n"
                 . "Connection: close\r\nCookie: $jar\r\n\r\n");
    return $s;
}


sub person { $_[0]->user(email => $_[1], @_[2 .. $#_]) }


# he has to sign in again, and the cookie is gone

sub ended {
    my ($browser, $what, $why) = @_;

    my $answer = $browser->open('/ajax');

    is($answer->{status}, 401, "$what: the session is over at once");
    is($browser->cookie('__Host-rt'), undef, "$what: so is the cookie");
    ok($nginx->log_text =~ /a session ends, provider "\w+" does not confirm it: $why/,
       "$what: the log says why");
}


# of those who come later, what is known gets old meanwhile

my ($gone, $bare, $sub, $out) = map { signed($_) } $Zone, $Zone, $Cookie, $Zone;
my $long = signed($Long);

$corp->user(groups => ['staff']);
my $staff = signed($Zone);

for my $store ($Zone, $Cookie) {
    my $name = $store == $Zone ? 'zone' : 'cookie';

    $_->honest, $_->forget for $corp;

    # -- the request that asks has the new claims

    my $browser = signed($store);

    is(scalar refreshes($corp), 0, "$name: nobody is asked before its time");

    due($browser);
    person($corp, 'ann@new.example');

    my $old = $browser->cookie('__Host-rt');
    my $since = time;
    my $answer = $browser->open('/x');

    signed_in($answer, 'ann@new.example', "$name: new claims, in this request");
    is(scalar refreshes($corp), 1, "$name: it was asked once");

    my %set = cookies($answer);

    if ($store == $Cookie) {
        isnt($browser->cookie('__Host-rt'), $old, 'the cookie is a new one');
        is(scalar(() = $answer->{head} =~ /^Set-Cookie: __Host-rt=/gmi), 1,
           'and set once');

    } else {
        is($browser->cookie('__Host-rt'), $old, 'zone: the cookie stays');
    }

    signed_in($browser->open('/x'), 'ann@new.example', "$name: kept");
    so_often($since, 1, "$name: nobody asks again so soon");


    # -- an answer that sets the cookie is for no cache, not the browser's
    # either; another one is as the application says, and his alone

    due($browser);

    for (["$name: it renews the cookie", $browser, 1, 'no-store'],
         ["$name: it does not", $long, 0, 'private, max-age=600'])
    {
        my ($what, $who, $set, $control) = @$_;
        my $answer = $who->open('/kept');

        ok(defined seen($answer), "$what: a page");
        is(scalar(() = $answer->{head} =~ /^Set-Cookie: __Host-rt=/gmi), $set,
           $what);
        is(join('|', $answer->{head} =~ /^Cache-Control: *(.*?)\r?$/gmi),
           $control, "$what: who may keep it");
        unlike($answer->{head}, qr/^Surrogate-Control:/mi,
               "$what: no cache in front");
    }


    # -- rotation: each token is used once, and is the last one given

    for my $n (2 .. 3) {
        due($browser);
        signed_in($browser->open('/x'), 'ann@new.example', "$name: refresh $n");
    }

    my @tokens = map { $_->{form}{refresh_token} } refreshes($corp);
    my %once = map { $_ => 1 } @tokens;

    ok(@tokens >= 3, "$name: three refreshes");
    is(scalar keys %once, scalar @tokens, "$name: with a token each");


    # -- many at once: one asks, the others go on meanwhile

    $corp->forget;
    due($browser);
    person($corp, 'ann@third.example');
    $corp->hold('token');

    my $before = $browser->cookie('__Host-rt');
    my @sockets = map { sends($browser, "/x?$_") } 1 .. 20;
    my $select = IO::Select->new(@sockets);
    my @answers;

    $nginx->wait_for('19 answers', sub {
        for my $s ($select->can_read(0.05)) {
            push @answers, $nginx->answer($s);
            $select->remove($s);
        }
        return @answers >= 19;
    });

    is(scalar @answers, 19, "$name: all but one are answered");
    is(scalar(grep { (seen($_) // '') =~ /^X-Email: ann\@new\.example\r$/m }
                   @answers), 19, "$name: with what is known");

    $corp->let_go('token');
    my $last = $nginx->answer($select->handles);

    signed_in($last, 'ann@third.example', "$name: the one that waits is new");
    is(scalar refreshes($corp), 1, "$name: the provider was asked once");



    # -- a request that was sent before the new cookie came has the old token

    if ($store == $Cookie) {
        my $late = RT::Browser->new($nginx, port => $store);

        $late->{jar}{'__Host-rt'} = $before;

        signed_in($late->open('/x'), 'ann@new.example',
                  'with the cookie from before he goes on');
        is(scalar refreshes($corp), 1, 'and does not use its token again');
    }
}


# -- a client that goes away takes no token along

{
    $corp->honest;
    my $browser = $gone;

    $corp->forget;
    due($browser);
    person($corp, 'ann@gone.example');
    $corp->hold('token');

    my $s = sends($browser, '/x');

    $nginx->wait_for('the flight', sub { refreshes($corp) == 1 });
    close $s;

    signed_in($browser->open('/x'), 'ann@example.com', 'another goes on');
    $corp->let_go('token');

    my $since = time;

    ok($nginx->wait_for('its end', sub {
        (seen($browser->open('/x')) // '') =~ /^X-Email: ann\@gone/m }),
       'what nobody waited for was kept');
    so_often($since, 1, 'and asked for once');

    due($browser);
    person($corp, 'ann@back.example');

    signed_in($browser->open('/x'), 'ann@back.example', 'with its new token');
}


# -- of whom too little is known, all wait, for one answer

{
    $corp->honest;
    my $browser = signed($Short);

    $corp->forget;
    due($browser, 4.1);
    person($corp, 'ann@late.example');
    $corp->hold('token');

    my @sockets = map { sends($browser, "/x?$_") } 1 .. 8;

    $nginx->wait_for('the flight', sub { refreshes($corp) == 1 });
    $corp->let_go('token');

    my $since = time;
    my @seen = map { seen($nginx->answer($_)) // '' } @sockets;

    is(scalar(grep { /^X-Email: ann\@late\.example\r$/m } @seen), 8,
       'after recheck_stale all have the new claims');
    so_often($since, 1, 'for which one has asked');
}


# -- what ends a session at once

{
    my @cases = (
        ['invalid_grant', { token => { status => 400,
                                       body => '{"error":"invalid_grant"}' } },
         'it says "invalid_grant"'],
        ['an empty 400', { token => { status => 400, body => '' } },
         'is a refusal'],
        ['another sub', { id_token => { sub => 'u-2' } },
         "its ID token is another user's"],
        ['userinfo of another user', { userinfo => { json => { sub => 'u-2' } } },
         "its userinfo is another user's"],
        ['an ID token nobody signed', { id_token => { -unsigned => 1 } },
         'its ID token is refused: bad_alg'],
        ['another audience', { id_token => { aud => 'other' } },
         'its ID token is refused: wrong_audience'],
    );

    $corp->honest;

    my @all = map { my $case = $_; map { [@$case, signed($_)] } $Zone, $Cookie }
                  @cases;

    due($all[-1][-1]);

    for my $case (@all) {
        my ($what, $lie, $why, $browser) = @$case;

        my $copy = RT::Browser->new($nginx, port => $browser->{port});
        %{$copy->{jar}} = %{$browser->{jar}};

        $corp->lie(%$lie);
        ended($browser, $what, $why);
        $corp->honest;

        is($copy->open('/ajax')->{status}, 401,
           "$what: a copy of the cookie is worth nothing");
    }
}


# -- new claims decide in the same request

{
    my $browser = $staff;

    person($corp, 'ann@example.com', groups => ['staff']);
    due($browser);
    is($browser->open('/staff')->{status}, 200, 'he is of the staff');

    due($browser);
    person($corp, 'ann@example.com', groups => []);

    is($browser->open('/staff')->{status}, 403, 'he is not any more');
    is($browser->open('/x')->{status}, 200, 'he is signed in all the same');
    $corp->honest;
}


# -- no ID token at a refresh: the old one's claims, newer ones before them

{
    my $browser = $bare;

    due($browser);
    $corp->lie(token => { json => { id_token => undef } },
               userinfo => { json => { email => 'ann@info.example' } });

    signed_in($browser->open('/x'), 'ann@info.example',
              'without an ID token userinfo has the word');
    $corp->honest;
}


# -- a subrequest may be the one that asks

{
    my $browser = $sub;
    my $old = $browser->cookie('__Host-rt');

    $corp->forget;
    due($browser);

    is($browser->open('/asked')->{status}, 200, 'a subrequest asks');
    is(scalar refreshes($corp), 1, 'once for both');
    isnt($browser->cookie('__Host-rt'), $old, 'and its cookie comes along');
}


# -- a provider that is away: nobody is signed out

{
    my @cases = (
        ['an error', { token => { status => 500, body => '' } }],
        ['too many requests', { token => { status => 429, body => '' } }],
        ['no client of its', { token => { status => 401,
                               body => '{"error":"invalid_client"}' } }],
        ['no answer of a token endpoint', { token => { body => 'hello' } }],
        ['no userinfo', { userinfo => { status => 503, body => '' } }],
        ['nobody', undef],
    );

    $corp->lie(rotate => 0);

    my @all = map { [@$_, signed($Zone), signed($Short)] } @cases;

    due($all[-1][-1], 4.1);

    for my $case (@all) {
        my ($what, $lie, $browser, $short) = @$case;

        $lie ? $corp->lie(%$lie) : $corp->stop;

        signed_in($browser->open('/x'), 'ann@example.com', "$what: he goes on");

        is($short->open('/x')->{status}, 503,
           "$what: after recheck_stale nobody does");
        ok($short->cookie('__Host-rt'), "$what: but he keeps his session");
        ok($nginx->log_text =~ /refused with 503: provider_unavailable/,
           "$what: the log has the reason");

        $lie ? $corp->honest : $corp->resume;
        $corp->lie(rotate => 0);

        signed_in($short->open('/x'), 'ann@example.com',
                  "$what: it is back, and he is signed in");
    }

    $corp->honest;
}

my @warned = $nginx->log_text =~ /(\[warn\].*is asked anew|\[warn\].*was asked anew)/g;
ok(@warned >= 1 && @warned <= 2, 'each worker warns once a minute');


# -- signed out while his session is being asked for

{
    # a worker that met the provider away leaves it alone for a while; new ones
    # have not

    ok($nginx->reload, 'new workers');

    my $browser = $out;
    my $copy = RT::Browser->new($nginx, port => $Zone);

    %{$copy->{jar}} = %{$browser->{jar}};
    $corp->forget;
    due($browser);
    $corp->hold('token');

    my $s = sends($browser, '/ajax');

    $nginx->wait_for('the flight', sub { refreshes($corp) == 1 });
    $browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin']);
    $corp->let_go('token');

    is($nginx->answer($s)->{status}, 401, 'signed out meanwhile: refused');
    is($copy->open('/ajax')->{status}, 401, 'the session does not come back');
}


# -- no refresh token: userinfo with the access token, as long as it lives

{
    $info->lie(token => { json => { refresh_token => undef,
                                    expires_in => 8 } });

    my $browser = signed($Zone, 'info');
    my $begun = time;

    due($browser);
    person($info, 'ann@info.example');

    signed_in($browser->open('/x'), 'ann@info.example', 'userinfo is asked');
    is(scalar refreshes($info), 0, 'and the token endpoint is not');

    $nginx->wait_for('the end of the access token', sub { time > $begun + 9 });

    my $asked = $info->asked('userinfo');

    signed_in($browser->open('/x'), 'ann@info.example', 'then he stays as he is');
    is(scalar $info->asked('userinfo'), $asked, 'nobody is asked');
}


# -- neither: as long as the session lives, with one warning

{
    $mute->lie(token => { json => { refresh_token => undef } });

    my @browsers = map { signed($Zone, 'mute') } 1 .. 2;

    due($browsers[1]);
    person($mute, 'ann@mute.example');

    signed_in($_->open('/x'), 'ann@example.com', 'he stays as he is')
        for @browsers, @browsers;

    my $found = () = $nginx->log_text
        =~ /\[warn\].*provider "mute" cannot be asked anew/g;

    is($found, 1, 'one warning says so');
}


# -- a worker that dies takes the lock along for a while, not for ever

{
    $mute->honest;
    $mute->lie(rotate => 0);
    my $browser = signed($Zone, 'mute');

    $mute->forget;
    due($browser);
    $mute->hold('token');

    my $s = sends($browser, '/x');

    $nginx->wait_for('the flight', sub { refreshes($mute) == 1 });
    kill 'KILL', $nginx->workers;
    $nginx->answer($s);
    $mute->let_go('token');
    person($mute, 'ann@late.example');

    ok($nginx->wait_for('another flight', sub {
        my $seen = seen($browser->open('/x'));
        return $seen && $seen =~ /^X-Email: ann\@late\.example\r$/m }),
       'another asks when the lock has lapsed');
}


# -- tokens and the session's name as variables

{
    my $browser = signed($Long);
    my $seen = seen($browser->open('/tokens'));

    like($seen, qr/^X-Access: an\.access-token_[0-9a-f]{64}\r$/m,
         '$rtauth_access_token');
    like($seen, qr/^X-Id: [\w-]+\.[\w-]+\.[\w-]+\r$/m, '$rtauth_id_token');
    like($seen, qr/^X-Session: [0-9a-f]{32}\r$/m, '$rtauth_session');
    unlike($seen, qr/\Q@{[$browser->cookie('__Host-rt')]}\E/,
           'and never the cookie');
}

my $logs = $nginx->log_text . RT::Nginx::slurp($nginx->dir . '/logs/audit.log');

unlike($logs, qr/(?:refresh|access)-token_[0-9a-f]/, 'no token is in a log');

# what a killed worker had in hand is lost to rtaudit, and said when others end

$nginx->end(undef, 'exited on signal 9', 'provider_unavailable',
            'at the end: 0 events were not written, \d+ losses are told');

done_testing;

#!/usr/bin/perl

# Support access: nobody of ours gets in by default; a grant is explicit, has a
# reason, and ends, to the second, whatever is open by then.  What second it is,
# nginx says itself: $msec, as it decides.

use strict;
use warnings;

use lib 't/lib';

use IO::Select;
use JSON::PP qw(decode_json);
use POSIX qw(strftime);
use Test::More;

use RT::Browser;
use RT::JWT ();
use RT::Nginx;
use RT::Provider;
use RT::Raw;
use RT::SignIn;


# an application that holds its WebSockets open

my $web = RT::Raw::start(undef, sub {
    my $client = shift;

    alarm 120;
    sysread $client, my $request, 65536;
    $client->syswrite("HTTP/1.1 101 Switching Protocols\r\n"
                      . "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    1 while sysread $client, $request, 65536;
});

my $corp = RT::Provider->new;
my $corp_block = signs_in($corp, 'corp', 'audience tools;');

sub http {
    my $times = shift;

    my $reason = $times && ' reason "ticket 4711, asked for by ann";';

    return <<"EOT";
    rtauth_zone 4m;
    $corp_block
    rtauth_group staff   { match groups has staff;  permission edit; }
    rtauth_group support { match sub in helper u-1;  permission use GET:/billing;
                           $times$reason }

    log_format event escape=none '\$uri \$status \$rtauth_event';

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        set \$second \$msec;
        access_log %%DIR%%/logs/event.log event;

        rtauth corp;
        rtauth_session idle=1h;
        rtauth_reauthorize 1s;
        add_header X-Second \$second always;
        add_header X-Event \$rtauth_event always;

        location / { proxy_pass http://$App; }
        location /billing/ws {
            proxy_pass http://127.0.0.1:$web;
            proxy_http_version 1.1;
            proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header Connection upgrade;
        }
    }
EOT
}

sub rfc3339 { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => http(''));
$nginx->{http} =~ s/rtauth_group support .*?\}//s;
$nginx->start;

my $helper = 'Authorization: Bearer '
             . RT::JWT::token(iss => $corp->issuer, sub => 'helper',
                              groups => [qw(support admin root)],
                              roles => ['Admin'], role => 'own');

sub by_token { return $nginx->get($_[0], headers => [$helper]) }

my $browser = RT::Browser->new($nginx);
sub by_session { return $browser->open($_[0]) }

sub event {
    my ($json) = $_[0]{head} =~ /^X-Event: (.*?)\r?$/m;
    return decode_json($json // '{}');
}

sub second { return ($_[0]{head} =~ /^X-Second: (\d+)/m)[0] }


# -- by default

$corp->lie(id_token => { sub => 'u-1' });
is($browser->walk('/oidc/login?to=/billing')->{status}, 403,
   'who signed in comes nowhere');
$corp->honest;

for my $by (\&by_token, \&by_session) {
    my $answer = $by->('/billing');

    is($answer->{status}, 403, 'nobody of ours gets in by default');
    is(event($answer)->{action}, 'ACCESS_DENIED', 'there is no grant');
}


# -- a grant that begins in two seconds and lasts for two; where the machine was
# too slow to see that, a longer one

my ($from, $until, $socket, %seen);
my %asks = (token => \&by_token, session => \&by_session);

sub look {
    my ($name) = @_;

    my $answer = $asks{$name}->('/billing');
    my $second = second($answer);
    my $event = event($answer);

    my $when = $second < $from ? 'before' : $second < $until ? 'open' : 'over';

    my %expected = (
        before => '403 ACCESS_DENIED - -',
        open   => '200 GRANT_USED support ticket 4711, asked for by ann',
        over   => '403 ACCESS_DENIED support ticket 4711, asked for by ann',
    );

    my $found = join ' ', $answer->{status}, map { $event->{$_} // '-' }
                          qw(action grant grantReason);

    is($found, $expected{$when}, "$name, $when")
        if !$seen{"$name $when"}++ || $found ne $expected{$when};

    return $when;
}

sub open_socket {
    my $s = $nginx->connect;

    $s->syswrite(join "\r\n", 'GET /billing/ws HTTP/1.1', 'Host: localhost',
                              'Connection: Upgrade', 'Upgrade: websocket',
                              $helper, '', '');
    $s->sysread(my $head, 65536);

    return $head =~ m{^HTTP/1.1 101} ? $s : undef;
}

for (my $long = 2; !$socket; $long *= 2) {
    $from = time + $long;
    $until = $from + $long;

    %seen = ();
    $nginx->reload(http => http('from ' . rfc3339($from) . '; until '
                                . rfc3339($until) . ';'));

    $nginx->wait_for('the grant', sub { look('token') ne 'before' },
                     $long + $RT::Nginx::Deadline);
    look('session');

    $socket = $seen{'token before'} && $seen{'token open'}
              && $seen{'session open'} && open_socket();
}

ok(!IO::Select->new($socket)->can_read(0), 'a WebSocket is open');

for (['POST', '/billing'], ['GET', '/users']) {
    my $answer = $nginx->request(@$_, headers => [$helper]);

    is($answer->{status}, 403, "it grants no more than it says: @$_");
    is(event($answer)->{action}, 'ACCESS_DENIED', 'nor did it ever');
}

ok($nginx->wait_for('its end', sub {
    (grep { look($_) eq 'over' } sort keys %asks) == keys %asks;
}, $until - $from + $RT::Nginx::Deadline), 'it ends, for a token that was verified and for a session');


# -- and what is open ends

ok($nginx->wait_for('the end of the WebSocket', sub {
    IO::Select->new($socket)->can_read(0.1) && !$socket->sysread(my $part, 1);
}), 'a WebSocket ends');

ok($nginx->wait_for('its event', sub {
    RT::Nginx::slurp($nginx->dir . '/logs/event.log')
        =~ m{^/billing/ws 101 (\{"decision":"end".*\})$}m
        && decode_json($1)->{action} eq 'ACCESS_ENDED'
        && decode_json($1)->{grantReason} eq 'ticket 4711, asked for by ann';
}), 'with an event that names the grant and its reason');

like($nginx->log_text, qr/rtauth: ended: no_permission/, 'the log says so');
is(open_socket(), undef, 'and there is no other one');

is(look($_), 'over', "$_: it stays so") for sort keys %asks;

$nginx->end;
done_testing();

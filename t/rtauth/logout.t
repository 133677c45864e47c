#!/usr/bin/perl

# Signing out: the session is gone at once and everywhere, the provider hears
# of it, and no other site can do it to somebody.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $plain = RT::Provider->new(client_id => 'plain', discovery => {
    end_session_endpoint => undef, revocation_endpoint => undef });

my $corp_block = signs_in($corp, 'corp', 'post_logout_uri /goodbye;
    logout_uri /oidc/logout clear=cache,storage;');
my $plain_block = signs_in($plain, 'plain');

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit rtcsp)], workers => 2,
                           ports => 3, level => 'debug', http => <<"EOT");
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $plain_block

    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    proxy_set_header X-Email \$rtauth_user;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        rtauth corp;
        rtauth_app_cookie app_session other;
        rtaudit main;
        location / { proxy_pass http://$App; }
        location = /goodbye { rtauth off; rtcsp off; return 200 goodbye; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;
        rtauth plain;
        rtcsp strict;
        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        server_name localhost;
        rtauth corp;
        rtauth_session store=cookie key=data:0123456789abcdef0123456789abcdef;
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;

my $Out = '/oidc/logout';
my @own = ('Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate',
           'Sec-Fetch-Dest: document');

sub signed_in_browser {
    my $browser = RT::Browser->new($nginx, port => $_[0] // 0);

    signed_in($browser->walk('/x'), 'ann@example.com', 'somebody signs in');

    return $browser;
}

sub twin {
    my $browser = shift;
    my $twin = RT::Browser->new($nginx, port => $browser->{port});

    $twin->{jar} = { %{$browser->{jar}} };

    return $twin;
}

sub cleared {
    return join '|', $_[0]{head} =~ /^Clear-Site-Data: *(.*?)\r?$/mgi;
}

sub still { defined seen($_[0]->open('/x')) }


# -- a link of the site's own

my $browser = signed_in_browser;
my $tab = twin($browser);

$browser->{jar}{app_session} = 'of-ann';
my $answer = $browser->open($Out, headers => \@own);

is($answer->{status}, 302, 'a link signs out');

my $to = location($answer);
my $asked = arguments($to);

like($to, qr/^\Q@{[$corp->issuer]}\E\/logout\?/, 'and leads to the provider');
like($asked->{id_token_hint} // '', qr/^[\w-]+\.[\w-]+\.[\w-]+$/,
     'with the ID token, so that it asks nobody');
is($asked->{post_logout_redirect_uri},
   'http://localhost:' . $nginx->port . '/goodbye', 'and where to go on');
is($asked->{client_id} // 'gateway', 'gateway', 'and who asks');
like($answer->{head}, qr/^Cache-Control: .*no-store/mi, 'no cache keeps it');

is(cleared($answer), '"cache", "storage"',
   'what the browser has stored is to go');

my %set = cookies($answer);

like($set{'__Host-rt'} // '', qr/; Max-Age=0/i, 'the cookie is deleted');
like($set{'__Host-rt'} // '', qr/; Path=\//i, 'by its path');
like($set{app_session} // '', qr/; Max-Age=0/i,
     'and so is that of the application');
ok(exists $set{other}, 'all of them');
is($browser->cookie('__Host-rt'), undef, 'the browser has none any more');
ok(!still($tab), 'in another tab the session is gone as well');

ok($nginx->wait_for('the revocation', sub { 0 + $corp->asked('revoke') }),
   'the provider is told that the tokens are not needed any more');
like((($corp->asked('revoke'))[0] // {})->{form}{token} // '',
     qr/^(a\.refresh|an\.access)-token_/, 'by one of them');

# -- a button

$browser = signed_in_browser;
$tab = twin($browser);
$answer = $browser->ask('POST', $Out, body => '',
                        headers => ['Sec-Fetch-Site: same-origin',
                                    'Sec-Fetch-Mode: navigate']);

is($answer->{status}, 200, 'a POST signs out');
like($answer->{body}, qr/\Q@{[$corp->issuer]}\E\/logout\?/,
     'with a page that goes on to the provider');
unlike($answer->{body}, qr/<(script|form)\b/, 'without script or form');
is(cleared($answer), '"cache", "storage"', 'and without what was stored');
ok(!still($tab), 'the session is gone');


# -- another site

my @strangers = (
    ['a link of another site', 'GET', 'Sec-Fetch-Site: cross-site',
     'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'],
    ['a link of a neighbour', 'GET', 'Sec-Fetch-Site: same-site',
     'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'],
    ['an image', 'GET', 'Sec-Fetch-Site: cross-site',
     'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: image'],
    ['a frame', 'GET', 'Sec-Fetch-Site: cross-site',
     'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe'],
    ['a prefetch', 'GET', 'Sec-Fetch-Site: same-origin',
     'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document',
     'Sec-Purpose: prefetch'],
    ['a form of another site', 'POST', 'Sec-Fetch-Site: cross-site',
     'Sec-Fetch-Mode: navigate'],
    ['a form of a neighbour', 'POST', 'Sec-Fetch-Site: same-site'],
    ['an old browser\'s form of another site', 'POST',
     'Origin: https://evil.example'],
    ['a form that says not whose it is', 'POST', 'Origin: null'],
);

$browser = signed_in_browser;

for (@strangers) {
    my ($what, $method, @headers) = @$_;

    $answer = twin($browser)->ask($method, $Out, headers => \@headers,
                                  $method eq 'POST' ? (body => '') : ());

    unlike($answer->{head}, qr/^Set-Cookie: *__Host-rt=/mi,
           "$what deletes no cookie");
    is(cleared($answer), '', "$what and nothing else");
    ok(still($browser), "$what signs nobody out");
}


# -- it leads to a page that asks, whose link does

$answer = $browser->open($Out, headers => [@{ $strangers[0] }[2 .. 4]]);

is($answer->{status}, 200, 'the link of another site leads to a page');
like($answer->{body}, qr/<h1>Do you want to sign out\?/, 'it asks');

my ($yes) = $answer->{body} =~ /<a class="go" href="(\Q$Out\E\?t=[^"]+)">/;

is($browser->open($yes)->{status}, 302, 'its link signs out');
ok(!still($browser), 'he is signed out');


# -- a provider that knows no logout

$browser = signed_in_browser(1);
$answer = $browser->open($Out, headers => \@own);

is($answer->{status}, 200, 'without an address of the provider: a page');
like($answer->{body}, qr/signed out/i, 'which says that he is signed out');
is($browser->cookie('__Host-rt'), undef, 'and he is');
is(cleared($answer), '', 'and without "clear" nothing else is to go');

my @csp = $answer->{head} =~ /^Content-Security-Policy: *(.*?)\r?$/mgi;
is(scalar(@csp), 1, 'under rtcsp strict it has one policy');
like($csp[0] // '', qr/style-src 'sha256-/, 'its own');

$answer = $browser->open($Out, headers => \@own);
is($answer->{status}, 200, 'who is signed out already gets the page, too');


# -- a session that is in the cookie itself

$browser = signed_in_browser(2);
$tab = twin($browser);
$answer = $browser->open($Out, headers => \@own);

is($answer->{status}, 302, 'store=cookie: signs out');
ok(!still($browser), 'store=cookie: there is no cookie any more');
ok(!still($tab), 'store=cookie: one that was kept is worth nothing');


# -- the provider is away, and it works all the same

$browser = signed_in_browser;
$tab = twin($browser);
$corp->stop;
$answer = $browser->open($Out, headers => \@own);

is($answer->{status}, 302, 'the provider is away: the browser is sent there');
ok(!still($tab), 'and the session is gone');
$corp->resume;


audited($nginx, 'LOGOUT', 'the audit file says who signed out');

my $log = said($nginx);

unlike($log, qr/a\.refresh-token|an\.access-token|id_token_hint=ey/,
       'no token is in a log');


$nginx->end;

done_testing;

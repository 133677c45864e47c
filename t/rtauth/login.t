#!/usr/bin/perl

# How signing in begins: who is sent to the provider and with what, who is
# refused instead, and where he is when he comes back.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Browser;
use RT::JWT;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;


my $corp = RT::Provider->new;
my $other = RT::Provider->new(client_id => 'other-gateway',
                              user => { sub => 'o-1',
                                        email => 'olga@example.org',
                                        email_verified => JSON::PP::true });

my $corp_block = signs_in($corp, 'corp', 'audience tools;
    title "Sign in with <Corp> & \"Co\"";');
my $other_block = signs_in($other, 'other',
                           'redirect_uri /oidc/other;
                            title "Sign in at Other";');

my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit rtcsp)], workers => 2,
                           ports => 6, level => 'debug', http => <<"EOT");
    rtauth_zone 4m;
    set_real_ip_from 127.0.0.1;
    $corp_block
    $other_block
    rtauth_strip_header X-Email;

    rtaudit_zone 1m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    proxy_set_header X-Email \$rtauth_user;
    proxy_set_header Host \$host;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;

        rtauth corp;
        rtaudit main;
        rtaudit_level request;
        add_header X-Endpoint "[\$rtauth_endpoint]" always;

        location / { proxy_pass http://$App; }
        location /never/ { rtauth_login never; proxy_pass http://$App; }
        location /own/ { rtauth_token off; proxy_pass http://$App; }
        location /always/ { rtauth_login always; proxy_pass http://$App; }
        location /either/ { satisfy any; deny all; proxy_pass http://$App; }
        location /open/ { rtauth off; proxy_pass http://$App; }
        location /sorry/ { error_page 401 /sorry; proxy_pass http://$App; }
        location = /sorry { rtauth off; rtcsp off;
            return 200 "sorry for \$request_uri"; }
        location /asks/ { rtauth off; auth_request /asked;
            proxy_pass http://$App; }
        location = /asked { internal; proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        server_name localhost;

        rtauth corp other;
        rtcsp strict;
        add_header X-Server says-so always;
        add_header Content-Security-Policy "default-src 'self'" always;

        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT2%%;
        server_name localhost;

        rtauth corp;
        error_page 494 /large;
        location = /large { rtauth off; rtcsp off; return 200 large; }
    }

    server {
        listen 127.0.0.1:%%PORT3%%;
        server_name localhost;
        location / { proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT4%%;
        server_name localhost;

        rtauth corp;
        error_page 400 \@passed;
        error_page 494 /passed;
        location \@passed { rtauth off; proxy_pass http://$App; }
        location = /passed { rtauth off; proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT5%%;
        server_name localhost;

        rtauth corp;
        error_page 494 /x;
        location / { proxy_pass http://$App; }
    }
EOT

$nginx->start;

sub browser { return RT::Browser->new($nginx, port => $_[0] // 0) }

sub cookie_lines {
    my $answer = shift;
    return join "\n", $answer->{head} =~ /^Set-Cookie: *(.*?)\r?$/mgi;
}


# -- the first hop: nothing is decided but where signing in begins

my $answer = browser->open('/deep/page?a=1&b=%20x&c=/');

is($answer->{status}, 302, 'a page without a session is a redirect');
is(location($answer), '/oidc/login?to='
   . escape('/deep/page?a=1&b=%20x&c=/'),
   'to the login URI of this very host, with path and query');
is(cookie_lines($answer), '', 'which sets no cookie');
like($answer->{head}, qr/^Cache-Control: .*no-store/mi,
     'and is kept by no cache');
unlike($answer->{body}, qr/application was sent/, 'with no page behind it');

$answer = browser->open('/x', method => 'HEAD');
is($answer->{status}, 302, 'HEAD is a redirect as well');
is($answer->{body}, '', 'without a body');


# -- the second hop: to the provider

my $browser = browser;
$answer = $browser->follow($browser->open('/deep/page?a=1'));

is($answer->{status}, 302, 'the login URI redirects');
like($answer->{head}, qr/^X-Endpoint: \[login_uri\]/mi,
     'and \$rtauth_endpoint names it');

my $url = location($answer);
my $asked = arguments($url);

like($url, qr/^\Q@{[$corp->issuer]}\E\/authorize\?/, 'to the provider');

my $host = 'http://localhost:' . $nginx->port;

is($asked->{response_type}, 'code', 'a code is asked for');
is($asked->{client_id}, 'gateway', 'with the client_id');
is($asked->{redirect_uri}, "$host/oidc/callback", 'for the exact redirect_uri');
like($asked->{scope}, qr/(^| )openid( |$)/, 'with openid');
is($asked->{code_challenge_method}, 'S256', 'with PKCE');
like($asked->{code_challenge}, qr/^[\w-]{43}$/, 'and a challenge');
like($asked->{nonce}, qr/^[\w-]{43}$/, 'a nonce');
like($asked->{state}, qr/^[\w-]{22}\.[\w-]+$/, 'a state');
unlike($url, qr/deep|secret/, 'the return address is sealed');
like($answer->{head}, qr/^Cache-Control: .*no-store/mi, 'no cache keeps it');

my %set = cookies($answer);
my ($name) = keys %set;

is(scalar(keys %set), 1, 'one cookie is set');
like($name // '', qr/^__Host-rt_l[0-7]$/, 'of one of eight names');
like($set{$name} // '', qr/; HttpOnly/i, 'no script reads it');
like($set{$name} // '', qr/; Secure/i, 'it is Secure');
like($set{$name} // '', qr/; SameSite=Lax/i,
     'it comes along when the provider redirects');
like($set{$name} // '', qr/; Path=\/(;|$)/i, 'it has the path /');
unlike($set{$name} // '', qr/; Domain/i, 'and no domain');
cmp_ok(length(($set{$name} // '') =~ s/;.*//sr), '<=', 200,
       'it has 200 bytes at most');

my $again = browser;
my $twice = arguments($again->leaves('/deep/page?a=1'));
isnt($twice->{$_}, $asked->{$_}, "another sign-in has another $_")
    for qw(state nonce code_challenge);

is(arguments(location(RT::Nginx::parse($nginx->raw(
       "GET /oidc/login?to=/ HTTP/1.1\r\nHost: evil.example\r\n"
       . "Connection: close\r\n\r\n"))))->{redirect_uri},
   "$host/oidc/callback",
   'a Host header does not say where people come back to');

is(arguments(browser->leaves('/x', headers => [
       'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: https']))
       ->{redirect_uri}, "$host/oidc/callback", 'nor do headers of a proxy');


# -- and back

$browser = browser;
$answer = $browser->walk('/deep/page?a=1&b=%20x&c=/');

signed_in($answer, 'ann@example.com', 'whoever signed in is known');
like(seen($answer) // '', qr{^GET /deep/page\?a=1&b=%20x&c=/ },
     'and is where he wanted to be, with the query');
is($browser->path, '/deep/page?a=1&b=%20x&c=/', 'by the address he sees');

like($answer->{head}, qr/^X-Endpoint: \[\]/mi,
     'an address of the application is none of ours');

$answer = $browser->open('/elsewhere',
                         headers => ['X-Email: boss@example.com']);
signed_in($answer, 'ann@example.com', 'the session is good for other pages');

$answer = $browser->ask('GET', '/api', headers => ['Sec-Fetch-Mode: cors',
                                                   'Sec-Fetch-Dest: empty']);
signed_in($answer, 'ann@example.com', 'and for scripts of the page');

is(arguments(($corp->asked('authorize'))[0]{target})->{client_id}, 'gateway',
   'the provider was asked');


# -- our cookies are nobody's business

$browser->{jar}{app} = 'its own';
$browser->{jar}{'__Host-rt_l3'} = 'x' x 40;
$browser->{jar}{'__Host-rt_p'} = 'corp';

$answer = $browser->open('/page');

is_deeply([(seen($answer) // '') =~ /^Cookie: (.*?)\r$/mg], ['app=its own'],
          'the application gets its own cookies, and none of ours');

$answer = $browser->open('/open/page');

is_deeply([(seen($answer) // '') =~ /^Cookie: (.*?)\r$/mg], ['app=its own'],
          'also where rtauth is off');


# -- who is not sent anywhere: 401, and nothing that a script would follow

my @scripts = (
    ['a fetch', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty',
     'Accept: text/html'],
    ['an XMLHttpRequest', 'X-Requested-With: XMLHttpRequest',
     'Accept: text/html'],
    ['an API client', 'Accept: application/json'],
    ['a client without Accept'],
    ['an image', 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: image'],
    ['a prefetch', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document',
     'Sec-Purpose: prefetch', 'Accept: text/html'],
    ['a prerender', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document',
     'Sec-Purpose: prefetch;prerender', 'Accept: text/html'],
    ['an old prefetch', 'Purpose: prefetch', 'Accept: text/html'],
    ['a WebSocket', 'Upgrade: websocket', 'Connection: Upgrade',
     'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
     'Accept: text/html'],
);

for (@scripts) {
    my ($what, @headers) = @$_;

    $answer = browser->ask('GET', '/x', headers => \@headers);

    is($answer->{status}, 401, "$what gets 401");
    is(location($answer), undef, "$what is not redirected");
    is(cookie_lines($answer), '', "$what gets no cookie");
    like($answer->{head}, qr/^WWW-Authenticate: Bearer/mi,
         "$what gets a challenge");
}

$answer = browser->open('/x', headers => ['Sec-Fetch-Mode: navigate',
                                          'Sec-Fetch-Dest: iframe']);
is($answer->{status}, 401, 'a frame gets 401');
is(location($answer), undef, 'and no redirect');
like($answer->{body}, qr/target="_top"/,
     'but a page with a link that opens on top');

for my $method (qw(POST PUT DELETE PATCH)) {
    $answer = browser->open('/x', method => $method,
                            $method eq 'DELETE' ? () : (body => 'a=b'));

    is($answer->{status}, 401, "$method gets 401");
    is(location($answer), undef, "$method is not redirected");
}

is(browser->open('/never/x')->{status}, 401, 'rtauth_login never');
is(browser->ask('GET', '/always/x')->{status}, 302, 'rtauth_login always');
is(browser->ask('POST', '/always/x', body => '')->{status}, 401,
   'is no redirect for a POST either');

$answer = browser->open('/x', headers => ['Authorization: Bearer a.b.c']);
is($answer->{status}, 401, 'whoever shows a bad token is not anonymous');

$answer = browser->open('/x', headers => [
    bearer(iss => $corp->issuer, email_verified => JSON::PP::true)]);
signed_in($answer, 'ann@example.com', 'a good token needs no session');


# -- satisfy, auth_request, error_page

$answer = browser->open('/either/x?y=1');
is($answer->{status}, 302, 'satisfy any: whom nobody lets in is sent');
is(location($answer), '/oidc/login?to=' . escape('/either/x?y=1'),
   'to the login URI');
signed_in(browser->walk('/either/x'), 'ann@example.com',
          'satisfy any: and is let in afterwards');
is(browser->ask('GET', '/either/x')->{status}, 401,
   'satisfy any: a program gets 401');

$answer = browser->open('/asks/x');
is($answer->{status}, 401, 'an auth_request gets 401');
is(location($answer), undef, 'an auth_request is no navigation');
like($answer->{head}, qr/^WWW-Authenticate: Bearer/mi, 'and has a challenge');

$answer = browser->ask('GET', '/sorry/x');
like($answer->{body}, qr{^sorry for /sorry/x}, 'error_page 401 for a program');
is(browser->open('/sorry/x')->{status}, 302,
   'error_page 401 does not keep people from signing in');


# -- rtauth_token off: the application has tokens of its own

$browser = browser;
is(location($browser->open('/own/x', headers => ['Authorization: Bearer a.b.c'])),
   '/oidc/login?to=%2Fown%2Fx', 'a token of the application is nobody\'s here');
$answer = $browser->walk('/own/x', headers => ['Authorization: Bearer a.b.c']);
signed_in($answer, 'ann@example.com', 'who is signed in is in');
$answer = $browser->open('/own/x', headers => ['Authorization: Bearer a.b.c']);
like(seen($answer) // '', qr/^Authorization: Bearer a\.b\.c\r$/m,
     'and the application gets its token');


# -- several tabs: each has a cookie of its own, at most eight

$browser = browser;

my @tabs = map { $browser->leaves("/tab/$_") } 1 .. 8;

is(scalar(grep { /_l[0-7]$/ } keys %{$browser->{jar}}), 8,
   'eight tabs have eight cookies');

for my $tab (5, 1, 8) {
    signed_in($browser->returns($tabs[$tab - 1]), 'ann@example.com',
              "tab $tab signs in");
    is($browser->path, "/tab/$tab", "tab $tab is where it wanted to be");
}

$browser = browser;
@tabs = map { $browser->leaves("/tab/$_") } 1 .. 9;

is(scalar(grep { /_l[0-7]$/ } keys %{$browser->{jar}}), 8,
   'nine tabs have eight cookies');
is($browser->returns($tabs[0])->{status}, 400, 'the oldest was dropped');
signed_in($browser->returns($tabs[8]), 'ann@example.com',
          'the ninth signs in');
signed_in($browser->returns($tabs[1]), 'ann@example.com',
          'and so does the second');


# -- their cookies shut nobody out: a header that is too large is answered with
# their end, and with that of nothing else

my $pad = 'app=' . 'x' x 9000;

for (['more cookies than nginx reads', 0, $pad, 400, 8],
     ['the same with an error_page', 2, $pad, 400, 8],
     ['with one that is for people alone', 5, $pad, 401, 8],
     ['where nobody signs in', 3, $pad, 400, 0],
     ['as many as it reads', 0, 'app=' . 'x' x 6000, 200, 0])
{
    my ($what, $port, $cookie, $status, $n) = @$_;
    my $answer = $nginx->get('/open/x', port => $port,
                             headers => ["Cookie: __Host-rt_l0=x; $cookie"]);
    my %set = cookies($answer);

    is($answer->{status}, $status, "$what: $status");
    is(join(' ', sort keys %set),
       join(' ', map { "__Host-rt_l$_" } 0 .. $n - 1), "$what: what is deleted");
    is(scalar(grep { /=; .*Max-Age=0/ } values %set), $n, "$what: and how");
}

# an error_page that is passed on shows nobody the cookies, in whatever it is
# that nginx did not like

my $own = 'Cookie: __Host-rt=own; app=1; __Host-rt_l0=own; __Host-rt_p=own';

for (['too large', 'X-Large: ' . 'x' x 9000], ['malformed', "X-Bad\x01: x"]) {
    my ($what, $line) = @$_;
    my $answer = $nginx->get('/x', port => 4, headers => [$own, $line]);

    is($answer->{status}, 400, "$what: the error_page");
    like(seen($answer) // '', qr/^Cookie: app=1\r$/m,
         "$what: the application is shown its own cookie alone");
    is(scalar(keys %{{ cookies($answer) }}), 8, "$what: eight are deleted");
}


# -- several providers

$browser = browser(1);
$answer = $browser->open('/x?y=1');
is($answer->{status}, 302, 'two providers: a page leads to the login URI');

$answer = $browser->follow($answer);
is($answer->{status}, 200, 'which is a page');
unlike($answer->{body}, qr/<(form|script)\b/i, 'without form or script');
like($answer->{body}, qr/Sign in with &lt;Corp&gt; &amp; &(quot|#34);Co&/,
     'with the title of one');
like($answer->{body}, qr/Sign in at Other/, 'and that of the other');
like($answer->{head}, qr/^Cache-Control: .*no-store/mi, 'no cache keeps it');
is(cookie_lines($answer), '', 'no cookie before one was chosen');

my @csp = $answer->{head} =~ /^Content-Security-Policy: *(.*?)\r?$/mgi;

is(scalar(@csp), 1, 'it has one policy');
like($csp[0] // '', qr/default-src 'none'/, 'its own: nothing is loaded');
like($csp[0] // '', qr/style-src 'sha256-/, 'but its own style');
like($answer->{head}, qr/^X-Server: says-so/mi,
     'other headers of the server stay');

my @links = map { s/&amp;/&/gr } $answer->{body} =~ /href="([^"]*)"/g;
is(scalar(@links), 2, 'two links');

my ($to_other) = grep { /rtauth_provider=other/ } @links;
$answer = $browser->open($to_other // '/');
like(location($answer) // '', qr/^\Q@{[$other->issuer]}\E\/authorize/,
     'a link leads to its provider');
is(arguments(location($answer))->{redirect_uri},
   'http://localhost:' . $nginx->port(1) . '/oidc/other',
   'which has a redirect_uri of its own');

signed_in($browser->returns(location($answer)), 'olga@example.org',
          'who chose the other provider is signed in there');
is($browser->path, '/x?y=1', 'and is where he wanted to be');

delete $browser->{jar}{'__Host-rt'};
like($browser->leaves('/z') // 'chooser',
     qr/^\Q@{[$other->issuer]}\E/, 'his choice is remembered');

like(browser(1)->leaves('/oidc/login?rtauth_provider=corp') // '',
     qr/^\Q@{[$corp->issuer]}\E/, 'the login URI can be told the provider');

$answer = browser(1)->open('/oidc/login?rtauth_provider=nobody');
is(scalar(() = $answer->{body} =~ /rtauth_provider=/g), 2,
   'a provider that is not there is the chooser again');

my $foreign = browser;
$foreign->{jar}{'__Host-rt'} = $browser->{jar}{'__Host-rt'}
    if $browser->{jar}{'__Host-rt'};
is($foreign->open('/x')->{status}, 302, 'a session counts where it was made');

$browser = browser(1);
$browser->returns($browser->leaves('/oidc/login?rtauth_provider=other&to=/'));
$foreign = browser;
$foreign->{jar} = { %{$browser->{jar}} };
is($foreign->open('/x')->{status}, 302,
   'a session of a provider that is none of this place is nobody\'s');


# -- what nginx wrote

audited($nginx, 'LOGIN', 'the audit file says that somebody signed in');

my $said = said($nginx);
my @secrets = ((map { @{$_->{query}}{qw(state nonce)} }
                    $corp->asked('authorize')),
               (map { @{$_->{form}}{qw(code code_verifier)} }
                    $corp->asked('token')));

cmp_ok(scalar @secrets, '>', 20, 'states and codes were made');
is_deeply([grep { index($said, $_) >= 0 } @secrets], [],
          'none of them is in a file');
unlike($said, qr/a secret of the client|a\.refresh-token|an\.access-token/,
       'nor is a secret or a token');
unlike($said, qr/_l\d=/, 'nor a cookie');


$nginx->end;

done_testing;

#!/usr/bin/perl

# The applications of docs/guides.md, each with its guide's own configuration
# and a person who signs in.  The applications are stand-ins: what they do with
# headers, cookies, logouts and WebSockets is what the real ones document.

use strict;
use warnings;

use lib 't/lib';

use HTTP::Tiny ();
use File::Temp ();
use IO::Socket::INET;
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(decode_base64url encode_base64url);
use POSIX ();
use Digest::SHA qw(sha256);
use Test::More;

use RT::Browser;
use RT::Nginx;
use RT::Provider;
use RT::Raw;
use RT::SignIn;


my $provider = RT::Provider->new;
my $issuer = $provider->issuer;
my $page = RT::Nginx::slurp("$RT::Top/docs/guides.md");


# the example of a guide, of this provider and in front of that application

sub guide {
    my ($title, $app) = @_;

    my ($text) = $page =~ /^## \Q$title\E\n.*?^```nginx\n(.*?)^```/ms
        or die "no guide \"$title\"\n";

    $text =~ s/listen +(?:127\.0\.0\.1:)?8080/listen 127.0.0.1:%%PORT0%%/;
    $text =~ s/^ *server_name .*\n//m;
    $text =~ s/^ *rtauth_origin .*\n//m;
    $text =~ s/127\.0\.0\.1:3000/127.0.0.1:$app/g;
    $text =~ s/^(server \{)/$1 server_name localhost;/m;

    return $text;
}


sub start {
    my ($text, $nginx) = @_;
    my $corp = signs_in($provider, 'corp');

    $nginx ||= RT::Nginx->new(modules => ['rtauth']);

    $nginx->{http} = <<"EOT";
        rtauth_zone 4m;
        set_real_ip_from 127.0.0.1;
        $corp
        rtauth_group support { match groups has support; permission use; }
        rtauth_group builders { match groups has builders; permission edit; }
        $text
EOT

    $nginx->start;

    return $nginx;
}


sub header { ($_[0] =~ /^\Q$_[1]\E: *(.*?)\r?$/mi)[0] }

sub own { (header($_[0], 'Cookie') // '') =~ /(?:^|; )$_[1]=([^;]*)/ ? $1 : '' }


sub says {
    my ($body, @headers) = @_;

    return join "\r\n", 'HTTP/1.1 200 OK', 'Content-Type: text/html',
                        'Connection: close', @headers, '', $body;
}


sub leads {
    my ($to, @headers) = @_;

    return join "\r\n", 'HTTP/1.1 302 Found', "Location: $to",
                        'Content-Length: 0', 'Connection: close', @headers, '',
                        '';
}


sub is_another {
    my ($name) = @_;

    $provider->user(sub => "u-$name", email => "$name\@example.com");
}


# -- Superset: it is told who there is once, and then believes its own cookie

sub superset {
    my ($request) = @_;

    my ($path) = $request =~ m{^\w+ ([^ ?]*)};
    my $user = header($request, 'X-Remote-User') // header($request, 'X-Email');
    my $own = own($request, 'session');

    return leads('/oidc/logout', 'Set-Cookie: session=; Max-Age=0; Path=/')
        if $path eq '/logout/';

    return says("hello $own") if $own ne '';
    return leads('/login/') if $path ne '/login/';
    return says('who?') if !defined $user;
    return leads('/', "Set-Cookie: session=$user; Path=/; HttpOnly");
}


my $superset = guide('Superset', RT::Raw::start(\&superset));

{
    my $nginx = start($superset);
    my $browser = RT::Browser->new($nginx);

    is_another('ann');
    is($browser->walk('/')->{body}, 'hello ann@example.com',
       'Superset: A is told to it');

    is($browser->open('/', headers => ['X-Remote-User: admin'])->{body},
       'hello ann@example.com', 'Superset: nobody says otherwise');

    # its own menu

    my @here = ('Sec-Fetch-Site: same-origin');
    my $answer = $browser->open('/logout/', headers => \@here);
    is(location($answer), '/oidc/logout', 'Superset: its logout leads to ours');

    $browser->open('/oidc/logout', headers => \@here);
    is($browser->cookie('session'), undef, 'Superset: its cookie is gone');
    like($browser->leaves('/') // '', qr{^\Q$issuer\E/},
         'Superset: and so is A, who has to sign in');

    # ours alone, and the cookie is kept by whom nothing can be expected of

    is($browser->walk('/')->{body}, 'hello ann@example.com',
       'Superset: A is back');

    $answer = $browser->open('/oidc/logout', headers => \@here);
    my %gone = cookies($answer);
    like($gone{session} // '', qr/Max-Age=0/, 'Superset: A signs out at nginx');

    $browser->{jar}{session} = 'ann@example.com';
    is_another('bob');

    is($browser->walk('/')->{body}, 'hello bob@example.com',
       "Superset: B never meets A's session");

    # who signs in over somebody who did not sign out

    is_another('cleo');
    is($browser->walk('/oidc/login?to=/')->{body}, 'hello cleo@example.com',
       "Superset: nor C, who signs in over B");

    $nginx->end;

    # the stand-in can tell: without the line it happens

    $nginx = start($superset =~ s/rtauth_app_cookie .*//r);
    $browser = RT::Browser->new($nginx);

    is_another('ann');
    $browser->walk('/');
    $browser->open('/oidc/logout', headers => \@here);
    is_another('bob');
    is($browser->walk('/')->{body}, 'hello ann@example.com',
       'without rtauth_app_cookie B is taken for A');

    $nginx->end;
}


# -- Grafana: it is told with each request, lives below a path, has WebSockets

sub grafana {
    my ($request) = @_;

    my @told = map { header($request, "X-WEBAUTH-$_") // 'none' }
        qw(USER ROLE GROUPS);
    my $origin = header($request, 'Origin') // '';
    my $host = header($request, 'Host');

    return says('not here') if $request !~ m{^GET /grafana/};
    return says('a token of whose?') if defined header($request,
                                                       'Authorization');

    if ($request =~ m{^GET /grafana/api/live/ws}) {
        return says("origin $origin is not $host")
            if $origin ne "http://$host"
               || (header($request, 'Upgrade') // '') ne 'websocket';

        return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
               . "Upgrade: websocket\r\n\r\n@told";
    }

    return says("<base href=\"/grafana/\">@told");
}


{
    my $nginx = start(guide('Grafana', RT::Raw::start(\&grafana)));
    my $browser = RT::Browser->new($nginx);

    is_another('ann');
    is($browser->walk('/grafana/d/1')->{body},
       '<base href="/grafana/">ann@example.com Viewer support',
       'Grafana: who, what he may do, and his groups');

    is($browser->open('/grafana/', headers => [
           'X-WEBAUTH-USER: admin', 'X-WEBAUTH-ROLE: Admin',
           'X-WEBAUTH-GROUPS: admins'])->{body},
       '<base href="/grafana/">ann@example.com Viewer support',
       'Grafana: nobody says otherwise');

    my @socket = ('Upgrade: websocket', 'Connection: Upgrade');
    my $host = 'localhost:' . $nginx->port;
    my $cookies = join '; ', map { "$_=" . $browser->cookie($_) }
        sort keys %{$browser->{jar}};

    # Host has the port, as browsers write it; nobody closes the connection

    my $handshake = sub {
        return RT::Nginx::parse($nginx->raw(join("\r\n",
            'GET /grafana/api/live/ws HTTP/1.1', "Host: $host", @socket, @_,
            '', ''), until => qr/\r\n\r\n/));
    };

    is($handshake->("Origin: http://$host", "Cookie: $cookies")->{status}, 101,
       'Grafana: a WebSocket of its own page');
    is($handshake->('Origin: http://evil.example',
                    "Cookie: $cookies")->{status}, 403,
       'Grafana: not of another site');
    is($handshake->("Origin: http://$host")->{status}, 401,
       'Grafana: nor of nobody');

    $browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin']);
    $provider->user(sub => 'u-bob', email => 'bob@example.com',
                    groups => ['support', 'builders']);

    is($browser->walk('/grafana/')->{body},
       '<base href="/grafana/">bob@example.com Editor support,builders',
       'Grafana: somebody else at once, and in two groups');

    $nginx->end;
}


# -- Retool: it signs in itself, at the same provider

my $base;                   # its BASE_DOMAIN
my $verifier = 'v' x 43;

sub retool {
    my ($request) = @_;

    my ($path, $query) = $request =~ m{^\w+ ([^ ?]*)\??(\S*)};
    my $asked = RT::Provider::decode($query);
    my $to = "$base/oauth2sso/callback";
    my $own = own($request, 'accessToken');

    return leads("$issuer/authorize?" . RT::Provider::encode({
        response_type => 'code', client_id => $provider->{client_id},
        redirect_uri => $to, scope => 'openid email', state => 'retool',
        code_challenge_method => 'S256',
        code_challenge => encode_base64url(sha256($verifier)) }))
        if $path ne '/oauth2sso/callback' && $own eq '';

    return says("hello $own") if $path ne '/oauth2sso/callback';

    my $found = HTTP::Tiny->new->post_form("$issuer/token", {
        grant_type => 'authorization_code', code => $asked->{code},
        client_id => $provider->{client_id}, redirect_uri => $to,
        client_secret => $provider->{client_secret},
        code_verifier => $verifier });

    return says("no: $found->{content}") if !$found->{success};

    my $claims = (split /\./, decode_json($found->{content})->{id_token})[1];
    my $email = decode_json(decode_base64url($claims))->{email};

    return leads('/', "Set-Cookie: accessToken=$email; Path=/; HttpOnly");
}


{
    my $nginx = RT::Nginx->new(modules => ['rtauth']);

    $base = 'http://localhost:' . $nginx->port;
    start(guide('Retool', RT::Raw::start(\&retool)), $nginx);

    my $browser = RT::Browser->new($nginx);

    $provider->forget;
    is_another('ann');

    is($browser->walk('/')->{body}, 'hello ann@example.com',
       'Retool: signed in twice, seen once');
    is(scalar(my @all = $provider->asked('authorize')), 2,
       'Retool: the second time at the provider without a question');

    $browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin']);
    is($browser->cookie('accessToken'), undef, 'Retool: its session goes, too');

    is_another('bob');
    $browser->{jar}{accessToken} = 'ann@example.com';
    is($browser->walk('/')->{body}, 'hello bob@example.com',
       "Retool: B never meets A's session");

    $nginx->end;
}


# -- the application of the guide itself, with a table

{
    my ($port) = RT::Nginx::free_ports(1);
    my $dir = File::Temp::tempdir(CLEANUP => 1);
    my ($code) = $page =~ /^## Rows of an application's.*?^```python\n(.*?)^```/ms
        or die 'the guide has no application';

    $code =~ s/\b3000\b/$port/ or die 'the application listens elsewhere';

    open my $fh, '>', "$dir/app.py" or die $!;
    print $fh $code;
    close $fh or die $!;

    open my $sql, '|-', 'sqlite3', '-bail', "$dir/orders.db" or die $!;
    print $sql <<'EOT';
CREATE TABLE orders (id integer, item text, price integer, tenant text,
                     region text);
INSERT INTO orders VALUES
    (1, 'tea', 5, 'o''hara', 'asia'), (2, 'silk', 500, 'o''hara', 'asia'),
    (3, 'wine', 9, 'o''hara', 'europe'), (4, 'rice', 3, 'acmé', 'asia'),
    (5, 'salt', 1, 'acmé', 'europe');
EOT
    close $sql or die 'sqlite3';

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        chdir $dir;
        open STDERR, '>', "$dir/log";
        exec 'setpriv', '--pdeathsig', 'KILL', 'python3', 'app.py'
            or POSIX::_exit(127);
    }

    my $nginx = start(guide("Rows of an application's tables", $port));

    $nginx->wait_for('the application', sub {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
    }) or die RT::Nginx::slurp("$dir/log");

    for (['o\'hara', 'asia', ['support'], '[[1, "tea"]]'],
         ['o\'hara', 'europe', ['support'], '[[3, "wine"]]'],
         ["acm\x{e9}", 'asia', ['support'], '[[4, "rice"]]'],
         ["x' OR 1=1 -- ", 'asia', ['support'], '[]'],
         ["\\' OR 1=1 -- ", 'asia', ['support'], '[]'],
         [undef, 'asia', ['support'], '[]'],
         ["acm\x{e9}", undef, ['support'], '[[4, "rice"], [5, "salt"]]'],
         [undef, undef, ['builders'],
          '[[1, "tea"], [3, "wine"], [4, "rice"], [5, "salt"]]'])
    {
        my ($tenant, $region, $groups, $want) = @$_;
        my $browser = RT::Browser->new($nginx);

        $provider->user(sub => 'u-1', email => 'ann@example.com',
                        groups => $groups, tenant => $tenant,
                        region => $region);

        is($browser->walk('/')->{body}, $want, 'rows of '
           . encode_json([$tenant, $region, $groups]));
        is($browser->open('/', headers => ['X-Rows-Orders: 1=1'])->{body},
           $want, 'whatever he says himself');
    }

    $nginx->end;
    kill 'KILL', $pid;
    waitpid $pid, 0;
}


# -- an application that cannot be told where its logout leads

{
    my $nginx = start(guide('One browser, two people',
                            RT::Raw::start(\&superset)));
    my $browser = RT::Browser->new($nginx);

    is_another('ann');
    is($browser->walk('/')->{body}, 'hello ann@example.com', 'A signs in');

    my @here = (headers => ['Sec-Fetch-Site: same-origin']);
    my $answer = $browser->open('/logout', @here);
    is(location($answer), '/oidc/logout', 'its logout is ours');

    $browser->open(location($answer), @here);
    is_another('bob');
    is($browser->walk('/')->{body}, 'hello bob@example.com', 'B is B');

    $nginx->end;
}


done_testing();

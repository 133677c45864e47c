# Beside the real Flask-Talisman 1.1: one application with it, and the same
# without it behind nginx.  All header lines of an answer, and its status, are
# the same for the same request, but for what a row says.
#
# A row is [options of Talisman, lines of nginx that mean the same, ...]:
#
#   view     options of the view /view, and the lines of its location
#   ask      requests besides those of every row; https says whether a proxy
#            says so; one may bring its own header lines
#   differs  request, or "" for all: { why, theirs, ours }; in theirs and ours
#            are the lines (a status is one) that the other does not have
#   refused  Talisman takes it and nginx does not start: { why, says, theirs },
#            where theirs is what a browser would get
#   raises   neither starts: Talisman's exception, what nginx says
#
# "why" is a row of the table of differences in docs/moving.md, which has no
# other rows than those.  What Talisman's own tests (talisman_test.py, 15 of
# them) look at is among the rows; their names stand over them.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP;
use Test::More;

use RT ();
use RT::Nginx;
use RT::Talisman;

my %seen;

my $Placeholder = 'pH7-placeholder_0123456789abcdef';
my ($True, $False) = (JSON::PP::true, JSON::PP::false);

my $Own = "default-src 'self'; script-src 'self'; style-src example.com";
my $NonceWay = "rtcsp_nonce placeholder=data:$Placeholder;";

# of every row

my @ASK = ('https GET /', 'http GET /status/200?x=1&y=b%20c',
           'https GET /status/404', 'https GET /view');

# of the first row, and of the one with a nonce

my @MORE = (
    map({ ("https $_ /", "http $_ /") } qw(HEAD POST PUT PATCH DELETE OPTIONS)),
    'https GET /nowhere', 'http GET /nowhere', 'https GET /raise',
    'https GET /json', 'https GET /own', 'https GET /page', 'http GET /page',
    'https HEAD /page', 'https GET /session', 'http GET /session',
    map { "https GET /status/$_" } 201, 204, 301, 302, 304, 400, 401, 403, 405,
                                   410, 418, 429, 500, 502, 503,
);

# a client says it, or another proxy did; nginx reads what its own proxy said

my @PROTO = map { "https GET / X-Forwarded-Proto: $_" }
    'HTTPS', 'http, https', 'https, http';

my $DEFAULT = "default-src 'self'; object-src 'none'";
my $Csp = 'Content-Security-Policy';
my $Hsts = 'Strict-Transport-Security: max-age=31556926; includeSubDomains';

sub row {
    my ($talisman, $rtcsp, %more) = @_;

    return { talisman => $talisman, rtcsp => $rtcsp, %more };
}

sub nonced { "$Csp: " . $_[0] =~ s/(script-src [^;]*)/$1 'nonce-N'/r }

# what a difference is about, as the docs have it

my %FORM = (
    why => 'a form sent over http',
    theirs => ['302'], ours => ['307'],
);

my %STALE = (
    why => 'status 304',
    theirs => ["$Csp: $DEFAULT"], ours => [],
);

my %FRESH = (
    why => 'a page with a nonce in caches',
    theirs => [], ours => ['Cache-Control: no-store'],
);

my %NO_PAGE = (
    why => 'a nonce where there is no page',
    theirs => [nonced($Own)], ours => ["$Csp: $Own"],
);

# TALISMAN_CONFIG and TALISMAN_DEV_CONFIG of Apache Superset 6: facts out of its
# superset/config.py, as a copy of its repository has them at commit d4ba093c
# (C0smicCrush/superset-remediation).  They differ in a host and in scripts.

sub superset {
    my ($preset, $image, @scripts) = @_;

    my @fonts = map { "https://$_" } qw(fonts.googleapis.com fonts.gstatic.com
                                        use.typekit.net use.typekit.com);
    my $config = {
        content_security_policy_nonce_in => ['script-src'],
        force_https => $False,
        session_cookie_secure => $False,
        content_security_policy => [
            ['base-uri', ["'self'"]], ['default-src', ["'self'"]],
            ['img-src', ["'self'", 'blob:', 'data:',
                         'https://apachesuperset.gateway.scarf.sh',
                         'https://static.scarf.sh/', @$image,
                         'ows.terrestris.de', 'https://cdn.document360.io']],
            ['worker-src', ["'self'", 'blob:']],
            ['connect-src', ["'self'", map { "https://$_" } qw(
                api.mapbox.com events.mapbox.com tile.openstreetmap.org
                tile.osm.ch basemaps.cartocdn.com *.basemaps.cartocdn.com
                tiles.openfreemap.org *.maptiler.com tiles.stadiamaps.com
                tiles.versatiles.org *.protomaps.com *.maplibre.org)]],
            ['object-src', "'none'"],
            ['style-src', ["'self'", "'unsafe-inline'", @fonts]],
            ['font-src', ["'self'", @fonts]],
            ['script-src', ["'self'", @scripts]],
        ],
    };

    return [$config,
            "rtcsp $preset; $NonceWay rtcsp_force_https off;
             rtcsp_session_cookie session httponly samesite=Lax;",
            name => $preset,
            only => [map { "https GET /$_" } qw(page session own)],
            differs => { '' => \%FRESH }];
}

my @ROWS = map { row(@$_) } (

    # testDefaults, testBadEndpoint, testForceSslOptionOptions

    [{}, '', ask => [@MORE, @PROTO, 'https GET / Host: c0.test:8080',
                     'http GET / Host: c0.test:8080',
                     'http GET / Host: evil.test'],
     differs => {
         (map { ("http $_ /" => \%FORM) } qw(POST PUT PATCH DELETE OPTIONS)),
         'https GET /status/304' => \%STALE,
         'https GET / X-Forwarded-Proto: HTTPS' => {
             why => '`X-Forwarded-Proto` in capitals, or a list',
             theirs => ['302', 'Location: https://c0.test/'],
             ours => ['200', $Hsts],
         },
         'https GET / X-Forwarded-Proto: http, https' => {
             why => '`X-Forwarded-Proto` in capitals, or a list',
             theirs => ['302', 'Location: https://c0.test/'],
             ours => ['200', $Hsts],
         },
         'http GET / Host: c0.test:8080' => {
             why => 'a port in `Host`',
             theirs => ['Location: https://c0.test:8080/'],
             ours => ['Location: https://c0.test/'],
         },
         'http GET / Host: evil.test' => {
             why => 'a `Host` that is not ours',
             theirs => ['Location: https://evil.test/'],
             ours => ['Location: https://c0.test/'],
         },
     }],

    [{}, 'rtcsp_trusted_proxy 192.0.2.1;',
     only => ['https GET /', 'http GET /'],
     differs => { 'https GET /' => {
         why => 'a client that says https itself',
         theirs => ['200', $Hsts], ours => ['302', 'Location: https://c1.test/'],
     } }],

    # testForceSslOptionOptions, testDecoratorForceHttps

    [{ force_https_permanent => $True }, 'rtcsp_force_https permanent;',
     ask => ['http GET /', 'http HEAD /', 'http POST /'],
     differs => { 'http POST /' => {
         why => 'a form sent over http', theirs => ['301'], ours => ['308'],
     } }],

    [{ force_https => $False }, 'rtcsp_force_https off;',
     ask => ['http GET /', 'http POST /', 'http GET /nowhere']],

    [{}, '', view => [{ force_https => $False }, 'rtcsp_force_https off;'],
     ask => ['http GET /view', 'http POST /view', 'http GET /']],

    [{ force_https => $False }, 'rtcsp_force_https off;',
     view => [{ force_https => $True }, 'rtcsp_force_https on;'],
     ask => ['http GET /view', 'http GET /']],

    # testHstsOptions

    [{ strict_transport_security => $False }, 'rtcsp_hsts off;'],

    [{ strict_transport_security_include_subdomains => $False },
     'rtcsp_hsts include_subdomains=off;'],

    [{ strict_transport_security_preload => $True }, 'rtcsp_hsts preload=on;'],

    [{ strict_transport_security_max_age => 63072000,
       strict_transport_security_preload => $True },
     'rtcsp_hsts max_age=63072000 preload=on;'],

    [{ strict_transport_security_max_age => 0 }, 'rtcsp_hsts max_age=0;'],

    [{ strict_transport_security_max_age => 60,
       strict_transport_security_preload => $True },
     'rtcsp_hsts max_age=60 preload=on;',
     refused => {
         why => '`preload` that no browser would take',
         says => '"preload=on" in "rtcsp_hsts" needs',
         theirs => 'Strict-Transport-Security: max-age=60; '
                   . 'includeSubDomains; preload',
     }],

    # testForceXSSProtectionOptions, testForceFileSave, and the others that are
    # on or off

    [{ x_xss_protection => $True }, 'rtcsp_xss_protection on;'],
    [{ x_content_type_options => $False }, 'rtcsp_content_type_options off;'],
    [{ force_file_save => $True }, 'rtcsp_force_file_save on;'],
    [{ referrer_policy => 'no-referrer' },
     'rtcsp_referrer_policy no-referrer;'],
    [{ referrer_policy => 'no-referrer, same-origin' },
     'rtcsp_referrer_policy no-referrer same-origin;'],
    [{ referrer_policy => '' }, 'rtcsp_referrer_policy off;',
     differs => { '' => {
         why => 'no referrer policy',
         theirs => ['Referrer-Policy: '], ours => [],
     } }],
    [{ referrer_policy => 'strict' }, 'rtcsp_referrer_policy strict;',
     refused => {
         why => 'values that browsers do not know',
         says => 'invalid value "strict" in "rtcsp_referrer_policy"',
         theirs => 'Referrer-Policy: strict',
     }],

    # testFrameOptions, testDecorator

    [{ frame_options => 'DENY' }, 'rtcsp_frame_options DENY;',
     view => [{ frame_options => 'SAMEORIGIN' },
              'rtcsp_frame_options SAMEORIGIN;']],
    [{ frame_options => undef }, 'rtcsp_frame_options off;'],
    [{}, '', view => [{ frame_options => undef }, 'rtcsp_frame_options off;']],
    [{ frame_options => 'ALLOW-FROM',
       frame_options_allow_from => 'example.com' },
     'rtcsp_frame_options "ALLOW-FROM example.com";',
     refused => {
         why => '`ALLOW-FROM`', says => 'browsers ignore ALLOW-FROM',
         theirs => 'X-Frame-Options: ALLOW-FROM example.com',
     }],
    [{ frame_options => 'ALLOW-FROM' }, 'rtcsp_frame_options ALLOW-FROM;',
     refused => {
         why => '`ALLOW-FROM`', says => 'browsers ignore ALLOW-FROM',
         theirs => 'X-Frame-Options: ALLOW-FROM None',
     }],

    # testContentSecurityPolicyOptions, testDecorator

    [{ content_security_policy => { 'default-src' => "'self'",
           'img-src' => '*' } },
     "rtcsp_policy \"default-src 'self'; img-src *\";"],
    [{ content_security_policy => { 'default-src' => ["'self'",
           '*.example.com'] } },
     'rtcsp_policy "default-src \'self\' *.example.com";'],
    [{ content_security_policy => "default-src 'self' spam.eggs" },
     'rtcsp_policy "default-src \'self\' spam.eggs";'],
    [{ content_security_policy => $False }, 'rtcsp_policy off;',
     ask => ['https GET /own']],
    [{}, '', view => [{ content_security_policy => undef },
                      'rtcsp_policy off;']],
    [{}, '', view => [{ content_security_policy => "default-src 'none'" },
                      'rtcsp_policy "default-src \'none\'";']],
    [{ content_security_policy => "default-src 'self';" },
     'rtcsp_policy "default-src \'self\';";',
     differs => { '' => {
         why => 'a directive without a name or values',
         theirs => ["$Csp: default-src 'self';  "],
         ours => ["$Csp: default-src 'self'"],
     } }],
    [{ content_security_policy => { 'default-src' => "'self'",
           'upgrade-insecure-requests' => '' } },
     'rtcsp_policy "default-src \'self\'; upgrade-insecure-requests";',
     differs => { '' => {
         why => 'a directive without a name or values',
         theirs => ["$Csp: default-src 'self'; upgrade-insecure-requests "],
         ours => ["$Csp: default-src 'self'; upgrade-insecure-requests"],
     } }],
    [{ content_security_policy => { 'default-src' => "'self'",
           'image-src' => '*' } },
     "rtcsp_policy \"default-src 'self'; image-src *\";",
     refused => {
         why => 'a directive that browsers do not know',
         says => 'unknown-directive',
         theirs => "$Csp: default-src 'self'; image-src *",
     }],
    [{ content_security_policy => "script-src a.test; script-src b.test" },
     'rtcsp_policy "script-src a.test; script-src b.test";',
     refused => {
         why => 'a directive that comes twice',
         says => 'duplicate-directive', theirs => "$Csp: script-src b.test",
     }],

    # the presets that are named after others

    [{ content_security_policy => 'GOOGLE_CSP_POLICY' }, 'rtcsp google;'],
    superset('superset', [], "'strict-dynamic'"),
    superset('superset-dev', ['https://cdn.brandfolder.io'],
             "'unsafe-inline'", "'unsafe-eval'"),

    # testContentSecurityPolicyOptionsReport

    [{ content_security_policy_report_uri => 'https://example.com' },
     'rtcsp_report_uri https://example.com;'],
    [{ content_security_policy_report_uri => 'https://example.com',
       content_security_policy_report_only => $True },
     'rtcsp_report_uri https://example.com; rtcsp_report_only on;',
     ask => ['https GET /json']],
    [{ content_security_policy => { 'default-src' => "'self'",
           'report-uri' => 'https://report-uri.io/' },
       content_security_policy_report_uri => 'https://example.com' },
     'rtcsp_policy "default-src \'self\'; report-uri https://report-uri.io/";
      rtcsp_report_uri https://example.com;'],
    [{ content_security_policy => "default-src report-uri.io",
       content_security_policy_report_uri => '/r' },
     'rtcsp_policy "default-src report-uri.io"; rtcsp_report_uri /r;',
     differs => { '' => {
         why => 'a host whose name has `report-uri` in it',
         theirs => ["$Csp: default-src report-uri.io"],
         ours => ["$Csp: default-src report-uri.io; report-uri /r"],
     } }],
    [{ content_security_policy => undef,
       content_security_policy_report_uri => '/r' },
     'rtcsp_policy off; rtcsp_report_uri /r;'],
    [{ content_security_policy_report_only => $True },
     'rtcsp_report_only on;', raises => ['ValueError', 'says nowhere to']],

    # testContentSecurityPolicyNonce

    [{ content_security_policy => $Own,
       content_security_policy_nonce_in => ['script-src'] },
     "rtcsp_policy \"$Own\"; rtcsp_nonce_in script-src; $NonceWay",
     ask => ['https GET /page', 'https HEAD /page', 'http GET /page',
             'https GET /json', 'https GET /status/302',
             'https GET /status/304', 'https GET /status/204',
             'https GET /session', 'https GET /raise'],
     differs => {
         '' => \%FRESH,
         (map { ("http GET /$_" => undef) } 'page', 'status/200?x=1&y=b%20c'),
         (map { ("https GET /$_" => \%NO_PAGE) }
              qw(json status/302 status/204)),
         'https GET /status/304' => {
             why => 'status 304', theirs => [nonced($Own)], ours => [],
         },
     }],
    [{ content_security_policy => $Own }, "rtcsp_policy \"$Own\";",
     view => [{ content_security_policy_nonce_in => ['script-src'] },
              "rtcsp_nonce_in script-src; $NonceWay"],
     differs => { 'https GET /view' => \%FRESH }],
    [{ content_security_policy_nonce_in => ['script-src'] },
     "rtcsp_nonce_in script-src; $NonceWay",
     differs => { '' => {
         why => 'a nonce in a directive that the policy does not have',
         theirs => ["$Csp: $DEFAULT"],
         ours => ['Cache-Control: no-store',
                  "$Csp: $DEFAULT; base-uri 'self'; "
                  . "script-src 'self' 'nonce-N'"],
     }, 'http GET /status/200?x=1&y=b%20c' => {
         why => 'a nonce in a directive that the policy does not have',
         theirs => ["$Csp: $DEFAULT"],
         ours => ["$Csp: $DEFAULT; base-uri 'self'; script-src 'self'"],
     } }],
    [{ content_security_policy => { 'Script-Src' => "'self'" },
       content_security_policy_nonce_in => ['script-src'] },
     'rtcsp_policy "Script-Src \'self\'"; rtcsp_nonce_in script-src; '
     . $NonceWay,
     only => ['https GET /page'],
     differs => { '' => {
         why => 'a directive in capitals',
         theirs => ["$Csp: Script-Src 'self'"],
         ours => ['Cache-Control: no-store',
                  "$Csp: script-src 'self' 'nonce-N'"],
     } }],
    [{ content_security_policy => { 'script-src' => "'none'" },
       content_security_policy_nonce_in => ['script-src'] },
     'rtcsp_policy "script-src \'none\'"; rtcsp_nonce_in script-src; '
     . $NonceWay,
     refused => {
         why => "a nonce beside `'none'`", says => 'none-with-nonce',
         theirs => "$Csp: script-src 'none' 'nonce-N'",
     }],

    # testFeaturePolicy, testPermissionsPolicy, testDocumentPolicy

    [{ feature_policy => { geolocation => "'none'" } },
     'rtcsp_feature_policy "geolocation \'none\'";',
     view => [{ feature_policy => "fullscreen 'self' example.com" },
              'rtcsp_feature_policy "fullscreen \'self\' example.com";']],
    [{ feature_policy => "vibrate 'none'; camera 'self'" },
     'rtcsp_feature_policy "vibrate \'none\'; camera \'self\'";'],
    [{ permissions_policy => { geolocation => '()' } },
     'rtcsp_permissions_policy geolocation=();',
     view => [{ permissions_policy => 'fullscreen=(self), camera=()' },
              'rtcsp_permissions_policy fullscreen=(self) camera=();']],
    [{ permissions_policy => {} }, 'rtcsp_permissions_policy off;'],
    [{ permissions_policy => 'vibrate=(), geolocation=()' },
     'rtcsp_permissions_policy "vibrate=(), geolocation=()";'],
    [{ permissions_policy => 'fullscreen=(self, "https://example.com")' },
     "rtcsp_permissions_policy 'fullscreen=(self, \"https://example.com\")';",
     refused => {
         why => 'a header of which browsers drop all',
         says => 'browsers drop all of',
         theirs => 'Permissions-Policy: fullscreen=(self, '
                   . '"https://example.com")',
     }],
    [{ document_policy => { 'oversized-images' => '?0' } },
     'rtcsp_document_policy oversized-images=?0;',
     view => [{ document_policy => 'oversized-images=?0, document-write=?0' },
              'rtcsp_document_policy oversized-images=?0
                                     document-write=?0;']],

    # the session's cookie, of which Talisman has no test

    [{ session_cookie_secure => $False },
     'rtcsp_session_cookie session httponly samesite=Lax;',
     only => ['https GET /session']],
    [{ session_cookie_http_only => $False },
     'rtcsp_session_cookie session secure samesite=Lax;',
     only => ['https GET /session']],
    [{ session_cookie_samesite => 'Strict' },
     'rtcsp_session_cookie session secure httponly samesite=Strict;',
     only => ['https GET /session']],
    [{ session_cookie_samesite => 'None' },
     'rtcsp_session_cookie session secure httponly samesite=None;',
     only => ['https GET /session']],
    [{ session_cookie_samesite => undef },
     'rtcsp_session_cookie session secure httponly;',
     only => ['https GET /session']],
);


# http {} of nginx: Talisman's defaults, and a server for each row

sub http {
    my ($port, @rows) = @_;

    my $http = <<EOF;
        rtcsp                 talisman;
        rtcsp_force_https     on;
        rtcsp_session_cookie  session;
        rtcsp_trusted_proxy   127.0.0.1;
        proxy_set_header      Host \$http_host;
        proxy_set_header      X-Talisman "";
EOF

    for my $row (@rows) {
        my $view = ($row->{view} // [{}, ''])->[1];

        $http .= <<EOF;
        server {
            listen       127.0.0.1:%%PORT0%%;
            server_name  c$row->{n}.test;
            $row->{rtcsp}
            location /      { proxy_pass http://127.0.0.1:$port; }
            location /view  { $view proxy_pass http://127.0.0.1:$port; }
        }
EOF
    }

    return $http;
}


# the lines of an answer by which it is compared; the page's nonce is N

sub lines {
    my ($answer) = @_;

    my ($first, @lines) = split /\r\n/, $answer->{head};
    my ($nonce) = $answer->{head} =~ /'nonce-([^']+)'/;
    my @taken;

    for (@lines) {
        next if /^(?:Date|Server|Connection|Content-Length|Content-Type
                   |Transfer-Encoding):/xi;

        # of a session's cookie its flags, in whatever order

        s/^(Set-Cookie: \w+=)([^;]*)(.*)/
          $1 . join ';', '', sort split m{;\s*}, $3/e;

        s/'nonce-\Q$nonce\E'/'nonce-N'/g if $nonce;
        push @taken, $_;
    }

    return ($answer->{status}, sort @taken);
}


# what of the one list is not in the other

sub without {
    my ($list, $others) = @_;

    my %left;
    $left{$_}++ for @$others;

    return [grep { !$left{$_} || !$left{$_}-- } @$list];
}


sub answers {
    my ($nginx, $port, $n, $request) = @_;

    my ($scheme, $method, $uri, $line) = split ' ', $request, 4;
    my @headers = ("X-Talisman: $n");

    push @headers, 'X-Forwarded-Proto: https'
        if $scheme eq 'https' && ($line // '') !~ /^X-Forwarded-Proto/;

    $line = ($line // '') =~ /^Host:/ ? $line : join "\r\n", "Host: c$n.test",
                                                $line // ();

    my $bytes = join "\r\n", "$method $uri HTTP/1.1", 'Connection: close',
                             $line, @headers, 'Content-Length: 0', '', '';

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
        or die "Talisman: $!";
    $s->syswrite($bytes);

    return ($nginx->answer($s), RT::Nginx::parse($nginx->raw($bytes)));
}


# one request of a row: what differs has to be what the row says

sub compare {
    my ($nginx, $port, $row, $request) = @_;

    my $name = "$row->{name} - $request";
    my ($theirs, $ours) = answers($nginx, $port, $row->{n}, $request);
    my @both = map { [lines($_)] } $theirs, $ours;

    my $of = $row->{differs} // {};
    my $want = (exists $of->{$request} ? $of->{$request} : $of->{''}) // {};

    $seen{$want->{why}}++ if $want->{why};

    is_deeply({ theirs => without(@both), ours => without(reverse @both) },
              { theirs => [sort @{$want->{theirs} // []}],
                ours => [sort @{$want->{ours} // []}] },
              join ': ', $name, $want->{why} // ())
        or diag(explain(\@both));

    one_nonce("$name, $_->[0]", $_->[1]) for [theirs => $theirs],
                                             [ours => $ours];
}


# a page has the nonce of its policy, of Talisman's length

sub one_nonce {
    my ($name, $answer) = @_;

    my ($page) = $answer->{body} =~ /<script nonce="([^"]+)"/ or return;
    my ($header) = $answer->{head} =~ /'nonce-([^']+)'/ or return;

    is($page, $header, "$name - the page has the policy's nonce");
    like($page, qr/^[\w-]{32}$/, "$name - 32 characters");
}


# what Talisman takes, and nginx does not start with

sub refuse {
    my ($port, $row) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtcsp'],
                               http => http($port, $row));
    my ($rc, $out) = $nginx->try;
    my $says = $row->{refused} ? $row->{refused}{says} : $row->{raises}[1];

    isnt($rc, 0, "$row->{name} - nginx does not start");
    like($out, qr/\[emerg\].*\Q$says/, "$row->{name} - and says why");
}


my $json = JSON::PP->new->canonical;
my $n = 0;

for my $row (@ROWS) {
    $row->{n} = $n++;
    $row->{name} //= join ' view ', map { $json->encode($_) }
                     $row->{talisman}, $row->{view} ? $row->{view}[0] : ();
}

my $apps = RT::Talisman::start($Placeholder, map { {
    talisman => $_->{talisman}, view => ($_->{view} // [{}])->[0],
} } @ROWS);
my $port = $apps->{port};

my $nginx = RT::Nginx->new(
    modules => ['rtcsp'], level => 'error',
    http => http($port, grep { !$_->{refused} && !$_->{raises} } @ROWS),
)->start;

for my $row (@ROWS) {
    my $raised = $apps->{raised}[$row->{n}];

    is($raised, ($row->{raises} // [])->[0], "$row->{name} - Talisman");

    if ($row->{raises}) {
        refuse($port, $row);
        next;
    }

    if (my $refused = $row->{refused}) {
        $seen{$refused->{why}}++;
        my ($theirs) = answers($nginx, $port, $row->{n}, 'https GET /page');

        ok((grep { $_ eq $refused->{theirs} } lines($theirs)),
           "$row->{name} - Talisman sends it: $refused->{why}");
        refuse($port, $row);
        next;
    }

    compare($nginx, $port, $row, $_)
        for @{$row->{only} // [@ASK, @{$row->{ask} // []}]};
}

# the docs have these differences and no others

my ($table) = RT::Nginx::slurp("$RT::Top/docs/moving.md")
              =~ /^### Where it answers otherwise\n(.*?)(?:^#|\z)/ms;

my @told = ($table // '') =~ /^\| (?!case )([^|-][^|]*?) \|/mg;

is_deeply([sort @told], [sort keys %seen],
          'docs/moving.md lists the differences');

$nginx->end;
done_testing;

#!/usr/bin/perl

# rt check over what nginx -T prints of configurations that nginx takes.  Each
# finding has one that it is in, on the line marked "# found", and a twin in
# which the mend was made and nothing is found.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Nginx;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => ['rtauth', 'rtaudit', 'rtcsp']);
my $dir = $nginx->dir;

$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));
$nginx->file('secret', "4d1f0c9b7e2a58634d1f0c9b7e2a5863\n");
chmod 0600, "$dir/secret" or die $!;

my $before = "
rtauth_zone 1m;
rtauth_provider corp {
    issuer https://login.example.com; audience tools;
    jwks_file $dir/jwks.json;
}
proxy_cache_path $dir/cache keys_zone=pages:1m;
fastcgi_cache_path $dir/fcache keys_zone=fpages:1m;
";


# rt with these words: (exit code, output, errors)

sub rt { RT::Tool::run($nginx, @_) }


# what nginx -T prints of it, and the lines marked "# found"

sub dump_of {
    my $http = shift;

    $nginx->{http} = "$before$http";

    my ($rc, $out) = $nginx->try;
    is($rc, 0, 'nginx -t says ok') or diag($out);

    ($rc, $out) = $nginx->dump;

    my ($file, $line, @marked) = ('', 0);

    for (split /\n/, $out) {
        $line++;
        ($file, $line) = ($1, 0) if /^# configuration file (.*):$/;
        push @marked, "$file:$line" if /# found/;
    }

    return ($out, @marked);
}


# the findings of a dump: [id, file:line, ...]

sub findings {
    my $dump = shift;

    my ($rc, $out, $err) = rt($dump, 'check', '-', '--json');

    is($err, '', 'nothing on standard error');
    my $json = eval { decode_json($out) } or return fail("JSON: $out");

    is($rc, @{$json->{findings}} ? 1 : 0, 'the exit code says it');

    return @{$json->{findings}};
}


sub finds {
    my ($id, $name, $with, $without, $says) = @_;

    return if RT::skips($with);

    my ($dump, @marked) = dump_of($with);
    my @found = findings($dump);

    die "$name: no line is marked" if !@marked;

    is(join("\n", map { "$_->{id} $_->{file}:$_->{line}" } @found),
       join("\n", map { "$id $_" } @marked), "$id: $name")
        or diag(explain(\@found));

    like($found[0]{text}, $says, "$id: $name: says why") if $says && @found;

    ($dump) = dump_of($without);
    is_deeply([findings($dump)], [], "not $id: $name");
}


# a server; %s of the text are its lines

sub server { "server { listen 127.0.0.1:8080; $_[0] }\n" }

my $app = 'proxy_pass http://app;';
my $strip = "rtauth_strip_header x_EMAIL;\n";
my $email = 'proxy_set_header X-Email $rtauth_user;';

$before .= "upstream app { server 127.0.0.1:3000; server 127.0.0.1:3001; }\n";


# -- identity-header-not-stripped

my $not = 'identity-header-not-stripped';

sub with_header {
    my ($http, $location) = @_;
    return "$http\n" . server("rtauth corp; location / { $location }");
}

finds($not, 'a variable of rtauth',
      with_header('', "$email # found\n $app"),
      with_header($strip, "$email $app"),
      qr/rtauth_strip_header X-Email;/);

my $early = "# rt check ok: rewrite-before-user\n";

finds($not, 'a set, in braces',
      with_header('', "set \$who \"<\${rtauth_user}>\"; " . $early . "$app
                       proxy_set_header X-Email \$who; # found\n"),
      with_header($strip, "set \$who \$rtauth_user; " . $early . "$app
                           proxy_set_header X-Email \$who;"));

finds($not, 'a map of a map, the last one first',
      with_header('map $a $b { default $A; } map $rtauth_groups $a { ~x y; }',
                  "proxy_set_header X-Role \$b; # found\n $app"),
      with_header('map $a $b { default $a; } map $request_id $a { ~x y; }',
                  "proxy_set_header X-Role \$b; $app"));

finds($not, 'a claim with a name of its own',
      with_header('rtauth_claim $dep org.department;',
                  "proxy_set_header X-Dep \$dep; # found\n $app"),
      with_header('rtauth_claim $dep org.department;
                   rtauth_strip_header X-Other X-Dep;',
                  "proxy_set_header X-Dep \$dep; $app"));

finds($not, 'an auth_request_set',
      server("location = /auth { rtauth corp; try_files /none =204; }
              location / { auth_request /auth; $app
                           auth_request_set \$w \$rtauth_user;
                           proxy_set_header X-Email \$w; # found\n }"),
      $strip
      . server("location = /auth { rtauth corp; try_files /none =204; }
                location / { auth_request /auth; $app
                             auth_request_set \$w \$rtauth_user;
                             proxy_set_header X-Email \$w; }"));

finds($not, 'inherited from http, stripped in one server only',
      "$email # found\n"
      . server("server_name a; rtauth corp; $strip location / { $app }")
      . server("server_name b; rtauth corp; location / { $app }"),
      "$email\n"
      . server("server_name a; rtauth corp; $strip location / { $app }")
      . server("server_name b; rtauth corp; $strip location / { $app }"));

finds($not, 'another server that passes to the same application',
      server("server_name a; rtauth corp; $strip location / { $email $app }")
      . server("server_name b; rtauth corp; location / {
                    proxy_pass http://127.0.0.1:3001/x; # found\n }"),
      server("server_name a; rtauth corp; $strip location / { $email $app }")
      . server("server_name b; rtauth corp; $strip location / {
                    proxy_pass http://127.0.0.1:3001/x; }"),
      qr/behind "127\.0\.0\.1:3001"/);

finds($not, 'fastcgi_param HTTP_',
      with_header('', 'fastcgi_param REMOTE_USER $rtauth_user;
                       fastcgi_param HTTP_X_EMAIL $rtauth_user; # found
                       fastcgi_pass 127.0.0.1:9000;'),
      with_header($strip, 'fastcgi_param REMOTE_USER $rtauth_user;
                           fastcgi_param HTTP_X_EMAIL $rtauth_user;
                           fastcgi_pass 127.0.0.1:9000;'));

for (['grpc_set_header X-Email', 'grpc_pass grpc://127.0.0.1:50051'],
     ['uwsgi_param HTTP_X_EMAIL', 'uwsgi_pass unix:/run/app:'],
     ['scgi_param HTTP_X_EMAIL', 'scgi_pass 127.0.0.1:4000'])
{
    my ($header, $pass) = @$_;

    finds($not, $header,
          with_header('', "$header \$rtauth_user; # found\n $pass;"),
          with_header($strip, "$header \$rtauth_user; $pass;"));
}

# what rtauth itself reads cannot be stripped
finds($not, 'but not Authorization',
      with_header('', 'proxy_set_header Authorization $rtauth_user; '
                      . "proxy_set_header X-Email \$rtauth_user; # found\n"
                      . $app),
      with_header('', "proxy_set_header Authorization \$rtauth_user; $app"));


# -- identity-header-lost

my $lost = 'identity-header-lost';

finds($lost, 'lines of the location',
      $strip . server("rtauth corp; $email
          location / { $app }
          location /x { proxy_set_header Host a; # found\n $app }"),
      $strip . server("rtauth corp; $email
          location / { $app }
          location /x { proxy_set_header Host a; $email $app }"),
      qr/gets none/);

finds($lost, 'lines of the server, in a location within one',
      "$strip $email" . server("rtauth corp;
          proxy_set_header Host a; # found\n
          location /a { location /a/b { $app } location /a/c { $app } }"),
      "$strip $email" . server("rtauth corp;
          proxy_set_header Host a; $email
          location /a { location /a/b { $app } location /a/c { $app } }"));

finds($lost, 'a param',
      server("rtauth corp; fastcgi_param REMOTE_USER \$rtauth_user;
              location / { fastcgi_param A b; # found
                           fastcgi_pass 127.0.0.1:9000; }"),
      server("rtauth corp; fastcgi_param REMOTE_USER \$rtauth_user;
              location / { fastcgi_pass 127.0.0.1:9000; }"));

# where nobody is asked there is nothing to lose, if no client can send it
finds($lost, 'an open location, and a client may send it',
      server("$email location / { proxy_set_header Host a; # found\n $app }"),
      $strip
      . server("$email location / { proxy_set_header Host a; $app }"),
      qr/gets what a client sends/);


# -- open-before-shared-upstream

my $open = 'open-before-shared-upstream';
my $guarded = "location / { $app }";

finds($open, 'rtauth off, in the same server',
      server("rtauth corp; $guarded location /pub/ { rtauth off;
              proxy_pass http://app; # found\n }"),
      server("rtauth corp; $guarded location /pub/ { rtauth off;
              proxy_pass http://127.0.0.2:3000; }")
      . server('location /a/ { proxy_pass http://127.0.0.3; }
                location /b/ { rtauth off; proxy_pass http://127.0.0.3; }'),
      qr/everybody.* is guarded at \Q$dir\E.*:\d+/);

finds($open, 'no rtauth at all, by address, in another server',
      server("server_name a; rtauth corp; $guarded")
      . server("server_name b; location = /x {
                    proxy_pass http://127.0.0.1:3001; # found\n }"),
      server("server_name a; rtauth corp; $guarded")
      . server("server_name b; location = /x {
                    rtauth off; proxy_pass http://127.0.0.1:3001; }"),
      qr/there is no rtauth here/);

finds($open, 'a path without a slash at its end',
      server("rtauth corp; $guarded location /pub { rtauth off;
              proxy_pass http://app/; # found\n }"),
      server("rtauth corp; $guarded location = /pub { rtauth off;
              proxy_pass http://app/; }"),
      qr/without a "\/"/);

finds($open, 'paths that are read in two ways',
      server("rtauth corp; $guarded location /pub/ { rtauth off;
              rtauth_raw_path allow; proxy_pass http://app; # found\n }"),
      server("rtauth corp; $guarded location /pub/ {
              rtauth_raw_path allow; proxy_pass http://app; }"),
      qr/take "allow" away/);

finds($open, 'the methods of limit_except',
      server("rtauth corp; location / { proxy_pass http://app; # found
              limit_except GET { rtauth off; } }"),
      server("rtauth corp; location / { $app
              limit_except GET { rtauth_require group a; } }
              ") =~ s/^/rtauth_group a { match g has a; }\n/r);

finds($open, 'an if with an address of its own',
      server("rtauth corp; $guarded location /pub/ { rtauth off;
              if (\$request_method = POST) {
                  proxy_pass http://app; # found\n } root /srv; }"),
      server("rtauth corp; $guarded location /pub/ {
              if (\$request_method = POST) { $app } root /srv; }"));

for ('auth_basic x; auth_basic_user_file /none;', 'auth_request /auth;',
     'allow 10.0.0.0/8; deny all;',
     'internal;',
     '# rt check ok: open-before-shared-upstream')
{
    my $pub = "location /pub/ { rtauth off;\n%s\n"
              . "proxy_pass http://app; # found\n }";

    finds($open, "but not with $_",
          server('rtauth corp; ' . $guarded . sprintf $pub, ''),
          server('rtauth corp; ' . $guarded . sprintf $pub, $_));
}

finds($open, 'a certificate that a client need not have',
      server("server_name a; rtauth corp; $guarded")
      . server("server_name b; ssl_verify_client optional;
                location / { proxy_pass http://app; # found\n }"),
      server("server_name a; rtauth corp; $guarded")
      . server("server_name b; ssl_verify_client on; location / { $app }"));

finds($open, 'allow takes the place of an outer deny',
      server("rtauth corp; deny all; $guarded location /pub/ { rtauth off;
              allow all; proxy_pass http://app; # found\n }"),
      server("rtauth corp; deny all; $guarded location /pub/ { rtauth off;
              $app }"));


# -- cache-key-without-user

my $key = 'cache-key-without-user';
my $cached = 'rtauth_cache on; proxy_cache pages;';

finds($key, 'the default key',
      with_header('', "rtauth_cache on; $app
                       proxy_cache pages; # found\n"),
      with_header('', "proxy_cache pages; $app
                       location /b { rtauth_cache on; proxy_cache off;
                                     $app }"),
      qr/by default/);

finds($key, 'a key of the path, inherited',
      "proxy_cache_key \$uri\$is_args\$args; # found\n"
      . with_header('', "$cached $app"),
      'proxy_cache_key "$rtauth_provider|$rtauth_claim_sub|$uri";'
      . with_header('', "$cached $app"));

finds($key, 'what many users have in common',
      'map $rtauth_user $k { ~a a; default b; }'
      . with_header('', "$cached proxy_cache_key \$k\$uri; # found\n $app"),
      'map $uri $k { default $rtauth_user; } rtauth_claim $me /sub;'
      . with_header('', "$cached proxy_cache_key \$k\$uri; $app
                         location /b { $app proxy_cache_key \$me; }"));

finds($key, 'fastcgi_cache',
      with_header('', 'rtauth_cache on; fastcgi_cache fpages;
                       fastcgi_cache_key $uri; # found
                       fastcgi_pass 127.0.0.1:9000;'),
      with_header('', 'rtauth_cache on; fastcgi_cache fpages;
                       fastcgi_cache_key $http_authorization$uri;
                       fastcgi_pass 127.0.0.1:9000;'));


# -- placeholder-with-upgrade

my $page = "rtcsp superset; rtcsp_nonce placeholder=file:$dir/secret;";
my $socket = 'proxy_http_version 1.1; proxy_set_header Connection upgrade;';

finds('placeholder-with-upgrade', 'both are inherited',
      "$page $socket proxy_set_header upgrade \$http_upgrade; # found\n"
      . server("location / { $app }"),
      "$page $socket proxy_set_header upgrade \$http_upgrade;"
      . server("location / { rtcsp_nonce off; $app }"),
      qr/may show it to a browser: .*"rtcsp_nonce off;"/);

finds('placeholder-with-upgrade', 'an empty Upgrade is none',
      "$page" . server("location / { $app $socket
          proxy_set_header Upgrade \$http_upgrade; # found\n }"),
      "$page" . server("location / { $app $socket
          proxy_set_header Upgrade ''; }"));

is_deeply([map { $_->{id} } findings("http { rtcsp_nonce upstream;"
           . server("location / { $app $socket
                     proxy_set_header Upgrade websocket; }") . '}')],
          ['placeholder-with-upgrade'], 'with the application\'s own nonce');


# -- return-under-rtauth

finds('return-under-rtauth', 'the target of auth_request',
      server("location = /auth { rtauth corp; return 204; # found\n }"),
      server('location = /auth { rtauth corp; try_files /none =204; }
              location = /a { rtauth corp; return 302 /b; }
              location = /b { rtauth off; return 204; }
              location = /c { rtauth corp;
                  if ($request_method = OPTIONS) { return 204; } root /; }'),
      qr{"try_files /none =204;"});


# -- limit-before-user

my $zones = 'limit_req_zone $rtauth_claim_sub zone=user:1m rate=1r/s;
             limit_conn_zone $rtauth_user zone=conn:1m;
             limit_req_zone $binary_remote_addr zone=addr:1m rate=1r/s;';

finds('limit-before-user', 'limit_req',
      "$zones limit_req zone=user burst=5; # found\n"
      . server("rtauth corp; location / { $app }"),
      "$zones limit_req zone=user burst=5;"
      . server("rtauth corp; rtauth_phase preaccess; location / { $app }
                location /a { rtauth_phase access; limit_req zone=addr; }"),
      qr/rtauth_phase preaccess/);

finds('limit-before-user', 'limit_conn',
      $zones . with_header('', "limit_conn conn 1; # found\n $app"),
      $zones . with_header('', "rtauth off; limit_conn conn 1; $app"));


# -- rewrite-before-user

finds('rewrite-before-user', "read by: $_",
      'map $rtauth_permission $may_not { use 1; } '
      . server("rtauth corp; location / { $_ # found\n $app }"),
      'map $rtauth_permission $may_not { use 1; } '
      . server("rtauth corp; location / { $app
                    if (\$rtauth_endpoint) { set \$at \$rtauth_endpoint; } }
                location = /o { rtauth off; $_ root /; }
                location \@after { $_ root /; }
                location /i { internal; $_ root /; }"),
      qr/rtauth_require/)
    for 'if ($rtauth_permission = use) { return 403; }',
        'if ($may_not) { return 403; }', 'set $who "x-${rtauth_user}";',
        'rewrite ^ /of/$rtauth_claim_sub break;',
        'return 302 /of/$rtauth_claim_sub;';

finds('rewrite-before-user', 'in an if, and in the server',
      server("rtauth corp; location / { if (\$arg_a) {
              set \$who \$rtauth_user; # found\n } $app }"),
      server("rtauth corp; location / { if (\$arg_a) { set \$b \$arg_c; } $app
              }"));

finds('rewrite-before-user', 'of the server itself',
      server("rtauth corp; set \$who \$rtauth_user; # found\n
              location / { $app }"),
      server("rtauth corp; set \$who \$arg_user; location / { $app }"));


# -- status-for-everybody

finds('status-for-everybody', "$_: nobody is asked",
      server("location = /m { $_; # found\n }"),
      server("rtauth corp; location = /m { $_; }
              location = /b { rtauth off; auth_basic x; auth_basic_user_file y;
                              $_; }
              location = /a { rtauth off; allow 127.0.0.1; deny all; $_; }"),
      qr/anybody can read what "\w+"/)
    for 'rtauth_status', 'rtauth_status prometheus', 'rtaudit_status json',
        'rtcsp_status';

finds('status-for-everybody', 'the decision counts, or it does not',
      server('rtauth corp; rtauth_dry_run on; # rt check ok: dry-run
              location = /m { rtauth_status; # found
              }'),
      server('rtauth corp; rtauth_dry_run on; location / { rtauth off; }
              location = /m { rtauth_dry_run off; rtauth_status; }
              location = /r { rtauth off; rtauth_status ready; }'));


# -- dry-run

finds('dry-run', 'said once for all that inherit it',
      server('rtauth corp; rtauth_dry_run on; # found
              location /a/ { root /; } location /b/ { root /; }'),
      server('rtauth corp; rtauth_dry_run off; location /a/ { root /; }
              location / { rtauth off; rtauth_dry_run on; }'),
      qr/refuses nobody/);

finds('dry-run', 'the server alone, for what no location matches',
      server('rtauth corp; rtauth_dry_run on; # found
              location /a/ { rtauth_dry_run off; root /; }'),
      server('rtauth corp; rtauth_dry_run on;
              location ^~ / { rtauth_dry_run off; root /; }'));

finds($open, 'a dry run guards nothing',
      server("rtauth corp; $guarded location /pub/ { rtauth_dry_run on;
              # rt check ok: dry-run
              proxy_pass http://app; # found\n }"),
      server("rtauth corp; $guarded location /pub/ { rtauth_dry_run off;
              $app }"),
      qr/rtauth_dry_run is on/);


# -- satisfy-any-for-everybody

for my $all ('allow all;', 'allow 0.0.0.0/0; deny all;', 'allow ::/0;',
             'allow 0.0.0.0/1; allow 128.0.0.0/1; deny all;')
{
    finds('satisfy-any-for-everybody', "under rtauth: $all",
          server("rtauth corp; location / { $all
                  satisfy any; # found\n root /; }"),
          server("rtauth corp; location / { $all root /; }
                  location /a { satisfy any; allow 10.0.0.0/8; deny all; }
                  location /b { satisfy any; allow fc00::/7; root /; }"),
          qr/nobody is asked/);

    finds($open, "$all keeps nobody out",
          server("rtauth corp; $guarded location /pub/ { rtauth off; $all
                  proxy_pass http://app; # found\n }"),
          server("rtauth corp; $guarded location /pub/ { rtauth off;
                  allow 10.0.0.0/8; deny all; $app }"),
          qr/rtauth is off: whatever the application has under this path/);

    finds($open, "satisfy any, and $all",
          server("rtauth corp; $guarded location /pub/ { satisfy any; $all
                  # rt check ok: satisfy-any-for-everybody
                  proxy_pass http://app; # found\n }"),
          server("rtauth corp; $guarded location /pub/ { $all $app }"),
          qr/"satisfy any" and an "allow" let everybody in here/);
}

finds('satisfy-any-for-everybody', 'beside a password',
      server("location / { auth_basic x; auth_basic_user_file y; allow all;
              satisfy any; # found\n root /; }"),
      server('location / { auth_basic x; auth_basic_user_file y; deny all;
              satisfy any; root /; }
              location /a { satisfy any; allow all; }'));

finds($open, 'a password that nobody needs',
      server("rtauth corp; $guarded location /pub/ { rtauth off; auth_basic x;
              # rt check ok: satisfy-any-for-everybody
              auth_basic_user_file y; satisfy any; allow all;
              proxy_pass http://app; # found\n }"),
      server("rtauth corp; $guarded location /pub/ { rtauth off; auth_basic x;
              auth_basic_user_file y; satisfy any; deny all; $app }"));


# -- named and internal locations are as open as what leads there

my $named = 'location @app { rtauth off; proxy_pass http://app; # found
             }';

for (['try_files', "location /t/ { rtauth off; try_files /none \@app; } $named"],
     ['error_page of who was let in',
      "location /t/ { rtauth off; error_page 404 = \@app; root /; } $named"],
     ['an inherited error_page',
      "error_page 404 502 \@app; location /t/ { rtauth off; root /; } $named"],
     ['one by another',
      "location /t/ { rtauth off; try_files /none \@b; }
       location \@b { rtauth off; try_files /none \@app; } $named"],
     ['an internal one',
      "location /t/ { rtauth off; try_files /none /in/x; }"
      . $named =~ s/\@app \{/\/in\/ { internal;/r])
{
    my ($name, $with) = @$_;

    finds($open, "led to: $name",
          server("rtauth corp; $guarded $with"),
          server("rtauth corp; $guarded $with" =~ s{/t/ \{ rtauth off;}{/t/ \{}r),
          qr/leads here/);
}

finds($open, 'led to: who is refused',
      server("rtauth corp; error_page 403 = \@app; $guarded $named"),
      server("rtauth corp; error_page 404 = \@app; $guarded $named"),
      qr/page of an error/);

finds($open, 'led to: a password on the way',
      server("rtauth corp; $guarded $named
              location /t/ { rtauth off; try_files /none \@app; }"),
      server("rtauth corp; $guarded $named
              location /t/ { rtauth off; try_files /none \@app;
                             auth_basic x; auth_basic_user_file y; }"));


# -- included files, lines, text

mkdir "$dir/inc" or die $!;
$nginx->file('inc/a.conf', "# nothing\n" . server('rtauth corp; location ~ ^/x
    { include inc/headers; proxy_pass http://app; }'));
$nginx->file('inc/headers', "\n$email # found\n");

my ($dump, $marked) = dump_of('include inc/*.conf;');

is($marked, "$dir/inc/headers:2", 'a line of an included file');

my ($rc, $out, $err) = rt($dump, 'check', '-');

is($rc, 1, 'text: the exit code');
is($err, '', 'text: nothing on standard error');
like($out, qr/^\Q$marked: $not: "X-Email"\E .*
     \Q(server 127.0.0.1:8080, location ~ ^\/x)\E$/mx, 'text: a finding');
like($out, qr{^rt check: 1 finding in 1 server, 1 location \(1 under rtauth\)$}m,
     'text: the sum');
is(() = $out =~ /\n/g, 2, 'text: no other line');


# -- what cannot be read

($rc, $out) = rt('', qw(audit tail --help));
is(() = $out =~ / rt audit /g, 1, 'help of one verb');
like($out, qr/^usage: rt audit tail /, 'help says how it is used');

my $plain = 'http { server { listen 1; location / { } } }';

for ([0, 'a plain file', $plain, ['check', '-'], ''],
     [0, 'help', '', ['help'], ''],
     [0, 'help of a verb', '', ['check', '--help'], ''],
     [0, 'help of a verb of a verb', '', ['audit', 'verify', '--help'], ''],
     [2, 'a verb without its verb', '', ['csp'], 'usage: rt csp lint'],
     [2, 'an unknown verb of a verb', '', ['audit', 'qurey'],
      'rt audit: qurey: is no verb of it'],
     [2, 'no words', '', [], 'usage: rt check'],
     [2, 'an unknown verb', '', ['chekc'], 'rt: chekc: is no verb of it'],
     [2, 'an unknown option', $plain, ['check', '--jsn'], '--jsn: is no option'],
     [2, 'two files', $plain, ['check', 'a', 'b'], 'a word is too many'],
     [2, 'no such file', '', ['check', "$dir/none"], "$dir/none: No such file"],
     [2, 'a folder', '', ['check', $dir], "$dir: Is a directory"],
     [2, 'nothing', '', ['check', '-'], 'is empty: does "nginx -t" say ok?'],
     [2, 'what nginx -t refuses', "nginx: [emerg] x\n", ['check', '-'],
      'has no server to check'],
     [2, 'no http block', 'events { }', ['check', '-'], 'has no server to check'],
     [2, 'an open block', 'http {', ['check', '-'],
      'the file ends too early in standard input:1'],
     [2, 'a brace too many', "a;\n}", ['check', '-'],
      'unexpected "}" in standard input:2'],
     [2, 'a file that is not there', 'http { include x; }', ['check', '-'],
      '"include" names a file that is not here'],
     [2, 'bytes', "\0\xff{", ['check', '-'], 'ends too early'])
{
    my ($code, $name, $in, $words, $says) = @$_;

    ($rc, $out, $err) = rt($in, @$words);

    is($rc, $code, "$name: the exit code");
    like($err, $says ? qr/\Q$says\E/ : qr/^$/, "$name: what it says");
    is($out, '', "$name: no verdict") if $code == 2;
}

$nginx->file('plain', $plain);
($rc, $out) = rt('', 'check', "$dir/plain", '--json');
is($rc, 0, 'a file by its name');
is_deeply(decode_json($out), { findings => [], servers => 1, locations => 1,
                               guarded => 0 }, 'the sum as JSON');

($rc, $out, $err) = rt($plain, 'check', '--nginx', "$dir/none");
is($rc, 2, 'standard input that nobody asked for is not read');
like($err, qr{\Q$dir/none\E: No such file}, 'nginx is asked');

# what bash makes of "rt check <(nginx -T)"

my $writer = RT::Tool::fifo("$dir/fifo", $plain);

($rc, $out, $err) = rt('', 'check', "$dir/fifo");
waitpid $writer, 0;
is($rc, 0, 'a FIFO') or diag($err);

done_testing();

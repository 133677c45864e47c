#!/usr/bin/perl

# rtauth_status: the numbers are those of the requests that were sent, over all
# workers and reloads, and their form is the one that Prometheus asks for.  What
# it says of providers, and when a worker is ready, is in ready.t.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;

use RT::Browser;
use RT::JWT;
use RT::Nginx;
use RT::Provider;
use RT::SignIn;
use RT::State;


my $key = 'k' x 32;
my $keys = "$RT::Top/t/data/keys/jwks.json";


# what Prometheus would read: { 'name{labels}' => number }

sub numbers {
    my $answer = $_[0]->get('/metrics', port => 1);

    return { map { /^(\w+(?:\{.*\})?) (\d+)$/ ? ($1 => $2) : () }
             split /\n/, $answer->{body} };
}


# what has changed between two looks

sub grown {
    my ($before, $after) = @_;

    my %grown = map { $_ => $after->{$_} - ($before->{$_} // 0) }
                grep { /^rtauth_(?!key_)\w+_total/ } keys %$after;

    return { map { $_ => $grown{$_} } grep { $grown{$_} } keys %grown };
}


# "PROVIDER RESULT REASON" of a request

sub request {
    my ($provider, $result, $reason) = split ' ', shift;

    $provider =~ s/^-$//;

    return "rtauth_requests_total{provider=\"$provider\",result=\"$result\","
           . "reason=\"$reason\"}";
}


my $http = <<"EOT";
    rtauth_zone 1m state=%%DIR%%/state/revoked;
    rtauth_provider corp {
        issuer https://login.example.com; audience tools; jwks_file $keys;
    }
    rtauth_provider partner {
        issuer https://partner.example.com; audience tools; jwks_file $keys;
    }
    rtauth_session store=zone;
    rtauth_group nobody { provider corp; match sub eq x; permission use /public; }
    rtauth_authorize off;

    server {
        listen 127.0.0.1:%%PORT0%%;
        listen 127.0.0.1:%%PORT2%% http2;
        root   %%DIR%%/html;
        rtauth corp;
        error_page 403 /refused;

        location /         { try_files /x =404; }
        location /both     { rtauth corp partner; try_files /x =404; }
        location /refused  { rtauth off; try_files /x =404; }
        location /own      { error_page 401 /login; try_files /x =404; }
        location /kept     { error_page 401 =200 /login; try_files /x =404; }
        location /login    { rtauth off; try_files /x =404; }
        location /need     { rtauth_require claim sub eq y; try_files /x =404; }
        location /dry      { rtauth_dry_run on; try_files /x =404; }
        location /any      { satisfy any; allow all; try_files /x =404; }
        location /public   { rtauth_authorize on; rtauth_public_group nobody;
                             try_files /x =404; }
        location /moved    { try_files /none /moved2; }
        location /moved2   { try_files /none /moved3; }
        location /moved3   { try_files /x =404; }
        location /asks     { rtauth off; auth_request /sub; try_files /x =404; }
        location /twice    { auth_request /sub; try_files /x =404; }
        location = /sub    { internal; try_files /x =404; }
        location = /page   { ssi on; ssi_types *; try_files /page.html =404; }
        location /off      { rtauth off; try_files /x =404; }
        location /long     { rtauth_reauthorize 1s; limit_rate 1k; }
        location = /status { rtauth off; allow 127.0.0.1; deny all;
                             rtauth_status; }
        location /revoke   { rtauth off; rtauth_revoke key=data:$key; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;

        allow 127.0.0.1;
        deny  all;

        location = /metrics { rtauth_status prometheus; }
        location = /json    { rtauth_status; }
        location = /ready   { rtauth_status ready; if (\$arg_x) { set \$a 1; } }
        location = /part    { ssi on; ssi_types *; root %%DIR%%/html; }
        location = /moved   { rewrite ^ /metrics last; }
        location = /failed  { error_page 403 =200 /json; return 403; }
    }
EOT


sub server {
    my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2, ports => 3,
                               main => $User,
                               http => $http, @_);

    $nginx->file('html/x', "x\n");
    $nginx->file('html/long', 'x' x 100_000);
    $nginx->file('html/page.html', '<!--# include virtual="/sub" --> '
                                   . '<!--# include virtual="/need" -->');
    $nginx->file('html/part', 'has <!--# include virtual="/json" -->');

    state_folder($nginx);

    return $nginx->start;
}


# a request is counted behind its answer

sub counts {
    my ($nginx, $before, $wanted, $what) = @_;
    my $grown;

    $nginx->wait_for($what, sub {
        $grown = grown($before, numbers($nginx));
        keys %$wanted == grep { ($grown->{$_} // 0) >= $wanted->{$_} }
                              keys %$wanted;
    });

    is_deeply($grown, $wanted, $what);
}


my @ann = (headers => [bearer()]);
my @foreign = (headers => [bearer(iss => 'https://partner.example.com',
                                  -key => 'rsa')]);
my @old = (headers => [bearer(exp => 1)]);

# what is sent, the status, and what it counts as

my @requests = (
    ['/', 200, 'corp allowed ok', @ann],
    ['/', 401, 'corp refused anonymous'],
    ['/', 401, 'corp refused expired', @old],
    ['/', 401, 'corp refused wrong_issuer', @foreign],
    ['/both', 200, 'partner allowed ok', @foreign],
    ['/both', 200, 'corp allowed ok', @ann],
    ['/both', 401, '- refused anonymous'],
    ['/need', 403, 'corp refused requirement', @ann],
    ['/own', 401, 'corp refused anonymous'],
    ['/kept', 200, 'corp refused anonymous'],
    ['/dry', 200, 'corp dry_run anonymous'],
    ['/dry', 200, 'corp allowed ok', @ann],
    ['/any', 200, 'corp satisfied anonymous'],
    ['/public', 200, 'corp allowed anonymous'],
    ['/moved', 200, 'corp allowed ok', @ann],
    ['/twice', 200, 'corp allowed ok', @ann],
    ['/page', 200, 'corp allowed ok', @ann],
    ['/off/a%2fb', 403, '- refused bad_path'],
    ['/asks', 200, '', @ann],
    ['/off', 200, ''],
);


subtest 'requests' => sub {
    my $nginx = server();
    my %all;

    is(numbers($nginx)->{request('corp allowed ok')}, 0,
       'what did not come yet is 0');

    for my $r (@requests) {
        my ($uri, $status, $counts, @how) = @$r;
        my $before = numbers($nginx);

        is($nginx->get($uri, @how)->{status}, $status, "GET $uri");

        counts($nginx, $before, $counts ? { request($counts) => 1 } : {},
               "it is $counts");
        $all{request($counts)}++ if $counts;
    }

    is($nginx->request('HEAD', '/', @ann)->{status}, 200, 'HEAD');
    is($nginx->request('POST', '/', @old)->{status}, 401, 'POST');
    is($nginx->http2('GET', '/', @ann, port => 2)->{status}, 200, 'HTTP/2');
    $all{request('corp allowed ok')} += 2;
    $all{request('corp refused expired')}++;

    counts($nginx, {}, \%all, 'all of them, and nothing else');

    # providers are known again by their names, in whatever order they stand

    my ($corp, $partner) = $http =~ /(rtauth_provider \w+ \{.*?\n    \}\n)/sg;
    my $other = $http =~ s/\Q$corp\E//r;
    my $third = $partner =~ s/partner/third/gr;

    $other =~ s/\Q$partner\E/$third$partner$corp/;

    ok($nginx->reload(http => $other), 'a reload');
    counts($nginx, {}, \%all, 'the numbers stay');
    is($nginx->get('/', @ann)->{status}, 200, 'another request');
    $all{request('corp allowed ok')}++;
    counts($nginx, {}, \%all, 'counts for the same provider');

    my %before = map { $_ => 1 } $nginx->workers;

    kill 'KILL', keys %before;
    ok($nginx->wait_for('new workers', sub {
        my @now = $nginx->workers;
        @now == 2 && !grep { $before{$_} } @now;
    }), 'the workers are killed');
    counts($nginx, {}, \%all, 'the numbers stay');

    $nginx->end(undef, 'exited on signal 9');
};


subtest 'many at once, of two workers' => sub {
    my $nginx = server();
    my $each = 50;

    my @children = map {
        my $pid = fork // die $!;

        if ($pid == 0) {
            my $ok = grep { $nginx->get('/', @ann)->{status} == 200
                            && $nginx->get('/')->{status} == 401 } 1 .. $each;
            POSIX::_exit($ok != $each);
        }

        $pid;
    } 1 .. 4;

    for (@children) {
        waitpid $_, 0;
        is($?, 0, 'all of them are answered');
    }

    counts($nginx, {}, { request('corp allowed ok') => 4 * $each,
                         request('corp refused anonymous') => 4 * $each },
           'and counted once');

    $nginx->end;
};


# as many as there may be: one that is new takes the place of one that is gone

subtest 'sixty-four providers' => sub {
    my $with = sub {
        my $all = join '', map {
            "rtauth_provider $_ { issuer https://$_; audience tools;
                                  jwks_file $keys; }\n"
        } @_;

        return <<"EOT";
    rtauth_zone 1m;
    $all
    server {
        listen 127.0.0.1:%%PORT0%%;
        location / { rtauth p1; }
        location /p63 { rtauth p63; }
    }
    server {
        listen 127.0.0.1:%%PORT1%%;
        location = /metrics { allow all; rtauth_status prometheus; }
    }
EOT
    };

    my @names = map { "p$_" } 1 .. 64;
    my $nginx = server(http => $with->(@names));
    my $all = { map { request("$_ refused anonymous") => 1 } qw(p1 p63) };

    is($nginx->get($_)->{status}, 401, "GET $_") for '/', '/p63';
    counts($nginx, {}, $all, 'they are counted');

    pop @names;
    ok($nginx->reload(http => $with->('new', @names)), 'another one comes');
    counts($nginx, {}, $all, 'the numbers stay');

    $nginx->end;
};


# a request that was let in, and ended later

subtest 'what is revoked' => sub {
    my $nginx = server();
    my $before = numbers($nginx);
    my $long = $nginx->ask('/long', bearer(sub => 'gone', iat => time - 60));

    is($long->sysread(my $begin, 100), 100, 'a download begins');

    my $revoke = sub {
        return $nginx->post('/revoke', 'application/x-www-form-urlencoded',
                            "iss=https://login.example.com&$_[0]",
                            headers => ["Authorization: Bearer $key"])
                     ->{status};
    };

    is($revoke->('sub=gone'), 200, 'its user is revoked');
    is($revoke->('sub=other'), 200, 'and another one');
    is($revoke->('sub=other&undo=1'), 200, 'who is let in again');
    $nginx->rest($long);

    counts($nginx, $before, {
        request('corp ended revoked') => 1,
        'rtauth_revocations_total{action="revoke"}' => 2,
        'rtauth_revocations_total{action="undo"}' => 1,
    }, 'it ends, and all of that is counted');

    cmp_ok(numbers($nginx)->{'rtauth_zone_entries{part="revocations"}'}, '>=', 1,
           'and shown as in force');

    $nginx->end;
};


subtest 'who signs in and out' => sub {
    my $provider = RT::Provider->new;
    my $corp = signs_in($provider, 'corp', 'audience tools;');
    my $nginx = server(http => <<"EOT");
    rtauth_zone 1m;
    $corp
    proxy_set_header X-Email \$rtauth_claim_email;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        location /         { rtauth corp; proxy_pass http://$App; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        allow 127.0.0.1;
        deny  all;
        location = /metrics { rtauth_status prometheus; }
    }
EOT

    my $browser = RT::Browser->new($nginx);
    my $n = numbers($nginx);

    is($n->{'rtauth_logins_total{provider="corp",reason="ok"}'}, 0,
       'nobody signed in');
    is($n->{'rtauth_zone_entries{part="sessions"}'}, 0, 'there is no session');

    signed_in($browser->walk('/x'), 'ann@example.com', 'somebody does');
    is($nginx->get('/oidc/callback?code=x&state=y')->{status}, 400,
       'somebody cannot');

    counts($nginx, $n, {
        'rtauth_logins_total{provider="corp",reason="ok"}' => 1,
        'rtauth_logins_total{provider="corp",reason="login_state"}' => 1,
        request('corp refused anonymous') => 1,
        request('corp allowed ok') => 1,
    }, 'sign-ins are counted');

    $n = numbers($nginx);
    is($n->{'rtauth_zone_entries{part="sessions"}'}, 1, 'there is a session');
    cmp_ok($n->{'rtauth_zone_used_bytes{part="sessions"}'}, '>', 0,
           'which takes memory');

    $browser->open('/oidc/logout', headers => ['Sec-Fetch-Site: same-origin']);

    ok($nginx->wait_for('the sign-out', sub {
        numbers($nginx)->{'rtauth_logouts_total{provider="corp"}'} == 1
    }), 'he signs out');
    is(numbers($nginx)->{'rtauth_zone_entries{part="sessions"}'}, 0,
       'there is no session');

    $nginx->end;
};


# -- the form

# what a table of the docs says: name => [type, labels]

sub documented {
    my $docs = RT::Nginx::slurp("$RT::Top/docs/rtauth.md");
    my %row;

    while ($docs =~ /^\| `(rtauth_\w+)(?:\{([a-z,]+)\})?` \| (\w+) \|/mg) {
        $row{$1} = [$3, $2 // ''];
    }

    return \%row;
}


subtest 'Prometheus' => sub {
    my $nginx = server();

    $nginx->get($_->[0], @$_[3 .. $#$_]) for @requests;

    my $answer = $nginx->get('/metrics', port => 1);
    my $text = $answer->{body};

    like($answer->{head},
         qr{^Content-Type: text/plain; version=0.0.4; charset=utf-8\r?$}m,
         'the type that Prometheus asks for');
    like($answer->{head}, qr/^Cache-Control: no-store\r?$/m, 'is not kept');
    like($answer->{head}, qr/^Content-Length: @{[length $text]}\r?$/m,
         'of that length');

    my $file = $nginx->file('logs/metrics', $text);
    my $said = `promtool check metrics < $file 2>&1`;

    is($?, 0, 'promtool finds nothing wrong') or diag($said);
    is($said, '', 'and has no advice');

    my %found = $text =~ /^# TYPE (\w+) (\w+)$/mg;
    my %labels;

    while ($text =~ /^(\w+)(?:\{(.*)\})? \d+$/mg) {
        my ($name, $pairs) = ($1, $2 // '');
        $labels{$name}{join ',', $pairs =~ /(\w+)="[^"]*"/g} = 1;
    }

    my $documented = documented();

    is_deeply(\%found, { map { $_ => $documented->{$_}[0] } keys %$documented },
              'the names and types are those of the docs');

    for my $name (sort keys %labels) {
        is(join(' ', sort keys %{$labels{$name}}), $documented->{$name}[1],
           "so are the labels of $name");
    }

    unlike($text, qr/ann\@|u-1|$key|https?:|\Q@{[$nginx->dir]}\E/,
           'nothing is of a user, and no secret');

    $nginx->end;
};


# the same numbers as pairs of a name with labels and a value

sub flat {
    my $json = decode_json(shift);
    my %flat;

    for my $name (keys %$json) {
        my $values = ref $json->{$name} ? $json->{$name}
                                        : [{ value => $json->{$name} }];
        for my $v (@$values) {
            my $n = delete $v->{value};
            $flat{join ' ', $name, map { "$_=$v->{$_}" } sort keys %$v} = $n;
        }
    }

    return \%flat;
}


subtest 'JSON' => sub {
    my $nginx = server();

    $nginx->get($_->[0], @$_[3 .. $#$_]) for @requests;

    my $answer = $nginx->get('/json', port => 1);
    my $text = $nginx->get('/metrics', port => 1)->{body};
    my %text;

    like($answer->{head}, qr{^Content-Type: application/json\r?$}m, 'its type');
    like($answer->{head}, qr/^Cache-Control: no-store\r?$/m, 'is not kept');

    while ($text =~ /^(\w+)(?:\{(.*)\})? (\d+)$/mg) {
        my ($name, $pairs, $n) = ($1, $2 // '', $3);
        $text{join ' ', $name, map { s/"//gr } sort $pairs =~ /\w+="[^"]*"/g}
            = $n;
    }

    my $json = flat($answer->{body});

    delete $_->{rtauth_zone_free_bytes} for $json, \%text;
    is_deeply($json, \%text, 'says the same as Prometheus');

    $nginx->end;
};


subtest 'how it is asked for' => sub {
    my $nginx = server();

    for my $uri ('/metrics', '/json', '/ready') {
        my $get = $nginx->get($uri, port => 1);
        my $head = $nginx->request('HEAD', $uri, port => 1);

        is($get->{status}, 200, "GET $uri");
        is($head->{status}, 200, "HEAD $uri");
        is($head->{body}, '', 'without a body');
        like($head->{head}, qr/^Content-Length: [1-9]/m, 'of some length');

        for my $method (qw(POST PUT DELETE OPTIONS)) {
            is($nginx->request($method, $uri, port => 1, body => 'x')
                   ->{status}, 405, "$method $uri");
        }
    }

    is($nginx->get($_, port => 1)->{body},
       qq({"missing":[],"ready":true}\n), "files are all it needs: $_")
        for '/ready', '/ready?x=1';

    is($nginx->http2('GET', '/status', port => 2)->{status}, 200, 'HTTP/2');
    is($nginx->http2('POST', '/status', port => 2)->{status}, 405, 'likewise');

    like($nginx->get('/part', port => 1)->{body},
         qr/^has \{"rtauth_start_time_seconds":\d+,.*\}\n$/s, 'as a part');
    like($nginx->get('/moved', port => 1)->{body}, qr/^# HELP rtauth_/,
         'behind a rewrite');
    like($nginx->get('/failed', port => 1)->{body}, qr/^\{"rtauth_/,
         'as an error page');

    $nginx->end;
};


# -- the configuration

sub tried {
    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://l; audience x; jwks_file $keys; }
    server {
        listen 127.0.0.1:%%PORT0%%;
        location / { $_[0] }
    }
EOT

    my ($rc, $out) = $nginx->try;

    return $out;
}


my $anybody = 'anybody can read this "rtauth_status": write "allow" and'
    . ' "deny all", or "rtauth NAME"';

for ('rtauth_status;', 'rtauth_status json;', 'rtauth_status prometheus;',
     'rtauth corp; rtauth_dry_run on; rtauth_status;', 'rtauth off; '
     . 'rtauth_status;')
{
    like(tried($_), qr/\[warn\].*\Q$anybody\E in .*nginx.conf:\d+$/m,
         "warned of: $_");
}

for ('allow 127.0.0.1; deny all; rtauth_status;', 'rtauth_status ready;',
     'rtauth corp; rtauth_status prometheus;',
     'auth_basic x; auth_basic_user_file x; rtauth_status;',
     'auth_request /x; rtauth_status;')
{
    unlike(tried($_), qr/anybody can read/, "not: $_");
}

like(tried('rtauth_status xml;'),
     qr/invalid value "xml" in "rtauth_status": write "json", "prometheus" or "ready" in/,
     'another form');
like(tried('rtauth_status; rtauth_status ready;'), qr/"rtauth_status" directive is duplicate/,
     'twice');
like(tried('rtauth_status; rtauth_userinfo;'),
     qr/"rtauth_userinfo" directive stands beside another handler/,
     'beside another handler');

# proxy_pass takes the place of a handler that is there, and says nothing

for my $ours ('rtauth_status', 'rtauth_userinfo') {
    my $line = "rtauth corp; $ours;";
    my $pass = 'proxy_pass http://127.0.0.1:1;';

    like(tried("$line $pass"),
         qr/"$ours" does not answer in its location, for a directive behind it does, such as proxy_pass: .* in .*nginx.conf:\d+$/m,
         "$ours before proxy_pass");
    like(tried("$pass $line"),
         qr/"$ours" directive stands beside another handler/,
         'and behind it');
}


done_testing();

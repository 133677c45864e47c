package RT::Session;

# Sessions without a browser's sign-in, by the module of the tests: see
# test/module/ngx_http_rttest_session_module.c.
#
#   my $nginx = RT::Session::nginx($redis->block('fleet'), 'redis:fleet');
#   my $cookie = create($nginx, 'alice');       # as a browser sends it
#   is(who($nginx, $cookie), 'alice');          # or 401
#
# Options beside the store: session, what else stands in rtauth_session; keys,
# the names of its keys; host; zone, its size; workers; more, in the server.

use strict;
use warnings;

use Exporter qw(import);

use RT::Nginx;

our @EXPORT = qw(cookies create page who);

my %keys = (new => 'n' x 32, old => 'o' x 32, other => 'x' x 32);


# what stands in http; $redis: the rtauth_redis of it

sub http {
    my ($redis, $store, %opt) = @_;

    my $session = $opt{session} // 'cookie=rt';
    my $zone = $opt{zone} // '1m';
    my $host = $opt{host} // 'tools.example.com';
    my $more = $opt{more} // '';
    my $keys = join ' ', map { "key=file:%%DIR%%/$_" } @{$opt{keys} || ['new']};
    my $places = join '', map { "location = /$_ { rttest_session $_; }\n" }
        qw(create end revoke lock unlock);

    return $redis . <<EOT;
    rtauth_zone $zone;
    rtauth_provider corp { issuer http://127.0.0.1:1; client_id web;
        client_secret file:%%DIR%%/secret; jwks_file %%DIR%%/jwks.json; }
    rtauth_session store=$store secure=off $keys $session;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name $host;
        rtauth_origin http://$host;

        $places
        $more

        location / {
            rtauth corp;
            rtauth_login never;
            proxy_pass http://127.0.0.1:%%PORT1%%;
            proxy_set_header X-Sub \$rtauth_claim_sub;
            add_header Pid \$pid always;

            location = /update { rttest_session update; }
            location = /late { rttest_session late; }
        }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        rtauth_session cookie=upstream secure=off;
        location / { return 200 "sub=\$http_x_sub cookie=\$http_cookie\\n"; }
    }
EOT
}


sub nginx {
    my ($redis, $store, %opt) = @_;

    my $nginx = RT::Nginx->new(modules => ['rttest_session'], ports => 2,
                               workers => $opt{workers} // 2,
                               http => http($redis, $store, %opt));

    $nginx->file('secret', "s3cret\n");
    $nginx->file($_, "$keys{$_}\n") for sort keys %keys;
    $nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));
    chmod 0600, map { $nginx->dir . "/$_" } 'secret', sort keys %keys;

    return $nginx->start;
}


# the session's cookies that an answer sets, as a browser sends them

sub cookies {
    my $answer = shift;

    return join '; ', $answer->{head} =~ /^Set-Cookie: (rt(?:_1)?=[^;\r]+)/mg;
}


sub create {
    my ($nginx, $sub, $cookies) = @_;

    my @headers = $cookies ? ("Cookie: $cookies") : ();

    return cookies($nginx->get("/create?sub=$sub", headers => \@headers));
}


sub page {
    my ($nginx, $cookies, $uri) = @_;
    return $nginx->get($uri // '/', headers => ["Cookie: $cookies"]);
}


# "alice", or the status of the refusal

sub who {
    my ($nginx, $cookies) = @_;

    my $answer = page($nginx, $cookies);

    return $answer->{body} =~ /^sub=(\S*) / ? $1 : $answer->{status};
}


1;

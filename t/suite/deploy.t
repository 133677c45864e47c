#!/usr/bin/perl

# What deploy/ and the image have for others to begin with: the files are what
# they should be as YAML, and their nginx.conf runs.  Only names, ports and paths
# are put where a test may have them.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Browser;
use RT::JWT;
use RT::Nginx;
use RT::Provider;
use RT::Redis;
use RT::SignIn;
use RT::Tool;


# -- as YAML: each document of a file

sub documents {
    my $file = shift;

    my $json = qx{python3 -c 'import json, sys, yaml
print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))' $file};

    return @{decode_json($json || '[]')};
}


my ($compose) = documents('deploy/compose/docker-compose.yml');
my ($dex) = documents('deploy/compose/dex.yml');
my %kind = map { $_->{kind} => $_ } documents('deploy/kubernetes/rt.yml');


# compose: what a service names is there, nginx runs with little

my $services = $compose->{services};

is_deeply([sort keys %$services], [qw(app nginx provider redis)],
          'compose has four services');

for my $name (sort keys %$services) {
    my $service = $services->{$name};
    my $networks = $service->{networks} // [];

    ok($compose->{networks} && exists $compose->{networks}{$_},
       "$name: the network $_ is declared") for @$networks;

    for (@{$service->{volumes} // []}) {
        my ($source, $target) = split /:/;

        like($target, qr{^/}, "$name: $source has a place");

        ok($source =~ m{^\./secrets/} || -e "deploy/compose/$source"
           || exists $compose->{volumes}{$source}, "... and is there");
    }
}

ok($services->{nginx}{read_only}, 'nginx may not write to its image');
is_deeply($services->{nginx}{cap_drop}, ['ALL'], '... and has no capability');
ok(!$services->{nginx}{environment}, '... and no secret in a variable');
ok($compose->{networks}{back}{internal}, 'Redis and the app are not reached');

my $client = $dex->{staticClients}[0];

is($dex->{issuer}, 'http://127.0.0.1:5556/dex', 'the provider has its name');
is_deeply($client->{redirectURIs}, ['http://localhost:8080/oidc/callback'],
          '... and sends people back to nginx');


# no secret is a word of a command line

unlike(RT::Nginx::slurp("$RT::Top/$_"), qr/--from-literal|"\$\(openssl/,
       "$_: no secret in argv") for split ' ', `git ls-files deploy`;


# Kubernetes: who runs, what of his he may write, who asks for his health

my $pod = $kind{Deployment}{spec}{template};
my ($container) = @{$pod->{spec}{containers}};
my %volume = map { $_->{name} => $_ } @{$pod->{spec}{volumes}};
my %port = map { $_->{name} => $_->{containerPort} } @{$container->{ports}};

is_deeply($pod->{metadata}{labels},
          $kind{Deployment}{spec}{selector}{matchLabels},
          'the deployment finds its pods');
is_deeply($pod->{metadata}{labels}, $kind{Service}{spec}{selector},
          '... and the service, too');
is($kind{Service}{spec}{ports}[0]{targetPort}, 'http', '... at a port');

ok($pod->{spec}{securityContext}{runAsNonRoot}, 'it does not run as root');
is($pod->{spec}{securityContext}{runAsUser}, 33, '... but as www-data');
is($pod->{spec}{securityContext}{fsGroupChangePolicy}, 'OnRootMismatch',
   '... whose files stay private when it starts anew');
ok($container->{securityContext}{readOnlyRootFilesystem},
   '... may not write to its image');
ok(!$container->{securityContext}{allowPrivilegeEscalation},
   '... nor become more');

for my $mount (@{$container->{volumeMounts}}) {
    ok(delete $volume{$mount->{name}}, "the volume $mount->{name} is there");
}

is_deeply([keys %volume], [], 'each volume is mounted');

is_deeply([map { $_->{httpGet}{path} } @$container{qw(livenessProbe
                                                      readinessProbe)}],
          ['/health', '/ready'], 'both probes have an address');
is($port{$container->{readinessProbe}{httpGet}{port}}, 8081,
   '... at the port that the image has them at');

my $image = RT::Nginx::slurp("$RT::Top/util/docker/nginx.conf");

like($image, qr/listen +8081;.*location = \/health .*location = \/ready /s,
     '... which it does');

my ($health) = $image =~ /^(    server \{\n.*?^    \})$/ms;
$health =~ s/listen +8081;/listen 127.0.0.1:%%PORT1%%;/;


# -- as nginx.conf: people sign in there, and what they do is an event

my @provider = map { RT::Provider->new } 1 .. 3;
my $redis = RT::Redis->new->start;
my $password = $redis->{secret};

# runs WHAT CONFIGURATION PROVIDER: somebody signs in, and is audited, beside the
# image's own server

sub runs {
    my ($what, $http, $provider) = @_;

    my $nginx = RT::Nginx->new(modules => [qw(rtaudit rtauth rtcsp)],
                               ports => 2);
    my $dir = $nginx->dir;
    my $issuer = $provider->issuer;

    $nginx->file('secrets/client-secret', $provider->{client_secret});
    $nginx->file('secrets/session-key', '5e' x 32);
    $nginx->file('secrets/redis-password', $password // '');
    chmod 0600, glob "$dir/secrets/*";

    $http =~ s{\blisten +8080;}{listen %%PORT0%%;}
        or fail("$what: nginx listens at 8080");
    $http =~ s{rtauth_origin +\S+;}
              {rtauth_origin http://127.0.0.1:%%PORT0%%;};
    $http =~ s{issuer +\S+;}{issuer $issuer;};
    $http =~ s{client_id +\S+;}{client_id $provider->{client_id};};
    $http =~ s{^ *resolver .*;}{}m;
    $http =~ s{redis://redis:6379}{redis://127.0.0.1:$redis->{port}};
    $http =~ s{http://app:3000}{http://$App};
    $http =~ s{/etc/nginx/secrets/}{$dir/secrets/}g;
    $http =~ s{/var/log/rtaudit/}{$dir/logs/};

    # http on loopback, where a browser keeps no such cookie
    $nginx->{http} = "$http\n$health";

    my ($rc, $said) = $nginx->try;

    is($rc, 0, "$what: nginx -t takes it") or diag($said);
    unlike($said, qr/\[warn\]/, '... without a warning') or diag($said);
    return if $rc;

    # which knows of the TLS in front of it
    ($rc, my ($found, $err))
        = RT::Tool::run($nginx, '', 'check', '--nginx', $nginx->{nginx}, '-p',
                        $dir, '-c', "$dir/nginx.conf");
    is($rc, 0, '... and rt check finds nothing') or diag("$found$err");

    $nginx->start;

    my $in = RT::Browser->new($nginx)->walk('/');

    is($in->{status}, 200, '... a person signs in')
        or diag($nginx->log_text);
    like($in->{head}, qr/^content-security-policy:/mi, '... under a policy');
    is($nginx->get('/')->{status}, 401, '... and nobody else is let in');
    ok(audited($nginx, 'LOGIN', $what), '... which is audited');

    is($nginx->get($_, port => 1)->{status}, 200, "... $_ is 200")
        for '/health', '/ready';

    $nginx->end;
}


$_->user(email => 'ann@example.com', email_verified => JSON::PP::true,
         groups => ["staff"]) for @provider;

runs('compose', RT::Nginx::slurp("$RT::Top/deploy/compose/tools.conf"),
     $provider[0]);
runs('Kubernetes', $kind{ConfigMap}{data}{'tools.conf'}, $provider[1]);


# -- the image's own configuration, made of the environment

my $start = "$RT::Top/util/docker/start.sh";
my $place = RT::Nginx->new;
my $made = $place->dir . '/made';
my $secret = $place->file('client-secret', $provider[2]{client_secret});

my %good = (RT_ISSUER => 'https://login.example.com', RT_DIR => $made,
            RT_UPSTREAM => 'http://app:3000', RT_CLIENT_ID => 'tools',
            RT_ORIGIN => 'https://tools.example.com', RT_GROUP => 'staff',
            RT_CLIENT_SECRET_FILE => $secret);

# (exit code, what it said)

sub start {
    my %env = (%good, @_);

    delete $env{$_} for grep { !defined $env{$_} } keys %env;

    local @ENV{keys %env} = values %env;
    delete @ENV{grep { /^RT_/ && !exists $env{$_} } keys %ENV};

    my $said = qx{sh $start cat $made/tools.conf 2>&1};

    return ($? >> 8, $said);
}


# a machine's own /etc/nginx/conf.d comes first, as in the image

SKIP: {
    my @there = glob '/etc/nginx/conf.d/*.conf';

    skip "@there: is configured", 1 if @there;

    my ($rc, $text) = start();

    is($rc, 0, 'the image starts with good words') or diag($text);
    $text =~ s{\Q$secret\E}{/etc/nginx/secrets/client-secret};
    $text =~ s{(rtauth_zone)}{rtauth_session secure=on;\n$1};
    runs('the environment', $text, $provider[2]);

    my $servers = $place->file('resolv.conf', "search example.com\n"
        . "nameserver fe80::1%eth0\nnameserver\tfd00::a\nnameserver 10.0.0.1\n");

    like((start(RT_RESOLV_CONF => $servers))[1], qr/^resolver  \[fd00::a\];$/m,
         'the name server is the first that nginx can ask');
    like((start(RT_RESOLVER => '[::1]:53'))[1], qr/^resolver  \[::1\]:53;$/m,
         '... or the one that is named');

    for ([RT_ISSUER => undef, qr/set RT_ISSUER/],
         [RT_UPSTREAM => undef, qr/set RT_UPSTREAM/],
         [RT_ORIGIN => undef, qr/set RT_ORIGIN/],
         [RT_CLIENT_ID => undef, qr/set RT_CLIENT_ID/],
         [RT_CLIENT_SECRET_FILE => '/none', qr/cannot be read/],
         [RT_CLIENT_ID => 'x; rtauth off', qr/RT_CLIENT_ID has a character/],
         [RT_ISSUER => "https://a\n}", qr/RT_ISSUER has a character/],
         [RT_GROUP => '$arg_group', qr/RT_GROUP has a character/],
         [RT_SCOPE => 'openid;', qr/RT_SCOPE has a character/],
         [RT_RESOLVER => '[::1];', qr/RT_RESOLVER has a character/])
    {
        my ($name, $value, $says) = @$_;

        ($rc, $text) = start($name => $value);

        is($rc, 1, "$name=" . ($value // '') . ' does not start');
        like($text, $says, '... and says why');
    }
}

done_testing();

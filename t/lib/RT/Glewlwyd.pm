package RT::Glewlwyd;

# glewlwyd (a package of Debian), an OpenID provider of another make: a
# private one, with the user alice.
#
#   my $g = RT::Glewlwyd->new(redirect_uri => [...], post_logout_uri => ...,
#                             backchannel_logout_uri => ..., secret => ...);
#   $g->issuer; $g->{client_id};
#   my $jar = {};                       # alice's cookies at the provider
#   my $url = $g->authorize($url, $jar) # alice signs in: where she is sent back
#   $g->end_session($url, $jar)         # what the provider says to that address
#   $g->end_session_of($id_token, $jar) # it ends her session: its status
#   $g->user(groups => [...])           # alice is changed
#
# A login page in JavaScript calls the same addresses as this does.

use strict;
use warnings;

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use HTTP::Tiny ();
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

use RT::Nginx ();

my $Sql = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
my $JSON = JSON::PP->new->canonical->utf8;
my $owner = $$;
my @all;


sub new {
    my ($class, %args) = @_;

    die "no glewlwyd: install Debian's glewlwyd\n" unless -e $Sql;

    my $self = bless {
        client_id => 'rt', secret => 'rt-secret-rt-secret',
        groups => ['builders', 'staff'], jar => {}, %args,
        dir => tempdir('rt-glewlwyd-XXXXXX', TMPDIR => 1, CLEANUP => 1),
        port => (RT::Nginx::free_ports(1))[0],
    }, $class;

    $self->{base} = "http://127.0.0.1:$self->{port}";

    push @all, $self;
    $self->start;
    $self->provision;

    return $self;
}


sub issuer { "$_[0]{base}/api/oidc" }


sub start {
    my $self = shift;
    my $dir = $self->{dir};

    make_path("$dir/webapp");
    system("sqlite3 '$dir/g.db' < $Sql") == 0 or die "sqlite3 failed\n";

    open my $fh, '>', "$dir/g.conf" or die $!;
    print $fh $self->configuration;
    close $fh;

    my $pid = fork;
    die $! unless defined $pid;

    if ($pid == 0) {
        open STDOUT, '>', "$dir/out";
        open STDERR, '>&', \*STDOUT;
        exec 'glewlwyd', "--config-file=$dir/g.conf" or POSIX::_exit(127);
    }

    $self->{pid} = $pid;

    my $end = time + $RT::Nginx::Deadline;

    until ($self->ask('GET', '/config')->{success}) {
        die 'glewlwyd did not start: ' . RT::Nginx::slurp("$dir/out")
            if time > $end || waitpid($pid, POSIX::WNOHANG()) != 0;
        sleep 0.02;
    }
}


sub configuration {
    my $self = shift;

    my $modules = join '', map { "${_}_module_path=\"/usr/lib/glewlwyd/"
                                 . ($_ eq 'user_auth_scheme' ? 'scheme' : $_)
                                 . "\"\n" }
        qw(user client user_auth_scheme plugin);

    return <<"EOT";
port=$self->{port}
bind_address="127.0.0.1"
external_url="$self->{base}"
login_url="login.html"
api_prefix="api"
log_mode="file"
log_level="INFO"
log_file="$self->{dir}/log"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_session_authentication="cookie"
profile_session_authentication="cookie"
login_api_enabled=true
admin_scope="g_admin"
profile_scope="g_profile"
${modules}static_files_path="$self->{dir}/webapp/"
hash_algorithm = "SHA512"
database = { type = "sqlite3" path = "$self->{dir}/g.db" };
EOT
}


# one exchange, with the cookies of a jar; no redirect is followed

sub ask {
    my ($self, $method, $uri, $body, $jar) = @_;

    $jar //= $self->{jar};
    $uri = "$self->{base}$uri" if $uri =~ m{^/};

    my %headers = %$jar
        ? (Cookie => join '; ', map { "$_=$jar->{$_}" } sort keys %$jar) : ();
    my %content = defined $body ? (content => $JSON->encode($body)) : ();

    $headers{'Content-Type'} = 'application/json' if %content;

    my $answer = HTTP::Tiny->new(max_redirect => 0, timeout => 20)
        ->request($method, $uri, { headers => \%headers, %content });

    my $set = $answer->{headers}{'set-cookie'} // [];

    for (ref $set ? @$set : $set) {
        $jar->{$1} = $2 if /^([^=]+)=([^;]*)/;
    }

    return $answer;
}


sub api {
    my ($self, $method, $uri, $body) = @_;

    my $answer = $self->ask($method, "/api$uri", $body);

    die "$method $uri: $answer->{status} $answer->{content}\n"
        if !$answer->{success};

    return $answer->{content};
}


sub provision {
    my $self = shift;
    my ($true, $false) = (JSON::PP::true, JSON::PP::false);

    $self->api('POST', '/auth/', { username => 'admin',
                                   password => 'password' });

    # the user database drops what its format does not name

    my $users = $JSON->decode($self->api('GET', '/mod/user/database'));

    $users->{parameters}{'data-format'}{groups} = {
        multiple => $true, read => $true, write => $true,
        'profile-read' => $true, 'profile-write' => $false };

    $self->api('PUT', '/mod/user/database', $users);
    $self->api('PUT', '/mod/user/database/reset');
    $self->api('POST', '/user/?source=database', {
        username => 'alice', password => 'alicepassword', name => 'Alice',
        email => 'alice@example.test', groups => $self->{groups},
        scope => ['g_profile', 'openid'], enabled => $true });

    $self->api('POST', '/mod/plugin/', {
        module => 'oidc', name => 'oidc', display_name => 'oidc',
        enabled => $true, parameters => $self->plugin });

    $self->api('POST', '/client/?source=database', {
        client_id => $self->{client_id}, name => 'rt', confidential => $true,
        enabled => $true, password => $self->{secret},
        client_secret => $self->{secret},
        token_endpoint_auth_method => ['client_secret_basic',
                                       'client_secret_post'],
        authorization_type => ['code', 'refresh_token', 'delete_token'],
        redirect_uri => $self->{redirect_uri},
        post_logout_redirect_uri => $self->{post_logout_uri},
        backchannel_logout_uri => $self->{backchannel_logout_uri} });
}


sub plugin {
    my $self = shift;
    my ($true, $false) = (JSON::PP::true, JSON::PP::false);

    system("openssl genrsa -out $self->{dir}/key.pem 2048 2>/dev/null"
           . " && openssl pkey -in $self->{dir}/key.pem -pubout"
           . " -out $self->{dir}/public.pem") == 0 or die "openssl failed\n";

    my %off = map { ("auth-type-$_-enabled" => $false) }
        qw(token implicit password client none);

    return {
        %off, iss => $self->issuer, 'jwt-type' => 'rsa',
        'jwt-key-size' => '256',
        key => RT::Nginx::slurp("$self->{dir}/key.pem"),
        cert => RT::Nginx::slurp("$self->{dir}/public.pem"),
        'access-token-duration' => 300, 'refresh-token-duration' => 3600,
        'code-duration' => 60, 'refresh-token-rolling' => $true,
        'refresh-token-one-use' => 'always', 'allow-non-oidc' => $false,
        'auth-type-code-enabled' => $true,
        'auth-type-code-revoke-replayed' => $true,
        'auth-type-refresh-enabled' => $true,
        'jwks-show' => $true, 'pkce-allowed' => $true,
        'pkce-method-plain-allowed' => $false, 'pkce-required' => $true,
        'subject-type' => 'public', scope => [],
        'allowed-scope' => ['openid'],
        'additional-parameters' => [{ 'user-parameter' => 'groups',
                                      'token-parameter' => 'group_list' }],
        claims => [{ name => 'groups', type => 'string',
                     'user-property' => 'groups', mandatory => $true,
                     'on-demand' => $false, scope => [] }],
        'name-claim' => 'mandatory', 'email-claim' => 'mandatory',
        'scope-claim' => 'no', 'address-claim' => { type => 'no' },
        'introspection-revocation-allowed' => $true,
        'introspection-revocation-allow-target-client' => $true,
        'introspection-revocation-auth-scope' => [],
        'session-management-allowed' => $true,
        'session-cookie-name' => 'GLEWLWYD2_OIDC_SID',
        'session-cookie-expiration' => 3600, 'oauth-as-iss-id' => $true,
        'back-channel-logout-allowed' => $true,
    };
}


sub authorize {
    my ($self, $url, $jar) = @_;

    my $answer = $self->ask('GET', $url, undef, $jar);
    my $to = $answer->{headers}{location} // '';

    return $to if grep { index($to, $_) == 0 } @{ $self->{redirect_uri} };

    $self->ask('POST', '/api/auth/', { username => 'alice',
                                       password => 'alicepassword' }, $jar);
    $self->ask('PUT', "/api/auth/grant/$self->{client_id}",
               { scope => 'openid' }, $jar);

    $answer = $self->ask('GET', "$url&g_continue", undef, $jar);

    return $answer->{headers}{location} // "$answer->{status}";
}


sub end_session {
    my ($self, $url, $jar) = @_;

    return $self->ask('GET', $url, undef, $jar);
}


sub end_session_of {
    my ($self, $id_token, $jar) = @_;

    my $answer = $self->end_session("/api/oidc/end_session?id_token_hint="
                                    . $id_token, $jar);
    my ($sid) = ($answer->{headers}{location} // '') =~ /[?&]sid=([^&]+)/;

    die "no session to end: $answer->{status}\n" if !$sid;

    return $self->ask('DELETE', "/api/oidc/session/$sid/", undef, $jar)
                ->{status};
}


sub user {
    my ($self, %change) = @_;

    my $user = $JSON->decode($self->api('GET', '/user/alice?source=database'));

    $self->api('PUT', '/user/alice?source=database', { %$user, %change });
}


END {
    if ($$ == $owner) {
        my $status = $?;

        for my $self (grep { $_->{pid} } @all) {
            kill 'TERM', $self->{pid};
            waitpid $self->{pid}, 0;
        }

        $? = $status;
    }
}


1;

package RT::Scim;

# A provider that pushes users and groups to rtauth_scim, as clients of SCIM do.
#
#   my $nginx = RT::Scim::nginx(scim => 'unknown=refuse', http => '...');
#   my $answer = push_to($nginx, 'POST', '/Users', { userName => 'ann' });
#   is($answer->{status}, 201);     # ->{json} is what it says
#   results($nginx, user_token(...));   # "200 ok 200 ok 200 ok 200 ok"
#
# The application of location / answers "GROUPS USER_JSON".

use strict;
use warnings;

use Exporter qw(import);
use File::Basename qw(dirname);
use JSON::PP ();
use Time::HiRes ();

use RT ();
use RT::JWT ();
use RT::Nginx;
use RT::State;

our @EXPORT = qw(push_to user_op results said user_token later_token $Key $Next $Core $Patch);

our $Key = 'k' x 32;
our $Next = 'n' x 32;
our $Core = 'urn:ietf:params:scim:schemas:core:2.0';
our $Patch = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

my $JSON = JSON::PP->new->canonical->utf8;


sub http {
    my %opt = @_;

    my $scim = $opt{scim} // '';
    my $groups = $opt{groups} // '';
    my $more = $opt{http} // '';
    my $server = $opt{server} // '';
    my $zone = $opt{zone} // '4m';
    my $data = RT::own_data();
    my $extra = $opt{provider} // '';

    return <<EOT;
    rtauth_zone 1m;
    rtauth_scim_zone $zone state=%%DIR%%/state/users;
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $data/keys/jwks.json;
        $extra
    }
    $groups
    $more
    add_header X-Result \$rtauth_result always;

    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name localhost;
        location /scim/v2/ {
            rtauth off;
            rtauth_scim key=data:$Key key=data:$Next $scim;
        }
        location / {
            rtauth corp;
            proxy_pass http://127.0.0.1:%%PORT1%%;
            proxy_set_header X-Groups \$rtauth_groups_list;
            proxy_set_header X-User \$rtauth_user_json;
        }
        $server
    }
    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { return 200 "\$http_x_groups \$http_x_user"; }
    }
EOT
}


# not started

sub nginx {
    my %opt = @_;

    my $nginx = RT::Nginx->new(modules => $opt{modules} // [qw(rtauth rtaudit)],
                               workers => 2, ports => $opt{ports} // 2,
                               main => $User, http => http(%opt));
    state_folder($nginx);

    return $nginx;
}


# in: body, what becomes JSON, or a text that is sent as it is

sub push_to {
    my ($nginx, $method, $path, $body, %opt) = @_;

    my @headers = ('Authorization: Bearer ' . ($opt{key} // $Key),
                   @{$opt{headers} // []});

    push @headers, 'Content-Type: ' . ($opt{type} // 'application/scim+json')
        if defined $body;
    $body = $JSON->encode($body) if ref $body;

    my $way = $opt{http2} ? 'http2' : 'request';
    my $answer = $nginx->$way($method, ($opt{base} // '/scim/v2') . $path,
                              headers => \@headers, body => $body,
                              port => $opt{port});

    $answer->{json} = eval { $JSON->decode($answer->{body}) } // {};

    return $answer;
}


# one operation on a user

sub user_op {
    my ($nginx, $id, @ops) = @_;

    return push_to($nginx, 'PATCH', "/Users/$id",
                   { schemas => [$Patch], Operations => \@ops });
}


# "Authorization: Bearer ...", of a token that lives no longer than a year

sub user_token {
    my $now = int time;
    return RT::JWT::bearer(iat => $now, exp => $now + 30 * 86400, @_);
}


# one that is issued later than whatever was done: "provider" has "leeway 0s;"

sub later_token {
    my ($nginx, %claims) = @_;
    my $next = 1 + int Time::HiRes::time;

    $nginx->wait_for('the next second', sub { Time::HiRes::time >= $next })
        or die 'a clock that stands still';

    return user_token(iat => $next, %claims);
}


# what four requests are told, so that each worker is likely to be asked

sub results {
    my ($nginx, $token, $path) = @_;

    return join ' ', map {
        my $answer = $nginx->get($path // '/x', headers => [$token]);
        my ($result) = $answer->{head} =~ /^X-Result: (\w*)/m;
        "$answer->{status} $result";
    } 1 .. 4;
}


# what the application was told: its groups, the user

sub said {
    my ($nginx, $token) = @_;

    my $body = $nginx->get('/x', headers => [$token])->{body};
    my ($groups, $user) = $body =~ /^(\S*) (.*)$/s or return ('', {});

    return ($groups, eval { $JSON->decode($user) } // {});
}


1;

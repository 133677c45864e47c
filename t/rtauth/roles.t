#!/usr/bin/perl

# roles/: Superset's roles and Retool's levels, as they are shipped, against
# what these applications ask for.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT ();
use RT::Nginx;


# who includes what: a group of each name, of those who have it in their token

my %App = (
    superset => [qw(admin alpha gamma sql_lab public)],
    retool   => [qw(own edit use)],
);

sub server {
    my ($app, $more) = @_;

    my $groups = join '', map { "
    rtauth_group $_ { match groups has $_; include ${app}_$_; }" }
        grep { $_ ne 'public' } @{$App{$app}};

    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file $RT::Top/t/data/keys/jwks.json;
    }
    include $RT::Top/roles/$app/*.conf;
    $groups
    server {
        listen unix:%%DIR%%/app;
        return 200;
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        add_header X-Level \$rtauth_permission always;
        $more
        location / { proxy_pass http://unix:%%DIR%%/app; }
    }
EOT

    return $nginx->start;
}


# METHOD PATH, and the level at which each role is let in; "-": not at all

sub table {
    my ($nginx, $roles, $table) = @_;

    for my $line (grep { /\S/ } split /\n/, $table) {
        my ($method, $path, @levels) = split ' ', $line;

        is(@levels, @$roles, "$method $path: a level for each role");

        my @found = map {
            my $token = $_ ? RT::JWT::bearer(groups => [split /\+/]) : '';
            my $answer = $nginx->request($method, $path,
                                         headers => [$token || ()]);
            my ($level) = $answer->{head} =~ /^X-Level: (\w+)/m;
            $answer->{status} == 200 ? $level
                : $answer->{status} == ($token ? 403 : 401) ? '-'
                : $answer->{status};
        } @$roles;

        is("@found", "@levels", "$method $path");
    }
}


subtest 'Superset' => sub {
    my $nginx = server('superset', 'rtauth_public_group superset_public;');

    #                          nobody  gamma  alpha  sql_lab  both  admin
    table($nginx, ['', qw(gamma alpha sql_lab gamma+sql_lab admin)], <<'EOT');
GET    /                                 -    use   use   -     use   own
GET    /static/assets/a.js               use  use   use   use   use   own
GET    /superset/welcome/                -    use   use   -     use   own
GET    /superset/dashboard/7/            use  use   use   use   use   own
POST   /superset/log/                    use  use   use   use   use   own
GET    /dashboard/list/                  -    use   use   -     use   own
GET    /chart/list/                      -    use   use   -     use   own
GET    /explore/                         -    use   use   -     use   own
GET    /api/v1/dashboard/                -    use   use   -     use   own
GET    /api/v1/dashboard/7               use  use   use   use   use   own
HEAD   /api/v1/dashboard/7               use  use   use   use   use   own
GET    /api/v1/dashboard/7/charts        use  use   use   use   use   own
POST   /api/v1/dashboard/                -    edit  edit  -     edit  own
PUT    /api/v1/dashboard/7               -    edit  edit  -     edit  own
DELETE /api/v1/dashboard/7               -    edit  edit  -     edit  own
POST   /api/v1/dashboard/7/embedded      -    edit  edit  -     edit  own
GET    /api/v1/dashboard/export/         -    use   use   -     use   own
POST   /api/v1/dashboard/import/         -    -     edit  -     -     own
POST   /api/v1/chart/data                use  edit  edit  use   edit  own
GET    /api/v1/chart/7/data/             use  use   use   use   use   own
PUT    /api/v1/chart/7                   -    edit  edit  -     edit  own
PUT    /api/v1/chart/warm_up_cache       -    -     -     -     -     own
POST   /api/v1/explore/form_data         -    use   use   -     use   own
GET    /api/v1/dataset/                  -    use   edit  -     use   own
POST   /api/v1/dataset/                  -    -     edit  -     -     own
PUT    /api/v1/dataset/3                 -    -     edit  -     -     own
GET    /api/v1/dataset/export/           -    -     edit  -     -     own
PUT    /api/v1/dataset/warm_up_cache     -    -     -     -     -     own
POST   /datasource/save/                 -    -     edit  -     -     own
GET    /api/v1/database/                 -    use   use   edit  edit  own
GET    /api/v1/database/1/schemas/       -    use   use   edit  edit  own
GET    /api/v1/database/export/          -    -     -     -     -     own
POST   /api/v1/database/                 -    -     -     -     -     own
PUT    /api/v1/database/1                -    -     -     -     -     own
POST   /api/v1/annotation_layer/         -    -     edit  -     -     own
POST   /api/v1/report/                   -    -     edit  -     -     own
GET    /alert/list/                      -    -     edit  -     -     own
GET    /sqllab/                          -    -     -     edit  edit  own
GET    /superset/sqllab/                 -    -     -     edit  edit  own
POST   /api/v1/sqllab/execute/           -    -     -     edit  edit  own
GET    /api/v1/sqllab/results/           -    -     -     edit  edit  own
POST   /api/v1/saved_query/              -    -     -     edit  edit  own
GET    /api/v1/query/                    -    -     -     edit  edit  own
GET    /users/list/                      -    -     -     -     -     own
GET    /roles/list/                      -    -     -     -     -     own
GET    /users/userinfo/                  -    use   use   -     use   own
GET    /rowlevelsecurity/list/           -    -     -     -     -     own
GET    /api/v1/rowlevelsecurity/         -    -     -     -     -     own
POST   /api/v1/security/guest_token/     -    -     -     -     -     own
GET    /api/v1/security/csrf_token/      -    use   use   -     use   own
POST   /api/v1/security/roles/           -    -     -     -     -     own
GET    /logmodelview/list/               -    -     -     -     -     own
GET    /api/v1/log/                      -    -     -     -     -     own
GET    /api/v1/log/recent_activity/      -    use   use   -     use   own
GET    /superset/warm_up_cache/          -    -     -     -     -     own
GET    /api/v1/dashboard/related/owners  -    use   use   -     use   own
GET    /api/v1/chart/related/owners      -    use   use   -     use   own
GET    /api/v1/dashboard                 -    use   use   -     use   own
POST   /api/v1/assets/import/            -    -     -     -     -     own
EOT

    $nginx->end;
};


subtest 'Retool' => sub {
    my ($location) = RT::Nginx::slurp("$RT::Top/docs/guides.md")
        =~ m{^    (location ~ \^/api/pages.*?^    \})}ms or die 'no location';

    $location =~ s{http://127.0.0.1:3000}{http://unix:%%DIR%%/app};

    my $nginx = server('retool', "rtauth_raw_path strict; $location");

    #                          nobody  use   edit  own
    table($nginx, ['', qw(use edit own)], <<'EOT');
GET    /                                          -  use   edit  own
GET    /apps                                      -  use   edit  own
GET    /app/support-desk                          -  use   edit  own
GET    /app/support-desk/customers                -  use   edit  own
GET    /p/support-desk                            -  use   edit  own
POST   /api/pages/uuids/ff45704a-83e4/query       -  use   edit  own
GET    /api/pages/uuids/ff45704a-83e4             -  use   edit  own
POST   /api/pages/uuids/ff45704a-83e4/save        -  -     edit  own
POST   /api/pages/uuids/ff45704a-83e4/export      -  -     edit  own
DELETE /api/pages/uuids/ff45704a-83e4             -  -     edit  own
POST   /api/pages/createPage                      -  -     edit  own
GET    /editor/ff45704a-83e4/Support/Desk         -  -     edit  own
GET    /editor                                    -  -     edit  own
GET    /editorial                                 -  use   edit  own
GET    /resources                                 -  -     edit  own
GET    /api/resources                             -  -     edit  own
POST   /api/resources                             -  -     edit  own
GET    /workflows                                 -  -     edit  own
GET    /settings/users                            -  -     -     own
GET    /audit                                     -  -     -     own
GET    /api/v2/users                              -  -     -     own
POST   /api/v2/permissions/grant                  -  -     -     own
GET    /api/v1/scim                               -  -     -     own
POST   /api/pages                                 -  -     edit  own
GET    /api/workflows                             -  -     edit  own
GET    /EDITOR/7                                  403 -  -   -
GET    /API/v2/users                              403 -  -   -
DELETE /api/V2/users/1                            403 -  -   -
POST   /SETTINGS/x                                403 -  -   -
GET    /audit.json                                403 -  -   -
GET    /oauth2sso/callback                        -  use   edit  own
EOT

    $nginx->end;
};


done_testing();

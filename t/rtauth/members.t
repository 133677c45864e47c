# Groups are found once a token and worker, whoever asks for them how often.
# What counts here is a regular expression that gives up, and says so.

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::JWT;
use RT::Nginx;


my $data = "$RT::Top/t/data";

sub server {
    my ($groups, %more) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"END", %more);
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer    https://login.example.com;
        audience  tools;
        jwks_file $data/keys/jwks.json;
    }
    $groups
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        rtauth corp;
        add_header X-Groups \$rtauth_groups always;
        add_header X-User "\$rtauth_user_json \$rtauth_default_app" always;
        location /t     { }
        location /again { rewrite ^ /t last; }
        location /twice { auth_request /t; alias %%DIR%%/html/t; }
    }
END
    $nginx->file('html/t', "hello\n");

    return $nginx->start;
}


sub said {
    my ($nginx) = @_;
    my @lines = $nginx->log_text =~ /rtauth: regular expression .* gave up/g;
    return scalar @lines;
}


subtest 'once a token' => sub {
    my $nginx = server('
    rtauth_group slow { match email ~ "^([a-z0-9]+\.?)+@corp\.com$";
                        permission use; }
    rtauth_group it   { match dept eq it; permission use; }');

    my @evil = map { bearer(email => 'a' x 22 . '!@corp.com', dept => 'it',
                            sub => "u-$_") } 1, 2;

    for my $path (qw(/t /again /twice /t /again)) {
        my $answer = $nginx->get($path, headers => [$evil[0]]);

        is($answer->{status}, 200, "$path: he is let in by his department");
        like($answer->{head}, qr/^X-Groups: \["it"\]/m, 'his groups');
        like($answer->{head}, qr/^X-User: .*"groups":\["it"\]/m, 'and again');
    }

    is(said($nginx), 1, 'one look at the expression');

    is($nginx->get('/t', headers => [$evil[1]])->{status}, 200,
       'another token');
    is(said($nginx), 2, 'is another look');

    my $answer = $nginx->get('/t', headers => [bearer(email => 'a@corp.com')]);
    like($answer->{head}, qr/^X-Groups: \["slow"\]/m,
         'who meets it is in the group');

    $nginx->end;
};


subtest 'a new configuration asks anew' => sub {
    my $nginx = server('rtauth_group a { match dept eq it; permission use; }');
    my $token = bearer(dept => 'it');

    is($nginx->get('/t', headers => [$token])->{status}, 200, 'in the group');

    $nginx->{http} =~ s/dept eq it/dept eq hr/;
    $nginx->reload;

    is($nginx->get('/t', headers => [$token])->{status}, 403,
       'the same token, and no longer in it');

    $nginx->end;
};


subtest '256 groups, and a token with 257' => sub {
    my @names = map { sprintf 'department-%03d', $_ } 1 .. 256;

    my $nginx = server(join "\n", map {
        "rtauth_group $_ { match groups has $_; permission use; }" } @names);

    my $answer = $nginx->get('/t', headers =>
        [bearer(groups => [reverse(@names), 'other'])]);

    is($answer->{status}, 200, 'he is let in');

    my ($groups) = $answer->{head} =~ /^X-Groups: \[(.*?)\]/m;
    is($groups, join(',', map { qq{"$_"} } @names), 'all, as declared');

    is($nginx->get('/t', headers => [bearer(groups => ['department-257'])])
             ->{status}, 403, 'who is in none is not');

    $nginx->end;
};


done_testing();

#!/usr/bin/perl

# The event of a refusal has the groups that the token itself names, beside
# those of the configuration that the user is in; and its intent the user.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::JWT;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit)], http => <<"EOF");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer     https://login.example.com;
        audience   tools;
        jwks_file  $RT::Top/t/data/keys/jwks.json;
    }
    rtauth_provider partner {
        issuer     https://partner.example.com;
        audience   tools;
        jwks_file  $RT::Top/t/data/keys/partner.json;
    }

    rtauth_group support  { provider corp; match groups has s;
                            match realm.roles any s; permission use /apps; }
    rtauth_group builders { provider corp; match groups has b;
                            match dept eq it; permission edit /apps; }
    rtauth_group guests   { provider partner; match secret has x;
                            permission use /apps; }

    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink kept file:%%DIR%%/logs/kept.log strict;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        rtaudit main;
        location / { alias %%DIR%%/file; }
        location /apps { alias %%DIR%%/file; }
        location /apps/b { rtauth_require group builders; alias %%DIR%%/file; }
        location /any { satisfy any; allow all; alias %%DIR%%/file; }
        location /page { error_page 403 /sorry; alias %%DIR%%/file; }
        location /sorry { rtauth off; alias %%DIR%%/file; }
        location /guest { rtaudit kept; error_page 403 = \@guest;
                          alias %%DIR%%/file; }
        location \@guest { rtauth off; rtaudit kept; rewrite ^ /sorry break;
                          proxy_set_header X-Told \$rtauth_claim_sub;
                          proxy_pass http://127.0.0.1:%%PORT0%%; }
    }
EOF

$nginx->file('file', 'a file');
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');


sub user {
    my ($uri, $status, @claims) = @_;

    is($nginx->get($uri, headers => [@claims ? bearer(@claims) : ()])->{status},
       $status, "$uri is answered with $status");

    return $audit->event->{user};
}


my @claims = (groups => ['s', "x\n", 3], dept => 'hr', secret => ['x'],
              realm => { roles => ['r', 'r2'] });

for my $try (['/admin', 'no permission'], ['/apps/b', 'a requirement'],
             ['/page', 'a refusal with a page of its own'])
{
    my $user = user($try->[0], 403, @claims);

    is_deeply($user->{groups}, ['support'], "$try->[1]: his groups");
    is_deeply($user->{tokenGroups}, ['s', "x\n", '3', 'r', 'r2', 'hr'],
              'those of the token, of the claims that this provider has');
}

ok(!user('/admin', 401), 'nobody, no groups');
ok(!exists user('/apps', 200, @claims)->{tokenGroups},
   'who is let in has none beside');
ok(!user('/any', 200, @claims), 'who is let in by "satisfy any" is nobody');
is_deeply(user('/admin', 403, groups => undef)->{tokenGroups}, [],
          'no claim, no group');

is($nginx->get('/admin', headers => [bearer(groups => [map { "g$_" } 1 .. 100])])
   ->{status}, 403, 'many groups');

my $event = $audit->event;
is_deeply($event->{user}{tokenGroups}, [map { "g$_" } 1 .. 64], '64 at most');
is_deeply($event->{metadata}{truncated}, ['/user/tokenGroups'],
          'and that there were more');

is_deeply(user('/admin', 403, dept => 'x' x 300)->{tokenGroups}, ['x' x 256],
          '256 bytes of each');
is_deeply(user('/admin', 403, dept => { a => 1 }, groups => [[1], { b => 1 }])
          ->{tokenGroups}, [], 'what is no group is left out');

# an application makes the page for it: that he was refused is passed on

is($nginx->get('/guest', headers => [bearer(sub => 'u-7')])
   ->{status}, 200, 'an application answers for a refusal');

for my $event (RT::Audit->new($nginx->dir . '/logs/kept.log')->events(2)) {
    is($event->{userId}, 'u-7',
       "$event->{metadata}{stage}: who was refused");
    is($event->{metadata}{rtauth}{decision}, 'deny',
       'and that he was');
}

$nginx->end;

done_testing();

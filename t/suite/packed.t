#!/usr/bin/perl

# What rtauth and rtcsp hand over to rtaudit is what their variables say, and
# whoever sets the packed ones where the modules are not loaded says nothing.

use strict;
use warnings;
use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;
use RT::Audit;
use RT::JWT;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => [qw(rtauth rtaudit rtcsp)],
                           http => <<"EOF");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer     https://login.example.com;
        audience   tools;
        jwks_file  $RT::Top/t/data/keys/jwks.json;
    }
    rtauth_group support  { match groups has s; permission use /apps; }
    rtauth_group builders { match groups has b; permission edit /apps; }

    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink safe file:%%DIR%%/logs/safe.log strict;

    log_format said escape=none
        '[\$rtauth_user_json,\$rtauth_event,\$rtcsp_event]';
    log_format packed '\$rtauth_event_packed \$rtcsp_event_packed '
                      '\$rtauth_user_packed';

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;
        rtaudit main;
        rtcsp talisman;
        access_log %%DIR%%/logs/said.log said;
        access_log %%DIR%%/logs/packed.log packed;
        location / { alias %%DIR%%/file; }
        location /apps/safe { rtaudit safe; alias %%DIR%%/file; }
        location /apps {
            default_type text/html;
            rtcsp_nonce header;
            rtcsp_nonce_in script-src;
            alias %%DIR%%/file;
        }
    }
EOF

$nginx->file('file', 'a file');
$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');


my $asked = 0;


# nginx may write its own logs when the event is there already

sub last_line {
    my $file = $nginx->dir . "/logs/$_[0].log";
    my @lines;

    $nginx->wait_for("line $asked of $_[0].log", sub {
        @lines = split /(?<=\n)/, RT::Nginx::slurp($file);
        return @lines >= $asked;
    });

    return $lines[-1];
}


sub same {
    my ($uri, $status, @claims) = @_;

    $asked++;
    is($nginx->get($uri, headers => [bearer(@claims)])->{status}, $status,
       "$uri is answered with $status");

    my $event = $audit->event;
    my ($user, $said, $csp) = @{decode_json(last_line('said'))};
    my $action = delete $said->{action};

    is_deeply($event->{user}, $user, 'the user');
    is($event->{userId}, $user->{id}, 'and who he is');
    is_deeply($event->{metadata}{rtauth}, $said, 'the decision');
    is($event->{actionType}, $action // 'PAGE_VIEW', 'the action');
    is_deeply($event->{metadata}{rtcsp},
              { policy => $csp->{policy}, nonce => $csp->{nonce} },
              'the policy');

    return $event;
}


my @name = (name => "J\xf6rg \"J\" {\\}\x{2028}\t", email => 'a@example.com',
            email_verified => \1, given_name => 'x' x 200, sid => 's-1');

same('/apps', 200, groups => ['s', 'b'], @name);
is(last_line('packed') =~ s/[^ ]* [^ ]*\K.*//sr,
   '\xF8\x00\x05\x00\x00\x00allow\xF8\x01\x02\x00\x00\x00ok'
   . '\xF8\x02\x04\x00\x00\x00corp '
   . '\xF8\x00\x07\x00\x00\x00enforce\xF9\x01\x00\x00\x00\x00',
   'packed, no text is escaped');

same('/apps', 200, groups => ['s']);
same('/other', 403, groups => ['s', "x\n", '"', 3], @name);
same('/other', 403, groups => []);

# an intent knows who was let in

my $safe = RT::Audit->new($nginx->dir . '/logs/safe.log');

$asked++;
is($nginx->get('/apps/safe', headers => [bearer(groups => ['s'], @name)])
       ->{status}, 200, 'a strict sink');

my ($intent, $event) = $safe->events(2);
is($intent->{metadata}{stage}, 'received', 'an intent');
is_deeply($intent->{$_}, $event->{$_}, "knows $_") for qw(user userId);
is($intent->{user}{email}, 'a@example.com', 'as rtauth does');
is_deeply($intent->{metadata}{rtauth}, $event->{metadata}{rtauth},
          'and what it decided');

$asked++;
is($nginx->get('/apps/safe')->{status}, 401, 'who is not let in');
is($safe->event->{metadata}{stage}, 'complete', 'has no intent');
last_line('said');

$asked++;
is($nginx->get('/apps')->{status}, 401, 'nobody');
is($audit->event->{user}, undef, 'is no user');
like(last_line('packed'), qr/^\\xF8\\x00\\x04\\x00\\x00\\x00deny.* $/,
     'and has nothing to hand over');

$nginx->end;


# with rtaudit alone, anybody may set them

my $alone = RT::Nginx->new(modules => ['rtaudit'], http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    map $http_x_said $rtauth_user_packed  { default $http_x_said; }
    map $http_x_said $rtauth_event_packed { default $http_x_said; }
    map $http_x_said $rtcsp_event_packed  { default $http_x_said; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        location / { return 200; }
    }
EOF

$alone->start;
$audit = RT::Audit->new($alone->dir . '/logs/audit.log');

for my $said ("\xf8\x01\x01\x01\x01\x01root", "\xf8", "\xff\xff\xff\xff\xff",
              "\xfb\x07\x02\x03\x04\x05", '{"id":"u"},"isError":true') {

    is($alone->get('/', headers => ["X-Said: $said"])->{status}, 200, 'asked');

    my $event = $audit->event;

    is($event->{userId}, undef, 'nobody');
    is($event->{user}, undef, 'no user');
    ok(!$event->{isError}, 'no error');
    ok(!exists $event->{metadata}{$_}, "no metadata.$_") for qw(rtauth rtcsp);
}

$alone->end;

done_testing();

#!/usr/bin/perl

# A token that its provider was asked about, and whose answer is believed for an
# hour, is refused at once by every worker when the operator revokes it; nobody
# is asked again.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;
use RT::Provider;
use RT::SignIn;
use RT::State;


my $key = 'k' x 32;
my $provider = RT::Provider->new;
my $block = signs_in($provider, 'corp',
                     'audience tools; introspection on; leeway 0s;
                      introspection_cache 1h; timeout 20s;');

my $nginx = RT::Nginx->new(modules => ['rtauth'], workers => 2, main => $User,
                           http => <<"EOT");
    rtauth_zone 1m state=%%DIR%%/state/revoked;
    rtauth_login never;
    $block
    add_header X-Result \$rtauth_result always;
    add_header X-Worker \$pid always;

    server {
        listen 127.0.0.1:%%PORT0%% reuseport;
        server_name localhost;
        root %%DIR%%/html;
        location / { rtauth corp; }
        location = /revoke { rtauth_revoke key=data:$key; }
    }
EOT

state_folder($nginx);
$nginx->file('html/x', 'x');
$nginx->start;


sub ask {
    my ($token) = @_;

    my $answer = $nginx->get('/x', headers => ["Authorization: Bearer $token"]);

    return map { $answer->{head} =~ /^X-$_: (\w+)/m } qw(Worker Result);
}


# what both workers say, "ok" or "ok inactive"

sub all_say {
    my ($token) = @_;
    my (%said, %workers);

    $nginx->wait_for('both workers', sub {
        my ($worker, $result) = ask($token);

        $workers{$worker} = $said{$result} = 1;
        return keys %workers == 2;
    }) or return 'one worker had all requests';

    return join ' ', sort keys %said;
}

sub revoke {
    my ($what) = @_;

    is($nginx->post('/revoke', 'application/x-www-form-urlencoded', $what,
                    headers => ["Authorization: Bearer $key"])->{status},
       200, "revoked: $what");
}

sub asked {
    my ($token) = @_;
    return grep { $_->{form}{token} eq $token } $provider->asked('introspect');
}


my $now = int time;
my $iss = 'iss=' . escape($provider->issuer);
my $n = 0;

sub active {
    my (%claims) = @_;
    my $token = 'opaque-' . ++$n;

    $provider->active($token, iss => $provider->issuer, aud => 'tools',
                      sub => "u-$n", jti => "j-$n", iat => $now - 60,
                      exp => $now + 3600, %claims);

    return $token;
}

# the last one revokes all that were issued before now

for my $row (['sub', 'sub=u-%d'], ['jti', 'jti=j-%d'],
             ['email', 'email=ann-%d@example.com'], ['sid', 'sid=s-%d'],
             ['sub, issued before', 'sub=u-%d&before=' . ($now - 30)],
             ['issued before', 'before=' . ($now - 30)])
{
    my ($name, $what) = @$row;
    my $stays = active(iat => $now);
    my $token = active(email => 'ann-' . ($n + 1) . '@example.com',
                       sid => 's-' . ($n + 1));

    is(all_say($_), 'ok', "$name: all workers know the token") for $token,
                                                                   $stays;
    my $asked = asked($token);

    revoke($what =~ s/%d/$n/r . "&$iss");

    is(all_say($token), 'revoked', "$name: all refuse it at once");
    is(all_say($stays), 'ok', "$name: and let another one in");
    is(scalar asked($token), $asked, "$name: nobody is asked");
}

my $new = active(iat => $now);
is(all_say($new), 'ok', 'one that is newer is let in');

my $undated = active(iat => undef);
is(all_say($undated), 'revoked', 'one that does not say when is not');

$nginx->end('QUIT');

done_testing();

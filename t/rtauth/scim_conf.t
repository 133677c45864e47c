#!/usr/bin/perl

# rtauth_scim, rtauth_scim_zone and scim_group: what nginx -t says of them.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT ();
use RT::Nginx;
use RT::Scim;
use RT::State;

my $nginx = RT::Nginx->new(modules => ['rtauth'], main => $User, ports => 1);
state_folder($nginx);

my $data = RT::own_data();
my $key = "key=data:$Key";

sub blames {
    my ($message, %opt) = @_;

    my $zone = $opt{zone} // 'rtauth_scim_zone 1m state=%%DIR%%/state/users;';
    my $provider = $opt{provider} // "rtauth_provider corp {
        issuer https://login.example.com; audience tools;
        jwks_file $data/keys/jwks.json; }";
    my $line = $opt{line} // "rtauth_scim $key;";
    my $at = $opt{at} // '/scim/';
    my $off = $opt{off} // 'rtauth off;';
    my $http = $opt{http} // '';

    $nginx->blames($message, http => "
        rtauth_zone 1m;
        $zone
        $provider
        $http
        server { listen 127.0.0.1:%%PORT0%%; rtauth corp;
            location $at { $off
                $line
            } }");
}

blames('invalid size "12k" in "rtauth_scim_zone": write at least "256k", for',
       zone => 'rtauth_scim_zone 12k state=%%DIR%%/state/users; # here');
blames('invalid value "file=x" in "rtauth_scim_zone": write "state=PATH"',
       zone => 'rtauth_scim_zone 1m file=x; # here');
blames('"rtauth_scim_zone" directive is duplicate', zone => '
       rtauth_scim_zone 1m state=%%DIR%%/state/users;
       rtauth_scim_zone 1m state=%%DIR%%/state/users; # here');
blames('nobody can be pushed into "rtauth_scim_zone": write "rtauth_scim',
       zone => 'rtauth_scim_zone 1m state=%%DIR%%/state/users; # here',
       line => 'return 204;');
blames('the users of "rtauth_scim" are kept nowhere: write "rtauth_scim_zone',
       zone => '', line => "rtauth_scim $key; # here");

blames('invalid number of keys in "rtauth_scim": write "key=SECRET"',
       line => 'rtauth_scim unknown=refuse; # here');
blames('invalid number of keys in "rtauth_scim": write one, or two while',
       line => "rtauth_scim $key $key $key; # here");
blames('invalid key in "rtauth_scim": write a secret of at least 32',
       line => 'rtauth_scim key=data:short; # here');
blames('invalid value "unknown=maybe" in "rtauth_scim": write "key=SECRET"',
       line => "rtauth_scim $key unknown=maybe; # here");
blames('invalid value "link=sub" in "rtauth_scim": write "link=userName"',
       line => "rtauth_scim $key link=sub; # here");
blames('invalid value "link=email:" in "rtauth_scim": write the name of a claim',
       line => "rtauth_scim $key link=email:; # here");
blames('"rtauth_scim" directive needs a location that is a prefix',
       at => '= /scim', line => "rtauth_scim $key; # here");
blames('"rtauth_scim" directive needs a location that is a prefix',
       at => '~ ^/scim', line => "rtauth_scim $key; # here");
blames('the "key=" of "rtauth_scim" would be taken for a token: write "rtauth',
       off => '', line => "rtauth_scim $key; # here");
blames("invalid parameter \"$_->[0]\" in \"rtauth_scim\": write it once",
       line => "rtauth_scim $key $_->[1]; # here")
    for ['link=', 'link=userName:a link=userName:b'],
        ['unknown=', 'unknown=refuse unknown=allow'],
        ['provider=', 'provider=corp provider=corp'];
blames('unknown provider "else" in "rtauth_scim"',
       line => "rtauth_scim $key provider=else; # here");
blames('"rtauth_scim" does not say whose users are pushed: write "provider=',
       http => "rtauth_provider other { issuer https://o.example; audience x;
                jwks_file $data/keys/jwks.json; }",
       line => "rtauth_scim $key; # here");
blames('invalid values in "rtauth_scim": write the same "provider=", "unknown="',
       http => "server { listen 127.0.0.1:%%PORT0%%; server_name other;
                location /s/ { rtauth_scim $key; } }",
       line => "rtauth_scim $key unknown=refuse; # here");
blames('nobody pushes the "scim_group" of group "a": write "rtauth_scim',
       zone => '', line => 'return 204;',
       http => 'rtauth_group a { permission use;
                scim_group x; # here
                }');
blames('invalid value "" in "scim_group": write one, or leave the line out',
       http => 'rtauth_group a { permission use;
                scim_group ""; # here
                }');


$nginx->blames('state/users" is the file of "rtauth_zone", too: write another',
               http => "
        rtauth_zone 1m state=%%DIR%%/state/users;
        rtauth_scim_zone 1m state=%%DIR%%/state/users; # here
        rtauth_provider corp { issuer https://login.example.com; audience x;
            jwks_file $data/keys/jwks.json; }
        server { listen 127.0.0.1:%%PORT0%%;
            location /scim/ { rtauth_scim $key; } }");


# a group that denies, and whom a new name would let out of it

for my $row (['link=externalId', 'deny /a;', 1],
             ['link=externalId unknown=refuse', 'deny /a;', 0],
             ['link=externalId', '', 0])
{
    $nginx->configure(http => RT::Nginx::fill($nginx, "
        rtauth_zone 1m;
        rtauth_scim_zone 1m state=%%DIR%%/state/users;
        rtauth_provider corp { issuer https://login.example.com; audience x;
            jwks_file $data/keys/jwks.json; }
        rtauth_group a { scim_group x; permission use; $row->[1] }
        server { listen 127.0.0.1:%%PORT0%%;
            location /scim/ { rtauth_scim $key $row->[0]; } }"));
    my ($rc, $out) = $nginx->try;

    is($rc, 0, "'$row->[0]' '$row->[1]': nginx -t") or diag($out);
    is($out =~ /group "a" denies nothing to a member whose/ ? 1 : 0, $row->[2],
       "'$row->[0]' '$row->[1]': warned of, or not");
}


# a claim that its user can change links him, and whoever is not found is let in

for my $row (['link=email', 1], ['link=email unknown=refuse', 0],
             ['', 1], ['unknown=refuse', 0], ['link=userName:/email', 1],
             ['link=userName:login', 0], ['link=externalId', 0],
             ['', 0, 'user_claim sub;'])
{
    my $more = $row->[2] // '';
    $nginx->configure(http => RT::Nginx::fill($nginx, "
        rtauth_zone 1m;
        rtauth_scim_zone 1m state=%%DIR%%/state/users;
        rtauth_provider corp { issuer https://login.example.com; audience x;
            jwks_file $data/keys/jwks.json; $more }
        server { listen 127.0.0.1:%%PORT0%%;
            location /scim/ { rtauth_scim $key $row->[0]; } }"));
    my ($rc, $out) = $nginx->try;

    is($rc, 0, "'$row->[0]' $more: nginx -t") or diag($out);
    is($out =~ /a disabled user whose token has another email/ ? 1 : 0,
       $row->[1], "'$row->[0]' $more: warned of, or not");
}


# who listens for others without TLS is warned, and starts

sub warned {
    my $listen = shift;

    $nginx->configure(http => RT::Nginx::fill($nginx, "
        rtauth_zone 1m;
        rtauth_scim_zone 1m state=%%DIR%%/state/users;
        rtauth_provider corp { issuer https://login.example.com; audience x;
            jwks_file $data/keys/jwks.json; }
        server { listen $listen; location /scim/ { rtauth_scim $key; } }"));
    my ($rc, $out) = $nginx->try;

    is($rc, 0, "$listen: nginx -t") or diag($out);
    return $out =~ /the key of "rtauth_scim" comes over plain http/ ? 1 : 0;
}

is(warned('%%PORT0%%'), 1, 'a key over plain http is warned of');
is(warned('127.0.0.1:%%PORT0%%'), 0, 'not on this machine');
is(warned('[::1]:%%PORT0%%'), 0, 'by either of its addresses');
is(warned('unix:%%DIR%%/s'), 0, 'nor by a socket');
is(warned('%%PORT0%% ssl; ssl_certificate ' . "$data/x.pem; ssl_certificate_key "
          . "$data/x.pem"), 0, 'nor with TLS') if certificate("$data/x.pem");

sub certificate {
    my $file = shift;

    return system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x "
                  . "-days 1 -keyout $file -out $file.crt 2>/dev/null && "
                  . "cat $file.crt >> $file") == 0;
}

done_testing();

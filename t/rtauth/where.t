#!/usr/bin/perl

# What is found out after its line was read still names that line: at the end of a block, in merge, in init.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtauth']);

my $zone = "rtauth_zone 1m;\n";
my $keys = "jwks_file $RT::Top/t/data/keys/jwks.json;";

my $corp = "rtauth_provider corp {
    issuer https://login.example.com; audience tools; $keys }\n";
my $open = "rtauth_group a { match g has a; permission use; }\n";

my @cases = (

    # a provider, at the end of its block

    'no "issuer"', "
        rtauth_provider corp {  # here
            audience tools; $keys
        }
    ",

    'no "audience"', "
        rtauth_provider corp {  # here
            issuer https://login.example.com; $keys
        }
    ",

    'both "jwks_uri" and "discovery"', "
        rtauth_provider corp {
            issuer https://login.example.com; audience tools;
            discovery https://login.example.com/d;
            jwks_uri https://login.example.com/keys;  # here
            leeway 1s;
        }
    ",

    '"discovery off" leaves no keys', "
        rtauth_provider corp {
            issuer https://login.example.com; audience tools;
            discovery off;  # here
            leeway 1s;
        }
    ",

    'the keys of "issuer corp" cannot be discovered', "
        rtauth_provider corp {
            issuer corp;  # here
            audience tools;
        }
    ",

    'invalid URL "ftp://login.example.com/keys" in "jwks_uri"', "
        rtauth_provider corp {
            issuer corp; audience tools;
            jwks_uri ftp://login.example.com/keys;  # here
            leeway 1s;
        }
    ",

    '"ssl_trusted_certificate" is of no use', "
        rtauth_provider corp {
            issuer corp; audience tools;
            ssl_trusted_certificate ca.pem;  # here
            jwks_uri http://127.0.0.1/keys;
        }
    ",

    '"ssl_trusted_certificate', "
        rtauth_provider corp {
            issuer corp; audience tools;
            ssl_trusted_certificate absent.pem;  # here
            jwks_uri https://127.0.0.1/keys;
        }
    ",

    '"algorithms" lists HS256', "
        rtauth_provider corp {
            issuer corp; audience tools;
            algorithms RS256 HS256;  # here
            $keys
        }
    ",

    'absent.json" cannot be opened', "
        rtauth_provider corp {
            issuer corp; audience tools;
            $keys
            jwks_file absent.json;  # here
            $keys
        }
    ",

    # a provider, when all of http {} is known

    'no memory for its keys', "
        rtauth_provider corp {  # here
            issuer corp; audience tools; $keys
        }
        server { }
    ",

    'keys would be discovered over plain http', "
        $zone
        rtauth_provider corp {
            issuer http://192.0.2.1;  # here
            audience tools;
        }
        server { }
    ",

    'come over plain http', "
        $zone
        rtauth_provider corp {
            issuer corp; audience tools;
            jwks_uri http://192.0.2.1/keys;  # here
            leeway 1s;
        }
        server { }
    ",

    # groups

    'has no members', "
        $zone $corp
        rtauth_group a {  # here
            permission use;
        }
        server { }
    ",

    'does not say whose users it means', "
        $zone $corp
        rtauth_provider other {
            issuer other; audience tools; $keys
        }
        rtauth_group a {  # here
            match g has a;
        }
        server { }
    ",

    'which is not declared by rtauth_provider', "
        $zone $corp $open
        rtauth_group b {
            match g has b;
            provider other;  # here
            permission use;
        }
        server { }
    ",

    'is not open to its own group', "
        $zone $corp $open
        rtauth_group b {
            match g has b;
            default_app /app;  # here
            permission use /other;
        }
        server { }
    ",

    # directives of locations

    'no memory for keys and tokens', "
        server {
            rtauth corp;  # here
        }
    ",

    'unknown provider "crop" in "rtauth"', "
        $zone $corp
        server {
            rtauth crop;  # here
        }
    ",

    'duplicate provider "corp" in "rtauth"', "
        $zone $corp
        server {
            rtauth corp corp;  # here
        }
    ",

    'have one issuer', "
        $zone $corp
        rtauth_provider twin {
            issuer https://login.example.com; audience other; $keys
        }
        server {
            rtauth corp twin;  # here
        }
    ",

    '"rtauth_authorize on" lets nobody in', "
        $zone $corp
        rtauth corp;
        server {
            rtauth_authorize on;  # here
        }
    ",

    '"rtauth_authorize on" lets nobody in', "
        $zone $corp
        rtauth_authorize on;  # here
        server { rtauth corp; }
    ",

    '"rtauth_workspace on" knows no user', "
        $zone $corp $open
        server {
            location = / {
                rtauth_workspace on;  # here
            }
        }
    ",

    '"rtauth_workspace on" has nowhere to send users', "
        $zone $corp $open
        server {
            location = / {
                rtauth_workspace on;  # here
                rtauth corp;
            }
        }
    ",

    'asks nobody', "
        $zone $corp
        server {
            location / {
                rtauth_require claim a eq b;  # here
            }
        }
    ",

    'can never hold', "
        $zone $corp
        server {
            rtauth corp;
            rtauth_require permission use;  # here
        }
    ",

    'unknown group "b" in "rtauth_require group b"', "
        $zone $corp $open
        server {
            rtauth corp;
            rtauth_require group b;  # here
        }
    ",
);

while (my ($says, $http) = splice @cases, 0, 2) {
    $nginx->blames($says, http => $http);
}

done_testing;

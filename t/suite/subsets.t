#!/usr/bin/perl

# Every subset of the modules, in every order of loading: each does its own
# work whoever is beside it, and what one tells another is empty when the
# other is away.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::JWT;
use RT::Nginx;


my @modules = qw(rtauth rtaudit rtcsp);


sub permutations {
    my @rest = @_;

    return ([]) unless @rest;

    return map {
        my $first = $_;
        map { [$first, @$_] } permutations(grep { $_ ne $first } @rest);
    } @rest;
}


sub subsets {
    return map {
        my $bits = $_;
        [map { $modules[$_] } grep { $bits & 1 << $_ } 0 .. $#modules]
    } 1 .. (1 << @modules) - 1;
}


my %part = (
    rtauth => {
        http   => "rtauth_zone 1m;
                   rtauth_provider corp {
                       issuer     https://login.example.com;
                       audience   tools;
                       jwks_file  $RT::Top/t/data/keys/jwks.json;
                   }",
        server => 'rtauth corp;',
    },
    rtaudit => {
        http   => 'rtaudit_zone 2m;
                   rtaudit_sink main file:%%DIR%%/logs/audit.log;',
        server => 'rtaudit main; rtaudit_level request;
                   rtaudit_redact name:password;',
    },
    rtcsp => {
        http   => '',
        server => 'rtcsp talisman; rtcsp_nonce_in script-src;
                   rtcsp_nonce placeholder=data:0123456789abcdefghijklmn;',
    },
);


sub try_set {
    my @set = @_;
    my %has = map { $_ => 1 } @set;
    my $name = join ' ', @set;

    my $http = join "\n", map { $part{$_}{http} } @set;
    my $server = join "\n", map { $part{$_}{server} } @set;

    my $nginx = RT::Nginx->new(
        modules => [@set],
        http    => "$http
        server {
            listen 127.0.0.1:%%PORT0%%;
            default_type text/html;
            root %%DIR%%/html;
            $server
            location = /off.html { @{[$has{rtcsp} ? 'rtcsp off;' : '']} }
        }");

    $nginx->file('html/page.html',
                 '<script nonce="0123456789abcdefghijklmn">1</script>');
    $nginx->start;

    # without a token: rtauth, and nobody else, refuses

    my $r = $nginx->get('/page.html?password=canary');
    is($r->{status}, $has{rtauth} ? 401 : 200, "$name: anonymous");

    $r = $nginx->get('/page.html?password=canary',
                     headers => [bearer(sub => 'u-7')]);
    is($r->{status}, 200, "$name: with a token");

    # rtcsp

    my ($nonce) = $r->{head} =~ /'nonce-([A-Za-z0-9_-]{32})'/;

    if ($has{rtcsp}) {
        ok($nonce, "$name: the policy has a nonce");
        is($r->{body}, "<script nonce=\"$nonce\">1</script>",
           "$name: and the page has it too");

    } else {
        unlike($r->{head}, qr/Content-Security-Policy/i, "$name: no policy");
    }

    # a page without a policy, a token where rtauth does not look for one

    $nginx->file('html/off.html', 'page');

    my $bearer = bearer(sub => 'u-7');
    my $token = $bearer =~ /(eyJ\S+)/ ? $1 : die;

    $r = $nginx->get("/off.html?t=$token", headers => [$bearer]);
    is($r->{status}, 200, "$name: a page without a policy");

    $nginx->stop;

    # rtaudit, which is written out when nginx has ended

    if ($has{rtaudit}) {
        my @lines = split /\n/, RT::Nginx::slurp($nginx->dir . '/logs/audit.log');
        my @events = grep { $_->{actionType} !~ /^AUDIT_/ }
                     map { decode_json($_) } @lines;

        is(scalar @events, 3, "$name: three requests, three events");
        is($events[1]{status}, 200, "$name: the second was answered");
        is($events[1]{userId}, $has{rtauth} ? 'u-7' : undef,
           "$name: and is booked on the user");
        unlike("@lines", qr/canary/, "$name: the password is not there");
        unlike("@lines", qr/\Q$nonce\E/, "$name: nor the nonce") if $nonce;
        unlike("@lines", qr/eyJ/, "$name: nor a token");
        is($events[2]{parameters}{t}, '[REDACTED]', "$name: it is masked");
        is($events[2]{metadata}{redactions}[0]{rule}, 'builtin',
           "$name: without a rule for it");
        is($events[2]{metadata}{rtcsp}{policy}, $has{rtcsp} ? 'off' : undef,
           "$name: no policy is told as such");
        is($events[1]{metadata}{rtauth}{decision},
           $has{rtauth} ? 'allow' : undef, "$name: the decision is told");
        is(defined $events[1]{metadata}{rtcsp}, !!$has{rtcsp},
           "$name: so is the policy");
    }

    $nginx->quiet('rtcsp_nonce.*data:');
}


for my $set (subsets()) {
    try_set(@$_) for permutations(@$set);
}

done_testing();

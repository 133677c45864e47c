#!/usr/bin/perl

# What the error log says of a user who may not: the line of the configuration,
# what he came with, bounded and escaped, and what he would have needed.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;


my $many = join "\n", map { "rtauth_group a_rather_long_name_$_ {
    match groups has many; permission use /none; }" } 1 .. 40;

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"EOF");
    rtauth_zone 1m;
    rtauth_provider corp {
        issuer     https://login.example.com;
        audience   tools;
        jwks_file  $RT::Top/t/data/keys/jwks.json;
    }

    rtauth_group support  { match groups has s; permission use /apps /claim; }
    rtauth_group builders { match groups has b; permission edit GET:/b; }
    rtauth_group owners   { match groups has o; permission own; }
    $many

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtauth corp;

        location /claim/scalar { rtauth_require claim dept eq it;
                                 alias %%DIR%%/file; }
        location /claim/array  { rtauth_require claim list has it;
                                 alias %%DIR%%/file; }
        location /claim/absent { rtauth_require claim a.b present;
                                 alias %%DIR%%/file; }
        location /claim/mail   { rtauth_require claim email eq x;
                                 alias %%DIR%%/file; }
        location /claim/arg    { rtauth_require claim dept eq arg:dept;
                                 alias %%DIR%%/file; }
        location /claim/401    { rtauth_require claim dept eq it error=401;
                                 alias %%DIR%%/file; }
        location /apps/group   { rtauth_require group owners builders;
                                 alias %%DIR%%/file; }
        location /apps/edit    { rtauth_require permission edit;
                                 alias %%DIR%%/file; }
        location /b            { alias %%DIR%%/file; }
        location /any          { satisfy any; allow all; alias %%DIR%%/file; }
        location /undecided    { satisfy any; allow all; return 200; }
    }
EOF

$nginx->file('file', 'a file');
$nginx->start;


# asks, gives what was logged since the question

sub logged {
    my ($path, $status, %claims) = @_;
    my $before = length $nginx->log_text;
    my ($method, $uri) = $path =~ /^(?:(POST) )?(.*)/;

    my $answer = $nginx->request($method || 'GET', "$uri?dept=canary",
                                 headers => [bearer(groups => ['s'], %claims)]);

    is($answer->{status}, $status, "$path is answered with $status");

    return substr $nginx->log_text, $before;
}

my $dept = "sales\"\n<x>";


# -- a condition

my $line = qr/\[notice\] \S+ \S+ rtauth: "rtauth_require claim dept eq it" in \S+:\d+ does not hold: the token has /;

like(logged('/claim/scalar', 403, dept => $dept),
     qr/^.*$line"sales\\x22\\x0a<x>", client:/m, 'a value');
like(logged('/claim/scalar', 403), qr/${line}nothing, client:/, 'none');
like(logged('/claim/401', 401),
     qr/eq it error=401" in \S+ does not hold: the token has nothing/,
     'a 401 likewise');
like(logged('/claim/scalar', 403, dept => token()), qr/$line"\*", client:/,
     'a token in it is masked');
like(logged('/claim/scalar', 403, dept => [map { "d$_" } 1 .. 300]),
     qr/$line\["d1", (?:"d\d+", ){30,50}[^,]*\.\.\., client:/,
     'what is long is cut');
like(logged('/claim/array', 403, list => ['a', "b\n", 3, { k => 1 }]),
     qr/list has it" in \S+ does not hold: the token has \["a", "b\\x0a", 3, \{\.\.\.\}\], client:/,
     'an array');
like(logged('/claim/absent', 403, a => { b => undef }),
     qr/does not hold: the token has null, client:/, 'null');
like(logged('/claim/mail', 403),
     qr/does not hold: the token has "\*", client:/, 'an address is masked');

my $arg = logged('/claim/arg', 403, dept => 'hr');

like($arg, qr/claim dept eq arg:dept" in \S+ does not hold: the token has "hr"/,
     'a value of the request');
unlike($arg, qr/canary/, 'is not shown');


# -- groups and permissions

like(logged('/apps/group', 403),
     qr/group owners builders" in \S+ does not hold: the user is in group "support", client:/,
     'groups');
like(logged('/apps/edit', 403),
     qr/permission edit" in \S+ does not hold: the user's permission here is "use", he is in group "support", client:/,
     'a permission');

my $needed = qr/\[notice\] \S+ \S+ rtauth: permission "use" is needed for/;

like(logged('/b/x%20y', 403),
     qr/$needed "GET \/b\/x y", the user has none there, he is in group "support", client:/,
     'no permission');
like(logged('POST /b', 403, groups => ['s', 'b']),
     qr/$needed "POST \/b", the user has none there, he is in group "support", "builders", client:/,
     'by this method');
like(logged('/b', 403, groups => undef), qr/he is in no group, client:/,
     'nor any group');
like(logged('/b', 403, groups => ['many']),
     qr/in group "a_rather_long_name_1", (?:"a_rather_long_name_\d+"(?:, )?){9,12}\.\.\., client:/,
     'many groups are cut');


# -- "satisfy any": who may come in yet was not refused

my $any = logged('/any', 200);

like($any, qr/rtauth: would be refused with 403: no_permission \(unless another of "satisfy any" lets it in\)/,
     'it was let in by "allow"');
unlike($any, qr/rtauth: refused/, 'and not refused');
like(logged('/any/..;/x', 403), qr/rtauth: refused with 403: bad_path, client:/,
     'a raw path, which nobody else is asked about');
like(logged('/undecided', 403), qr/rtauth: refused with 403: undecided/,
     'nor about an answer that was made already');

unlike($nginx->log_text, qr/canary|eyJ/, 'no query, no token');

$nginx->end;

done_testing();

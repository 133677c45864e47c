#!/usr/bin/perl

# rtauth_row_filter and row_filter: what an application is handed, and for whom.
# What databases make of it is in row_filter_sql.t.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::JWT;
use RT::Nginx;


my $data = "$RT::Top/t/data";

my $corp = "rtauth_zone 1m;
    rtauth_provider corp {
        issuer https://login.example.com; audience tools;
        jwks_file $data/keys/jwks.json; }\n";

my $rules = '
    rtauth_row_filter orders "tenant = {{claim:tenant}}" except=admins except=auditors;
    rtauth_group eu { match groups has eu;
        row_filter orders "region = \'eu\'" key=region; }
    rtauth_group us { match groups has us;
        row_filter orders "region = \'us\'" key=region; }
    rtauth_group four { match groups has four; row_filter clients "client_id=4"; }
    rtauth_group five { match groups has five; row_filter clients "client_id=5"; }
    rtauth_group admins   { match groups has admins; }
    rtauth_group auditors { match groups has auditors; }
    rtauth_row_filter own "owner = {{user}} OR id IN ({{claim:ids}})";
';

my $locations = <<'END';
    proxy_set_header X-Orders  $rtauth_row_filter_orders;
    proxy_set_header X-Clients $rtauth_row_filter_clients;
    proxy_set_header X-Own     $rtauth_row_filter_own;
    proxy_set_header X-All     $rtauth_row_filters;
    location /       { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /off/   { rtauth off; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /any/   { satisfy any; allow all;
                       proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /admin/ { satisfy any; allow all; rtauth_require group admins;
                       proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /never/ { rtauth_require group admins;
                       error_page 403 = /off/; }
    location /moved/ { rewrite ^ /page last; }
    location /early/ { set $early $rtauth_row_filter_orders;
                       proxy_set_header X-Early $early;
                       proxy_set_header X-Late $rtauth_row_filter_orders;
                       proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /ssi/   { ssi on; default_type text/html; alias %%DIR%%/html/; }
END

my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 2,
    http => <<"END");
    $corp $rules
    server { listen 127.0.0.1:%%PORT0%%; rtauth corp; $locations
             large_client_header_buffers 4 32k; }
    server { listen 127.0.0.1:%%PORT1%%; large_client_header_buffers 4 32k;
             location / { return 200 "orders: \$http_x_orders
clients: \$http_x_clients
own: \$http_x_own
all: \$http_x_all
early: \$http_x_early
late: \$http_x_late
"; } }
END

$nginx->file('html/page', 'a <!--# include virtual="/part" --> b');
$nginx->start;


sub seen {
    my ($path, @headers) = @_;

    my $answer = $nginx->get($path, headers => \@headers);
    is($answer->{status}, 200, "$path is answered");

    return { map { /^(\w+): (.*)$/ } split /\n/, $answer->{body} };
}


my $own = "(owner = 'ann\@example.com' OR id IN (1))";

sub acme { bearer(tenant => 'acme', @_) }

sub as { acme(ids => 1, groups => [@_]) }


my @joined = (
    [[],                 "(tenant = 'acme')", '1=0'],
    [['eu'],             "(tenant = 'acme') AND (region = 'eu')", '1=0'],
    [['eu', 'us'],       "(tenant = 'acme') AND ((region = 'eu') OR "
                         . "(region = 'us'))", '1=0'],
    [['admins'],         '1=1', '1=0'],
    [['auditors', 'us'], "(region = 'us')", '1=0'],
    [['four'],           "(tenant = 'acme')", '(client_id=4)'],
    [['four', 'five'],   "(tenant = 'acme')",
                         '(client_id=4) AND (client_id=5)'],
);

for (@joined) {
    my ($groups, $orders, $clients) = @$_;
    my $seen = seen('/page', as(@$groups));

    is($seen->{orders}, $orders, "orders of (@$groups)");
    is($seen->{clients}, $clients, "clients of (@$groups)");
    is_deeply(decode_json($seen->{all}),
              { orders => $orders, clients => $clients,
                own => $own }, 'all of them as JSON');
}

is(seen('/page', acme(ids => [3, 'b']))->{own},
   "(owner = 'ann\@example.com' OR id IN (3, 'b'))", 'claims and the user');
is(seen('/page', acme(ids => [3], email => "o'hara\@example.com"))->{own},
   "(owner = 'o''hara\@example.com' OR id IN (3))", 'a quote in them');
is(seen('/page', acme(ids => [3], email_verified => \0))->{own}, '1=0',
   'an email that is not his');
is(seen('/page', acme(ids => ["1\r\nX-Orders: 1=1"]))->{own}, '1=0',
   'the end of a line');
is(seen('/page', acme(ids => [('1' x 36) x 90]))->{own} =~ tr/,//,
   89, 'many elements');
is(seen('/page', acme(ids => [('1' x 36) x 120]))->{own}, '1=0',
   'too many of them');
is(seen('/page', bearer())->{orders}, '1=0', 'a claim that is absent');

like($nginx->log_text,
     qr/filter "orders" is 1=0: no literal of SQL can be made of claim:tenant,/,
     'the log says so');
like($nginx->log_text, qr/row filter "own" is 1=0: it would be too long/,
     'and of one that is too long');


# nobody, and whoever was refused, though he gets in otherwise

my %none = (orders => '1=0', clients => '1=0', own => '1=0');

for (['/off/', 'without rtauth'],
     ['/off/', 'with a token, without rtauth', as('admins', 'four')],
     ['/any/', 'anonymous, let in by his address'],
     ['/any/', 'a token that is no good', 'Authorization: Bearer x'],
     ['/admin/', 'of another group, let in by his address', as('four')],
     ['/never/', 'of another group, on an error page', as('four')],
     ['/page', 'who says it himself', bearer(), 'X-Orders: 1=1',
      'X-Clients: 1=1', 'X-Own: 1=1', 'X-All: {}'])
{
    my ($path, $name, @headers) = @$_;
    my $seen = seen($path, @headers);

    is($seen->{$_}, $none{$_}, "$name: $_") for sort keys %none;
    is_deeply(decode_json($seen->{all}), \%none, "$name: all");
}

is($nginx->get('/page')->{status}, 401, 'nobody gets in where he must not');
is(seen('/any/', as('four'))->{clients}, '(client_id=4)',
   'who is let in by his token');
is(seen('/moved/', as('four'))->{clients}, '(client_id=4)',
   'behind a rewrite');

my $seen = seen('/early/', as('admins'));
is($seen->{early}, '1=0', 'before it is known who he is');
is($seen->{late}, '1=1', 'and afterwards');

like($nginx->get('/ssi/page', headers => [as('four')])->{body},
     qr/^a orders: .*\nclients: \(client_id=4\)\n/, 'in a subrequest');

$nginx->quiet('a variable of the user was read');


# a change of the configuration

$nginx->{http} =~ s/client_id=4/client_id=44/;
$nginx->configure;
$nginx->reload;
is(seen('/page', as('four'))->{clients}, '(client_id=44)', 'after a reload');
$nginx->end(undef, 'a variable of the user was read');


# what nginx -t says

my $try = RT::Nginx->new(modules => ['rtauth']);

my $app = "server { listen 127.0.0.1:%%PORT0%%; rtauth corp;
    add_header X \$rtauth_row_filter_orders; }";

for (['there is no such group', 'rtauth_row_filter orders "a" except=boss;'],
     ['brings its own quotes', q{rtauth_row_filter orders "a='{{user}}'";}],
     ['a claim is {{claim:PATH}}', 'rtauth_row_filter orders "a=$rtauth_user";'],
     ['is empty', 'rtauth_row_filter orders "";'],
     ['does not end', 'rtauth_row_filter orders "(a";'],
     ['has a ")" too many', 'rtauth_row_filter orders "a) OR (1=1";'],
     ['has a comment', 'rtauth_row_filter orders "a=1 -- b";'],
     ['"except=GROUP"', 'rtauth_row_filter orders "a" key=b;'],
     ['small letters', 'rtauth_row_filter Orders "a";'],
     ['IN ({{...}})', 'rtauth_row_filter orders "a IN {{claim:b}}";'],
     ['in a pattern', 'rtauth_row_filter orders "a LIKE {{claim:b}}";'])
{
    $try->blames($_->[0], http => "$corp $_->[1] # here\n $app");
}

$try->blames('"key=KEY" once', http => "$corp rtauth_group a { match g has a;
    row_filter orders \"a\" except=a; # here\n }\n $app");

for (['unknown "rtauth_row_filter_orders" variable', ''],
     ['is that of a row filter', 'rtauth_row_filter orders "a=1";
         map $uri $rtauth_row_filter_orders { default 1=1; }'],
     ['invalid number of arguments', 'rtauth_row_filter orders;'],
     ['"rtauth_zone"', "rtauth_row_filter orders a=1\n rtauth_zone 2m;"])
{
    my ($rc, $out) = do { $try->{http} = "$corp $_->[1] $app"; $try->try };
    isnt($rc, 0, "nginx does not start: $_->[0]");
    like($out, qr/\Q$_->[0]\E/, 'and says why');
}

my ($rc, $out) = do {
    $try->{http} = "$corp rtauth_row_filter orders \"a=1\";
        server { listen 127.0.0.1:%%PORT0%%; rtauth corp;
                 set \$rtauth_row_filter_orders 1=1; }";
    $try->try;
};
isnt($rc, 0, 'a "set" of that name');
like($out, qr/is that of a row filter/, 'is refused');

done_testing;

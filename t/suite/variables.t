#!/usr/bin/perl

# docs/variables.md says when a variable has its value.  Each variable of its
# tables is read in REWRITE (by "set"), when the response's headers are made (by
# add_header) and in LOG, with a request that is let in, and is there what the
# table says.  Of requests that are refused, what LOG has.  (What a session alone
# has is empty here, and said below; PREACCESS is t/rtauth/phase.t.)

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT::JWT;
use RT::Nginx;


my $page = RT::Nginx::slurp("$RT::Top/docs/variables.md");

# of rtauth: [variable, REWRITE, ACCESS and later, LOG]

my ($table) = $page =~ /^## Variables of rtauth\n(.*?)^## /ms
    or die 'no table of rtauth';

my @rows;

for my $line ($table =~ /^(\| `.*)$/mg) {
    my (undef, $names, @when) = split / *\| */, $line;
    push @rows, map { [$_, @when[0, 3, 4]] } $names =~ /`\$(\w+)`/g;
}

# a name with NAME stands for many
my %named = (
    rtauth_claim_NAME      => 'rtauth_claim_email',
    rtauth_row_filter_NAME => 'rtauth_row_filter_orders',
);

# by hand: a session's tokens and what a page of ours is, which this is none of
my %empty = map { $_ => 1 } qw(rtauth_access_token rtauth_id_token
                               rtauth_session rtauth_page rtauth_endpoint);

# bytes that are no text
my %packed = map { $_ => 1 } qw(rtauth_user_packed rtauth_event_packed);

ok(@rows > 15, 'the table has rows') or BAIL_OUT('no rows');

my @vars = grep { !$packed{$_->[0]} } @rows;
my (@set, @add, @log);

for my $i (0 .. $#vars) {
    my $name = $named{$vars[$i][0]} // $vars[$i][0];

    push @set, "set \$early_$i \"\$$name\";";
    push @add, "add_header X-Early-$i \"<\$early_$i>\";",
               "add_header X-Late-$i \"<\$$name>\";";
    push @log, "$i<\$$name>";
}

my $log = join ' ', @log;

my $nginx = RT::Nginx->new(modules => [qw(rtaudit rtauth rtcsp)]);
my $dir = $nginx->dir;

$nginx->file('jwks.json', RT::Nginx::slurp("$RT::Top/t/data/keys/jwks.json"));
$nginx->file('html/index.txt', "text\n");

my $key = $nginx->file('identity.pem',
                       RT::Nginx::slurp("$RT::Top/t/data/keys/ec.pem"));
chmod 0600, $key;

$nginx->{http} = <<"EOT";
    log_format  late escape=none '$log nonce<\$rtcsp_nonce> path<\$rtaudit_path> csp<\$rtcsp_event>';

    rtauth_zone      1m;
    rtauth_provider  corp {
        issuer     https://login.example.com;
        audience   tools;
        jwks_file  $dir/jwks.json;
    }
    rtauth_group  support {
        match groups has support; permission use; default_app /app;
    }
    rtauth_row_filter  orders "tenant = {{claim:tenant}}";

    server {
        listen  127.0.0.1:%%PORT0%%;
        access_log  $dir/logs/late.log late;

        rtauth           corp;
        rtauth_identity  key=file:$key iss=https://tools.example.com aud=app;
        rtcsp            strict;
        rtcsp_nonce      header;

        location / {
            root  $dir/html;
            @set
            @add
            add_header  X-Nonce "<\$rtcsp_nonce>";
        }

        location /acme/ {
            rtauth_require  claim tenant eq acme;
            root  $dir/html;
        }

        location /any/ {
            satisfy  any;
            allow    all;
            rtauth_require  claim tenant eq acme;
            root  $dir/html;
        }
    }
EOT

$nginx->start;

my $r = $nginx->get('/index.txt', headers => [
    bearer(sub => 'u-1', email => 'ann@example.com', groups => ['support'],
           tenant => 'acme')]);

is($r->{status}, 200, 'she is let in') or diag($nginx->log_text);

# reason => [address, claims of the token, is he known, status]

my %refused = (
    expired        => ['/index.txt', { exp => 1 }, 0, 401],
    bad_path       => ['/index.txt%2Fa', {}, 0, 403],
    no_permission  => ['/index.txt?', { groups => ['guests'] }, 1, 403],
    requirement    => ['/acme/a', {}, 1, 403],
    groups_overage => ['/index.txt', { groups => undef,
                       _claim_names => { groups => 'a' } }, 1, 403],
);

for my $reason (sort keys %refused) {
    my ($uri, $claims, undef, $status) = @{$refused{$reason}};

    is($nginx->get($uri, headers => [bearer(
           sub => 'u-2', email => 'bob@example.com', groups => ['support'],
           %$claims)])->{status}, $status, "$reason: $status");
}

$nginx->get('/any/a', headers => [bearer(sub => 'u-2', groups => ['support'],
                                         email => 'bob@example.com')]);

$nginx->stop;

my $late = RT::Nginx::slurp("$dir/logs/late.log");

for my $i (0 .. $#vars) {
    my ($name, $rewrite, $access, $logged) = @{$vars[$i]};

    my ($early) = $r->{head} =~ /^X-Early-$i: <(.*)>\r?$/m;
    my ($then) = $r->{head} =~ /^X-Late-$i: <(.*)>\r?$/m;
    my ($end) = $late =~ /(?:^| )$i<(.*?)>(?: |$)/m;

    for (['REWRITE', $rewrite, $early], ['ACCESS and later', $access, $then],
         ['LOG', $logged, $end])
    {
        my ($when, $said, $value) = @$_;

        if ($empty{$name}) {
            is($value, '', "\$$name: nothing of this request, $when");

        } elsif ($said eq 'empty') {
            is($value, '', "\$$name is empty in $when");

        } elsif (my ($word) = $said =~ /^`(.*)`$/) {
            $word =~ s/NAME/orders/;
            is($value, $word, "\$$name is $word in $when");

        } elsif ($said =~ /^filled/) {
            ok(length $value && $value ne '1=0', "\$$name is filled in $when")
                or diag($value // 'not there');

        } else {
            fail("\$$name in $when: \"$said\" is no word of the table");
        }
    }
}

my %at = map { $vars[$_][0] => $_ } 0 .. $#vars;
my @lines = split /\n/, $late;

# what a line of the log has of a variable

sub logged {
    my ($line, $name) = @_;
    return ($line =~ /(?:^| )$at{$name}<(.*?)>(?: |$)/)[0];
}

for my $reason (sort(keys %refused), 'satisfied') {
    my $line = $lines[1 + grep { $_ lt $reason } keys %refused];
    my $known = $refused{$reason} && $refused{$reason}[2];

    is(logged($line, 'rtauth_result'),
       $refused{$reason} ? $reason : 'requirement', "$reason: its result");
    is(logged($line, 'rtauth_user'), $known ? 'bob@example.com' : '',
       "$reason: " . ($known ? 'he is named' : 'nobody is named'));
    is(logged($line, 'rtauth_identity'), '', "$reason: no token about him");
    is(logged($line, 'rtauth_row_filter_NAME'), '1=0', "$reason: no row");
}

like($r->{head}, qr/^X-Nonce: <[A-Za-z0-9_-]{32}>\r?$/m,
     '$rtcsp_nonce is there in the header filter');
like($late, qr/ nonce<> /, '... and empty in a log');
like($late, qr{ path</index\.txt> }, '$rtaudit_path');
like($late, qr/ csp<\{"policy"/, '$rtcsp_event');

$nginx->quiet;

done_testing();

#!/usr/bin/perl

# Claims that try to break out of a row filter, on real databases, in each mode
# in which they read a literal otherwise: of all rows, a filter shows those with
# that very text, or none.

use strict;
use warnings;
use utf8;

use lib 't/lib';

use Encode qw(encode_utf8);
use Test::More;

use RT::Databases;
use RT::JWT;
use RT::Nginx;


# an owner of rows each; what is last, some text that a seed makes

my @owners = (
    "ann", "o'hara", "'", "''", "' OR 1=1", "' OR '1'='1", "') OR ('1'='1",
    "' OR 1=1 -- ", "' OR 1=1 #", "' OR 1=1 /*", "*/ OR 1=1", "'; DROP TABLE t; --",
    "' UNION SELECT id FROM t -- ", "\\", "\\'", "\\' OR 1=1 -- ", "ann\\",
    "\\\\' OR 1=1 -- ", "'||'", "'+'", "x' 'y", "E'x", "\$\$ OR 1=1 \$\$", "\"",
    "\" OR 1=1 -- ", "`", "` OR 1=1 -- ", "[", "] OR 1=1", "%", "_", "a%", "?",
    ":id", "%s", "%(id)s", "\@x", "{{user}}", "{{claim:v}}", "\$1", "NULL",
    "1=1", "0", "-1", "1e1", "TRUE", " ann", "ann ", "ANN", "a\tb", "a\nb",
    "a\r\nb", "\x{b}", "\x{7f}", "\x{85}", "é", "¿' OR 1=1 -- ", "\x{2bc} OR 1=1",
    "\x{2019} OR 1=1 -- ", "\x{ff07} OR 1=1 -- ", "\x{2032}", "縗' OR 1=1 -- ",
    "\x{8a5c}", "誠' OR 1=1 -- ", "\x{1f600}' OR 1=1", "\x{200b}'", "\x{202e}'",
    "\x{fe68}' OR 1=1", "\x{ff3c}' OR 1=1 -- ", "x" x 500 . "'",
);

srand($ENV{RT_SEED} || 1);

my @parts = ("'", "''", "\\", "\"", "`", "--", " -- ", "/*", "*/", "#", ";",
             "(", ")", " OR ", "1=1", "\n", "é", "\x{ff07}", "縗", "a", " ",
             "\$\$", "{{", "}}", "||", ",", "%");

my %seen = map { $_ => 1 } @owners;

# (a token with a NUL in it is refused before)

while (keys %seen < 150) {
    my $text = join '', map { $parts[rand @parts] } 0 .. 1 + rand 8;
    push @owners, $text unless $seen{$text}++;
}

my @tried = sort keys %seen;


my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"END");
    rtauth_zone 8m;
    rtauth_provider corp {
        issuer https://login.example.com; audience tools; algorithms HS256;
        jwks_file %%DIR%%/oct.json; }
    rtauth_row_filter equal  "owner = {{claim:v}}";
    rtauth_row_filter among  "owner IN ({{claim:vs}})";
    rtauth_row_filter either "id = 1 OR owner={{claim:v}} OR id = 2";
    rtauth_row_filter number "id = 5 - {{claim:n}} AND {{claim:yes}}";
    rtauth_row_filter order  "id<{{claim:m}} OR id IN ({{claim:ids}})";
    server {
        listen 127.0.0.1:%%PORT0%%; rtauth corp;
        large_client_header_buffers 4 32k;
        location / {
            add_header X-Equal  \$rtauth_row_filter_equal;
            add_header X-Among  \$rtauth_row_filter_among;
            add_header X-Either \$rtauth_row_filter_either;
            add_header X-Number \$rtauth_row_filter_number;
            add_header X-Order  \$rtauth_row_filter_order;
            try_files /none =204;
        }
    }
END

chmod 0640, $nginx->file('oct.json',
    RT::Nginx::slurp("$RT::Top/t/data/keys/oct.json"));
$nginx->start;


sub filters {
    my $head = $nginx->get('/', headers => [bearer(-key => 'oct', @_)])->{head};

    return { map { $_ => ($head =~ /^X-$_: (.*?)\r?$/mi)[0] // 'none' }
             qw(equal among either number order) };
}


# what the rules say, without a look at how they are kept

my $harmless = qr/\A[^\\\x00-\x1f\x7f-\x9f]+\z/;

my $databases = RT::Databases->new(map { encode_utf8($_) } @owners);
my %id = map { $owners[$_] => $_ } 0 .. $#owners;
my (@conditions, @want, @names);

for my $text (@tried) {
    my $filters = filters(v => $text, vs => ['ann', $text]);
    my $id = $text =~ $harmless ? $id{$text} : undef;
    my %want = (
        equal => defined $id ? [$id] : [],
        among => defined $id ? [0, $id] : [],
        either => defined $id ? [1, 2, $id] : [],
    );

    for my $name (sort keys %want) {
        my %rows = map { $_ => 1 } @{$want{$name}};
        push @conditions, $filters->{$name};
        push @names, "$name: $filters->{$name}";
        push @want, join ' ', sort { $a <=> $b } keys %rows;
    }
}

for ([3, '2'], [-1, '6'], [-1.0, '6'], ['-1', '6']) {
    my ($n, $want) = @$_;
    push @conditions, filters(n => $n, yes => \1)->{number};
    push @names, $conditions[-1];
    push @want, $want;
}

push @conditions, filters(n => 1, yes => \0)->{number},
                  filters(m => -1, ids => [3, 7])->{order},
                  filters(m => 2, ids => [7])->{order},
                  filters(m => [2], ids => [7])->{order};
push @names, @conditions[-4 .. -1];
push @want, '', '3 7', '0 1 7', '';

cmp_ok(scalar(grep { $_ ne '1=0' } @conditions), '>', 250,
       'most texts become literals');

for my $mode ($databases->modes) {
    my @rows = $databases->select($mode, @conditions);

    is(scalar @rows, scalar @want, "$mode->{name}: each condition is answered");

    my @bad = grep { ($rows[$_] // 'none') ne $want[$_] } 0 .. $#want;
    is_deeply([map { "$names[$_]: $rows[$_], not $want[$_]" } @bad], [],
              "$mode->{name}: those rows and no others");

    my ($all) = $databases->select($mode, '1=1');
    is(scalar(split ' ', $all), scalar @owners, "$mode->{name}: all are there");
}

$databases->stop;
$nginx->end;

done_testing;

# The signatures that rtauth_phase preaccess looks at before any limit does

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::Idp;
use RT::Nginx;

my $idp = idp('ok.budget');

my $nginx = RT::Nginx->new(modules => ['rtauth'], http => <<"END");
    rtauth_zone 1m;
    rtauth_provider p { issuer i; audience tools; jwks_uri $idp/jwks; }
    keepalive_requests 1000;
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;
        rtauth p;
        add_header X-Result \$rtauth_result always;
        location /early { rtauth_phase preaccess; alias %%DIR%%/html/t; }
        location /late { alias %%DIR%%/html/t; }
    }
END

$nginx->file('html/t', "hello\n");
$nginx->start;

my $known = token(iss => 'i');
my $forged = token(iss => 'i', key => 'k2', kid => 'k1');


# all in one go, for a budget is of one second: "status reason" of each

sub pipeline {
    my ($path, $address, @tokens) = @_;

    my @heads = map {
        join "\r\n", "GET $path HTTP/1.1", 'Host: localhost',
                     "X-Real-IP: $address", "Authorization: Bearer $_"
    } @tokens;

    $heads[-1] .= "\r\nConnection: close";

    my $raw = $nginx->raw(join '', map { "$_\r\n\r\n" } @heads);
    my @answers;

    while ($raw =~ /^HTTP\/1.1 (\d+) .*?^X-Result: (\w+)/msg) {
        push @answers, "$1 $2";
    }

    return ($raw, @answers);
}


is((pipeline('/early', '192.0.2.1', $known))[1], '200 ok', 'a good token');
is((pipeline('/early', '192.0.2.2', $forged))[1], '401 bad_signature',
   'a forged one');

my ($raw, @answers) = pipeline('/early', '192.0.2.1', ($forged) x 14, $known,
                               token(iss => 'i', claims => { sub => 'u2' }));

is_deeply([@answers[0 .. 9]], [('401 bad_signature') x 10],
          'ten forgeries are looked at');
is_deeply([@answers[10 .. 13]], [('429 too_many_bad') x 4], 'more are not');
is($answers[14], '200 ok', 'a token that was verified before is let in');
is($answers[15], '429 too_many_bad', 'one that was not has to wait');
like($raw, qr/^Retry-After: \d+\r?$/m, 'and is told so');

my $new = token(iss => 'i', claims => { sub => 'u3' });

is((pipeline('/early', '198.51.100.7', $new))[1], '200 ok',
   'another address has a budget of its own');

my $n = 0;

ok($nginx->wait_for('the next second', sub {
    my $unknown = token(iss => 'i', claims => { n => $n++ });
    (pipeline('/early', '192.0.2.1', $unknown))[1] eq '200 ok';
}), 'the budget comes back');

($raw, @answers) = pipeline('/late', '192.0.2.9', ($forged) x 14);
is_deeply(\@answers, [('401 bad_signature') x 14],
          'in ACCESS limits have come before: there is no budget');

($raw, @answers) = pipeline('/early', '2001:db8::1', ($forged) x 8);
($raw, @answers) = pipeline('/early', '2001:db8::2', ($forged) x 8);
is($answers[7], '429 too_many_bad', 'a network of IPv6 is one address');

# addresses whose CRCs have the last ten bits of 192.0.2.50's, whatever is
# put in front of each

my @free = grep {
    pipeline('/early', $_, ($forged) x 10);
    my $other = token(iss => 'i', claims => { other => $_ });
    (pipeline('/early', '192.0.2.50', $other))[1] eq '200 ok';
} qw(198.18.0.243 198.18.1.217 198.18.2.167);

ok(@free, 'nobody can tell which address uses up the budget of another');

$nginx->end;
done_testing();

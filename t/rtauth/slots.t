# rtauth_zone gives back what belonged to configurations that are gone, and the
# smallest zone outlives any number of changed reloads: RT_RELOADS=500 for more.

use lib 't/lib';
use strict;
use warnings;

use Test::More;

use RT::Idp;
use RT::Nginx;

my $reloads = $ENV{RT_RELOADS} || 60;
my $token = bearer(iss => 'i');


# each number is another address of the same keys, and so another slot

sub http_block {
    my ($number) = @_;

    my $idp = idp("ok.slots$number");
    my $hang = idp('ctl');

    return <<"END";
    rtauth_zone 32k;
    rtauth_provider p { issuer i; audience tools; jwks_uri $idp/jwks; }
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        location /t    { rtauth p; add_header X-Number $number; }
        location /hang { proxy_pass $hang/ok.slots/until/9; }
    }
END
}


sub server {
    my $nginx = RT::Nginx->new(modules => ['rtauth'], http => http_block(0));
    $nginx->file('html/t', "hello\n");

    return $nginx->start;
}


sub good {
    my ($nginx, $number) = @_;

    my $answer = $nginx->get('/t', headers => [$token]);

    return $answer->{status} == 200
           && $answer->{head} =~ /^X-Number: $number\r?$/m;
}


sub reloaded {
    my ($nginx, $number) = @_;

    return $nginx->reload(http => http_block($number))
           && good($nginx, $number);
}


my $nginx = server();

my @bad = grep { !reloaded($nginx, $_) } 1 .. $reloads;
is("@bad", '', "tokens are good after each of $reloads changed reloads");

ok(reloaded($nginx, 1), 'and after one back to an old configuration');
$nginx->end;


# workers that linger hold nothing that new ones need

$nginx = server();
my @open;

@bad = grep {
    push @open, $nginx->ask('/hang');
    !good($nginx, $_ - 1) || !reloaded($nginx, $_);
} 1 .. 24;

is("@bad", '', 'tokens are good while the old workers linger');
is(scalar $nginx->workers(1), 25, 'and they do linger');

close $_ for @open;
$nginx->end;


# a worker whose slot was given to another goes on with the keys it has

$nginx = server();
ok(good($nginx, 0), 'a worker has keys');

my $half = $nginx->connect;
$half->syswrite("GET /t HTTP/1.1\r\nHost: localhost\r\n");
ok(good($nginx, 0), 'the first half of a request was read');

@bad = grep { !reloaded($nginx, $_) } 1 .. 4;
is("@bad", '', 'its slot is another one\'s now');

$half->syswrite("Connection: close\r\n$token\r\n\r\n");
is($nginx->answer($half)->{status}, 200, 'the request is let in');
$nginx->end;

done_testing();

#!/usr/bin/perl

# rtcsp_status: the numbers are those of what was asked for, over all workers
# and reloads, in both forms; who may read it; and rtcsp_warning.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;

use RT::Nginx;
use RT::Raw;


my $secret = 'SECRETsecretSECRETsecret00';
my $tag = "<script nonce=$secret></script>";

my $page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
           . "Connection: close\r\n";

my %answer = (
    '/page' => "$page\r\n$tag$tag<p>$secret",
    '/lost' => "$page\r\n<select><style></style></select>$tag",
    '/br'   => "${page}Content-Encoding: br\r\n\r\nx",
    '/206'  => "$page\r\nx" =~ s/200 OK/206 Partial\r\nContent-Range: bytes 0-0\/2/r,
    '/103'  => "HTTP/1.1 100 Continue\r\n\r\n$page\r\nx",
);

my $app = RT::Raw::start(sub { $answer{($_[0] =~ m{^\S+ (\S+)})[0]} });

my $nginx = RT::Nginx->new(modules => ['rtcsp'], workers => 2, ports => 2,
                           http => <<"EOT");
    server {
        listen 127.0.0.1:%%PORT0%%;
        rtcsp strict;
        rtcsp_nonce_in script-src;
        rtcsp_nonce placeholder=data:$secret;
        default_type text/html;
        location / { proxy_pass http://127.0.0.1:$app; }
        location = /own { return 200 x; }
        location = /part { ssi on; root %%DIR%%/html; }
        location = /off { rtcsp off; return 200 x; }
        location = /reports { rtcsp_collector; }
        location = /limited { deny all; rtcsp_collector; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        rtcsp_warning off;
        allow 127.0.0.1;
        deny  all;
        location = /metrics { rtcsp_status prometheus; }
        location = /json    { rtcsp_status; }
    }
EOT

$nginx->file('html/part', '<!--# include virtual="/br" -->');
$nginx->start;


sub numbers {
    my $text = $nginx->get('/metrics', port => 1)->{body};

    return { map { /^rtcsp_(\w+?)(?:_total)?(\{.*\})? ([1-9]\d*)$/
                   && $1 ne 'start_time_seconds' ? ($1 . ($2 // '') => $3) : ()
             } split /\n/, $text };
}


my %wanted;

sub counts {
    my ($what, %more) = @_;
    my $now;

    $wanted{$_} += $more{$_} for keys %more;

    $nginx->wait_for($what, sub {
        $now = numbers();
        !grep { ($now->{$_} // 0) < $wanted{$_} } keys %wanted;
    });

    is_deeply($now, \%wanted, $what);
}


sub report {
    $nginx->post('/reports', 'application/csp-report', $_[0])->{status};
}

my $violation = '{"csp-report":{"effective-directive":"img-src",'
                . '"blocked-uri":"https://x/y"}}';


is_deeply(numbers(), {}, 'nothing yet');

is($nginx->get('/page')->{status}, 200, 'a page');
counts('is counted', pages => 1, nonces_placed => 2,
       placeholders_scrubbed => 1);

is($nginx->get('/lost')->{status}, 200, 'one that loses a nonce');
counts('is counted, with the reason', pages => 1, placeholders_scrubbed => 1,
       'pages_lost{reason="select"}' => 1);

is($nginx->get($_)->{status}, 200, "GET $_") for '/own', '/off';
counts('a nonce in the policy is one, without rtcsp nothing is', pages => 1);

for (['/br', 'encoding'], ['/206', 'range'], ['/103', 'interim']) {
    my ($uri, $reason) = @$_;

    is($nginx->get($uri)->{status}, 502, $uri);
    counts("is $reason", pages => 1,
           "bad_responses{reason=\"$reason\"}" => 1);
}

is($nginx->get('/part')->{status}, 200, 'a part of a page');
counts('is counted', pages => 1, 'bad_responses{reason="part"}' => 1);

is(report($violation), 204, 'a report');
counts('by directive and class', 'reports{result="taken"}' => 1,
       'violations{directive="img-src",class="app"}' => 1);

is(report('x'), 400, 'no report');
counts('refused', 'reports{result="content"}' => 1, pages => 1);

is($nginx->get('/reports')->{status}, 405, 'GET');
is($nginx->request('OPTIONS', '/reports')->{status}, 204, 'OPTIONS');
is($nginx->post('/reports', 'text/plain', 'x')->{status}, 415, 'a type');
is($nginx->post('/limited', 'text/plain', 'x')->{status}, 403, 'for nobody');
is(report('x' x 262_145), 413, 'too long');
counts('each by its reason', 'reports{result="method"}' => 1,
       'reports{result="type"}' => 1, 'reports{result="other"}' => 1,
       'reports{result="size"}' => 1,
       pages => 4);


# both forms say the same, and a reload takes nothing away

my $json = decode_json($nginx->get('/json', port => 1)->{body});

is($json->{rtcsp_pages_total}, $wanted{pages}, 'JSON');
is_deeply([grep { $_->{value} } @{$json->{rtcsp_bad_responses_total}}],
          [map { { reason => $_, value => 1 } } qw(interim part encoding range)],
          'with its labels');

ok($nginx->reload, 'a reload');
counts('all is there');
is($nginx->request('POST', '/json', port => 1)->{status}, 405, 'POST');
like($nginx->get('/json', port => 1)->{head}, qr/^Cache-Control: no-store/m,
     'is not cached');

$nginx->end;


# what nginx -t says

sub said {
    my ($http) = @_;

    my $try = RT::Nginx->new(modules => ['rtcsp'], http => $http);
    my ($rc, $out) = $try->try;

    is($rc, 0, 'nginx -t takes it') or diag($out);

    return $out;
}


my $warning = qr/no location of this server has a Content-Security-Policy/;

for (['rtcsp talisman;', 0], ['location / { rtcsp_policy "img-src a.example"; }', 0],
     ['rtcsp_report_uri /r; rtcsp_report_only_policy strict;', 0],
     ['rtcsp_warning off;', 0], ['', 1], ['rtcsp off;', 1],
     ['rtcsp talisman; rtcsp_policy off;', 1], ['rtcsp_frame_options DENY;', 1])
{
    my ($conf, $warned) = @$_;
    my $out = said("server { listen 127.0.0.1:%%PORT0%%; $conf }\n");

    is($out =~ $warning ? 1 : 0, $warned, "server: $conf");
}

like(said("rtcsp_warning off; server { rtcsp_warning on; }\n"), $warning,
     'on again');
unlike(said("rtcsp_warning off; server { listen 127.0.0.1:%%PORT0%%; }\n"),
       $warning, 'off for all');
unlike(said("rtcsp strict;\nserver { listen 127.0.0.1:%%PORT0%%; }\n"),
       $warning, 'one that is inherited');

RT::Nginx->new(modules => ['rtcsp'])->blames(
    'no location of this server has a Content-Security-Policy', http => '
    server {  # here
        listen 127.0.0.1:%%PORT0%%;
    }');

RT::Nginx->new(modules => ['rtcsp'])->blames(
    'anybody can read this "rtcsp_status"', http => '
    rtcsp talisman;
    server {
        listen 127.0.0.1:%%PORT0%%;
        location /a {
            rtcsp_status;  # here
        }
    }');

RT::Nginx->new(modules => ['rtcsp'])->blames(
    'invalid value "xml" in "rtcsp_status": write "json" or "prometheus"',
    http => '
    server {
        listen 127.0.0.1:%%PORT0%%;
        location /a {
            rtcsp_status xml;  # here
        }
    }');

done_testing();

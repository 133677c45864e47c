#!/usr/bin/perl

# bound mtls: a token and the certificate it is bound to (RFC 8705)

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256);
use MIME::Base64 qw(decode_base64 encode_base64url);
use Test::More;

use RT::JWT;
use RT::Nginx;

my $provider = "issuer https://login.example.com; audience tools;
                jwks_file $RT::Top/t/data/keys/jwks.json";

my $nginx = RT::Nginx->new(modules => ['rtauth'], ports => 4, http => <<"EOT");
    rtauth_zone 1m;
    rtauth_provider corp { $provider; bound mtls; }
    rtauth_provider free { $provider; bound off; }

    ssl_certificate      %%DIR%%/server.pem;
    ssl_certificate_key  %%DIR%%/server.key;

    add_header X-Result \$rtauth_result always;
    add_header X-Who    \$rtauth_claim_sub always;

    rtauth corp;

    server {
        listen 127.0.0.1:%%PORT0%% ssl http2;
        ssl_verify_client       optional;
        ssl_client_certificate  %%DIR%%/ca.pem;

        location / { root %%DIR%%; }
        location /free { rtauth free; alias %%DIR%%/page; }
        location /arg { rtauth_token \$arg_t; alias %%DIR%%/page; }
        location /asks { rtauth off; auth_request /ask; alias %%DIR%%/page; }
        location = /ask { internal; alias %%DIR%%/page; }
        location /early { rtauth_phase preaccess; alias %%DIR%%/page; }
        location /error { error_page 404 /page; alias %%DIR%%/none; }
    }

    # whoever has a certificate of his own making

    server {
        listen 127.0.0.1:%%PORT1%% ssl;
        ssl_verify_client  optional_no_ca;
        location / { root %%DIR%%; }
    }

    # it asks for no certificate; nor is there one without TLS

    server {
        listen 127.0.0.1:%%PORT2%% ssl;
        location / { root %%DIR%%; }
    }

    server {
        listen 127.0.0.1:%%PORT3%%;
        location / { root %%DIR%%; }
    }
EOT

my $dir = $nginx->dir;

sub openssl {
    system("openssl @_ 2>> $dir/openssl.log") == 0
        or die "openssl @_: " . RT::Nginx::slurp("$dir/openssl.log");
}


# a certificate, signed by itself unless $ca

sub certify {
    my ($name, $ca) = @_;

    openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes",
            "-subj /CN=$name -keyout $dir/$name.key",
            $ca ? "-out $dir/$name.csr" : "-x509 -days 2 -out $dir/$name.pem");

    openssl("x509 -req -days 2 -in $dir/$name.csr -CA $dir/$ca.pem",
            "-CAkey $dir/$ca.key -CAcreateserial -out $dir/$name.pem") if $ca;
}


sub x5t {
    my $pem = RT::Nginx::slurp("$dir/$_[0].pem");
    my ($der) = $pem =~ /BEGIN CERTIFICATE-----(.+?)-----END/s;

    return encode_base64url(sha256(decode_base64($der)));
}


sub bound_to { return token(cnf => { 'x5t#S256' => x5t($_[0]) }, @_[1 .. $#_]) }


# get('client', '/path', $token, port => 1, http => '--http1.1'): the answer

sub get {
    my ($name, $path, $token, %opt) = @_;

    my @args = ('-sSik', $opt{http} // '--http2', '--max-time',
                $RT::Nginx::Deadline, '-H', "Authorization: Bearer $token");

    push @args, '--cert', "$dir/$name.pem", '--key', "$dir/$name.key" if $name;

    open my $pipe, '-|', 'curl', @args, ($opt{scheme} // 'https')
        . '://127.0.0.1:' . $nginx->port($opt{port} // 0) . $path
        or die "curl: $!";

    my $answer = do { local $/; <$pipe> } // '';
    close $pipe;

    my ($status) = $answer =~ m{^HTTP/\S+ (\d+)};
    my ($result) = $answer =~ m{^x-result: (\S+)}mi;

    return join ' ', $status // 'none', $result // ();
}


certify('ca');
certify('server');
certify($_, 'ca') for qw(ann bob);
certify('self');

$nginx->file('page', 'page');
$nginx->start;

my $ann = bound_to('ann');
my $self = bound_to('self');
my $wrong = '401 wrong_certificate';

for my $http (qw(--http1.1 --http2)) {
    is(get('ann', '/page', $ann, http => $http), '200 ok', "$http: the one it is");
    is(get('bob', '/page', $ann, http => $http), $wrong, "$http: another's");
    is(get(undef, '/page', $ann, http => $http), $wrong, "$http: none");
    is(get('bob', '/page', bound_to('bob', sub => 'u-2'), http => $http),
       '200 ok', "$http: each has his own");
}

is(get('ann', '/arg?t=' . bound_to('ann', sub => 'u-3'), 'x'), '200 ok',
   'a token of an argument');
is(get('bob', '/arg?t=' . bound_to('ann', sub => 'u-3'), 'x'), $wrong,
   'likewise, with the certificate of another');
is(get('ann', '/asks', $ann), '200', 'a subrequest has the certificate, too');
is(get('bob', '/asks', $ann), '401', 'and is refused with another');
is(get('ann', '/early', $ann), '200 ok', 'before limits');
is(get('bob', '/early', $ann), $wrong, 'where another is refused');
is(get('ann', '/error', $ann), '404 ok', 'an error page for him');
is(get('bob', '/error', $ann), $wrong, 'none for another');

is(get('ann', '/page', token()), '401 unbound', 'a token that is bound to nobody');
is(get('ann', '/free', token()), '200 ok', 'which "bound off" takes');
is(get('ann', '/free', $ann), '401 confirmation_required',
   'and refuses whatever is bound');

my $x5t = x5t('ann');

my %odd = (
    'no object'            => $x5t,
    'nothing in it'        => {},
    'a member more'        => { 'x5t#S256' => $x5t, kid => 'a' },
    'a way that is off'    => { 'x5t#S256' => $x5t, jkt => $x5t },
    'only such a way'      => { jkt => $x5t },
    'SHA-1'                => { 'x5t' => $x5t },
    'a digest cut short'   => { 'x5t#S256' => substr $x5t, 0, 40 },
    'base64 with a "="'    => { 'x5t#S256' => "$x5t=" },
    'no string'            => { 'x5t#S256' => [$x5t] },
);

is(get('ann', '/page', token(cnf => $odd{$_})), '401 confirmation_required',
   "cnf: $_") for sort keys %odd;

is(get('self', '/page', $self), '400', 'an unknown CA, where nginx has one');
is(get('self', '/page', $self, port => 1), '200 ok',
   'optional_no_ca: his own certificate');
is(get('ann', '/page', $self, port => 1), $wrong, 'optional_no_ca: another');
is(get(undef, '/page', $self, port => 1), $wrong, 'optional_no_ca: none');
is(get('ann', '/page', $ann, port => 2), $wrong, 'a server that asks for none');
is(get(undef, '/page', $ann, port => 3, scheme => 'http'), $wrong, 'no TLS');

$nginx->end;

done_testing();

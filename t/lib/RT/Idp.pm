package RT::Idp;

# The OpenID provider of t/lib/RT/idp.mjs beside a test file.
#
#   use RT::Idp;
#
# starts it on free ports and ends it with the test.  Blocks may say
#
#   $TEST_NGINX_IDP         http://127.0.0.1:PORT
#   $TEST_NGINX_IDP_KEPT    the same, does not end idle connections
#   $TEST_NGINX_IDP_TLS     https://localhost:PORT
#   $TEST_NGINX_IDP_WRONG   https://localhost:PORT, certificate of another name
#   $TEST_NGINX_IDP_DNS     127.0.0.1:PORT, a name server for elsewhere.test
#   $TEST_NGINX_IDP_CA      the CA of both, a file
#   $TEST_NGINX_IDP_DIR     a folder of this test's own; holds jwks.json (the
#                           key k1), k2.json, both.json
#
# and token(...) is a signed token; see there.  Who has "use RT::Nginx", too, may
# take believer(), result() and ctl().

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IPC::Open2;
use JSON::PP;

use base 'Exporter';

our @EXPORT = qw(token bearer idp write_file);
our @EXPORT_OK = qw(believer result ctl);

my $lib = abs_path(dirname(__FILE__));
my $dir = tempdir('rt_idp_XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $json = JSON::PP->new->canonical;
my ($pid, $in, $out, %idp);


sub write_file {
    my ($name, $text, $mode) = @_;

    open my $fh, '>', "$dir/$name" or die "$dir/$name: $!";
    print $fh $text;
    close $fh;
    chmod $mode // 0644, "$dir/$name";

    return "$dir/$name";
}


sub openssl {
    system('openssl', @_) == 0 or die "openssl @_ failed\n";
}


# one CA, a certificate for localhost, one for another name

sub certificates {
    open my $stderr, '>&', \*STDERR;
    open STDERR, '>', "$dir/openssl.log";

    openssl(qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes
               -days 2 -subj /CN=rt-test-ca), '-keyout', "$dir/ca.key",
            '-out', "$dir/ca.pem");

    for my $name (qw(localhost elsewhere.test)) {
        write_file("$name.ext", "subjectAltName=DNS:$name\n");

        openssl(qw(req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes),
                '-subj', "/CN=$name", '-keyout', "$dir/$name.key",
                '-out', "$dir/$name.csr");
        openssl(qw(x509 -req -days 2 -CAcreateserial),
                '-CA', "$dir/ca.pem", '-CAkey', "$dir/ca.key",
                '-in', "$dir/$name.csr", '-out', "$dir/$name.pem",
                '-extfile', "$dir/$name.ext");
    }

    open STDERR, '>&', $stderr;
}


sub start {
    chmod 0755, $dir;
    certificates();

    $pid = open2($out, $in, 'node', "$lib/idp.mjs",
                 map { ("$dir/$_.pem", "$dir/$_.key") }
                     qw(localhost elsewhere.test));

    my $line = <$out> // die "the test provider did not start\n";
    %idp = %{ $json->decode($line) };

    write_file('jwks.json', $idp{jwks});
    write_file('k2.json', $idp{k2});
    write_file('both.json', $idp{both});

    $ENV{TEST_NGINX_IDP} = "http://127.0.0.1:$idp{http}";
    $ENV{TEST_NGINX_IDP_KEPT} = "http://127.0.0.1:$idp{kept}";
    $ENV{TEST_NGINX_IDP_TLS} = "https://localhost:$idp{https}";
    $ENV{TEST_NGINX_IDP_WRONG} = "https://localhost:$idp{wrong}";
    $ENV{TEST_NGINX_IDP_DNS} = "127.0.0.1:$idp{dns}";
    $ENV{TEST_NGINX_IDP_CA} = "$dir/ca.pem";
    $ENV{TEST_NGINX_IDP_DIR} = $dir;
}


# its standard input is the only thing that keeps it running

END {
    if ($pid) {
        my $status = $?;
        close $in;
        waitpid $pid, 0;
        $? = $status;
    }
}


# the address of a realm: idp('ok.1') or idp('ok.1', 'https')

sub idp {
    my ($realm, $scheme) = @_;

    return $scheme ? "https://localhost:$idp{https}/$realm"
                   : "http://127.0.0.1:$idp{http}/$realm";
}


# token(iss => URL, key => 'k1', kid => .., header => {..}, claims => {..}):
# aud is "tools", it lives for an hour, claims are added or (undef) taken away

sub token {
    my (%t) = @_;

    my %claims = (iss => $t{iss}, aud => 'tools', sub => 'u1',
                  iat => time - 10, exp => time + 3600,
                  %{ $t{claims} || {} });

    delete @claims{ grep { !defined $claims{$_} } keys %claims };

    my %want = (key => $t{key} // 'k1', claims => \%claims,
                header => $t{header} || {});
    $want{kid} = $t{kid} if defined $t{kid};

    my $res = HTTP::Tiny->new(timeout => 10)->post(
        "http://127.0.0.1:$idp{http}/ctl/token",
        { content => $json->encode(\%want) });

    die "no token: $res->{status}\n" unless $res->{success};

    return $res->{content};
}


# an nginx whose provider "p" has these lines, and /t that says what came of it

sub believer {
    my ($lines, %args) = @_;

    my $nginx = RT::Nginx->new(modules => ['rtauth'], %args,
                               http => <<"END");
    rtauth_zone 1m;
    rtauth_provider p {
        audience tools;
        $lines
    }
    server {
        listen 127.0.0.1:%%PORT0%%;
        root   %%DIR%%/html;
        location /t {
            rtauth p;
            add_header X-Result \$rtauth_result always;
        }
    }
END

    $nginx->file('html/t', "hello\n");

    return $nginx->start;
}


# its verdict on a token, "200 ok"

sub result {
    my ($nginx, $token) = @_;

    my $answer = $nginx->get('/t', headers => [$token]);
    my ($result) = $answer->{head} =~ /^X-Result: (\w+)/m;

    return "$answer->{status} $result";
}


# what the provider says of itself

sub ctl { return HTTP::Tiny->new->get(idp('ctl') . $_[0])->{content} }


sub bearer {
    return 'Authorization: Bearer ' . token(@_);
}


start();

1;

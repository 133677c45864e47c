package RT::JWT;

# Tokens for tests, signed with the keys of t/data/keys by the openssl command.
#
#   use RT::JWT;
#   token()                             a good one of the provider "corp"
#   token(sub => 'u-2', groups => [..]) other claims; undef takes one out
#   token(-key => 'ec', -header => {..}, -payload => '{..}', ...)
#   bearer(...)                         "Authorization: Bearer <token>"
#   corp(...)                           http_config: a zone and the provider
#   partner()                           http_config: another provider
#
# Options begin with "-": -key NAME (of t/data/keys), -kid (NAME), -alg (the
# key's), -header (more members), -payload (raw bytes instead of claims).

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempfile);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);

our @EXPORT = qw(token bearer corp partner);

my $Keys = dirname(__FILE__) . '/../../data/keys';
my $JSON = JSON::PP->new->canonical->utf8;

# name => [alg, how to sign]
my %Key = (
    rsa   => ['RS256', \&rsa],
    rsa2  => ['RS256', \&rsa],      # of the provider "partner"
    rogue => ['RS256', \&rsa],      # in no key set
    pss   => ['PS256', \&pss],
    ec    => ['ES256', \&ec],
    ed    => ['EdDSA', \&ed],
    oct   => ['HS256', \&oct],
);

my %made;


sub token {
    my %claims = (iss => 'https://login.example.com', aud => 'tools',
                  sub => 'u-1', email => 'ann@example.com',
                  exp => 4102444800, @_);

    my %option;

    for my $name (grep { /^-/ } keys %claims) {
        $option{$name} = delete $claims{$name};
    }

    delete $claims{$_} for grep { !defined $claims{$_} } keys %claims;

    my $key = $option{-key} || 'rsa';
    my ($alg, $sign) = @{$Key{$key}};

    my %header = (alg => $option{-alg} || $alg, typ => 'JWT',
                  kid => $option{-kid} || $key, %{$option{-header} || {}});

    delete $header{$_} for grep { !defined $header{$_} } keys %header;

    my $input = join '.', encode_base64url($JSON->encode(\%header)),
                encode_base64url($option{-payload} // $JSON->encode(\%claims));

    return $made{"$key.$input"} //= "$input."
                                    . encode_base64url($sign->($key, $input));
}


sub bearer {
    return 'Authorization: Bearer ' . token(@_);
}


# a zone and the provider "corp"; more lines for it, and for the http block

sub corp {
    my ($provider, $http) = @_;

    return "
    rtauth_zone 1m;

    rtauth_provider corp {
        issuer https://login.example.com;
        audience tools;
        jwks_file \$TEST_NGINX_DATA/keys/jwks.json;
        " . ($provider || '') . '
    }
    ' . ($http || '');
}


sub partner {
    return '
    rtauth_provider partner {
        issuer https://id.partner.example;
        audience tools;
        jwks_file $TEST_NGINX_DATA/keys/partner.json;
    }';
}


sub openssl {
    my ($input, @args) = @_;

    my ($fh, $file) = tempfile(UNLINK => 1);
    binmode $fh;
    print $fh $input;
    close $fh;

    open my $pipe, '-|', 'openssl', map { $_ eq 'INPUT' ? $file : $_ } @args
        or die "openssl: $!";

    binmode $pipe;
    my $signature = do { local $/; <$pipe> };

    # now: a child that is killed never comes to its END
    unlink $file;

    close $pipe or die "openssl @args failed\n";

    return $signature;
}


sub rsa {
    my ($key, $input) = @_;
    return openssl($input, qw(dgst -sha256 -sign), "$Keys/$key.pem", 'INPUT');
}


sub pss {
    my ($key, $input) = @_;
    return openssl($input, qw(dgst -sha256 -sigopt rsa_padding_mode:pss
                              -sigopt rsa_pss_saltlen:32 -sign),
                   "$Keys/rsa.pem", 'INPUT');
}


sub ed {
    my ($key, $input) = @_;
    return openssl($input, qw(pkeyutl -sign -rawin -inkey), "$Keys/$key.pem",
                   '-in', 'INPUT');
}


# ECDSA of two DER integers into two of 32 bytes

sub ec {
    my ($key, $input) = @_;

    my $der = openssl($input, qw(dgst -sha256 -sign), "$Keys/$key.pem",
                      'INPUT');

    my ($r, $s) = unpack 'x2 x C/a x C/a', $der;

    return join '', map { s/^\0+//r =~ s/^/"\0" x (32 - length $')/er } $r, $s;
}


sub oct {
    my ($key, $input) = @_;

    open my $fh, '<', "$Keys/$key.txt" or die "$Keys/$key.txt: $!";
    chomp(my $secret = <$fh>);

    return hmac_sha256($input, $secret);
}


1;

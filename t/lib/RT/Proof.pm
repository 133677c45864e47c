package RT::Proof;

# DPoP proofs (RFC 9449), signed by node.
#
#   my $key = key('ec');                        # { alg, jwk, jkt, private }
#   my $token = RT::JWT::token(cnf => { jkt => key('ec')->{jkt} });
#   proof($token)                               # of GET http://localhost/page
#   proof($token, htm => 'POST', -key => 'ed', -header => { typ => 'JWT' })
#   shows($token, ...)                          # both header lines
#
# Keys are ec, other, p384, ed, rsa and pss.  A claim or a member of the header
# that is undef is left out.

use strict;
use warnings;

use Digest::SHA qw(sha256);
use Exporter qw(import);
use File::Basename qw(dirname);
use IPC::Open2 qw(open2);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);

our @EXPORT = qw(key proof shows);

my $JSON = JSON::PP->new->canonical->utf8;
my ($from, $to, $keys, $count);

my $owner = $$;
my $pid;


sub start {
    $pid = open2($from, $to, 'node', dirname(__FILE__) . '/dpop.mjs');
    $keys = $JSON->decode(scalar <$from> // die 'node has no keys');
}


sub key {
    my $name = shift;

    start() unless $keys;

    return $keys->{$name};
}


sub proof {
    my ($token, %claims) = @_;

    %claims = (jti => "proof-$$-" . ++$count, htm => 'GET', iat => time,
               htu => 'http://localhost/page',
               ath => encode_base64url(sha256($token)), %claims);

    my %option = map { $_ => delete $claims{$_} } grep { /^-/ } keys %claims;

    my $name = $option{-key} || 'ec';
    my $key = key($name);
    my %header = (typ => 'dpop+jwt', alg => $key->{alg}, jwk => $key->{jwk},
                  %{$option{-header} || {}});

    for my $members (\%header, \%claims) {
        delete $members->{$_} for grep { !defined $members->{$_} }
            keys %$members;
    }

    print $to $JSON->encode({ key => $name, header => \%header,
                              claims => \%claims }), "\n";
    $to->flush;

    chomp(my $proof = <$from> // die 'node has gone');

    return $proof;
}


sub shows {
    my ($token, @args) = @_;

    return ("Authorization: DPoP $token", 'DPoP: ' . proof($token, @args));
}


END {
    if ($pid && $$ == $owner) {
        my $rc = $?;
        close $to;
        waitpid $pid, 0;
        $? = $rc;
    }
}


1;

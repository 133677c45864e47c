package RT::SignIn;

# What the tests of signing in have in common: an application behind nginx
# that shows what it was sent, and lines of a configuration.
#
#   signs_in($provider, 'corp', 'more lines;')    a rtauth_provider block
#   $App                                          "127.0.0.1:PORT"
#   seen($answer)                   the request that the application got, or
#                                   undef when the answer is not its
#   signed_in($answer, 'ann')       it is the application's, for that user
#   escape($text)                   as it stands in a query
#   arguments($url)                 those of its query, decoded, as a hash
#   audited($nginx, 'LOGIN', $what) an event of that action comes to its audit
#                                   file
#   said($nginx)                    our lines of its error log, and its audit
#                                   file; nginx's own show request lines

use strict;
use warnings;

use Exporter qw(import);
use Test::More ();

use RT::Nginx;
use RT::Provider;
use RT::Raw;

our @EXPORT = qw(signs_in seen signed_in escape arguments said audited
                 $App);

our $App = '127.0.0.1:' . RT::Raw::start(sub {
    my $request = shift;
    my $body = "the application was sent\n$request";

    return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html"
           . "\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
});


sub signs_in {
    my ($provider, $name, $lines) = @_;

    return "rtauth_provider $name {
        issuer " . $provider->issuer . ";
        client_id $provider->{client_id};
        client_secret 'data:$provider->{client_secret}';
        " . ($lines // '') . "\n    }\n";
}


sub seen {
    my $answer = shift;
    return ($answer->{body} =~ /^the application was sent\n(.*)/s)[0];
}


sub signed_in {
    my ($answer, $who, $what) = @_;

    my $seen = seen($answer) // "not the application: $answer->{raw}";

    Test::More::like($seen, qr/^X-Email: \Q$who\E\r$/m, $what);
}


sub audited {
    my ($nginx, $action, $what) = @_;

    Test::More::ok($nginx->wait_for("an event $action", sub {
        RT::Nginx::slurp($nginx->dir . '/logs/audit.log')
            =~ /"actionType":"$action"/;
    }), $what);
}


sub said {
    my $nginx = shift;

    return join "\n", (grep { /\brt(?:auth|audit|csp)\b/ }
                       split /\n/, $nginx->log_text),
           RT::Nginx::slurp($nginx->dir . '/logs/audit.log');
}


sub escape { RT::Provider::escape(@_) }


sub arguments {
    my ($query) = $_[0] =~ /\?([^#]*)/;
    return RT::Provider::decode($query);
}


1;

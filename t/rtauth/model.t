#!/usr/bin/perl

# Who may do what, against a model of it: RT::Model decides as docs/rtauth.md
# says, nginx as the C code does, and they must agree on every request to every
# configuration that RT::Rules makes of RT_SEED.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use RT ();
use RT::Model;
use RT::Nginx;
use RT::Rules;

my ($Configurations, $Requests) = (24, 220);

RT::tell_seed();

my $nginx = RT::Nginx->new(modules => ['rtauth'], level => 'error');

chmod 0600, $nginx->file('oct.json',
                         RT::Nginx::slurp("$RT::Top/t/data/keys/oct.json"));


# the head of nginx's answer

sub exchange {
    my ($socket, $request) = @_;

    my $answer = '';

    $socket->syswrite(RT::Rules::bytes($request));

    while ($answer !~ /\r\n\r\n/) {
        $socket->sysread($answer, 65536, length $answer)
            or die "the connection ended after \"$answer\"";
    }

    my ($head, $body) = split /\r\n\r\n/, $answer, 2;
    my ($length) = $head =~ /^Content-Length: (\d+)/mi;

    while ($request->{method} ne 'HEAD' && length $body < ($length // 0)) {
        $socket->sysread($body, 65536, length $body) or die 'half a body';
    }

    return $head;
}


# undef, or how the two differ

sub differs {
    my ($socket, $conf, $request) = @_;

    my $head = exchange($socket, $request);
    my ($second) = $head =~ /^X-Second: (\d+)/m;
    my $verdict = RT::Model::verdict($conf, $request, $second);

    my ($status) = $head =~ m{^HTTP/1.1 (\d+)};
    my ($result) = $head =~ /^X-Result: <(.*)>/m;
    my ($told) = $head =~ /^X-Told: (.*)\r/m;

    return undef if $verdict->{status}{$status}
                    && $result eq ($verdict->{result} // '')
                    && ($status != 200 || $told eq $verdict->{told});

    return join "\n", RT::Rules::text($conf), RT::Rules::disabled($conf),
        RT::Rules::bytes($request) . ($request->{who}{payload} // ''),
        'model: ' . join(' or ', sort keys %{$verdict->{status}})
        . " <" . ($verdict->{result} // '') . "> told $verdict->{told}",
        "nginx: $head";
}


for my $n (1 .. $Configurations) {
    my $now = time;
    my $conf = RT::Rules::configuration($now);

    # in one step: a worker may be looking at it

    rename $nginx->file('disabled.new', RT::Rules::disabled($conf)),
           $nginx->dir . '/disabled' or die $!;

    $nginx->{http} = RT::Rules::text($conf);

    ($n == 1 ? $nginx->start : $nginx->reload)
        or die "$nginx->{http}\n" . $nginx->log_text;

    my $socket = $nginx->connect;
    my $difference;

    for (1 .. $Requests) {
        $difference = differs($socket, $conf, RT::Rules::request($conf, $now))
            and last;
    }

    is($difference, undef, "configuration $n: $Requests requests");
}

cmp_ok($Configurations * $Requests, '>=', 5000, 'all in all');

$nginx->end;
done_testing();

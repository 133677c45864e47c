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

my ($Configurations, $Requests, $Together) = (24, 220, 20);

RT::tell_seed();

my $nginx = RT::Nginx->new(modules => ['rtauth'], level => 'error');

chmod 0600, $nginx->file('oct.json',
                         RT::Nginx::slurp("$RT::Top/t/data/keys/oct.json"));


# the heads of nginx's answers to requests that are sent together

sub exchange {
    my ($socket, @requests) = @_;

    my $buffer = '';
    my $more = sub {
        $socket->sysread($buffer, 65536, length $buffer)
            or die "the connection ended after \"$buffer\"";
    };

    $socket->syswrite(join '', map { RT::Rules::bytes($_) } @requests);

    return map {
        $more->() while $buffer !~ /\r\n\r\n/;

        (my $head, $buffer) = split /\r\n\r\n/, $buffer, 2;
        my ($length) = $head =~ /^Content-Length: (\d+)/mi;

        $length = 0 if !$length || $_->{method} eq 'HEAD';
        $more->() while length $buffer < $length;
        substr $buffer, 0, $length, '';

        $head;
    } @requests;
}


# undef, or how the two differ; the second is nginx's own

sub differs {
    my ($conf, $request, $head) = @_;

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

    for (1 .. $Requests / $Together) {
        my @requests = map { RT::Rules::request($conf, $now) } 1 .. $Together;
        my @heads = exchange($socket, @requests);

        ($difference) = grep { defined } map {
            differs($conf, $requests[$_], $heads[$_]) } 0 .. $#requests;
        last if $difference;
    }

    is($difference, undef, "configuration $n: $Requests requests");
}

cmp_ok($Configurations * $Requests, '>=', 5000, 'all in all');

$nginx->end;
done_testing();

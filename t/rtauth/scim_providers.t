#!/usr/bin/perl

# What providers send, one request after the other: each file of t/data/scim is
# a provider, written from its own documentation.  Each step is answered as that
# says, and counts for who comes with a token from the next request on.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use RT ();
use RT::Nginx;
use RT::Scim;

my $JSON = JSON::PP->new->canonical->utf8;
my $Type = 'application/scim+json; charset=utf-8';

my %ids;


# {NAME} is the id that was kept under it

sub filled {
    my $text = shift;

    $text =~ s/\{(\w+)\}/$ids{$1} || "{$1}"/ge;
    return $text;
}


# a path is of names and numbers with dots between; a name may be a URN

sub at {
    my ($json, $path) = @_;

    while (length $path) {

        if (ref $json eq 'ARRAY') {
            $path =~ s/^(\d+)\.?// or return undef;
            $json = $json->[$1];
            next;
        }

        return undef if ref $json ne 'HASH';

        my ($name) = grep { index("$path.", "$_.") == 0 }
            sort { length $b <=> length $a } keys %$json;

        return undef if !defined $name;
        $path = substr "$path.", 1 + length $name;
        $path =~ s/\.$//;
        $json = $json->{$name};
    }

    return $json;
}


sub answered {
    my ($what, $step, $answer) = @_;

    is($answer->{status}, $step->{answer}, "$what: the answer")
        or diag($answer->{raw});

    if ($answer->{status} == 204) {
        is($answer->{body}, '', "$what: without a body");

    } else {
        like($answer->{head}, qr{^Content-Type: application/scim\+json}mi,
             "$what: is SCIM");
        isnt(scalar keys %{$answer->{json}}, 0, "$what: and JSON");
    }

    my $shows = $step->{shows} // {};

    is_deeply({ map { $_ => at($answer->{json}, $_) } keys %$shows },
              $JSON->decode(filled($JSON->encode($shows))),
              "$what: what it shows") or diag($answer->{body});
    is(join(' ', grep { exists $answer->{json}{$_} } @{$step->{lacks} // []}),
       '', "$what: and what it does not");
}


sub step {
    my ($nginx, $name, $step, $people, $tokens) = @_;

    my $what = "$name: $step->{says}";
    my ($method, $path) = split ' ', filled($step->{send});
    my $body = $step->{body} && filled($JSON->encode($step->{body}));

    my $answer = push_to($nginx, $method, $path, $body, type => $Type,
                         headers => ['Accept: application/scim+json']);

    answered($what, $step, $answer);
    $ids{$step->{keeps}} = $answer->{json}{id} if $step->{keeps};

    $tokens->{$_} = later_token($nginx, %{$people->{$_}})
        for @{$step->{signs_in} // []};

    for my $who (sort keys %{$step->{results} // {}}) {
        is(results($nginx, $tokens->{$who}),
           join(' ', ($step->{results}{$who}) x 4), "$what: $who");
    }

    for my $who (sort keys %{$step->{groups} // {}}) {
        is((said($nginx, $tokens->{$who}))[0], $step->{groups}{$who},
           "$what: the groups of $who");
    }
}


my @files = sort glob "$RT::Top/t/data/scim/*.json";

isnt(scalar @files, 0, 'there are some');

for my $file (@files) {
    my ($name) = $file =~ m{([^/]+)\.json$};
    my $given = $JSON->decode(RT::Nginx::slurp($file));
    my $nginx = RT::Scim::nginx(scim => "unknown=refuse link=$given->{link}",
                                provider => 'leeway 0s;',
                                modules => ['rtauth'], groups => <<'EOT');
    rtauth_group support  { scim_group "Help Desk"; permission use; }
    rtauth_group builders { scim_group Builders; permission edit; }
    rtauth_authorize off;
EOT

    my %tokens = map { $_ => user_token(%{$given->{people}{$_}}) }
        keys %{$given->{people}};

    $nginx->start;
    %ids = ();
    step($nginx, $name, $_, $given->{people}, \%tokens) for @{$given->{steps}};
    unlike(RT::Nginx::slurp($nginx->dir . '/state/users'), qr/never-kept/,
           "$name: no password is on disk");
    $nginx->end;
}

done_testing();

package RT::View;

# Files of events for rtaudit_view, and what it answers.
#
#   my $line = RT::View::event(7, status => 404, user => 'ann');
#   my $view = RT::View->new($nginx, '/audit/');
#   my $found = $view->ask('status=4xx');   # the answer's JSON, decoded, with
#                                           # its http status as {http}
#   my @seen = RT::View::numbers($found);   # of its events, as they came
#
# An event's number is in its id and in its time.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();
use Test::More ();

use RT::Audit;
use RT::Nginx;

our @EXPORT = qw(event numbers);

my $json = JSON::PP->new->utf8;


# a line that rtaudit could have written, with its LF; "more" is added to the
# address, to make it long

sub event {
    my ($n, %o) = @_;

    my $time = sprintf '2026-11-29T%02d:%02d:%02d.000Z', int($n / 3600) % 24,
        int($n / 60) % 60, $n % 60;
    my $user = $o{user} // 'ann';
    my $url = ($o{path} // '/p') . ($o{more} // '');

    return sprintf '{"id":"%s","userId":"%s","organizationId":null,'
        . '"ipAddress":"127.0.0.1","geoLocation":null,"responseTimeMs":1,'
        . '"actionType":"%s","pageName":null,"queryName":null,'
        . '"resourceName":null,"pageVersion":null,"error":null,"query":null,'
        . '"status":%d,"isError":false,"statusText":"OK","createdAt":"%s",'
        . '"updatedAt":"%s","user":{"id":"%s","email":"%s@example.com"},'
        . '"request":{"method":"GET","url":"%s"},"parameters":{},"metadata":{'
        . '"schema":"rtaudit/1.0","level":"request","stage":"complete",'
        . '"node":"n","stream":"n/0/x","seq":%d,"requestId":""}}' . "\n",
        sprintf('0188f843-7d8c-7000-8000-%012d', $n), $user,
        $o{action} // 'QUERY_RUN', $o{status} // 200, $time, $time, $user,
        $user, $url, $n;
}


sub new {
    my ($class, $nginx, $uri) = @_;
    return bless { nginx => $nginx, uri => $uri }, $class;
}


sub ask {
    my ($self, $query, %opt) = @_;

    my $answer = $self->{nginx}->get("$self->{uri}events?" . ($query // ''),
                                     %opt);
    my $found = eval { $json->decode($answer->{body}) } || {};

    $found->{http} = $answer->{status};
    $found->{answer} = $answer;

    return $found;
}


sub numbers {
    my $found = shift;
    return map { $_->{id} =~ /(\d+)\z/ ? $1 + 0 : '?' } @{$found->{events}};
}


# follows "next" to the end: all answers

sub all {
    my ($self, $query) = @_;

    my @answers = $self->ask($query);

    while (defined $answers[-1]{next} && @answers < 100) {
        push @answers, $self->ask("$query&cursor=$answers[-1]{next}");
    }

    return @answers;
}


1;

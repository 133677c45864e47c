package RT::Browser;

# A browser as far as signing in needs one: a jar of cookies, redirects.
#
#   my $browser = RT::Browser->new($nginx);  # port => 1, http2 => 1
#   my $answer = $browser->open('/path');    # a navigation, no redirect is
#                                            # followed: { status, head, body }
#   $answer = $browser->follow($answer);     # one redirect, wherever it leads
#   $answer = $browser->walk('/path');       # all of them
#   my $url = $browser->leaves('/path');     # as far as the provider: its URL
#   $answer = $browser->returns($url);       # on from there, to where it ends
#   $browser->path;                          # where it is, with the query
#   $browser->cookie('name'); $browser->{jar}{name} = ...;
#
#   location($answer); cookies($answer);     # of one answer: its Location; its
#                                            # Set-Cookie lines, by name
#
# Only nginx gets cookies.  What is Secure is kept over plain http as well.
# Each browser says in X-Real-IP that it is at an address of its own: sign-ins
# are counted by it where "set_real_ip_from 127.0.0.1" stands.

use strict;
use warnings;

use Exporter qw(import);
use HTTP::Tiny ();

our @EXPORT = qw(location cookies);

my $made = 0;


sub new {
    my ($class, $nginx, %args) = @_;

    $made++;

    return bless { nginx => $nginx, jar => {}, port => 0,
                   address => join('.', 10, unpack 'C3', pack 'xn', $made),
                   %args }, $class;
}


sub location { ($_[0]{head} =~ /^Location: *(.*?)\r?$/mi)[0] }


sub cookies {
    my $answer = shift;

    return map { /^([^=]*)=/ ? ($1 => $_) : () }
        $answer->{head} =~ /^Set-Cookie: *(.*?)\r?$/mgi;
}


sub cookie { $_[0]{jar}{$_[1]} }

sub path { $_[0]{path} }


sub ask {
    my ($self, $method, $path, %opt) = @_;

    my @headers = ("X-Real-IP: $self->{address}", @{$opt{headers} || []});
    my @jar = map { "$_=$self->{jar}{$_}" } sort keys %{$self->{jar}};

    # in HTTP/2 browsers write a line for each (RFC 9113, 8.2.3)

    @jar = join '; ', @jar if @jar && !$self->{http2};
    push @headers, map { "Cookie: $_" } @jar;

    my $way = $self->{http2} ? 'http2' : 'request';
    my $answer = $self->{nginx}->$way($method, $path, port => $self->{port},
                                      %opt, headers => \@headers);
    $self->{path} = $path;
    $self->keep($answer);

    return $answer;
}


sub keep {
    my ($self, $answer) = @_;

    my %set = cookies($answer);

    for my $name (keys %set) {
        my ($value) = $set{$name} =~ /=([^;]*)/;

        if ($set{$name} =~ /; *Max-Age=0\b/i) {
            delete $self->{jar}{$name};

        } else {
            $self->{jar}{$name} = $value;
        }
    }
}


sub open {
    my ($self, $path, %opt) = @_;

    my @headers = ('Accept: text/html,*/*;q=0.8', @{$opt{headers} || []});

    return $self->ask($opt{method} || 'GET', $path, %opt,
                      headers => \@headers);
}


# nginx is on whatever host its redirects name: the port tells

sub follow {
    my ($self, $answer) = @_;

    my $to = location($answer) // die "no Location in: $answer->{head}\n";
    my $port = $self->{nginx}->port($self->{port});

    $to =~ s{^http://[^/]*:$port(?=/)}{};

    return $self->open($to) if $to =~ m{^/};

    my $found = HTTP::Tiny->new(max_redirect => 0, timeout => 20)->get($to);

    die "$to: $found->{content}\n" if $found->{status} == 599;

    $self->{path} = $to;

    return { status => $found->{status}, body => $found->{content},
             head => 'Location: ' . ($found->{headers}{location} // '') };
}


sub walk {
    my ($self, $path, %opt) = @_;

    return $self->on($self->open($path, %opt));
}


sub on {
    my ($self, $answer) = @_;

    for (1 .. 10) {
        last if $answer->{status} !~ /^30[237]$/;
        $answer = $self->follow($answer);
    }

    return $answer;
}


sub returns {
    my ($self, $url) = @_;

    return $self->on({ status => 302, head => "Location: $url" });
}


# until a redirect leads away from nginx: where to

sub leaves {
    my ($self, $path, %opt) = @_;

    my $answer = $self->open($path, %opt);
    my $port = $self->{nginx}->port($self->{port});

    for (1 .. 3) {
        my $to = location($answer) // return undef;

        return $to if $to =~ m{^https?://} && $to !~ m{^http://[^/]*:$port/};

        $answer = $self->follow($answer);
    }

    return undef;
}


1;

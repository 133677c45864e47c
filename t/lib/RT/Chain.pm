package RT::Chain;

# Chains of audit lines, sealed as docs/rtaudit.md says, and not as our code
# does: what rt audit verify takes is what the page describes.
#
#   my $chain = RT::Chain->new(dir => $dir, sink => 'main');
#   my @lines = map { $chain->line } 1 .. 10;
#   my $stop = $chain->own('AUDIT_STOP');

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use MIME::Base64 qw(encode_base64url);
use POSIX qw(strftime);

our $Key = 'b7c8a1f0d2e34b5566778899aabbccdd';

my $made = 0;


sub new {
    my ($class, %self) = @_;

    my $self = bless {
        key => $Key, host => 'edge-1', sink => 'main', n => 0,
        prev => '0' x 64, clock => 1_780_000_000_000, uptime => 5_000_000,
        %self
    }, $class;

    $self->{id} = substr(hmac_sha256_hex('rtaudit key', $self->{key}), 0, 8)
        . substr(hmac_sha256_hex("rtaudit sink $self->{host}/$self->{sink}",
                                 $self->{key}), 0, 8)
        . sprintf('%016x', ++$made);

    if (my $after = $self->{after}) {
        $self->{prev} = $after->{prev};
        $self->{after} = "$after->{id}:$after->{n}";
    }

    return $self;
}


sub head { "$_[0]{id}:$_[0]{n}:$_[0]{prev}" }


# text without its last brace, sealed

sub seal {
    my ($self, $text, $sign) = @_;

    my $after = ++$self->{n} == 1 && $self->{after}
        ? qq(,"after":"$self->{after}") : '';

    my $line = qq($text,"integrity":{"chain":"$self->{id}","n":$self->{n})
        . qq($after,"prev":"$self->{prev}","mac":");
    my $mac = $self->{prev} = hmac_sha256_hex($line, $self->{key});
    my $sig = '';

    if ($self->{pem} && ($sign || $self->{n} == 1)) {
        $sig = qq(,"sig":") . $self->sign("rtaudit chain$mac") . '"';
    }

    return qq($line$mac"$sig}}\n);
}


sub sign {
    my ($self, $text) = @_;

    open my $fh, '>', "$self->{dir}/text" or die $!;
    print $fh $text;
    close $fh;

    system('openssl', 'pkeyutl', '-sign', '-rawin', '-inkey', $self->{pem},
           '-in', "$self->{dir}/text", '-out', "$self->{dir}/sig") == 0
        or die 'openssl pkeyutl failed';

    return encode_base64url(RT::Nginx::slurp("$self->{dir}/sig"));
}


sub text {
    my ($self, $action, $stage, $more) = @_;

    my $time = strftime('%Y-%m-%dT%H:%M:%S', gmtime($self->{clock} / 1000))
        . sprintf('.%03dZ', $self->{clock} % 1000);

    return qq({"id":"$made","actionType":"$action","createdAt":"$time",)
        . qq("parameters":{},)
        . qq("metadata":{"schema":"rtaudit/1.0","level":"metadata",)
        . qq("stage":"$stage"$more});
}


sub line { $_[0]->seal($_[0]->text('QUERY_RUN', 'complete', $_[1] || '')) }


# an event of rtaudit itself

sub own { $_[0]->seal($_[0]->text($_[1], 'module', $_[2] || ''), 1) }


# with heads, a list of [SINK, CHAIN]; 10 seconds after the one before

sub checkpoint {
    my ($self, @heads) = @_;

    $self->{clock} += 10_000;
    $self->{uptime} += 10_000;

    my $heads = join ',', map {
        qq({"sink":"$_->[0]","chain":"$_->[1]{id}","n":$_->[1]{n},)
        . qq("mac":"$_->[1]{prev}"})
    } grep { $_->[1]{n} } @heads;

    return $self->own('AUDIT_CHECKPOINT',
        qq(,"checkpoint":{"clock":$self->{clock},"uptime":$self->{uptime},)
        . qq("heads":[$heads]}));
}


1;

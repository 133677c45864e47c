package RT::Audit;

# Reads an audit file in tests.
#
#   my $audit = RT::Audit->new($file);
#   my @new = $audit->events(3);        # waits until there are 3 new lines
#   my $event = $audit->event;          # waits for one, the next
#   $audit->none_more;                  # there is nothing else
#   my @own = $audit->own;              # all of rtaudit's own events
#   my $start = $audit->told('AUDIT_START');    # waits for one of these
#
# All but own(), told() and raw(), the whole text, are about requests: what rtaudit
# says of itself is not among their events.
#
# Every line that is read is asserted to be strict UTF-8, strict JSON without
# raw control characters, and valid against docs/event.schema.json; one of a
# sink with classes has members of these only.

use strict;
use warnings;

use B ();
use Encode ();
use JSON::PP ();
use Test::More ();
use Time::HiRes qw(sleep time);

use RT::Nginx;

my $schema;


# the keywords this checker knows; others are an error, not ignored

my %known = map { $_ => 1 } qw(
    $schema $id $defs $ref $comment title description examples
    type enum const properties required additionalProperties patternProperties
    items minItems maxItems minLength maxLength pattern
    minimum maximum exclusiveMinimum exclusiveMaximum
    anyOf oneOf allOf if then else not
);


sub new {
    my ($class, $file) = @_;

    return bless { file => $file, seen => 0 }, $class;
}


sub schema {
    return $schema if $schema;

    my $file = "$RT::Top/docs/event.schema.json";
    my $text = RT::Nginx::slurp($file);

    die "$file is not there" unless length $text;

    return $schema = JSON::PP->new->utf8->decode($text);
}


sub raw { RT::Nginx::slurp($_[0]{file}) }


# of requests

sub text { join '', grep { !is_own($_) } split /(?<=\n)/, $_[0]->raw }


# the file was rotated

sub rewind { $_[0]{seen} = 0 }


# is a line an event of rtaudit itself?  Loki has the event in a string.

sub is_own { $_[0] =~ /\\?"metadata\\?":\{[^{}]*\\?"stage\\?":\\?"module\\?"/ }


# whole lines that were not read yet; those of requests, and their length

sub fresh {
    my $self = shift;

    my $text = substr $self->raw, $self->{seen};
    my @lines = $text =~ /\A(.*\n)/s ? split(/(?<=\n)/, $1) : ();

    $self->{fresh} = 0;
    $self->{fresh} += length for @lines;

    return grep { !is_own($_) } @lines;
}


# $n new events, in order; more or fewer fail

sub events {
    my ($self, $n, $seconds) = @_;

    my @lines;
    my $end = time + ($seconds || $RT::Nginx::Deadline);

    while (1) {
        @lines = $self->fresh;
        last if @lines >= $n || time > $end;
        sleep 0.01;
    }

    $self->{seen} += $self->{fresh};

    Test::More::cmp_ok(scalar @lines, '==', $n, "$n new events");

    return check(@lines);
}


sub event {
    my ($self, $seconds) = @_;
    return ($self->events(1, $seconds))[0];
}


# all of the file; the caller has made sure that it is complete

sub all { check(split /(?<=\n)/, $_[0]->text) }


# rtaudit's own events of the file, each valid

sub own {
    my ($events) = validated(grep { is_own($_) } split /(?<=\n)/,
                             $_[0]->raw);
    return @$events;
}


# waits until there are $n own events of this action: the last of them

sub told {
    my ($self, $action, $n) = @_;

    my @told;
    my $end = time + $RT::Nginx::Deadline;

    while (1) {
        @told = grep { /"actionType":"$action"/ && is_own($_) && /\n\z/ }
                split /(?<=\n)/, $self->raw;
        last if @told >= ($n || 1) || time > $end;
        sleep 0.01;
    }

    Test::More::cmp_ok(scalar @told, '>=', $n || 1, "$action was told");

    my ($events) = validated(@told);

    return $events->[-1];
}


sub none_more {
    my ($self, $name) = @_;

    Test::More::is(join('', $self->fresh), '', $name || 'no other event');
}


sub check {
    my ($events) = validated(@_);
    return grep { $_->{metadata}{stage} ne 'module' } @$events;
}


sub validated {
    my @lines = @_;

    my (@events, @bad);

    for my $line (@lines) {
        my $event = eval { parse($line) };

        if (!$event) {
            push @bad, "$@ in $line";
            next;
        }

        push @bad, map { "$_ in $line" } validate($event);
        push @events, $event;
    }

    Test::More::is(join("\n", @bad), '', @lines . ' lines are valid');

    return \@events;
}


sub parse {
    my $line = shift;

    die "no LF at the end\n" unless $line =~ s/\n\z//;
    die "a control character\n" if $line =~ /[\x00-\x1f\x7f]/;

    my $text = Encode::decode('UTF-8', $line, Encode::FB_CROAK);
    my $event = JSON::PP->new->decode($text);

    die "no object\n" unless ref $event eq 'HASH';

    return $event;
}


# -- the part of JSON Schema 2020-12 that our schema uses

sub validate {
    my $event = shift;

    my @why;
    against(schema(), $event, '', \@why);

    my $class = $event->{metadata}{class};
    my @own = $event->{metadata}{stage} eq 'module' ? 'own' : ();
    beyond(schema(), $event, '', join('|', 'every', @own, @$class), \@why)
        if $class;

    return @why;
}


# what stands in a line and has none of its classes

sub beyond {
    my ($s, $v, $at, $class, $why) = @_;

    if (my $own = $s->{'x-class'}) {
        push @$why, "$at is $own" unless $own =~ /\b(?:$class)\b/;

    } elsif (ref $v eq 'HASH') {
        beyond($s->{properties}{$_} || $s->{additionalProperties}, $v->{$_},
               "$at/$_", $class, $why) for sort keys %$v;

    } elsif (ref $v eq 'ARRAY') {
        beyond($s->{items}, $v->[$_], "$at/$_", $class, $why) for 0 .. $#$v;

    } else {
        push @$why, "$at is null"
            if defined $v || !grep { /\b(?:$class)\b/ } classes($s);
    }
}


# all that stand in a schema

sub classes {
    my $s = shift;

    return map { classes($_) } @$s if ref $s eq 'ARRAY';
    return () unless ref $s eq 'HASH';
    return ($s->{'x-class'} // (), map { classes($_) } values %$s);
}


sub type_of {
    my $v = shift;

    return 'null' unless defined $v;
    return 'object' if ref $v eq 'HASH';
    return 'array' if ref $v eq 'ARRAY';
    return 'boolean' if JSON::PP::is_bool($v);
    return 'string' if B::svref_2object(\$v)->FLAGS & B::SVf_POK;
    return $v == int $v ? 'integer' : 'number';
}


sub fits {
    my ($want, $type) = @_;

    return grep { $_ eq $type || ($_ eq 'number' && $type eq 'integer') }
        ref $want ? @$want : $want;
}


sub same {
    my $json = JSON::PP->new->canonical->allow_nonref;
    return $json->encode($_[0]) eq $json->encode($_[1]);
}


sub passes {
    my ($s, $v, $at) = @_;

    my @why;
    against($s, $v, $at, \@why);
    return !@why;
}


sub against {
    my ($s, $v, $at, $why) = @_;

    if (ref $s ne 'HASH') {
        push @$why, "$at may not be there" unless $s;
        return;
    }

    for my $key (keys %$s) {
        die "the checker does not know \"$key\"\n"
            unless $known{$key} || $key =~ /^x-/;
    }

    if (my $ref = $s->{'$ref'}) {
        my $to = schema();
        $to = $to->{$_} for grep { length && $_ ne '#' } split m{/}, $ref;
        die "no $ref in the schema\n" unless ref $to eq 'HASH';
        against($to, $v, $at, $why);
    }

    my $type = type_of($v);

    push @$why, "$at is $type"
        if exists $s->{type} && !fits($s->{type}, $type);
    push @$why, "$at is not one of the values"
        if $s->{enum} && !grep { same($_, $v) } @{$s->{enum}};
    push @$why, "$at is not the value"
        if exists $s->{const} && !same($s->{const}, $v);

    against_others($s, $v, $at, $why);
    against_object($s, $v, $at, $why) if $type eq 'object';
    against_array($s, $v, $at, $why) if $type eq 'array';
    against_string($s, $v, $at, $why) if $type eq 'string';
    against_number($s, $v, $at, $why) if $type =~ /^(?:integer|number)$/;
}


sub against_others {
    my ($s, $v, $at, $why) = @_;

    push @$why, "$at fits none"
        if $s->{anyOf} && !grep { passes($_, $v, $at) } @{$s->{anyOf}};
    push @$why, "$at does not fit one"
        if $s->{oneOf} && 1 != grep { passes($_, $v, $at) } @{$s->{oneOf}};
    push @$why, "$at fits what it must not"
        if $s->{not} && passes($s->{not}, $v, $at);

    against($_, $v, $at, $why) for @{$s->{allOf} || []};

    if ($s->{if}) {
        my $then = passes($s->{if}, $v, $at) ? 'then' : 'else';
        against($s->{$then}, $v, $at, $why) if $s->{$then};
    }
}


sub against_object {
    my ($s, $v, $at, $why) = @_;

    for my $name (@{$s->{required} || []}) {
        push @$why, "$at/$name is missing" unless exists $v->{$name};
    }

    for my $name (keys %$v) {
        my $known = 0;

        if ($s->{properties} && exists $s->{properties}{$name}) {
            against($s->{properties}{$name}, $v->{$name}, "$at/$name", $why);
            $known = 1;
        }

        for my $pattern (keys %{$s->{patternProperties} || {}}) {
            next unless $name =~ /$pattern/;
            against($s->{patternProperties}{$pattern}, $v->{$name},
                    "$at/$name", $why);
            $known = 1;
        }

        against($s->{additionalProperties}, $v->{$name}, "$at/$name", $why)
            if !$known && exists $s->{additionalProperties};
    }
}


sub against_array {
    my ($s, $v, $at, $why) = @_;

    push @$why, "$at is too long"
        if defined $s->{maxItems} && @$v > $s->{maxItems};
    push @$why, "$at is too short"
        if defined $s->{minItems} && @$v < $s->{minItems};

    return unless exists $s->{items};
    against($s->{items}, $v->[$_], "$at/$_", $why) for 0 .. $#$v;
}


sub against_string {
    my ($s, $v, $at, $why) = @_;

    push @$why, "$at is too long"
        if defined $s->{maxLength} && length $v > $s->{maxLength};
    push @$why, "$at is too short"
        if defined $s->{minLength} && length $v < $s->{minLength};
    push @$why, "$at does not match"
        if defined $s->{pattern} && $v !~ /$s->{pattern}/;
}


sub against_number {
    my ($s, $v, $at, $why) = @_;

    push @$why, "$at is too small"
        if (defined $s->{minimum} && $v < $s->{minimum})
           || (defined $s->{exclusiveMinimum}
               && $v <= $s->{exclusiveMinimum});
    push @$why, "$at is too large"
        if (defined $s->{maximum} && $v > $s->{maximum})
           || (defined $s->{exclusiveMaximum}
               && $v >= $s->{exclusiveMaximum});
}


1;

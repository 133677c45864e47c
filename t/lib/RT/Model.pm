package RT::Model;

# A small model of what rtauth decides, made from docs/rtauth.md alone: it knows
# nothing of the C code, which t/rtauth/model.t holds against it.
#
#   my $verdict = RT::Model::verdict($conf, $request, $now);
#
#   { status => { 403 => 1 },      what the client may get; 200: let in
#     result => 'no_permission',   $rtauth_result; undef: nobody was asked
#     told   => '["a"]|use|x@y' }  what the application is told of the user
#
# A claim is typed, for JSON's kinds decide: [s => 'text'], [n => '1.0'],
# [b => 'true'], ['z'], [a => [...]], [o => {...}].
#
# A configuration has groups, disabled users, and levels that nest: http, the
# servers, their locations, locations in these, limit_except.  RT::Rules makes
# and prints them.

use strict;
use warnings;

use List::Util qw(any all first none max);

my @Level = qw(none use edit own);
my %Level = map { $Level[$_] => $_ } 0 .. $#Level;

my @Replaced = qw(rtauth authorize public dry satisfy access raw);


# -- claims and conditions

sub claim {
    my ($claims, $path) = @_;

    my @steps = $path =~ m{^/} ? map { s/~1/\//gr =~ s/~0/~/gr }
                                     split m{/}, substr $path, 1
                               : $path =~ /([^.\[\]]+)/g;
    my $at = [o => $claims];

    for my $step (@steps) {
        $at = $at->[0] eq 'o' ? $at->[1]{$step}
            : $at->[0] eq 'a' && $step =~ /^\d+$/ ? $at->[1][$step] : undef;
        return undef if !$at;
    }

    return $at->[0] eq 'z' ? undef : $at;
}


sub scalar_text { return $_[0][0] =~ /^[snb]$/ ? $_[0][1] : undef }


# is this claim the value?  A number is what it says; for "ne" and its like one
# of another spelling is the same number

sub is_value {
    my ($claim, $value, $negated) = @_;

    return 1 if $claim->[1] eq $value;
    return $negated && $claim->[0] eq 'n' && $value =~ /^-?\d+(?:\.\d+)?$/
           && $claim->[1] == $value;
}


sub holds {
    my ($claims, $path, $op, $split, @values) = @_;

    my $claim = claim($claims, $path) or return 0;
    my ($kind, $content) = @$claim;
    my $text = scalar_text($claim);
    my $negated = $op =~ s/^!// || $op eq 'ne';

    if ($op eq 'present') {
        return !($kind eq 's' && $content eq '' || $kind eq 'a' && !@$content
                 || $kind eq 'o' && !%$content);
    }

    return 0 if any { $_ eq '' } @values;

    if ($op =~ /^(?:has|any)$/) {
        my @list = $kind eq 'a' ? @$content
                 : $kind eq 's' && defined $split
                   ? map { [s => $_] } split /\Q$split\E/, $content, -1
                 : defined $text ? $claim : return 0;

        return 0 if $negated && any { !defined scalar_text($_) } @list;

        my $found = any { my $value = $_;
                          any { defined scalar_text($_)
                                && is_value($_, $value, $negated) } @list
                        } @values;

        return $negated ? !$found : $found;
    }

    if ($op =~ /^(?:gt|ge|lt|le)$/) {
        return 0 if $kind ne 'n' || $values[0] !~ /^-?\d+(?:\.\d+)?$/;
        return $op eq 'gt' ? $content > $values[0]
             : $op eq 'ge' ? $content >= $values[0]
             : $op eq 'lt' ? $content < $values[0] : $content <= $values[0];
    }

    return 0 if !defined $text;

    if ($op =~ /^~/) {
        return 0 if $text =~ /[\x00-\x1f\x7f]/;
        my $found = $op eq '~*' ? $text =~ /$values[0]/i
                                : $text =~ /$values[0]/;
        return $negated ? !$found : $found;
    }

    my $found = any { is_value($claim, $_, $negated) } @values;

    return $negated ? !$found : $found;
}


# -- groups

sub runs {
    my ($group, $now) = @_;

    return $now >= ($group->{from} // 0)
           && $now < ($group->{until} // $now + 1);
}


# is he in it, by its own lines or by a group that includes it?

sub is_member {
    my ($conf, $group, $who, $now) = @_;

    return 0 if !runs($group, $now);
    return 0 if ($group->{provider} // $who->{provider}) ne $who->{provider};

    return 1 if any { holds($who->{claims}, @$_) } @{$group->{match}};
    return is_included($conf, $group,
                       sub { is_member($conf, $_[0], $who, $now) });
}


sub is_included {
    my ($conf, $group, $in) = @_;

    return any { my $other = $_;
                 (any { $_ eq $group->{name} } @{$other->{include}})
                 && $in->($other) } @{$conf->{groups}};
}


# nobody is in the public group, and in those that it includes

sub is_public {
    my ($conf, $group, $name, $now) = @_;

    return 0 if !runs($group, $now);
    return $group->{name} eq $name
           || is_included($conf, $group,
                          sub { is_public($conf, $_[0], $name, $now) });
}


# does "[METHOD,...:]PATH" mean that request?

sub means {
    my ($item, $method, $path) = @_;

    my ($methods, $what) = $item =~ /^(?:([A-Z,]+):)?(.*)$/;

    return 0 if $methods && none { $_ eq $method
                                   || $_ eq 'GET' && $method eq 'HEAD' }
                                 split /,/, $methods;

    return $path eq $what if $what =~ s/^=//;
    return 1 if $path eq $what;
    return index($path, $what =~ m{/$} ? $what : "$what/") == 0;
}


sub level {
    my ($groups, $method, $path) = @_;

    return max 0, map {
        my $group = $_;
        (any { means($_, $method, $path) } @{$group->{except}}) ? 0
        : map { my ($level, @items) = @$_;
                !@items || (any { means($_, $method, $path) } @items)
                ? $Level{$level} : 0 } @{$group->{permission}}
    } @$groups;
}


sub denied {
    my ($groups, $method, @paths) = @_;

    return any { my $path = $_;
                 any { any { means($_, $method, $path) } @{$_->{deny}} }
                     @$groups } @paths;
}


# -- one pass: a request in a location

# an argument has a value when all who read it read the same

sub argument {
    my ($query, $name) = @_;

    my @named = grep { my $key = (split /=/, $_, 2)[0];
                       (lc $key) =~ s/\[.*//r =~ s/[^a-z0-9]//gr eq $name }
                split /&/, $query;

    return '' if @named != 1 || $named[0] !~ /^\Q$name\E=(.*)$/;
    return $1 =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger;
}


sub value {
    my ($value, $request) = @_;

    return argument($request->{query}, $1) if $value =~ /^arg:(.*)/;
    return $request->{want} // '' if $value eq '$http_x_want';
    return $value;
}


# 1, 0, or -1: another sign-in may help

sub meets {
    my ($need, $who, $groups, $level, $request, $now) = @_;

    my ($kind, @args) = @{$need->{args}};
    my $claims = $who->{claims} // {};

    return !grep { ($request->{flag} // '') =~ /^0?$/ } @args
        if $kind eq 'variable';
    return any { my $name = $_; any { $_->{name} eq $name } @$groups } @args
        if $kind eq 'group';
    return $level >= $Level{$args[0]} if $kind eq 'permission';
    return 0 if !$who->{claims};

    if ($kind =~ /^(?:claim|jose)$/) {
        my ($path, $op, $split, @values) = @args;
        return holds($kind eq 'jose' ? $who->{jose} : $claims, $path, $op,
                     $split, map { value($_, $request) } @values);
    }

    if ($kind eq 'scope') {
        my $scope = $claims->{scope} // $claims->{scp} // return 0;
        my @words = $scope->[0] eq 'a' ? map { $_->[1] } @{$scope->[1]}
                                       : split / /, $scope->[1];
        return any { my $word = $_; any { $_ eq $word } @args } @words;
    }

    if ($kind eq 'auth_age') {
        my $time = claim($claims, 'auth_time');
        return $time && $now - $time->[1] <= $args[0] * 60 ? 1 : -1;
    }

    return holds($claims, $kind, $kind eq 'acr' ? 'in' : 'any', undef, @args)
           ? 1 : -1;
}


# ok, or why not: (reason, status), and what is told

sub decide {
    my ($conf, $level, $request, $uri, $now) = @_;

    my $who = $request->{who};
    my $public = $level->{public} // 'off';
    my @public = grep { is_public($conf, $_, $public, $now) }
                 @{$conf->{groups}};
    my @seen = ($request->{method}, $request->{path});

    my $trusted = any { $_ eq ($who->{provider} // '') } @{$level->{rtauth}};
    my $nobody = !$who->{shown};

    return ('wrong_issuer', 401)
        if !$nobody && $who->{provider} && !$trusted;
    return ($who->{bad}, 401) if $who->{bad};

    my @groups = $nobody ? @public
               : grep { is_member($conf, $_, $who, $now) } @{$conf->{groups}};

    my $denied = denied(\@groups, @seen)
                 || denied(\@groups, $request->{method}, $uri);

    my $public_level = denied(\@public, @seen)
                       || denied(\@public, $request->{method}, $uri)
                       ? 0 : level(\@public, @seen);

    my $allowed = $denied ? 0 : max level(\@groups, @seen), $public_level;

    return ('disabled', 403) if !$nobody && is_disabled($conf, $who);

    my $person = $nobody ? {} : $who;
    my @met = map { meets($_, $person, \@groups, $allowed, $request, $now) }
              @{$level->{require}};
    my $unmet = first { $met[$_] == 0 } 0 .. $#met;

    my ($reason, $status) =
        defined $unmet ? ('requirement',
                          $level->{require}[$unmet]{error} || 403)
      : (any { $_ < 0 } @met) ? ('stepup', 401)
      : $denied || !$allowed && ($nobody || $level->{authorize} eq 'on')
                       ? ('no_permission', 403) : ();

    if ($nobody) {
        return ('anonymous', 401) if $reason || $public eq 'off';
        return ('', 0, told(\@groups, $allowed, ''), 'anonymous');
    }

    return ($reason, $status) if $reason;
    return ('', 0, told(\@groups, $allowed, name($conf, $who->{claims})), 'ok');
}


# an email is a name when it is verified; one provider need not say so

sub name {
    my ($conf, $claims) = @_;

    my $verified = scalar_text($claims->{email_verified} // ['z'])
                   // ($conf->{providers} > 1 ? 'false' : 'true');

    return $verified eq 'true' ? $claims->{email}[1] : '';
}


sub told {
    my ($groups, $level, $user) = @_;

    return '[' . join(',', map { qq("$_->{name}") } @$groups)
           . "]|$Level[$level]|$user";
}


sub is_disabled {
    my ($conf, $who) = @_;

    return any { my ($kind, $value, $issuer) = @$_;
                 my $claim = $who->{claims}{$kind};
                 $claim && ($issuer // $who->{issuer}) eq $who->{issuer}
                 && ($kind eq 'email' ? lc $claim->[1] eq lc $value
                                      : $claim->[1] eq $value)
               } @{$conf->{disabled}};
}


# -- a whole request: which location, what stands there, where it goes on

sub inherit {
    my ($outer, $inner) = @_;

    my %level = (%$outer, map { defined $inner->{$_} ? ($_ => $inner->{$_}) : ()
                              } @Replaced);

    $level{require} = [$inner->{require_off} ? () : @{$outer->{require} || []},
                       @{$inner->{require} || []}];
    $level{$_} = $inner->{$_} for qw(route except path);

    return \%level;
}


# the exact location, or else the longest prefix; then those within it

sub find {
    my ($level, $locations, $uri) = @_;

    my ($exact) = grep { $_->{exact} && $_->{path} eq $uri } @$locations;
    my ($longest) = sort { length $b->{path} <=> length $a->{path} }
                    grep { !$_->{exact} && index($uri, $_->{path}) == 0 }
                    @$locations;

    my $found = $exact || $longest or return $level;

    return find(inherit($level, $found), $found->{locations} || [], $uri);
}


sub place {
    my ($conf, $request, $uri) = @_;

    my $server = $conf->{servers}[$request->{server}];
    my $level = find(inherit(inherit({ authorize => default($conf) }, $conf),
                             $server), $server->{locations}, $uri);

    return $level if !$level->{except}
                     || $request->{method} =~ /^(?:GET|HEAD)$/;
    return inherit($level, $level->{except});
}


sub default {
    my $conf = shift;
    return (any { @{$_->{permission}} } @{$conf->{groups}}) ? 'on' : 'off';
}


sub verdict {
    my ($conf, $request, $now) = @_;

    my $uri = $request->{path} =~ s{^/r(?=/)}{}r;
    my $level = place($conf, $request, $uri);
    my $dotted = $request->{raw} =~ m{/\.\.?(?:/|$)};

    return { status => { 403 => 1 }, result => 'bad_path' }
        if $dotted && ($level->{raw} // 'refuse') eq 'refuse'
           && ($level->{dry} // 'off') eq 'off';

    my $before = { told => '||' };

    while (1) {
        my ($how, $to) = @{$level->{route} || ['stay']};

        $uri = $to if $how =~ /^(?:break|last)$/;
        $level = place($conf, $request, $uri) if $how eq 'last';

        my $verdict = pass($conf, $level, $request, $uri, $now, $before);
        return $verdict if $how ne 'try' || !$verdict->{status}{200};

        $before = $verdict;

        # try_files names another URI, which has no arguments

        $uri = $to;
        $request = { %$request, query => '' };
        $level = place($conf, $request, $uri);
    }
}


# with nginx's own "allow all" and "deny all" beside it; where rtauth is off, he
# still is who he was before an internal redirect

sub pass {
    my ($conf, $level, $request, $uri, $now, $before) = @_;

    my ($reason, $status) = ('', 0);
    my ($told, $result) = @$before{qw(told result)};
    my $asked = "@{$level->{rtauth}}" ne 'off';

    if ($asked) {
        ($reason, $status, $told, $result)
            = decide($conf, $level, $request, $uri, $now);
        ($told, $result) = ('||', $reason) if $reason;
    }

    my $access = $level->{access} // '';
    my $any = ($level->{satisfy} // 'all') eq 'any';
    my $dry = ($level->{dry} // 'off') eq 'on';

    my $mine = $asked && !$reason && !$dry;    # a dry run lets nobody in
    my $let = $any && ($mine || $access eq 'allow');

    my %refused = map { $_ => 1 } $reason && !$dry ? $status : (),
                                  $access eq 'deny' ? 403 : ();

    return { status => $let || !%refused ? { 200 => 1 } : \%refused,
             result => $result, told => $told };
}


1;

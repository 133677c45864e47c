package RT::Rules;

# Configurations and requests at random, for RT::Model and for nginx.  Few
# names, so that much meets: a case in which nothing speaks of the request
# would show nothing.
#
#   my $conf = RT::Rules::configuration($now);
#   RT::Rules::text($conf)              what stands in http {}
#   RT::Rules::disabled($conf)          the file of rtauth_disabled
#   my $request = RT::Rules::request($conf);
#   RT::Rules::bytes($request)

use strict;
use warnings;

use POSIX qw(strftime);

use RT ();
use RT::JWT ();
use RT::Model;

my %Issuer = (corp    => 'https://login.example.com',
              partner => 'https://id.partner.example');

my @Path = ('/a', '/a/b', '/a/b/c', '/ab', '/b', '/b/a', '/b/c', '/c', '/');
my @Via = ('/x/1', '/x/2');
my @Method = qw(GET GET GET HEAD POST POST PUT DELETE);
my @Word = qw(it hr ops 5 1.0 true);
my @Scope = qw(read write);

sub below { return int RT::chance() * $_[0] }
sub one { return $_[below(scalar @_)] }
sub maybe { return RT::chance() < $_[0] }
sub some { my ($n, $make) = @_; return map { $make->() } 1 .. below($n + 1) }


# -- configurations

my %Takes = map { $_ => 1 } qw(in any !in !any);

sub condition {
    my @more = @_;

    my $path = one(qw(dept level tags tags list org.unit /org/codes flag
                      org.codes[0] none dept));
    my $op = one(qw(eq ne in !in has !has any !any ~ !~ ~* !~* gt ge lt le
                    present));

    return [$path, $op, undef] if $op eq 'present';
    return [$path, $op, undef, one(qw(1 2 5 1.0 -1))] if $op =~ /^[gl]/;
    return [$path, $op, undef, one('^it$', '[HO]', '^(hr|5)', 's$')]
        if $op =~ /~/;

    my $split = $op =~ /has|any/ && maybe(0.3) ? ',' : undef;
    my $count = $Takes{$op} ? 1 + below(3) : 1;
    my @values = map { one(@Word, @more) } 1 .. $count;

    return [$path, $op, $split, @values];
}


sub item {
    my $methods = maybe(0.3) ? one('GET', 'POST', 'HEAD', 'GET,PUT', 'DELETE')
                               . ':' : '';
    return $methods . path();
}

sub path { return (maybe(0.3) ? '=' : '') . one(@Path, '/r/a', @Via, '/a/') }


sub group {
    my ($name, $now, $providers, $rights) = @_;

    my %group = (
        name => $name,
        provider => @$providers > 1 || maybe(0.3) ? one(@$providers) : undef,
        match => [maybe(0.4) ? ['sub', 'eq', undef, one(qw(u-1 u-2))] : (),
                  map { condition() } 1 .. 1 + below(2)],
        include => [],
        deny => [maybe(0.25) ? (map { item() } 1 .. 2) : ()],
        except => [maybe(0.3) ? path() : ()],
        permission => [],
    );

    $group{permission} = [map { [one(qw(use use edit own)),
                                 maybe(0.2) ? () : map { item() } 1 .. 2] }
                              1 .. 1 + below(2)] if $rights;

    # in the seconds in which the requests come, or far from them

    $group{until} = $now + one(-1000, 0 .. 3, 1e6) if maybe(0.4);
    $group{from} = $now + one(-2000, 0 .. 2, 1e6) if maybe(0.25);
    delete $group{from}
        if ($group{from} // 0) >= ($group{until} // 4e9);

    return \%group;
}


# a role has no members but those of groups that include it

sub include {
    my @groups = @_;

    for my $n (1 .. $#groups) {
        my ($outer, $group) = ($groups[below($n)], $groups[$n]);

        @$group{qw(provider match)} = (undef, []) if maybe(0.3);

        push @{$outer->{include}}, $group->{name}
            if !@{$group->{match}} || !$group->{provider} && maybe(0.2)
               || maybe(0.3) && ($outer->{provider} // '')
                                eq ($group->{provider} // '');
    }
}


sub need {
    my $groups = shift;

    my $kind = one(qw(claim claim claim claim jose scope group acr amr auth_age
                      variable), @{$groups->[0]{permission}} ? 'permission'
                                                             : 'claim');
    my @args = $kind eq 'claim' ? @{condition('arg:t', '$http_x_want')}
             : $kind eq 'jose' ? ('typ', one(qw(eq ne !has)), undef, 'JWT')
             : $kind eq 'scope' ? @Scope[0 .. below(2)]
             : $kind eq 'group' ? map { one(@$groups)->{name} } 1 .. 2
             : $kind eq 'permission' ? one(qw(use edit own))
             : $kind eq 'auth_age' ? one(5, 60)
             : $kind eq 'variable' ? '$http_x_flag' : one(qw(strong weak));

    return { args => [$kind, @args], error => maybe(0.3) ? one(401, 403) : 0 };
}


sub level {
    my ($groups, $outer, $p, @rtauth) = @_;

    my %level;

    $level{rtauth} = one(@rtauth) if @rtauth;
    $level{rtauth} = ['off'] if @rtauth && maybe(0.2);

    my $off = "@{$level{rtauth} // $outer}" eq 'off';

    $level{require} = [some(2, sub { need($groups) })] if maybe($p) && !$off;
    $level{require_off} = 1 if maybe($p / 4) && !$off;
    $level{public} = maybe(0.3) ? 'off' : one(@$groups)->{name}
        if maybe($p) && @{$groups->[0]{permission}};
    $level{authorize} = one(qw(on off)) if maybe($p / 2);
    $level{dry} = one(qw(on off off)) if maybe($p / 2);
    $level{satisfy} = one(qw(any all)) if maybe($p / 2);
    $level{access} = one(qw(allow deny)) if maybe($p / 2);
    $level{raw} = one(qw(refuse allow)) if maybe($p / 4);

    return \%level;
}


sub location {
    my ($groups, $rtauth, $path, $depth) = @_;

    my $p = 0.35;
    my $level = level($groups, $rtauth, $p,
                      maybe(0.25) ? (['corp'], ['corp', 'partner']) : ());

    $level->{path} = $path;
    $level->{exact} = 1 if maybe(0.15) && $path ne '/';

    my $mine = $level->{rtauth} // $rtauth;

    if (maybe(0.2)) {
        $level->{except} = { require => [need($groups)] } if "@$mine" ne 'off';
        $level->{except}{access} = 'deny' if maybe(0.3);
    }

    $level->{locations} = [map { location($groups, $mine, $_, $depth - 1) }
                           grep { index($_, $path) == 0 && $_ ne $path
                                  && maybe(0.5) } @Path]
        if $depth && !$level->{exact};

    return $level;
}


sub server {
    my ($groups, $outer) = @_;

    my $level = level($groups, $outer, 0.3);

    $level->{rtauth} = one(['corp'], ['partner', 'corp']) if maybe(0.3);

    my $rtauth = $level->{rtauth} // $outer;

    $level->{locations} = [
        (map { location($groups, $rtauth, $_, 1) }
             '/', grep { maybe(0.5) } @Path[0 .. 7]),
        map { { %{location($groups, $rtauth, $_, 0)}, exact => undef,
                route => [one(qw(break last try)), one(@Path)] } } @Via,
    ];

    return $level;
}


sub configuration {
    my $now = shift;

    my @providers = maybe(0.7) ? qw(corp partner) : 'corp';
    my @names = map { "g$_" } 0 .. 5;
    my $rights = maybe(0.9);
    my @groups = map { group($_, $now, \@providers, $rights) } @names;
    my $rtauth = @providers > 1 ? one(['corp'], ['corp', 'partner']) : ['corp'];

    include(@groups);

    my $conf = level(\@groups, $rtauth, 0.1);

    $conf->{rtauth} = $rtauth;
    $conf->{groups} = \@groups;
    $conf->{providers} = @providers;
    $conf->{disabled} = [some(2, sub { [one(['sub', 'u-3'],
        ['email', 'U-4@Example.com'], ['sid', 's-1'], ['jti', 'j-1'])->@*,
        maybe(0.5) ? one(values %Issuer) : ()] })];
    $conf->{servers} = [map { server(\@groups, $rtauth) } 0 .. 2];

    clean($conf, @providers);

    return $conf;
}


# what nginx would refuse: a second provider where there is one, permissions
# that are asked for where nobody grants one

sub clean {
    my ($level, @providers) = @_;

    my %there = map { $_ => 1 } @providers, 'off';

    $level->{rtauth} = [grep { $there{$_} } @{$level->{rtauth}}]
        if $level->{rtauth};
    delete $level->{authorize} if ($level->{authorize} // '') eq 'on';

    clean($_, @providers) for @{$level->{servers} || []},
                              @{$level->{locations} || []};
}


# -- as nginx reads them

sub quoted { return map { /[;{}\s"']/ ? "'$_'" : $_ } @_ }

sub condition_text {
    my ($path, $op, $split, @values) = @_;

    return join ' ', $path, $op, quoted(@values),
                     defined $split ? "split=$split" : ();
}


sub need_text {
    my $need = shift;
    my ($kind, @args) = @{$need->{args}};

    my $text = $kind =~ /^(?:claim|jose)$/ ? "$kind " . condition_text(@args)
             : $kind eq 'variable' ? "@args"
             : $kind eq 'auth_age' ? "$kind $args[0]m" : "$kind @args";

    return "rtauth_require $text"
           . ($need->{error} ? " error=$need->{error}" : '');
}


sub group_text {
    my $group = shift;

    my %time = map { $_ => strftime('%Y-%m-%dT%H:%M:%SZ',
                                    gmtime $group->{$_}) }
               grep { defined $group->{$_} } qw(from until);

    return join "\n        ", "    rtauth_group $group->{name} {",
        $group->{provider} ? "provider $group->{provider};" : (),
        (map { 'match ' . condition_text(@$_) . ';' } @{$group->{match}}),
        (map { "permission @$_;" } @{$group->{permission}}),
        (map { my $line = $_; map { "$line $_;" } @{$group->{$line}} }
             qw(except deny include)),
        (map { "$_ $time{$_};" } sort keys %time),
        %time ? 'reason "a case";' : (), "}\n";
}


sub lines {
    my ($level, $indent) = @_;

    my @lines = (
        $level->{rtauth} ? "rtauth @{$level->{rtauth}}" : (),
        $level->{require_off} ? 'rtauth_require off' : (),
        (map { need_text($_) } @{$level->{require} || []}),
        (map { defined $level->{$_->[0]} ? "$_->[1] $level->{$_->[0]}" : () }
             ['public', 'rtauth_public_group'],
             ['authorize', 'rtauth_authorize'], ['dry', 'rtauth_dry_run'],
             ['raw', 'rtauth_raw_path'], ['satisfy', 'satisfy']),
        $level->{access} ? "$level->{access} all" : (),
    );

    my ($how, $to) = @{$level->{route} || ['']};

    push @lines, "rewrite ^ $to $how" if $how =~ /^(?:break|last)$/;
    push @lines, "try_files /no-such-file $to" if $how eq 'try';

    return join '', map { "$indent$_;\n" } @lines;
}


sub location_text {
    my ($level, $indent) = @_;

    my $more = "$indent    ";
    my $except = $level->{except};

    return "${indent}location " . ($level->{exact} ? '= ' : '')
           . "$level->{path} {\n" . lines($level, $more)
           . ($except ? "${more}limit_except GET {\n"
                        . lines($except, "$more    ") . "$more}\n" : '')
           . join('', map { location_text($_, $more) }
                          @{$level->{locations} || []})
           . "${more}proxy_pass http://app;\n$indent}\n";
}


sub provider_text {
    my $name = shift;

    return "
    rtauth_provider $name {
        issuer $Issuer{$name};
        audience tools;
        algorithms HS256;
        jwks_file %%DIR%%/oct.json;
        leeway 0s;
    }\n";
}


sub text {
    my $conf = shift;

    my $n = 0;

    return join '', "    rtauth_zone 1m;
    rtauth_disabled file=%%DIR%%/disabled;
    keepalive_requests 100000;

    upstream app { server unix:%%DIR%%/app; keepalive 4; }

    server {
        listen unix:%%DIR%%/app;
        rtauth off;
        satisfy all;
        allow all;
        add_header X-Told \$http_x_told;
        location / { return 200; }
    }

    proxy_http_version 1.1;
    proxy_set_header Connection '';
    proxy_set_header X-Told
        '\$rtauth_groups|\$rtauth_permission|\$rtauth_user';
    add_header X-Result '<\$rtauth_result>' always;
    add_header X-Second \$second always;\n",
        (map { provider_text($_) }
             $conf->{providers} > 1 ? sort keys %Issuer : 'corp'),
        (map { group_text($_) } @{$conf->{groups}}), lines($conf, '    '),
        map { "
    server {
        listen 127.0.0.1:%%PORT0%%;
        server_name s" . $n++ . ";
        set \$second \$msec;
        rewrite ^/r(/.*)\$ \$1;\n" . lines($_, '        ')
        . join('', map { location_text($_, '        ') } @{$_->{locations}})
        . "    }\n" } @{$conf->{servers}};
}


sub disabled {
    my $conf = shift;

    return "# nobody else\n"
           . join '', map { my ($kind, $value, $issuer) = @$_;
                            "$kind:$value" . ($issuer ? " iss=$issuer" : '')
                            . "\n" } @{$conf->{disabled}};
}


# -- requests

sub word {
    return one([s => one(@Word, '', "it\nx")], [n => one(qw(5 1.0 1 2))],
               [b => one(qw(true false))], ['z']);
}


sub claims {
    my $now = shift;

    my $n = 1 + below(4);
    my %claims = (sub => [s => "u-$n"], email => [s => "u-$n\@example.com"]);

    my %maybe = (
        dept => sub { word() },
        level => sub { one([n => one(qw(1 2 5 -1 1.0))], [s => '5'], word()) },
        tags => sub { [a => [some(3, \&word)]] },
        list => sub { one([s => join ',', some(3, sub { one(@Word) })],
                          [a => [[s => 'it,hr']]]) },
        org => sub { [o => { unit => word(),
                             codes => [a => [some(2, \&word)]] }] },
        flag => sub { one([b => 'true'], [o => {}], [a => [[a => []]]]) },
        scope => sub { [s => join ' ', some(2, sub { one(@Scope) })] },
        scp => sub { [a => [map { [s => $_] } one(@Scope)]] },
        acr => sub { [s => one(qw(strong weak))] },
        amr => sub { [a => [[s => one(qw(strong weak))]]] },
        auth_time => sub { [n => $now - one(10, 1000, 10000)] },
        email_verified => sub { [b => one(qw(true true false))] },
        sid => sub { [s => one(qw(s-1 s-2))] },
        jti => sub { [s => one(qw(j-1 j-2))] },
    );

    for my $name (sort keys %maybe) {
        $claims{$name} = $maybe{$name}->() if maybe(0.6);
    }

    return \%claims;
}


sub json {
    my ($kind, $value) = @{$_[0]};

    return $kind eq 'z' ? 'null'
         : $kind eq 's' ? '"' . $value =~ s/\n/\\n/gr . '"'
         : $kind eq 'a' ? '[' . join(',', map { json($_) } @$value) . ']'
         : $kind eq 'o' ? '{' . join(',', map { "\"$_\":" . json($value->{$_}) }
                                              sort keys %$value) . '}' : $value;
}


# whose it is: nobody's, a user's, or a token that is no good

sub who {
    my $now = shift;

    return { shown => 0, header => '' } if maybe(0.12);
    return { shown => 0, header => 'Authorization: Basic eDp5' } if maybe(0.03);
    return { shown => 1, bad => 'bad_credentials',
             header => 'Authorization: Bearer' } if maybe(0.02);

    my $provider = one(qw(corp corp partner));
    my $claims = claims($now);
    my $bad = maybe(0.04) ? 'expired'
            : maybe(0.03) && $provider eq 'corp' ? 'bad_signature' : undef;
    my $typ = one('JWT', 'at+jwt', undef);

    my $payload = json([o => { %$claims, iss => [s => $Issuer{$provider}],
                               aud => [s => 'tools'],
                               exp => [n => ($bad // '') eq 'expired'
                                            ? $now - 9 : $now + 9000] }]);
    my $token = RT::JWT::token(-key => 'oct', -payload => $payload,
                               -header => { typ => $typ });

    $token =~ s/[^.]+$/'A' x 43/e if ($bad // '') eq 'bad_signature';

    return { shown => 1, bad => $bad, provider => $provider, claims => $claims,
             issuer => $Issuer{$provider}, payload => $payload,
             jose => { $typ ? (typ => [s => $typ]) : () },
             header => "Authorization: Bearer $token" };
}


sub request {
    my ($conf, $now) = @_;

    my $path = maybe(0.25) ? one(@Via) : one(@Path, '/a/', '/c/d', '/aa');
    $path = "/r$path" if maybe(0.15);

    # written otherwise, read the same

    my $raw = $path;
    $raw =~ s/b/%62/ if maybe(0.1);
    $raw =~ s{(?<=.)/}{//} if maybe(0.1);
    $raw =~ s{^/}{/c/../} if maybe(0.06);
    $raw =~ s{/}{/./} if maybe(0.03);

    return {
        server => below(scalar @{$conf->{servers}}), path => $path, raw => $raw,
        method => one(@Method), who => who($now),
        query => one('', 't=it', 't=5', 't=', 't=it&t=it', 't[]=it', 'T=it',
                     'x=1&t=%69t'),
        want => one('', 'it', 'hr'), flag => one('', 0, 1, 'yes'),
    };
}


sub bytes {
    my $request = shift;

    return join "\r\n",
        "$request->{method} $request->{raw}?$request->{query} HTTP/1.1",
        "Host: s$request->{server}", "X-Want: $request->{want}",
        "X-Flag: $request->{flag}",
        $request->{method} =~ /^P/ ? 'Content-Length: 0' : (),
        $request->{who}{header} || (), '', '';
}


1;

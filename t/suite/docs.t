#!/usr/bin/perl

# The examples of docs/*.md run.  Each ```nginx block is put where it belongs,
# which is what its first directives say (http, server, location ...), else
# an HTML comment before it (<!-- context: http -->), else each context that
# its section names.  There nginx -t takes it without an error; then nginx
# starts and answers.  A section of a directive without an example fails.
# What is printed as JSON is JSON, and events are valid.
#
# Only what a test cannot have is replaced: /etc/nginx, /var/log, the port,
# the application and the provider's address.

use strict;
use warnings;

use lib 't/lib';

use File::Basename qw(basename);
use JSON::PP qw(decode_json);
use Test::More;

use RT::Audit;
use RT::Nginx;


my $top = $RT::Top;
my $secret = '4d1f0c9b7e2a58634d1f0c9b7e2a5863';

# a provider that is away: what needs its keys is refused, all else is served
my ($away) = RT::Nginx::free_ports(1);

my $app = RT::Nginx->new(http => "
    server {
        listen 127.0.0.1:%%PORT0%%;
        default_type text/html;
        location / { return 200 '<script nonce=\"$secret\">1</script>'; }
    }");
$app->start;


# what stands around an example, unless the example itself says it

my $provider = 'rtauth_provider corp {';
my @provider = ('issuer https://login.example.com;', 'audience tools;',
                'jwks_file /etc/nginx/jwks.json;');

my $group = 'rtauth_group tried {';
my @group = ('provider corp;', 'match groups has support;', 'permission use;');

my %around = (
    rtauth => [
        'rtauth_zone 1m;',
        "$provider @provider }",
        'rtauth_group support { provider corp; match groups has support;'
            . ' permission use; default_app /apps/support; }',
        'rtauth_group builders { provider corp; match groups has builders;'
            . ' permission edit; }',
        'rtauth corp;',
    ],
    rtaudit => [
        'rtaudit_zone 1m;',
        'rtaudit_sink main file:/var/log/nginx/audit.log;',
        'rtaudit main;',
        'rtaudit_level request;',
    ],
    rtcsp => [
        'rtcsp talisman;',
        'rtcsp_nonce placeholder=file:/etc/nginx/nonce-placeholder;',
    ],
);

my %files = (
    'jwks.json'         => RT::Nginx::slurp("$top/t/data/keys/jwks.json"),
    'nonce-placeholder' => "$secret\n",
    'ca.pem'            => RT::Nginx::slurp(
                               '/etc/ssl/certs/ca-certificates.crt'),
);


# -- reading the pages

# the directives of a text at its own level: [name, the whole directive]

sub directives {
    my $text = shift;

    my @found;
    my ($depth, $from, $name) = (0, 0, undef);

    while ($text =~ /\G(?:(\s+|\#[^\n]*)|("(?:\\.|[^"\\])*"
                     |'(?:\\.|[^'\\])*')|(\{(?=\s|\}|$))|(\})|(;)
                     |((?:\\.|\$\{|[^\s;{}"']|\{(?![\s}]))+))/gcx)
    {
        my ($blank, $open, $close, $end) = ($1, $3, $4, $5);

        if (defined $open) {
            $depth++;

        } elsif (defined $close) {
            $depth--;

        } elsif (!defined $blank && !defined $end && !defined $name) {
            $name = $&;
            $from = $-[0];
        }

        if (defined $name && $depth == 0 && (defined $close || defined $end)) {
            push @found, [$name, substr $text, $from, pos($text) - $from];
            $name = undef;
        }
    }

    return @found if $depth == 0 && !defined $name
                     && (pos($text) // 0) == length $text;
    return ();
}


# a page's sections: { title, directive, context, examples => [{ }] }

sub sections {
    my $page = shift;

    my @sections = ({ title => 'top', examples => [] });
    my ($fence, $hint);
    my $n = 0;

    for my $line (split /^/, $page) {
        $n++;

        if ($fence) {
            if ($line =~ /^```/) {
                push @{$sections[-1]{examples}}, $fence
                    if $fence->{kind} eq 'nginx';
                ($fence, $hint) = ();
            } else {
                $fence->{text} .= $line;
            }

        } elsif ($line =~ /^```(\w*)/) {
            $fence = { kind => $1, text => '', line => $n, hint => $hint };

        } elsif ($line =~ /^#{2,5} +(`?)([a-z_0-9]+)\1 *$/) {
            push @sections, { title => $2, examples => [] };

        } elsif ($line =~ /^#/) {
            push @sections, { title => 'text', examples => [] };

        } elsif ($line =~ /^(?:\| Syntax \||- Syntax:)/) {
            $sections[-1]{directive} = $sections[-1]{title};

        } elsif ($line =~ /^(?:\| Context \||- Context:) *(.*?)[ |]*$/) {
            $sections[-1]{context} = $1;

        } elsif ($line =~ /^<!-- context: (\w+) -->/) {
            $hint = $1;
        }
    }

    return @sections;
}


# where an example belongs

sub contexts {
    my ($section, $example) = @_;

    return $example->{hint} if $example->{hint};

    my %has = map { $_->[0] => 1 } directives($example->{text});

    return 'main' if $has{http};
    return 'http' if grep { $has{$_} } qw(server map upstream rtauth_provider
                                          rtauth_group);
    return 'server' if $has{location};

    return grep { /^(?:http|server|location|rtauth_provider|rtauth_group)$/ }
           map { s/^\s+|\s+$//gr } split /,/, $section->{context} // '';
}


# -- building configurations

# those lines that a text does not have; of named things, that of this name

sub unsaid {
    my ($text, @lines) = @_;

    my $named = qr/^(?:rtauth_group|rtauth_provider|rtaudit_sink)\s+\S+/;
    my $key = sub { $_[0] =~ /($named)/ ? $1 =~ s/\s+/ /r
                                        : (split ' ', $_[0])[0] };

    my %said = map { $key->($_->[1]) => 1 } directives($text);

    return grep { !$said{$key->($_)} } @lines;
}


# the http block around a text, with what the modules need

sub wrap {
    my ($modules, $where, $text) = @_;

    return $text =~ /^http \{\n(.*)^\}/ms if $where eq 'main';

    my %in = (http => '', server => '', location => '');

    if ($where eq 'rtauth_provider') {
        $in{http} = join "\n", $provider, unsaid($text, @provider), $text, '}';

    } elsif ($where eq 'rtauth_group') {
        $in{http} = join "\n", $group, unsaid($text, @group), $text, '}';

    } else {
        $in{$where} = $text;
    }

    my @http = (map({ unsaid($in{http}, @{$around{$_}}) } @$modules),
                $in{http});

    push @http, 'server {', 'listen 8080;', $in{server},
        unsaid($in{server},
            "location / { $in{location} proxy_pass http://127.0.0.1:3000; }"),
        '}'
        if !grep { $_->[0] eq 'server' } directives($in{http});

    return join "\n", @http;
}


sub modules {
    my ($module, $where, $text) = @_;

    return $text =~ m{^load_module modules/ngx_http_(rt\w+)_module\.so;}mg
        if $where eq 'main';

    return grep { $_ eq $module || $text =~ /\b$_(?:_|\b)/ } sort keys %around;
}


sub here {
    my ($text, $dir) = @_;

    my $port = $app->port;

    $text =~ s/listen\s+\d+\b/listen 127.0.0.1:%%PORT0%%/g;
    $text =~ s{/etc/nginx/}{$dir/}g;
    $text =~ s{/var/log/(?:nginx|rtaudit)/}{$dir/logs/}g;
    $text =~ s{http://127\.0\.0\.1:3000}{http://127.0.0.1:$port}g;
    $text =~ s{https://login\.example\.com}{https://127.0.0.1:$away}g;

    return $text;
}


# -- the test of one example in one context

sub runs {
    my ($module, $where, $text, $name) = @_;

    my @modules = modules($module, $where, $text);
    my ($http) = wrap(\@modules, $where, $text);

    return fail("$name: has a http block and load_module")
        if !@modules || !defined $http;

    my $nginx = RT::Nginx->new(modules => \@modules);
    my $dir = $nginx->dir;

    for my $file (keys %files) {
        open my $fh, '>', "$dir/$file" or die $!;
        print $fh $files{$file};
        close $fh or die $!;
        chmod 0600, "$dir/$file";
    }

    $nginx->{http} = here($http, $dir);

    my ($rc, $out) = $nginx->try;

    my @said = grep { /\[(?:warn|error|crit|alert|emerg)\]/ } split /\n/, $out;

    is($rc, 0, "$name: nginx -t") or return diag($out, $nginx->{http});
    is(join("\n", @said), '', "$name: without a warning");

    $nginx->start;
    my $answer = $nginx->get('/');

    ok($answer->{status} && $answer->{status} != 500, "$name: answers")
        or diag($answer->{raw} // 'nothing', $nginx->{http});

    $nginx->stop;
    $nginx->quiet;
}


my $examples = 0;

for my $path (sort glob "$top/docs/*.md") {
    my $page = basename($path, '.md');
    my $module = $page =~ /^(?:rtauth|rtaudit|rtcsp)$/ ? $page : 'rtaudit';

    my $text = RT::Nginx::slurp($path);
    my @sections = sections($text);

    for my $json ($text =~ /^```json\n(.*?)^```/msg) {
        ok(eval { decode_json($json) }, "$page: JSON") or diag($@);
        RT::Audit::check($json) if $page eq 'event';
    }

    if ($page eq $module) {
        my ($first) = map { @{$_->{examples}} } @sections;
        ok($first && $first->{text} =~ /^http \{/m,
           "$page begins with a whole example");
    }

    for my $section (@sections) {
        ok(scalar @{$section->{examples}},
           "$page: $section->{title} has an example")
            if $section->{directive};

        for my $example (@{$section->{examples}}) {
            my $name = "$page:$example->{line} ($section->{title})";

            ok(scalar directives($example->{text}),
               "$name: has whole directives")
                or next;

            like($example->{text}, qr/\b$section->{directive}\b/,
                 "$name: shows the directive")
                if $section->{directive};

            my @contexts = contexts($section, $example);
            ok(scalar @contexts, "$name: says where it belongs");

            runs($module, $_, $example->{text}, "$name in $_") for @contexts;
            $examples += @contexts;
        }
    }
}

ok($examples, "$examples examples were tried");

$app->quiet;

done_testing();

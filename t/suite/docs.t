#!/usr/bin/perl

# The examples of docs/*.md run.  Each ```nginx block is put where it belongs,
# which is what its first directives say (http, server, location ...), else
# an HTML comment before it (<!-- context: http -->), else each context that
# its section names.  There nginx -t takes it without an error; then nginx
# starts and answers.  A section of a directive without an example fails.
# What is printed as JSON is JSON, and events are valid.
#
# Under an example, a table "| request | as | answer |" says what it does; each
# row of it is tried, in this order.  A request may have headers behind it; who
# asks is nobody, a user of a group, or whose claims the JSON above the table
# are.  What stands in code behind the status is in the answer, or, behind
# "no", is not.  The application shows the request that it got.
#
# rt check finds nothing in an example, or the one thing that a comment before it
# says (<!-- rt check: ID -->); nginx -t warns of nothing, or of the policy as a
# comment says (<!-- warned: ID -->).
#
# RT_DOCS=auditors tries one page, for who writes it.
#
# Only what a test cannot have is replaced: /etc/nginx, folders of /var, the port,
# the application and the provider's address.

use strict;
use warnings;

use lib 't/lib';

use File::Basename qw(basename);
use JSON::PP qw(decode_json);
use Test::More;

use RT::Audit;
use RT::JWT;
use RT::Nginx;
use RT::Raw;
use RT::State;


my $top = $RT::Top;
my $secret = '4d1f0c9b7e2a58634d1f0c9b7e2a5863';

# a provider that is away: what needs its keys is refused, all else is served
my ($away) = RT::Nginx::free_ports(1);

my $issuer = "https://127.0.0.1:$away";

# the application switches protocols when asked to, and shows what it was asked
# in a page; its pages under /superset/ have a policy and a nonce of their own

my $app = RT::Raw::start(sub {
    my ($request) = @_;

    my ($to) = $request =~ /^Upgrade: *(.*?)\r$/mi;
    my ($nonce, $policy) = ($secret, '');

    return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
           . "Upgrade: $to\r\n\r\n" if defined $to;

    if ($request =~ m{^GET /superset/}) {
        $nonce = 'ownNonceOfTheApp0123456789';
        $policy = "Content-Security-Policy: script-src 'nonce-$nonce'\r\n";
    }

    return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n$policy\r\n"
           . "<script nonce=\"$nonce\">1</script><pre>$request</pre>";
});


# what stands around an example, unless the example itself says it

my $provider = 'rtauth_provider corp {';
my @provider = ('issuer https://login.example.com;', 'audience tools;',
                'jwks_file /etc/nginx/jwks.json;');

my $group = 'rtauth_group tried {';
my @group = ('provider corp;', 'match groups has support;', 'permission use;');

my %around = (
    rtauth => [
        'rtauth_zone 1m;',
        'rtauth_origin https://tools.example.com;',
        "$provider @provider }",
        'rtauth_group support { provider corp; match groups has support;'
            . ' permission use; default_app /apps/support; }',
        'rtauth_group builders { provider corp; match groups has builders;'
            . ' permission edit; }',
        'rtauth_strip_header X-Email;',
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

sub certificate {
    my $key = shift;

    open my $fh, '-|', qw(openssl req -x509 -new -subj /CN=client -days 1 -key),
        $key or die "openssl: $!";

    return do { local $/; <$fh> };
}


my %files = (
    'jwks.json'         => RT::Nginx::slurp("$top/t/data/keys/jwks.json"),
    'nonce-placeholder' => "$secret\n",
    'disabled'          => "sub:alice\n",
    'netdata-hashes'    => 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
                           . "\n",
    'audit.key'         => "$secret\n",
    'collector.key'     => "$secret\n",
    'chain.key'         => "$secret\n",
    'chain.pem'         => RT::Nginx::slurp("$top/t/data/keys/ed.pem"),
    'client-secret'     => "$secret\n",
    'session-key'       => "$secret\n",
    'session-key-old'   => reverse("$secret") . "\n",
    'session-key-2027'  => reverse("$secret") . "\n",
    'redis-password'    => "$secret\n",
    'client.crt'        => certificate("$top/t/data/keys/rsa.pem"),
    'client.pem'        => RT::Nginx::slurp("$top/t/data/keys/rsa.pem"),
    'identity.pem'      => RT::Nginx::slurp("$top/t/data/keys/ec.pem"),
    'ca.pem'            => RT::Nginx::slurp(
                               '/etc/ssl/certs/ca-certificates.crt'),
);

# of rtauth_pages, as its section shows it
my ($template) = RT::Nginx::slurp("$top/docs/rtauth.md")
                 =~ /^```html\n(.*?)^```/ms or die 'no template';

# below /srv/www, for workers to read
my %pages = (
    'index.html'      => "<script nonce=\"$secret\">1</script>static\n",
    'errors/401.html' => "sign in first\n",
    'errors/403.html' => "ask for access\n",
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


# a page's sections: { title, directive, context, examples => [{ asks }] }

sub sections {
    my $page = shift;

    my @sections = ({ title => 'top', examples => [] });
    my ($fence, $hint, $found, $warned, $claims, $asks);
    my $n = 0;

    for my $line (split /^/, $page) {
        $n++;

        if ($fence) {
            if ($line =~ /^```/) {
                push @{$sections[-1]{examples}}, $fence
                    if $fence->{kind} eq 'nginx';
                $claims = $fence->{text} if $fence->{kind} eq 'json';
                ($fence, $hint, $found, $warned) = ();
            } else {
                $fence->{text} .= $line;
            }

        } elsif ($line =~ /^```(\w*)/) {
            $fence = { kind => $1, text => '', line => $n, hint => $hint,
                       found => $found, warned => $warned };

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

        } elsif ($line =~ /^<!-- rt check: (\S+) -->/) {
            $found = $1;

        } elsif ($line =~ /^<!-- warned: (\S+) -->/) {
            $warned = $1;

        } elsif ($line =~ /^\| request \| as \| answer \|$/) {
            $asks = $sections[-1]{examples}[-1]{asks} ||= [];

        } elsif ($asks && $line =~ /^\| /) {
            my (undef, $request, $as, $answer) = split / *\| */, $line;
            push @$asks, { request => $request, as => $as, answer => $answer,
                           line => $n, claims => $claims };

        } elsif ($line !~ /^\|/) {
            $asks = undef;
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
    my ($text, $dir, $asks) = @_;

    $text =~ s/listen\s+(?:127\.0\.0\.1:)?\d+\b/listen 127.0.0.1:%%PORT0%%/g;
    $text =~ s{/etc/nginx/}{$dir/}g;
    $text =~ s{/usr/local/share/rt/}{$top/}g;
    $text =~ s{/var/log/(?:nginx|rtaudit)/}{$dir/logs/}g;
    $text =~ s{(rtaudit_sink +\S+ +https://)[^/:\s]+}{${1}127.0.0.1}g;
    $text =~ s{/var/spool/nginx/}{$dir/}g;
    $text =~ s{/var/lib/nginx/rtauth/}{$dir/state/}g;
    $text =~ s{/srv/www\b}{$dir/html}g;
    $text =~ s{exec:/usr/bin/(?:vault|aws)\b}{exec:$dir/tool}g;
    $text =~ s{http://127\.0\.0\.1:3000}{http://127.0.0.1:$app}g;
    $text =~ s{https://login\.example\.com}{$issuer}g;

    # one that people are signed in by: here it takes their tokens as well
    $text =~ s{(issuer\ +\Q$issuer\E;)(?=[^\}]*\bclient_id)
               (?![^\}]*\b(?:jwks_|audience))}
              {$1 audience tools; jwks_file $dir/jwks.json;}gx
        if $asks;

    # a provider of the wide world: its keys are ours
    $text =~ s{(issuer +https://(?!127\.0\.0\.1)\S+;)(?=[^\}]*\})}{
        my $line = $1;
        substr($text, $+[0]) =~ /^[^\}]*\bjwks_/ ? $line
            : "$line jwks_file $dir/jwks.json;"
    }ge;

    return $text;
}


# -- what an example answers

sub who {
    my $ask = shift;

    return () if $ask->{as} eq 'nobody';

    return bearer(aud => undef, email => undef, %{decode_json($ask->{claims})})
        if $ask->{as} eq 'these claims';

    my ($group, $header) = $ask->{as} =~ /^(support|builders)(?:, in (\S+))?$/
        or return fail("$ask->{as} is nobody known");

    my $token = token(iss => $issuer, sub => "u-$group", groups => [$group],
                      email => "$group\@example.com", iat => time,
                      exp => time + 600);

    return $header ? "$header: $token" : "Authorization: Bearer $token";
}


sub asked {
    my ($nginx, $ask, $page) = @_;

    my ($line, @headers) = $ask->{request} =~ /`([^`]+)`/g;
    my ($method, $uri) = split ' ', $line;
    my ($status, $rest) = $ask->{answer} =~ /^(\d{3})\b(.*)/;
    my $name = "$page:$ask->{line}: $ask->{request} as $ask->{as}";
    $name =~ tr/`//d;

    return fail("$name: is a request and its answer")
        if !defined $uri || !defined $status;

    my $answer = $nginx->request($method, $uri,
                                 headers => [@headers, who($ask)]);

    is($answer->{status}, $status, "$name: $status")
        or diag($answer->{raw}, $nginx->log_text);

    while ($rest =~ /(no )?`([^`]+)`/g) {
        my $found = index($answer->{raw}, $2) >= 0;
        ok($1 ? !$found : $found, "$name: " . ($1 // '') . $2)
            or diag($answer->{raw});
    }
}


# -- the test of one example in one context

sub runs {
    my ($module, $where, $example, $name) = @_;

    my $text = $example->{text};
    my @modules = modules($module, $where, $text);
    my ($http) = wrap(\@modules, $where, $text);

    return fail("$name: has a http block and load_module")
        if !@modules || !defined $http;

    my $nginx = RT::Nginx->new(modules => \@modules, main => $User);
    my $dir = $nginx->dir;

    state_folder($nginx);

    for my $file (keys %files) {
        open my $fh, '>', "$dir/$file" or die $!;
        print $fh $files{$file};
        close $fh or die $!;
        chmod 0600, "$dir/$file";
    }

    $nginx->file('pages/signed_out.html', $template);
    chmod 0755, $nginx->file('tool', "#!/bin/sh\necho $secret\n");
    $nginx->file("html/$_", $pages{$_}) for reverse sort keys %pages;
    $nginx->{http} = here($http, $dir, $example->{asks});
    return if RT::skips($nginx->{http});

    my ($rc, $out) = $nginx->try;

    # a file of state= is made by the first start, which says so

    my @said = grep {
        /\[(?:warn|error|crit|alert|emerg)\]/ && !/" is not there, and is made:/
    } split /\n/, $out;

    is($rc, 0, "$name: nginx -t") or return diag($out, $nginx->{http});
    if (my $id = $example->{warned}) {
        like(shift @said // '', qr/\Q($id)\E in /, "$name: warned of $id");
    }

    is(join("\n", @said), '', "$name: without a warning");

    my @found = $nginx->findings;

    is(join(' ', map { $_->{id} } @found), $example->{found} // '',
       "$name: rt check") or diag(map { "$_->{text}\n" } @found);

    $nginx->start;
    my $answer = $nginx->get('/');

    ok($answer->{status} && $answer->{status} != 500, "$name: answers")
        or diag($answer->{raw} // 'nothing', $nginx->{http});

    asked($nginx, $_, $name =~ /^(\w+)/) for @{$example->{asks} || []};

    $nginx->stop;

    # no collector listens here for AUDIT_START
    $nginx->quiet('cannot write to "tls://127\.0\.0\.1',
                  'connect\(\) to unix:/run/redis/redis\.sock failed');
}


my $examples = 0;

for my $path (sort glob "$top/docs/" . ($ENV{RT_DOCS} // '*') . '.md') {
    my $page = basename($path, '.md');
    my $module = $page =~ /^(?:rtauth|rtaudit|rtcsp)$/ ? $page
               : $page =~ /^(?:guides|providers|recipes|redis|rt)$/ ? 'rtauth'
               : 'rtaudit';

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

        ok(scalar @{$_->{asks} || []}, "$page:$_->{line} says what it answers")
            for grep { $page =~ /^(?:guides|providers|recipes)$/
                       && $_->{text} =~ /\blocation\b/ }
                @{$section->{examples}};

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

            runs($module, $_, $example, "$name in $_") for @contexts;
            $examples += @contexts;
        }
    }
}

ok($examples || $ENV{RT_DOCS}, "$examples examples were tried");

done_testing();

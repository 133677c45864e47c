#!/usr/bin/perl

# What all verbs of rt have in common: help, --json, exit codes; and that the
# man page, the completion and the docs know the verbs and options that there
# are, and no others.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;

use RT::JWT;
use RT::Nginx;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => []);
my $top = $RT::Top;

delete @ENV{qw(RT_SCIM_URL RT_SCIM_KEY)};

sub rt { RT::Tool::run($nginx, @_) }


# the verbs, as rt itself says, each with its help

my %help;

sub learn {
    my @words = @_;

    my ($rc, $out, $err) = rt('', @words, '--help');
    my $name = join ' ', 'rt', @words;

    is($rc, 0, "$name --help");
    is($err, '', 'says nothing else');

    my %verbs = map { $_ => 1 }
        $out =~ /^(?:usage:|      ) \Q$name\E ([a-z]+)(?= |$)/mg;
    my @verbs = sort keys %verbs;

    return $help{"@words"} = $out if !@verbs;
    learn(@words, $_) for @verbs;
}

learn();
cmp_ok(scalar keys %help, '>=', 19, 'there are verbs');

my ($release) = RT::Nginx::slurp("$top/CHANGES.md") =~ /^## ([0-9.]+), /m;
is_deeply([rt('', '--version')], [0, "rt $release\n", ''], 'which release it is');


# what each of them does with what is wrong

sub refused {
    my ($verb, $words, $say) = @_;

    my ($rc, $out, $err) = rt('', split(/ /, $verb), @$words);

    is($rc, 2, "rt $verb @$words: 2");
    is($out, '', '... and nothing on standard output');
    is($err, "rt $verb: $say\n", '... and one line');
}

for my $verb (sort keys %help) {
    like($help{$verb}, qr/\[--json\]/, "rt $verb has --json");

    refused($verb, ['--none'], '--none: is no option of it');
    refused($verb, ['--none=SECRET'], '--none: is no option of it');
    refused($verb, ['-x'], '-x: is no option of it');
    refused($verb, ['--json=1'], '--json: has no value');
    refused($verb, ['--json', '--json'], '--json: is there twice');

    my %valued = map { $_ => 1 } $help{$verb} =~ /(--?[a-z][a-z-]*) (?=[^\[])/g;
    refused($verb, [$_], "$_: needs a value") for sort keys %valued;
}

refused('check', ['-c', 'a', '-c', 'b'], '-c: is there twice');
refused('key new', ['--alg=ES256', '--alg', 'ES256'], '--alg: is there twice');

my %groups = map { /^(\S+) / ? ($1 => 1) : () } keys %help;

for my $group (sort keys %groups) {
    refused($group, ['nono'], qq(nono: is no verb of it; "rt $group help" )
                              . 'lists them');
    my ($rc, $out, $err) = rt('', $group);
    is($rc, 2, "rt $group alone: 2");
    like($err, qr/\Ausage: rt \Q$group\E /, '... says how it is used');
}

is_deeply([(rt('', 'nono'))[0, 2]],
          [2, qq(rt: nono: is no verb of it; "rt help" lists them\n)],
          'rt itself has no such verb');
is((rt(''))[0], 2, 'rt alone: 2');

# a key that stands where its place should be named is not said again

for (['--key', 'SECRET'], ['--key', 'env:NO_SUCH_KEY'],
     ['--key', 'env:HOME', '--url', 'https://ann:SECRET@127.0.0.1/'])
{
    my @url = "@$_" =~ /--url/ ? () : ('--url', 'http://127.0.0.1:1');
    my ($rc, $out, $err) = rt('', 'users', 'list', @url, @$_);

    is($rc, 2, "rt users list @$_: 2");
    like($err, qr/\Art users: .+: .+\n\z/, '... says why in a line');
    unlike($err, qr/SECRET/, '... and no secret');
}


# a case for each code of each verb that needs no server; those of rt users
# are in t/tool/users.t

my $now = '2026-11-29T10:00:00.000Z';

$nginx->file('events', join '', map {
    qq({"id":"$_","createdAt":"$now","actionType":"$_","metadata":{}}\n)
} qw(PAGE_VIEW LOGIN));

$nginx->file('reports', qq({"id":"r","createdAt":"$now","actionType":)
    . qq("CSP_VIOLATION","metadata":{"rtcsp":{"violations":[{"directive":)
    . qq("img-src","blocked":"https://cdn.example.com/a.png","document":)
    . qq("https://a.example/","class":"foreign"}]}}}\n));

$nginx->file('app.js', 'alert(1)');
$nginx->file('key', 'k' x 32);
$nginx->file('jwks', RT::Nginx::slurp("$top/t/data/keys/jwks.json"));
$nginx->file('ec.pem', RT::Nginx::slurp("$top/t/data/keys/ec.pem"));
$nginx->file('good.conf', "http { server { listen 80; } }\n");
$nginx->file('bad.conf', "http { server { listen 80; location / { "
             . "rtauth corp; return 200; } } }\n");

my $good = "default-src 'none'; base-uri 'none'";
my @init = ('--out', $nginx->dir, '--modules', 'rtcsp', '--origin',
            'https://a.example', '--app', 'http://127.0.0.1:1');

my @cases = (
    # verb             words                        stdin   code  JSON lines
    ['check',          ['good.conf'],               '',        0, 1],
    ['check',          ['bad.conf'],                '',        1, 1],
    ['check',          ['none'],                    '',        2, 0],
    # what it answers below and above 400 is in t/tool/explain.t
    ['explain',        [],                          '',        2, 0],
    ['audit query',    ['events'],                  '',        0, 2],
    ['audit query',    [qw(--action NONE events)],  '',        1, 0],
    ['audit query',    ['none'],                    '',        2, 0],
    ['audit tail',     ['events'],                  '',        0, 2],
    ['audit tail',     ['none'],                    '',        2, 0],
    ['audit stats',    ['events'],                  '',        0, 1],
    ['audit stats',    [qw(--action NONE events)],  '',        1, 1],
    ['audit stats',    [],                          '',        2, 0],
    ['audit rescrub',  ['events'],                  '',        0, 1],
    ['audit rescrub',  ['none'],                    '',        2, 0],
    ['audit verify',   [qw(--key key events)],      '',        3, 1],
    ['audit verify',   ['events'],                  '',        2, 0],
    ['csp lint',       [],                          $good,     0, 1],
    ['csp lint',       [],                          'img-src *', 1, 1],
    ['csp lint',       [],                          "HTTP/1.1 200 OK\n\n", 1, 1],
    ['csp lint',       [],                          '',        2, 0],
    ['csp hash',       [qw(app.js app.js)],         '',        0, 2],
    ['csp hash',       ['none'],                    '',        2, 0],
    ['csp suggest',    ['reports'],                 '',        0, 1],
    ['csp suggest',    ['events'],                  '',        1, 1],
    ['csp suggest',    ['none'],                    '',        2, undef],
    ['token inspect',  [],                          token(),   0, 1],
    ['token inspect',  [qw(--jwks jwks)],           token(),   0, 1],
    ['token inspect',  [qw(--jwks jwks)], token(exp => 1),     1, 1],
    ['token inspect',  [],                          'opaque',  1, 1],
    ['token inspect',  ['none'],                    '',        2, 0],
    ['key new',        [qw(--out new)],             '',        0, 1],
    ['key new',        [qw(--out key)],             '',        2, 0],
    ['key public',     ['ec.pem'],                  '',        0, 1],
    ['key public',     ['events'],                  '',        2, 0],
    ['init',           \@init,                      '',        0, 1],
    ['init',           ['--app', 'x'],              '',        2, 0],
    (map { ["users $_", [],                         '',        2, 0] }
         qw(list show disable enable groups export import)),
);

my %seen;

for (@cases) {
    my ($verb, $words, $in, $code, $lines) = @$_;

    $seen{$verb}{$code} = 1;
    unlink map { $nginx->dir . "/$_" }
        qw(events.rescrubbed new conf.d/rt.conf rt/nonce-placeholder);

    my ($rc, $out, $err) = rt($in, split(/ /, $verb), '--json', @$words);
    my $what = "rt $verb --json @$words";

    is($rc, $code, "$what: $code") or diag("$out$err");

    my @lines = split /\n/, $out;
    is(scalar @lines, $lines, 'lines of JSON') if defined $lines;
    ok(eval { ref decode_json($_) eq 'HASH' }, 'an object') for @lines;
    like($err, qr/^rt /m, 'why') if $code == 2;
}

is(join(' ', grep { !$seen{$_} } sort keys %help), '', 'each verb has a case');


# what could not be written to the end was not done, whatever the verb says

for my $case (grep { $_->[3] == 0 && $_->[0] !~ /^init$/ } @cases) {
    my ($verb, $words, $in) = @$case;

    unlink map { $nginx->dir . "/$_" } qw(events.rescrubbed new);
    $nginx->file('full', qq(exec '$RT::Tool' "\$@" >/dev/full\n));

    local $RT::Tool = '/bin/sh';
    my ($rc, $out, $err) = rt($in, 'full', split(/ /, $verb), @$words);

    is($rc, 2, "rt $verb @$words, to a disk that is full");
    like($err, qr/^rt: standard output took not all of it$/m, '... says so');
}


# the docs have a row for each verb, with these codes

my $docs = RT::Nginx::slurp("$top/docs/rt.md");
my ($table) = $docs =~ /^## Exit codes\n(.*?)^## /ms;

for my $verb (sort keys %help) {
    my ($row) = ($table // '') =~ /^\| `rt \Q$verb\E` \|(.*)\|$/m;
    my @cells = map { s/^ +| +$//gr } split /\|/, $row // '';

    is(scalar @cells, 3, "docs: a row for rt $verb") or next;

    ok(($cells[$_] ne '-') || !$seen{$verb}{$_}, "and of its $_") for 0 .. 2;
    next if $verb =~ /^(?:users|explain)/;
    ok(($cells[$_] eq '-') || $seen{$verb}{$_}, "which was seen: $_")
        for grep { "$verb $_" ne 'audit verify 0'
                   && "$verb $_" ne 'audit verify 1' } 0 .. 2;
}


# the man page

my $man = RT::Nginx::slurp("$top/tools/rt/rt.1");
my %said = map { $_ => 1 } $man =~ /\bFl -([a-z][a-z-]*)/g;
my %there = map { $_ => 1 } map { /--([a-z][a-z-]*)/g } values %help;

delete $there{$_} for qw(no-such-option);
$there{$_} = 1 for qw(help version);

is(join(' ', grep { !$said{$_} } sort keys %there), '',
   'the man page has each option');
is(join(' ', grep { !$there{$_} } sort keys %said), '', 'and no other');

for my $verb (sort keys %help) {
    like($man, qr/\bCm rt \Q$verb\E\b/, "the man page has rt $verb");
}

my %verbs = map { $_ => 1 } keys %help;
is(join(', ', grep { !$verbs{$_} && !/^users$/ }
              $man =~ /\bCm rt ([a-z]+(?: [a-z]+)?)/g), '', 'and no other');

my ($checker) = grep { my $name = $_->[0];
                       grep { -x "$_/$name" } split /:/, $ENV{PATH} }
    ['mandoc', '-T', 'lint', '-W', 'warning'],
    ['groff', '-ww', '-mandoc', '-Tutf8', '-z'];

SKIP: {
    skip 'neither mandoc nor groff is here', 1 if !$checker;
    is(`@$checker $top/tools/rt/rt.1 2>&1`, '', "$checker->[0] is content");
}


# the completion, as bash asks for it

sub complete {
    my @words = @_;

    $nginx->file('complete', <<'EOF');
PATH=${1%/*}:$PATH
. "$2"; shift 2
complete -p rt >/dev/null || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_rt
printf '%s\n' "${COMPREPLY[@]}"
EOF

    open my $pipe, '-|', 'bash', '--norc', $nginx->dir . '/complete',
        $RT::Tool, "$top/tools/rt/rt.bash-completion", 'rt', @words or die $!;
    my $out = do { local $/; <$pipe> } // '';
    ok(close $pipe, "bash completes: rt @words");

    return join ' ', sort split ' ', $out;
}

my %first = map { (split / /)[0] => 1 } keys %help;
is(complete(''), join(' ', sort keys %first), 'the verbs');

for my $first (sort keys %first) {
    my @second = map { /^\Q$first\E (\S+)/ ? $1 : () } sort keys %help;
    is(complete($first, ''), "@second", "those of rt $first") if @second;
}

for my $verb (sort keys %help) {
    my %options = map { $_ => 1 } $help{$verb} =~ /(--[a-z][a-z-]*)/g;
    is(complete(split(/ /, $verb), '--'), join(' ', sort keys %options),
       "the options of rt $verb");
}

is(complete(qw(audit query --format), ''), 'csv json table', 'values');
is(complete(qw(key new --format j)), 'jwk', 'a part of one');
is(complete(qw(no-such-verb), ''), '', 'nothing of what is not there');

# what a terminal acts upon is an escape, in whatever they say

my @acts = ("\e[2J", "\xc2\x9b2J", "\xe2\x80\xae");
my $acts = join '', @acts;

$nginx->file('acts', "http { server { rtauth corp; location /$acts {\n"
                     . "proxy_set_header X-Email \$rtauth_user;\n"
                     . "proxy_pass http://127.0.0.1:1; } } }\n");

for (['a verb', "a$acts"], ['an option', 'check', "--$acts"],
     ['a file', 'check', "/none/$acts"], ['another', 'csp', 'lint', "/$acts"],
     ['a URL', 'explain', '--url', "ftp://$acts"],
     ['findings', 'check', $nginx->dir . '/acts'],
     ['findings in JSON', 'check', '--json', $nginx->dir . '/acts'])
{
    my ($name, @words) = @$_;
    my ($rc, $out, $err) = rt('', @words);

    isnt($rc, 0, "$name: the exit code");
    like($out . $err, qr/\\u009b2J\\u202e/, "$name: is told");
    unlike($out . $err, qr/\e|\xc2\x9b|\xe2\x80\xae/, "$name: as escapes");
}

# the same of names and lines that whoever writes audit files has made, and of
# bytes that are no UTF-8, in which a terminal may find 0x9b

my $line = qq({"id":"ID","userId":"uACTS","createdAt":"$now","actionType":"AACTS",)
    . qq("pageName":"pACTS","metadata":{"stage":"complete","status":200}}\n);

$nginx->file("h${acts}\x9b2J", join '', map { $line =~ s/ACTS/$_/gr }
             $acts =~ s/\e/\\u001b/r, "\x9b2J\x85", "\\u009b2J\\u202e");
mkdir $nginx->dir . "/d${acts}\x9b" or die $!;

for my $verb (map({ ["audit $_"] } 'query', 'tail', 'stats', 'rescrub',
                  'verify --key key', 'query --format csv',
                  'tail --format csv'), ['csp suggest'])
{
    for my $name ("h${acts}\x9b2J", "d${acts}\x9b", "none$acts\x9b") {
        for my $json ($verb->[0] =~ /csv/ ? () : (['--json']), []) {
            unlink $nginx->dir . "/h${acts}\x9b2J.rescrubbed";

            my ($rc, $out, $err) = rt('', split(/ /, $verb->[0]), @$json, $name);
            my $said = "$out$err" =~ s/\r\n/\n/gr;

            unlike($said, qr/[\x00-\x09\x0b-\x1f\x7f]/,
                   "rt $verb->[0] @$json: no control");
            ok(utf8::decode($said), '... UTF-8');
            unlike($said, qr/[\x{80}-\x{9f}\x{202e}]/, '... with none either');
        }
    }
}


# what others have put in place of an audit file is not waited for, and a file
# of the shell is

POSIX::mkfifo($nginx->dir . '/pipe', 0600) or die $!;
symlink '/dev/zero', $nginx->dir . '/zero' or die $!;

for my $verb ('audit query', 'audit query --reverse', 'audit tail', 'audit stats',
              'audit rescrub', 'audit verify --key key', 'csp suggest',
              'audit verify --key key --expect')
{
    for my $name ('pipe', 'zero') {
        local $SIG{ALRM} = sub { die "rt $verb waits for the $name" };
        alarm 60;
        my ($rc, $out, $err) = rt('', split(/ /, $verb), $name,
                                  $verb =~ /expect/ ? 'events' : ());
        alarm 0;

        is($rc, 2, "rt $verb: no $name");
        like($err, qr/^rt [a-z ]+: $name: is no (?:regular|plain) file$/m,
             '... and it is told');
    }
}

$nginx->file('shell', "'$RT::Tool' audit query --json <(cat events)\n");
is(() = qx(cd @{[$nginx->dir]} && bash shell) =~ /^\{/mg, 2, 'a file of the shell');

chdir $nginx->dir or die $!;
is(complete(qw(csp hash app)), 'app.js', 'a file');
is(complete(qw(token inspect --jwks jw)), 'jwks', 'a file of an option');

chdir '/' or die $!;

done_testing();

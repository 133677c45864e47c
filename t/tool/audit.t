#!/usr/bin/perl

# rt audit query, tail and stats, over files of which the truth is known: a
# model in Perl, which parses every line, says what has to be found.

use strict;
use warnings;

use lib 't/lib';

use IO::Compress::Gzip qw(gzip $GzipError);
use JSON::PP qw(decode_json encode_json);
use POSIX qw(strftime);
use Test::More;

use RT::Nginx;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => []);
my $dir = $nginx->dir;

srand($ENV{RT_SEED} || 1);


sub rt { RT::Tool::run($nginx, '', 'audit', @_) }


# an event of that number, minutes apart; what is in "more" is of the members

my $Begin = 1_790_000_000;

sub iso { strftime('%Y-%m-%dT%H:%M:%S', gmtime $_[0]) . '.000Z' }

sub event {
    my ($n, %more) = @_;

    my $time = $Begin + 60 * $n;
    my $id = sprintf '%012x', $time * 1000;
    my $who = 'u' . int rand 20;

    return {
        id => substr($id, 0, 8) . '-' . substr($id, 8)
              . sprintf('-7000-8000-%012x', $n),
        userId => $who, ipAddress => '192.0.2.' . int(rand 250),
        responseTimeMs => int rand 900,
        actionType => (qw(QUERY_RUN PAGE_VIEW LOGIN))[rand 3],
        status => (200, 200, 200, 302, 404, 403, 500)[rand 7],
        createdAt => iso($time),
        user => { id => $who, email => "$who\@example.com" },
        request => { method => 'POST',
                     url => '/api/' . int(rand 50) . '/run?q=/admin/1' },
        parameters => { status => 500, userId => 'boss',
                        text => "\",\"status\":599,\"userId\":\"boss\"" x 100 },
        metadata => { stage => 'complete', lost => $n % 100 ? 0 : 7 },
        %more,
    };
}


my $json = JSON::PP->new->canonical->utf8;

my @all = map { event($_) } 0 .. 2399;
my @line = map { $json->encode($_) . "\n" } @all;

cmp_ok(length join('', @line), '>', 8_000_000, 'megabytes of events');

# three files: the oldest one compressed

gzip(\join('', @line[0 .. 799]) => "$dir/audit.log.2.gz") or die $GzipError;
$nginx->file('audit.log.1', join '', @line[800 .. 1599]);
$nginx->file('audit.log', join '', @line[1600 .. 2399]);


# ids that a query finds, in order

sub ids { map { /"id":"([^"]+)/ } split /\n/, $_[0] }


sub finds {
    my ($name, $model, @words) = @_;

    my @want = map { $_->{id} } grep { local $_ = $_; $model->() } @all;
    my ($rc, $out, $err) = rt('query', '--json', @words, 'audit.log*');

    is($err, '', "$name: nothing on standard error");
    is($rc, @want ? 0 : 1, "$name: the exit code says it");
    is_deeply([ids($out)], \@want, "$name: " . @want . ' events');

    ($rc, $out) = rt('query', '--json', '--reverse', @words, 'audit.log*');
    is_deeply([ids($out)], [reverse @want], "$name: from behind");

    ($rc, $out) = rt('query', '--json', '--reverse', '--limit=5', @words,
                     'audit.log*');
    splice @want, 0, @want - 5 if @want > 5;
    is_deeply([ids($out)], [reverse @want], "$name: the last five");
}


finds('all', sub { 1 });
finds('a user', sub { $_->{userId} eq 'u7' }, '--user', 'u7');
finds('an address', sub { $_->{userId} =~ /^u1/ }, '--user=u1*@example.com');
finds('whoever a client says', sub { 0 }, '--user', 'boss');
finds('an action', sub { $_->{actionType} eq 'LOGIN' }, '--action', 'LOGIN');
finds('statuses', sub { $_->{status} =~ /^(?:404|5..)$/ }, '--status',
      '404,5xx');
finds('a status in a text', sub { 0 }, '--status', '599');
finds('a path', sub { $_->{request}{url} =~ m{^/api/7/} }, '--path',
      '/api/7/*');
finds('a query is no path', sub { 0 }, '--path', '*admin*');
finds('an id', sub { $_->{id} eq $all[1711]{id} }, '--id', $all[1711]{id});
finds('a time', sub { $_->{createdAt} ge $all[790]{createdAt}
                      && $_->{createdAt} lt $all[810]{createdAt} },
      '--since', $all[790]{createdAt}, '--until', $all[810]{createdAt});
finds('all of it', sub { $_->{userId} eq 'u3' && $_->{status} == 200
                         && $_->{actionType} =~ /W$/ },
      '--user', 'u3', '--status=2xx', '--action', '*W');


# -- files

{
    my ($rc, $out) = rt('query', '--json', '--limit', 3, 'audit.log',
                        'audit.log.1', 'audit.log.2.gz');
    is_deeply([ids($out)], [map { $_->{id} } @all[0 .. 2]],
              'files are read in the order of time');

    symlink 'audit.log', "$dir/again.log" or die $!;
    ($rc, $out) = rt('query', '--json', 'audit.log', 'again.log', 'audit.l*g');
    is(scalar(ids($out)), 800, 'a file with two names is read once');

    ($rc, $out) = RT::Tool::run($nginx, join('', @line[0 .. 9]), 'audit',
                                'query', '--json', '-');
    is(scalar(ids($out)), 10, 'standard input');

    # what was last written long before "since" is not even opened

    $nginx->file('old.log', $line[2000]);
    ($rc, $out) = rt('query', '--json', '--since', $all[1200]{createdAt},
                     'old.log');
    is($rc, 0, 'a file is read');
    my $old = $Begin + 60 * 1000;
    utime $old, $old, "$dir/old.log" or die $!;
    ($rc, $out) = rt('query', '--json', '--since', $all[1200]{createdAt},
                     'old.log');
    is($rc, 1, '... but not if nothing was written since');
}


# -- what is no event

{
    $nginx->file('bad.log', join '', $line[0], "nothing\n", "{\"id\":\n",
                 substr($line[1], 0, 100) . $line[2], $line[3],
                 "{\"ddsource\":\"rtaudit\",\"message\":{}}\n", "\xff\n",
                 substr $line[4], 0, 200);
    my ($rc, $out, $err) = rt('query', '--json', 'bad.log');

    is($rc, 0, 'what is an event is found');
    is_deeply([ids($out)], [map { $_->{id} } @all[0, 3]], '... and no more');
    like($err, qr/bad\.log: 4 lines are no event, the first is line 2\n/,
         'broken lines are counted');
    like($err, qr/1 line is of another format: only format=retool/,
         'another format is told from them');
    like($err, qr/the last line is cut off\n/, 'so is a line without an end');

    my ($rc2, $out2, $err2) = rt('query', '--json', '--reverse', 'bad.log');
    is_deeply([ids($out2)], [map { $_->{id} } @all[3, 0]], 'from behind');
    like($err2, qr/4 lines are no event\n.*cut off\n/s, '... the same is said');

    $nginx->file('empty.log', '');
    for my $reverse ([], ['--reverse']) {
        ($rc, $out, $err) = rt('query', '--json', @$reverse, 'empty.log');
        is("$rc|$out|$err", '1||', "an empty file @$reverse");
    }

    $nginx->file('whole.log', substr $line[5], 0, -1);
    ($rc, $out, $err) = rt('query', '--json', 'whole.log');
    is("$rc|$out|$err", "0|$line[5]|", 'an event that only lacks its LF');

    my $gz = RT::Nginx::slurp("$dir/audit.log.2.gz");
    $nginx->file('cut.gz', substr $gz, 0, length($gz) / 2);
    ($rc, $out, $err) = rt('query', '--json', '--limit', 100000, 'cut.gz');
    is($rc, 2, 'a compressed file that was cut');
    cmp_ok(scalar(ids($out)), '>', 100, '... is read as far as it goes');
    like($err, qr/cut\.gz: is compressed, and cut off/, '... and that is said');

    ($rc, $out, $err) = rt('query', '--json', '--limit=1', 'none.log', 'audit.log');
    is($rc, 2, 'a file that is not there');
    is(scalar(ids($out)), 1, '... others are read');
    like($err, qr/none\.log: No such file/, '... and that is said');

    ($rc, $out, $err) = rt('query', '.');
    is($rc, 2, 'a folder');
    like($err, qr/Is a directory/, '... is none');

    SKIP: {
        skip 'root may read everything', 2 if $> == 0;
        chmod 0, "$dir/empty.log";
        ($rc, $out, $err) = rt('query', 'empty.log');
        is($rc, 2, 'a file that may not be read');
        like($err, qr/empty\.log: Permission denied/, '... and that is said');
    }
}


# -- what is shown

my $evil = event(0, userId => undef, actionType => "A\x{1b}[2J\x{9b}1m",
                 ipAddress => "\x{202e}gpj", status => 404,
                 user => { id => '=cmd|x', email => undef },
                 request => { method => "G\"E\x{7f}T", url => "/a\\b,\x{e0001}" });

{
    $nginx->file('evil.log', $json->encode($evil) . "\n");

    my %out;

    for my $format (qw(table json csv)) {
        my ($rc, $out) = rt('query', "--format=$format", 'evil.log');
        is($rc, 0, "$format: found");
        $out{$format} = $out;
        unlike($out, qr/[^\n\r\x20-\x7e]/, "$format: nothing a terminal obeys");
    }

    my ($first, $row) = split /\n/, $out{table};
    is_deeply([split ' ', $first],
              [qw(TIME ACTION STATUS MS USER ADDRESS METHOD URL)], 'a head');
    is_deeply([(split ' ', $row)[0, 1, 2, 4 .. 7]],
              [$evil->{createdAt}, 'A\u001b[2J\u009b1m', 404, '=cmd|x',
               '\u202egpj', 'G"E\u007fT', '/a\\\\b,\udb40\udc01'], 'a row');

    is_deeply(decode_json($out{json}), $evil, 'JSON says the same');

    is((split /\r\n/, $out{csv})[1],
       join(',', map { "\"$_\"" } $evil->{createdAt}, 'A\u001b[2J\u009b1m', 404,
            $evil->{responseTimeMs}, '\'=cmd|x', '\u202egpj', 'G""E\u007fT',
            '/a\\b,\udb40\udc01', $evil->{id}), 'CSV: no formula');
}


# -- wrong words

for (['is missing: name the files, or "-"', 'query'], ['is missing\n', 'tail'],
     ['is no path: it begins with "/"', 'query', '--path', 'admin', 'f'],
     ['is no option', 'query', '--colour', 'x', 'f'],
     ['is no option', 'stats', '--limit', 1, 'f'],
     ['is no option', 'query', '-f', 'f'],
     ['needs a value', 'query', '--user'],
     ['is no number', 'query', '--limit', '-1', 'f'],
     ['is no number', 'query', '--limit=x', 'f'],
     ['is no format', 'query', '--format=xml', 'f'],
     ['is no status', 'query', '--status', 'bad', 'f'],
     ['is no time', 'query', '--since', 'soon', 'f'],
     ['write one file', 'tail', 'audit.log', 'audit.log.1'],
     ['is no plain file', 'tail', 'audit.log.2.gz'])
{
    my ($says, @words) = @$_;
    my ($rc, $out, $err) = rt(@words);
    is("$rc|$out", '2|', "@words: the exit code");
    like($err, qr/$says/, "@words: $says");
}


# -- stats

{
    my ($rc, $out, $err) = rt('stats', '--json', '--status', '2xx',
                              'audit.log*');
    my @asked = grep { $_->{status} == 200 } @all;
    my (%users, %paths, %actions, $lost);

    for (@asked) {
        $users{$_->{user}{email}}++;
        $actions{$_->{actionType}}++;
        $paths{$_->{request}{url} =~ s/\?.*//r}++;
        $lost += $_->{metadata}{lost};
    }

    my $top = sub {
        my $of = shift;
        my @keys = sort { $of->{$b} <=> $of->{$a} || $a cmp $b } keys %$of;
        my @rest = splice @keys, $#keys < 19 ? $#keys + 1 : 20;
        my $others = 0;
        $others += $of->{$_} for @rest;
        return { top => [map { { value => $_, events => $of->{$_} } } @keys],
                 others => $others };
    };

    my @ms = sort { $a <=> $b } map { $_->{responseTimeMs} } @asked;
    my $at = sub { $ms[POSIX::ceil(@ms * $_[0] / 100) - 1] };

    my $stats = decode_json($out);
    my $rate = delete $stats->{rate};
    my $step = delete $stats->{stepSeconds};

    is("$rc|$err", '0|', 'stats');
    is_deeply($stats,
              { events => scalar @asked, lost => $lost, open => 0,
                responseTimeMs => { map { ("p$_" => $at->($_)) } 50, 95, 99 },
                users => $top->(\%users), paths => $top->(\%paths),
                actions => $top->(\%actions),
                statuses => $top->({ 200 => scalar @asked }) },
              'stats: what the model says')
        or diag($out);

    my %rate;
    $rate{iso($step * int(($Begin + 60 * $_) / $step))}
        += $all[$_]{status} == 200 for 0 .. $#all;
    is_deeply({ map { ($_->{from} => $_->{events}) } @$rate }, \%rate,
              "stats: over time, $step seconds a step");

    ($rc, $out) = rt('stats', 'evil.log');
    is($rc, 0, 'stats: as text');
    unlike($out, qr/[^\n\x20-\x7e]/, '... nothing a terminal obeys');

    ($rc, $out) = rt('stats', 'empty.log');
    is($rc, 1, 'stats: of nothing');
}


# -- tail

sub append {
    my ($name, $text) = @_;
    open my $fh, '>>', "$dir/$name" or die $!;
    print $fh $text;
    close $fh or die $!;
}


{
    my ($rc, $out, $err) = rt('tail', '--json', 'audit.log');
    is("$rc|$err", '0|', 'tail');
    is($out, join('', @line[-10 .. -1]), 'tail: the last ten');

    ($rc, $out) = rt('tail', '--json', '--limit=2', '--status=500',
                     'audit.log');
    my @found = grep { $_->{status} == 500 } @all;
    is_deeply([ids($out)], [map { $_->{id} } @found[-2, -1]],
              'tail: the last two of some');
}

my $follows;

END { kill 'KILL', $follows if $follows }

{
    $nginx->file('live.log', $line[0] . substr $line[1], 0, 50);
    $follows = RT::Tool::start($nginx, '', 'audit', 'tail', '-f', '--json',
                               'live.log');
    my $want = '';

    my $shows = sub {
        my ($name, @lines) = @_;
        $want .= join '', @lines;
        $nginx->wait_for($name,
                         sub { RT::Nginx::slurp("$dir/out") eq $want });
        is(RT::Nginx::slurp("$dir/out"), $want, "tail -f: $name");
    };

    $shows->('what is there', $line[0]);

    append('live.log', substr($line[1], 50) . substr $line[2], 0, 10);
    $shows->('the rest of half a line', $line[1]);

    append('live.log', substr($line[2], 10) . "nothing\n$line[3]");
    $shows->('what is no event is left out', @line[2, 3]);
    $nginx->wait_for('what is said of it',
                     sub { RT::Nginx::slurp("$dir/err") =~ /no event/ });
    like(RT::Nginx::slurp("$dir/err"), qr/live\.log: 1 line is no event\n/,
         '... and that is said');

    rename "$dir/live.log", "$dir/live.log.1" or die $!;
    append('live.log.1', $line[4]);
    $shows->('a file under its new name', $line[4]);

    append('live.log', $line[5]);
    append('live.log.1', $line[6]);
    $shows->('both, the old one first', @line[6, 5]);

    append('live.log', $line[7]);
    $shows->('the new one', $line[7]);

    truncate "$dir/live.log", 0 or die $!;
    $nginx->wait_for('the cut', sub { RT::Nginx::slurp("$dir/err") =~ /cut off/ });
    append('live.log', $line[8]);
    $shows->('a file that was cut', $line[8]);

    kill 'TERM', $follows;
    waitpid $follows, 0;
    $follows = undef;
}


done_testing();

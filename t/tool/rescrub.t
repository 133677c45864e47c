#!/usr/bin/perl

# rt audit rescrub: what today's rules cover goes from old lines, wherever in
# them it stands; all else stays byte for byte.

use strict;
use warnings;

use lib 't/lib';

use IO::Compress::Gzip qw(gzip);
use JSON::PP qw(decode_json encode_json);
use Test::More;

use RT::Audit;
use RT::Nginx;
use RT::Tool;


my $nginx = RT::Nginx->new(modules => []);
my $dir = $nginx->dir;


sub rescrub { RT::Tool::run($nginx, '', 'audit', 'rescrub', @_) }


# the example of docs/event.md, with a canary wherever a rule can find one

my ($example) = RT::Nginx::slurp("$RT::Top/docs/event.md")
    =~ /^## An example\n.*?^```json\n(\{.*?)\n```/ms or die 'docs/event.md has no example';

my $old = decode_json($example);
my $canary = 'canary4711';

$old->{user} = { id => 'u1', email => $canary, firstName => $canary };
$old->{request}{url} .= "&ssn=$canary&x=%63anary4711&keep=1";
$old->{request}{headers} = { 'x-secret-key' => [$canary, $canary],
                             referer => "https://a/?ssn=$canary",
                             accept => 'text/html' };
$old->{parameters} = { ssn => $canary, env => 'production',
                       deep => [{ user => { SSN => [1, { a => $canary }] } }],
                       json => "{\"ssn\":\"$canary\"}",
                       card => '4111 1111 1111 1111', list => [$canary, 2] };
$old->{metadata}{userAgent} = "x ssn=$canary";
$old->{metadata}{response} = { kind => 'json', bytes => 9, captured => 9,
                               body => [{ ssn => $canary }, "ssn=$canary"] };
$old->{metadata}{redactions} = [{ ptr => '/parameters/gone', act => 'drop',
                                  rule => 'name:gone' }];

my $json = JSON::PP->new->canonical->utf8->allow_nonref;
my %last = (user => 1, request => 2, parameters => 3, metadata => 4);
my $line = '{' . join(',', map { "\"$_\":" . $json->encode($old->{$_}) }
    sort { ($last{$a} // 0) <=> ($last{$b} // 0) || $a cmp $b } keys %$old)
    . '}';

RT::Audit::check("$line\n");

$nginx->file('nginx.dump', '
events { }
http {
    rtaudit_redact  name:ssn  action=drop;
    server { location / { rtaudit_redact user:email name:first* json:/list/0; } }
    server { rtaudit_redact shape:card name:x-secret-key; rtaudit_redact name:x; }
}
');


sub checked {
    my ($name, $text) = @_;

    for (split /\n/, $text) {
        my ($event) = RT::Audit::check("$_\n");
        ok($event, "$name: a line is valid");
    }
}


{
    $nginx->file('audit.log', "$line\n");
    my ($rc, $out, $err) = rescrub('--json', '--rules', 'nginx.dump',
                                   '--redact', 'user:firstName action=drop',
                                   'audit.log');

    is("$rc|$err", '0|', 'rescrub');

    my $report = decode_json($out);
    my $text = RT::Nginx::slurp("$dir/audit.log.rescrubbed");
    my $new = decode_json($text);

    checked('rescrub', $text);
    unlike($text, qr/canary|4111|%63anary/, 'no canary is left');
    is($report->{changed}, 1, 'one line was changed');
    cmp_ok($report->{values}, '>=', 11, 'values that went are counted');
    is((stat "$dir/audit.log.rescrubbed")[2] & 07777, 0600, 'mode 0600');
    is(RT::Nginx::slurp("$dir/audit.log"), "$line\n", 'the old one stays');

    is($new->{request}{url},
       '/api/query?env=production&token=[REDACTED]&x=[REDACTED]&keep=1', 'url');
    is_deeply($new->{request}{headers}{'x-secret-key'},
              ['[REDACTED]', '[REDACTED]'], 'headers');
    is_deeply($new->{parameters},
              { env => 'production', deep => [{ user => {} }], json => '{}',
                card => '[REDACTED]', list => ['[REDACTED]', 2] },
              'parameters') or diag($text);
    is_deeply($new->{user}, { id => 'u1', email => '[REDACTED]' }, 'user');
    is_deeply($new->{metadata}{redactions}[0], $old->{metadata}{redactions}[0],
              'what was noted stays');

    delete @$_{qw(user request parameters metadata)} for $old, $new;
    is_deeply($new, $old, 'all else stays');

    # once more changes nothing

    $nginx->file('again.log', $text);
    ($rc, $out) = rescrub('--json', '--rules', 'nginx.dump', '--redact',
                          'user:firstName action=drop', 'again.log');
    is(RT::Nginx::slurp("$dir/again.log.rescrubbed"), $text, 'again: the same');
    is(decode_json($out)->{values}, 0, '... and no value went');

    ($rc, $out, $err) = rescrub('--redact', 'name:a', 'audit.log');
    is($rc, 2, 'a file that is there already');
    like($err, qr/audit\.log: File exists/, '... is not written over');
    is(join(' ', glob "$dir/*.rescrub-*"), '', 'nothing is left behind');
}


# a body that is a text, by the rules for one

{
    my %old = (%{decode_json($line)});
    my @bodies = ("[12:00] my ssn: $canary ok", "user;ssn\nbob;$canary",
                  "<a><b>ssn</b><c>$canary</c></a>", 'a note');

    $old{metadata}{body} = { kind => 'text' };

    $nginx->file('text.log', join '', map {
        my %new = (%old, request => { %{$old{request}}, body => $_ });
        $json->encode(\%new) . "\n";
    } @bodies);

    my ($rc) = rescrub('--redact', 'name:ssn', 'text.log');
    my @new = map { decode_json($_)->{request}{body} }
        split /\n/, RT::Nginx::slurp("$dir/text.log.rescrubbed");

    is_deeply(\@new, [('[REDACTED]') x 3, 'a note'], 'bodies that are texts');
}


# each of many rules counts, also those of one --redact

{
    my @words = map { "name:n$_" } 1 .. 99;
    $nginx->file('many.log', "$line\n");

    my ($rc, $out) = rescrub('--json', '--redact', "@words name:ssn  action=drop",
                             'many.log');
    checked('many rules', RT::Nginx::slurp("$dir/many.log.rescrubbed"))
        if $rc == 0;
    is($rc, 0, 'many rules');
    unlike(RT::Nginx::slurp("$dir/many.log.rescrubbed"), qr/ssn=canary/,
           '... the last of them counts');

    my ($rc2, undef, $err) = rescrub('--redact', ' ', 'many.log');
    is($rc2, 2, 'no rule at all');
    like($err, qr/a selector is missing/, '... is said');
}


# what rtauth and rtcsp said: whom a revocation is about, what browsers reported

{
    my %old = (%{decode_json($line)});
    delete @{$old{metadata}}{qw(rtauth rtcsp redactions)};

    my $violations = join ',', map {
        "{\"class\":\"app\",\"document\":\"https://h/reset/$_\",\"line\":7}"
    } $canary, 'x';

    $nginx->file('said.log', join '', map {
        my ($kind, $whom) = @$_;

        $json->encode(\%old) =~ s/"metadata":\{/$&"rtauth":{"targetKind":"$kind",
"target":"$whom"},"rtcsp":{"reports":2,"violations":[$violations]},/r =~ s/\n//r
        . "\n";
    } [email => $canary], [sub => $canary], [jti => 'kept']);

    my ($rc) = rescrub('--redact', 'user:email user:userId uri:/reset/*',
                       'said.log');
    my $text = RT::Nginx::slurp("$dir/said.log.rescrubbed");
    my @new = map { decode_json($_)->{metadata} } split /\n/, $text;

    checked('said', $text);
    is_deeply([map { $_->{rtauth}{target} } @new],
              ['[REDACTED]', '[REDACTED]', 'kept'], 'whom it is about');
    is_deeply($new[0]{rtcsp}, { reports => 2, violations => [
        ({ class => 'app', document => 'https://h/reset/[REDACTED]',
           line => 7 }) x 2] }, 'addresses of violations');
    is($new[0]{redactions}[0]{ptr}, '/metadata/rtauth/target', 'is noted');
}


# lines that cannot be read cannot be shown

{
    my $hidden = $line =~ s/"parameters"/"\\u0070arameters"/r;
    $nginx->file('bad.log', "$line\nssn=$canary\n$hidden\n{\"id\":1,\"x\":{}}\n"
                            . substr $line, 0, 90);
    my ($rc, $out) = rescrub('--json', '--rules', 'nginx.dump', 'bad.log');
    my $report = decode_json($out);

    is_deeply([@$report{qw(lines leftOut)}], [5, 3], 'what is no event');
    is(scalar(split /\n/, RT::Nginx::slurp("$dir/bad.log.rescrubbed")), 2,
       '... is left out');

    gzip(\"$line\n" => "$dir/old.gz") or die;
    ($rc, $out) = rescrub('--rules', 'nginx.dump', 'old.gz');
    unlike(RT::Nginx::slurp("$dir/old.gz.rescrubbed"), qr/ssn=canary/,
           'a compressed file');
}


# in place, and chains

{
    my $sealed = $line =~ s/\}$/,"integrity":{"mac":"00"}}/r;
    my $text = "$sealed\n";
    my @words = ('--in-place', '--redact', 'name:ssn action=drop');

    $nginx->file('chain.log', $text);
    my ($rc, $out, $err) = rescrub(@words, 'chain.log');
    is($rc, 2, 'a chain is not ended unasked');
    like($err, qr/say --end-chain/, '... but said how');
    is(RT::Nginx::slurp("$dir/chain.log"), $text, '... and the file stays');

    chmod 0640, "$dir/chain.log";
    chown 1, 2, "$dir/chain.log" if $> == 0;
    ($rc, $out, $err) = rescrub(@words, '--end-chain', 'chain.log');
    is("$rc|$err", '0|', 'asked, it is');
    like($out, qr/their chain ends/, '... and said');
    unlike(RT::Nginx::slurp("$dir/chain.log"), qr/integrity/,
           '... and no line has its seal');
    is((stat "$dir/chain.log")[2] & 07777, 0600, '... mode 0600');
    is(join(' ', (stat _)[4, 5]), '1 2', '... of whom it was') if $> == 0;

    ($rc, $out, $err) = rescrub(@words, 'old.gz');
    like("$rc $err", qr/^2 .*is compressed/, 'no compressed file in place');
    is(join(' ', glob "$dir/*.rescrub-*"), '', 'nothing is left behind');
}


for (['is missing', '--redact', 'name:a'], ['is no option', '--colour', 'f'],
     ['needs a value', '--rules'],
     ['nome:a" cannot be used', '--redact', 'nome:a', 'f'],
     ['regex: cannot be used here', '--redact', 'name:a regex:a', 'f'],
     ['No such file', '--rules', 'none', 'f'], ['No such file', 'none'],
     ['is no regular file', '.'])
{
    my ($says, @words) = @$_;
    my ($rc, $out, $err) = rescrub(@words);
    is("$rc|$out", '2|', "@words: the exit code");
    like($err, qr/$says/, "@words: $says");
}


done_testing();

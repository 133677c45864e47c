#!/usr/bin/perl

# Events of rtaudit itself: once a sink, however many workers there are, over
# reloads, USR1 and kills; and they are no requests.

use strict;
use warnings;
use lib 't/lib';

use JSON::PP qw(decode_json);
use Test::More;
use RT::Audit;
use RT::Nginx;


my $http = <<'EOT';
    rtaudit_zone 4m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;
    rtaudit_sink team file:%%DIR%%/logs/team.log;
    %%KEY%%

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main team;
        location / { return 200; }
        location /secret { rtaudit_redact name:card; %%RULE%% return 200; }
        location /off { rtaudit off; return 200; }
        location = /status { rtaudit off; allow 127.0.0.1; deny all;
                             rtaudit_status; }
    }
EOT

my $key = "rtaudit_hmac_key kid=k1 key=data:" . 'a' x 32 . ';';
my $rule = 'rtaudit_redact name:iban;';


sub texts {
    my ($with_key, $with_rule, $more) = @_;

    return $http =~ s/%%KEY%%/$with_key/r =~ s/%%RULE%%/$with_rule/r
                 =~ s/\z/$more || ''/er;
}


my $nginx = RT::Nginx->new(modules => ['rtaudit'], workers => 3,
                           http => texts($key, $rule));

my %file = map { $_ => $nginx->dir . "/logs/$_.log" } qw(audit team old);
my ($main, $team) = map { RT::Audit->new($file{$_}) } qw(audit team);


sub actions { join ' ', map { $_->{actionType} =~ s/^AUDIT_//r } $_[0]->own }


# 'name{labels}' of rtaudit_status

sub status {
    my $json = decode_json($nginx->get('/status')->{body});
    my %n;

    for my $name (grep { ref $json->{$_} } keys %$json) {
        $n{join ' ', $name =~ s/^rtaudit_//r, grep { defined }
           @$_{qw(sink result reason)}} = $_->{value} for @{$json->{$name}};
    }

    return \%n;
}


$nginx->start;

# the beginning

$_->told('AUDIT_CONFIG') for $main, $team;
is(actions($_), 'START CONFIG', 'a sink begins, once') for $main, $team;

my ($start, $config) = $main->own;
is($start->{metadata}{sink}, 'main', 'the sink is named');
is($start->{request}, undef, 'it is no request');
ok(!$start->{isError}, 'and no error');
is_deeply([sort keys %{$config->{metadata}{config}}],
          [qw(audited hash rules sinks unaudited)], 'nothing was before');
is($config->{metadata}{config}{sinks}, 2, 'sinks');
is($config->{metadata}{config}{rules}, 2, 'rules');
is($config->{metadata}{config}{audited}, 3, 'the server, two locations');
is($config->{metadata}{config}{unaudited}, 2, 'two are not');

# they are not in the books of requests

$nginx->get("/r$_") for 1 .. 5;
$nginx->wait_for('five', sub { (status()->{'written_total main'} // 0) == 5 });

my $n = status();
is($n->{'requests_total main'}, 5, 'five requests');
is($n->{'written_total main'}, 5, 'are five events');
is($n->{'own_events_total main written'}, 2, 'and two lines beside them');
is($n->{'own_events_total main dropped'}, 0, 'none of which is lost');

# reloads

ok($nginx->reload, 'the same again');
$config = $main->told('AUDIT_CONFIG', 2);
ok(!$config->{metadata}{config}{changed}, 'nothing has changed');

my $was = $config->{metadata}{config};
my $number = 2;

for my $how (
    ['weaker redaction', texts($key, '')],
    ['stronger again', texts($key, $rule), $was],
    ['another action', texts($key, $rule =~ s/;/ action=drop;/r)],
    ['another name of a key', texts($key =~ s/k1/k2/r, $rule)],
    ['another key', texts($key =~ s/a{32}/'b' x 32/er, $rule), $was],
    ['another level', texts($key, "$rule rtaudit_level request;")],
    ['other fields', texts($key, "$rule rtaudit_field pageName x;")],
    ['other headers', texts($key, "$rule rtaudit_header A;")],
    ['a larger body', texts($key, "$rule rtaudit_body 1k;")],
    ['no audit there', texts($key, "$rule rtaudit off;")],
    ['one sink of two', texts($key, "$rule rtaudit main;")],
    ['required', texts($key, $rule) =~ s/audit\.log/audit.log required/r],
    ['what is no audit', texts($key, "$rule expires 1h;"), $was],
) {
    my ($what, $text, $same) = @$how;
    my $before = $config->{metadata}{config}{hash};

    ok($nginx->reload(http => $text), $what);
    $config = $main->told('AUDIT_CONFIG', ++$number);

    my $now = $config->{metadata}{config};

    is($now->{changed} ? 1 : 0, $now->{hash} eq $before ? 0 : 1,
       "$what: changed is what the hashes say");
    ($same ? \&is : \&isnt)->($now->{hash}, $was->{hash}, "$what: the hash");
    is($now->{rules}, 1, "$what: one rule") if $what eq 'weaker redaction';
}

unlike($main->raw, qr/a{20}|b{20}/, 'no key is in the file');
is(actions($main), join(' ', 'START', ('CONFIG') x $number), 'nothing else');

# USR1: the other file begins with it

rename $file{audit}, $file{old} or die $!;
$nginx->reopen;
$main->told('AUDIT_ROTATE');
$nginx->get('/after');
$main->rewind;
$main->event;
like(($main->raw =~ /^(.*)$/m)[0], qr/"AUDIT_ROTATE"/, 'its first line');
is(actions($main), 'ROTATE', 'once');
unlike(actions($team), qr/ROTATE/, 'of the other one nothing is told');

$nginx->reopen;
$nginx->get('/again');
$main->event;
is(actions($main), 'ROTATE', 'a file that stayed was not rotated');

# all workers are killed: sinks go on

for (1 .. 3) {
    my %before = map { $_ => 1 } $nginx->workers;
    kill 'KILL', keys %before;
    $nginx->wait_for('others', sub {
        my @now = $nginx->workers;
        @now == 3 && !grep { $before{$_} } @now;
    });
    $nginx->get("/k$_");
    $main->event;
}

is(actions($main), 'ROTATE', 'nothing begins anew');

# a sink that a reload takes away, and one that it brings

my $other = texts($key, $rule) =~ s/rtaudit_sink team.*/
    rtaudit_sink more file:%%DIR%%\/logs\/more.log;/r =~ s/main team/main more/r;

ok($nginx->reload(http => $other), 'another sink');

my $stop = $team->told('AUDIT_STOP');
my @team = RT::Audit->new($file{team})->all;
is($stop->{metadata}{counts}{written}, scalar @team,
   'what it has written is in its last event');
like($team->raw, qr/"AUDIT_STOP".*\n\z/, 'which is the last line');
is((() = actions($team) =~ /STOP/g), 1, 'once');

my $more = RT::Audit->new($nginx->dir . '/logs/more.log');
$more->told('AUDIT_CONFIG');
is(actions($more), 'START CONFIG', 'the new one begins');

# the end

$nginx->stop;
is(actions($_), 'START CONFIG STOP', 'it ends') for $more;
like(actions($main), qr/^ROTATE( CONFIG)? STOP$/, 'as does the other');
like($_->raw, qr/"AUDIT_STOP".*\n\z/, 'with its last line') for $main, $more;
$nginx->quiet('exited on signal 9', 'directly in the configuration');


# the last worker of a sink is killed: the error log says that it has no end

my $killed = RT::Nginx->new(modules => ['rtaudit'], http => texts('', ''));
$killed->start;
RT::Audit->new($killed->dir . '/logs/audit.log')->told('AUDIT_CONFIG');

my ($worker) = $killed->workers;
kill 'STOP', $worker;
$killed->signal('QUIT');
kill 'KILL', $worker;
$killed->wait_for('the end', sub { !$killed->master });
like($killed->log_text,
     qr/\[notice\].*rtaudit: sink "main" ended without AUDIT_STOP/, 'it is said');
$killed->quiet('exited on signal 9',
               'not written');

done_testing();

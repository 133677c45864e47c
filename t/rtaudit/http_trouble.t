#!/usr/bin/perl

# https: and http: sinks whose collector is dead, slow, rude or not the one it
# should be: no request waits, no other sink loses anything, events wait on disk
# or are kept aside.  A collector for each trouble, all of them at once.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Intake;
use RT::Nginx;
use RT::Syslog;


# "always": what it answers until "log" is said, and then no more; "say": its
# first answer; "kept": events that are refused, by a 400; "once": no answer is
# asked for twice; "never": nothing goes there

my %trouble = (
    away => { log => qr/wait for .*connect/ },
    busy => { always => 503, log => qr/wait: .* answers 503/ },
    limited => { always => { status => 429, after => 1 },
                 log => qr/wait: .* answers 429/ },
    dated => { say => { status => 503,
                        after => 'Fri, 31 Dec 1999 23:59:59 GMT' } },
    slow => { always => { hang => 1 }, timeout => 1, log => qr/wait for .*Timeout/ },
    cut => { always => { status => 200, cut => 12 }, log => qr/wait for/ },
    turning => { always => 401, log => qr/wait: .* answers 401/ },
    moved => { always => { status => 307, location => 'http://127.0.0.1:1/' },
               log => qr/wait: .* answers 307/ },
    large => { say => { status => 413, many => 1 } },
    endless => { say => { status => 200, body => 'x' x 4_000_000 }, once => 1 },
    drips => { say => { status => 200, drip => 1 }, once => 1, timeout => 3 },
    bad => { kept => 6, log => qr/were refused, and are kept in/ },
    signed => { tls => {}, never => 1, log => qr/wait for .*self-signed certificate/ },
    other => { tls => { san => 'DNS:else.test' }, ca => 1, never => 1,
               log => qr/wait for .*SSL peer certificate/ },
    expired => { tls => { expired => 1 }, ca => 1, never => 1,
                 log => qr/wait for .*certificate has expired/ },
);

my $sinks = '';

for my $name (sort keys %trouble) {
    my $t = $trouble{$name};
    my $c = $t->{c} = RT::Intake->new($t->{tls} ? (tls => 1, %{$t->{tls}})
                                                : ());
    my $ca = $t->{ca} ? " ca=$c->{dir}/cert.pem" : '';

    $sinks .= "rtaudit_sink $name " . $c->target
              . " spool=%%DIR%%/$name:16m class=all$ca"
              . ' timeout=' . ($t->{timeout} || 10) . "s;\n";
}

my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
    $sinks
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main @{[ join ' ', sort keys %trouble ]};
        location / { return 200; }
        location /status { rtaudit off; rtaudit_status prometheus; }
    }
EOF

$nginx->start;

# They take own events.  Pauses grow with the time that a trouble lasts: it begins
# only now, and ends as soon as it was said.

ok(RT::Intake::until('own events', sub {
    !grep { 2 > map { @{$_->{lines}} } @{$_->{c}{requests}} }
        grep { !$_->{never} } values %trouble;
}), 'all is well');

for my $t (values %trouble) {
    $t->{c}->say($t->{say} || ());
    $t->{c}{always} = $t->{always};
}

my $bad = $trouble{bad}{c};
@$bad{'always', 'deaf'} = (400, 1);
$trouble{away}{c}->stop;

my @status = map {
    RT::Intake::take_all();
    $nginx->get("/r$_")->{status}
} 1 .. 6;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');

is("@status", '200 ' x 5 . '200', 'all are served');
my @ids = sort map { $_->{id} } $audit->events(6);
$bad->{deaf} = 0;

# how many events of requests are kept aside

sub kept {
    return scalar grep { !RT::Audit::is_own($_) }
        split /^/, RT::Nginx::slurp($nginx->dir . "/$_[0]/refused");
}


# it is well when its trouble was said

RT::Intake::until('all that is said', sub {
    my $log = $nginx->log_text;

    for my $name (keys %trouble) {
        my $t = $trouble{$name};

        next unless $t->{log} && !$t->{said};
        next unless $log =~ /\[(?:error|crit)\].* sink "$name" $t->{log}/;

        $t->{said} = 1;
        $t->{c}{always} = 200 unless $t->{kept};
        $t->{c}->start if $name eq 'away';
    }

    !grep { $_->{log} && !$_->{said} } values %trouble;
});

for my $name (sort keys %trouble) {
    my ($t, $c) = ($trouble{$name}, $trouble{$name}{c});

    ok($t->{said}, "$name: is said") if $t->{log};

    if ($t->{never}) {
        is(@{$c->{requests}}, 0, "$name: no byte goes there");
        next;
    }

    my $kept = 0;

    RT::Intake::until("$name: events", sub {
        $kept = kept($name);
        $c->accepted + $kept >= 6;
    });

    my %seen;
    my @got = grep { !$seen{$_}++ }
              map { $_->{id} } RT::Audit::check($c->accepted);

    is(@got + $kept, 6, "$name: all are taken or kept");
    is($kept > 0, $t->{kept} ? 1 : '', "$name: what is refused is kept aside");
    is_deeply([sort @got], \@ids, "$name: the same events") unless $kept;
    is($c->accepted, 6, "$name: once") if $t->{once};
}

my @requests = @{$trouble{large}{c}{requests}};
my ($i) = grep { $requests[$_]{status} == 413 } 0 .. $#requests;
cmp_ok(@{$requests[$i + 1]{lines}}, '<=', @{$requests[$i]{lines}} / 2,
       'a batch that is too large is halved') if defined $i;

# what was kept is what was sent, and readable

my $refused = RT::Nginx::slurp($nginx->dir . '/bad/refused');
my @lines = map { s/^[0-9a-f]{16} //r } split /^/, $refused;
my %sent = map { $_ => 1 } map { @{$_->{lines}} } @{$trouble{bad}{c}{requests}};
is((grep { !$sent{$_} } @lines), 0, 'what is kept is what was refused');

my $metrics;
RT::Intake::until('the last look', sub {
    $metrics = $nginx->get('/status')->{body};
    2 == (() = $metrics =~ /^rtaudit_spool_bytes\{sink="(?:bad|busy)"\} 0$/mg);
});

# AUDIT_START and AUDIT_CONFIG are lines as well

for (['busy', 'taken', 8], ['busy', 'refused', 0], ['bad', 'taken', 2],
     ['bad', 'refused', 6], ['bad', 'lost', 0], ['other', 'taken', 0])
{
    my ($sink, $result, $n) = @$_;
    my $name = qq(collector_events_total{sink="$sink",result="$result"});

    like($metrics, qr/^rtaudit_\Q$name\E $n$/m, "$sink: $result: $n");
}

like($metrics, qr/^rtaudit_collector_status\{sink="bad"\} 400$/m,
     'the last answer');
like($metrics, qr/^rtaudit_spool_bytes\{sink="other"\} [1-9]\d+$/m,
     'what waits is known');
unlike($metrics, qr/spool_bytes\{sink="main"\}/, 'a file has no spool');

$nginx->end(undef, 'events of sink "bad" were refused, and are kept in');

for my $name ('main', sort keys %trouble) {
    my $books = RT::Syslog::books($nginx, $name);

    is($books->{requests}, 6, "$name: requests");
    is($books->{written}, 6, "$name: written");
}

unlike(RT::Nginx::slurp($nginx->dir . '/logs/command.out'),
       qr/in the clear/, 'on this machine nothing is in the clear');

done_testing();

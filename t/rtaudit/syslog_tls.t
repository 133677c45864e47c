#!/usr/bin/perl

# syslog:tls: a collector that is not the one it should be gets no byte of an
# event, and the log says why.  All of them at once, none holds up another.

use strict;
use warnings;
use lib 't/lib';

use IO::Socket::SSL;
use Test::More;
use RT::Audit;
use RT::Nginx;
use RT::Syslog;


# what is wrong; the collector, whose certificate "ca=" names, what is said

my @cases = (
    ['signed by itself', {}, undef, qr/self-signed certificate/],
    ['of another CA', {}, 'other', qr/self-signed certificate/],
    ['of another address', { san => 'DNS:logs.test' }, 'own',
     qr/IP address mismatch/],
    ['of another name', { san => 'DNS:logs.test', name => 'else.test' }, 'own',
     qr/hostname mismatch/],
    ['too old a TLS', { ssl => { SSL_version => 'TLSv1_1',
                                 SSL_cipher_list => 'ALL:@SECLEVEL=0' } },
     'own', qr/.*(?:protocol|version)/],
    ['one that wants a certificate', { ssl => { SSL_verify_mode =>
         SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT } },
     'own', qr/.*certificate required/],
    ['one that speaks no TLS', { plain => 1 }, 'own',
     qr/the collector takes nothing/],
);

my $other = RT::Syslog->new('tls');
my (@c, $sinks, @names);

for (@cases) {
    my (undef, $args, $ca) = @$_;
    my $c = RT::Syslog->new('tls', %$args);

    $c->{ssl}{SSL_ca_file} = "$other->{dir}/cert.pem" if $c->{ssl};

    push @names, 's' . @c;
    push @c, $c;
    $sinks .= "    rtaudit_sink $names[-1] " . $c->target
              . ($ca ? ' ca=' . ($ca eq 'own' ? $c : $other)->{dir}
                       . '/cert.pem' : '')
              . ($c->{name} ? " name=$c->{name}" : '') . ";\n";
}

# one that wants a certificate, and gets it

my $known = RT::Syslog->new('tls', ssl => {
    SSL_verify_mode => SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
    SSL_ca_file => "$other->{dir}/cert.pem" });

my $nginx = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
$sinks
    rtaudit_sink good @{[ $other->target ]} ca=$other->{dir}/cert.pem;
    rtaudit_sink known @{[ $known->target ]} ca=$known->{dir}/cert.pem
                 cert=$other->{dir}/cert.pem key=file:$other->{dir}/key.pem;
    rtaudit_sink main file:%%DIR%%/logs/audit.log required;

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit @names good known main;
        location / { return 200; }
    }
EOF

# a key that is another's

{
    my $wrong = RT::Nginx->new(modules => ['rtaudit'], http => <<EOF);
    rtaudit_zone 4m;
    rtaudit_sink away @{[ $other->target ]} cert=$other->{dir}/cert.pem
                      key=file:$c[0]{dir}/key.pem;
EOF

    my ($rc, $said) = $wrong->try;
    isnt($rc, 0, 'the key of another certificate');
    like($said, qr/invalid key in "rtaudit_sink": write both cert=FILE and /,
         'is none');
}

$nginx->start;
is($nginx->get('/secret')->{status}, 200, 'served');

my @good = RT::Syslog::events($other->wait(1));
is($good[0]{request}{url}, '/secret', 'the right collector has the event');

my @known = RT::Syslog::events($known->wait(1));
is($known[0]{request}{url}, '/secret', 'so has one that was shown who it is');

# The last one is found out by the time that it takes.  A collector that refuses
# late, for this machine is slow, is told of by another event.

my ($asked, $next) = (1, time + 10);

for my $i (0 .. $#cases) {
    my ($what, $says) = @{$cases[$i]}[0, 3];

    ok($nginx->wait_for($what, sub {
        $_->take for @c, $other, $known;

        if (time > $next) {
            $nginx->get('/again');
            $asked++;
            $next = time + 10;
        }

        $nginx->log_text =~ /\[crit\].*sink "s$i" cannot write to.*: $says/;
    }, 60), "$what: said") or diag($nginx->log_text);
}

is($nginx->get('/more')->{status}, 200, 'served on');
$_->wait($asked) for $other, $known;

# what they were sent in the clear; nobody freezes in the middle of a handshake

$_->take for @c;
my @clear = map { join '', map { $_->{text} } @{$_->{clients}} } @c;
$_->stop for @c;
$nginx->stop;

for my $i (0 .. $#cases) {
    my $books = RT::Syslog::books($nginx, "s$i");

    is_deeply($c[$i]{messages}, [], "$cases[$i][0]: no event went there");
    unlike($clear[$i], qr/secret/, 'not in the clear either');
    is_deeply([@$books{qw(requests written)},
               $books->{dropped} + $books->{left}],
              [$asked + 1, 0, $asked + 1], 'none counts as written');
}

$nginx->quiet('cannot write to', 'events were not written, \d+ losses');

done_testing();

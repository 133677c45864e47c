# vi:set ft= ts=4 sw=4 et:

# syslog: sinks: what nginx -t says of them.

use lib 't/lib';
use RT qw(rtaudit);

# with a key in front, too short for any OpenSSL's taste

our $weak = `openssl req -x509 -newkey rsa:512 -nodes -days 2 -subj /CN=weak \\
                         -keyout /dev/stdout 2> /dev/null`;

plan_all();
run_tests();

__DATA__

=== TEST 1: no way that is known
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:server=127.0.0.1;
--- config
--- must_die
--- error_log
invalid target "syslog:server=127.0.0.1" in "rtaudit_sink": write syslog:tls://HOST, syslog:tcp://HOST, syslog:udp://HOST or syslog:unix:/PATH



=== TEST 2: a target of no kind
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main kafka:topic;
--- config
--- must_die
--- error_log
invalid target "kafka:topic" in "rtaudit_sink": write file:PATH, syslog:tls://HOST or https://HOST/PATH



=== TEST 3: a port that is none
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tcp://127.0.0.1:99999;
--- config
--- must_die
--- error_log
invalid target "127.0.0.1:99999" in "rtaudit_sink": invalid port, write HOST or HOST:PORT



=== TEST 4: no host
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:udp://;
--- config
--- must_die
--- error_log
invalid target "" in "rtaudit_sink": no host, write HOST or HOST:PORT



=== TEST 5: a path behind the host
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tcp://127.0.0.1:601/events;
--- config
--- must_die
--- error_log eval
qr/invalid target "127.0.0.1:601\/events" in "rtaudit_sink": .*write HOST or HOST:PORT/



=== TEST 6: a parameter that is none
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:udp://127.0.0.1 mode=0600;
--- config
--- must_die
--- error_log
invalid parameter "mode=0600" in "rtaudit_sink": write "required", "class=NAME,...", "format=NAME", "facility=audit", "tag=nginx", "ca=FILE", "name=HOST", "cert=FILE" or "key=SECRET"



=== TEST 7: a facility that is none
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:udp://127.0.0.1 facility=local8;
--- config
--- must_die
--- error_log
invalid facility "local8" in "rtaudit_sink": write audit, local0, authpriv or another that nginx's "syslog:" knows



=== TEST 8: a tag that would end the header's word
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:udp://127.0.0.1 "tag=my app";
--- config
--- must_die
--- error_log
invalid tag "my app" in "rtaudit_sink": write 1 to 48 letters, digits, "_", "-" or "."



=== TEST 9: a tag that is too long
--- http_config eval
"rtaudit_zone 2m; rtaudit_sink main syslog:udp://127.0.0.1 tag=" . 'x' x 49 . ';'
--- config
--- must_die
--- error_log
write 1 to 48 letters



=== TEST 10: a CA without TLS
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tcp://127.0.0.1 ca=/etc/ssl/ca.pem;
--- config
--- must_die
--- error_log
invalid parameter "ca=/etc/ssl/ca.pem" in "rtaudit_sink": it is for syslog:tls://HOST



=== TEST 11: a name without TLS
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:unix:/dev/log name=logs.test;
--- config
--- must_die
--- error_log
invalid parameter "name=logs.test" in "rtaudit_sink": it is for syslog:tls://HOST



=== TEST 12: a name that is empty
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://127.0.0.1 name=;
--- config
--- must_die
--- error_log
invalid name "" in "rtaudit_sink": write a host's, of 1 to 255 letters, digits, "-" and ".", or an IP address



=== TEST 13: a CA that is not there
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://127.0.0.1 ca=/none.pem;
--- config
--- must_die
--- error_log
"ca=/none.pem" of "rtaudit_sink"



=== TEST 14: a CA without a certificate
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://127.0.0.1 ca=$TEST_NGINX_SERVER_ROOT/html/ca.pem;
--- config
--- user_files
>>> ca.pem
no certificate
--- must_die
--- error_log eval
qr/invalid ca ".*ca\.pem" in "rtaudit_sink": write a file of certificates, in PEM/



=== TEST 15: in the clear to another machine
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tcp://192.0.2.1 class=all;
--- config
    location /t { return 200 ok; }
--- request
GET /t
--- response_body: ok
--- error_log
"rtaudit_sink main": events go to "tcp://192.0.2.1" in the clear: write syslog:tls://HOST



=== TEST 16: in the clear on this machine
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tcp://[::1]:601 class=all;
    rtaudit_sink more syslog:udp://127.0.0.1 class=all;
--- config
    location /t { return 200 ok; }
--- request
GET /t
--- response_body: ok
--- no_error_log
in the clear



=== TEST 17: a key without its certificate
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://127.0.0.1 key=data:x;
--- config
--- must_die
--- error_log
invalid key in "rtaudit_sink": write both cert=FILE and key=SECRET, its private key, in PEM



=== TEST 18: a certificate without TLS
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tcp://127.0.0.1 cert=/etc/ssl/cert.pem;
--- config
--- must_die
--- error_log
invalid parameter "cert=/etc/ssl/cert.pem" in "rtaudit_sink": it is for syslog:tls://HOST



=== TEST 19: a key that is no secret
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://127.0.0.1 key=/etc/ssl/key.pem;
--- config
--- must_die
--- error_log
write file:PATH, env:NAME, exec:PATH or data:TEXT



=== TEST 20: events for another machine, and not which part of them
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:udp://127.0.0.1;
--- config
--- must_die
--- error_log
"rtaudit_sink main" sends events to "udp://127.0.0.1" and does not say which part of them: write class=health, or other classes, or class=all



=== TEST 21: a socket of this machine
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:unix:/dev/log;
--- config
    location /t { return 200 ok; }
--- request
GET /t
--- response_body: ok
--- no_error_log
[warn]



=== TEST 22: a certificate that OpenSSL refuses
--- http_config eval
qq(
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://127.0.0.1 class=all "key=data:$::weak"
                 cert=\$TEST_NGINX_SERVER_ROOT/html/weak.pem;
)
--- config
--- user_files eval
">>> weak.pem\n$::weak"
--- must_die
--- error_log
invalid cert in "rtaudit_sink": OpenSSL refuses it



=== TEST 23: the name is an address
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://localhost class=all name=2001:db8::1;
    rtaudit_sink more syslog:tls://localhost class=all name=192.0.2.1;
--- config
    location /t { return 200 ok; }
--- request
GET /t
--- response_body: ok
--- allow_log
cannot write to "tls://localhost"
--- no_error_log
[warn]



=== TEST 24: an address and a port
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:tls://localhost class=all name=[2001:db8::1]:6514;
--- config
--- must_die
--- error_log
invalid name "[2001:db8::1]:6514" in "rtaudit_sink": write a host's

# https: and http: sinks: what nginx -t says of them.

use lib 't/lib';
use RT qw(rtaudit);

plan_all();
run_tests();

__DATA__

=== TEST 1: a URL with a password, which is not shown
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main https://user:pa55word@127.0.0.1/in spool=/tmp/x:16m;
--- config
--- must_die
--- error_log
invalid target in "rtaudit_sink": the URL
--- no_error_log
pa55word



=== TEST 2: no spool
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in;
--- config
--- must_die
--- error_log
invalid parameter in "rtaudit_sink": write spool=PATH:SIZE, where events wait



=== TEST 3: a spool that is too small
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in spool=$TEST_NGINX_SERVER_ROOT/spool:8m;
--- config
--- must_die
--- error_log eval
qr/invalid spool ".*:8m" in "rtaudit_sink": write the absolute path of a folder of its own, and 16m or more/



=== TEST 4: a spool without a size
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in spool=/var/spool/x;
--- config
--- must_die
--- error_log
invalid spool "/var/spool/x" in "rtaudit_sink"



=== TEST 5: a spool of a relative path
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in spool=spool:16m;
--- config
--- must_die
--- error_log
invalid spool "spool:16m" in "rtaudit_sink"



=== TEST 6: a folder that has something else in it is not given away
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in spool=$TEST_NGINX_SERVER_ROOT/html:16m;
--- config
--- user_files
>>> index.html
--- must_die
--- error_log eval
qr/"rtaudit_sink main" cannot use ".*\/html"/



=== TEST 7: a spool in a folder that is not there
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in spool=/none/of/it:16m;
--- config
--- must_die
--- error_log
"rtaudit_sink main" cannot make "/none/of/it": name a folder in one that is there



=== TEST 8: two sinks with one spool
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink one http://127.0.0.1/in class=all spool=$TEST_NGINX_SERVER_ROOT/spool:16m;
    rtaudit_sink two http://127.0.0.1/in class=all spool=$TEST_NGINX_SERVER_ROOT/spool:16m;
--- config
--- must_die
--- error_log eval
qr/the same path name ".*\/spool" used in/



=== TEST 9: a parameter that is none
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in mode=0600;
--- config
--- must_die
--- error_log
invalid parameter "mode=0600" in "rtaudit_sink": write "required", "class=NAME,...", "format=NAME", "spool=PATH:SIZE", "header=NAME:SECRET", "timeout=TIME", "proxy=URL", "ca=FILE", "name=HOST", "cert=FILE" or "key=SECRET"



=== TEST 10: a CA without TLS
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in ca=/etc/ssl/ca.pem;
--- config
--- must_die
--- error_log
invalid parameter "ca=/etc/ssl/ca.pem" in "rtaudit_sink": it is for https://HOST



=== TEST 11: a CA without a certificate
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main https://127.0.0.1/in ca=$TEST_NGINX_SERVER_ROOT/html/ca.pem;
--- config
--- user_files
>>> ca.pem
no certificate
--- must_die
--- error_log eval
qr/invalid ca ".*ca\.pem" in "rtaudit_sink": write a file of certificates, in PEM/



=== TEST 12: a key without its certificate
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main https://127.0.0.1/in key=data:x;
--- config
--- must_die
--- error_log
invalid key in "rtaudit_sink": write both cert=FILE and key=SECRET, its private key, in PEM



=== TEST 13: a header that the request needs for itself
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in header=host:data:x;
--- config
--- must_die
--- error_log
invalid header "host" in "rtaudit_sink": write at most 8 of NAME:SECRET, and none that the request itself needs



=== TEST 14: a header without a secret's form
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in header=DD-API-KEY:0123456789;
--- config
--- must_die
--- error_log
write file:PATH, env:NAME, exec:PATH or data:TEXT
--- no_error_log
0123456789



=== TEST 15: a header of two lines
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in "header=X-Key:data:a\r\nX-Evil: b";
--- config
--- must_die
--- error_log
invalid header "X-Key" in "rtaudit_sink": its secret has a control character, write one line



=== TEST 16: a time that is none
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in timeout=1h;
--- config
--- must_die
--- error_log
invalid timeout "1h" in "rtaudit_sink": write a time from 100ms to 10m



=== TEST 17: a proxy over TLS
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main http://127.0.0.1/in proxy=https://127.0.0.1:3128;
--- config
--- must_die
--- error_log
invalid proxy "https://127.0.0.1:3128" in "rtaudit_sink": it is for http://HOST:PORT



=== TEST 18: a name that a proxy would have to find
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main https://127.0.0.1/in name=else.test proxy=http://127.0.0.1:3128;
--- config
--- must_die
--- error_log
invalid name "else.test" in "rtaudit_sink": write a host's, and no "proxy=", which would have to find it



=== TEST 19: a name that is none
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main https://127.0.0.1/in name=a/b;
--- config
--- must_die
--- error_log
invalid name "a/b" in "rtaudit_sink": write a host's, of 1 to 255 letters, digits, "-" and ".", or an IP address

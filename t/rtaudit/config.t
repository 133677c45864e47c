# vi:set ft= ts=4 sw=4 et:

use lib 't/lib';
use RT qw(rtaudit);

plan_all();
run_tests();

__DATA__

=== TEST 1: a sink without a zone
--- http_config
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
--- must_die
--- error_log
no memory for "rtaudit_sink main": write "rtaudit_zone 8m" in http in



=== TEST 2: a zone that is too small
--- http_config
    rtaudit_zone 256k;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
    rtaudit main;
--- must_die
--- error_log eval
qr/"rtaudit_zone 256k" is too small for 1 worker processes and events of 65536 bytes: make it at least \d+k in/



=== TEST 3: a zone that is no size
--- http_config
    rtaudit_zone big;
--- config
--- must_die
--- error_log
invalid size "big" in "rtaudit_zone": write at least "32k"



=== TEST 4: two zones
--- http_config
    rtaudit_zone 1m;
    rtaudit_zone 2m;
--- config
--- must_die
--- error_log
"rtaudit_zone" directive is duplicate



=== TEST 5: an unknown sink
--- http_config
    rtaudit_zone 2m;
--- config
    rtaudit mian;
--- must_die
--- error_log
unknown sink "mian" in "rtaudit": write "rtaudit_sink mian file:PATH" in http



=== TEST 6: the sink of a location may be declared later
--- http_config
    server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; rtaudit main; }
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
    location /t { return 200 ok; }
--- request
GET /t
--- response_body: ok



=== TEST 7: off beside a name
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
    rtaudit main off;
--- must_die
--- error_log
"rtaudit" has "off" beside names of sinks: write either "rtaudit off" or the names



=== TEST 8: a name twice
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
    rtaudit main main;
--- must_die
--- error_log
"rtaudit" names the sink "main" twice: write it once



=== TEST 9: a sink twice
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit2.log;
--- config
--- must_die
--- error_log
"rtaudit_sink main" is already defined in



=== TEST 10: a file twice
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
    rtaudit_sink two file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
--- must_die
--- error_log
which another log or sink writes: name another file



=== TEST 11: a sink named off
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink off file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
--- must_die
--- error_log
invalid name "off" in "rtaudit_sink": write 1 to



=== TEST 12: another target
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:server=localhost;
--- config
--- must_die
--- error_log
invalid target "syslog:server=localhost" in "rtaudit_sink": write syslog:tls://HOST



=== TEST 13: a relative path
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:logs/audit.log;
--- config
--- must_die
--- error_log
invalid target "file:logs/audit.log" in "rtaudit_sink": write the absolute path of a file



=== TEST 14: a directory
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs;
--- config
--- must_die
--- error_log
which is a directory: name a file in it



=== TEST 15: a directory that is not there
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/none/audit.log;
--- config
--- must_die
--- error_log
name a file in a directory that is there and may be written



=== TEST 16: a variable in a path
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:/var/log/$host.log;
--- config
--- must_die
--- error_log
invalid target "file:/var/log/$host.log" in "rtaudit_sink": write one fixed path, without variables



=== TEST 17: modes
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log mode=0755;
--- config
--- must_die
--- error_log
invalid parameter "mode=0755" in "rtaudit_sink": write mode=0600, mode=0640, mode=0660



=== TEST 18: a mode its owner cannot write with
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log mode=0400;
--- config
--- must_die
--- error_log
invalid parameter "mode=0400" in "rtaudit_sink"



=== TEST 19: a mode that is no number
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log mode=rw;
--- config
--- must_die
--- error_log
invalid parameter "mode=rw" in "rtaudit_sink"



=== TEST 20: an option that there is not
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log safe;
--- config
--- must_die
--- error_log
invalid parameter "safe" in "rtaudit_sink": write "required", "class=NAME,...", "format=NAME", "strict", "fsync=0" or "mode=0600"



=== TEST: strict, and the disk is not waited for
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/a.log fsync=off strict;
--- config
--- must_die
--- error_log
invalid parameter "fsync=off" in "rtaudit_sink": a sink that is "strict" waits for the disk, write "fsync=0" or a time in



=== TEST: strict, and nothing but alerts
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/a.log strict class=health,alert;
--- config
--- must_die
--- error_log
invalid parameter in "rtaudit_sink": an intent is no alert, leave out "strict" or "class=alert" in



=== TEST: a time that is none
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/a.log fsync=on;
--- config
--- must_die
--- error_log
invalid parameter "fsync=on" in "rtaudit_sink": write "fsync=off", or a time from 0 to 1s in



=== TEST: a time that is too long
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/a.log fsync=2s;
--- config
--- must_die
--- error_log
invalid parameter "fsync=2s" in "rtaudit_sink": write "fsync=off", or a time from 0 to 1s in



=== TEST: what is no disk
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:/dev/null strict;
--- config
--- must_die
--- error_log
"rtaudit_sink main" has "fsync" or "strict", and "/dev/null" is no file of a disk: name one, or leave them out in



=== TEST: a collector is no disk
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main syslog:unix:/dev/log strict;
--- config
--- must_die
--- error_log
invalid parameter "strict" in "rtaudit_sink"



=== TEST: a file that is committed
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/a.log strict fsync=5ms;
--- config
    location = /strict { rtaudit main; empty_gif; }
--- request
    GET /strict
--- error_code: 200



=== TEST 21: a level that is none
--- config
    rtaudit_level all;
--- must_die
--- error_log
invalid level "all" in "rtaudit_level": write "none", "metadata", "request" or "response"



=== TEST 22: a level that is never looked at
--- config
    rtaudit_level metadata;
    rtaudit_level request if=$arg_x;
--- must_die
--- error_log
"rtaudit_level request" is never looked at after a line without condition



=== TEST 23: a condition that is none
--- config
    rtaudit_level request if=yes;
--- must_die
--- error_log
invalid condition "if=yes" in "rtaudit_level": write one like "if=$variable"



=== TEST 24: redaction without selector
--- config
    rtaudit_redact password;
--- must_die
--- error_log
invalid arguments in "rtaudit_redact": "password" cannot be used: a selector is "name:GLOB", for example



=== TEST 25: redaction with an action only
--- config
    rtaudit_redact action=drop;
--- must_die
--- error_log
invalid arguments in "rtaudit_redact": a selector is missing, for example "name:password" in



=== TEST 26: redaction with an unknown action
--- config
    rtaudit_redact name:password action=hide;
--- must_die
--- error_log
invalid arguments in "rtaudit_redact": "action=hide" cannot be used: the action is "action=mask", "action=drop" or



=== TEST 27: redaction with an unknown selector
--- config
    rtaudit_redact shade:card;
--- must_die
--- error_log
invalid arguments in "rtaudit_redact": "shade:card" cannot be used: a selector is "name:GLOB"



=== TEST 28: a header that is none
--- config
    rtaudit_header "User Agent";
--- must_die
--- error_log
invalid name "User Agent" in "rtaudit_header": write that of a request header



=== TEST 29: an event that is too small
--- config
    rtaudit_max_event 1k;
--- must_die
--- error_log
invalid size "1k" in "rtaudit_max_event": write one from 8k to 1m



=== TEST 30: a body that is too large
--- config
    rtaudit_body 64m;
--- must_die
--- error_log
invalid size "64m" in "rtaudit_body": write at most 16m



=== TEST 31: an action that is none
--- config
    rtaudit_action page-view;
--- must_die
--- error_log
invalid action "page-view" in "rtaudit_action": write 1 to 64 capitals



=== TEST 32: two actions
--- config
    rtaudit_action A;
    rtaudit_action B;
--- must_die
--- error_log
"rtaudit_action" directive is duplicate



=== TEST 33: a field nginx knows by itself
--- config
    rtaudit_field status 200;
--- must_die
--- error_log
invalid name "status" in "rtaudit_field": write userId, organizationId



=== TEST 34: a member no user has
--- config
    rtaudit_field user.password $arg_x;
--- must_die
--- error_log
invalid name "user.password" in "rtaudit_field"



=== TEST 35: a field twice
--- config
    rtaudit_field pageName a;
    rtaudit_field pageName b;
--- must_die
--- error_log
"rtaudit_field pageName" is given twice: write all its sources in one line



=== TEST 36: a source without a name
--- config
    rtaudit_field pageName arg:;
--- must_die
--- error_log
invalid source "arg:" in "rtaudit_field": write a name behind the colon



=== TEST 37: a path that is none
--- config
    rtaudit_field pageName "json:a[x";
--- must_die
--- error_log
invalid source "json:a[x" in "rtaudit_field": write the path like



=== TEST 38: credentials as a source
--- config
    rtaudit_field userId header:Authorization;
--- must_die
--- error_log
invalid source "header:Authorization" in "rtaudit_field": write another, this one holds credentials



=== TEST 39: credentials as a variable
--- config
    rtaudit_field userId "by ${HTTP_Proxy_Authorization}";
--- must_die
--- error_log
invalid source "by ${HTTP_Proxy_Authorization}" in "rtaudit_field": write another, this one holds



=== TEST 40: credentials of an answer
--- config
    rtaudit_field userId $upstream_http_set_cookie;
--- must_die
--- error_log
invalid source "$upstream_http_set_cookie" in "rtaudit_field": write another, this one holds credentials



=== TEST 41: a variable with all names of a request in it
--- config
    rtaudit_field pageName "$uri?$args";
--- must_die
--- error_log
invalid source "$uri?$args" in "rtaudit_field": write $uri, arg:NAME



=== TEST 42: the body as it came
--- config
    rtaudit_field pageName ${request_body};
--- must_die
--- error_log
invalid source "${request_body}" in "rtaudit_field": write $uri



=== TEST 43: an unknown variable
--- config
    rtaudit_field userId $rtaudit_nobody;
--- must_die
--- error_log
unknown "rtaudit_nobody" variable



=== TEST 40: the file of an access log
--- http_config
    access_log $TEST_NGINX_SERVER_ROOT/logs/audit.log;
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
--- must_die
--- error_log
which another log or sink writes: name another file



=== TEST 44: redaction with nothing at all
--- config
    rtaudit_redact;
--- must_die
--- error_log
invalid arguments in "rtaudit_redact": a selector is missing, for example "name:password" in



=== TEST 45: redaction of a name that is none
--- config
    rtaudit_redact name: action=drop;
--- must_die
--- error_log
invalid arguments in "rtaudit_redact": "name:" cannot be used: a name is missing after "name:"



=== TEST 46: a lost semicolon is no header
--- http_config
    rtaudit_zone 1m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
--- config
    rtaudit_header X-Foo
    rtaudit main;
--- must_die
--- error_log
a semicolon is missing before "rtaudit" in "rtaudit_header"



=== TEST 47: redaction of a name with a control character
--- config eval: "rtaudit_redact name:pass\x01word;"
--- must_die
--- error_log
cannot be used: a name has no control characters, write "*" in their place



=== TEST 48: a file twice, by another spelling of its path
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log;
    rtaudit_sink two file:$TEST_NGINX_SERVER_ROOT/logs//audit.log;
--- config
--- must_die
--- error_log
which another log or sink writes: name another file



=== TEST 49: the tokens of a session
--- config
    rtaudit_field userId "by $RTAUTH_access_token";
--- must_die
--- error_log
invalid source "by $RTAUTH_access_token" in "rtaudit_field": write another, this one holds credentials



=== TEST: redaction of a path without a wildcard
--- config
    rtaudit_redact uri:/reset;
    location / { return 200; }
--- must_die
--- error_log
"uri:/reset" cannot be used: the segment to be taken out is a "*", for example "uri:/reset/*" in



=== TEST: redaction of a shape that there is not
--- config
    rtaudit_redact shape:passport;
    location / { return 200; }
--- must_die
--- error_log
"shape:passport" cannot be used: a shape is card, iban, email, ip, jwt, bearer, pem or key in



=== TEST: redaction of a user's member that there is not
--- config
    rtaudit_redact user:mail;
    location / { return 200; }
--- must_die
--- error_log
invalid member "mail" in "rtaudit_redact": write one of the event's user, like "user:email", or "user:*"



=== TEST: a class that there is not
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log class=health,private;
--- config
--- must_die
--- error_log
invalid class "health,private" in "rtaudit_sink": write one or more of usage, metering, health, alert, pii and content, with commas between them, or class=all



=== TEST: all classes and one of them
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log class=all,health;
--- config
--- must_die
--- error_log
invalid class "all,health" in "rtaudit_sink"



=== TEST: one class and all of them
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log class=health,all;
--- config
--- must_die
--- error_log
invalid class "health,all" in "rtaudit_sink"



=== TEST: no class
--- http_config
    rtaudit_zone 2m;
    rtaudit_sink main file:$TEST_NGINX_SERVER_ROOT/logs/audit.log class=;
--- config
--- must_die
--- error_log
invalid class "" in "rtaudit_sink"



=== TEST: a time of rtaudit_started that is too short
--- http_config
    rtaudit_started 10ms;
--- config
--- must_die
--- error_log
invalid time "10ms" in "rtaudit_started": write 1s to 1d, or "off"



=== TEST: a time of rtaudit_started that is too long
--- http_config
    rtaudit_started 2d;
--- config
--- must_die
--- error_log
invalid time "2d" in "rtaudit_started": write 1s to 1d, or "off"



=== TEST: a time of rtaudit_started that is none
--- http_config
    rtaudit_started soon;
--- config
--- must_die
--- error_log
invalid time "soon" in "rtaudit_started": write 1s to 1d, or "off"



=== TEST: rtaudit_started twice
--- http_config
    rtaudit_started off;
    rtaudit_started 1m;
--- config
--- must_die
--- error_log
"rtaudit_started" directive is duplicate



=== TEST: a parameter of a sink twice
--- http_config
    rtaudit_zone 1m;
    rtaudit_sink twice file:$TEST_NGINX_SERVER_ROOT/logs/twice.log mode=0640 mode=0600;
--- config
--- must_die
--- error_log
invalid parameter "mode=" in "rtaudit_sink": write it once

# Wrong configuration does not start, and says what to write instead.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

plan_all();
run_tests();

__DATA__

=== TEST 1: unknown preset
--- config
    rtcsp talismann;
--- must_die
--- error_log
invalid preset "talismann" in "rtcsp": write talisman, google, superset



=== TEST 2: placeholder too short
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=data:abcdefghijklmnopqrstu;
--- must_die
--- error_log eval
[qr/the placeholder of "rtcsp_nonce" is too short: make it 22 to 128/]
--- no_error_log
abcdefghijklmnopqrstu



=== TEST 3: placeholder too long
--- config eval
"rtcsp superset; rtcsp_nonce placeholder=data:" . ("abcdefghij" x 13) . ";"
--- must_die
--- error_log
the placeholder of "rtcsp_nonce" is too long: make it 22 to 128



=== TEST 4: placeholder with other characters
--- config
    rtcsp superset;
    rtcsp_nonce "placeholder=data:abcdefghijklmnopqrstuvw+/";
--- must_die
--- error_log
has characters other than A-Z, a-z, 0-9, - and _



=== TEST 5: a secret that does not say where it is
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=abcdefghijklmnopqrstuvwxyz012345;
--- must_die
--- error_log
does not say where it comes from: write file:PATH, env:NAME, exec:PATH or data:TEXT
--- no_error_log
abcdefghijklmnopqrstuvwxyz012345



=== TEST 6: a secret alone
--- config
    rtcsp superset;
    rtcsp_nonce abcdefghijklmnopqrstuvwxyz012345;
--- must_die
--- error_log
invalid parameter in "rtcsp_nonce": write placeholder=file:PATH
--- no_error_log
abcdefghijklmnopqrstuvwxyz012345



=== TEST 7: ways to a nonce that do not exist
--- config
    rtcsp superset;
    rtcsp_nonce auto;
--- must_die
--- error_log
invalid parameter in "rtcsp_nonce": write placeholder=file:PATH



=== TEST 8: secret file is absent
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=file:$TEST_NGINX_HTML_DIR/absent;
--- must_die
--- error_log
which cannot be opened, mend the path or who may read it; it is a file that the user who starts nginx may read, and others may not



=== TEST 9: secret file others may read
--- user_files
>>> secret
abcdefghijklmnopqrstuvwxyz012345
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=file:$TEST_NGINX_HTML_DIR/secret;
--- must_die
--- error_log
which other users may read, write or execute: chmod o= it
--- no_error_log
abcdefghijklmnopqrstuvwxyz012345



=== TEST 10: secret file is a folder
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=file:$TEST_NGINX_HTML_DIR;
--- must_die
--- error_log
which is empty, too large or no regular file; it is a file that



=== TEST 11: secret file without a name
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=file:;
--- must_die
--- error_log
is "file:" without a path: write file:PATH



=== TEST 12: a variable that is not in the environment
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=env:RTCSP_TEST_NO_SUCH_VARIABLE;
--- must_die
--- error_log
is not in the environment: set "RTCSP_TEST_NO_SUCH_VARIABLE"



=== TEST 13: an empty secret
--- config
    rtcsp superset;
    rtcsp_nonce placeholder=data:;
--- must_die
--- error_log
is empty: write the secret there, as text on one line



=== TEST 14: header name
--- config
    rtcsp superset;
    rtcsp_nonce header=X_Nonce;
--- must_die
--- error_log
invalid header name "X_Nonce" in "rtcsp_nonce": write a name of its own



=== TEST 15: header name nginx needs
--- config
    rtcsp superset;
    rtcsp_nonce header=Host;
--- must_die
--- error_log
invalid header name "Host" in "rtcsp_nonce": write a name of its own



=== TEST 16: unknown directive in a policy
--- config
    rtcsp_policy "default-src 'self'; scritp-src 'self'";
--- must_die
--- error_log
scritp-src



=== TEST 17: duplicate directive in a policy
--- config
    rtcsp_policy "script-src 'self'; script-src https:";
--- must_die
--- error_log
script-src



=== TEST 18: 'none' with others
--- config
    rtcsp_policy "default-src 'none' https:";
--- must_die
--- error_log
none



=== TEST 19: an empty policy
--- config
    rtcsp_policy " ; ";
--- must_die
--- error_log
invalid policy " ; " in "rtcsp_policy": write directives as in



=== TEST 20: a comma ends a policy
--- config
    rtcsp_policy "default-src 'self', script-src *";
--- must_die
--- error_log
in the policy of "rtcsp_policy"



=== TEST 21: variables where what is missing allows more
--- config
    rtcsp_policy "default-src 'self'; sandbox $host";
--- must_die
--- error_log
"sandbox $host" in the policy of "rtcsp_policy": a variable can stand among sources alone



=== TEST 22: variables that a client writes
--- config
    rtcsp on;
    rtcsp_directive img-src https://${arg_x}.example.com;
--- must_die
--- error_log
"https://${arg_x}.example.com" in the policy of "rtcsp" is what a client sends: write a "map" of it



=== TEST 23: and $1
--- config
    location ~ ^/v/(.*)$ { rtcsp_policy "script-src $1"; }
--- must_die
--- error_log
"$1" in the policy of "rtcsp_policy" is what a client sends: write a "map" of it



=== TEST 24: and ${remote_user}
--- config
    rtcsp_policy "script-src ${remote_user}";
--- must_die
--- error_log
"${remote_user}" in the policy of "rtcsp_policy" is what a client sends: write a "map" of it



=== TEST 25: and $request_filename
--- config
    rtcsp_policy "script-src $request_filename";
--- must_die
--- error_log
"$request_filename" in the policy of "rtcsp_policy" is what a client sends: write a "map" of it



=== TEST 26: unknown directive in rtcsp_directive
--- config
    rtcsp on;
    rtcsp_directive scritp-src self;
--- must_die
--- error_log
scritp-src



=== TEST 27: a value that would end the directive
--- config
    rtcsp on;
    rtcsp_directive img-src "self; script-src *";
--- must_die
--- error_log
write one directive, without ";" and ","



=== TEST 28: nothing to add
--- config
    rtcsp on;
    rtcsp_directive img-src +;
--- must_die
--- error_log
"rtcsp_directive img-src +" adds nothing: write a value after the "+"



=== TEST 29: nothing to take away
--- config
    rtcsp on;
    rtcsp_directive img-src off;
--- must_die
--- error_log
the policy has no such directive to take away: remove the line



=== TEST 30: all taken away
--- config
    rtcsp on;
    rtcsp_directive default-src off;
    rtcsp_directive object-src off;
--- must_die
--- error_log
write "rtcsp_policy off" instead



=== TEST 31: rtcsp_directive without a policy
--- config
    rtcsp_directive img-src self;
--- must_die
--- error_log
no policy for "rtcsp_directive img-src" to change: write "rtcsp PRESET"



=== TEST 32: rtcsp_nonce_in without a policy
--- config
    rtcsp_nonce_in script-src;
--- must_die
--- error_log
no policy for "rtcsp_nonce_in" to put a nonce in: write "rtcsp PRESET"



=== TEST 33: rtcsp_nonce_in of a directive that takes none
--- config
    rtcsp on;
    rtcsp_nonce header;
    rtcsp_nonce_in img-src;
--- must_die
--- error_log
invalid directive "img-src" in "rtcsp_nonce_in": write one that takes a nonce, script-src, style-src



=== TEST 34: rtcsp_report_only without a policy
--- config
    rtcsp_report_only on;
--- must_die
--- error_log
no policy for "rtcsp_report_only on": write "rtcsp PRESET"



=== TEST 35: rtcsp_report_only_policy without a place to report to
--- config
    rtcsp on;
    rtcsp_report_only_policy strict;
--- must_die
--- error_log
the policy of "rtcsp_report_only_policy" is only reported on, but says nowhere to: write "rtcsp_report_uri URI"



=== TEST 36: two policies to report on
--- config
    rtcsp on;
    rtcsp_report_uri /r;
    rtcsp_report_only on;
    rtcsp_report_only_policy strict;
--- must_die
--- error_log
would both send Content-Security-Policy-Report-Only: remove one of them



=== TEST 37: report URI
--- config
    rtcsp on;
    rtcsp_report_uri "/r; script-src *";
--- must_die
--- error_log
in "rtcsp_report_uri": write a path such as /csp-report



=== TEST 38: ALLOW-FROM
--- config
    rtcsp on;
    rtcsp_frame_options ALLOW-FROM https://example.com;
--- must_die
--- error_log
invalid value "ALLOW-FROM" in "rtcsp_frame_options": write SAMEORIGIN, DENY or off; browsers ignore ALLOW-FROM



=== TEST 39: referrer policy
--- config
    rtcsp on;
    rtcsp_referrer_policy strict;
--- must_die
--- error_log
invalid value "strict" in "rtcsp_referrer_policy": write no-referrer,



=== TEST 40: permissions policy
--- config
    rtcsp on;
    rtcsp_permissions_policy camera;
--- must_die
--- error_log
invalid value "camera" in "rtcsp_permissions_policy": write features such as "camera=()"



=== TEST 41: hsts option, value, preload
--- config
    rtcsp on;
    rtcsp_hsts maxage=1;
--- must_die
--- error_log
invalid parameter "maxage=1" in "rtcsp_hsts": write on, off, or any of "max_age=TIME"



=== TEST 42: hsts max_age
--- config
    rtcsp on;
    rtcsp_hsts max_age=soon;
--- must_die
--- error_log
invalid parameter "max_age=soon" in "rtcsp_hsts": write seconds or a time



=== TEST 43: hsts preload
--- config
    rtcsp on;
    rtcsp_hsts preload=on include_subdomains=off;
--- must_die
--- error_log
"preload=on" in "rtcsp_hsts" needs "include_subdomains=on"



=== TEST 44: trusted proxy
--- config
    rtcsp_trusted_proxy 10.0.0.0/33;
--- must_die
--- error_log
invalid address "10.0.0.0/33" in "rtcsp_trusted_proxy": write an address, a network such as 10.0.0.0/8



=== TEST 45: types
--- config
    rtcsp_types application/xhtml+xml;
--- must_die
--- error_log
invalid type "application/xhtml+xml" in "rtcsp_types": write types that are HTML, such as text/html, for browsers read it as XML



=== TEST 46: all types
--- config
    rtcsp_types *;
--- must_die
--- error_log
invalid type "*" in "rtcsp_types": write types that are HTML, such as text/html, for images would be read as HTML



=== TEST 47: said twice
--- config
    rtcsp on;
    rtcsp_frame_options DENY;
    rtcsp_frame_options SAMEORIGIN;
--- must_die
--- error_log
"rtcsp_frame_options" directive is duplicate



=== TEST 48: cross-origin headers, sniffing, XSS protection, file save, feature policy
--- config
    rtcsp on;
    rtcsp_coop same-site;
--- must_die
--- error_log
invalid value "same-site" in "rtcsp_coop": write same-origin,



=== TEST 49: rtcsp_coep
--- config
    rtcsp_coep on;
--- must_die
--- error_log
invalid value "on" in "rtcsp_coep": write require-corp,



=== TEST 50: rtcsp_corp
--- config
    rtcsp_corp none;
--- must_die
--- error_log
invalid value "none" in "rtcsp_corp": write same-origin,



=== TEST 51: rtcsp_content_type_options
--- config
    rtcsp_content_type_options sniff;
--- must_die
--- error_log
invalid value "sniff" in "rtcsp_content_type_options": write on or off



=== TEST 52: rtcsp_xss_protection
--- config
    rtcsp_xss_protection block;
--- must_die
--- error_log
invalid value "block" in "rtcsp_xss_protection": write on, 0 or off



=== TEST 53: rtcsp_force_file_save
--- config
    rtcsp_force_file_save yes;
--- must_die
--- error_log
invalid value "yes" in "rtcsp_force_file_save": write on or off



=== TEST 54: rtcsp_feature_policy
--- config
    rtcsp_feature_policy geolocation;
--- must_die
--- error_log
invalid value "geolocation" in "rtcsp_feature_policy": write a policy such as



=== TEST 55: directives that do not exist
--- config
    rtcsp_report;
--- must_die
--- error_log
unknown directive "rtcsp_report"



=== TEST 56: rtcsp_upstream and rtcsp_cache
--- config
    rtcsp_upstream merge;
--- must_die
--- error_log
invalid value "merge"



=== TEST 57: rtcsp_cache
--- config
    rtcsp_cache public;
--- must_die
--- error_log
invalid value "public"



=== TEST 58: two values where one may stand
--- config
    rtcsp_frame_options SAMEORIGIN DENY;
--- must_die
--- error_log
invalid number of arguments in "rtcsp_frame_options": write SAMEORIGIN, DENY or off



=== TEST 59: document policy
--- config
    rtcsp_document_policy on;
--- must_die
--- error_log
invalid value "on" in "rtcsp_document_policy": write features such as



=== TEST 60: rtcsp_nonce_in with no policy to say so, on a level of its own
--- http_config
    rtcsp_nonce_in scrpit-src;
--- config
    rtcsp on;
    rtcsp_nonce header;
--- must_die
--- error_log
invalid directive "scrpit-src" in "rtcsp_nonce_in": write one that takes a nonce, script-src, style-src



=== TEST 61: 'none' beside a nonce on the same level
--- config
    rtcsp api;
    rtcsp_nonce header;
    rtcsp_nonce_in script-src;
--- must_die
--- error_log
a nonce opens what 'none' closes



=== TEST 62: a nonce on the same level, and a policy that restricts no script
--- config
    rtcsp_policy "img-src 'self'";
    rtcsp_nonce header;
    rtcsp_nonce_in script-src;
--- must_die
--- error_log
invalid directive "script-src" in "rtcsp_nonce_in": write it or default-src in the policy, which has neither



=== TEST 63: a nonce that no policy lists is warned of
--- config
    rtcsp talisman;
    rtcsp_nonce header;
    location /t { rtcsp_directive img-src; rtcsp_directive font-src off; }
--- must_die
--- error_log
"rtcsp_nonce" gives no page a nonce, because no policy lists it: write "rtcsp_nonce_in script-src"



=== TEST 64: what lets scripts in is warned of
--- config
    location /t {
        rtcsp_policy "default-src 'self' 'unsafe-eval'; object-src *";
        rtcsp_nonce_in script-src;
        rtcsp_nonce header;
        return 200 ok;
    }
--- request
GET /t
--- error_code: 200
--- error_log
scripts can run text, injected text as well
"object-src *" in the policy of "rtcsp_policy"
an injected <base> moves the sources of scripts



=== TEST 65: a preset as it is, with a nonce, is not
--- config
    location /t {
        rtcsp talisman;
        rtcsp_nonce_in script-src;
        rtcsp_nonce header;
        return 200 ok;
    }
--- request
GET /t
--- error_code: 200
--- no_error_log
[warn]



=== TEST 66: values are added to those of default-src, without a warning
--- config
    location /t {
        rtcsp talisman;
        rtcsp_directive connect-src + https://api.example.com;
        return 200 ok;
    }
--- request
GET /t
--- response_headers
Content-Security-Policy: default-src 'self'; object-src 'none'; connect-src 'self' https://api.example.com
--- no_error_log
[warn]



=== TEST 67: and to those of script-src, where workers fall back to it
--- config
    location /t {
        rtcsp_policy "default-src 'none'; script-src 'self'";
        rtcsp_directive worker-src + blob:;
        rtcsp_directive img-src + data:;
        rtcsp_directive font-src + none;
        return 200 ok;
    }
--- request
GET /t
--- response_headers
Content-Security-Policy: default-src 'none'; script-src 'self'; worker-src 'self' blob:; img-src data:; font-src 'none'
--- no_error_log
[warn]



=== TEST 68: no way to a nonce: the directive that is missing is named
--- config
    location /t {
        rtcsp superset;
        return 200 ok;
    }
--- request
GET /t
--- error_code: 200
--- error_log
no script runs at all: add "rtcsp_nonce", the way in which pages get one
--- no_error_log
rtcsp_nonce_in



=== TEST 69: a way to a nonce, which the policy does not list
--- config
    location /t {
        rtcsp_policy "default-src 'self'; script-src 'strict-dynamic'";
        rtcsp_nonce header;
        return 200 ok;
    }
--- request
GET /t
--- error_code: 200
--- error_log
no script runs at all: name the directive in "rtcsp_nonce_in"



=== TEST 70: superset-dev is upstream's list
--- config
    location /t {
        rtcsp superset-dev;
        return 200 ok;
    }
--- request
GET /t
--- raw_response_headers_like: img-src 'self' blob: data: https://apachesuperset.gateway.scarf.sh https://static.scarf.sh/ https://cdn.brandfolder.io ows.terrestris.de https://cdn.document360.io;



=== TEST 71: a comma in a list (the first of the forms that browsers drop whole)
--- config
    rtcsp_permissions_policy geolocation=() 'fullscreen=(self, "https://a.example")';
--- must_die
--- error_log
in "rtcsp_permissions_policy", because of what begins at ", "https://a.example")": blanks, and nothing else, stand between the values of a list



=== TEST 72: a capital letter in a name
--- config
    rtcsp_permissions_policy geolocation=() Camera=();
--- must_die
--- error_log
"geolocation=(), Camera=()" in "rtcsp_permissions_policy", because of what begins at "Camera=()": a name begins with a small letter



=== TEST 73: single quotes
--- config
    rtcsp_permissions_policy "camera=('self')";
--- must_die
--- error_log
because of what begins at "'self')": quotes are double, and stand around origins



=== TEST 74: a list that does not end
--- config
    rtcsp_permissions_policy "camera=(self" usb=();
--- must_die
--- error_log
because of what begins at ", usb=()": blanks, and nothing else



=== TEST 75: a string that does not end
--- config
    rtcsp_permissions_policy 'camera=("https://a.example)';
--- must_die
--- error_log
because of what begins at "": a string ends with a quote



=== TEST 76: blanks around the sign
--- config
    rtcsp_permissions_policy 'camera = ()';
--- must_die
--- error_log
because of what begins at "= ()": a "=" has no blanks around it



=== TEST 77: two features without a comma
--- config
    rtcsp_permissions_policy 'camera=() usb=()';
--- must_die
--- error_log
because of what begins at "usb=()": a "=" has no blanks around it, and a comma stands behind each feature



=== TEST 78: a value that is missing
--- config
    rtcsp_permissions_policy camera=;
--- must_die
--- error_log
because of what begins at "": a value is missing



=== TEST 79: a document policy in the old form
--- config
    rtcsp_document_policy "oversized-images='2.0'";
--- must_die
--- error_log
in "rtcsp_document_policy", because of what begins at "'2.0'"



=== TEST 80: values that browsers overlook are warned of, and sent
--- config
    location /t {
        rtcsp_permissions_policy camera=none 'usb=(https://a.example "self")' usb=();
        rtcsp_document_policy js-profiling=(self);
        return 200 ok;
    }
--- request
GET /t
--- response_headers
Permissions-Policy: camera=none, usb=(https://a.example "self"), usb=()
Document-Policy: js-profiling=(self)
--- error_log
"camera=none" in "rtcsp_permissions_policy": browsers ignore it: write self, *
"usb=https://a.example" in "rtcsp_permissions_policy": browsers ignore it
"usb="self"" in "rtcsp_permissions_policy": only origins such as
"usb=" in "rtcsp_permissions_policy": browsers take the last of the same name
"js-profiling=" in "rtcsp_document_policy": a feature of a document has one



=== TEST 81: what is in order is not
--- config
    rtcsp_warning off;
    location /t {
        rtcsp_permissions_policy camera=() 'usb=(self "https://a.example"), midi=*' "geolocation=();report-to=x";
        rtcsp_document_policy force-load-at-top, js-profiling=?0 oversized-images=2.0;
        return 200 ok;
    }
--- request
GET /t
--- response_headers
Permissions-Policy: camera=(), usb=(self "https://a.example"), midi=*, geolocation=();report-to=x
Document-Policy: force-load-at-top, js-profiling=?0, oversized-images=2.0
--- no_error_log
[warn]



=== TEST 82: a lost semicolon is no source
--- config
    rtcsp talisman;
    rtcsp_directive img-src 'self' https://a.example
    rtcsp_nonce_in script-src;
--- must_die
--- error_log
a semicolon is missing before "rtcsp_nonce_in" in "rtcsp_directive"



=== TEST 83: nor a type
--- config
    rtcsp_types text/x-html
    proxy_pass http://127.0.0.1;
--- must_die
--- error_log
a semicolon is missing before "proxy_pass" in "rtcsp_types"



=== TEST 84: sources of scripts that let anybody's through are warned of
--- config
    location /t {
        rtcsp_policy "default-src 'self'; script-src *.com *:443 blob: https://www.google.com *.cloudfront.net; style-src 'strict-dynamic'";
        return 200 ok;
    }
--- request
GET /t
--- error_code: 200
--- error_log
"script-src *.com" in the policy of "rtcsp_policy": anybody can have a host there
"script-src *:443" in the policy of "rtcsp_policy": any host may give scripts
"script-src blob:" in the policy of "rtcsp_policy": a page's own scripts can make
"script-src https://www.google.com" in the policy of "rtcsp_policy": it serves JSONP
"script-src *.cloudfront.net" in the policy of "rtcsp_policy": anybody can have a subdomain
"style-src 'strict-dynamic'" in the policy of "rtcsp_policy": it counts for scripts alone



=== TEST 85: so are sources that browsers cannot parse
--- config
    location /t {
        rtcsp_policy "default-src 'self'; img-src //cdn.example.com https://cdn.*.example.com https://u:p@a.example a.example:80-90; script-src 'self' https://a.example/x.js?v=1";
        return 200 ok;
    }
--- request
GET /t
--- error_code: 200
--- error_log
"img-src //cdn.example.com" in the policy of "rtcsp_policy": browsers ignore it: a host without a scheme
"img-src https://cdn.*.example.com" in the policy of "rtcsp_policy": browsers ignore it: a "*" stands for
"img-src https://u:p@a.example" in the policy of "rtcsp_policy": browsers ignore it: a source has no user
"img-src a.example:80-90" in the policy of "rtcsp_policy": browsers ignore it: a port is one number
"script-src https://a.example/x.js?v=1" in the policy of "rtcsp_policy": a path matches whatever the query



=== TEST 86: and a policy that restricts no plugins
--- config
    location /t {
        rtcsp_policy "script-src 'self'";
        return 200 ok;
    }
--- request
GET /t
--- error_code: 200
--- error_log
"object-src" in the policy of "rtcsp_policy": any plugin may run: add object-src 'none'



=== TEST: a parameter twice
--- config
    rtcsp_session_cookie session samesite=Lax samesite=None;
--- must_die
--- error_log
invalid parameter "samesite=" in "rtcsp_session_cookie": write it once

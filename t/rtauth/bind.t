# rtauth_bind SOURCE VALUE [required] | off

use lib 't/lib';
use RT qw(rtauth);
use RT::JWT;

our $app = 'proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app;';

our $to = '
    location /app { return 200 "in"; }
';

our $corp = RT::JWT::corp();
our $me = RT::JWT::bearer(tenant => '7');

our $body = "
    rtauth corp;
    location = /app { rtauth off; return 200 in; }
    location /f { rtauth_bind form:email \$rtauth_user; $app }
    location /j { rtauth_bind json:/email \$rtauth_user; $app }
    location /n { rtauth_bind json:/user/mail \$rtauth_user; $app }
    location /b { rtauth_bind form:email \$rtauth_user;
                  rtauth_bind json:/email \$rtauth_user; $app }
    location /a { rtauth_bind arg:email \$rtauth_user; $app }
    location /r { rtauth_bind form:email \$rtauth_user required;
                  rtauth_bind json:/email \$rtauth_user required; $app }
    location /h { rtauth_bind header:X-Email \$rtauth_user; $app }
    add_header X-R \$rtauth_result always;
";

# a table: [path, Content-Type, body], and what becomes of it

sub posts { [map { "POST $_->[0]\n$_->[2]" } @_] }

sub heads {
    [map { my ($type, @more) = ref $_->[1] ? @{$_->[1]} : $_->[1];
           join "\n", $me, defined $type ? "Content-Type: $type" : (), @more }
         @_]
}

our $form = 'application/x-www-form-urlencoded';
our $json = 'application/json';
our $multi = 'multipart/form-data; boundary=XX';

# a multipart body of [disposition, value, more lines]

sub parts {
    join('', map { "--XX\r\nContent-Disposition: form-data; $_->[0]\r\n"
                   . ($_->[2] // '') . "\r\n$_->[1]\r\n" } @_) . "--XX--\r\n"
}

our $mine = ['name="email"', 'ann@example.com'];
our $evil = ['name="email"', 'bob@example.com'];

our @good = (
    ['/f', $form, 'email=ann@example.com'],
    ['/f', $form, 'a=1&email=ann%40example.com&b=2'],
    ['/f', 'Application/X-WWW-Form-URLEncoded; charset=utf-8',
     'email=ann%40example.com'],
    ['/f', $form, 'a=1'],
    ['/f', $form, ''],
    ['/f', undef, ''],
    ['/f?email=bob@example.com', $form, 'email=ann@example.com'],
    ['/f', $multi, parts($mine)],
    ['/f', $multi, parts(['name=email', 'ann@example.com'])],
    ['/f', $multi, parts(['name="a"', 'x'], $mine,
                         ['name="f"; filename="a b.txt"', "\0\xff--",
                          "Content-Type: image/png\r\n"])],
    ['/f', 'multipart/form-data; charset=UTF-8; boundary="XX"',
     parts($mine) =~ s/\r\n\z//r],
    ['/f', $multi, parts(['name="a"', 'bob@example.com'])],
    ['/f', $multi, parts()],
    ['/j', $json, '{"email":"ann@example.com"}'],
    ['/j', 'application/vnd.api+json', '{"email":"ann@example.com"}'],
    ['/j', $json, '{"\u0065mail":"ann\u0040example.com"}'],
    ['/j', $json, '{"other":[{"email":"bob@example.com"}]}'],
    ['/j', $json, '{}'],
    ['/n', $json, '{"user":{"mail":"ann@example.com","mailing":1}}'],
    ['/n', $json, '{"user":{}}'],
    ['/b', $json, '{"email":"ann@example.com"}'],
    ['/b', $form, 'email=ann@example.com'],
    ['/b', $multi, parts($mine)],
    ['/a?email=ann@example.com', undef, ''],
    ['/a', undef, ''],
    ['/r', $form, 'email=ann@example.com'],
    ['/r', $json, '{"email":"ann@example.com"}'],
    ['/h', [$json, 'X-Email: ann@example.com'], '{"email":"bob@example.com"}'],
);

our @urlencoded = (
    ['/f', $form, 'email=bob@example.com'],
    ['/f', $form, 'email='],
    ['/f', $form, 'email'],
    ['/f', $form, 'email=ann@example.com&email=ann@example.com'],
    ['/f', $form, 'email=ann@example.com&email=bob@example.com'],
    ['/f', $form, 'email=bob@example.com&email=ann@example.com'],
    ['/f', $form, 'email=ann@example.com&email[]=bob@example.com'],
    ['/f', $form, 'email[]=ann@example.com'],
    ['/f', $form, 'email%5B%5D=bob@example.com'],
    ['/f', $form, 'email[0]=bob@example.com'],
    ['/f', $form, 'e.mail=bob@example.com'],
    ['/f', $form, 'EMAIL=bob@example.com'],
    ['/f', $form, 'email=ann@example.com&Email=bob@example.com'],
    ['/f', $form, 'e%6dail=bob@example.com'],
    ['/f', $form, 'email=ann@example.com%00'],
    ['/f', $form, 'email%00=bob@example.com'],
    ['/f', $form, '+email=bob@example.com'],
    ['/f', $form, 'email=ann@example.com+'],
    ['/f', $form, 'email=ann@example.com;email=bob@example.com'],
    ['/f', $form, 'a=1;email=bob@example.com'],
    ['/f', $form, 'email=ann%C1%80example.com'],
    ['/f', $form, 'email=ann%40example.com&%u0065mail=bob@example.com'],
    ['/f', $form, 'a=%zz'],
    ['/f', $form, '_charset_=utf-7&a=1'],
    ['/f', $form, '_method=GET&email=bob@example.com'],
    ['/f', $form, '{"email":"bob@example.com"}'],
    ['/f', $form, " \n[{\"email\":\"bob\@example.com\"}]"],
    ['/f', $form, "\xEF\xBB\xBF{\"email\":\"bob\@example.com\"}"],
    ['/f', $form, join '&', map { "a$_=1" } 1 .. 300],
    ['/f', "$form; charset=utf-16", 'a=1'],
    ['/f', "$form; charset=utf-7", 'a=1'],
    ['/f', [$form, "Content-Type: $json"], '{"email":"bob@example.com"}'],
    ['/f', "$form, $json", 'a=1'],
    ['/f', [$form, 'Content-Encoding: gzip'], 'a=1'],
    ['/f', undef, 'a=1'],
    ['/f', 'text/plain', 'a=1'],
    ['/f', 'text/plain', '{"email":"bob@example.com"}'],
    ['/f', $json, '{"a":1}'],
    ['/f', 'application/octet-stream', 'a=1'],
    ['/r', $form, 'a=1'],
    ['/r', $form, ''],
    ['/r', undef, ''],
    ['/a', $form, 'email=bob@example.com'],
    ['/a', $json, '{}'],
    ['/a?email=bob@example.com', undef, ''],
    ['/a?email=ann@example.com&email[]=x', undef, ''],
    ['/a?Email=ann@example.com', undef, ''],
);

our @json = (
    ['/j', $json, '{"email":"bob@example.com"}'],
    ['/j', $json, '{"email":""}'],
    ['/j', $json, '{"email":null}'],
    ['/j', $json, '{"email":["ann@example.com"]}'],
    ['/j', $json, '{"email":{"$ne":null}}'],
    ['/j', $json, '{"email":"ann@example.com","email":"bob@example.com"}'],
    ['/j', $json, '{"email":"ann@example.com","\u0065mail":"bob@example.com"}'],
    ['/j', $json, '{"a":{"x":1,"x":2}}'],
    ['/j', $json, '{"Email":"bob@example.com"}'],
    ['/j', $json, '{"email":"ann@example.com","EMAIL":"bob@example.com"}'],
    ['/j', $json, '{"e_mail":"bob@example.com"}'],
    ['/j', $json, '{"email[]":"bob@example.com"}'],
    ['/j', $json, '[{"email":"bob@example.com"}]'],
    ['/j', $json, '"email"'],
    ['/j', $json, '{"email":"ann@example.com\u0000"}'],
    ['/j', $json, '{"email":"ann@example.com "}'],
    ['/j', $json, '{"email":"ann@example.com"} {"email":"bob@example.com"}'],
    ['/j', $json, "{'email':'bob\@example.com'}"],
    ['/j', $json, '{"email":"bob@example.com",}'],
    ['/j', $json, '{"a":1}/*"email":*/'],
    ['/j', $json, "\xEF\xBB\xBF{\"email\":\"ann\@example.com\"}"],
    ['/j', $json, "{\"a\":\"\xC1\x80\"}"],
    ['/j', $json, '[' x 100 . ']' x 100],
    ['/j', $json, "{\0\"\0a\0\"\0:\0001\0}\0"],
    ['/j', "$json; charset=utf-16", '{"a":1}'],
    ['/j', "$json; charset=utf-8; charset=utf-16", '{"a":1}'],
    ['/j', [$json, 'Content-Encoding: deflate'], '{"a":1}'],
    ['/j', [$json, 'Content-Type: text/plain'], '{"a":1}'],
    ['/j', 'text/plain', '{"email":"bob@example.com"}'],
    ['/j', 'application/x-ndjson', '{"a":1}'],
    ['/j', $form, 'a=1'],
    ['/j', $multi, parts($mine)],
    ['/n', $json, '{"user":{"mail":"bob@example.com"}}'],
    ['/n', $json, '{"User":{"mail":"bob@example.com"}}'],
    ['/n', $json, '{"user":{},"USER":{"mail":"bob@example.com"}}'],
    ['/n', $json, '{"user":[{"mail":"bob@example.com"}]}'],
    ['/n', $json, '{"user":"bob@example.com"}'],
    ['/n', $json, '{"user":null}'],
    ['/r', $json, '{}'],
);

our @multipart = (
    ['/f', $multi, parts($evil)],
    ['/f', $multi, parts(['name=email', 'bob@example.com'])],
    ['/f', $multi, parts($mine, $mine)],
    ['/f', $multi, parts($mine, $evil)],
    ['/f', $multi, parts($mine, ['name="email[]"', 'bob@example.com'])],
    ['/f', $multi, parts(['name="EMAIL"', 'bob@example.com'])],
    ['/f', $multi, parts(["name='email'", 'bob@example.com'])],
    ['/f', $multi, parts(['name="e\\mail"', 'bob@example.com'])],
    ['/f', $multi, parts(['name="em%61il"', 'bob@example.com'])],
    ['/f', $multi, parts(['name="email"; filename="x"', 'ann@example.com'])],
    ['/f', $multi, parts(['name="email"; filename=""', 'ann@example.com'])],
    ['/f', $multi, parts(['name="a"; name="email"', 'bob@example.com'])],
    ['/f', $multi, parts(["name*=utf-8''email", 'bob@example.com'])],
    ['/f', $multi, parts(['x="; name=email; y"; name="a"', 'bob@example.com'])],
    ['/f', $multi, parts(['name="a"', 'bob@example.com',
        "Content-Disposition: form-data; name=\"email\"\r\n"])],
    ['/f', $multi, parts(['name="a"', 'bob@example.com',
        "Content-Disposition : form-data; name=\"email\"\r\n"])],
    ['/f', $multi, parts(['name="a"', 'bob@example.com',
        " ; name=\"email\"\r\n"])],
    ['/f', $multi, parts(['name="a"', 'x', "X-Other: y\r\n"])],
    ['/f', $multi, parts(['name="email"', 'YW5uQGV4YW1wbGUuY29t',
        "Content-Transfer-Encoding: base64\r\n"])],
    ['/f', $multi, parts(['name="a"', 'x',
        "Content-Transfer-Encoding: quoted-printable\r\n"])],
    ['/f', $multi, parts(['name="a"', 'x',
        "Content-Type: text/plain; charset=utf-16\r\n"])],
    ['/f', $multi, parts(['name="a"', 'x',
        "Content-Type: multipart/mixed; boundary=YY\r\n"])],
    ['/f', $multi, parts(['name="_charset_"', 'utf-16'])],
    ['/f', $multi, parts(['name="a"',
        "x\n--XX\nContent-Disposition: form-data; name=\"email\"\n\nbob"])],
    ['/f', $multi, parts(['name="a"', "x\r\n--XXY"])],
    ['/f', $multi, parts(['name="a"', "x--XX"])],
    ['/f', $multi, parts(['name="a"; filename="--XX"', "x"])],
    ['/f', $multi, parts($mine) =~ s/\r\n/\n/gr],
    ['/f', $multi, 'preamble' . parts($mine)],
    ['/f', $multi, parts($mine) . 'epilogue'],
    ['/f', $multi, parts($mine) =~ s/--XX--\r\n\z//r],
    ['/f', $multi, parts($mine) =~ s/--XX--\r\n\z/--XX --\r\n/r],
    ['/f', $multi, 'email=bob@example.com'],
    ['/f', 'multipart/form-data', parts($mine)],
    ['/f', 'multipart/form-data; boundary=XX; boundary=YY', parts($mine)],
    ['/f', 'multipart/form-data; x=boundary=YY; boundary=XX', parts($mine)],
    ['/f', "multipart/form-data; boundary*=utf-8''XX", parts($mine)],
    ['/f', 'multipart/form-data; boundary=', parts($mine)],
    ['/f', 'multipart/mixed; boundary=XX', parts($mine)],
    ['/f', "$multi; charset=utf-16", parts($mine)],
);

plan_all();
run_tests();

__DATA__

=== TEST 1: bodies that say the same to every application
--- http_config eval: $::corp
--- config eval: $::body
--- request eval: ::posts(@::good)
--- more_headers eval: ::heads(@::good)
--- error_code eval
[(200) x @::good]



=== TEST 2: urlencoded, and what is no form
--- http_config eval: $::corp
--- config eval: $::body
--- request eval: ::posts(@::urlencoded)
--- more_headers eval: ::heads(@::urlencoded)
--- error_code eval
[(403) x @::urlencoded]
--- response_headers eval
[("X-R: spoofed") x @::urlencoded]



=== TEST 3: JSON, and what is none
--- http_config eval: $::corp
--- config eval: $::body
--- request eval: ::posts(@::json)
--- more_headers eval: ::heads(@::json)
--- error_code eval
[(403) x @::json]
--- response_headers eval
[("X-R: spoofed") x @::json]



=== TEST 4: multipart
--- http_config eval: $::corp
--- config eval: $::body
--- request eval: ::posts(@::multipart)
--- more_headers eval: ::heads(@::multipart)
--- error_code eval
[(403) x @::multipart]
--- response_headers eval
[("X-R: spoofed") x @::multipart]



=== TEST 5: whatever the method is
--- http_config eval: $::corp
--- config eval: $::body
--- request eval
[(map { "$_ /f\nemail=bob\@example.com" } qw(GET PUT PATCH DELETE OPTIONS)),
 (map { "$_ /f\nemail=ann\@example.com" } qw(GET PUT PATCH DELETE OPTIONS))]
--- more_headers eval
["$::me\nContent-Type: $::form"]->[0]
--- error_code eval
[(403) x 5, (200) x 5]



=== TEST 6: headers, cookies and variables
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 underscores_in_headers on;
 location = /app { rtauth off; return 200 in; }
 location /h { rtauth_bind header:X-Email \$rtauth_user; $::app }
 location /c { rtauth_bind cookie:tenant \$rtauth_claim_tenant; $::app }
 location ~ ^/v/(?<t>\\w*) { rtauth_bind \$t \$rtauth_claim_tenant;
   try_files /ok.txt =404; }
 location ~ ^/w/(?<u>\\w*) { rtauth_bind \$u \$rtauth_claim_tenant required;
   try_files /ok.txt =404; }"
--- user_files
>>> ok.txt
in
--- request eval
[("GET /h") x 6, ("GET /c") x 21, "GET /v/7", "GET /v/8", "GET /v/",
 "GET /w/7", "GET /w/"]
--- more_headers eval
[(map { "$::me$_" } "", "\nX-Email: ann\@example.com",
  "\nX-Email: bob\@example.com",
  "\nX-Email: ann\@example.com\nX-Email: ann\@example.com",
  "\nX_Email: bob\@example.com", "\nX-Email:"),
 (map { "$::me\nCookie: $_" } 'a=7', 'tenant=7', 'a=1; tenant=7; b=2',
  'tenant=8', 'tenant=', 'tenant', 'tenant=7; tenant=8', 'tenant=8; tenant=7',
  'TENANT=8', 'tenant[]=8', 'ten%61nt=8', 'tenant=%37', 'tenant="7"',
  'a=1, tenant=8', 'tenant="8; tenant=7"', "tenant=7\nCookie: tenant=8",
  "tenant=7\nCookie: a=8", "a=8\nCookie: tenant=7", 'tenant= 7',
  'tenant=7 ; a=1', '=tenant=8; tenant=7'),
 ($::me) x 5]
--- error_code eval
[200, 200, (403) x 4, 200, 200, 200, (403) x 18, 200, 403, 200, 200, 403]



=== TEST 7: an empty VALUE equals nothing
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 location = /app { rtauth off; return 200 in; }
 location /t { rtauth_bind arg:t \$rtauth_claim_none; $::app }"
--- request eval
["GET /t", "GET /t?t=", "GET /t?t=x"]
--- more_headers eval: $::me
--- error_code eval
[200, 403, 403]



=== TEST 8: lines add to those of outer levels; off drops them
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 rtauth_bind arg:a \$rtauth_claim_tenant;
 location = /app { rtauth off; return 200 in; }
 location /t { rtauth_bind arg:b \$rtauth_claim_tenant; $::app }
 location /o { rtauth_bind off; $::app }
 location /p { rtauth_bind off; rtauth_bind arg:b \$rtauth_claim_tenant;
               $::app }
 location /n { rtauth off; $::app }
 location /l { limit_except GET { rtauth_require claim tenant eq 7; } $::app }"
--- request eval
[map { "GET $_" } qw(/t?a=7&b=7 /t?a=8&b=7 /t?a=7&b=8 /o?a=8 /p?a=8 /p?b=8
                     /n?a=8 /l?a=7 /l?a=8)]
--- more_headers eval: $::me
--- error_code eval
[200, 403, 403, 200, 200, 403, 200, 200, 403]



=== TEST 9: what the log says, and what it does not
--- http_config eval: $::corp
--- config eval: $::body
--- request
POST /f
email=bob-the-other%40example.com&a=secret-of-bob
--- more_headers eval: "$::me\nContent-Type: $::form"
--- error_code: 403
--- error_log
rtauth: "rtauth_bind form:email $rtauth_user" in
does not hold: the form field is another one than the user's
rtauth: refused with 403: spoofed
--- no_error_log
bob-the-other
secret-of-bob



=== TEST 10: nor does it show a body that cannot be read
--- http_config eval: $::corp
--- config eval: $::body
--- request
POST /j
{"email":"secret-of-bob"
--- more_headers eval: "$::me\nContent-Type: $::json"
--- error_code: 403
--- error_log
rtauth: the body of a request for which there is an "rtauth_bind" is no JSON
--- no_error_log
secret-of-bob



=== TEST 11: nobody's body is read
--- http_config eval: $::corp
--- config eval: $::body
--- request
POST /f
email=ann@example.com
--- more_headers eval: "Content-Type: $::form"
--- error_code: 401
--- no_error_log
rtauth_bind



=== TEST 12: the query that the client sent, when a rewrite takes it away
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 location = /app { rtauth off; return 200 in; }
 location /t { rtauth_bind arg:email \$rtauth_user; $::app }
 location /is { rewrite ^ /t?x=1? last; }
 location /of { rewrite ^ /t?email=ann\@example.com last; }"
--- request eval
[map { "GET $_" } qw(/is /is?email=bob@example.com /is?a=1 /of
                     /of?email=bob@example.com)]
--- more_headers eval: $::me
--- error_code eval
[200, 403, 200, 200, 403]



=== TEST 13: a body in pieces is one; what was read is handed on
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 client_body_buffer_size 1k;
 location = /echo { rtauth off; client_body_in_single_buffer on;
     proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/is; }
 location = /is { rtauth off; return 200 \$content_length; }
 location /f { rtauth_bind form:email \$rtauth_user;
     proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/echo; }"
--- request eval
["POST /f\nemail=ann%40example.com", "POST /f\n" . "a=1&" x 250,
 "POST /f\n" . "a=1&" x 257,
 "POST /f\n" . "a=1&" x 300, "POST /f\n" . "a=1&" x 30000]
--- more_headers eval: "$::me\nContent-Type: $::form"
--- error_code eval
[200, 200, 403, 403, 403]
--- response_body eval
["23", "1000", qr/403/, qr/403/, qr/403/]



=== TEST 14: in a file, as the location has it
--- http_config eval: $::corp
--- config eval: "client_body_in_file_only clean; $::body"
--- request eval
["POST /f\nemail=ann%40example.com", "POST /f\nemail=bob%40example.com"]
--- more_headers eval: "$::me\nContent-Type: $::form"
--- error_code eval
[200, 403]



=== TEST 15: in PREACCESS, and under satisfy any
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 location = /app { rtauth off; return 200 in; }
 location /p { rtauth_phase preaccess; rtauth_bind form:email \$rtauth_user;
               $::app }
 location /s { satisfy any; deny all; rtauth_bind form:email \$rtauth_user;
               $::app }
 location /y { satisfy any; allow all; rtauth_bind form:email \$rtauth_user;
               $::app }"
--- request eval
[map { ("POST $_\nemail=ann%40example.com", "POST $_\nemail=bob%40example.com") }
     qw(/p /s /y)]
--- more_headers eval: "$::me\nContent-Type: $::form"
--- error_code eval
[200, 403, 200, 403, 200, 200]



=== TEST 16: internal redirects are looked at anew, with the same body
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 location = /app { rtauth off; return 200 in; }
 location /t { rtauth_bind form:email \$rtauth_user; $::app }
 location /u { rtauth_bind form:tenant \$rtauth_claim_tenant;
               try_files /nowhere /t; }
 location /e { error_page 404 = /t; try_files /nowhere =404; }
 location /d { rtauth_bind form:tenant \$rtauth_claim_tenant;
               error_page 403 = /n; $::app }
 location /n { rtauth_bind off; $::app }"
--- request eval
["POST /u\nemail=ann%40example.com&tenant=7",
 "POST /u\nemail=bob%40example.com&tenant=7",
 "POST /u\nemail=ann%40example.com&tenant=8",
 "POST /e\nemail=bob%40example.com",
 "POST /e\nemail=ann%40example.com", "POST /d\ntenant=8"]
--- more_headers eval: "$::me\nContent-Type: $::form"
--- error_code eval
[200, 403, 403, 403, 200, 200]



=== TEST 17: a subrequest reads no body
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 location = /app { rtauth off; return 200 in; }
 location /t { auth_request /ask; $::app }
 location = /ask { rtauth_bind form:email \$rtauth_user;
                   try_files /nowhere =204; }"
--- request eval
["POST /t\nemail=ann%40example.com", "GET /t"]
--- more_headers eval
["$::me\nContent-Type: $::form", $::me]
--- error_code eval
[403, 200]



=== TEST 18: a value of a body in rtauth_require
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 location = /app { rtauth off; return 200 in; }
 location /f { rtauth_require claim tenant eq form:tenant; $::app }
 location /j { rtauth_require claim tenant eq json:/t; $::app }
 location /i { rtauth_require claim tenant in form:a json:/t; $::app }
 location /c { rtauth_require claim tenant eq cookie:t; $::app }
 location /b { rtauth_require claim tenant eq form:tenant;
               rtauth_bind json:/t \$rtauth_claim_tenant; $::app }"
--- request eval
["POST /f\ntenant=7", "POST /f\ntenant=8", "POST /f\n", "GET /f",
 "POST /f\ntenant=7&tenant=7", "POST /f\n{\"tenant\":7}",
 "POST /j\n{\"t\":7}", "POST /j\n{\"t\":\"7\"}", "POST /j\n{\"t\":[7]}",
 "POST /j\n{\"t\":7", "POST /i\n{\"t\":7}", "GET /c", "GET /c",
 "POST /b\ntenant=7"]
--- more_headers eval
[("$::me\nContent-Type: $::form") x 6, ("$::me\nContent-Type: $::json") x 5,
 "$::me\nCookie: t=7", "$::me\nCookie: t=8", "$::me\nContent-Type: $::form"]
--- error_code eval
[200, 403, 403, 403, 403, 403, 200, 200, 403, 403, 403, 200, 403, 403]



=== TEST 19: the event
--- http_config eval: $::corp
--- config eval
"rtauth corp;
 location = /app { rtauth off; return 200 in; }
 location /a { rtauth_bind arg:email \$rtauth_user; $::app }
 add_header X-E \$rtauth_event always;"
--- request
GET /a?email=bob@example.com
--- more_headers eval: $::me
--- error_code: 403
--- response_headers_like
X-E: .*"decision":"deny","reason":"spoofed".*"action":"SPOOF_BLOCKED".*



=== TEST 20: without rtauth
--- http_config eval: $::corp
--- config
    location /t { rtauth_bind arg:a $rtauth_user; }
--- must_die
--- error_log
"rtauth_bind arg:a $rtauth_user" asks nobody: write "rtauth NAME" at the same level or outside of it



=== TEST 21: a source that is none
--- http_config eval: $::corp
--- config
    location /t { rtauth corp; rtauth_bind email $rtauth_user; }
--- must_die
--- error_log
invalid source "email" in "rtauth_bind": write "arg:NAME", "form:NAME", "json:/NAME", "header:NAME", "cookie:NAME" or "$VARIABLE"



=== TEST 22: a pointer that is none
--- http_config eval: $::corp
--- config
    location /t { rtauth corp; rtauth_bind json:email $rtauth_user; }
--- must_die
--- error_log
"json:email" names no JSON value: behind "json:" stands a JSON Pointer such as "/user/email"



=== TEST 23: a name that is none
--- http_config eval: $::corp
--- config
    location /t { rtauth corp; rtauth_bind form:email[] $rtauth_user; }
--- must_die
--- error_log
"form:email[]" names no form field: behind "form:" stand letters, digits and any of "_-."



=== TEST 24: a value that the request says itself
--- http_config eval: $::corp
--- config
    location /t { rtauth corp; rtauth_bind form:email header:X-Email; }
--- must_die
--- error_log
invalid value "header:X-Email" in "rtauth_bind": write what is known of the user, such as "$rtauth_user" or "$rtauth_claim_NAME"



=== TEST 25: a third word
--- http_config eval: $::corp
--- config
    location /t { rtauth corp; rtauth_bind form:email $rtauth_user always; }
--- must_die
--- error_log
invalid parameter "always" in "rtauth_bind": write "required" or nothing



=== TEST 26: off beside what it would drop
--- http_config eval: $::corp
--- config
    location /t { rtauth corp; rtauth_bind arg:a $rtauth_user; rtauth_bind off; }
--- must_die
--- error_log
invalid value "off" in "rtauth_bind": write "SOURCE VALUE [required]", or "off" before any other line

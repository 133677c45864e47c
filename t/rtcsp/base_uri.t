# base-uri: presets with a nonce send it, a policy of one's own is warned of.

use lib 't/lib';
use RT qw(rtcsp);

our $Secret = 'pH7-placeholder_0123456789abcdef';
our $Nonce = "rtcsp_nonce_in script-src; rtcsp_nonce placeholder=data:$Secret;"
             . "default_type text/html;";

plan_all();
run_tests();

__DATA__

=== TEST 1: talisman and google with a nonce forbid a <base> of elsewhere
--- config eval
"location /t { $::Nonce rtcsp talisman; return 200 ok; }
 location /g { $::Nonce rtcsp google; return 200 ok; }
 location /ro { $::Nonce rtcsp_report_only_policy talisman;
                rtcsp_report_uri /r; return 200 ok; }
 location /204 { $::Nonce rtcsp talisman; return 204; }"
--- request eval: ["GET /t", "GET /g", "GET /ro", "GET /204"]
--- error_code eval: [200, 200, 200, 204]
--- raw_response_headers_like eval
my $self = "default-src 'self'; object-src 'none'; base-uri 'self'; "
           . "script-src 'self'";
["Policy: $self 'nonce-[\\w-]{32}'\r\n",
 "default-src 'self' \\*\\.gstatic\\.com; base-uri 'self'\r\n",
 "Policy-Report-Only: $self 'nonce-[\\w-]{32}'; report-uri /r\r\n",
 "Policy: $self\r\n"]
--- no_error_log
injected <base>



=== TEST 2: without a nonce they are Talisman's
--- config eval
"location /t { rtcsp talisman; return 200 ok; }
 location /off { $::Nonce
     rtcsp talisman;
     location /off/nonce { rtcsp_nonce off; return 200 ok; }
     location /off/in { rtcsp_nonce_in off; return 200 ok; }
 }
 location /none { rtcsp talisman; rtcsp_nonce header; return 200 ok; }"
--- request eval: ["GET /t", "GET /off/nonce", "GET /off/in", "GET /none"]
--- raw_response_headers_like eval
[("Policy: default-src 'self'; object-src 'none'\r\n") x 4]



=== TEST 3: presets that have one keep theirs
--- config eval
"location /superset { $::Nonce rtcsp superset; return 200 ok; }
 location /strict { $::Nonce rtcsp strict; return 200 ok; }"
--- request eval: ["GET /superset", "GET /strict"]
--- raw_response_headers_like eval
["Policy: (?!.*base-uri.*base-uri)[^\r]*base-uri 'self'",
 "Policy: (?!.*base-uri.*base-uri)[^\r]*base-uri 'none'"]



=== TEST 4: rtcsp_directive drops it, changes it, adds to it
--- config eval
"rtcsp talisman;
 $::Nonce
 location /off { rtcsp_directive base-uri off; return 200 ok; }
 location /OFF { rtcsp_directive Base-URI off; return 200 ok; }
 location /set { rtcsp_directive base-uri none; return 200 ok; }
 location /add { rtcsp_directive base-uri + https://a.example; return 200 ok; }"
--- request eval: ["GET /off", "GET /OFF", "GET /set", "GET /add"]
--- raw_response_headers_like eval
[("Policy: (?!.*base-uri)default-src") x 2, "base-uri 'none';",
 "base-uri 'self' https://a\\.example;"]
--- no_error_log
injected <base>



=== TEST 5: "off" may stand on a level without a nonce
--- config eval
"rtcsp talisman;
 rtcsp_directive base-uri off;
 location /t { return 200 ok; }
 location /n { $::Nonce return 200 ok; }"
--- request eval: ["GET /t", "GET /n"]
--- raw_response_headers_like eval
["Policy: default-src 'self'; object-src 'none'\r\n",
 "Policy: default-src 'self'; object-src 'none'; script-src 'self' 'nonce-"]



=== TEST 6: but not where the policy is one's own
--- config
    rtcsp_policy "default-src 'self'";
    rtcsp_directive base-uri off;
--- must_die
--- error_log
the policy has no such directive to take away: remove the line



=== TEST 7: a policy of one's own is warned of, and stays as it is
--- config eval
"location /t { $::Nonce rtcsp_policy \"default-src 'self'\"; return 200 ok; }"
--- request
GET /t
--- raw_response_headers_like
Policy: default-src 'self'; script-src 'self' 'nonce-[\w-]{32}'\r
--- error_log
"base-uri" in the policy of "rtcsp_policy": an injected <base> moves the sources of scripts that are trusted by nonce or hash: add base-uri 'self' or 'none'



=== TEST 8: with a base-uri, or without a nonce, there is nothing to warn of
--- config eval
"location /t { $::Nonce
     rtcsp_policy \"default-src 'self'; base-uri 'self'\"; return 200 ok; }
 location /n { rtcsp_policy \"default-src 'self'\"; return 200 ok; }"
--- request eval: ["GET /t", "GET /n"]
--- raw_response_headers_like eval
["base-uri 'self'; script-src", "Policy: default-src 'self'\r\n"]
--- no_error_log
injected <base>

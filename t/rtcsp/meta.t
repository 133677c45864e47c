# rtcsp_nonce ... meta: where Rails, Turbo and Vite look for a nonce.

use lib 't/lib';
use RT qw(rtcsp);

our $Secret = 'SECRETsecretSECRETsecretSECRET00';
our $Type = 'default_type text/html;';
our $In = 'rtcsp talisman; rtcsp_nonce_in script-src style-src;';
our $Page = "<meta name=\"csp-nonce\" content=\"$Secret\" />"
            . "<meta property=\"csp-nonce\" nonce=\"$Secret\">"
            . "<meta name=\"description\" content=\"$Secret\">"
            . "<script nonce=\"$Secret\"></script>";

plan_all();
run_tests();

__DATA__

=== TEST 1: filled in there, and nowhere else
--- config eval
"location /t { $::In rtcsp_nonce placeholder=data:$::Secret meta; $::Type
     return 200 '$::Page'; }
 location /without { $::In rtcsp_nonce placeholder=data:$::Secret; $::Type
     return 200 '$::Page'; }"
--- request eval: ['GET /t', 'GET /without']
--- response_body_like eval
my $x = 'x' x 32;
[qr{^<meta name="csp-nonce" content="([\w-]{32})" /><meta property="csp-nonce" nonce="\1"><meta name="description" content="$x"><script nonce="\1"></script>$},
 qr{^<meta name="csp-nonce" content="$x" /><meta property="csp-nonce" nonce="$x"><meta name="description" content="$x"><script nonce="[\w-]{32}"></script>$}]



=== TEST 2: of upstream's own nonce; inherited, and not by another way
--- config eval
"rtcsp_nonce upstream meta;
 location /t { $::Type add_header Content-Security-Policy
         \"script-src 'nonce-$::Secret'\"; return 200 '$::Page'; }
 location /p { $::In rtcsp_nonce placeholder=data:$::Secret; $::Type
     return 200 '$::Page'; }"
--- request eval: ['GET /t', 'GET /p']
--- response_body_like eval
['^<meta name="csp-nonce" content="([\w-]{32})" />.*nonce="\1">.*content="x{32}">',
 '^<meta name="csp-nonce" content="x{32}"']



=== TEST 3: the policy lets injected styles read it
--- config eval
"rtcsp_nonce placeholder=data:$::Secret meta;
 location /a { rtcsp_policy \"default-src 'self'; base-uri 'self'; style-src 'self' 'unsafe-inline'\"; rtcsp_nonce_in script-src; }"
--- request
GET /none
--- error_code: 404
--- error_log
"meta" of "rtcsp_nonce" shows the nonce to injected styles



=== TEST 4: so does one without a word on styles
--- config
    rtcsp_nonce placeholder=data:SECRETsecretSECRETsecretSECRET00 meta;
    location /a { rtcsp_policy "script-src 'self'; base-uri 'self'; object-src 'none'";
        rtcsp_nonce_in script-src; }
--- request
GET /none
--- error_code: 404
--- error_log
"meta" of "rtcsp_nonce" shows the nonce to injected styles



=== TEST 5: beside a nonce 'unsafe-inline' has no effect; upstream's is not known
--- config eval
"rtcsp_nonce placeholder=data:$::Secret meta;
 location /a { rtcsp_policy \"default-src 'self'; base-uri 'self'; style-src 'self' 'unsafe-inline'\"; rtcsp_nonce_in script-src style-src; }
 location /b { rtcsp_policy \"default-src 'self'; base-uri 'self'\";
     rtcsp_nonce_in script-src; }
 location /c { rtcsp_nonce upstream meta;
     rtcsp_policy \"script-src 'self'; base-uri 'self'; object-src 'none'\"; }"
--- request
GET /none
--- error_code: 404
--- no_error_log
injected styles



=== TEST 6: behind another way
--- config
    location /t { rtcsp_nonce header meta; }
--- must_die
--- error_log
invalid parameter in "rtcsp_nonce": nothing but "meta" may stand behind placeholder=... or upstream



=== TEST 7: another word
--- config
    location /t { rtcsp_nonce upstream metas; }
--- must_die
--- error_log
nothing but "meta" may stand behind



=== TEST 8: styles of any host, beside a nonce as well
--- config eval
"rtcsp_nonce placeholder=data:$::Secret meta;
 location /a { rtcsp_policy \"default-src 'self'; base-uri 'self'; style-src 'self' https:\"; rtcsp_nonce_in script-src style-src; }"
--- request
GET /none
--- error_code: 404
--- error_log
"meta" of "rtcsp_nonce" shows the nonce to injected styles



=== TEST 9: ... by an asterisk
--- config eval
"rtcsp_nonce placeholder=data:$::Secret meta;
 location /a { rtcsp_policy \"default-src 'self'; base-uri 'self'; style-src-elem *\"; rtcsp_nonce_in script-src; }"
--- request
GET /none
--- error_code: 404
--- error_log
"meta" of "rtcsp_nonce" shows the nonce to injected styles

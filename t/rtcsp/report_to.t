# rtcsp_report_to: the header, the directive in policies, what nginx refuses.

use lib 't/lib';
use RT qw(rtcsp);

plan_all();
run_tests();

__DATA__

=== TEST 1: a name in each policy, and what it stands for in a header
--- config
    rtcsp talisman;
    rtcsp_report_uri /old;
    rtcsp_report_to csp /csp-report?a=1;
    rtcsp_report_only_policy strict;
    location /a { return 200; }
    location /b { return 404; }
    location /c { rtcsp_policy "default-src 'self'; report-to own"; return 200; }
    location /d { rtcsp_report_to csp.2 https://r.example/x; return 200; }
    location /e { rtcsp_report_to off; return 200; }
    location /f { rtcsp_report_uri off; return 200; }
    location /g { rtcsp off; return 200; }
    location /h { rtcsp_referrer_policy origin; return 302 /a; }
--- request eval
[map { "GET /$_" } 'a' .. 'h']
--- error_code eval
[200, 404, (200) x 5, 302]
--- raw_response_headers_like eval
my $both = q{(?s)Reporting-Endpoints: csp="/csp-report\?a=1"\r\n.*}
    . q{Policy: default-src 'self'; object-src 'none'; report-uri /old; report-to csp\r\n}
    . q{Content-Security-Policy-Report-Only: default-src 'none';[^\r]*; report-uri /old; report-to csp\r\n};
[$both, $both,
 q{Policy: default-src 'self'; report-to own; report-uri /old\r\n},
 q{(?s)Reporting-Endpoints: csp.2="https://r.example/x"\r\n.*; report-to csp.2\r\n},
 '(?s)^(?!.*(?:Endpoints|report-to)).*report-uri /old',
 '(?s)^(?!.*report-uri).*report-to csp',
 '(?s)^(?!.*(?:Endpoints|report))',
 $both]



=== TEST 2: it is a place to report to
--- config
    rtcsp talisman;
    rtcsp_report_only on;
    rtcsp_report_to csp https://reports.example.com/csp;
    location /a { return 200; }
--- request
GET /a
--- response_headers
Content-Security-Policy-Report-Only: default-src 'self'; object-src 'none'; report-to csp
Reporting-Endpoints: csp="https://reports.example.com/csp"



=== TEST 3: upstream's own
--- config
    rtcsp talisman;
    rtcsp_report_to csp /r;
    add_header Reporting-Endpoints 'app="/app"';
    location /a { return 200; }
    location /b { rtcsp_upstream keep; return 200; }
--- request eval
["GET /a", "GET /b"]
--- response_headers eval
['Reporting-Endpoints: csp="/r"', 'Reporting-Endpoints: app="/app"']



=== TEST 4: over plain http
--- config
    rtcsp_report_to csp http://reports.example.com/csp;
--- must_die
--- error_log
invalid value "http://reports.example.com/csp" in "rtcsp_report_to": browsers send such reports over https alone: write a path such as /csp-report, or an https URL



=== TEST 5: a host that looks like a path
--- config
    rtcsp_report_to csp //reports.example.com/csp;
--- must_die
--- error_log
invalid value "//reports.example.com/csp" in "rtcsp_report_to": browsers send



=== TEST 6: what ends the string
--- config
    rtcsp_report_to csp '/r", x="https://evil.example';
--- must_die
--- error_log
in "rtcsp_report_to": browsers send



=== TEST 7: a variable
--- config
    rtcsp_report_to csp https://$host/r;
--- must_die
--- error_log
invalid value "https://$host/r" in "rtcsp_report_to": browsers send such reports over https alone: write a path such as /csp-report, or an https URL, without blanks, quotes, variables



=== TEST 8: a name that browsers cannot parse
--- config
    rtcsp_report_to Csp /r;
--- must_die
--- error_log
invalid name "Csp" in "rtcsp_report_to": write a lower-case letter



=== TEST 9: a name alone
--- config
    rtcsp_report_to csp;
--- must_die
--- error_log
invalid number of arguments in "rtcsp_report_to": write "NAME URI", or "off"



=== TEST 10: twice
--- config
    rtcsp_report_to csp /r;
    rtcsp_report_to csp /s;
--- must_die
--- error_log
"rtcsp_report_to" directive is duplicate



=== TEST 11: no scheme and no path
--- config
    rtcsp_report_uri reports.example.com;
--- must_die
--- error_log
invalid value "reports.example.com" in "rtcsp_report_uri": write a path



=== TEST 12: a scheme alone
--- config
    rtcsp_report_to csp https://;
--- must_die
--- error_log
invalid value "https://" in "rtcsp_report_to"

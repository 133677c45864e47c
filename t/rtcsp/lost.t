# A page whose reading stops, or that has a tag too long: its scripts lose the
# nonce, and the log says so once a location, the event each time.

use lib 't/lib';
use RT qw(rtcsp);

$ENV{TEST_NGINX_HTML_DIR} = html_dir();

our $Secret = 'SECRETsecretSECRETsecret00';
our $Head = '<!doctype html><body>';
our $Script = "<script nonce=\"$Secret\">";

our $Conf = "rtcsp talisman; rtcsp_nonce_in script-src;"
            . "rtcsp_nonce placeholder=data:$Secret; default_type text/html;"
            . 'access_log logs/error.log ev; root $TEST_NGINX_HTML_DIR;';
our $Http = 'log_format ev escape=none \'$uri $rtcsp_event\';';

our $Long = 'x="' . 'y' x 8200 . '"';

our $Files = ">>> select\n$Head<select><style></style></select>$Script\n"
             . ">>> deep\n$Head<svg>" . '<g>' x 70 . '</g>' x 70
             . "</svg>$Script\n"
             . ">>> svg\n$Head<b><svg></b><svg>$Script\n"
             . ">>> template\n$Head<template><col></template>$Script\n"
             . ">>> told\n$Head" . '<div>' x 600 . '</div>' x 600
             . '<select><table></table></select><b><svg></b></svg>'
             . "$Script\n"
             . ">>> long\n$Head<script nonce=\"$Secret\" $Long></script>"
             . "$Script\n"
             . ">>> behind\n$Head<script $Long nonce=\"$Secret\"></script>"
             . "$Script\n"
             . ">>> text\n$Head<p title=$Secret>$Secret<!--$Secret-->"
             . "<a nonce=$Secret>$Script\n"
             . ">>> a.txt\n$Head<select><style></style></select>$Script\n";

plan_all();
run_tests();

__DATA__

=== TEST 1: markup in a select
--- http_config eval: $::Http
--- config eval: "location /select { $::Conf }"
--- user_files eval: $::Files
--- request
GET /select
--- response_body_like: <script nonce="x{26}">
--- error_log eval
[qr/\[warn\] .*rtcsp: the placeholder at byte 68 of the page became no nonce \(select\): a <select> before it, which may be open, holds tags/,
 qr/\/select .*"scrubbed":1,"lost":"select","at":68\}\n/]



=== TEST 2: once a location
--- http_config eval: $::Http
--- config eval
"location /select { $::Conf } location /long { $::Conf }"
--- user_files eval: $::Files
--- raw_request eval
my $get = CORE::join '', map { "GET /$_ HTTP/1.1\r\nHost: x\r\n\r\n" }
                       qw(select long select long);
$get =~ s/\r\n$/Connection: close\r\n\r\n/r
--- ignore_response
--- grep_error_log eval: qr/became no nonce \(\w+\)/
--- grep_error_log_out eval
"became no nonce (select)\nbecame no nonce (tag)\n"



=== TEST 3: elements nested too deep
--- http_config eval: $::Http
--- config eval: "location /deep { $::Conf }"
--- user_files eval: $::Files
--- request
GET /deep
--- response_body_like: <script nonce="x{26}">
--- error_log eval
[qr/\[warn\] .*the placeholder at byte 537 of the page became no nonce \(depth\): elements of an <svg> or <math> before it/,
 qr/\/deep .*"lost":"depth","at":537\}\n/]



=== TEST 4: a tag that is too long, which alone loses its nonce
--- http_config eval: $::Http
--- config eval: "location /long { $::Conf }"
--- user_files eval: $::Files
--- request
GET /long
--- response_body_like: nonce="x{26}".*<script nonce="(?!x{26})[\w-]{32}">
--- error_log eval
["the placeholder at byte 36 of the page became no nonce (tag): its tag is longer than 8192 bytes",
 qr/\/long .*"replaced":1,"scrubbed":1,"lost":"tag","at":36\}\n/]



=== TEST 5: a placeholder at the end of such a tag
--- http_config eval: $::Http
--- config eval: "location /behind { $::Conf }"
--- user_files eval: $::Files
--- request
GET /behind
--- response_body_like: nonce="x{26}".*<script nonce="(?!x{26})[\w-]{32}">
--- error_log eval
["the placeholder at byte 8241 of the page became no nonce (tag)",
 qr/\/behind .*"replaced":1,"scrubbed":1,"lost":"tag","at":8241\}\n/]



=== TEST 6: what is no tag's nonce is not lost
--- http_config eval: $::Http
--- config eval: "location /text { $::Conf }"
--- user_files eval: $::Files
--- request
GET /text
--- response_body_like: <script nonce="(?!x{26})[\w-]{32}">
--- no_error_log
became no nonce
--- error_log eval
qr/"scrubbed":4\}\n/



=== TEST 7: nor is anything where no nonce is placed
--- http_config eval: $::Http
--- config eval
my $off = $::Conf =~ s/talisman/off/r;
"location /select { $off } location /a.txt { $::Conf types { text/plain txt; } }"
--- user_files eval: $::Files
--- request eval: ["GET /select", "GET /a.txt"]
--- error_code eval: [200, 200]
--- no_error_log
became no nonce



=== TEST 8: an element that may have ended SVG, and one more
--- http_config eval: $::Http
--- config eval: "location /svg { $::Conf }"
--- user_files eval: $::Files
--- request
GET /svg
--- response_body_like: <script nonce="x{26}">
--- error_log eval
[qr/the placeholder at byte 53 of the page became no nonce \(svg\): an <svg> or <math> before it/,
 qr/\/svg .*"lost":"svg","at":53\}\n/]



=== TEST 9: a column right in a template
--- http_config eval: $::Http
--- config eval: "location /template { $::Conf }"
--- user_files eval: $::Files
--- request
GET /template
--- response_body_like: <script nonce="x{26}">
--- error_log eval
[qr/the placeholder at byte 62 of the page became no nonce \(template\): a <col> is the first in a <template> before it/,
 qr/\/template .*"lost":"template","at":62\}\n/]



=== TEST 10: what is told for sure is not lost, however deep
--- http_config eval: $::Http
--- config eval: "location /told { $::Conf }"
--- user_files eval: $::Files
--- request
GET /told
--- response_body_like: <script nonce="(?!x{26})[\w-]{32}">
--- no_error_log
became no nonce

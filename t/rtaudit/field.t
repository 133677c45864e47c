#!/usr/bin/perl

# rtaudit_field and rtaudit_action: what nginx does not know by itself.

use strict;
use warnings;
use lib 't/lib';

use Test::More;
use RT::Audit;
use RT::Nginx;


my $nginx = RT::Nginx->new(modules => ['rtaudit'], ports => 2, http => <<'EOF');
    rtaudit_zone 2m;
    rtaudit_sink main file:%%DIR%%/logs/audit.log;

    # what rtauth and rtcsp would say
    map $http_x_user $rtauth_user_json { default ''; ~. $http_x_user; }
    map $http_x_said $rtauth_event { default ''; ~. $http_x_said; }
    map $http_x_csp $rtcsp_event { default ''; ~. $http_x_csp; }
    map $request_method $by_method { default ''; DELETE ROW_DELETE; PUT bad-1; }

    server {
        listen 127.0.0.1:%%PORT0%%;
        rtaudit main;
        rtaudit_level request;
        rtaudit_redact name:password name:secret;

        location /sources {
            rtaudit_field pageName arg:page form:page json:/page
                                   json:deep.pages[1] header:X-Page "default";
            rtaudit_field queryName $arg_query;
            rtaudit_field resourceName "$host/$arg_a";
            rtaudit_field organizationId header:X-Org;
            rtaudit_field geoLocation.country header:X-Country;
            rtaudit_field query.route /sources/:id;
            rtaudit_field query.operation arg:op;
            rtaudit_field pageVersion arg:version;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }

        location /meta {
            rtaudit_level metadata;
            rtaudit_field pageName form:page;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }

        location /user {
            rtaudit_field userId header:X-Id;
            rtaudit_field user.email header:X-Email;
            rtaudit_field user.firstName arg:first;
            return 200;
        }

        location /secret {
            rtaudit_field pageName arg:password "literal";
            rtaudit_field queryName $arg_secret;
            rtaudit_field resourceName json:a.password;
            rtaudit_field user.email form:secret;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }

        location /keys {
            rtaudit_field pageName header:X-Api-Key;
            rtaudit_field queryName $http_x_vault_token;
            rtaudit_field resourceName header:Referer;
            rtaudit_field pageVersion $ARG_Password;
            rtaudit_field query.operation $sent_http_x_auth_token;
            add_header X-Auth-Token canary-5;
            return 200;
        }

        location /cookie {
            rtaudit_redact name:x-forwarded-for action=drop;
            rtaudit_field pageName $upstream_cookie_password;
            rtaudit_field queryName $upstream_cookie_lang;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }

        location /action { rtaudit_action REPORT_EXPORT; return 200; }
        location /method { rtaudit_action $by_method; return 200; }
        location /flat {
            rtaudit_parameters flat;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
        location /env { rtaudit_field environment $arg_env; return 200; }
        location /gone { default_type text/html; return 404 x; }
        location /moved { return 302 /x; }
        location /dav {
            default_type text/html;
            rtaudit_level metadata;
            return 201 x;
        }
        location /html { default_type "text/html; charset=utf-8"; return 200 x; }
        location /htmlt { default_type "text/html\t;x=1"; return 200 x; }
        location /htmlx { default_type text/htmlx; return 200 x; }
    }

    server {
        listen 127.0.0.1:%%PORT1%%;
        location / { return 200 up; }
        location /cookie { add_header Set-Cookie password=canary-6;
                           add_header Set-Cookie lang=de; return 200; }
    }
EOF

$nginx->start;

my $audit = RT::Audit->new($nginx->dir . '/logs/audit.log');
my $form = 'application/x-www-form-urlencoded';
my $e;

# sources, in order; the first that is not empty

$nginx->get('/sources?page=a%20b&query=q&a=1&version=v3&op=insert',
            headers => ['X-Page: h', 'X-Org: 8', 'X-Country: CH']);
$e = $audit->event;
is($e->{pageName}, 'a b', 'arg:, decoded');
is($e->{queryName}, 'q', 'a variable');
is($e->{resourceName}, 'localhost/1', 'a text with variables');
is($e->{organizationId}, '8', 'header:');
is($e->{geoLocation}{country}, 'CH', 'a part of geoLocation');
is($e->{query}{route}, '/sources/:id', 'query.route');
is($e->{query}{operation}, 'insert', 'query.operation');
is($e->{pageVersion}, 'v3', 'pageVersion');

$nginx->post('/sources?page=', $form, 'page=%C3%A9', headers => ['X-Page: h']);
is($audit->event->{pageName}, "\x{e9}", 'form:, decoded');

$nginx->post('/sources', 'application/json', '{"page":"j"}');
is($audit->event->{pageName}, 'j', 'json: with a pointer');

$nginx->post('/sources', 'application/json', '{"deep":{"pages":[1,42]}}');
is($audit->event->{pageName}, '42', 'json: with a path, a number');

$nginx->get('/sources', headers => ['X-Page: h']);
is($audit->event->{pageName}, 'h', 'header: after what is empty');

$nginx->get('/sources');
$e = $audit->event;
is($e->{pageName}, 'default', 'a literal');
is($e->{queryName}, undef, 'nothing is null');

$nginx->post('/meta', $form, 'page=shown&password=canary');
$e = $audit->event;
is($e->{pageName}, 'shown', 'a field is asked for at level metadata');
is_deeply($e->{parameters}, {}, 'and nothing else of the body');

# who

my $user = '{"id":"u-1","email":"a@example.com","groups":["g"],"sid":"s"}';

$nginx->get('/sources', headers => ["X-User: $user"]);
$e = $audit->event;
is($e->{userId}, 'u-1', 'the id of $rtauth_user_json');
is($e->{user}{email}, 'a@example.com', 'its email');
is_deeply($e->{user}{groups}, ['g'], 'its groups');

$nginx->get('/user?first=F', headers => ["X-User: $user", 'X-Id: 7',
                                         'X-Email: b@example.com']);
$e = $audit->event;
is($e->{userId}, '7', 'a field wins over rtauth');
is($e->{user}{email}, 'b@example.com', 'so does a member');
is($e->{user}{firstName}, 'F', 'a member rtauth did not have');
is($e->{user}{sid}, 's', 'the rest stays');

$nginx->get('/user');
$e = $audit->event;
is($e->{userId}, undef, 'nobody');
is($e->{user}, undef, 'no user');

$nginx->get('/sources', headers => ['X-User: {"id":"x", broken']);
is($audit->event->{userId}, undef, 'what is no JSON is not taken');

# what the others saw

$nginx->get('/sources', headers => [
    'X-Said: {"decision":"deny","reason":"expired","provider":"corp",'
    . '"action":"TOKEN_REJECTED"}',
    'X-Csp: {"policy":"enforce","nonce":true}']);
$e = $audit->event;
is($e->{actionType}, 'TOKEN_REJECTED', 'the action of rtauth');
is_deeply($e->{metadata}{rtauth},
          { decision => 'deny', reason => 'expired', provider => 'corp' },
          'metadata.rtauth');
is($e->{metadata}{rtcsp}{policy}, 'enforce', 'metadata.rtcsp');

# whoever sets their variables can break no line and forge no other member

for my $forged (
    '{"id":"u","email":"a"},"isError":true,"x":{"y":"z"}',
    '{"id":"u"}],"status":200',
    '{"id":"u","email":"a" ,"status":1,"request":{"url":"/x"}',
    '"},"userId":"root","x":{"y":"',
    '{"id":"u","email":"a\\"}',
    '{"id":"u","email":"a"}}',
) {
    $nginx->get('/sources', headers => ["X-User: $forged",
                                        "X-Said: $forged", "X-Csp: $forged"]);
    $e = $audit->event;
    is($e->{userId}, undef, "nobody of $forged");
    is($e->{user}, undef, 'and no user');
    ok(!$e->{isError}, 'nor an error');
    ok(!exists $e->{metadata}{$_}, "nor metadata.$_") for qw(rtauth rtcsp);
}

$nginx->get('/sources', headers => [
    'X-User: {"id":"u\\"},\\"status\\":\\"1","email":"J\u00f6rg",'
    . '"isAdmin":true,"groups":["a\\\\","b"],"id":"root"}',
    'X-Said: {"decision":"allow\\"","reason":"ok","status":500,"userId":"x"}',
    'X-Csp: {"policy":"enforce","nonce":"true","x":{"policy":"off"}}']);
$e = $audit->event;
is($e->{userId}, 'u"},"status":"1', 'a string stays a string');
is_deeply($e->{user}, { id => 'u"},"status":"1', email => "J\x{f6}rg",
                        groups => ['a\\', 'b'] }, 'members that there are');
is_deeply($e->{metadata}{rtauth}, { reason => 'ok' }, 'words that there are');
is_deeply($e->{metadata}{rtcsp}, { policy => 'enforce' }, 'and types');

# redaction covers fields, too

$nginx->post('/secret?password=canary&secret=canary', $form, 'secret=canary');
$e = $audit->event;
unlike($audit->text, qr/canary/, 'no field holds what is redacted');
is($e->{pageName}, '[REDACTED]', 'arg: masked');
is($e->{queryName}, '[REDACTED]', '$arg_: masked');
is($e->{user}{email}, '[REDACTED]', 'form: masked');

$nginx->post('/secret', 'application/json', '{"a":{"password":"canary"}}');
$e = $audit->event;
unlike($audit->text, qr/canary/, 'nor does a path');
is($e->{resourceName}, '[REDACTED]', 'json: masked');

# headers that carry credentials, however they are named; addresses

my @keys = map { "$_: canary-1" } qw(X-Api-Key X-Vault-Token X-Password);

$nginx->get('/keys?password=canary-2',
            headers => [@keys, 'Referer: https://u:canary-3@h/x']);
$e = $audit->event;
unlike($audit->text, qr/canary/, 'no field holds credentials');
is($e->{pageName}, '[REDACTED]', 'header: masked without a rule');
is($e->{queryName}, '[REDACTED]', '$http_: masked without a rule');
is($e->{resourceName}, '[REDACTED]', 'an address with a password: masked');
is($e->{pageVersion}, '[REDACTED]', '$ARG_: masked');
is($e->{query}{operation}, '[REDACTED]', '$sent_http_: masked');

$nginx->get('/keys', headers => ['Referer: https://h/x/@y']);
is($audit->event->{resourceName}, 'https://h/x/@y', 'an address is shown');

# cookies of an upstream, and X-Forwarded-For

$nginx->get('/cookie', headers => ['X-Forwarded-For: 192.0.2.1']);
$e = $audit->event;
unlike($audit->text, qr/canary/, 'nor is a cookie shown');
is($e->{pageName}, '[REDACTED]', '$upstream_cookie_: masked');
is($e->{queryName}, 'de', 'another one is shown');
unlike($audit->text, qr/192\.0\.2\.1/, 'a rule holds for X-Forwarded-For');
is((grep { $_->{ptr} eq '/metadata/net/forwardedFor' }
    @{$e->{metadata}{redactions}})[0]{act}, 'drop', 'and is noted');

# actions

$nginx->get('/action');
is($audit->event->{actionType}, 'REPORT_EXPORT', 'rtaudit_action');

$nginx->request('DELETE', '/method');
is($audit->event->{actionType}, 'ROW_DELETE', 'by a variable');

$nginx->request('PUT', '/method');
is($audit->event->{actionType}, 'QUERY_RUN', 'a bad one is not taken');

$nginx->get('/gone');
is($audit->event->{actionType}, 'QUERY_RUN', 'an error page is no page view');

$nginx->get('/moved');
is($audit->event->{actionType}, 'QUERY_RUN', 'nor is a redirect');

# parameters as a list

$nginx->post('/flat?q=1', $form, 'f=2&q=3&password=canary-8');
is_deeply($audit->event->{parameters},
          [{ name => 'q', value => '1', where => 'query' },
           { name => 'f', value => '2', where => 'form' },
           { name => 'q', value => '3', where => 'form' },
           { name => 'password', value => '[REDACTED]', where => 'form' }],
          'flat: a query and a form');

$nginx->post('/flat', 'application/json', '{"a":{"b":1},"c":"d","e":1.50}');
is_deeply($audit->event->{parameters},
          [{ name => 'a', value => '{"b":1}', where => 'json' },
           { name => 'c', value => 'd', where => 'json' },
           { name => 'e', value => '1.50', where => 'json' }],
          'flat: JSON');
unlike($audit->text, qr/canary-8/, 'redacted as well');

# where, and with what; at every level

$nginx->get('/env?env=staging');
is($audit->event->{metadata}{environment}, 'staging', 'environment');

$nginx->request('MOVE', '/dav/a', headers => [
    'Destination: http://localhost/dav/b?token=canary-7',
    'User-Agent: probe/1']);
$e = $audit->event;
is($e->{request}{destination}, 'http://localhost/dav/b', 'Destination');
is($e->{metadata}{userAgent}, 'probe/1', 'the user agent');
is($e->{metadata}{host}, 'localhost', 'the host asked for');
is($e->{metadata}{scheme}, 'http', 'the scheme');
ok(!exists $e->{metadata}{tls}, 'no TLS');
like($e->{metadata}{net}{port}, qr/^[1-9][0-9]*$/, 'the port of the client');
unlike($audit->text, qr/canary-7/, 'no query at level metadata');

$nginx->get('/dav', headers => ['Destination: http://localhost/x']);
ok(!exists $audit->event->{request}{destination}, 'of GET it says nothing');


$nginx->get('/html');
is($audit->event->{actionType}, 'PAGE_VIEW', 'a page');

$nginx->get('/htmlt');
is($audit->event->{actionType}, 'PAGE_VIEW', 'a page, and a tab behind');

$nginx->request('HEAD', '/html');
is($audit->event->{actionType}, 'PAGE_VIEW', 'a page by HEAD');

$nginx->post('/html', $form, 'a=1');
is($audit->event->{actionType}, 'QUERY_RUN', 'a POST is no page view');

$nginx->get('/htmlx');
is($audit->event->{actionType}, 'QUERY_RUN', 'another type');

$audit->none_more;
$nginx->stop;
$nginx->quiet;

done_testing();

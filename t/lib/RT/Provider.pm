package RT::Provider;

# An OpenID provider that signs anybody in, and lies when it is told to.
#
#   my $provider = RT::Provider->new;       # on a port of its own
#   $provider->issuer;                      # http://127.0.0.1:PORT
#   $provider->lie(token => { status => 400, body => '' });
#   $provider->honest;                      # no lie any more
#   $provider->asked('token');              # what came: { method, target,
#                                           #   head, body, query, form }
#   $provider->hold('token'); ... $provider->let_go('token');
#   $provider->stop; $provider->resume;     # nobody listens; somebody does
#   $provider->active('a-token', scope => ...)  # what introspection says of it
#   $provider->inactive('a-token');
#
# Its addresses: /.well-known/openid-configuration (discovery), /jwks,
# /authorize, /token, /userinfo, /logout, /revoke, /introspect; or what "paths"
# of new() says.
# It goes by another issuer if that says "name".  A lie about one of them is
#
#   json    members to add, or (undef) to take away; of authorize: parameters
#           of the answer, of discovery: the document
#   append  bytes behind the JSON or the query
#   status, type, body, headers (lines)     instead of the true ones
#   raw     all bytes of the answer
#
# and about the tokens it makes, by the options of RT::JWT:
#
#   id_token      claims and options; -unsigned => 1 for "alg": "none"
#   access_token  its text
#   signed        an answer of introspection is a JWT (RFC 9701), as it is for
#                 whoever accepts nothing else; undef: never
#   rotate        0: a refresh token stays good when it was used
#
# It keeps to the specification where that is on the client: a code is good
# once, for the redirect_uri and the code_verifier it was asked for with.

use strict;
use warnings;

use Digest::SHA qw(sha256 sha256_hex);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64url);
use POSIX ();
use Time::HiRes qw(sleep time);

use RT::JWT ();

my $JSON = JSON::PP->new->canonical->utf8;
my $Keys = dirname(__FILE__) . '/../../data/keys';
my $owner = $$;
my (@all, $codes);

my %Path = (
    '/.well-known/openid-configuration' => 'discovery',
    map { ("/$_" => $_) } qw(jwks authorize token userinfo logout revoke par
                             introspect),
);

my %Answer = (
    discovery => \&discovery, jwks => \&jwks, authorize => \&authorize,
    token => \&token, userinfo => \&userinfo, par => \&par,
    introspect => \&introspect,
    logout => sub { return (200, 'text/html', 'bye') },
    revoke => sub { return (200, 'text/plain', '') },
);


# options: client_id, client_secret, user (claims), discovery (members), name
# (an issuer), paths (of addresses: { authorize => '/auth' })

sub new {
    my ($class, %args) = @_;

    my $self = bless {
        client_id => 'gateway', client_secret => 'a secret of the client',
        user => { sub => 'u-1', email => 'ann@example.com',
                  email_verified => JSON::PP::true, groups => ['support'] },
        discovery => {}, %args,
        dir => tempdir('rt-provider-XXXXXX', TMPDIR => 1, CLEANUP => 1),
    }, $class;

    $self->{routes} = { %Path, reverse %{$self->{paths} || {}} };
    $self->honest;
    $self->resume;
    push @all, $self;

    return $self;
}


sub port   { $_[0]{port} }
sub issuer { "http://127.0.0.1:$_[0]{port}" }
sub name   { $_[0]{name} // $_[0]->issuer }
sub url    { $_[0]->issuer . ($_[0]{paths}{$_[1]} // "/$_[1]") }


sub lie {
    my ($self, %lies) = @_;

    $self->{lies} = { %{$self->{lies}}, %lies };
    write_whole("$self->{dir}/lies", $JSON->encode($self->{lies}));
}


sub honest {
    my $self = shift;

    $self->{lies} = {};
    $self->lie;
}


# another person sits there from now on

sub user {
    my ($self, %claims) = @_;
    $self->lie(user => { %{$self->{user}}, %claims });
}


# what came to an address, oldest first

sub asked {
    my ($self, $what) = @_;

    my @all;

    if (open my $fh, '<', "$self->{dir}/asked") {
        @all = map { $JSON->decode($_) } <$fh>;
    }

    return grep { $_->{what} eq $what } @all;
}


sub forget { unlink "$_[0]{dir}/asked" }


# what introspection says of a token from now on

sub active {
    my ($self, $token, %claims) = @_;
    write_whole($self->about($token), $JSON->encode({
        active => JSON::PP::true, token_type => 'Bearer', %claims }));
}


sub inactive { unlink $_[0]->about($_[1]) }

sub about { "$_[0]{dir}/about-" . sha256_hex($_[1]) }


# answers of an address wait until they are let go

sub hold {
    my ($self, $what) = @_;
    write_whole("$self->{dir}/hold-$what", '');
}


sub let_go {
    my ($self, $what) = @_;
    unlink "$self->{dir}/hold-$what";
}


sub stop {
    my $self = shift;

    my $pid = delete $self->{pid} or return;
    # perl in a child that has just begun would note a TERM, and wait on
    kill 'KILL', $pid;
    waitpid $pid, 0;

    # bound and not listening: refused, and nobody else takes the port

    $self->{socket} = $self->bound;
}


sub bound {
    my $self = shift;

    return IO::Socket::INET->new(Proto => 'tcp', LocalAddr => '127.0.0.1',
                                 LocalPort => $self->{port} || 0,
                                 ReuseAddr => 1) || die "provider: $!";
}


sub resume {
    my $self = shift;

    my $listen = delete $self->{socket} || $self->bound;

    $listen->listen(64) or die "provider: $!";
    $self->{port} = $listen->sockport;

    my $pid = fork;
    die $! unless defined $pid;

    if ($pid == 0) {
        $self->serve($listen);
        POSIX::_exit(0);
    }

    $self->{pid} = $pid;
}


# -- what runs in processes of its own

sub write_whole {
    my ($file, $text) = @_;

    open my $fh, '>', "$file.new" or die "$file: $!";
    print $fh $text;
    close $fh or die "$file: $!";
    rename "$file.new", $file or die "$file: $!";
}


sub read_whole {
    my $file = shift;

    open my $fh, '<', $file or return undef;
    local $/;
    return scalar <$fh>;
}


sub serve {
    my ($self, $listen) = @_;

    $SIG{CHLD} = 'IGNORE';
    $SIG{TERM} = 'DEFAULT';

    while (my $client = $listen->accept) {
        my $pid = fork;

        if (defined $pid && $pid == 0) {
            close $listen;
            $SIG{CHLD} = 'DEFAULT';     # it runs openssl, and waits for it
            $self->converse($client);
            POSIX::_exit(0);
        }

        close $client;
    }
}


sub converse {
    my ($self, $client) = @_;

    alarm 30;

    my $request = receive($client) or return;

    $self->{lies} = $JSON->decode(read_whole("$self->{dir}/lies"));

    my $what = $request->{what} = $self->{routes}{$request->{path}} || 'other';

    note_down("$self->{dir}/asked", $JSON->encode($request));
    sleep 0.01 while -e "$self->{dir}/hold-$what";

    my $lie = $self->{lies}{$what} || {};

    $client->syswrite($lie->{raw} // $self->reply($request, $lie));
    shutdown $client, 1;

    1 while sysread $client, my $rest, 65536;
}


sub note_down {
    my ($file, $line) = @_;

    open my $fh, '>>', $file or die "$file: $!";
    flock $fh, LOCK_EX;
    print $fh "$line\n";
    close $fh;
}


sub receive {
    my $client = shift;
    my $bytes = '';

    while ($bytes !~ /\r\n\r\n/) {
        sysread $client, $bytes, 65536, length $bytes or return undef;
    }

    my ($head, $body) = split /\r\n\r\n/, $bytes, 2;
    my ($length) = $head =~ /^Content-Length: *(\d+)/mi;

    while (length $body < ($length || 0)) {
        sysread $client, $body, 65536, length $body or return undef;
    }

    my ($method, $target) = $head =~ m{^(\w+) (\S+)};
    my ($path, $query) = split /\?/, $target, 2;

    return { method => $method, target => $target, head => $head,
             body => $body, path => $path,
             query => decode($query), form => decode($body) };
}


sub unescape {
    my $text = shift // '';
    return $text =~ tr/+/ /r =~ s/%([0-9a-f]{2})/chr hex $1/gier;
}


sub escape { $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }


sub decode {
    my $text = shift // '';

    return { map { unescape($_) } map { (split(/=/, $_, 2), '')[0, 1] }
                 split /&/, $text };
}


sub encode {
    my $fields = shift;

    return join '&', map { escape($_) . '=' . escape($fields->{$_}) }
        grep { defined $fields->{$_} } sort keys %$fields;
}


sub reply {
    my ($self, $request, $lie) = @_;

    my $answer = $Answer{$request->{what}}
                 || sub { return (404, 'text/plain', 'what?') };
    my ($status, $type, $body, @headers) = $answer->($self, $request, $lie);

    if (ref $body) {
        my %all = (%$body, %{$lie->{json} || {}});
        delete @all{grep { !defined $all{$_} } keys %all};
        $body = $JSON->encode(\%all) . ($lie->{append} // '');
    }

    $status = $lie->{status} // $status;
    $type = $lie->{type} // $type;
    $body = $lie->{body} // $body;
    push @headers, @{$lie->{headers} || []};

    return join "\r\n", "HTTP/1.1 $status Whatever", "Content-Type: $type",
        'Content-Length: ' . length $body, 'Connection: close', @headers, '',
        $body;
}


sub discovery {
    my $self = shift;

    return (200, 'application/json', {
        issuer => $self->name, jwks_uri => $self->url('jwks'),
        authorization_endpoint => $self->url('authorize'),
        token_endpoint => $self->url('token'),
        userinfo_endpoint => $self->url('userinfo'),
        end_session_endpoint => $self->url('logout'),
        revocation_endpoint => $self->url('revoke'),
        introspection_endpoint => $self->url('introspect'),
        response_types_supported => ['code'],
        code_challenge_methods_supported => ['S256'],
        authorization_response_iss_parameter_supported => JSON::PP::true,
        %{$self->{discovery}},
    });
}


sub jwks {
    return (200, 'application/json', read_whole("$Keys/jwks.json"));
}


# RFC 6749, 4.1.1: a redirect at once, for everybody is signed in here

sub authorize {
    my ($self, $request, $lie) = @_;

    my $query = $request->{query};

    $query = { %$query, %{$JSON->decode(
        read_whole("$self->{dir}/par-$1") // '{}')} }
        if ($query->{request_uri} // '') =~ /^urn:rt:([0-9a-f]+)$/;

    return (400, 'text/plain', 'what client?')
        if ($query->{client_id} // '') ne $self->{client_id}
           || ($query->{redirect_uri} // '') eq '';

    my $code = fresh();

    write_whole("$self->{dir}/code-$code", $JSON->encode($query));

    my %params = (code => $code, state => $query->{state},
                  iss => $self->name, %{$lie->{json} || {}});
    my $to = $query->{redirect_uri};

    return (302, 'text/plain', '',
            "Location: $to" . ($to =~ /\?/ ? '&' : '?') . encode(\%params)
            . ($lie->{append} // ''));
}


# RFC 9126

sub par {
    my ($self, $request) = @_;

    my $name = fresh();

    write_whole("$self->{dir}/par-$name", $JSON->encode($request->{form}));

    return (201, 'application/json', { request_uri => "urn:rt:$name",
                                       expires_in => 60 });
}


# RFC 7662, 2.2; RFC 9701, 5

sub introspect {
    my ($self, $request, $lie) = @_;

    return refuse('invalid_client', 401) if !$self->knows($request);

    my $text = read_whole($self->about($request->{form}{token} // ''));
    my $answer = $text ? $JSON->decode($text) : { active => JSON::PP::false };
    my $type = 'application/token-introspection+jwt';

    return (200, 'application/json', $answer)
        if exists $self->{lies}{signed} && !$self->{lies}{signed}
           || !$self->{lies}{signed}
              && $request->{head} !~ /^Accept: *\Q$type\E\r?$/mi;

    my %claims = (iss => $self->name, aud => $self->{client_id},
                  iat => int time, sub => undef, email => undef, exp => undef,
                  token_introspection => { %$answer, %{$lie->{json} || {}} },
                  -header => { typ => 'token-introspection+jwt' });

    return (200, $type,
            RT::JWT::token(%claims, %{$self->{lies}{signed} || {}}));
}


sub fresh {
    return sha256_hex(join '.', $$, ++$codes, time, rand);
}


sub token {
    my ($self, $request) = @_;

    my $form = $request->{form};

    return $self->refreshed($request)
        if ($form->{grant_type} // '') eq 'refresh_token';

    my ($code) = ($form->{code} // '') =~ /^([0-9a-f]{64})$/;

    # a code is good for whoever takes it first

    my $file = "$self->{dir}/code-" . ($code // '');
    my $text = $code && rename($file, "$file.used")
               ? read_whole("$file.used") : undef;

    return refuse('invalid_grant') if !defined $text;

    my $asked = $JSON->decode($text);
    my $challenge = encode_base64url(sha256($form->{code_verifier} // ''));

    return refuse('invalid_grant')
        if $challenge ne ($asked->{code_challenge} // '')
           || ($asked->{code_challenge_method} // '') ne 'S256'
           || $asked->{redirect_uri} ne ($form->{redirect_uri} // '');

    return refuse('invalid_client', 401) if !$self->knows($request);

    return (200, 'application/json', $self->tokens($asked));
}


sub tokens {
    my ($self, $asked) = @_;

    my $access = $self->{lies}{access_token} // 'an.access-token_' . fresh();
    my $refresh = 'a.refresh-token_' . fresh();

    write_whole("$self->{dir}/$refresh", $JSON->encode($asked));

    return { token_type => 'Bearer', expires_in => 300,
             access_token => $access, refresh_token => $refresh,
             id_token => $self->id_token($asked, $access) };
}


# RFC 6749, 6: a refresh token is good once, unless "rotate" is a lie

sub refreshed {
    my ($self, $request) = @_;

    my ($token) = ($request->{form}{refresh_token} // '')
                  =~ /^(a\.refresh-token_[0-9a-f]{64})$/;
    my $file = "$self->{dir}/" . ($token // '');
    my $rotates = $self->{lies}{rotate} // 1;
    my $text = $token && (!$rotates || rename $file, "$file.used")
               ? read_whole($rotates ? "$file.used" : $file) : undef;

    return refuse('invalid_grant') if !defined $text;
    return refuse('invalid_client', 401) if !$self->knows($request);

    my $tokens = $self->tokens($JSON->decode($text));

    $tokens->{refresh_token} = $token if !$rotates;

    return (200, 'application/json', $tokens);
}


sub refuse {
    my ($error, $status) = @_;

    return ($status || 400, 'application/json', { error => $error });
}


# RFC 6749, 2.3.1: either way

sub knows {
    my ($self, $request) = @_;

    my $form = $request->{form};
    my ($id, $secret) = @{$form}{qw(client_id client_secret)};

    if ($request->{head} =~ /^Authorization: *Basic +(\S+)/mi) {
        ($id, $secret) = map { unescape($_) }
            split /:/, decode_base64($1), 2;
    }

    return ($id // '') eq $self->{client_id}
           && ($secret // '') eq $self->{client_secret};
}


sub person { return %{$_[0]{lies}{user} || $_[0]{user}} }


sub id_token {
    my ($self, $asked, $access) = @_;

    my %token = (
        $self->person, iss => $self->name, aud => $self->{client_id},
        iat => int time, exp => int(time) + 300, auth_time => int time,
        nonce => $asked->{nonce}, sid => 'sid-' . $self->{port},
        at_hash => encode_base64url(substr sha256($access), 0, 16),
        %{$self->{lies}{id_token} || {}},
    );

    my $unsigned = delete $token{-unsigned};

    %token = (%token, -header => { alg => 'none', kid => undef })
        if $unsigned;

    my $text = RT::JWT::token(%token);

    return $unsigned ? $text =~ s/[^.]*$//r : $text;
}


sub userinfo {
    my ($self, $request) = @_;

    return refuse('invalid_token', 401)
        if $request->{head} !~ /^Authorization: Bearer \S+/mi;

    return (200, 'application/json', { $self->person });
}


END {
    if ($$ == $owner) {
        my $status = $?;
        kill 'KILL', grep { defined } map { $_->{pid} } @all;
        $? = $status;
    }
}


1;

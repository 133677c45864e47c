# Buffers of shapes that nginx's own handlers do not make, but other modules do:
# a byte each, flushed, empty between them, and every kind of last one.

use lib 't/lib';
use RT qw(rttest rtcsp);

our $Secret = 'pH7-placeholder_0123456789abcdef';
our $Page = "<p>$Secret</p><script nonce='$Secret'>a<b</script>"
            . "<!-- $Secret --><script nonce=$Secret></script>$Secret";

# every set of words

our @Shapes;

for my $last ('byte', 'empty', 'byte,flush', 'empty,flush') {
    for my $words (0 .. 7) {
        push @Shapes, CORE::join ' ', "last=$last",
            ('chain') x !!($words & 1), ('flush') x !!($words & 2),
            ('sync') x !!($words & 4);
    }
}

our $Config = "rtcsp talisman; rtcsp_nonce_in script-src; postpone_output 1;"
    . "rtcsp_nonce placeholder=data:$Secret; default_type text/html;"
    . CORE::join '', map {
        "location = /$_ { rttest_body \"$Page\" $Shapes[$_]; }"
        . "location = /cut$_ { rttest_body \"<p>$Secret</p><script nonce="
        . CORE::substr($Secret, 0, 20) . "\" $Shapes[$_]; }"
    } 0 .. $#Shapes;

add_response_body_check(sub {
    my ($block, $body, $req_idx, $repeated, $dry_run) = @_;

    return if $dry_run;

    my $name = $block->name . ' - ' . $Shapes[$req_idx];
    my $x = 'x' x 32;

    if ($block->name =~ /cut/) {
        Test::More::is($body, "<p>$x</p><script nonce=" . 'x' x 20, $name);
        return;
    }

    my ($nonce) = $body =~ /nonce='([\w-]{32})'/;

    Test::More::is($body, "<p>$x</p><script nonce='$nonce'>a<b</script>"
                   . "<!-- $x --><script nonce=$nonce></script>$x", $name);
});

plan_all();
run_tests();

__DATA__

=== TEST 1: a page in buffers of any shape
--- config eval: $::Config
--- request eval
[map { "GET /$_" } 0 .. $#::Shapes]



=== TEST 2: one that is cut in a placeholder
--- config eval: $::Config
--- request eval
[map { "GET /cut$_" } 0 .. $#::Shapes]

# How a whole nginx of the tests is configured: with each module that a test asks
# for.  Sourced by asan.sh and matrix.sh.

nginx_flags=(--with-compat --with-debug --with-threads --with-pcre-jit
    --with-http_ssl_module --with-http_v2_module --with-http_realip_module
    --with-http_auth_request_module --with-http_addition_module
    --with-http_sub_module --with-http_gunzip_module
    --with-http_gzip_static_module --with-http_slice_module
    --with-http_stub_status_module --with-http_dav_module)

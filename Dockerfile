# Debian's nginx with the three modules, as the packages of "make deb".  The last
# stage has run-time libraries only, runs as www-data and needs to write nowhere
# but to /tmp and /var/log/rtaudit.  See docs/container.md.

ARG BASE=debian:12-slim

FROM ${BASE} AS build

# libjwt's source, a file in this folder: none is fetched then
ARG LIBJWT_ARCHIVE

WORKDIR /src
COPY . .
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends make \
    && make deb DEB_BUILD_OPTIONS="nocheck noautodbgsym" \
    && mkdir /out && cp build/deb/*.deb /out/


FROM ${BASE}

COPY --from=build /out/ /tmp/packages/

RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
         nginx ca-certificates curl /tmp/packages/*.deb \
    && rm -rf /var/lib/apt/lists/* /tmp/packages \
              /etc/nginx/sites-enabled/default \
    && chown www-data: /var/log/rtaudit

COPY util/docker/nginx.conf /etc/nginx/nginx.conf
COPY util/docker/start.sh /usr/local/bin/rt-start
COPY util/sbom.sh /usr/local/bin/rt-sbom

RUN test -s /usr/share/rt/libjwt-version \
    && mkdir -p /usr/local/share/sbom \
    && rt-sbom > /usr/local/share/sbom/image.spdx.json

USER www-data
RUN nginx -t && rm -f /tmp/nginx.pid /var/log/rtaudit/*

# 8080 serves; 8081 answers /health and /ready
EXPOSE 8080 8081

HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD curl -fsS http://127.0.0.1:8081/health || exit 1

STOPSIGNAL SIGQUIT

ENTRYPOINT ["rt-start"]
CMD ["nginx", "-g", "daemon off;"]

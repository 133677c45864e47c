# Debian's nginx with the three modules.  The last stage has run-time
# libraries only and runs as www-data; mount your configuration over
# /etc/nginx/nginx.conf.

ARG BASE=debian:12-slim

FROM ${BASE} AS build

WORKDIR /src
COPY . .
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends make \
    && make deps && make \
    && make install DESTDIR=/out


FROM ${BASE}

RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
         nginx libcurl4 libjansson4 ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled/default \
    && mkdir -p /var/lib/nginx /var/log/rtaudit \
    && chown -R www-data: /var/lib/nginx /var/log/nginx /var/log/rtaudit

COPY --from=build /out/ /
COPY util/docker/nginx.conf /etc/nginx/nginx.conf

USER www-data
RUN nginx -t && rm -f /tmp/nginx.pid /var/log/rtaudit/*

EXPOSE 8080

HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD curl -fsS http://127.0.0.1:8080/health || exit 1

CMD ["nginx", "-g", "daemon off;"]

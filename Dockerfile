# One image for every process; the role is the argument: `docker run only2u gateway`.
ARG NODE_VERSION=24.21.0
FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --loglevel=error
COPY tsconfig.json .swcrc nest-cli.json ./
COPY libs libs
COPY apps apps
COPY doubles doubles
COPY tools tools
# Without what only a build or a reader needs: compilers, types, source maps, tests.
RUN node --conditions=source tools/build.ts \
  && npm prune --omit=dev \
  && node tools/slim.mjs

FROM node:${NODE_VERSION}-bookworm-slim
# Which release this is, in logs, metrics and labels: `docker build --build-arg VERSION=$(git describe --always --tags) -t only2u .`
ARG VERSION=development
ENV NODE_ENV=production HOST=0.0.0.0 VERSION=$VERSION
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="Only2U" \
  org.opencontainers.image.description="The backend of a fashion shop: gateway and services, one role a container" \
  org.opencontainers.image.licenses="UNLICENSED" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION" \
  org.opencontainers.image.created="$CREATED"
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/apps/web/dist apps/web/dist
COPY --from=build /app/apps/web/media apps/web/media
COPY docker/healthcheck.mjs docker/
# Where files and the double's ledger are kept when a volume is mounted there.
RUN install -d -o 1000 -g 1000 /files /ledger
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "docker/healthcheck.mjs"]
# `gateway`, `order` …; `migrate order payment` before they start; `seed auth product` for a demo shop; `razorpay-sim` stands for Razorpay.
# APP=all: every service in this one process.
ENTRYPOINT ["/bin/sh", "-c", "case \"$0 ${APP:-}\" in migrate\\ *|seed\\ *) exec node dist/libs/runtime/$0.js \"$@\";; razorpay-sim\\ *) exec node dist/doubles/razorpay/main.js \"$@\";; *\\ all|*,*) exec node dist/libs/runtime/together.js;; *) exec node dist/apps/$0/src/main.js;; esac"]
CMD ["gateway"]

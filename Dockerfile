# One image for every process; the role is the argument: `docker run only2u gateway`.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --loglevel=error
COPY tsconfig.json .swcrc nest-cli.json ./
COPY libs libs
COPY apps apps
COPY tools tools
RUN node --conditions=source tools/build.ts && npm prune --omit=dev

# Razorpay's double, for compose: `docker build --target razorpay-sim .`
FROM node:24-bookworm-slim AS razorpay-sim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY doubles/razorpay doubles/razorpay
RUN mkdir /ledger && chown node /ledger
USER 1000
ENTRYPOINT ["node", "doubles/razorpay/main.ts"]

FROM node:24-bookworm-slim
# Which release this is, in logs and metrics: `docker build --build-arg VERSION=$(git describe --always --tags) -t only2u .`
ARG VERSION=development
ENV NODE_ENV=production HOST=0.0.0.0 VERSION=$VERSION
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/apps/web/dist apps/web/dist
COPY --from=build /app/apps/web/media apps/web/media
RUN mkdir /files && chown node /files
USER 1000
# `gateway`, `order` …; `migrate order payment` before they start; `seed auth product` for a demo shop. APP=all: every service in this one process.
ENTRYPOINT ["/bin/sh", "-c", "case \"$0 ${APP:-}\" in migrate\\ *|seed\\ *) exec node dist/libs/runtime/$0.js \"$@\";; *\\ all|*,*) exec node dist/libs/runtime/together.js;; *) exec node dist/apps/$0/src/main.js;; esac"]
CMD ["gateway"]

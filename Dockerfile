# The build: bundles the program into a few files.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY build.js ./
COPY src src
ARG REVISION=unknown
RUN REVISION="$REVISION" node build.js

# For the demonstration in compose.yaml, not part of the exporter: writes the simulated past for Prometheus.
FROM build AS demo-history
COPY deploy/demo deploy/demo
# Prometheus' user, who reads and removes what is written here: a new named volume belongs to whom the folder belongs to.
RUN mkdir /history && chown 65534:65534 /history
USER 65534:65534
ENTRYPOINT ["node", "/build/deploy/demo/write-history.ts", "/history"]

# What runs: Node and the bundle, nothing that was needed to build it.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20
ARG REVISION=unknown
LABEL org.opencontainers.image.title="livekit-cloud-exporter" \
      org.opencontainers.image.description="Prometheus exporter for LiveKit Cloud" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="$REVISION"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/dist dist
COPY deploy/healthcheck.js ./
# For state.dir, and for what the command history writes for Prometheus' user: a new named volume belongs to whom the folder
# belongs to.
RUN mkdir /data /history && chown 1000:1000 /data && chown 65534:65534 /history
# The image's unprivileged user, by number, so that runAsNonRoot can tell.
USER 1000:1000
EXPOSE 17880
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["node", "/app/healthcheck.js"]
ENTRYPOINT ["node", "/app/dist/main.js"]

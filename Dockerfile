# The build: bundles the program into a few files.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY build.js ./
COPY src src
ARG REVISION=unknown
RUN REVISION="$REVISION" node build.js

# What runs: Node and the bundle, nothing that was needed to build it.
FROM node:24-bookworm-slim
ARG REVISION=unknown
LABEL org.opencontainers.image.title="livekit-cloud-exporter" \
      org.opencontainers.image.description="Prometheus exporter for LiveKit Cloud" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="$REVISION"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/dist dist
# For state.file: a new named volume belongs to whom the folder belongs to.
RUN mkdir /data && chown 1000:1000 /data
# The image's unprivileged user, by number, so that runAsNonRoot can tell.
USER 1000:1000
EXPOSE 17880
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:17880/-/healthy').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]

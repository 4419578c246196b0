# The API with its page: docker build -t resift . && docker run -p 3000:3000 -e RESIFT_API_KEYS=default:change-me -v resift:/data resift
# Written and linted, never built: no Docker engine was at hand.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
COPY . .
# Builds every package and packs the tarballs that npm would serve.
RUN node scripts/pack-all.mjs --out /packs

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 RESIFT_DATA_DIR=/data
WORKDIR /app
COPY --from=build /packs /tmp/packs
# The flag keeps onnxruntime-node from fetching CUDA libraries; no other package runs an install script.
RUN npm install --no-audit --no-fund --onnxruntime-node-install=skip /tmp/packs/*.tgz \
  && rm -rf /tmp/packs /root/.npm \
  && mkdir /data && chown node:node /data
# The user `node` of the image.
USER 1000
VOLUME /data
EXPOSE 3000
HEALTHCHECK --start-period=60s --interval=15s --timeout=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# npx would stand between the signals and the server.
ENTRYPOINT ["node", "/app/node_modules/@resift/cli/bin/resift.mjs"]
CMD ["serve"]

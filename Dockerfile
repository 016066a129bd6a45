# The program is one bundle: the libraries that it needs are in it, so the second stage has no node_modules at all.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
ARG REVISION
RUN npm run build

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="dingtalk-headcount-exporter" \
      org.opencontainers.image.description="Prometheus exporter for the number of people in a DingTalk organization" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/dist ./dist
# By number, so that a cluster can tell that it is not root.
USER 1000:1000
EXPOSE 10210
# Asks the port that the image listens on by default, by the only program there is. With another listen address or
# with TLS, give the container a health check of its own (docs/configuration.md).
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:10210/-/healthy').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]

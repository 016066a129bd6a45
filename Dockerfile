# The program is one bundle: the libraries that it needs are in it, so the second stage has no node_modules at all.
# Its output is the same for every platform, so it runs on that of the machine that builds.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
ARG REVISION
RUN npm run build

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="dingtalk-headcount-exporter" \
      org.opencontainers.image.description="Prometheus exporter for the number of people in a DingTalk organization" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/dingtalk-headcount-exporter/dingtalk-headcount-exporter"
# The program needs Node.js alone, and what is not there need not be patched.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn* /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/dist ./dist
# By number, so that a cluster can tell that it is not root.
USER 1000:1000
EXPOSE 10210
# Asks the default port over plain HTTP. With another listen address or with TLS, override it: --health-cmd of
# docker run, healthcheck of compose.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:10210/-/healthy').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]

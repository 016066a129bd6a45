import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Two at a time: the tests that start Prometheus, Chromium or the built program are processes of their own.
    maxWorkers: 2,
    // What is imported by one file stays for the next one: to import the exporter anew for each takes a second.
    isolate: false,
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // One more than the processors of the CI: some tests wait for Prometheus or the built program.
    maxWorkers: 3,
    // What is imported by one file stays for the next one: to import the exporter anew for each takes a second.
    isolate: false,
  },
});

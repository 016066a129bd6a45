import { defineConfig } from 'rolldown';

/** The programs of the benchmark. Packages stay outside: the exporter of prom-client and express loads them as it would. */
export default defineConfig({
  input: {
    main: 'bench/main.ts',
    'bare-server': 'bench/programs/bare-server.ts',
    'plain-exporter': 'bench/programs/plain-exporter.ts',
    'simulated-dingtalk': 'bench/programs/simulated-dingtalk.ts',
    'load-generator': 'bench/programs/load-generator.ts',
  },
  platform: 'node',
  tsconfig: 'tsconfig.json',
  external: [/^[^./]/],
  output: {
    dir: 'bench/build',
    format: 'esm',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  },
});

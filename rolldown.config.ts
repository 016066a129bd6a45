import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** The commit that is built: given by the image build or the CI, else asked from git, else unknown. */
function revision(): string {
  const given = process.env['REVISION'];
  if (given) return given;
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

/** The folder and the name of the package that a module is of; null for our own. */
const packageOf = (module: string): RegExpExecArray | null =>
  /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?([^\\/]+)/u.exec(module);

/** The licenses of the libraries that are in the bundle go with it, as they ask for. */
const licenses: Plugin = {
  name: 'licenses',
  generateBundle(_options, bundle) {
    const packages = new Set<string>();
    for (const file of Object.values(bundle)) {
      for (const module of file.type === 'chunk' ? file.moduleIds : []) {
        const folder = packageOf(module)?.[0];
        if (folder !== undefined) packages.add(folder.replace(/^\0/u, ''));
      }
    }
    const texts = [...packages].sort().map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const text = readdirSync(folder).find((entry) => /^licen[cs]e/iu.test(entry));
      const said = text === undefined ? '' : readFileSync(join(folder, text), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${said}\n`;
    });
    this.emitFile({ type: 'asset', fileName: 'licenses.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
  },
};

export default defineConfig({
  plugins: [licenses],
  input: { main: 'src/main.ts' },
  platform: 'node',
  logLevel: 'warn',
  tsconfig: 'tsconfig.json',
  transform: {
    target: 'node20.19',
    define: { BUILD_VERSION: JSON.stringify(version), BUILD_REVISION: JSON.stringify(revision()) },
  },
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // A file for each large library: V8 keeps the memory in which it compiles a file, 10 MB for one of 1.5 MB.
    codeSplitting: {
      groups: [
        { debugName: 'libraries', name: (module) => packageOf(module)?.[1] ?? null, minSize: 100_000 },
      ],
    },
    // A third less to parse at start; names stay, for the places that a fault reports.
    minify: { compress: true, mangle: false, codegen: true },
  },
});

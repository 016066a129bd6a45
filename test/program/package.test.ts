import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder } from '../support/program.ts';

describe('the package', () => {
  let folder: Folder;
  let files: { path: string; size: number }[];
  beforeAll(() => {
    folder = new Folder();
    const packed = execFileSync(
      'npm',
      ['pack', '--ignore-scripts', '--json', `--pack-destination=${folder.path}`],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const [{ filename, files: list }] = JSON.parse(packed);
    files = list;
    execFileSync('tar', ['-xzf', `${folder.path}/${filename}`, '-C', folder.path]);
  });
  afterAll(() => folder.remove());

  it('has only the files that are needed to run', () => {
    const paths = files.map(({ path }) => path);
    const others = paths.filter((path) => !/^dist\/([\w-]+\/)?[\w.-]+\.(js|txt)$/u.test(path));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'README.zh-CN.md', 'package.json']);
  });

  it('has no file so large that compiling it takes much memory', () => {
    expect(Math.max(...files.map(({ size }) => size))).toBeLessThan(700_000);
  });

  it('runs without other packages', () => {
    const environment = { PATH: process.env['PATH'] ?? '' };
    const said = execFileSync(process.execPath, [`${folder.path}/package/dist/main.js`, '--demo', '--once'], {
      encoding: 'utf8',
      cwd: folder.path,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(said.match(/^dingtalk_employees\{/gmu)).toHaveLength(3);
  });

  it('needs no install script of any dependency', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const withScript = Object.entries<{ hasInstallScript?: boolean; optional?: boolean }>(lock.packages)
      .filter(([, entry]) => entry.hasInstallScript === true && entry.optional !== true)
      .map(([path]) => path);
    expect(withScript).toEqual([]);
  });

  it('can be installed on every platform: the lock file has the packages of all of them', () => {
    interface Locked {
      readonly version?: string;
      readonly optionalDependencies?: Readonly<Record<string, string>>;
    }
    const lock: { packages: Readonly<Record<string, Locked>> } = JSON.parse(
      readFileSync('package-lock.json', 'utf8'),
    );
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        // A package for one platform is required in an exact version.
        .filter(([, version]) => /^\d/u.test(version))
        .filter(([name, version]) =>
          [`${path}/node_modules/${name}`, `node_modules/${name}`].every(
            (place) => lock.packages[place]?.version !== version,
          ),
        )
        .map(([name, version]) => `${name} ${version}`),
    );
    expect(missing).toEqual([]);
  });

  it('has a bill of materials with all dependencies, without those of development', () => {
    const bill: { metadata: { component: { name: string } }; components: { purl: string }[] } = JSON.parse(
      execFileSync('npm', ['run', '--silent', 'sbom'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const lock: { packages: Record<string, { version: string; dev?: boolean }> } = JSON.parse(
      readFileSync('package-lock.json', 'utf8'),
    );
    const expected = Object.entries(lock.packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, { version }]) => `${path.replace(/^.*node_modules\//u, '')}@${version}`);
    const listed = bill.components.map(({ purl }) => decodeURIComponent(purl).replace('pkg:npm/', ''));
    expect(listed.sort()).toEqual(expected.sort());
    expect(listed).toContainEqual(expect.stringMatching(/^yaml@/u));
    expect(bill.metadata.component.name).toBe('dingtalk-headcount-exporter');
  });

  it('is built by npm start if it is missing or older than its source, without output on stdout', {
    timeout: 600_000,
  }, () => {
    const clone = new Folder();
    try {
      for (const name of ['src', 'package.json', 'rolldown.config.ts', 'tsconfig.json']) {
        cpSync(name, join(clone.path, name), { recursive: true });
      }
      symlinkSync(resolve('node_modules'), join(clone.path, 'node_modules'));
      const start = (): string =>
        execFileSync('npm', ['start', '--silent', '--', '--version'], {
          cwd: clone.path,
          // Not that of this process: the bundler prints less in tests.
          env: { PATH: process.env['PATH'] ?? '', HOME: clone.path },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      const built = (): number => statSync(join(clone.path, 'dist/main.js')).mtimeMs;
      const version = /^dingtalk-headcount-exporter, version \S+ \(revision: \S+\)\n$/u;
      expect(start()).toMatch(version);
      const first = built();
      expect(start()).toMatch(version);
      expect(built()).toBe(first);
      const later = new Date(first + 1000);
      utimesSync(join(clone.path, 'src/main.ts'), later, later);
      expect(start()).toMatch(version);
      expect(built()).not.toBe(first);
    } finally {
      clone.remove();
    }
  });
});

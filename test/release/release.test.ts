import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { versionedFiles, versionReferences } from '../../scripts/versions.ts';

const folder = mkdtempSync(join(tmpdir(), 'release-'));
const clone = join(folder, 'clone');
const read = (path: string, root = '.'): string => readFileSync(join(root, path), 'utf8');

const { version: current, repository, homepage, bugs } = JSON.parse(read('package.json'));
const address: string = repository.url.replace(/^git\+|\.git$/gu, '');
const compare = `${address}/compare`;
const major = Number.parseInt(current, 10) + 1;
const [first, second] = [`${major}.9.0`, `${major}.10.0`];

/** Every place that names a version of this project, with the version. */
function namedVersions(root: string): string[] {
  const lock = JSON.parse(read('package-lock.json', root));
  const named = [`package.json ${JSON.parse(read('package.json', root)).version}`, `lock ${lock.version}`];
  for (const file of versionedFiles(root))
    for (const [version] of read(file, root).matchAll(versionReferences('\\d+\\.\\d+\\.\\d+')))
      named.push(`${file} ${version}`);
  return [...named, `lock, packages ${lock.packages[''].version}`];
}

/** Runs a command in the clone, without git's and npm's own variables, which may point to this repository. */
function run(command: string, args: readonly string[], variables = {}) {
  const path = [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter);
  const env = { PATH: path, HOME: folder, ...variables };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: clone, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}
const releaseByNpm = (version: string) => run('npm', ['run', '--silent', 'release', '--', version]);
/** The script that `npm run release` has built. */
const release = (version: string) => run('node', ['node_modules/.cache/release/release.mjs', version]);

function git(...args: string[]): string {
  const { status, stdout, stderr } = run('git', ['-c', 'user.name=test', '-c', 'user.email=test', ...args]);
  expect(`${status} ${stderr}`).toBe('0 ');
  return stdout;
}
const commit = (): string => git('add', '--all') + git('commit', '--quiet', '--message=change');
function addChange(): void {
  const changelog = read('CHANGELOG.md', clone);
  const changed = changelog.replace('## [Unreleased]\n', '$&\n- One change\n  in two lines.\n');
  writeFileSync(join(clone, 'CHANGELOG.md'), changed);
}

beforeAll(() => {
  const left = ['.git', 'node_modules', 'dist', '.cache', 'bench/results'];
  cpSync('.', clone, { recursive: true, filter: (path) => !left.includes(path) });
  git('-c', 'init.defaultBranch=main', 'init', '--quiet');
  addChange();
  commit();
});
afterAll(() => rmSync(folder, { recursive: true }));

it('has one version, and no other is the latest in the changelog', () => {
  expect(namedVersions('.').filter((each) => !each.endsWith(` ${current}`))).toEqual([]);
  expect(/^## \[(\d[^\]]*)\]/mu.exec(read('CHANGELOG.md'))?.[1] ?? current).toBe(current);
});

it('comes from one repository, whose address package.json has', () => {
  const folders = ['rules', 'grafana/dashboards'].filter((each) => existsSync(each));
  const files = folders.flatMap((each) => readdirSync(each).map((name) => join(each, name)));
  const addresses = ['Dockerfile', ...versionedFiles('.'), ...files].flatMap((file) => {
    const pattern = /(?:github|ghcr|githubusercontent)\.(?:com|io)\/([\w.-]+\/(?:charts\/)?[\w-]+)/gu;
    const found = read(file).matchAll(pattern);
    return [...found].map(([, path = '']) => `${file}: ${path.replace('/charts/', '/')}`);
  });
  const ours = new Set(addresses.filter((each) => /[ /]dingtalk-headcount-exporter/u.test(each)));
  const path = new URL(address).pathname.slice(1);
  expect([...ours].filter((each) => !each.endsWith(`: ${path}`))).toEqual([]);
  for (const file of ['Dockerfile', 'rules/dingtalk.rules.yml', 'SECURITY.md'])
    expect(ours).toContain(`${file}: ${path}`);
  expect({ homepage, bugs }).toEqual({ homepage: `${address}#readme`, bugs: { url: `${address}/issues` } });
});

it('is prepared by "npm run release", which commits nothing', () => {
  const expected = namedVersions('.').map((each) => each.replace(/\S+$/u, first));
  expect(releaseByNpm(first).stdout).toContain(`git tag --annotate v${first}`);
  expect(namedVersions(clone)).toEqual(expected);
  expect(git('log', '--format=%s')).toBe('change\n');
});

it('is refused from a dirty tree, without changes, and under a version that is not newer', () => {
  const refuses = (version: string, why: string): void =>
    expect(release(version)).toMatchObject({ status: 1, stderr: expect.stringContaining(why) });
  refuses(second, 'the working tree has changes');
  commit();
  refuses(second, 'nothing is listed under Unreleased');
  addChange();
  commit();
  refuses(`${major}.8.1`, `not newer than ${first}`);
  refuses(`v${second}`, 'not three numbers');
  expect(git('status', '--porcelain')).toBe('');
});

it('moves the changes under a heading with the date, and links it', () => {
  expect(release(second)).toMatchObject({ status: 0 });
  const changelog = read('CHANGELOG.md', clone);
  const sections = ['Unreleased\\]', `${second}\\] - \\d{4}-\\d\\d-\\d\\d\n\n- One change`, `${first}\\] - `];
  expect(changelog).toMatch(new RegExp(sections.map((each) => `## \\[${each}[^#]*`).join(''), 'u'));
  const links = `[Unreleased]: ${compare}/v${second}...HEAD\n[${second}]: ${compare}/v${first}...v${second}`;
  expect(changelog).toContain(`\n${links}\n[${first}]: `);
});

it('is published under the tag of its version, with its section as notes', () => {
  const { steps } = parse(read('.github/workflows/release.yml')).jobs.pack;
  const step = (name: string, tag: string) =>
    run('bash', ['-eo', 'pipefail', '-c', steps.find((each: { name?: string }) => each.name === name).run], {
      ...{ GITHUB_EVENT_NAME: 'push', GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: tag, VERSION: tag.slice(1) },
      GITHUB_OUTPUT: join(folder, 'output'),
    });
  expect(step('Version', `v${first}`)).toMatchObject({ status: 1, stdout: expect.stringContaining(second) });
  expect(step('Version', `v${second}`)).toMatchObject({ status: 0 });
  expect(read('output', folder)).toBe(`version=${second}\n`);
  expect(step('Release notes', `v${second}`)).toMatchObject({ status: 0 });
  expect(read('release/notes.md', clone).trim()).toBe('- One change in two lines.');
});

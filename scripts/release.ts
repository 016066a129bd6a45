import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { versionedFiles, versionReferences } from './versions.ts';

const CHANGELOG = 'CHANGELOG.md';

/** What keeps a release from being prepared; nothing has been written then. */
class Refusal extends Error {}

/**
 * Gives the changes under Unreleased to a version, and links both.
 *
 * @param date YYYY-MM-DD
 * @param address the repository's, https://…
 */
function moveUnreleased(changelog: string, version: string, date: string, address: string): string {
  const heading = '## [Unreleased]\n';
  const [, changes] = changelog.split(heading);
  if (changes === undefined) throw new Refusal(`${CHANGELOG}: no line "## [Unreleased]": add it`);
  const [unreleased = ''] = changes.split(/^(?:## |\[[^\]]+\]: )/mu);
  if (!/^- /mu.test(unreleased)) {
    throw new Refusal(`${CHANGELOG}: nothing is listed under Unreleased: add what a user notices as "- …"`);
  }
  const previous = /^## \[(\d[^\]]*)\]/mu.exec(changes)?.[1];
  const links = [
    `[Unreleased]: ${address}/compare/v${version}...HEAD\n`,
    previous === undefined
      ? `[${version}]: ${address}/releases/tag/v${version}\n`
      : `[${version}]: ${address}/compare/v${previous}...v${version}\n`,
  ].join('');
  const moved = changelog.replace(heading, `${heading}\n## [${version}] - ${date}\n`);
  const link = /^\[Unreleased\]: .*\n/mu;
  return link.test(moved) ? moved.replace(link, links) : `${moved}\n${links}`;
}

/** Writes the version wherever it is named. */
function prepareRelease(version: string | undefined): string {
  if (version === undefined || !/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/u.test(version)) {
    throw new Refusal(`version ${JSON.stringify(version ?? '')}: not three numbers, such as 1.2.3`);
  }
  const { version: old, repository } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    version: string;
    repository: { url: string };
  };
  if (version.localeCompare(old, 'en', { numeric: true }) <= 0) {
    throw new Refusal(
      `version ${version}: not newer than ${old}, which package.json has: choose a newer one`,
    );
  }
  const changed = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' });
  if (changed !== '') throw new Refusal(`the working tree has changes: commit or stash them\n${changed}`);

  const address = repository.url.replace(/^git\+|\.git$/gu, '');
  const date = new Date().toISOString().slice(0, 10);
  const changelog = moveUnreleased(readFileSync(CHANGELOG, 'utf8'), version, date, address);

  execFileSync('npm', ['version', version, '--no-git-tag-version'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(CHANGELOG, changelog);
  const references = versionReferences(old.replaceAll('.', '\\.'));
  for (const file of versionedFiles('.')) {
    const text = readFileSync(file, 'utf8');
    const updated = text.replace(references, version);
    if (updated !== text) writeFileSync(file, updated);
  }
  return execFileSync('git', ['diff', '--stat'], { encoding: 'utf8' });
}

try {
  const [, , version] = process.argv;
  process.stdout.write(`${prepareRelease(version)}
Nothing is committed yet. Look at "git diff" and run "npm test". Then:

  git commit --all --message 'release: ${version}'
  git push origin main

When CI has passed, and the workflow Release as a dry run (gh workflow run release.yml), publish:

  git tag --annotate v${version} --message v${version}
  git push origin v${version}
`);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`release: ${error.message}\n`);
  process.exitCode = 1;
}

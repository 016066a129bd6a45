import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files that name a version of this project, apart from those of npm and the changelog. */
export function versionedFiles(root: string): string[] {
  const text = /\.(?:md|ya?ml|service)$/u;
  const folders = ['charts', 'deploy', 'docs'].filter((folder) => existsSync(join(root, folder)));
  return [
    ...readdirSync(root),
    ...folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    ),
  ].filter((path) => text.test(path) && path !== 'CHANGELOG.md');
}

/**
 * Finds where a file names a version of this project: an image, a package or an archive (`…-exporter:1.2.3`, `@`, `-`),
 * an address with a tag (`…-exporter/…/v1.2.3`), `Chart.yaml`, the label of Kubernetes objects, and Helm's `--version`.
 *
 * @param version a pattern of the versions to find
 */
export function versionReferences(version: string): RegExp {
  const before = [
    'dingtalk-headcount-exporter[:@-]',
    'dingtalk-headcount-exporter/(?:[\\w/.@-]+/)?v',
    '^(?:appVersion|version): "?',
    'app\\.kubernetes\\.io/version: "?',
    '--version[ =]',
  ];
  return new RegExp(`(?<=${before.join('|')})${version}(?![\\d-]|\\.\\d)`, 'gmu');
}

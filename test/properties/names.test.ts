import { execFileSync } from 'node:child_process';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { validate } from '../../src/config/validate.ts';
import { readYaml } from '../../src/config/yaml.ts';
import { createLog } from '../../src/log.ts';
import { renderPage } from '../../src/web/page/page.ts';
import { InProcessWorld } from '../support/in-process.ts';
import { promtool } from '../support/tools.ts';
import './seed.ts';

const tool = promtool();

/** Any valid name: up to 128 characters, without control characters and lone surrogates. */
const name = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }),
    fc.string({
      unit: fc.constantFrom(...'"\\{}=,#\'`$ <>&;\u202e\u2028\u00a0é中😀n'),
      minLength: 1,
      maxLength: 20,
    }),
    fc.constantFrom(...'__proto__|constructor| |# HELP x|{{.Value}}|$1|~|null|yes|0x10|- a|%2f'.split('|')),
  )
  .filter((text) => !/\p{Cc}|\p{Surrogate}/u.test(text) && Array.from(text).length <= 128);

const names = fc.uniqueArray(name, { minLength: 1, maxLength: 8 });

/** Names and values of a metric in the text format 0.0.4. */
function samplesOf(metric: string, text: string): [name: string, value: number][] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`));
  return lines.map((line) => {
    const sample = /^\w+\{organization="((?:[^"\\]|\\["\\n])*)"\} (\d+)$/u.exec(line);
    if (sample === null) throw new Error(`not a sample: ${line}`);
    const [, escaped = '', value] = sample;
    return [escaped.replaceAll(/\\(["\\])/gu, '$1'), Number(value)];
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The text that a browser shows. */
const fromHtml = (html: string): string =>
  html.replaceAll(/&([a-z]+|#39);/gu, (all, entity: string) => ENTITIES[entity] ?? all);

async function logLines(format: 'logfmt' | 'json', organizations: readonly string[]): Promise<string[]> {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const log = createLog({ level: 'debug', format, stream, wallTime: () => 0 });
  for (const organization of organizations) log.info('poll succeeded', { organization, active: 1 });
  await log.end();
  // A terminal or viewer may treat any of these as the end of a line.
  return text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u).filter((line) => line !== '');
}

function fromLogfmt(line: string): string {
  const [, quoted, bare] = / organization=(?:("(?:[^"\\]|\\.)*")|([^\s"]+)) active=1$/u.exec(line) ?? [];
  return quoted === undefined ? (bare ?? '') : JSON.parse(quoted);
}

function pageOf({ exporter, clock }: InProcessWorld): string {
  return renderPage(
    {
      name: 'exporter',
      version: '1',
      revision: '1',
      telemetryPath: '/metrics',
      demo: false,
      organizations: exporter.organizations(),
      startedAt: 0,
      wallTime: clock.wallTime(),
      monotonicTime: clock.monotonicTime(),
    },
    { acceptLanguage: undefined, language: undefined, filter: undefined },
  );
}

const tagsOf = (html: string): number => Array.from(html.matchAll(/<\/?[a-z][a-z0-9]*/giu)).length;

async function worldWith(organizations: readonly string[]): Promise<InProcessWorld> {
  const world = new InProcessWorld();
  for (const [index, organization] of organizations.entries()) world.addApp(organization, 100 + index, index);
  await world.start(world.configure(organizations.map((organization) => world.organization(organization))));
  await world.advance(10_000);
  return world;
}

describe('any name of an organization', () => {
  it('is read back from the exposition with its own value', async () => {
    await fc.assert(
      fc.asyncProperty(names, async (organizations) => {
        const world = await worldWith(organizations);
        const text = (await world.exporter.exposition()).toString('utf8');
        expect(samplesOf('dingtalk_employees', text)).toEqual(
          organizations.map((organization, index) => [organization, 100 + index]),
        );
        world.exporter.close();
      }),
      { numRuns: 100 },
    );
  });

  it.skipIf(tool.missing)('passes promtool check metrics', async () => {
    const many = fc.sample(name, { numRuns: 300 });
    const world = await worldWith(Array.from(new Set(many)));
    await world.advance(300_000);
    const input = await world.exporter.exposition();
    expect(execFileSync(tool.path, ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
    world.exporter.close();
  });

  it('is text in the page, without markup', async () => {
    await fc.assert(
      fc.asyncProperty(names, async (organizations) => {
        const world = await worldWith(organizations);
        const html = pageOf(world);
        const cells = html.matchAll(/<th scope="row"><bdi>(.*?)<\/bdi><\/th>/gsu);
        const rows = Array.from(cells, ([, text = '']) => fromHtml(text));
        expect(rows.toSorted()).toEqual(organizations.toSorted());
        const plain = await worldWith(organizations.map((_, index) => `plain${index}`));
        expect(tagsOf(html)).toBe(tagsOf(pageOf(plain)));
        world.exporter.close();
        await plain.exporter.close();
      }),
      { numRuns: 60 },
    );
  });

  it('is read back from a log line, in either format', async () => {
    await fc.assert(
      fc.asyncProperty(names, async (organizations) => {
        const json = await logLines('json', organizations);
        expect(json.map((line) => JSON.parse(line).organization)).toEqual(organizations);
        const logfmt = await logLines('logfmt', organizations);
        expect(logfmt.map(fromLogfmt)).toEqual(organizations);
      }),
      { numRuns: 100 },
    );
  });

  it('is read back from a configuration file', async () => {
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
        async (organizations, style) => {
          const text = stringify(
            {
              organizations: organizations.map((one) => ({ name: one, client_id: 'a', client_secret: 'b' })),
            },
            { defaultStringType: style },
          );
          const { configuration, faults } = validate(readYaml(text).value, '');
          expect(configuration?.organizations.map((one) => one.name) ?? faults).toEqual(organizations);
        },
      ),
      { numRuns: 100 },
    );
  });
});

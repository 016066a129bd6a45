import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Measure } from '../context.ts';
import { EVENT_LOOP_PROBE, type Exporter, FILL_AND_REST, scrapeBytes, startExporter } from '../exporter.ts';
import { type Encoding, load } from '../load.ts';
import { numberIn, type Program, programPath, startProgram } from '../program.ts';
import { type Result, result } from '../result.ts';

/** The highest RSS that is wished for, as a multiple of the bare server's. */
interface MemoryGoal {
  readonly organizations: number;
  readonly memory: number;
}

/** Scrapes a second while nothing new comes, and the memory that they take. */
export function scrapes({ organizations, memory }: MemoryGoal): Measure {
  return async (context) => {
    context.progress(`filling an exporter with ${organizations} organizations`);
    const exporter = await startExporter(context.folder, organizations, FILL_AND_REST);
    const { bare, plain } = await startOthers(context.folder, exporter);
    const servers = { ours: exporter.process, bare, plain };
    const ports = {
      ours: exporter.port,
      bare: numberIn(bare.hello, 'port'),
      plain: numberIn(plain.hello, 'port'),
    };
    try {
      const label =
        organizations === 1 ? '1 organization' : `${organizations.toLocaleString('en')} organizations`;
      const results: Result[] = [];
      for (const encoding of ['plain', 'gzip'] as const) {
        const perSecond = await rounds(context, `${label}, ${encoding}`, async (server) => {
          return (await load(ports[server], encoding, context.seconds)).perSecond;
        });
        const name = `scrapes a second, ${label}, ${encoding}`;
        results.push(result(name, '/s', { kind: 'at_least', value: 0.7 }, perSecond));
      }
      const held = await rounds(context, `${label}, memory`, async (server) => {
        // Memory is looked at as it is under load, garbage included.
        await load(ports[server], 'gzip', 1);
        return servers[server].residentMemory();
      });
      results.push(result(`memory (RSS), ${label}`, 'MB', { kind: 'at_most', value: memory }, held));
      return results;
    } finally {
      await Promise.all([exporter.stop(), bare.stop(), plain.stop()]);
    }
  };
}

const SERVERS = ['bare', 'ours', 'plain'] as const;

/** One measurement of each server after the other, again and again. */
async function rounds(
  { rounds, progress }: Context,
  what: string,
  measure: (server: (typeof SERVERS)[number]) => Promise<number>,
) {
  const values = { ours: [] as number[], bare: [] as number[], plain: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const server of SERVERS) {
      progress(`${what}: round ${round} of ${rounds}, ${server}`);
      values[server].push(await measure(server));
    }
  }
  return { ours: values.ours, yardstick: values.bare, plain: values.plain };
}

/** The bare server with the exporter's bytes, and an exporter of prom-client and express with its series. */
async function startOthers(folder: string, { port }: Exporter): Promise<{ bare: Program; plain: Program }> {
  const bodies = await writeBodies(folder, port);
  return {
    bare: await startBareServer(bodies),
    plain: await startProgram(programPath('plain-exporter'), { arguments: [bodies.plain] }),
  };
}

export type BodyFiles = Readonly<Record<Encoding, string>>;

/** Keeps what the exporter answers in files. */
export async function writeBodies(folder: string, port: number): Promise<BodyFiles> {
  const files = { plain: join(folder, 'metrics'), gzip: join(folder, 'metrics.gz') };
  writeFileSync(files.plain, await scrapeBytes(port, 'identity'));
  writeFileSync(files.gzip, await scrapeBytes(port, 'gzip'));
  return files;
}

export function startBareServer({ plain, gzip }: BodyFiles): Promise<Program> {
  return startProgram(programPath('bare-server'), {
    arguments: [plain, gzip],
    nodeArguments: ['--import', EVENT_LOOP_PROBE],
  });
}

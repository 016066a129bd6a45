import { writeFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { numberIn, type Program, programPath, startProgram } from './program.ts';

/** Our exporter as it is built, and the simulated DingTalk that it asks. */
export interface Exporter {
  readonly port: number;
  readonly process: Program;
  readonly dingtalk: Program;
  /** Writes its configuration anew and has it reloaded. */
  reload(poll: Poll): void;
  stop(): Promise<void>;
}

/** The part of the configuration under `poll`, as it stands in the file. */
export type Poll = Readonly<Record<string, string | number>>;

/** Fills the exporter as fast as it can, and then leaves it alone. */
export const FILL_AND_REST: Poll = { rate_limit: 10_000, concurrency: 100, interval: '7d' };

export const EXPORTER = 'dist/main.js';

/** Measures how long the event loop of a server is held. */
export const EVENT_LOOP_PROBE = pathToFileURL(programPath('event-loop-probe')).href;

/** Starts exporter and DingTalk, and waits until every organization's headcount is shown. */
export async function startExporter(folder: string, organizations: number, poll: Poll): Promise<Exporter> {
  const dingtalk = await startProgram(programPath('simulated-dingtalk'), {
    arguments: [String(organizations)],
  });
  const file = join(folder, `exporter-${organizations}.yml`);
  const configure = (settings: Poll): void =>
    writeFileSync(file, configuration(numberIn(dingtalk.hello, 'port'), organizations, settings));
  configure(poll);
  const port = await freePort();
  const exporter = await startProgram(EXPORTER, {
    arguments: [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    nodeArguments: ['--import', EVENT_LOOP_PROBE],
    saysHello: false,
  });
  await whenReady(port);
  const shown = (await scrape(port)).match(/^dingtalk_employees\{/gmu)?.length ?? 0;
  if (shown !== organizations)
    throw new Error(`the exporter shows ${shown} of ${organizations} organizations`);
  return {
    port,
    process: exporter,
    dingtalk,
    reload(settings) {
      configure(settings);
      exporter.signal('SIGHUP');
    },
    async stop() {
      await exporter.stop();
      await dingtalk.stop();
    },
  };
}

/** What a scrape answers, in gzip where `encoding` says so. */
export async function scrapeBytes(
  port: number,
  encoding: 'identity' | 'gzip',
  path = '/metrics',
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent, headers: { 'accept-encoding': encoding } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(parts));
        else reject(new Error(`${path} answered ${response.statusCode}`));
      });
    }).on('error', reject);
  });
}

/** What a scrape shows. */
export async function scrape(port: number): Promise<string> {
  return (await scrapeBytes(port, 'identity')).toString('utf8');
}

/**
 * A port of loopback that nobody listens on, below those that the system gives to clients: whoever knocks again
 * and again at a port of theirs ends up connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_300 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

const agent = new Agent({ keepAlive: false });

/** Milliseconds. */
const LONGEST_FILL = 10 * 60_000;

async function whenReady(port: number): Promise<void> {
  const end = performance.now() + LONGEST_FILL;
  for (;;) {
    const answer = await scrapeBytes(port, 'identity', '/-/ready').catch(() => undefined);
    if (answer !== undefined) return;
    if (performance.now() > end) throw new Error('the exporter is not ready');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function configuration(dingtalkPort: number, organizations: number, poll: Poll): string {
  const origin = `http://127.0.0.1:${dingtalkPort}`;
  const lines = ['endpoints:', `  api: ${origin}`, `  oapi: ${origin}`, 'poll:'];
  for (const [key, value] of Object.entries(poll)) lines.push(`  ${key}: ${value}`);
  lines.push('organizations:');
  for (let index = 0; index < organizations; index += 1) {
    lines.push(
      `  - name: organization-${String(index).padStart(5, '0')}`,
      `    client_id: ding${index}`,
      `    client_secret: secret-of-ding${index}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

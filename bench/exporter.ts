import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchFrom, ownProgram, type Program, start, untilAnswered } from './program.ts';

/** The built exporter, and the simulated DingTalk that it polls. */
export interface Exporter {
  readonly program: Program;
  readonly dingtalk: Program;
  /** Other settings under `poll`. */
  reload(poll: Poll): void;
  stop(): Promise<void>;
}

/** The configuration under `poll`. */
export type Poll = Readonly<Record<string, string | number>>;

export const EXPORTER = 'dist/main.js';
export const ANY_PORT = '--web.listen-address=127.0.0.1:0';

/**
 * Polls each organization once, and then no more. After a start with 100 calls in flight, V8 would keep the objects of
 * each scrape until a full collection.
 */
const ONCE: Poll = { rate_limit: 10_000, concurrency: 20, interval: '7d' };

/** Starts exporter and DingTalk; resolves once every headcount is shown. No poll is due for days then. */
export async function startExporter(folder: string, organizations: number): Promise<Exporter> {
  const dingtalk = await start(ownProgram('simulated-dingtalk'));
  const file = join(folder, `exporter-${organizations}.yml`);
  const configure = (poll: Poll): void =>
    writeFileSync(file, configuration(dingtalk.port, organizations, poll));
  configure(ONCE);
  const program = await start(EXPORTER, [`--config.file=${file}`, ANY_PORT]);
  await untilAnswered(program.port, '/-/ready', () => true);
  const { body } = await fetchFrom(program.port, '/metrics');
  const shown = String(body).match(/^dingtalk_employees\{/gmu)?.length ?? 0;
  if (shown !== organizations) throw new Error(`the exporter shows ${shown} of ${organizations} headcounts`);
  return {
    program,
    dingtalk,
    reload(poll) {
      configure(poll);
      program.signal('SIGHUP');
    },
    async stop() {
      await program.stop();
      await dingtalk.stop();
    },
  };
}

/** How many calls have come to the simulated DingTalk. */
export async function callsTo(dingtalk: Program): Promise<number> {
  const { body } = await fetchFrom(dingtalk.port, '/calls');
  return Number(String(body));
}

function configuration(dingtalkPort: number, organizations: number, poll: Poll): string {
  const origin = `http://127.0.0.1:${dingtalkPort}`;
  return [
    `endpoints: {api: '${origin}', oapi: '${origin}'}`,
    'poll:',
    ...Object.entries(poll).map(([key, value]) => `  ${key}: ${value}`),
    'organizations:',
    ...Array.from({ length: organizations }, (_, index) => {
      const name = `organization-${String(index).padStart(5, '0')}`;
      return `  - {name: ${name}, client_id: ding${index}, client_secret: secret}`;
    }),
    '',
  ].join('\n');
}

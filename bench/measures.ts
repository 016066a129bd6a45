import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ANY_PORT, callsTo, EXPORTER, type Exporter, startExporter } from './exporter.ts';
import { type Encoding, load } from './load.ts';
import { fetchFrom, ownProgram, type Program, start, untilAnswered } from './program.ts';
import type { Row } from './table.ts';

/** What every measure is given. */
export interface Context {
  /** For files of the run; it is removed at the end. */
  readonly folder: string;
  /** How often everything is measured. */
  readonly rounds: number;
  /** How long each load lasts. */
  readonly seconds: number;
  /** Says what is being done. */
  readonly progress: (what: string) => void;
}

/** Measures ours and what it is compared with by turns. */
export type Measure = (context: Context) => Promise<readonly Row[]>;

const ENCODINGS = ['plain', 'gzip'] as const;
const SERVERS = ['bare', 'ours', 'plain'] as const;

/** Starts in each round: one alone says little. */
const STARTS_A_ROUND = 4;

/** Milliseconds without a scrape before each load while polls go on: the next scrape finds much that is new. */
const PAUSE = 10_000;

/** Milliseconds without a scrape after which V8 has collected the garbage of a load. */
const REST = 60_000;

/**
 * The default interval and a second: with it the places of the organizations are also in the minutes around the top of
 * the hour, so it does not matter when the benchmark runs.
 */
const POLLING = { interval: '1801s', rate_limit: 20 };

/** Scrapes a second while nothing changes, and the memory under and after that load where there is a goal for it. */
function scrapes(organizations: number, goals: { scrapes: number; memory?: number }): Measure {
  return async ({ folder, rounds, seconds, progress }) => {
    const label = `${organizations.toLocaleString('en')} organization${organizations === 1 ? '' : 's'}`;
    progress(`filling an exporter with ${label}`);
    const exporter = await startExporter(folder, organizations);
    const bodies = await bodiesOf(folder, exporter);
    const servers = {
      ours: exporter.program,
      bare: await start(ownProgram('bare-server'), [bodies.plain, bodies.gzip]),
      plain: await start(ownProgram('plain-exporter'), [bodies.plain]),
    };
    const byTurns = async (what: string, measure: (server: Program) => Promise<number>) => {
      const values = { ours: [] as number[], bare: [] as number[], plain: [] as number[] };
      for (let round = 1; round <= rounds; round += 1) {
        for (const server of SERVERS) {
          progress(`${label}, ${what}: round ${round} of ${rounds}, ${server}`);
          values[server].push(await measure(servers[server]));
        }
      }
      return values;
    };
    const memory = async (when: string, scrape: (server: Program) => Promise<unknown>): Promise<Row[]> => {
      if (goals.memory === undefined) return [];
      const held = await byTurns(`memory ${when}`, async (server) => {
        await scrape(server);
        return server.residentMemory();
      });
      const goal = { kind: '<=', value: goals.memory } as const;
      return [{ name: `memory (RSS) ${when}, ${label}`, unit: ' MB', goal, against: 'bare', ...held }];
    };
    try {
      const rows: Row[] = [];
      for (const encoding of ENCODINGS) {
        const perSecond = await byTurns(
          encoding,
          async ({ port }) => (await load(port, encoding, seconds)).perSecond,
        );
        const goal = { kind: '>=', value: goals.scrapes } as const;
        const name = `scrapes a second, ${label}, ${encoding}`;
        rows.push({ name, unit: '/s', goal, against: 'bare', ...perSecond });
      }
      // Garbage included.
      rows.push(...(await memory('under load', ({ port }) => load(port, 'gzip', 1))));
      await pause(goals.memory === undefined ? 0 : REST);
      rows.push(...(await memory('at rest', ({ port }) => fetchFrom(port, '/metrics', 'gzip'))));
      return rows;
    } finally {
      await Promise.all([exporter.stop(), servers.bare.stop(), servers.plain.stop()]);
    }
  };
}

/** How long a scrape takes while polls go on. */
const polling: Measure = async ({ folder, rounds, seconds, progress }) => {
  progress('filling an exporter with 10,000 organizations');
  const exporter = await startExporter(folder, 10_000);
  const bodies = await bodiesOf(folder, exporter);
  const bare = await start(ownProgram('bare-server'), [bodies.plain, bodies.gzip]);
  try {
    const filled = await callsTo(exporter.dingtalk);
    exporter.reload(POLLING);
    await untilAnswered(exporter.dingtalk.port, '/calls', (text) => Number(text) > filled);
    const rows: Row[] = [];
    for (const encoding of ENCODINGS) {
      const p99 = { ours: [] as number[], bare: [] as number[] };
      for (let round = 1; round <= rounds; round += 1) {
        progress(`scrapes while polls go on, ${encoding}: round ${round} of ${rounds}`);
        const before = await callsTo(exporter.dingtalk);
        await pause(PAUSE);
        p99.ours.push((await load(exporter.program.port, encoding, seconds)).p99);
        if ((await callsTo(exporter.dingtalk)) === before) throw new Error('no polls go on');
        p99.bare.push((await load(bare.port, encoding, seconds)).p99);
      }
      const name = `p99 of a scrape while polls go on, 10,000 organizations, ${encoding}`;
      rows.push({ name, unit: ' ms', goal: { kind: '<=', value: 6 }, against: 'bare', ...p99 });
    }
    return rows;
  } finally {
    await Promise.all([exporter.stop(), bare.stop()]);
  }
};

/** From the start of the process to the first scrape that shows a headcount. */
const startTime: Measure = async ({ folder, rounds, progress }) => {
  const exporter = await startExporter(folder, 1);
  const { plain } = await bodiesOf(folder, exporter);
  const origin = `http://127.0.0.1:${exporter.dingtalk.port}`;
  const environment = {
    DINGTALK_CLIENT_ID: 'ding0',
    DINGTALK_CLIENT_SECRET: 'secret',
    DINGTALK_API_URL: origin,
    DINGTALK_OAPI_URL: origin,
  };
  const time = async (path: string, argument: string): Promise<number> => {
    const startedAt = performance.now();
    const program = await start(path, [argument], environment);
    await untilAnswered(program.port, '/metrics', (text) => /^dingtalk_employees\{/mu.test(text));
    const elapsed = performance.now() - startedAt;
    await program.stop();
    return elapsed;
  };
  const times = { ours: [] as number[], plain: [] as number[] };
  try {
    for (let round = 1; round <= rounds * STARTS_A_ROUND; round += 1) {
      progress(`start: ${round} of ${rounds * STARTS_A_ROUND}`);
      times.ours.push(await time(EXPORTER, ANY_PORT));
      times.plain.push(await time(ownProgram('plain-exporter'), plain));
    }
  } finally {
    await exporter.stop();
  }
  const goal = { kind: '<=', value: 2 } as const;
  return [{ name: 'start to the first headcount', unit: ' ms', goal, against: 'plain', ...times }];
};

/** Calls to DingTalk, counted where they arrive, while scrapes go on. */
const calls: Measure = async ({ folder, rounds, seconds, progress }) => {
  const exporter = await startExporter(folder, 1);
  const polls = async (): Promise<number> => {
    const { body } = await fetchFrom(exporter.program.port, '/metrics');
    return Number(/^dingtalk_polls_total\{.*\} (\d+)$/mu.exec(String(body))?.[1]);
  };
  /** The calls and the polls during one load. */
  const during = async (round: number): Promise<readonly [calls: number, polls: number]> => {
    progress(`calls to DingTalk: round ${round} of ${rounds}`);
    const [callsBefore, pollsBefore] = [await callsTo(exporter.dingtalk), await polls()];
    await load(exporter.program.port, 'plain', Math.max(3, seconds));
    return [(await callsTo(exporter.dingtalk)) - callsBefore, (await polls()) - pollsBefore];
  };
  const values = { scrape: [] as number[], poll: [] as number[] };
  try {
    for (let round = 1; round <= rounds; round += 1) values.scrape.push((await during(round))[0]);
    exporter.reload({ interval: '1s' });
    for (let round = 1; round <= rounds; round += 1) {
      const [made, ended] = await during(round);
      values.poll.push(made / ended);
    }
  } finally {
    await exporter.stop();
  }
  const row = (name: string, value: number, ours: readonly number[]): Row => {
    return { name, unit: '', goal: { kind: '=', value }, against: 'nothing', ours };
  };
  return [
    row('calls to DingTalk by scrapes', 0, values.scrape),
    row('calls to DingTalk by a poll', 2, values.poll),
  ];
};

/** Everything that is measured, in the order in which it is. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  one: scrapes(1, { scrapes: 0.75, memory: 1.5 }),
  thousand: scrapes(1000, { scrapes: 0.7 }),
  'ten-thousand': scrapes(10_000, { scrapes: 0.5, memory: 3.5 }),
  polling,
  start: startTime,
  calls,
};

/** Keeps what the exporter answers in files, each with its headers in another one beside it. */
async function bodiesOf(folder: string, { program }: Exporter): Promise<Readonly<Record<Encoding, string>>> {
  const files = { plain: join(folder, 'metrics'), gzip: join(folder, 'metrics.gz') };
  for (const encoding of ENCODINGS) {
    const { headers, body } = await fetchFrom(program.port, '/metrics', encoding);
    // Node.js adds these two by itself.
    const { date, connection, ...sent } = headers;
    writeFileSync(files[encoding], body);
    writeFileSync(`${files[encoding]}.json`, JSON.stringify(sent));
  }
  return files;
}

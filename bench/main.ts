import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generator } from './load.ts';
import { type Context, MEASURES } from './measures.ts';
import { type Row, resultTable } from './table.ts';

const NAMES = Object.keys(MEASURES);

const USAGE = `npm run bench -- [--only=NAME]... [--rounds=N] [--seconds=N]
  --only      one of ${NAMES.join(', ')}; all of them unless given
  --rounds    how often everything is measured (default: 5)
  --seconds   how long each load lasts (default: 3)
`;

/** @throws Error that says what is wrong with an argument. */
function readArguments(): Omit<Context, 'folder' | 'progress'> & { readonly only: readonly string[] } {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: NAMES },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
    },
  });
  for (const name of values.only) {
    if (!NAMES.includes(name)) throw new Error(`--only=${name}: not one of ${NAMES.join(', ')}`);
  }
  const number = (name: 'rounds' | 'seconds'): number => {
    if (!/^[1-9]\d{0,2}$/u.test(values[name])) {
      throw new Error(`--${name}=${values[name]}: not a whole number from 1 to 999`);
    }
    return Number(values[name]);
  };
  return { only: values.only, rounds: number('rounds'), seconds: number('seconds') };
}

function describeRun(rounds: number, seconds: number): string {
  const [processor] = cpus();
  return (
    `${new Date().toISOString().slice(0, 10)}: ${cpus().length} processors (${processor?.model.trim()}), ` +
    `${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node.js ${process.version}, ${generator}, ` +
    `${rounds} rounds of ${seconds} seconds, load average ${(loadavg()[0] ?? 0).toFixed(1)} at the start.`
  );
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
  else if (what !== '') process.stderr.write(`${what}\n`);
}

async function run(): Promise<void> {
  const { only, rounds, seconds } = readArguments();
  const description = describeRun(rounds, seconds);
  const folder = mkdtempSync(join(tmpdir(), 'dingtalk-bench-'));
  const rows: Row[] = [];
  try {
    for (const [name, measure] of Object.entries(MEASURES)) {
      if (only.includes(name)) rows.push(...(await measure({ folder, rounds, seconds, progress })));
    }
  } finally {
    progress('');
    rmSync(folder, { recursive: true });
  }
  process.stdout.write(`${description}\n\n${resultTable(rows)}\n`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generator } from './load.ts';
import { MEASURES } from './measures.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { describeRun, machineOfThisRun, type Report } from './report.ts';
import type { Result } from './result.ts';
import { comparisonTable, resultTable } from './table.ts';

const RESULTS = 'bench/results';

async function run(options: Options): Promise<void> {
  // Read first: a run of some minutes must not end in a file that cannot be read.
  const before = options.compare === undefined ? undefined : readReport(options.compare);
  const machine = machineOfThisRun();
  const at = new Date().toISOString();
  const folder = mkdtempSync(join(tmpdir(), 'dingtalk-bench-'));
  const results: Result[] = [];
  try {
    for (const name of options.only) {
      results.push(...(await MEASURES[name]({ ...options, folder, progress: showProgress })));
    }
  } finally {
    showProgress('');
    rmSync(folder, { recursive: true });
  }
  const report: Report = { at, machine, generator, rounds: options.rounds, results };
  const file = join(RESULTS, `${at.replaceAll(':', '-')}.json`);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  process.stdout.write(`${describeRun(report)}\n\n${resultTable(results)}\n`);
  if (before !== undefined) process.stdout.write(`\n${comparisonTable(before, report)}\n`);
  process.stdout.write(`\nwritten to ${file}\n`);
}

/** Our own file: whoever hands in another one is told so. */
function readReport(file: string): Report {
  const report: Report = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(report.results)) throw new Error(`${file}: holds no results of this benchmark`);
  return report;
}

function showProgress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
  else if (what !== '') process.stderr.write(`${what}\n`);
}

try {
  await run(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}

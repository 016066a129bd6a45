import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Measure } from '../context.ts';
import { EXPORTER, freePort, scrape } from '../exporter.ts';
import { numberIn, plainEnvironment, programPath, startProgram } from '../program.ts';
import { result } from '../result.ts';

/** Starts in each round: one alone says little. */
const STARTS_A_ROUND = 4;

/** From the start of the process to the first scrape that shows a headcount. */
export const start: Measure = async ({ rounds, progress }) => {
  const dingtalk = await startProgram(programPath('simulated-dingtalk'));
  const origin = `http://127.0.0.1:${numberIn(dingtalk.hello, 'port')}`;
  const ours: number[] = [];
  const yardstick: number[] = [];
  try {
    for (let round = 1; round <= rounds * STARTS_A_ROUND; round += 1) {
      progress(`start: ${round} of ${rounds * STARTS_A_ROUND}`);
      yardstick.push(await timeOfNothing());
      ours.push(await timeToFirstHeadcount(origin));
    }
  } finally {
    await dingtalk.stop();
  }
  const name = 'start to the first headcount, against `node -e 0`';
  return [result(name, 'ms', { kind: 'at_most', value: 3 }, { ours, yardstick })];
};

async function timeOfNothing(): Promise<number> {
  const startedAt = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - startedAt;
}

async function timeToFirstHeadcount(origin: string): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [EXPORTER, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
    env: {
      ...plainEnvironment(),
      DINGTALK_CLIENT_ID: 'ding0',
      DINGTALK_CLIENT_SECRET: 'secret-of-ding0',
      DINGTALK_API_URL: origin,
      DINGTALK_OAPI_URL: origin,
    },
  });
  const ended = once(child, 'exit');
  for (;;) {
    const shown = await scrape(port).catch(() => '');
    if (/^dingtalk_employees\{/mu.test(shown)) break;
    if (child.exitCode !== null) throw new Error(`the exporter ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const elapsed = performance.now() - startedAt;
  child.kill('SIGTERM');
  await ended;
  return elapsed;
}

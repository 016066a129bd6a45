import type { Measure } from '../context.ts';
import { FILL_AND_REST, type Poll, startExporter } from '../exporter.ts';
import { type Encoding, load } from '../load.ts';
import { numberIn } from '../program.ts';
import { type Result, result } from '../result.ts';
import { startBareServer, writeBodies } from './scrapes.ts';

const ORGANIZATIONS = 10_000;

/**
 * All polls are due long before their turn comes, so the default `rate_limit` alone decides: 20 calls, and so 10
 * polls, in every second. That is nearly twice what 10,000 organizations at the default interval need.
 */
const AT_THE_DEFAULT_RATE: Poll = { interval: '50s', max_staleness: '1d' };

/** Milliseconds without a scrape before each load: the scrape that comes then finds the most that is new. */
const PAUSE = 10_000;

/** How a scrape fares while polls go on, and for how long the event loop is held. */
export const polling: Measure = async ({ folder, rounds, seconds, progress }) => {
  progress(`filling an exporter with ${ORGANIZATIONS} organizations`);
  const exporter = await startExporter(folder, ORGANIZATIONS, FILL_AND_REST);
  const bare = await startBareServer(await writeBodies(folder, exporter.port));
  const barePort = numberIn(bare.hello, 'port');
  try {
    exporter.reload(AT_THE_DEFAULT_RATE);
    progress('waiting until the polls go on');
    await pause(15_000);
    const holds = { ours: [] as number[], bare: [] as number[] };
    const latencies = {
      plain: { ours: [] as number[], bare: [] as number[] },
      gzip: { ours: [] as number[], bare: [] as number[] },
    };
    for (let round = 1; round <= rounds; round += 1) {
      for (const encoding of ['plain', 'gzip'] as const) {
        progress(`scrapes while polls go on, ${encoding}: round ${round} of ${rounds}`);
        await exporter.process.ask();
        await pause(PAUSE);
        latencies[encoding].ours.push((await load(exporter.port, encoding, seconds)).p99);
        holds.ours.push(numberIn(await exporter.process.ask(), 'longestHold'));
        await bare.ask();
        latencies[encoding].bare.push((await load(barePort, encoding, seconds)).p99);
        holds.bare.push(numberIn(await bare.ask(), 'longestHold'));
      }
    }
    const p99 = (encoding: Encoding): Result =>
      result(
        `p99 of a scrape while polls go on, 10,000 organizations, ${encoding}`,
        'ms',
        { kind: 'at_most', value: 3 },
        { ours: latencies[encoding].ours, yardstick: latencies[encoding].bare },
      );
    return [
      p99('plain'),
      p99('gzip'),
      result(
        'longest hold of the event loop meanwhile',
        'ms',
        { kind: 'at_most', value: 20, of: 'ours' },
        { ours: holds.ours, yardstick: holds.bare },
      ),
    ];
  } finally {
    await Promise.all([exporter.stop(), bare.stop()]);
  }
};

function pause(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}

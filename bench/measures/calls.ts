import type { Measure } from '../context.ts';
import { scrape, startExporter } from '../exporter.ts';
import { load } from '../load.ts';
import { numberIn } from '../program.ts';
import { result } from '../result.ts';

/** Calls to DingTalk, counted where they arrive, while polls and scrapes go on. */
export const calls: Measure = async ({ folder, rounds, seconds, progress }) => {
  const exporter = await startExporter(folder, 1, { interval: '1s' });
  const count = async () => {
    const polls = Number(/^dingtalk_polls_total\{.*\} (\d+)$/mu.exec(await scrape(exporter.port))?.[1]);
    const { dingtalk } = exporter;
    const seen = await dingtalk.ask();
    return { polls, counts: numberIn(seen, 'countCalls'), tokens: numberIn(seen, 'tokenCalls') };
  };
  try {
    const aPoll: number[] = [];
    const tokens: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      progress(`calls to DingTalk: round ${round} of ${rounds}`);
      const before = await count();
      await load(exporter.port, 'plain', Math.max(3, seconds));
      const after = await count();
      aPoll.push((after.counts - before.counts) / (after.polls - before.polls));
      tokens.push(after.tokens);
    }
    return [
      result(
        'calls that count people, a poll, under scrapes',
        'calls',
        { kind: 'exactly', value: 2 },
        { ours: aPoll },
      ),
      result('calls for a token, since the start', 'calls', { kind: 'exactly', value: 1 }, { ours: tokens }),
    ];
  } finally {
    await exporter.stop();
  }
};

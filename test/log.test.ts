import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from '../src/log.ts';

const TIME = Date.UTC(2026, 0, 5, 9, 0, 0, 123);

/** What a log writes. */
async function written(
  use: (log: ReturnType<typeof createLog>) => void,
  options: Partial<LogOptions> = {},
): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const log = createLog({ level: 'info', format: 'logfmt', stream, wallTime: () => TIME, ...options });
  use(log);
  await log.end();
  return text;
}

describe('the log', () => {
  it('has one line for each event, in logfmt', async () => {
    const text = await written((log) => {
      log.info('poll succeeded', { organization: 'acme', employees: 12, up: true, missing: undefined });
      log.error('stopped');
    });
    expect(text).toBe(
      'time=2026-01-05T09:00:00.123Z level=info msg="poll succeeded" organization=acme employees=12 up=true\n' +
        'time=2026-01-05T09:00:00.123Z level=error msg=stopped\n',
    );
  });

  it('has one line for each event, in JSON', async () => {
    const text = await written(
      (log) => log.warn('poll failed', { organization: 'a "b"', missing: undefined }),
      { format: 'json' },
    );
    expect(text).toBe(
      '{"time":"2026-01-05T09:00:00.123Z","level":"warn","msg":"poll failed","organization":"a \\"b\\""}\n',
    );
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ] as const)('at level %s has only lines of that level or above', async (level, expected) => {
    const text = await written(
      (log) => {
        for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each](each);
      },
      { level },
    );
    expect([...text.matchAll(/level=(\w+)/gu)].map(([, found]) => found)).toEqual(expected);
  });

  it.each(['logfmt', 'json'] as const)(
    'escapes line breaks, control and direction characters, in %s',
    async (format) => {
      const hostile = 'a\nb\r\u2028c\u202ed\u0085e\u0007f';
      const text = await written((log) => log.info(hostile, { name: hostile }), { format });
      expect(text.match(/\n/gu)).toHaveLength(1);
      expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    },
  );

  it('writes every line before it ends', async () => {
    const text = await written((log) => {
      for (let line = 0; line < 2000; line += 1) log.info('line', { line });
    });
    expect(text.match(/\n/gu)).toHaveLength(2000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiResponse } from '../../src/dingtalk/transport.ts';
import { InProcessWorld, type ReadCall, type Response } from '../support/in-process.ts';
import { everythingThatLeft, readable, waysToWrite } from '../support/leaks.ts';
import { LogRecord } from '../support/world.ts';
import './seed.ts';

/** Long enough not to be in a text by chance. */
const secret = fc
  .string({
    unit: fc.oneof(fc.constantFrom(...'+/=%&?"\\<>\'$ ~é中'), fc.constantFrom(...'abcdefABCDEF0123456789')),
    minLength: 12,
    maxLength: 64,
  })
  .filter((text) => text === text.trim() && !/\s{2}/u.test(text) && new Set(text).size >= 8);

const secrets = fc.uniqueArray(secret, { minLength: 4, maxLength: 4 });

/** Encodings in which DingTalk might repeat a secret. */
const encoding = fc.constantFrom(
  (text: string) => text,
  (text: string) => encodeURIComponent(text),
  (text: string) => new URLSearchParams({ text }).toString(),
  (text: string) => JSON.stringify(text),
  (text: string) => Buffer.from(text).toString('base64'),
  (text: string) => Buffer.from(`id:${text}`).toString('base64url'),
  (text: string) => `${text.slice(0, text.length / 2)}\n${text.slice(text.length / 2)}`,
);

const saying = fc.record({
  status: fc.constantFrom(200, 200, 302, 400, 401, 403, 429, 500),
  errcode: fc.constantFrom<unknown>(undefined, 0, -1, 88, 40014, 40035, 60011, 60020, 90018, 'words', null),
  places: fc.uniqueArray(
    fc.constantFrom(
      ...'errcode errmsg sub_code sub_msg code message request_id requestid result accessToken expireIn'.split(
        ' ',
      ),
    ),
    { minLength: 1 },
  ),
  write: encoding,
  before: fc.string({ maxLength: 20 }),
  padding: fc.constantFrom(0, 0, 0, 400, 480, 495, 10_000),
  isJson: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});

type Saying = typeof saying extends fc.Arbitrary<infer T> ? T : never;

/** An answer with all secrets in headers and body. */
function say(
  { status, errcode, places, write, before, padding, isJson }: Saying,
  all: readonly string[],
): ApiResponse {
  const text = `${before}${'x'.repeat(padding)}${all.map(write).join(' ')}`;
  const header = encodeURIComponent(text);
  const body: Record<string, unknown> = {
    ...(errcode === undefined ? {} : { errcode }),
    ...Object.fromEntries(places.map((place) => [place, text])),
  };
  return {
    status,
    headers: { 'content-type': `text/${header}`, 'retry-after': header, location: header },
    text: isJson ? JSON.stringify(body) : text,
  };
}

describe('no secret is shown', () => {
  it('whatever DingTalk repeats in its answers', { timeout: 600_000 }, async () => {
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fc.array(saying, { minLength: 1, maxLength: 6 }),
        async ([clientSecret = '', ticket = '', first = '', second = ''], sayings) => {
          const tokens = [first, second];
          let handedOut = 0;
          let turn = 0;
          const respond = ({ endpoint }: ReadCall): Response => {
            turn += 1;
            // Tokens expire soon, so that both calls are made at each poll.
            const saying = turn % 2 === 0 ? sayings[(turn / 2) % sayings.length] : undefined;
            const token = tokens[handedOut % 2] ?? '';
            if (saying !== undefined) {
              const living = handedOut === 0 ? [] : [tokens[(handedOut - 1) % 2] ?? ''];
              return say(saying, [clientSecret, ticket, ...living]);
            }
            if (endpoint !== 'token')
              return { status: 200, headers: {}, text: '{"errcode":0,"result":{"count":7}}' };
            handedOut += 1;
            return { status: 200, headers: {}, text: JSON.stringify({ accessToken: token, expireIn: 60 }) };
          };
          const log = new LogRecord();
          const world = new InProcessWorld({ respond, logger: log, poll: { retries: 1 } });
          await world.start(
            world.configure([
              world.organization('acme', {
                credentials: {
                  kind: 'third_party_app_with_ticket',
                  corpId: 'corp',
                  clientId: 'suite',
                  clientSecret: { kind: 'inline', value: clientSecret },
                  suiteTicket: { kind: 'inline', value: ticket },
                },
                pollInterval: 120_000,
                failureInterval: 60_000,
              }),
            ]),
          );
          const outputs: string[] = [];
          for (let minute = 0; minute < 15; minute += 1) {
            await world.advance(60_000);
            outputs.push(await everythingThatLeft({ log, clock: world.clock, exporter: world.exporter }));
            log.lines.length = 0;
          }
          failures += world.stateOf('acme').pollFailures;
          await world.exporter.close();
          const output = outputs.join('\n');
          for (const each of [clientSecret, ticket, first, second])
            expect(readable(waysToWrite(each), output)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
    expect(failures).toBeGreaterThan(100);
  });
});

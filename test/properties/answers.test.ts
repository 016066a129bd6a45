import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import './seed.ts';
import { ENDPOINTS, REASONS } from '../../src/dingtalk/reason.ts';
import type { Behavior } from '../simulator/script.ts';
import { World } from '../support/world.ts';

/** Keys of DingTalk's answers, and others. */
const name = fc.oneof(
  fc.constantFrom(...'errcode errmsg sub_code sub_msg result count request_id code message'.split(' ')),
  fc.constantFrom(
    ...'accessToken access_token expireIn expires_in punish status __proto__ toString'.split(' '),
  ),
  fc.string({ maxLength: 5 }),
);

const leaf = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, 1, -1, 7, 7200, 88, 40014, 60011, 90018, 2 ** 53, 1e308, 0.5, ''),
  fc.constantFrom(...'0 88 40014 60011 ok subcode=60011 unknownError InvalidAuthentication'.split(' ')),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));

/** An answer of the right shape, with any values. */
const nearlyRight = fc
  .record({
    errcode: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(-1, 15, 45009, 90018, 90020, 40001, 60020) },
      { weight: 1, arbitrary: leaf },
    ),
    count: fc.oneof(fc.nat(), fc.integer(), leaf),
    token: leaf,
    lifetime: leaf,
  })
  .map(({ errcode, count, token, lifetime }) =>
    JSON.stringify({ errcode, errmsg: 'ok', result: { count }, accessToken: token, expireIn: lifetime }),
  );

const body = fc.oneof(
  { weight: 1, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 2, arbitrary: nearlyRight.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);

const answer = fc.record({
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    { weight: 1, arbitrary: fc.constantFrom(201, 204, 301, 400, 401, 403, 404, 429, 500, 503) },
    { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
  ),
  body,
  headers: fc.dictionary(
    fc.constantFrom('retry-after', 'content-type', 'content-encoding', 'location', 'x-other'),
    fc.string({ maxLength: 20 }).filter((text) => /^[\x20-\x7e]*$/u.test(text)),
  ),
});

describe('whatever DingTalk answers', () => {
  let world: World;
  /** The outcomes of all polls: the property should see successes and failures. */
  const outcomes = new Set<string>();
  beforeAll(async () => {
    world = await World.create({
      network: 'sockets',
      poll: { retries: 1 },
      organization: { pollInterval: 60_000, failureInterval: 60_000, maxStaleness: 600_000 },
    });
    world.acme.tokenLifetime = 1000;
    world.exporter.start();
    await world.polled(1);
  });
  afterAll(() => world.close());

  /** The next poll ends with a count or a known reason, and a later one succeeds again. */
  async function expectCountOrReason(
    endpoint: (typeof ENDPOINTS)[number],
    behavior: Behavior,
  ): Promise<void> {
    const before = world.state;
    const scripted = world.simulator.script.always(endpoint, behavior);
    const { headcount, lastPoll } = await world.polled(before.polls + 1);
    scripted.stop();
    outcomes.add(lastPoll?.failure?.reason ?? 'count');
    if (lastPoll?.failure === undefined) {
      expect(Number.isSafeInteger(headcount?.employees)).toBe(true);
      expect(Number.isSafeInteger(headcount?.active)).toBe(true);
      expect(headcount?.active).toBeGreaterThanOrEqual(0);
      expect(headcount?.active).toBeLessThanOrEqual(headcount?.employees ?? -1);
    } else {
      expect(REASONS).toContain(lastPoll.failure.reason);
      expect(headcount).toEqual(before.headcount);
    }
    const { failure } = world.state.lastPoll ?? {};
    const errors = await world.samples('dingtalk_poll_error');
    expect(errors).toEqual(
      failure === undefined ? [] : [`dingtalk_poll_error{organization="acme",reason="${failure.reason}"} 1`],
    );
    expect(world.log.messages('error')).toEqual([]);
    // An address block lasts longer than a poll.
    await world.until(
      () =>
        world.state.polls > before.polls + 1 &&
        world.state.headcount !== undefined &&
        world.state.lastPoll?.failure === undefined,
      'a poll that succeeds',
    );
  }

  it.each(ENDPOINTS)('to the call for %s, the poll ends with a count or a reason', async (endpoint) => {
    await fc.assert(
      fc.asyncProperty(answer, async ({ status, body, headers }) => {
        await expectCountOrReason(endpoint, ({ response }) => {
          response.writeHead(status, headers);
          response.end(status === 204 || status === 304 ? undefined : body);
          return undefined;
        });
      }),
      { numRuns: 100 },
    );
  });

  it.each(ENDPOINTS)(
    'as bytes to the call for %s, the poll ends with a count or a reason',
    async (endpoint) => {
      const start = fc.constantFrom(
        '',
        'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n',
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
      );
      await fc.assert(
        fc.asyncProperty(start, fc.uint8Array({ maxLength: 60 }), async (head, rest) => {
          await expectCountOrReason(endpoint, ({ response }) => {
            response.socket?.end(Buffer.concat([Buffer.from(head), rest]));
            return undefined;
          });
        }),
        { numRuns: 50 },
      );
    },
  );

  it('the answers above have every kind of outcome', () => {
    const kinds = 'count network invalid_response unavailable throttled credentials rejected permission';
    expect(Array.from(outcomes)).toEqual(expect.arrayContaining(kinds.split(' ')));
  });

  it('the prototype of objects is unchanged', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('count' in {} || 'errcode' in {}).toBe(false);
  });
});

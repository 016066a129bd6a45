import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretSource } from '../../src/dingtalk/credentials.ts';
import { FAILURE_TABLE, type FailureRow } from '../../src/dingtalk/failure-table.ts';
import { ENDPOINTS, type Endpoint } from '../../src/dingtalk/reason.ts';
import type { SimulatedOrganization } from '../simulator/organizations.ts';
import { answer, plainError } from '../simulator/replies.ts';
import type { Reply } from '../simulator/script.ts';
import { everythingThatLeft, readable, waysToWrite } from '../support/leaks.ts';
import { World } from '../support/world.ts';

const SECRET = 'S3cret+of/the "app"&<ü>\\=%41';
const TICKET = 'ticket$Zm9vYmFyYmF6/+~7f3a9c';

/** How a secret is repeated: in two texts, which an answer has in two places. */
type Shape = (secret: string) => readonly [string, string];

const twice =
  (write: (secret: string) => string): Shape =>
  (secret) => [write(secret), write(secret)];

/** How a secret is written in one text is tested in test/dingtalk/redact.test.ts. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'in clear': twice((secret) => secret),
  'in clear, behind a long text': twice((secret) => `${'x'.repeat(490)}${secret}`),
  'in base64, in lines': twice((secret) =>
    Buffer.from(secret).toString('base64').replaceAll(/.{16}/gu, '$&\r\n'),
  ),
  'in two halves, in two texts': (secret) => {
    const middle = Math.ceil(secret.length / 2);
    return [`it begins ${secret.slice(0, middle)}`, `${secret.slice(middle)} it ends`];
  },
  'as a sub-code': twice((secret) => `ding talk error[subcode=${secret}]`),
};

/** An answer for a row of the failure table, with a text in every place that can have one. */
function answerOf(row: FailureRow, texts: readonly [string, string], requestId: string): Reply {
  const [first] = row.errorCodes ?? [];
  const errcode = typeof first === 'number' ? first : first?.[0];
  const code = row.code?.source.replaceAll(/[\^$]/gu, '').split('|')[0] ?? texts[1];
  const body =
    errcode === undefined
      ? { code, message: texts[0], requestid: requestId, accessdenieddetail: { policyContent: texts[1] } }
      : {
          errcode: errcode === Number.MIN_SAFE_INTEGER ? -77 : errcode,
          errmsg: texts[0],
          sub_msg: texts[1],
          request_id: requestId,
        };
  return answer({ status: row.status?.[0] ?? 200, body });
}

/** Answers that match no row. */
function oddAnswers(text: string): readonly (readonly [string, Reply])[] {
  const printable = encodeURIComponent(text);
  return [
    ['HTML', answer({ headers: { 'content-type': `text/html; was=${printable}` }, body: `<p>${text}</p>` })],
    ['a content coding', answer({ headers: { 'content-encoding': printable }, body: 'x' })],
    ['a redirect', answer({ status: 302, headers: { location: `/?access_token=${printable}` } })],
    ['an errcode in words', answer({ body: { errcode: text, errmsg: text } })],
    ['a count in words', answer({ body: { errcode: 0, result: { count: text } } })],
    ['a key', answer({ body: { [text]: text } })],
  ];
}

describe('where DingTalk repeats secrets', () => {
  let world: World;
  let tenant: SimulatedOrganization;
  let tokens: string[];
  beforeEach(async () => {
    world = await World.create({ poll: { retries: 0 } });
    tenant = world.simulator.apps.addThirdPartyApp({
      clientId: 'suite',
      clientSecret: SECRET,
      corpId: 'corp',
      suiteTicket: TICKET,
      employees: 30,
      active: 20,
    });
    // It expires before the next poll, so that each poll makes every call.
    tenant.tokenLifetime = 20_000;
    world.configuration = world.configure([
      world.organization({
        credentials: {
          kind: 'third_party_app_with_ticket',
          clientId: 'suite',
          clientSecret: { kind: 'inline', value: SECRET },
          corpId: 'corp',
          suiteTicket: { kind: 'inline', value: TICKET },
        },
        pollInterval: 300_000,
        failureInterval: 60_000,
      }),
    ]);
    world.build();
    tokens = [];
    world.simulator.script.always('token', (exchange) => {
      const honest = exchange.honest();
      tokens.push(JSON.parse(Buffer.from(honest.body).toString()).accessToken);
      return honest;
    });
    world.exporter.start();
    await world.polled(1);
  });
  afterEach(() => world.close());

  /** One poll fails with this answer at an endpoint, and the next one succeeds. */
  async function failOnce(endpoint: Endpoint, reply: (secrets: readonly string[]) => Reply): Promise<void> {
    const { polls } = world.state;
    const scripted = world.simulator.script.always(endpoint, (exchange) =>
      reply([SECRET, TICKET, ...tokens.slice(-1)])(exchange),
    );
    await world.polled(polls + 1);
    scripted.stop();
    expect(world.state.lastPoll?.failure).toBeDefined();
    const { polls: failed } = world.state;
    await world.polled(failed + 1);
    expect(world.state.lastPoll?.failure).toBeUndefined();
  }

  async function expectNothingLeft(parts: (secret: string) => Iterable<string>): Promise<void> {
    const output = await everythingThatLeft(world);
    expect(output.includes('[hidden]')).toBe(true);
    for (const secret of [SECRET, TICKET, ...tokens]) expect(readable(parts(secret), output)).toEqual([]);
  }

  const both = (shape: Shape) => (secrets: readonly string[]) => {
    const pairs = secrets.map(shape);
    return [pairs.map(([one]) => one).join(' '), pairs.map(([, other]) => other).join(' ')] as const;
  };

  it.each(Object.entries(SHAPES))(
    'none is shown %s, in any row of the failure table',
    async (title, shape) => {
      for (const row of FAILURE_TABLE) {
        for (const endpoint of ENDPOINTS) {
          if (row.endpoint !== undefined && row.endpoint !== endpoint) continue;
          await failOnce(endpoint, (secrets) => {
            // A long text is cut, so there is one secret in it at a time.
            const texts = both(shape)(title.includes('long') ? secrets.slice(-1) : secrets);
            return answerOf(row, texts, texts[0]);
          });
        }
      }
      await expectNothingLeft((secret) => {
        const middle = Math.ceil(secret.length / 2);
        return title.includes('halves')
          ? [secret.slice(0, middle), secret.slice(middle)]
          : title.includes('lines')
            ? (Buffer.from(secret).toString('base64').match(/.{16}/gu) ?? [])
            : waysToWrite(secret);
      });
    },
  );

  it.each(ENDPOINTS)('none is shown after other answers to the call %s', async (endpoint) => {
    for (const [index] of oddAnswers('').entries()) {
      await failOnce(endpoint, (secrets) => oddAnswers(secrets.join(' '))[index]?.[1] ?? answer({}));
    }
    await expectNothingLeft(waysToWrite);
  });
});

describe('where DingTalk repeats secrets of other calls', () => {
  it('none is shown of another organization, or from before a rotation', async () => {
    const [former, current, ofOther] = ['former-Q7xkWv2m', 'current-9LpTz4rY', 'neighbor-B3nHs8dJ'];
    const secret = { kind: 'inline' as const, value: former };
    const world = await World.create({ poll: { retries: 0 } });
    try {
      const { apps, script } = world.simulator;
      world.acme.clientSecret = former;
      apps.addInternalApp({ appKey: 'dingother', appSecret: ofOther, employees: 5, active: 4 });
      const credentials = (clientId: string, clientSecret: SecretSource) =>
        ({ kind: 'internal_app', clientId, clientSecret }) as const;
      world.configuration = world.configure([
        world.organization({ credentials: credentials('dingacme', secret) }),
        world.organization({
          name: 'other',
          credentials: credentials('dingother', { kind: 'inline', value: ofOther }),
        }),
      ]);
      world.build();
      const tokens: string[] = [];
      script.always('token', (exchange) => {
        const honest = exchange.honest();
        tokens.push(JSON.parse(Buffer.from(honest.body).toString()).accessToken);
        return honest;
      });
      world.exporter.start();
      await world.polled(1, 'other');
      await world.polled(1);
      secret.value = current;
      world.acme.clientSecret = current;
      apps.revokeTokens(world.acme);
      await world.polled(2);
      expect(world.state.lastPoll?.failure).toBeUndefined();

      const secrets = [former, current, ofOther, ...tokens];
      expect(new Set(secrets).size).toBe(6);
      script.always(
        { endpoint: 'user_count', organization: world.acme },
        plainError(40035, secrets.join(', ')),
      );
      await world.polled(3);
      const output = await everythingThatLeft(world);
      expect(output).toContain('[hidden], [hidden], [hidden], [hidden], [hidden], [hidden]');
      for (const secret of secrets) expect(readable(waysToWrite(secret), output)).toEqual([]);
    } finally {
      await world.close();
    }
  });
});

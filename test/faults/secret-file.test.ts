import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { OrganizationConfiguration } from '../../src/config/configuration.ts';
import type { SecretSource } from '../../src/dingtalk/credentials.ts';
import { Exporter } from '../../src/exporter.ts';
import type { OrganizationState } from '../../src/polling/organization-state.ts';
import type { SimulatedOrganization } from '../simulator/organizations.ts';
import { LogRecord } from '../support/harness.ts';
import { InProcessDingTalk } from '../support/in-process.ts';
import { Folder } from '../support/program.ts';
import { eventually } from '../support/until.ts';

/** Files are read by the machine, in its own time: so these polls run on the machine's clock, some each second. */
const INTERVAL = 30;

describe('a secret in a file', () => {
  let folder: Folder;
  let file: string;
  let dingtalk: InProcessDingTalk;
  let acme: SimulatedOrganization;
  let log: LogRecord;
  let exporter: Exporter;

  beforeEach(() => {
    folder = new Folder();
    file = folder.write('secret', 'acme-secret\n');
    dingtalk = new InProcessDingTalk(systemClock);
    acme = dingtalk.apps.addInternalApp({
      appKey: 'dingacme',
      appSecret: 'acme-secret',
      employees: 1240,
      active: 1100,
    });
    dingtalk.apps.addInternalApp({ appKey: 'dingother', appSecret: 'other', employees: 77, active: 70 });
    log = new LogRecord();
    const organization = (name: string, clientSecret: SecretSource): OrganizationConfiguration => ({
      name,
      endpoints: { api: dingtalk.origin, oapi: dingtalk.origin },
      credentials: { kind: 'internal_app', clientId: `ding${name}`, clientSecret },
      pollInterval: INTERVAL,
      failureInterval: INTERVAL,
      maxStaleness: 3_600_000,
    });
    const configuration = {
      poll: { timeout: 60_000, requestTimeout: 10_000, retries: 0, rateLimit: 1000, concurrency: 50 },
      organizations: [
        organization('acme', { kind: 'file', path: file }),
        organization('other', { kind: 'inline', value: 'other' }),
      ],
    };
    exporter = new Exporter({
      configuration,
      load: async () => configuration,
      transport: dingtalk,
      clock: systemClock,
      random: Math.random,
      logger: log,
      build: { version: '1', revision: '1', nodeVersion: '1' },
      processMetrics: false,
    });
  });

  afterEach(async () => {
    await exporter.close();
    folder.remove();
    expect(stateOf('other').pollFailures).toBe(0);
  });

  function stateOf(name: string): OrganizationState {
    const state = exporter.organizations().find((each) => each.name === name);
    if (state === undefined) throw new Error(`${name} is not known`);
    return state;
  }

  const shown = () => [stateOf('acme').headcount?.employees, stateOf('acme').headcount?.active];
  const reason = () => stateOf('acme').lastPoll?.failure?.reason;
  const secretsSent = () =>
    dingtalk.requests
      .kept({ endpoint: 'token', organization: acme })
      .map(({ body }) => JSON.parse(body).appSecret);

  /** Two polls end: the second one began after this. */
  async function anotherPoll(): Promise<void> {
    const { polls } = stateOf('acme');
    await eventually(() => stateOf('acme').polls).toBeGreaterThanOrEqual(polls + 2);
  }

  it('may be missing at first: credentials, no call, and a headcount once it is there', async () => {
    rmSync(file);
    exporter.start();
    await anotherPoll();
    expect(reason()).toBe('credentials');
    expect(shown()).toEqual([undefined, undefined]);
    expect(dingtalk.requests.count({ organization: acme })).toBe(0);
    expect(log.lines.find(({ level }) => level === 'warn')?.fields['error']).toContain(
      `secret file ${file}: it does not exist`,
    );

    writeFileSync(file, 'acme-secret');
    await eventually(shown).toEqual([1240, 1100]);
    expect(reason()).toBeUndefined();
  });

  it('may go while there is a token, which is enough until it is refused', async () => {
    exporter.start();
    await eventually(shown).toEqual([1240, 1100]);
    rmSync(file);
    await anotherPoll();
    expect(reason()).toBeUndefined();

    dingtalk.apps.revokeTokens(acme);
    acme.employees = 1300;
    await anotherPoll();
    expect(reason()).toBe('credentials');
    expect(shown()).toEqual([1240, 1100]);

    writeFileSync(file, 'acme-secret');
    await eventually(shown).toEqual([1300, 1100]);
  });

  it('may be rotated: the new one is read when the next token is fetched', async () => {
    exporter.start();
    await eventually(shown).toEqual([1240, 1100]);
    acme.clientSecret = 'rotated-secret';
    writeFileSync(file, 'rotated-secret\n');
    dingtalk.apps.revokeTokens(acme);
    await anotherPoll();
    expect(stateOf('acme').pollFailures).toBe(0);
    expect(secretsSent()).toEqual(['acme-secret', 'rotated-secret']);
  });

  it('may be rotated at DingTalk first: credentials, until the file has the new one', async () => {
    exporter.start();
    await eventually(shown).toEqual([1240, 1100]);
    acme.clientSecret = 'rotated-secret';
    dingtalk.apps.revokeTokens(acme);
    await anotherPoll();
    expect(reason()).toBe('credentials');
    expect(shown()).toEqual([1240, 1100]);

    writeFileSync(file, 'rotated-secret\n');
    await anotherPoll();
    expect(reason()).toBeUndefined();
  });
});

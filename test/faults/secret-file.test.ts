import { rmSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Exporter } from '../../src/exporter.ts';
import { LogRecord } from '../support/harness.ts';
import { InProcessDingTalk } from '../support/in-process.ts';
import { Folder } from '../support/program.ts';
import { eventually } from '../support/until.ts';

/** Files are read in real time, so these polls run on the clock of the machine, many a second. */
const INTERVAL = 30;

it('a secret file is read when a token is fetched, and only then', async () => {
  const folder = new Folder();
  const file = folder.write('secret', 'acme-secret\n');
  const dingtalk = new InProcessDingTalk(systemClock);
  const acme = dingtalk.apps.addInternalApp({
    appKey: 'dingacme',
    appSecret: 'acme-secret',
    employees: 1240,
    active: 1100,
  });
  const configuration = {
    poll: { timeout: 60_000, requestTimeout: 10_000, retries: 0, rateLimit: 1000, concurrency: 50 },
    organizations: [
      {
        name: 'acme',
        endpoints: { api: dingtalk.origin, oapi: dingtalk.origin },
        credentials: {
          kind: 'internal_app' as const,
          clientId: 'dingacme',
          clientSecret: { kind: 'file' as const, path: file },
        },
        pollInterval: INTERVAL,
        failureInterval: INTERVAL,
        maxStaleness: 3_600_000,
      },
    ],
  };
  const exporter = new Exporter({
    configuration,
    load: async () => configuration,
    transport: dingtalk,
    clock: systemClock,
    random: Math.random,
    logger: new LogRecord(),
    build: { version: '1', revision: '1', nodeVersion: '1' },
    processMetrics: false,
  });
  onTestFinished(async () => {
    exporter.close();
    folder.remove();
  });
  const state = () => exporter.organizations()[0];
  const shown = () => state()?.headcount?.employees;
  const reason = () => state()?.lastPoll?.failure?.reason;
  /** Two polls end, of which the second one began after this. */
  const anotherPoll = async (): Promise<void> => {
    const polls = state()?.polls ?? 0;
    await eventually(() => state()?.polls).toBeGreaterThanOrEqual(polls + 2);
  };

  exporter.start();
  await eventually(shown).toBe(1240);

  // While there is a token, the file may be missing.
  rmSync(file);
  await anotherPoll();
  expect(reason()).toBeUndefined();
  dingtalk.apps.revokeTokens(acme);
  acme.employees = 1300;
  await anotherPoll();
  expect(reason()).toBe('credentials');
  expect(shown()).toBe(1240);

  // The secret is rotated at DingTalk first.
  acme.clientSecret = 'rotated-secret';
  writeFileSync(file, 'acme-secret');
  await anotherPoll();
  expect(reason()).toBe('credentials');
  writeFileSync(file, 'rotated-secret\n');
  await eventually(shown).toBe(1300);
  expect(reason()).toBeUndefined();
});

import type { Clock, Timer } from '../clock.ts';
import type { Configuration, OrganizationConfiguration } from '../config/configuration.ts';
import type { Random } from '../polling/retry.ts';
import { DemoOrganization } from './organization.ts';
import { DemoServer } from './server.ts';

/** Milliseconds. */
const POLL_INTERVAL = 5000;
const POLL_TIMEOUT = 10_000;

/** Milliseconds between two changes of the headcounts. */
const MINIMUM_STEP = 1500;
const MAXIMUM_STEP = 4500;

/** Milliseconds from the start in which no call fails, so that all first polls succeed. */
const GRACE_TIME = 15_000;

/** Probability that a counting call is answered with "system busy", which the exporter retries. */
const BUSY_CHANCE = 0.02;

/** Probability that a change begins an outage, in which one organization lacks the permission, and its length (ms). */
const OUTAGE_CHANCE = 0.06;
const OUTAGE = 16_000;

const BUSY = { errcode: -1, errmsg: 'system busy' };
const MISSING_PERMISSION = {
  errcode: 88,
  sub_code: '60011',
  sub_msg: 'the permission qyapi_get_member is required',
  errmsg: 'ding talk error[subcode=60011,submsg=the permission qyapi_get_member is required]',
  request_id: 'demo0001',
};

/** A simulated DingTalk that is running, and the configuration that polls it. */
export interface RunningDemo {
  readonly configuration: Configuration;
  close(): Promise<void>;
}

/**
 * Starts the simulated DingTalk of `--demo` on a loopback port: three organizations whose headcounts change every few
 * seconds, one of which sometimes lacks a permission.
 */
export async function runDemo(clock: Clock, random: Random): Promise<RunningDemo> {
  const unreliable = new DemoOrganization({
    name: 'Nordwind Studio',
    clientId: 'ding-demo-nordwind',
    employees: 86,
    active: 79,
  });
  const organizations = [
    new DemoOrganization({
      name: '星河科技',
      clientId: 'suite-demo',
      corpId: 'ding-demo-xinghe',
      employees: 1240,
      active: 1132,
    }),
    unreliable,
    new DemoOrganization({
      name: 'Aurora Logistics',
      clientId: 'ding-demo-aurora',
      employees: 14_300,
      active: 10_868,
    }),
  ];

  const quietUntil = clock.monotonicTime() + GRACE_TIME;
  let outageUntil = 0;
  const failureOf = (organization: DemoOrganization): object | undefined => {
    const now = clock.monotonicTime();
    if (now < quietUntil) return undefined;
    if (organization === unreliable && now < outageUntil) return MISSING_PERMISSION;
    return random() < BUSY_CHANCE ? BUSY : undefined;
  };

  let timer: Timer;
  const stepLater = (): void => {
    timer = clock.setTimer(
      () => {
        for (const organization of organizations) organization.step(random);
        const now = clock.monotonicTime();
        if (now >= Math.max(quietUntil, outageUntil) && random() < OUTAGE_CHANCE) outageUntil = now + OUTAGE;
        stepLater();
      },
      MINIMUM_STEP + (MAXIMUM_STEP - MINIMUM_STEP) * random(),
    );
  };

  const server = new DemoServer({ clock, random, organizations, failureOf });
  const origin = await server.open();
  stepLater();
  return {
    configuration: {
      poll: { timeout: POLL_TIMEOUT, requestTimeout: 5000, retries: 3, rateLimit: 20, concurrency: 50 },
      organizations: organizations.map((organization) => configure(organization, origin)),
    },
    async close() {
      timer.cancel();
      await server.close();
    },
  };
}

function configure({ name, clientId, corpId }: DemoOrganization, origin: string): OrganizationConfiguration {
  const clientSecret = { kind: 'inline', value: 'demo-secret' } as const;
  return {
    name,
    endpoints: { api: origin, oapi: origin },
    credentials:
      corpId === undefined
        ? { kind: 'internal_app', clientId, clientSecret }
        : { kind: 'third_party_app', corpId, clientId, clientSecret },
    pollInterval: POLL_INTERVAL,
    failureInterval: POLL_INTERVAL,
    maxStaleness: 3 * POLL_INTERVAL + POLL_TIMEOUT,
  };
}

import { type DemoOrganization, startDemo } from '../test/simulator/demo.ts';
import type { Clock } from './clock.ts';
import type { Configuration, OrganizationConfiguration } from './config/configuration.ts';
import type { Random } from './polling/retry.ts';

/** Milliseconds. */
const INTERVAL = 5000;
const TIMEOUT = 10_000;

/** A simulated DingTalk at work, and the configuration that asks it. */
export interface RunningDemo {
  readonly configuration: Configuration;
  close(): Promise<void>;
}

/** Starts the simulated organizations of `--demo` on a loopback port. */
export async function runDemo(clock: Clock, random: Random): Promise<RunningDemo> {
  const demo = await startDemo({ clock, random });
  return {
    configuration: {
      poll: { timeout: TIMEOUT, requestTimeout: 5000, retries: 3, rateLimit: 20, concurrency: 50 },
      organizations: demo.organizations.map((organization) => configure(organization, demo.origin)),
    },
    close: () => demo.close(),
  };
}

function configure(
  { name, clientId, clientSecret, corpId }: DemoOrganization,
  origin: string,
): OrganizationConfiguration {
  const secret = { kind: 'inline', value: clientSecret } as const;
  return {
    name,
    endpoints: { api: origin, oapi: origin },
    credentials:
      corpId === undefined
        ? { kind: 'internal_app', clientId, clientSecret: secret }
        : { kind: 'third_party_app', corpId, clientId, clientSecret: secret },
    pollInterval: INTERVAL,
    failureInterval: INTERVAL,
    maxStaleness: 3 * INTERVAL + TIMEOUT,
  };
}

import { late } from '../../simulator/deliveries.ts';
import { plainError } from '../../simulator/replies.ts';
import { type Pair, Replica } from '../../support/replica.ts';
import { ACME, FAILING, HOSTILE, NEWCOMER, OLD, PRESENT, type ReplicaName, WRONG } from './story.ts';

/** What the replica that lags behind knows of an organization is wrong, and gets no better. */
const LAGGING: Readonly<Record<ReplicaName, string>> = { a: HOSTILE, b: ACME };

/** `dingtalk_up` of each organization, once the replicas are where the story wants them. */
export const UP: Readonly<Record<ReplicaName, Readonly<Record<string, 0 | 1>>>> = {
  a: { [ACME]: 1, [HOSTILE]: 0, [NEWCOMER]: 1, [FAILING]: 0, [OLD]: 0 },
  b: { [ACME]: 0, [HOSTILE]: 1, [NEWCOMER]: 1, [FAILING]: 0, [OLD]: 0 },
};

/** How long the simulated DingTalk thinks before it answers a count (ms); tokens come at once. */
export const THINKING = 400;

/**
 * One replica of the built exporter, before a DingTalk of its own. The organization in which it lags behind was
 * read once, with wrong numbers, and is throttled since; of the failing and the old one the secret is refused.
 */
export function startReplica(name: ReplicaName): Promise<Replica> {
  const lagging = LAGGING[name];
  const organizations: Record<string, Pair> = { ...PRESENT, [lagging]: WRONG };
  organizations[FAILING] = { employees: 77, active: 66 };
  organizations[OLD] = { employees: 400, active: 100 };
  return Replica.start({
    organizations,
    poll: { interval: '1s', failure_interval: '1s', max_staleness: '100m', retries: 1 },
    prepare: (replica) => {
      for (const name of [FAILING, OLD]) replica.organization(name).clientSecret = 'another secret';
      const { script } = replica.simulator;
      const behind = { endpoint: 'user_count', organization: replica.organization(lagging) } as const;
      script.always('user_count', late(THINKING));
      script.once(behind, late(THINKING), 2);
      script.always(behind, late(THINKING, plainError(90018)));
    },
  });
}

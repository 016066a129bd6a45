import { late } from '../../simulator/deliveries.ts';
import { plainError } from '../../simulator/replies.ts';
import { type Pair, Replica } from '../../support/replica.ts';
import { ACME, FAILING, HOSTILE, NEWCOMER, OLD, PRESENT, type ReplicaName, WRONG } from './story.ts';

/** The organization in which each replica lags behind, with wrong counts. */
const LAGGING: Readonly<Record<ReplicaName, string>> = { a: HOSTILE, b: ACME };

/** The final `dingtalk_up` of each organization. */
export const UP: Readonly<Record<ReplicaName, Readonly<Record<string, 0 | 1>>>> = {
  a: { [ACME]: 1, [HOSTILE]: 0, [NEWCOMER]: 1, [FAILING]: 0, [OLD]: 0 },
  b: { [ACME]: 0, [HOSTILE]: 1, [NEWCOMER]: 1, [FAILING]: 0, [OLD]: 0 },
};

/** The delay of each count (ms); tokens have none. */
export const THINKING = 400;

/**
 * A replica of the built exporter with a DingTalk of its own. The organization in which it lags behind was read once
 * and is throttled since; the secrets of the failing and the old one are refused.
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

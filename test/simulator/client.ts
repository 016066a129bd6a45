import { onTestFinished } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

/** What came back, as text. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A simulator with a clock of its own that ends with the test. */
export async function startForTest(
  options: Partial<SimulatorOptions> = {},
): Promise<{ simulator: Simulator; clock: ManualClock }> {
  const clock = new ManualClock();
  const simulator = await startSimulator({ clock, ...options });
  onTestFinished(() => simulator.close());
  return { simulator, clock };
}

export async function send(url: string, init: RequestInit = {}): Promise<Received> {
  const response = await fetch(url, { redirect: 'manual', method: 'POST', ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export function sendJson(url: string, body: unknown): Promise<Received> {
  return send(url, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

/** The counting call as the documentation's example makes it. */
export function count(
  simulator: Simulator,
  token: string,
  onlyActive: boolean,
  init: RequestInit = {},
): Promise<Received> {
  return send(`${simulator.oapiOrigin}/topapi/user/count?access_token=${encodeURIComponent(token)}`, {
    body: new URLSearchParams({ only_active: String(onlyActive) }),
    ...init,
  });
}

/** An organization of 100 people, 80 of them active, with a token that is good for two hours. */
export function plant(simulator: Simulator, token = 'planted'): string {
  return simulator.apps.plantToken(simulator.apps.addTokenOnly({ employees: 100, active: 80 }), token);
}

/** Numbers that look drawn by chance and are the same each time. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

import { describe, expect, it } from 'vitest';
import { eventually } from '../support/until.ts';
import { ask } from './support/http.ts';
import { start } from './support/start.ts';

const POST = { method: 'POST', headers: { 'content-length': 0 } };

describe('reload', () => {
  it.each(['POST', 'PUT'])('is refused where it is not enabled: %s', async (method) => {
    let reloads = 0;
    const { port } = await start({ reload: async () => void reloads++ });
    const { status, text } = await ask(port, '/-/reload', { ...POST, method });
    expect([status, text]).toEqual([
      403,
      'reload is not enabled: start the exporter with --web.enable-lifecycle\n',
    ]);
    expect(reloads).toBe(0);
  });

  it.each(['POST', 'PUT'])('is done where it is enabled: %s', async (method) => {
    let reloads = 0;
    const { port } = await start({ reload: async () => void reloads++ }, { enableLifecycle: true });
    const { status, text } = await ask(port, '/-/reload', { ...POST, method });
    expect([status, text, reloads]).toEqual([200, 'reloaded\n', 1]);
  });

  it('answers 500 with the reason', async () => {
    const reload = (): Promise<void> => Promise.reject(new Error('config.yml:3: poll: unknown key'));
    const { port } = await start({ reload }, { enableLifecycle: true });
    const { status, text } = await ask(port, '/-/reload', POST);
    expect([status, text]).toEqual([
      500,
      'reload failed, the old configuration stays at work: config.yml:3: poll: unknown key\n',
    ]);
  });

  it('runs once at a time and once more for all who asked meanwhile', async () => {
    const ends: Array<() => void> = [];
    const reload = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
    const { port } = await start({ reload }, { enableLifecycle: true });
    const first = ask(port, '/-/reload', POST);
    await eventually(() => ends.length).toBe(1);
    const later = [1, 2, 3].map(() => ask(port, '/-/reload', POST));
    // The three have arrived when a request sent after them is answered.
    await ask(port, '/nothing');
    ends[0]?.();
    expect((await first).status).toBe(200);
    await eventually(() => ends.length).toBe(2);
    ends[1]?.();
    for (const answer of later) expect((await answer).status).toBe(200);
    expect(ends).toHaveLength(2);
  });

  it.each([
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', 200],
    ['none', 200],
  ])('of a browser is answered by where its page is from: %s', async (site, expected) => {
    const { port } = await start({}, { enableLifecycle: true });
    const headers = { 'content-length': 0, 'sec-fetch-site': site };
    expect((await ask(port, '/-/reload', { method: 'POST', headers })).status).toBe(expected);
  });
});

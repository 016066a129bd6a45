import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/until.ts';
import { ask } from './support/http.ts';
import { start } from './support/start.ts';

const GZIP = { headers: { 'accept-encoding': 'gzip' } };
const POST = { method: 'POST', headers: { 'content-length': 0 } };

describe('the page', () => {
  it.each([10, 1_000_000])(
    'is rendered once a second, whoever asks how often, of %d bytes',
    async (length) => {
      let renderings = 0;
      const renderPage = (): string => {
        renderings += 1;
        return String(renderings).repeat(length);
      };
      const { port, clock } = await start({ renderPage });
      const all = async (): Promise<Set<string>> => {
        const plain = Array.from({ length: 20 }, async () => (await ask(port, '/')).text);
        const compressed = Array.from({ length: 20 }, async () =>
          gunzipSync((await ask(port, '/', GZIP)).body).toString(),
        );
        return new Set(await Promise.all([...plain, ...compressed]));
      };
      expect(await all()).toEqual(new Set(['1'.repeat(length)]));
      clock.advance(999);
      expect(await all()).toEqual(new Set(['1'.repeat(length)]));
      clock.advance(1);
      expect(await all()).toEqual(new Set(['2'.repeat(length)]));
      expect(renderings).toBe(2);
    },
  );

  it('is compressed for who asks for that, with the same headers otherwise', async () => {
    const { port } = await start();
    const [plain, compressed] = await Promise.all([ask(port, '/'), ask(port, '/', GZIP)]);
    expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect({ ...compressed.headers, date: '' }).toEqual({
      ...plain.headers,
      date: '',
      'content-encoding': 'gzip',
      'content-length': String(compressed.body.length),
    });
    const head = await ask(port, '/', { ...GZIP, method: 'HEAD' });
    expect({ ...head.headers, date: '' }).toEqual({ ...compressed.headers, date: '' });
    expect(head.body).toHaveLength(0);
  });

  it('is rendered again at once where rendering failed', async () => {
    let fails = true;
    const renderPage = (): string => {
      if (fails) throw new Error('a detail of the inside');
      return 'whole';
    };
    const { port } = await start({ renderPage });
    expect((await ask(port, '/')).status).toBe(500);
    fails = false;
    expect((await ask(port, '/')).text).toBe('whole');
  });
});

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

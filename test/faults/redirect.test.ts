import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redirect } from '../simulator/replies.ts';
import { Scene, STAGES } from './scene.ts';
import { expectSurvived } from './story.ts';

/** Another server that would like to be given a token: it answers anything with what would be believed. */
class Elsewhere {
  readonly #server: Server;
  /** What came, connections without a word included. */
  readonly received: string[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      this.received.push(`${request.method} ${request.url}`);
      response.end('{"accessToken":"theirs","expireIn":7200,"errcode":0,"result":{"count":7}}');
    });
    this.#server.on('connection', () => this.received.push('a connection'));
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP address');
    return `127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let scene: Scene;
let elsewhere: Elsewhere;
let host: string;
beforeEach(async () => {
  scene = await Scene.create();
  elsewhere = new Elsewhere();
  host = await elsewhere.open();
});
afterEach(async () => {
  await scene.close();
  await elsewhere.close();
});

describe.each(STAGES)('a redirect at the call for %s', (stage) => {
  it.each([301, 302, 303, 307, 308] as const)(
    'with HTTP %i is never followed: the other server sees nothing',
    async (status) => {
      await expectSurvived(scene, stage, {
        title: 'a redirect',
        reason: 'invalid_response',
        begin: (_scene, at) =>
          scene.script(at, redirect(`http://${host}/topapi/user/count?access_token=x`, status)),
        end: () => scene.world.simulator.script.clear(),
      });
      expect(elsewhere.received).toEqual([]);
      const [line] = scene.world.log.lines.filter(({ level }) => level === 'warn');
      expect(line?.fields['error']).toContain(`HTTP ${status}, a redirect`);
    },
  );

  it.each([
    ['a relative one', (_host: string) => '/elsewhere'],
    ['one without a scheme', (at: string) => `//${at}/`],
    ['one to a place that is none', () => 'http://['],
  ])('%s is not followed either', async (_title, location) => {
    const { world } = scene;
    scene.script(stage, redirect(location(host), 307));
    world.exporter.start();
    await world.polled(1);
    await scene.expectFailed('invalid_response');
    expect(elsewhere.received).toEqual([]);
    expect(world.simulator.requests.count('other')).toBe(0);
  });
});

import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { openssl } from '../support/tools.ts';
import { World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await World.create({ network: 'sockets' });
});
afterEach(() => world.close());

/** Polls `acme` once, with all calls to this endpoint. */
async function poll(origin: string): Promise<void> {
  world.configuration = world.configure([world.organization({ endpoints: { api: origin, oapi: origin } })]);
  world.build();
  world.exporter.start();
  await world.polled();
}

function expectNoConnection(code: RegExp, hint: string): void {
  expect(world.state.lastPoll?.failure?.reason).toBe('network');
  const [line] = world.log.lines.filter(({ level }) => level === 'warn');
  expect(line?.fields['error']).toMatch(code);
  expect(line?.fields['hint']).toContain(hint);
}

it.each([
  ['a refused connection', 'http://127.0.0.1:1', /no response \(ECONNREFUSED\)$/u, 'nothing listens'],
  ['an unknown name', 'http://dingtalk.invalid', /no response \((?:ENOTFOUND|EAI_AGAIN)\)$/u, 'name'],
])('%s is a network failure', async (_title, origin, code, hint) => {
  await poll(origin);
  expectNoConnection(code, hint);
});

it('a server without TLS is a network failure at https', async () => {
  await poll(world.simulator.origin.replace('http:', 'https:'));
  expectNoConnection(/no response \(EPROTO/u, 'the server does not support TLS');
});

describe.skipIf(openssl().missing)('with TLS', () => {
  let authority: Authority;
  let unknown: Authority;
  let simulator: Simulator | undefined;

  beforeAll(() => {
    [authority, unknown] = [new Authority(), new Authority()];
  });
  afterAll(() => {
    authority.remove();
    unknown.remove();
  });
  beforeEach(() => {
    const create = tls.createSecureContext;
    // As NODE_EXTRA_CA_CERTS does, which Node.js reads at its start.
    vi.spyOn(tls, 'createSecureContext').mockImplementation((options) =>
      create({ ca: authority.ca, ...options }),
    );
  });
  afterEach(async () => {
    await simulator?.close();
    vi.restoreAllMocks();
  });

  async function pollWith({ cert, key }: Issued): Promise<void> {
    simulator = await startSimulator({ clock: world.clock, tls: { cert, key } });
    simulator.apps.addInternalApp({
      appKey: 'dingacme',
      appSecret: 'acme-secret',
      employees: 7,
      active: 5,
    });
    await poll(simulator.origin);
  }

  it('a trusted certificate is accepted', async () => {
    await pollWith(authority.issue('good'));
    expect(world.state.headcount).toMatchObject({ employees: 7, active: 5 });
  });

  it.each<readonly [string, () => Issued, RegExp, string]>([
    [
      'an expired certificate',
      () => authority.issue('expired', ['IP:127.0.0.1'], -1),
      /CERT_HAS_EXPIRED/u,
      'the certificate has expired',
    ],
    [
      'the certificate of another host',
      () => authority.issue('other', ['DNS:elsewhere.example']),
      /ERR_TLS_CERT_ALTNAME_INVALID/u,
      'the certificate is not trusted',
    ],
    [
      'a self-signed certificate',
      () => unknown.own,
      /DEPTH_ZERO_SELF_SIGNED_CERT/u,
      'the certificate is not trusted',
    ],
  ])('%s is a network failure, and nothing is sent', async (_title, certificate, code, hint) => {
    await pollWith(certificate());
    expectNoConnection(code, hint);
    expect(simulator?.requests.count()).toBe(0);
  });
});

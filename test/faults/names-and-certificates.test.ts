import dns from 'node:dns';
import tls, { type SecureContextOptions } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Certificates, makeCertificates, openssl } from './certificates.ts';
import { beforeConnecting } from './faults.ts';
import { Scene, STAGES } from './scene.ts';
import { expectSurvived, type Fault } from './story.ts';

let scene: Scene;
afterEach(async () => {
  await scene.close();
  vi.restoreAllMocks();
});

describe.each(STAGES)('a name that cannot be looked up, at the call for %s', (stage) => {
  it('fails for network, and nothing else is touched', async () => {
    const host = 'dingtalk.invalid';
    let isKnown = true;
    const lookup = dns.lookup;
    // The name service knows no name under .invalid. For as long as it should, this machine answers for it.
    vi.spyOn(dns, 'lookup').mockImplementation((name: string, ...rest: unknown[]) =>
      Reflect.apply(lookup, dns, [name === host && isKnown ? '127.0.0.1' : name, ...rest]),
    );
    scene = await Scene.create();
    scene.configure({
      endpoints: { api: `http://${host}:${scene.api.port}`, oapi: `http://${host}:${scene.oapi.port}` },
    });

    await expectSurvived(scene, stage, {
      title: 'an unknown name',
      reason: 'network',
      begin: (_scene, at) =>
        beforeConnecting(scene, at, () => {
          isKnown = false;
        }),
      end: () => {
        scene.world.simulator.script.clear();
        isKnown = true;
      },
    });
    expect(scene.world.log.lines.find(({ level }) => level === 'warn')?.fields['error']).toMatch(
      /no answer \((?:ENOTFOUND|EAI_AGAIN)\)$/u,
    );
  });
});

describe.skipIf(openssl.missing).each(STAGES)('TLS, at the call for %s', (stage) => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  beforeEach(async () => {
    const create = tls.createSecureContext;
    // The machine trusts the authority of the tests, as NODE_EXTRA_CA_CERTS would have it from the start.
    vi.spyOn(tls, 'createSecureContext').mockImplementation((options) =>
      create({ ca: certificates.authority, ...options }),
    );
    scene = await Scene.create({}, certificates.good);
  });

  const shakingHands = (options: () => SecureContextOptions): Fault => ({
    title: 'a handshake',
    reason: 'network',
    begin: (_scene, at) => beforeConnecting(scene, at, () => scene.front(at).present(options())),
    end: (_scene, at) => {
      scene.world.simulator.script.clear();
      scene.front(at).present({ ...certificates.good });
    },
  });

  it.each([
    ['an expired certificate', 'CERT_HAS_EXPIRED', 'the certificate has expired', () => certificates.expired],
    [
      'the certificate of another host',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'the certificate is not trusted',
      () => certificates.ofAnotherHost,
    ],
    [
      'a self-signed certificate',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'the certificate is not trusted',
      () => certificates.selfSigned,
    ],
    [
      'a handshake that fails',
      'EPROTO',
      'the server speaks no TLS',
      () => ({ ...certificates.good, ciphers: 'NULL', maxVersion: 'TLSv1.2' as const }),
    ],
  ])('%s fails for network, and nothing else is touched', async (_title, code, hint, options) => {
    await expectSurvived(scene, stage, shakingHands(options));

    const [line] = scene.world.log.lines.filter(({ level }) => level === 'warn');
    expect(line?.fields['error']).toContain(`no answer (${code}`);
    expect(line?.fields['hint']).toContain(hint);
    // Not one call got through to a server that could not be trusted.
    expect(scene.arrived(stage)).toBe(2);
  });
});

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Authority } from '../support/certificates.ts';
import { run } from '../support/program.ts';
import { openssl } from '../support/tools.ts';

const tool = openssl();

/** A name that no DNS server resolves: only the proxy reaches it. */
const GATEWAY = 'gateway.dingtalk.invalid';

describe.skipIf(tool.missing)('calls of the built program through a proxy', () => {
  let authority: Authority;
  let simulator: Simulator;
  let proxy: Server;
  let proxyUrl: string;
  /** The targets of all CONNECT requests. */
  let tunnels: string[];

  beforeEach(async () => {
    authority = new Authority();
    const { certFile, keyFile } = authority.issue('gateway', [`DNS:${GATEWAY}`, 'IP:127.0.0.1']);
    simulator = await startSimulator({
      clock: systemClock,
      tls: { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') },
    });
    simulator.apps.addInternalApp({ appKey: 'ding', appSecret: 'secret', employees: 12, active: 7 });
    tunnels = [];
    proxy = createServer((_request, response) => response.writeHead(405).end());
    proxy.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const behind = connect(Number(new URL(simulator.origin).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        behind.pipe(socket).pipe(behind);
      });
      for (const [side, other] of [
        [socket, behind],
        [behind, socket],
      ] as const) {
        side.on('error', () => other.destroy());
        side.on('close', () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    proxyUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });

  afterEach(async () => {
    await simulator.close();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    authority.remove();
  });

  const once = (url: string, environment: Readonly<Record<string, string>>) =>
    run(['--once'], {
      DINGTALK_CLIENT_ID: 'ding',
      DINGTALK_CLIENT_SECRET: 'secret',
      DINGTALK_API_URL: url,
      DINGTALK_OAPI_URL: url,
      DINGTALK_RETRIES: '0',
      NODE_EXTRA_CA_CERTS: authority.caFile,
      ...environment,
    });

  it('go through HTTPS_PROXY, and trust NODE_EXTRA_CA_CERTS', async () => {
    const ended = await once(`https://${GATEWAY}`, { HTTPS_PROXY: proxyUrl });
    expect(ended.stderr).not.toContain('poll failed');
    expect(ended.stdout).toContain('dingtalk_employees{organization="default"} 12\n');
    expect(new Set(tunnels)).toEqual(new Set([`${GATEWAY}:443`]));
  });

  it('bypass it for the names in NO_PROXY', async () => {
    const ended = await once(`https://${GATEWAY}`, {
      HTTPS_PROXY: proxyUrl,
      NO_PROXY: '.dingtalk.invalid',
    });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('dingtalk_poll_error{organization="default",reason="network"} 1\n');
    expect(tunnels).toEqual([]);
  });

  it('bypass it for loopback addresses', async () => {
    const ended = await once(simulator.origin.replace('localhost', '127.0.0.1'), { HTTPS_PROXY: proxyUrl });
    expect(ended.stdout).toContain('dingtalk_employees{organization="default"} 12\n');
    expect(tunnels).toEqual([]);
  });

  it('fail with reason network if the proxy is not reachable, without its password', async () => {
    const ended = await once(`https://${GATEWAY}`, { HTTPS_PROXY: 'http://me:s3cret-value@127.0.0.1:1' });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('reason="network"');
    expect(ended.stderr).toContain('the proxy 127.0.0.1:1 failed (ECONNREFUSED)');
    expect(ended.stderr).toContain('hint="check HTTPS_PROXY');
    expect(ended.stdout + ended.stderr).not.toContain('s3cret-value');
  });
});

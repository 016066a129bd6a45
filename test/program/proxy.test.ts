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

/** A name that no DNS knows: who reaches it went through the proxy. */
const GATEWAY = 'gateway.dingtalk.invalid';

describe.skipIf(tool.missing)('calls of the built program through a proxy', () => {
  let authority: Authority;
  let simulator: Simulator;
  let proxy: Server;
  let proxyUrl: string;
  /** What the proxy was asked to connect to. */
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

  it('go past it for what NO_PROXY names', async () => {
    const ended = await once(`https://${GATEWAY}`, {
      HTTPS_PROXY: proxyUrl,
      NO_PROXY: '.dingtalk.invalid',
      DINGTALK_EXPORTER_LOG_LEVEL: 'debug',
    });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('dingtalk_poll_error{organization="default",reason="network"} 1\n');
    expect(tunnels).toEqual([]);
  });

  it('never go through it to loopback', async () => {
    const ended = await once(simulator.origin.replace('localhost', '127.0.0.1'), { HTTPS_PROXY: proxyUrl });
    expect(ended.stdout).toContain('dingtalk_employees{organization="default"} 12\n');
    expect(tunnels).toEqual([]);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(simulator.requests.kept().map(({ headers }) => headers['user-agent'])).toEqual(
      Array(3).fill(`dingtalk-headcount-exporter/${version}`),
    );
  });

  it('fail as network, without the password of a proxy that is not there', async () => {
    const ended = await once(`https://${GATEWAY}`, { HTTPS_PROXY: 'http://me:s3cret-value@127.0.0.1:1' });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('reason="network"');
    expect(ended.stderr).toContain('the proxy 127.0.0.1:1 gave no connection (ECONNREFUSED)');
    expect(ended.stderr).toContain('hint="check HTTPS_PROXY');
    expect(ended.stdout + ended.stderr).not.toContain('s3cret-value');
  });

  it.each([407, 502])(
    'fail as network, not as DingTalk’s answer, where the proxy says HTTP %i',
    async (status) => {
      proxy.removeAllListeners('connect');
      proxy.on('connect', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n{"errcode":40014}`));
      const ended = await once(`https://${GATEWAY}`, {
        HTTPS_PROXY: proxyUrl.replace('//', '//me:s3cret-value@'),
      });
      expect(ended.code).toBe(1);
      expect(ended.stdout).toContain('dingtalk_poll_error{organization="default",reason="network"} 1\n');
      expect(ended.stderr).toContain(`the proxy ${new URL(proxyUrl).host} answered HTTP ${status}`);
      expect(ended.stderr).toContain('hint="check HTTPS_PROXY');
      expect(ended.stdout + ended.stderr).not.toContain('s3cret-value');
    },
  );

  it.each([
    ['http://me:s3cret-%zz@proxy.example', 'HTTPS_PROXY is not a URL'],
    ['socks5://me:s3cret-value@proxy.example', 'only http and https proxies are supported'],
  ])('are refused from the start with the proxy %s', async (address, said) => {
    const environment = { DINGTALK_CLIENT_ID: 'ding', DINGTALK_CLIENT_SECRET: 'x', HTTPS_PROXY: address };
    for (const args of [['--config.check'], ['--web.listen-address=127.0.0.1:0']]) {
      const ended = await run(args, environment);
      expect(ended.code).toBe(2);
      expect(ended.stdout + ended.stderr).toContain(said);
      expect(ended.stdout + ended.stderr).not.toContain('s3cret');
    }
  });
});

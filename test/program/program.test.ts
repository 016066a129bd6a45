import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Hold } from '../simulator/hold.ts';
import { plainError } from '../simulator/replies.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Folder, Program, run } from '../support/program.ts';
import { eventually } from '../support/until.ts';

const ANY_PORT = '--web.listen-address=127.0.0.1:0';

describe('the built program', () => {
  let simulator: Simulator;
  let folder: Folder;
  const programs: Program[] = [];

  beforeEach(async () => {
    folder = new Folder();
    simulator = await startSimulator({ clock: systemClock });
    simulator.apps.addInternalApp({
      appKey: 'dingacme',
      appSecret: 'acme-secret',
      employees: 1240,
      active: 1100,
    });
    simulator.apps.addThirdPartyApp({
      clientId: 'suitetenant',
      clientSecret: 'tenant-secret',
      corpId: 'dingcorp',
      employees: 86,
      active: 80,
    });
  });

  afterEach(async () => {
    for (const program of programs.splice(0)) await program.stop('SIGKILL');
    await simulator.close();
    folder.remove();
  });

  function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
    const program = new Program(args, environment);
    programs.push(program);
    return program;
  }

  const acmeInEnvironment = (): Record<string, string> => ({
    DINGTALK_CLIENT_ID: 'dingacme',
    DINGTALK_CLIENT_SECRET: 'acme-secret',
    DINGTALK_API_URL: simulator.origin,
    DINGTALK_OAPI_URL: simulator.origin,
  });

  const configuration = (more = '', interval = '1h'): string => `
endpoints: {api: "${simulator.origin}", oapi: "${simulator.origin}"}
poll: {interval: ${interval}, failure_interval: 1s}
organizations:
  - name: acme
    client_id: dingacme
    client_secret: acme-secret
${more}`;

  const tenant = `
  - name: tenant
    corp_id: dingcorp
    client_id: suitetenant
    client_secret: tenant-secret
`;

  it('prints its version on stdout', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const stdout = expect.stringContaining(version);
    expect(await run(['--version'])).toMatchObject({ code: 0, stderr: '', stdout });
  });

  describe('--once', () => {
    it('prints the exposition without the metrics of the process, and ends with 0', async () => {
      const file = folder.write('good.yml', configuration(tenant));
      const ended = await run([`--config.file=${file}`, '--once']);
      expect(ended.code).toBe(0);
      expect(ended.stdout).toContain('dingtalk_employees{organization="acme"} 1240\n');
      expect(ended.stdout).toContain('dingtalk_employees_active{organization="tenant"} 80\n');
      expect(ended.stdout).not.toMatch(/^(process|nodejs)_/mu);
      expect(simulator.requests.count('token')).toBe(2);
      expect(simulator.requests.count('user_count')).toBe(4);
    });

    it('ends with 1 if a poll failed, and prints the metrics', async () => {
      const file = folder.write('bad.yml', configuration(tenant.replace('tenant-secret', 'wrong-secret')));
      const ended = await run([`--config.file=${file}`, '--once']);
      expect(ended.code).toBe(1);
      expect(ended.stdout).toContain('dingtalk_employees{organization="acme"} 1240\n');
      expect(ended.stdout).toContain('dingtalk_up{organization="tenant"} 0\n');
      expect(ended.stdout).toContain('dingtalk_poll_error{organization="tenant",reason="credentials"} 1\n');
      expect(ended.stdout + ended.stderr).not.toContain('wrong-secret');
    });

    it('ends with 1 and prints nothing if it is stopped', async () => {
      const hold = new Hold();
      simulator.script.once('user_count', hold.behavior);
      const program = start(['--once'], acmeInEnvironment());
      await hold.whenHeld();
      const ended = await program.stop();
      expect(ended).toMatchObject({ code: 1, signal: null, stdout: '' });
      expect(ended.stderr).toContain('stopped before every poll had ended');
      hold.release();
    });

    it('reads a token from a file', async () => {
      const planted = simulator.apps.addTokenOnly({ employees: 7, active: 5 });
      simulator.apps.plantToken(planted, 'planted-token');
      const path = folder.write('token', 'planted-token\n');
      const ended = await run(['--once'], {
        DINGTALK_ACCESS_TOKEN_FILE: path,
        DINGTALK_API_URL: simulator.origin,
        DINGTALK_OAPI_URL: simulator.origin,
        DINGTALK_ORGANIZATION: '北京 "HQ" \\ $1',
      });
      expect(ended.code).toBe(0);
      expect(ended.stdout).toContain('dingtalk_employees{organization="北京 \\"HQ\\" \\\\ $1"} 7\n');
      expect(ended.stdout).not.toContain('dingtalk_access_token_expiry_timestamp_seconds{');
    });
  });

  describe('serving', () => {
    it('serves metrics, page and health on every listen address', async () => {
      const program = start([ANY_PORT, '--web.listen-address=[::1]:0'], acmeInEnvironment());
      const origins = [await program.origin(1), await program.origin(2)];
      await program.logged(/first headcount/u);
      for (const origin of origins) {
        const text = await (await fetch(`${origin}/metrics`)).text();
        expect(text).toContain('dingtalk_employees{organization="default"} 1240\n');
        expect(text).toContain('process_cpu_seconds_total');
        expect(await (await fetch(origin)).text()).toContain('1,240');
        expect((await fetch(`${origin}/-/healthy`)).status).toBe(200);
        expect((await fetch(`${origin}/-/ready`)).status).toBe(200);
        expect((await fetch(`${origin}/-/reload`, { method: 'POST' })).status).toBe(403);
      }
    });

    it('reads flags from the environment; a flag on the command line has precedence', async () => {
      const program = start(['--web.telemetry-path=/numbers'], {
        ...acmeInEnvironment(),
        DINGTALK_EXPORTER_WEB_LISTEN_ADDRESS: '127.0.0.1:0,[::1]:0',
        DINGTALK_EXPORTER_WEB_TELEMETRY_PATH: '/elsewhere',
        DINGTALK_EXPORTER_WEB_DISABLE_EXPORTER_METRICS: 'true',
        DINGTALK_EXPORTER_LOG_FORMAT: 'json',
        DINGTALK_EXPORTER_PORT: 'tcp://10.0.0.1:10210',
      });
      const [, address] = await program.logged(/"listening","address":"([^"]+)"/u, 2);
      const metrics = await (await fetch(`http://${address}/numbers`)).text();
      expect(metrics).not.toMatch(/^(process|nodejs)_/mu);
      expect((await fetch(`http://${address}/elsewhere`)).status).toBe(404);
      for (const line of program.stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
    });

    it('ends with 1 if the port is taken', async () => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const address = taken.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const ended = await run([`--web.listen-address=127.0.0.1:${port}`], acmeInEnvironment());
      taken.close();
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain('the port is taken');
      expect(simulator.requests.count()).toBe(0);
    });

    it('runs the demo, with a warning for credentials that it does not use', async () => {
      const program = start(['--demo', ANY_PORT], acmeInEnvironment());
      const origin = await program.origin();
      await program.logged(/first headcount/u, 3);
      const text = await (await fetch(`${origin}/metrics`)).text();
      expect(text.match(/^dingtalk_employees\{organization=".+"\} \d+$/gmu)).toHaveLength(3);
      expect(program.stderr).toMatch(/msg=starting .* organizations=3 demo=true\n/u);
      expect(program.stderr).toMatch(/level=warn msg="the demo does not use .*DINGTALK_CLIENT_ID/u);
    });
  });

  it('continues if its log cannot be written', async () => {
    const file = folder.write('failing.yml', configuration('', '1s'));
    const program = start([ANY_PORT, `--config.file=${file}`]);
    const origin = await program.origin();
    await program.logged(/first headcount/u);
    program.process.stderr.destroy();
    simulator.script.always('user_count', plainError(60011));
    // Each failed poll has a line in the log.
    const metrics = async () => (await fetch(`${origin}/metrics`)).text();
    await eventually(metrics).toMatch(/^dingtalk_poll_failures_total\{.*\} [3-9]$/mu);
    expect(await program.stop()).toMatchObject({ code: 0, signal: null });
  });

  describe('signals', () => {
    it('ends with 0 at SIGINT', async () => {
      const program = start([ANY_PORT], acmeInEnvironment());
      await program.logged(/first headcount/u);
      expect(await program.stop('SIGINT')).toMatchObject({ code: 0, signal: null });
    });

    it('ends when the call in flight has ended; until then it is scraped, but not ready', async () => {
      const hold = new Hold();
      simulator.script.once('user_count', hold.behavior);
      const program = start([ANY_PORT], acmeInEnvironment());
      const origin = await program.origin();
      await hold.whenHeld();
      program.process.kill('SIGTERM');
      await program.logged(/msg=stopping/u);
      const statuses = ['/-/ready', '/-/healthy', '/metrics'].map(
        async (path) => (await fetch(`${origin}${path}`)).status,
      );
      expect(await Promise.all(statuses)).toEqual([503, 200, 200]);
      expect(program.process.exitCode).toBeNull();
      hold.release();
      expect(await program.ended).toMatchObject({ code: 0 });
      // The poll is not continued.
      expect(simulator.requests.count('user_count')).toBe(1);
    });

    it('ends at once at the second signal', async () => {
      const hold = new Hold();
      simulator.script.always('token', hold.behavior);
      const program = start([ANY_PORT], acmeInEnvironment());
      await hold.whenHeld();
      program.process.kill('SIGTERM');
      await program.logged(/msg=stopping/u);
      program.process.kill('SIGTERM');
      expect(await program.ended).toMatchObject({ code: 0 });
      expect(program.stderr).not.toContain('msg=stopped');
    });

    it('ends during a reload', async () => {
      const file = folder.write('exporter.yml', configuration(tenant));
      const program = start([ANY_PORT, `--config.file=${file}`]);
      await program.logged(/first headcount/u, 2);
      program.process.kill('SIGHUP');
      program.process.kill('SIGTERM');
      expect(await program.ended).toMatchObject({ code: 0, signal: null });
    });

    it('completes a response before it ends', async () => {
      const program = start([ANY_PORT], acmeInEnvironment());
      const origin = new URL(await program.origin());
      await program.logged(/first headcount/u);
      const socket = connect(Number(origin.port), origin.hostname);
      const received: Buffer[] = [];
      socket.on('data', (part) => received.push(part));
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      await new Promise((resolve) => socket.once('data', resolve));
      program.process.kill('SIGTERM');
      expect(await program.ended).toMatchObject({ code: 0 });
      await closed;
      const text = Buffer.concat(received).toString('utf8');
      const length = Number(/content-length: (\d+)/iu.exec(text)?.[1]);
      expect(Buffer.byteLength(text.slice(text.indexOf('\r\n\r\n') + 4))).toBe(length);
    });
  });

  describe('reload', () => {
    it('applies a valid configuration, by signal and by request', async () => {
      const file = folder.write('exporter.yml', configuration());
      const program = start([ANY_PORT, `--config.file=${file}`, '--web.enable-lifecycle']);
      const origin = await program.origin();
      await program.logged(/first headcount/u);
      folder.write('exporter.yml', configuration(tenant));
      program.process.kill('SIGHUP');
      await program.logged(/first headcount/u, 2);
      const text = await (await fetch(`${origin}/metrics`)).text();
      expect(text).toContain('dingtalk_employees{organization="tenant"} 86\n');
      // An unchanged organization is not polled again.
      expect(text).toContain('dingtalk_polls_total{organization="acme"} 1\n');
      expect(text).toContain('dingtalk_config_last_reload_successful 1\n');

      folder.write('exporter.yml', configuration());
      expect((await fetch(`${origin}/-/reload`, { method: 'POST' })).status).toBe(200);
      expect(await (await fetch(`${origin}/metrics`)).text()).not.toContain('tenant');
    });

    it('refuses a broken configuration with the reason, and keeps the old one', async () => {
      const file = folder.write('exporter.yml', configuration());
      const program = start([ANY_PORT, `--config.file=${file}`, '--web.enable-lifecycle']);
      const origin = await program.origin();
      await program.logged(/first headcount/u);
      folder.write('exporter.yml', configuration('    color: blue\n'));
      const answer = await fetch(`${origin}/-/reload`, { method: 'POST' });
      expect(answer.status).toBe(500);
      expect(await answer.text()).toContain('organizations[0].color');
      const text = await (await fetch(`${origin}/metrics`)).text();
      expect(text).toContain('dingtalk_employees{organization="acme"} 1240\n');
      expect(text).toContain('dingtalk_config_last_reload_successful 0\n');
      program.process.kill('SIGHUP');
      await program.logged(/reload failed/u, 2);
      expect((await fetch(`${origin}/-/healthy`)).status).toBe(200);
    });

    it('polls a failing organization at once, with the new secret', async () => {
      const secret = folder.write('secret', 'wrong');
      const file = folder.write(
        'exporter.yml',
        configuration()
          .replace('client_secret: acme-secret', `client_secret_file: ${secret}`)
          .replace('failure_interval: 1s', 'failure_interval: 1h'),
      );
      const program = start([ANY_PORT, `--config.file=${file}`]);
      await program.logged(/poll failed/u);
      folder.write('secret', 'acme-secret\n');
      program.process.kill('SIGHUP');
      await program.logged(/poll succeeded again/u);
    });
  });

  it('polls the other organizations if a secret file is missing, and reads it when it exists', async () => {
    const path = `${folder.path}/tenant-secret`;
    const file = folder.write(
      'exporter.yml',
      configuration(tenant.replace('client_secret: tenant-secret', `client_secret_file: ${path}`)),
    );
    const program = start([ANY_PORT, `--config.file=${file}`]);
    await program.logged(/level=warn msg="configuration warning" warning=".*tenant-secret: it /u);
    await program.logged(/first headcount.* organization=acme/u);
    await program.logged(/poll failed.* organization=tenant reason=credentials/u);
    folder.write('tenant-secret', 'tenant-secret\n');
    await program.logged(/poll succeeded again.* organization=tenant/u);
  });

  it('logs every failed poll, and only the first one as a warning', async () => {
    simulator.script.always('user_count', plainError(60011));
    const file = folder.write('exporter.yml', configuration());
    const program = start([ANY_PORT, `--config.file=${file}`]);
    await program.logged(/level=info msg="poll failed".* reason=permission errcode=60011 .*request_id=/u, 2);
    expect(program.stderr.match(/level=warn msg="poll failed"/gu)).toHaveLength(1);
  });
});

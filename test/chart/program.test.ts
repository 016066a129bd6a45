import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { ISecret } from 'kubernetes-models/v1/Secret';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { Folder, Program } from '../support/program.ts';
import { openssl } from '../support/tools.ts';
import { find, HELMS, type Rendered, readObjects, valuesFile } from './helm.ts';

const [helm] = HELMS;
const certificates = openssl();

describe.skipIf(helm === undefined)('the built program, started as the rendered pod says', () => {
  let folder: Folder;
  let simulator: Simulator;
  let programs: Program[];

  beforeEach(async () => {
    folder = new Folder();
    programs = [];
    simulator = await startSimulator({ clock: systemClock });
    for (const name of ['abc', 'a', 'b', 'c', 'd', 'e', 'f'])
      simulator.apps.addInternalApp({
        appKey: `ding${name}`,
        appSecret: 'a secret',
        employees: 12,
        active: 9,
      });
  });

  afterEach(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await simulator.close();
    folder.remove();
  });

  /** Paths below /etc/dingtalk, moved into the test's folder. */
  const moved = (content: string): string =>
    content.replaceAll('/etc/dingtalk', join(folder.path, 'dingtalk'));

  /** What the kubelet does: puts the volumes' files into their places, fills in the variables, and starts the program. */
  function start(
    objects: readonly Rendered[],
    pod: IPodSpec,
    secrets: Record<string, string>,
    index: number,
  ): Program {
    const [container] = pod.containers;
    for (const { name, mountPath } of container?.volumeMounts ?? []) {
      const volume = pod.volumes?.find((each) => each.name === name);
      const source = objects.find(
        ({ kind, metadata }) =>
          (kind === 'ConfigMap' && metadata.name === volume?.configMap?.name) ||
          (kind === 'Secret' && metadata.name === volume?.secret?.secretName),
      ) as Pick<IConfigMap, 'data'> & Pick<ISecret, 'stringData'>;
      for (const [file, content] of Object.entries(source?.data ?? source?.stringData ?? secrets))
        folder.write(join(mountPath.replace('/etc/', ''), file), moved(content));
    }
    const environment: Record<string, string> = {};
    for (const { name, value, valueFrom } of container?.env ?? [])
      environment[name] = valueFrom?.fieldRef?.fieldPath.includes('pod-index')
        ? String(index)
        : (value ?? '');
    const args = (container?.args ?? []).map((each) =>
      moved(each.replaceAll(/\$\((\w+)\)/gu, (whole, name) => environment[name] ?? whole)),
    );
    return new Program(args, { ...environment, DINGTALK_EXPORTER_WEB_LISTEN_ADDRESS: '127.0.0.1:0' });
  }

  /**
   * Renders the chart, starts its pods, and runs "helm test" against them.
   * @returns where the pods listen.
   */
  async function install(name: string, secrets: Record<string, string> = {}): Promise<string[]> {
    const endpoints = JSON.stringify({ api: simulator.origin, oapi: simulator.origin });
    const override = name === 'demo' ? [] : [`--set-json=config.endpoints=${endpoints}`];
    const objects = readObjects((await helm?.template(`--values=${valuesFile(name)}`, ...override)) ?? '');
    const kind = name === 'shards' ? 'StatefulSet' : 'Deployment';
    const { spec } = find<IDeployment | IStatefulSet>(objects, kind);
    const pod = spec?.template.spec;
    if (pod === undefined) throw new Error('no pod');
    for (let index = 0; index < (spec?.replicas ?? 0); index += 1)
      programs.push(start(objects, pod, secrets, index));

    const [test] = find<IPod>(objects, 'Pod').spec?.containers ?? [];
    const origins: string[] = [];
    const args = [...(test?.command ?? []), ...(test?.args ?? [])].slice(1);
    for (const [index, program] of programs.entries()) {
      const [, port] = await program.logged(/msg=listening address=127\.0\.0\.1:(\d+)/u);
      const url = new URL(args[args.length - programs.length + index] ?? '');
      expect(url.host).toMatch(
        /^(test-dingtalk-headcount-exporter-\d\.)?test-dingtalk-headcount-exporter(-headless)?:10210$/u,
      );
      url.host = `127.0.0.1:${port}`;
      args[args.length - programs.length + index] = url.href;
      origins.push(url.origin);
    }
    const environment = Object.fromEntries(test?.env?.map((each) => [each.name, each.value]) ?? []);
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: environment,
      timeout: 100_000,
    });
    expect(stdout.match(/: ready$/gmu)).toHaveLength(programs.length);
    return origins;
  }

  /** The organizations whose number an exporter shows, and the number. */
  async function shown(origin: string): Promise<string[]> {
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    return Array.from(metrics.matchAll(/^dingtalk_employees\{organization="(.*)"\} (\d+)$/gmu), (match) =>
      match.slice(1).join(' '),
    );
  }

  it('shows simulated organizations', async () => {
    const [origin = ''] = await install('demo');
    expect((await shown(origin)).length).toBeGreaterThan(0);
  });

  it('polls with the credentials from the values', async () => {
    const [origin = ''] = await install('credentials');
    expect(await shown(origin)).toEqual(['acme 12']);
  });

  it('polls each organization in one shard', async () => {
    const files = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 'a secret']));
    const origins = await install('shards', files);
    const together = await Promise.all(origins.map(shown));
    expect(origins).toHaveLength(3);
    expect(together.flat().sort()).toEqual(['a 12', 'b 12', 'c 12', 'd 12', 'e 12', 'f 12']);
  });

  it.skipIf(certificates.missing).each([
    ['tls', 401],
    ['client-certificates', undefined],
  ])(
    'protects /metrics, and passes "helm test" without a password or a certificate: %s',
    async (name, answer) => {
      const [cert, key] = [join(folder.path, 'cert'), join(folder.path, 'key')];
      const request =
        '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=test -days 2'.split(' ');
      execFileSync(certificates.path, ['req', ...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      const read = (path: string): string => readFileSync(path, 'utf8');
      const [origin = ''] = await install(name, {
        acme: 'a secret',
        'tls.crt': read(cert),
        'tls.key': read(key),
        'ca.crt': read(cert),
      });
      const asked = new Promise<unknown>((resolve) => {
        get(`${origin}/metrics`, { rejectUnauthorized: false }, async (response) => {
          await text(response);
          resolve(response.statusCode);
        }).on('error', () => resolve(undefined));
      });
      expect(await asked).toBe(answer);
    },
  );
});

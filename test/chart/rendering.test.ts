import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CHART, find, HELMS, type Rendered, readObjects, VALUES, valuesFile } from './helm.ts';

/** What each Helm makes of each set of values. */
const renderings = new Map<string, Rendered[][]>();
const objectsOf = (name: string): Rendered[] => renderings.get(name)?.[0] ?? [];

beforeAll(async () => {
  for (const name of VALUES) {
    const texts = await Promise.all(HELMS.map((helm) => helm.template(`--values=${valuesFile(name)}`)));
    renderings.set(name, texts.map(readObjects));
  }
});

const moduleOf = ({ apiVersion, kind }: Rendered): string =>
  apiVersion === 'monitoring.coreos.com/v1'
    ? `@kubernetes-models/prometheus-operator/${apiVersion}/${kind}`
    : `kubernetes-models/${apiVersion}/${kind}`;

const podOf = (workload: {
  spec?: IDeployment['spec'] | IStatefulSet['spec'];
}): NonNullable<IPod['spec']> => {
  const spec = workload.spec?.template.spec;
  if (spec === undefined) throw new Error('no pod');
  return spec;
};

describe.skipIf(HELMS.length === 0)('Helm 3 and Helm 4', () => {
  it.each(VALUES)('lint the values "%s" without complaints, and render the same', async (name) => {
    const lint = ['lint', '--strict', '--quiet', CHART, `--values=${valuesFile(name)}`];
    const complaints = await Promise.all(HELMS.map((helm) => helm.run(...lint)));
    expect(complaints.join('')).toBe('');
    for (const objects of renderings.get(name) ?? []) expect(objects).toEqual(objectsOf(name));
  });
});

describe.skipIf(HELMS.length === 0)('the rendered objects', () => {
  it('are valid for the types of Kubernetes and of the Prometheus operator', async () => {
    for (const object of VALUES.flatMap(objectsOf)) {
      const model: unknown = await import(moduleOf(object));
      const { [object.kind]: Model } = z
        .record(z.string(), z.custom<new (data: unknown) => { validate(): void }>())
        .parse({ ...(model as object) });
      if (Model === undefined) throw new Error(`${object.kind} is unknown`);
      expect(() => new Model(object).validate()).not.toThrow();
    }
  });

  // Kubernetes drops a field that it does not know. The types above allow such fields, the compiler does not.
  it('have no field that these types do not have', () => {
    const folder = 'node_modules/.cache/chart';
    mkdirSync(folder, { recursive: true });
    const code = VALUES.flatMap(objectsOf).map(
      (object, index) =>
        `import type { I${object.kind} as Type${index} } from '${moduleOf(object)}';\n` +
        `export const object${index}: Type${index} = ${JSON.stringify(object)};\n`,
    );
    writeFileSync(join(folder, 'objects.ts'), code.join(''));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      '{"extends": "../../../tsconfig.json", "include": ["objects.ts"], "compilerOptions": {"exactOptionalPropertyTypes": false}}',
    );
    const { status, stdout } = spawnSync('node_modules/.bin/tsc', ['--project', folder], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  it('keep to the restricted pod security standard', () => {
    const pods = VALUES.flatMap(objectsOf).flatMap((object) => {
      if (object.kind === 'Pod') return [(object as unknown as IPod).spec];
      return ['Deployment', 'StatefulSet'].includes(object.kind) ? [podOf(object as IDeployment)] : [];
    });
    expect(pods).toHaveLength(2 * VALUES.length);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const { name, securityContext } of pod?.containers ?? []) {
        expect(securityContext, name).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
        if (name !== 'suite-ticket') expect(securityContext?.readOnlyRootFilesystem).toBe(true);
      }
    }
  });

  it('mount whole folders, so that a changed Secret reaches the exporter', () => {
    for (const name of VALUES) expect(JSON.stringify(objectsOf(name))).not.toContain('subPath');
  });

  it('share the organizations among the pods of a StatefulSet behind a headless Service', () => {
    const objects = objectsOf('shards');
    const service = find<IService>(objects, 'Service');
    const set = find<IStatefulSet>(objects, 'StatefulSet');
    expect(service.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    expect(set.spec).toMatchObject({ replicas: 3, serviceName: service.metadata.name });
    expect(podOf(set).containers[0]?.args).toContain('--shard=$(POD_INDEX)/3');
  });

  it('have a test pod that the Service does not select', () => {
    for (const name of VALUES) {
      const objects = objectsOf(name);
      const selector = find<IService>(objects, 'Service').spec?.selector ?? {};
      expect(find<IPod>(objects, 'Pod').metadata.labels).not.toMatchObject(selector);
    }
  });

  it.each([
    ['default', 'HTTP', 'http'],
    ['tls', 'HTTPS', 'https'],
    ['client-certificates', undefined, 'https'],
  ])(
    'have probes and a scrape scheme that fit the web configuration: %s',
    (name, probeScheme, scrapeScheme) => {
      const [exporter] = podOf(find<IDeployment>(objectsOf(name), 'Deployment')).containers;
      const probe = (path: string): object =>
        probeScheme === undefined
          ? { tcpSocket: { port: 'metrics' } }
          : { httpGet: { path, port: 'metrics', scheme: probeScheme } };
      expect(exporter?.livenessProbe).toMatchObject(probe('/-/healthy'));
      expect(exporter?.readinessProbe).toMatchObject(probe('/-/ready'));
      const monitor = find<IServiceMonitor>(objectsOf(name), 'ServiceMonitor');
      expect(monitor.spec?.endpoints[0]?.scheme).toBe(scrapeScheme);
    },
  );
});

describe.skipIf(HELMS.length === 0)('the pods', () => {
  const checksum = async (...args: string[]): Promise<unknown> => {
    const text = await HELMS[0]?.template(`--values=${valuesFile('credentials')}`, ...args);
    const deployment = find<IDeployment>(readObjects(text ?? ''), 'Deployment');
    return deployment.spec?.template.metadata?.annotations?.['checksum/config'];
  };

  it('are rolled by a changed configuration, not by a changed credential', async () => {
    const before = await checksum();
    expect(before).toMatch(/^[0-9a-f]{64}$/u);
    expect(await checksum('--set=credentials.acme=another')).toBe(before);
    expect(await checksum('--set=config.poll.interval=1h')).not.toBe(before);
    expect(await checksum('--set=webConfig.config.http_server_config.http2=false')).not.toBe(before);
  });
});

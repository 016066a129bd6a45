import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { Folder } from '../support/program.ts';
import { promtool, requireTool } from '../support/tools.ts';

const service = z.object({
  image: z.string().optional(),
  build: z.unknown().optional(),
  user: z.string().optional(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  ports: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});

const read = <Shape extends z.ZodType>(shape: Shape, path: string): z.infer<Shape> =>
  shape.parse(parse(readFileSync(path, 'utf8'), { merge: true }));

const { services } = read(z.object({ services: z.record(z.string(), service) }), 'compose.yaml');
const named = Object.entries(services);

/** The mounts from the repository: path here, path in the container, mode. */
const mounts = named.flatMap(([, { volumes }]) =>
  volumes.filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':')),
);

const compose = requireTool('docker-compose');
const folder = new Folder();
afterAll(() => folder.remove());
/** Instead of a file `.env`. */
const noVariables = folder.write('empty', '');
const prom = promtool();

describe('compose.yaml', () => {
  it.skipIf(compose.missing).each<readonly [string, Readonly<Record<string, string>>]>([
    ['as it is', {}],
    ['with credentials', { DINGTALK_EXPORTER_DEMO: 'false', DINGTALK_CLIENT_ID: 'ding1' }],
    ['with a secret file', { DINGTALK_CLIENT_SECRET_FILE: '/srv/secret' }],
  ])('is valid for docker-compose %s', (_title, variables) => {
    const args = ['--env-file', noVariables, '-f', 'compose.yaml', 'config'];
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...variables };
    const config: unknown = parse(execFileSync(compose.path, args, { encoding: 'utf8', env }));
    expect(config).toMatchObject({
      services: { exporter: { environment: { DINGTALK_EXPORTER_DEMO: 'true', ...variables } } },
      secrets: { client_secret: { file: variables['DINGTALK_CLIENT_SECRET_FILE'] ?? '/dev/null' } },
    });
  });

  it('builds the exporter, and pins the versions of the other three', () => {
    expect(Object.keys(services).sort()).toEqual(['alertmanager', 'exporter', 'grafana', 'prometheus']);
    expect(services['exporter']?.build).toMatchObject({ context: '.' });
    for (const [name, { image }] of named) {
      if (name !== 'exporter') expect(image, name).toMatch(/^[\w/]+:v?\d+\.\d+\.\d+$/);
    }
  });

  it('gives no service more privileges than it needs', () => {
    for (const [name, each] of named) {
      expect(each, name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      if (name !== 'exporter') expect(Number(each.user?.split(':')[0]), name).toBeGreaterThan(0);
      for (const volume of each.volumes.filter((one) => one.startsWith('./')))
        expect(volume, name).toMatch(/:ro$/);
    }
  });

  it('listens on the loopback alone, because no service asks for a password', () => {
    for (const [name, { ports }] of named) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('starts each service when those it depends on are healthy', () => {
    for (const [name, { depends_on, healthcheck }] of named) {
      // The exporter's check is in its image.
      if (name !== 'exporter') expect(healthcheck?.test[0], name).toBe('CMD');
      for (const { condition } of Object.values(depends_on)) expect(condition, name).toBe('service_healthy');
    }
  });

  it('mounts what the services read', () => {
    const command = readFileSync('compose.yaml', 'utf8');
    const paths = command
      .match(/--config\.file=\S+|_PATH: \S+/g)
      ?.map((found) => found.split(/[= ]+/).at(-1));
    expect(paths).toHaveLength(3);
    for (const [outside = ''] of mounts) expect(existsSync(outside), outside).toBe(true);
    for (const path of paths ?? []) {
      expect(
        mounts.filter(([, inside = '']) => path?.startsWith(inside)),
        path,
      ).not.toEqual([]);
    }
  });
});

describe('the configuration of its Prometheus', () => {
  const path = 'grafana/compose/prometheus.yml';

  it.skipIf(prom.missing)('passes promtool', () => {
    expect(execFileSync(prom.path, ['check', 'config', path], { encoding: 'utf8' })).toContain('SUCCESS');
  });

  it('scrapes the exporter, sends alerts to Alertmanager and loads the rules, not their tests', () => {
    expect(mounts).toContainEqual([`./${path}`, '/etc/prometheus/prometheus.yml', 'ro']);
    expect(mounts).toContainEqual(['./rules', '/etc/prometheus/rules', 'ro']);
    expect(read(z.unknown(), path)).toMatchObject({
      rule_files: ['rules/*.rules.yml'],
      alerting: { alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] },
      scrape_configs: [{ job_name: 'dingtalk', static_configs: [{ targets: ['exporter:10210'] }] }],
    });
  });
});

describe('the provisioning of Grafana', () => {
  it('has the Prometheus of compose.yaml as its data source', () => {
    expect(read(z.unknown(), 'grafana/provisioning/datasources/prometheus.yaml')).toMatchObject({
      apiVersion: 1,
      datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }],
    });
  });

  it('reads the dashboards from where they are mounted', () => {
    expect(mounts).toContainEqual(['./grafana/dashboards', '/etc/grafana/dashboards', 'ro']);
    expect(read(z.unknown(), 'grafana/provisioning/dashboards/dingtalk.yaml')).toMatchObject({
      apiVersion: 1,
      providers: [{ type: 'file', allowUiUpdates: false, options: { path: '/etc/grafana/dashboards' } }],
    });
    for (const kind of ['datasources', 'dashboards'])
      expect(mounts).toContainEqual([
        `./grafana/provisioning/${kind}`,
        `/etc/grafana/provisioning/${kind}`,
        'ro',
      ]);
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { findTool, promtool, requireTool } from '../support/tools.ts';

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

/** What is mounted, as far as it comes from the repository: where it lies here, and where there. */
const mounts = named.flatMap(([, { volumes }]) =>
  volumes.filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':')),
);

/** Debian has the older program of that name; the newer one is a plugin of docker. */
function composeCommand(): readonly string[] {
  const docker = findTool('docker');
  if (findTool('docker-compose') === undefined && docker !== undefined) {
    try {
      execFileSync(docker, ['compose', 'version'], { stdio: 'ignore' });
      return [docker, 'compose'];
    } catch {
      // Docker without the plugin: the program is asked for below.
    }
  }
  const tool = requireTool('docker-compose');
  return tool.missing ? [] : [tool.path];
}

const [program, ...first] = composeCommand();
const prom = promtool();

describe('compose.yaml', () => {
  it.skipIf(program === undefined).each([
    ['as it is', {}],
    ['with credentials', { DINGTALK_EXPORTER_DEMO: 'false', DINGTALK_CLIENT_ID: 'ding1' }],
    ['with a file that holds the secret', { DINGTALK_CLIENT_SECRET_FILE: '/srv/secret' }],
  ] satisfies readonly (readonly [string, Readonly<Record<string, string>>])[])(
    'is valid to a real compose program %s',
    (_, variables: Readonly<Record<string, string>>) => {
      if (program === undefined) return;
      // Neither the shell nor a file .env may change the result.
      const folder = mkdtempSync(join(tmpdir(), 'dashboard-compose-'));
      const nothing = join(folder, 'env');
      writeFileSync(nothing, '');
      const clean = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
      const output = execFileSync(
        program,
        [...first, '--env-file', nothing, '-f', 'compose.yaml', 'config'],
        {
          encoding: 'utf8',
          env: { ...clean, ...variables },
        },
      );
      rmSync(folder, { recursive: true });
      const config = z
        .object({
          services: z.object({ exporter: z.object({ environment: z.record(z.string(), z.unknown()) }) }),
          secrets: z.object({ client_secret: z.object({ file: z.string() }) }),
        })
        .parse(parse(output));
      expect(config.secrets.client_secret.file).toBe(variables['DINGTALK_CLIENT_SECRET_FILE'] ?? '/dev/null');
      expect(config.services.exporter.environment).toMatchObject({
        DINGTALK_EXPORTER_DEMO: 'true',
        ...variables,
      });
    },
  );

  it('has the four services, the one of this repository built from it, the others of pinned versions', () => {
    expect(Object.keys(services).sort()).toEqual(['alertmanager', 'exporter', 'grafana', 'prometheus']);
    expect(services['exporter']?.build).toMatchObject({ context: '.' });
    for (const [name, { image }] of named) {
      if (name !== 'exporter') expect(image, name).toMatch(/^[\w/]+:v?\d+\.\d+\.\d+$/);
    }
  });

  it('gives none of them more than it needs', () => {
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

  it('is reached from this machine alone, for none of them asks for a password', () => {
    for (const [name, { ports }] of named) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('waits for what each needs until it is healthy', () => {
    for (const [name, { depends_on, healthcheck }] of named) {
      // The exporter's image brings its own check.
      if (name !== 'exporter') expect(healthcheck?.test[0], name).toBe('CMD');
      for (const { condition } of Object.values(depends_on)) expect(condition, name).toBe('service_healthy');
    }
  });

  it('mounts what the programs are told to read', () => {
    const command = readFileSync('compose.yaml', 'utf8');
    const paths = command
      .match(/--config\.file=\S+|_PATH: \S+/g)
      ?.map((found) => found.split(/[= ]+/).at(-1));
    expect(paths).toHaveLength(3);
    for (const [outside] of mounts) {
      if (outside?.startsWith('./')) expect(existsSync(outside), outside).toBe(true);
    }
    for (const path of paths ?? []) {
      expect(
        mounts.some(([, inside]) => inside !== undefined && path?.startsWith(inside)),
        path,
      ).toBe(true);
    }
  });
});

describe('the configuration of its Prometheus', () => {
  const path = 'grafana/compose/prometheus.yml';

  it.skipIf(prom.missing)('passes promtool', () => {
    expect(execFileSync(prom.path, ['check', 'config', path], { encoding: 'utf8' })).toContain('SUCCESS');
  });

  it('scrapes the exporter as the job of prometheus.yml, sends alerts on and loads the rules, not their tests', () => {
    expect(mounts).toContainEqual([`./${path}`, '/etc/prometheus/prometheus.yml', 'ro']);
    expect(mounts).toContainEqual(['./rules', '/etc/prometheus/rules', 'ro']);
    expect(read(z.unknown(), path)).toMatchObject({
      rule_files: ['rules/*.rules.yml'],
      alerting: { alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] },
      scrape_configs: [{ job_name: 'dingtalk', static_configs: [{ targets: ['exporter:10210'] }] }],
    });
  });
});

describe('what Grafana is provisioned with', () => {
  it('is the Prometheus of compose.yaml', () => {
    expect(read(z.unknown(), 'grafana/provisioning/datasources/prometheus.yaml')).toMatchObject({
      apiVersion: 1,
      datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }],
    });
  });

  it('is the dashboard, from where it is mounted', () => {
    const providers = z.object({
      apiVersion: z.literal(1),
      providers: z.tuple([
        z.object({
          type: z.literal('file'),
          allowUiUpdates: z.literal(false),
          options: z.object({ path: z.string() }),
        }),
      ]),
    });
    const [provider] = read(providers, 'grafana/provisioning/dashboards/dingtalk.yaml').providers;
    expect(mounts).toContainEqual(['./grafana/dashboards', provider.options.path, 'ro']);
    for (const kind of ['datasources', 'dashboards']) {
      const folder = `./grafana/provisioning/${kind}`;
      expect(existsSync(folder)).toBe(true);
      expect(mounts).toContainEqual([folder, `/etc/grafana/provisioning/${kind}`, 'ro']);
    }
  });
});

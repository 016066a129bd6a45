import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import express from 'express';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { listen } from './listen.ts';

/**
 * What one writes first: prom-client holds the series, express answers, each scrape renders all of them.
 * Argument: a file with the exposition whose series it is to have.
 */
const compress = promisify(gzip);
const registry = new Registry();

function takeSeries(exposition: string): void {
  const metrics = new Map<string, Gauge | Counter>();
  let help = '';
  for (const line of exposition.split('\n')) {
    const [, , name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/u.exec(line) ?? [];
    if (line.startsWith('# HELP')) help = rest;
    if (line.startsWith('# TYPE dingtalk_') && (rest === 'gauge' || rest === 'counter')) {
      const options = { name, help, labelNames: labelNamesOf(name, exposition), registers: [registry] };
      metrics.set(name, rest === 'gauge' ? new Gauge(options) : new Counter(options));
    }
    const sample = /^(dingtalk_\w+)(?:\{(.*)\})? (\S+)$/u.exec(line);
    if (sample === null) continue;
    metrics.get(sample[1] ?? '')?.inc(labelsOf(sample[2] ?? ''), Number(sample[3]));
  }
}

function labelNamesOf(name: string, exposition: string): string[] {
  const labels = new RegExp(`^${name}\\{(.*)\\}`, 'mu').exec(exposition)?.[1] ?? '';
  return Object.keys(labelsOf(labels));
}

/** The names that the benchmark gives have nothing in them that is escaped. */
function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(/(\w+)="([^"]*)"/gu), (match) => [match[1], match[2]]));
}

takeSeries(readFileSync(process.argv[2] ?? '', 'utf8'));
collectDefaultMetrics({ register: registry });

const app = express();
app.get('/metrics', async (request, response) => {
  response.set('Content-Type', registry.contentType);
  const body = await registry.metrics();
  if (request.headers['accept-encoding'] === 'gzip') {
    response.set('Content-Encoding', 'gzip').end(await compress(body));
  } else {
    response.end(body);
  }
});
listen(createServer(app));

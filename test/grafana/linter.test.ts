import { describe, expect, it } from 'vitest';
import { DASHBOARD, LABEL_VALUES, PANELS, QUERIES } from './support/shipped-dashboard.ts';

/**
 * The rules of grafana/dashboard-linter by their names, but for `template-instance-rule` and `target-instance-rule`:
 * the dashboard is about organizations, and replicas of an exporter are interchangeable. A real Prometheus
 * evaluates the PromQL in queries-live.test.ts.
 */
const variables = DASHBOARD.templating.list;
const dataSources = variables.filter(({ type }) => type === 'datasource');
const questions = variables.filter(({ type }) => type === 'query');
/** Braces of variables would end a selector for the patterns below. */
const expressions = QUERIES.map(({ name, query }) => ({
  name,
  expr: query.expr.replaceAll(/\$\{\w+:regex\}/g, '.+'),
}));

/** The units in use: not `short`, which shows 1,200 as "1 K". */
const UNITS = ['locale', 'percentunit', 's'];

const METRIC = /\b(?:(?:organization:)?dingtalk_\w+(?::latest)?|up|ALERTS)\b/g;

describe('dashboard-linter', () => {
  it('template-datasource-rule', () => {
    expect(dataSources).toMatchObject([{ name: 'datasource', label: 'Data source', query: 'prometheus' }]);
  });

  it('template-job-rule', () => {
    expect(questions.find(({ name }) => name === 'job')).toMatchObject({
      label: 'Job',
      datasource: { uid: '$datasource' },
    });
  });

  it('template-label-promql-rule', () => {
    for (const { name, query } of questions) expect(query, name).toMatch(LABEL_VALUES);
  });

  it('template-on-time-change-reload-rule', () => {
    expect(questions.map(({ refresh }) => refresh)).toEqual([2, 2]);
  });

  it('panel-datasource-rule and target-logql-rule, for annotations too', () => {
    for (const { title, datasource } of PANELS) expect(datasource?.uid, title).toBe('$datasource');
    for (const { name, query } of QUERIES)
      expect(query.datasource, name).toEqual({ type: 'prometheus', uid: '$datasource' });
  });

  it('panel-title-description-rule', () => {
    for (const { title } of PANELS) expect(title).not.toBe('');
    for (const { title, description } of PANELS) expect(description, title).toMatch(/\.$/);
  });

  it('panel-units-rule', () => {
    for (const { title, type, fieldConfig } of PANELS) {
      const mapped = type === 'state-timeline' && fieldConfig?.defaults['mappings'] !== undefined;
      if (!mapped) expect(UNITS, title).toContain(fieldConfig?.defaults['unit']);
    }
  });

  it('panel-no-targets-rule', () => {
    for (const { title, targets } of PANELS) expect(targets, title).not.toHaveLength(0);
  });

  it('target-rate-interval-rule', () => {
    for (const { name, expr } of expressions) {
      for (const [, range] of expr.matchAll(/\bi?rate\([^[]*\[([^\]]+)\]/g)) {
        expect(range, name).toBe('$__rate_interval');
      }
    }
  });

  it('target-job-rule: every selector, with the variable as it is', () => {
    for (const { name, expr } of expressions) {
      const metrics = expr.match(METRIC) ?? [];
      const selectors = expr.match(new RegExp(`${METRIC.source}\\{[^}]*\\bjob=~"\\$job"[^}]*\\}`, 'g')) ?? [];
      expect(metrics.length, name).toBeGreaterThan(0);
      expect(selectors.length, name).toBe(metrics.length);
    }
  });

  it('target-counter-agg-rule, for histogram buckets too', () => {
    for (const { name, expr } of expressions) {
      const counters = expr.match(/\b\w+_(?:total|bucket)\b/g) ?? [];
      const counted = expr.match(/\b(?:rate|increase)\(\w+_(?:total|bucket)\{[^}]*\}\[/g) ?? [];
      expect(counted.length, name).toBe(counters.length);
    }
  });

  it('uneditable-dashboard', () => {
    expect(DASHBOARD.editable).toBe(false);
  });
});

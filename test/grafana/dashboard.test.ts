import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderFiles } from '../../grafana/dashboard.ts';
import { EN } from '../../grafana/texts/en.ts';
import { ZH_CN } from '../../grafana/texts/zh-cn.ts';
import { CHINESE, DASHBOARD, PANELS, type Panel, panelsOf, ROWS, TEXT } from './support/shipped-dashboard.ts';

const every = [...DASHBOARD.panels, ...ROWS.flatMap((row) => row.panels)];

const overlap = (one: Panel['gridPos'], other: Panel['gridPos']): boolean =>
  one.x < other.x + other.w &&
  other.x < one.x + one.w &&
  one.y < other.y + other.h &&
  other.y < one.y + one.h;

const overrideOf = (panel: Panel, field: string, property: string): unknown =>
  panel.fieldConfig?.overrides
    .find(({ matcher }) => matcher.options === field)
    ?.properties.find(({ id }) => id === property)?.value;

describe('the dashboard file', () => {
  it.each([...renderFiles()])(
    '%s is what the generator writes: else run "npm run dashboard"',
    (path, text) => {
      expect(text).toBe(readFileSync(path, 'utf8'));
    },
  );

  it('can be found, is not editable, and opens on 30 days', () => {
    expect(DASHBOARD).toMatchObject({
      uid: 'dingtalk-headcount',
      tags: ['dingtalk'],
      editable: false,
      refresh: '5m',
      graphTooltip: 1,
      time: { from: 'now-30d', to: 'now' },
    });
  });

  it('is of the classic schema that Grafana 10 knows, without what only newer ones do', () => {
    expect(DASHBOARD.schemaVersion).toBe(39);
    expect(TEXT).not.toContain('placement": "inControlsMenu');
  });

  it('has the rows that docs/dashboard.md explains, in that order', () => {
    const [, , ...lines] = readFileSync('docs/dashboard.md', 'utf8').match(/^\|.*\|$/gm) ?? [];
    expect(lines.map((line) => line.split('|')[1]?.trim())).toEqual(ROWS.map(({ title }) => title));
  });

  it('asks for nothing when it is provisioned, and for the data source when it is imported', () => {
    expect(DASHBOARD).not.toHaveProperty('__inputs');
    expect(DASHBOARD).not.toHaveProperty('id');
    expect(TEXT).not.toContain('${DS_');
    const imported = JSON.parse(readFileSync('grafana/import/dingtalk-headcount.json', 'utf8'));
    const { __inputs: inputs, __requires: required, templating, ...rest } = imported;
    expect(inputs).toMatchObject([{ name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus' }]);
    expect(templating.list[0].current.value).toBe(`\${${inputs[0].name}}`);
    const types = new Set(PANELS.map(({ type }) => type));
    expect(
      required.filter(({ type }: { type: string }) => type === 'panel').map(({ id }: { id: string }) => id),
    ).toEqual([...types].sort());
    expect(rest).toEqual({ ...JSON.parse(TEXT), templating: undefined });
  });

  it('has the same panels, queries and places in Chinese', () => {
    const shapeOf = (panels: readonly Panel[], mark: string) =>
      panels.map(({ type, gridPos, targets }) => ({
        type,
        gridPos,
        targets: targets.map(({ expr }) => expr.replace(`(${mark})`, '')),
      }));
    expect(CHINESE.uid).toBe('dingtalk-headcount-zh');
    expect(shapeOf(panelsOf(CHINESE), ZH_CN.values.old)).toEqual(shapeOf(PANELS, EN.values.old));
    for (const { title, description } of panelsOf(CHINESE))
      expect(`${title} ${description}`).toMatch(/\p{Script=Han}/u);
  });

  it('tells what to do where the recording rules are not loaded', () => {
    for (const { title, targets, fieldConfig } of PANELS) {
      if (!targets.every(({ expr }) => expr.includes(':latest')) || title === EN.oldOnes.title) continue;
      expect(fieldConfig?.defaults['noValue'], title).toBe(EN.noData);
    }
  });
});

describe('the variables', () => {
  it('are the data source, the job and the organization, in the order in which they narrow', () => {
    expect(DASHBOARD.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'organization']);
  });

  it.each(['job', 'organization'])('%s takes many and all, and follows the time range', (name) => {
    expect(DASHBOARD.templating.list.find((variable) => variable.name === name)).toMatchObject({
      multi: true,
      includeAll: true,
      allValue: '.+',
      refresh: 2,
    });
  });
});

describe('the panels', () => {
  it('have ids of their own, rows and nested ones too', () => {
    const ids = every.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBeGreaterThan(0);
  });

  it('have a letter of its own for each query', () => {
    for (const { title, targets } of PANELS) {
      const letters = targets.map(({ refId }) => refId);
      expect(letters, title).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].slice(0, targets.length));
    }
  });

  it('stay within the 24 columns and do not lie on each other', () => {
    for (const { title, gridPos } of every) {
      expect(gridPos.x, title).toBeGreaterThanOrEqual(0);
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    }
    for (const [index, one] of every.entries()) {
      for (const other of every.slice(index + 1)) {
        expect(overlap(one.gridPos, other.gridPos), `"${one.title}" on "${other.title}"`).toBe(false);
      }
    }
  });

  it('say in a sentence what they show', () => {
    for (const { title, description } of PANELS) expect(description, title).toMatch(/\.$/);
  });

  it('leave gaps where nothing is known', () => {
    const courses = PANELS.filter(({ type }) => type === 'timeseries' || type === 'state-timeline');
    expect(courses.length).toBeGreaterThan(8);
    for (const { title, fieldConfig } of courses) {
      expect(fieldConfig?.defaults.custom['spanNulls'], title).toBe(false);
    }
  });

  it('draw counts and shares of counts in steps', () => {
    const counting = PANELS.filter(
      ({ type, targets }) =>
        type === 'timeseries' && targets.some(({ expr }) => expr.includes(':dingtalk_employees')),
    );
    expect(counting.map(({ title }) => title)).toEqual([
      'All organizations',
      'Net change a day',
      'Activation of all organizations',
      '$organization',
    ]);
    for (const { title, fieldConfig } of counting) {
      const { drawStyle, lineInterpolation } = fieldConfig?.defaults.custom ?? {};
      if (drawStyle !== 'bars') expect(lineInterpolation, title).toBe('stepAfter');
    }
  });

  it('ask figures of this moment, so that a number that was dropped is not shown as the last one', () => {
    for (const { title, type, targets } of PANELS) {
      if (type !== 'stat' && type !== 'bargauge' && type !== 'table') continue;
      for (const { instant, range } of targets)
        expect({ instant, range }, title).toEqual({ instant: true, range: false });
    }
  });

  it('put the numbers of tables on the right, names on the left, the most interesting row on top', () => {
    const tables = PANELS.filter(({ type }) => type === 'table');
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      expect(table.fieldConfig?.defaults.custom['align'], table.title).toBe('right');
      expect(overrideOf(table, 'Organization', 'custom.align'), table.title).toBe('left');
      expect(table.options?.['sortBy'], table.title).toMatchObject([{ desc: true }]);
    }
  });

  it('name every column of a table', () => {
    for (const { title, targets, transformations } of PANELS.filter(({ type }) => type === 'table')) {
      expect(
        transformations?.map(({ id }) => id),
        title,
      ).toEqual(['merge', 'organize']);
      const renamed = JSON.stringify(transformations);
      for (const { refId } of targets) expect(renamed, title).toContain(`"Value #${refId}":"`);
    }
  });

  it('use only colors that everyone can tell apart, and never the unit "short"', () => {
    const colors = TEXT.match(/#[0-9a-f]{6}\b/gi) ?? [];
    expect([...new Set(colors)].sort()).toEqual(['#0072B2', '#56B4E9', '#CC79A7', '#D55E00', '#E69F00']);
    expect(TEXT).not.toMatch(/palette-classic|"(?:red|green|yellow|orange|blue)"/);
    expect(TEXT).not.toMatch(/"(?:unit|value)": "short"/);
  });
});

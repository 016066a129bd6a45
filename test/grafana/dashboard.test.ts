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

describe('the dashboard file', () => {
  it.each([...renderFiles()])('%s is what "npm run dashboard" writes', (path, text) => {
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  it('has the schema of Grafana 10', () => {
    expect(DASHBOARD.schemaVersion).toBe(39);
  });

  it('has the rows of docs/dashboard.md, in that order', () => {
    const [, , ...lines] = readFileSync('docs/dashboard.md', 'utf8').match(/^\|.*\|$/gm) ?? [];
    expect(lines.map((line) => line.split('|')[1]?.trim())).toEqual(ROWS.map(({ title }) => title));
  });

  it('has an input, the data source, only in the file for import', () => {
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

  it('says that the rules must be loaded where they have recorded nothing', () => {
    for (const { title, targets, fieldConfig } of PANELS) {
      if (!targets.every(({ expr }) => expr.includes(':latest')) || title === EN.oldOnes.title) continue;
      expect(fieldConfig?.defaults['noValue'], title).toBe(EN.noData);
    }
  });
});

describe('the variables', () => {
  it('are the data source, the job and the organization', () => {
    expect(DASHBOARD.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'organization']);
  });

  it.each(['job', 'organization'])('%s has multiple values and "all"', (name) => {
    expect(DASHBOARD.templating.list.find((variable) => variable.name === name)).toMatchObject({
      multi: true,
      includeAll: true,
      allValue: '.+',
    });
  });
});

describe('the panels', () => {
  it('have unique ids', () => {
    const ids = every.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are within the 24 columns and do not overlap', () => {
    for (const { title, gridPos } of every) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    for (const [index, one] of every.entries()) {
      for (const other of every.slice(index + 1)) {
        expect(overlap(one.gridPos, other.gridPos), `"${one.title}" on "${other.title}"`).toBe(false);
      }
    }
  });

  it('have gaps where there is no value', () => {
    const courses = PANELS.filter(({ type }) => type === 'timeseries' || type === 'state-timeline');
    expect(courses.length).toBeGreaterThan(8);
    for (const { title, fieldConfig } of courses) {
      expect(fieldConfig?.defaults.custom['spanNulls'], title).toBe(false);
    }
  });

  it('draw counts and their ratios in steps', () => {
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

  it('use instant queries for single values, so that a dropped count is not shown', () => {
    for (const { title, type, targets } of PANELS) {
      if (type !== 'stat' && type !== 'bargauge' && type !== 'table') continue;
      for (const { instant, range } of targets)
        expect({ instant, range }, title).toEqual({ instant: true, range: false });
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

  it('use only colors for color-blind viewers', () => {
    const colors = TEXT.match(/#[0-9a-f]{6}\b/gi) ?? [];
    expect([...new Set(colors)].sort()).toEqual(['#0072B2', '#56B4E9', '#CC79A7', '#D55E00', '#E69F00']);
    expect(TEXT).not.toMatch(/palette-classic|"(?:red|green|yellow|orange|blue)"/);
  });
});

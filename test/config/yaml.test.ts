import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/yaml.ts';

const ALIAS = 'a value that begins with * is an alias, and there is no such anchor: put it in quotes';
const TAG = 'a value that begins with ! has a tag, and tags are not supported: put it in quotes';
const TEMPLATE =
  'a key is not plain text: put a value that begins with { in quotes; variables are not expanded in the file';

describe('broken YAML', () => {
  it.each<[text: string, line: number, message: string]>([
    ['a: 1\nsecret: "hush\n', 3, 'missing closing "quote'],
    ['a: b: hush\n', 1, 'nested mappings are not allowed in compact mappings'],
    ['a: 1\nsecret: *hush\n', 2, ALIAS],
    ['secret: !hush x\n', 1, TAG],
    ['secret: !!binary hush\n', 1, TAG],
    ['secret: @hush\n', 1, 'a value begins with a reserved character: put it in quotes'],
    [
      'secret: "\\qhush"\n',
      1,
      'unknown escape in double quotes: use single quotes, or write \\\\ for a backslash',
    ],
    ['a: "b" hush\n', 1, 'unexpected text: check for a missing quote, comma or indentation'],
    ['a: 1\n---\nb: hush\n', 2, 'a second document begins here: only one is allowed'],
    ['%hush\n---\na: 1\n', 1, 'a line that begins with % is a directive, and this one is unknown'],
    ['a: 1\na: hush\n', 2, 'this key is given twice'],
    ['a: 1\nsecret: {{ hush }}\n', 2, TEMPLATE],
  ])('%j is a fault at its line, without the text', (text, line, message) => {
    expect(readYaml(text).faults).toContainEqual({ line, message: `broken YAML: ${message}` });
  });

  it.each<[text: string, line: number]>([
    ['a: 1\nsecrets: [hush\n', 3],
    ['a: 1\nhush\nb: 2\n', 2],
    ['a:\n\tb: 1\n', 2],
    ['a:\n    b: 1\n  c: 2\n', 3],
  ])('%j is a fault at its line', (text, line) => {
    expect(readYaml(text).faults.map((fault) => fault.line)).toContain(line);
  });

  it.each<[string, string]>([
    ['lists', `a: ${'['.repeat(105)}${']'.repeat(105)}`],
    ['lists that are not closed', '['.repeat(10_000)],
    ['maps', '{a: '.repeat(10_000)],
    ['indented maps', Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
    ['list items', '- '.repeat(10_000)],
  ])('%s nested deeper than 100 levels are a fault', (_, text) => {
    const { faults, understood } = readYaml(text);
    expect(understood).toBe(false);
    expect(faults.map(({ message }) => message)).toEqual(['broken YAML: nested deeper than 100 levels']);
  });
});

describe('readYaml', () => {
  it('reads values of the core schema', () => {
    const text =
      'text: yes\nnumber: 0x10\ntrue: true\nnothing: ~\nlist: [1, "2"]\ntime: 2020-01-01\nsexagesimal: 1:30\n';
    expect(readYaml(text).value).toEqual({
      text: 'yes',
      number: 16,
      true: true,
      nothing: null,
      list: [1, '2'],
      time: '2020-01-01',
      sexagesimal: '1:30',
    });
  });

  it('keeps every scalar as text with the failsafe schema', () => {
    const text = 'a: 010\nb: yes\nc: ~\nd:\ne: 0x10\nf: "1"\n1: [true]\n';
    const { value, faults } = readYaml(text, 'failsafe');
    expect(faults).toEqual([]);
    expect(value).toEqual({ a: '010', b: 'yes', c: '~', d: '', e: '0x10', f: '1', '1': ['true'] });
  });

  it('shares the values of nested aliases instead of copying them', () => {
    const levels = Array.from({ length: 60 }, (_, level) => {
      const inner = level === 0 ? 'x' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(10).fill(inner).join(', ')}]\n`;
    });
    const { value, faults } = readYaml(levels.join(''));
    expect(faults).toEqual([]);
    let depth = 0;
    for (let at: unknown = Object.values(value ?? {}).at(-1); Array.isArray(at); at = at[9]) depth += 1;
    expect(depth).toBe(60);
  });

  it('finds the line of a key or item by its path, else that of the innermost one around it', () => {
    const { lineOf } = readYaml(
      '# a comment\na:\n  - b: 1\r\n    c: 2\n  -\n    d: &d\n      e: 3\n  - *d\n',
    );
    expect(lineOf([])).toBe(2);
    expect(lineOf(['a'])).toBe(2);
    expect(lineOf(['a', 0])).toBe(3);
    expect(lineOf(['a', 0, 'c'])).toBe(4);
    expect(lineOf(['a', 0, 'missing'])).toBe(3);
    expect(lineOf(['a', 1, 'd', 'e'])).toBe(7);
    expect(lineOf(['a', 2, 'e'])).toBe(8);
    expect(lineOf(['a', 9])).toBe(2);
    expect(lineOf(['missing', 'below'])).toBe(2);
  });
});

import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/yaml.ts';

const SECRET = 'hush4711';

describe('broken YAML', () => {
  it.each<[string, string, number]>([
    ['a quote that is not closed', `a: 1\nsecret: "${SECRET}\n`, 3],
    ['a bracket that is not closed', `a: 1\nsecrets: [${SECRET}\n`, 3],
    ['a map in a map on one line', `a: b: ${SECRET}\n`, 1],
    ['a key without a colon', `a: 1\n${SECRET}\nb: 2\n`, 2],
    ['a tab for an indentation', 'a:\n\tb: 1\n', 2],
    ['wrong indentation', 'a:\n    b: 1\n  c: 2\n', 3],
    ['text behind a quoted value', `a: "b" ${SECRET}\n`, 1],
    ['a value that looks like an alias', `a: 1\nsecret: *${SECRET}\n`, 2],
    ['a value that looks like a tag', `secret: !${SECRET} x\n`, 1],
    ['a tag of YAML 1.1', `secret: !!binary ${SECRET}\n`, 1],
    ['a reserved character', `secret: @${SECRET}\n`, 1],
    ['an unknown escape', `secret: "\\q${SECRET}"\n`, 1],
    ['a second document', `a: 1\n---\nb: ${SECRET}\n`, 2],
    ['a directive', `%${SECRET}\n---\na: 1\n`, 1],
    ['a key that is given twice', `a: 1\na: ${SECRET}\n`, 2],
    ['an unrendered template', `a: 1\nsecret: {{ ${SECRET} }}\n`, 2],
  ])('%s: a fault at its line, without the text', (_, text, line) => {
    const { faults } = readYaml(text);
    expect(faults.map((fault) => fault.line)).toContain(line);
    for (const { message } of faults) {
      expect(message).toMatch(/^broken YAML: [a-z:"]/u);
      expect(message).not.toContain(SECRET);
    }
  });

  it.each<[string, string]>([
    ['lists', '['.repeat(10_000)],
    ['closed lists', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['maps', '{a: '.repeat(10_000)],
    ['indented maps', Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
    ['list items', '- '.repeat(10_000)],
    ['a few more than a hundred lists', `a: ${'['.repeat(105)}${']'.repeat(105)}`],
  ])('%s nested beyond all reason are a fault', (_, text) => {
    const { faults, understood } = readYaml(text);
    expect(understood).toBe(false);
    expect(faults).not.toEqual([]);
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

  it('reads a key called __proto__ as a key like any other', () => {
    const { value } = readYaml('__proto__: {polluted: 1}\n');
    expect(Object.entries(value ?? {})).toHaveLength(1);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });

  it('shares what aliases of aliases stand for, so that they stay small', () => {
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

  it('takes the last anchor of a name before the alias', () => {
    expect(readYaml('a: &x 1\nb: *x\nc: &x 2\nd: *x\n').value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  it('finds keys and items by path, and the innermost thing around what is not there', () => {
    const { lineOf } = readYaml('# a comment\na:\n  - b: 1\n    c: 2\n  -\n    d: &d\n      e: 3\n  - *d\n');
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

  it('counts lines over every kind of line end', () => {
    expect(readYaml('a: 1\r\nb: 2\r\nc: 3\r\n').lineOf(['c'])).toBe(3);
  });

  it('keeps every scalar as it is written, with the failsafe schema', () => {
    const text = 'a: 010\nb: yes\nc: ~\nd:\ne: 0x10\nf: "1"\n1: [true]\n';
    const { value, faults } = readYaml(text, 'failsafe');
    expect(faults).toEqual([]);
    expect(value).toEqual({ a: '010', b: 'yes', c: '~', d: '', e: '0x10', f: '1', '1': ['true'] });
  });
});

import { describe, expect, test } from 'vitest';
import { byUrgency, conditionOf, totalsOf } from '../../../src/web/page/condition.ts';
import { dropped, failing, MINUTE, MONOTONIC, organization, waiting } from './organizations.ts';

const outdated = organization({ name: 'Outdated', headcount: undefined });

describe('conditionOf', () => {
  test.each([
    ['waiting', 'no poll has ended', waiting()],
    ['well', 'the last poll succeeded', organization()],
    ['failing', 'the last poll failed, whose number is still fresh', failing()],
    ['failing', 'the last poll failed, whose number was dropped', dropped()],
    ['outdated', 'the last poll succeeded, but too long ago', outdated],
  ])('is %s where %s', (condition, _, state) => {
    expect(conditionOf(state)).toBe(condition);
  });
});

describe('byUrgency', () => {
  test('puts what fails first, then what is outdated, each by name, capitals or not', () => {
    const states = [
      organization({ name: 'beta' }),
      waiting({ name: 'Alpha' }),
      outdated,
      organization({ name: 'Zeta' }),
      dropped({ name: 'zulu' }),
      organization({ name: 'BETA' }),
      failing({ name: 'Yankee' }),
    ];
    expect(byUrgency(states).map(({ name }) => name)).toEqual([
      'Yankee',
      'zulu',
      'Outdated',
      'Alpha',
      'BETA',
      'beta',
      'Zeta',
    ]);
    expect(states[0]?.name).toBe('beta');
  });
});

describe('totalsOf', () => {
  test('adds up the numbers that are shown, and says how many they are', () => {
    expect(totalsOf([organization(), failing(), dropped(), waiting(), outdated])).toEqual({
      organizations: 5,
      conditions: { failing: 2, outdated: 1, waiting: 1, well: 1 },
      counted: 2,
      employees: 1_546,
      active: 1_418,
      oldestReadAt: MONOTONIC - 26 * MINUTE,
    });
  });

  test('knows no age where no number is shown', () => {
    expect(totalsOf([waiting()])).toMatchObject({ counted: 0, employees: 0, oldestReadAt: undefined });
  });
});

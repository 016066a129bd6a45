import { expect, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { Directory } from './organizations.ts';

const PEOPLE = { employees: 4, active: 3 };
const SUITE = { clientId: 'suite', clientSecret: 'secret', corpId: 'one', ...PEOPLE };

test('an internal app exists once, a third-party app once for each organization', () => {
  const directory = new Directory(new ManualClock());
  const own = { appKey: 'key', appSecret: 'secret', ...PEOPLE };
  directory.addInternalApp(own);
  const one = directory.addThirdPartyApp(SUITE);
  const two = directory.addThirdPartyApp({ ...SUITE, corpId: 'two' });
  expect(() => directory.addInternalApp({ ...own, corpId: 'one' })).toThrow('the app key exists already');
  expect(() => directory.addThirdPartyApp(SUITE)).toThrow('the app suite exists already');
  expect(directory.organizationsOf('suite')).toEqual([one, two]);
  expect([directory.find('suite', 'two'), directory.find('suite')]).toEqual([two, undefined]);
});

test('the last hundred tokens of an organization are remembered, so that memory has a bound', () => {
  const clock = new ManualClock();
  const directory = new Directory(clock);
  const organization = directory.addThirdPartyApp(SUITE);
  const tokens = Array.from({ length: 101 }, () => {
    clock.advance(7_200_000);
    return directory.issueToken(organization);
  });
  const states = tokens.map((token) => directory.check(token).state);
  expect(states).toEqual(['unknown', ...Array.from({ length: 99 }, () => 'expired'), 'valid']);
});

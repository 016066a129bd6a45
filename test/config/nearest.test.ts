import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

const KEYS = ['client_id', 'client_secret', 'client_secret_file', 'corp_id', 'api'];

describe('nearest', () => {
  it.each([
    ['client_idd', 'client_id'],
    ['clientId', 'client_id'],
    ['client-id', 'client_id'],
    ['cleint_id', 'client_id'],
    ['CLIENT_SECRET', 'client_secret'],
    ['clientsecretfile', 'client_secret_file'],
    ['crop_id', 'corp_id'],
    ['aip', 'api'],
    ['client', 'client_id'],
  ])('finds the known word for %s', (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant);
  });

  it.each(['token', 'id', '', 'x', 'oops', '__proto__', 'constructor', 'long'.repeat(2_500)])(
    'finds nothing similar to %.20s',
    (word) => {
      expect(nearest(word, KEYS)).toBeUndefined();
    },
  );

  it('prefers the nearest of several', () => {
    expect(nearest('intervale', ['interval', 'intervals'])).toBe('interval');
    expect(nearest('log.lvl', ['log.level', 'log.format'])).toBe('log.level');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('./', import.meta.url);

test('the simulator shares nothing with the client that it puts to the test, and needs Node alone', () => {
  const imported = readdirSync(FOLDER).flatMap((file) =>
    [...readFileSync(new URL(file, FOLDER), 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      (match) => match[1] ?? '',
    ),
  );
  expect(imported).toContain('../../src/clock.ts');
  expect(imported.filter((name) => !/^node:|^\.\/[a-z-]+\.ts$|^\.\.\/clock\.ts$/.test(name))).toEqual([]);
});

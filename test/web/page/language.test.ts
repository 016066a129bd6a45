import { describe, expect, test } from 'vitest';
import { languageOf } from '../../../src/web/page/page.ts';

const ask = (acceptLanguage: string | undefined, language?: string) =>
  languageOf({ acceptLanguage, language, filter: undefined });

describe('languageOf', () => {
  test.each([
    [undefined, 'en'],
    ['', 'en'],
    ['*', 'en'],
    ['zh', 'zh-CN'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['zh-TW', 'zh-CN'],
    ['ZH-hans-cn', 'zh-CN'],
    ['fr;q=0.9, zh ; q=0.5', 'zh-CN'],
    ['en;q=0.5, zh-CN;q=0.7', 'zh-CN'],
    ['en, zh', 'en'],
    ['zh;q=0', 'en'],
    ['zh;q=nonsense', 'en'],
    ['fr, de', 'en'],
    ['zhuang, enm', 'en'],
  ])('Accept-Language %j: %s', (header, language) => {
    expect(ask(header)).toBe(language);
  });

  test.each([
    ['zh-CN', 'zh-CN'],
    ['zh', 'zh-CN'],
    ['en', 'en'],
    ['fr', 'en'],
    ['', 'zh-CN'],
  ])('?lang=%s overrides a Chinese browser: %s', (query, language) => {
    expect(ask('zh-CN', query)).toBe(language);
  });
});

import { expect, test } from 'vitest';
import { languageOf } from '../../../src/web/page/page.ts';

test.each<[acceptLanguage: string | undefined, query: string | undefined, language: string]>([
  [undefined, undefined, 'en'],
  ['', undefined, 'en'],
  ['*', undefined, 'en'],
  ['zh', undefined, 'zh-CN'],
  ['zh-CN,zh;q=0.9,en;q=0.8', undefined, 'zh-CN'],
  ['en-US,en;q=0.9,zh-CN;q=0.8', undefined, 'en'],
  ['zh-TW', undefined, 'zh-CN'],
  ['ZH-hans-cn', undefined, 'zh-CN'],
  ['fr;q=0.9, zh ; q=0.5', undefined, 'zh-CN'],
  ['en;q=0.5, zh-CN;q=0.7', undefined, 'zh-CN'],
  ['en, zh', undefined, 'en'],
  ['zh;q=0', undefined, 'en'],
  ['zh;q=nonsense', undefined, 'en'],
  ['fr, de', undefined, 'en'],
  ['zhuang, enm', undefined, 'en'],
  ['en', 'zh-CN', 'zh-CN'],
  ['en', 'zh', 'zh-CN'],
  ['zh-CN', 'en', 'en'],
  ['zh-CN', 'fr', 'en'],
  ['zh-CN', '', 'zh-CN'],
])('Accept-Language %j and ?lang=%s: %s', (acceptLanguage, query, language) => {
  expect(languageOf({ acceptLanguage, language: query, filter: undefined })).toBe(language);
});

import { en } from './en.ts';
import type { PageRequest } from './view.ts';
import { zhCN } from './zh-cn.ts';

export type Language = 'en' | 'zh-CN';

/** The texts of the page in one language. A text that a translation lacks is a compile error. */
export type Messages = typeof en;

export const MESSAGES: Readonly<Record<Language, Messages>> = { en, 'zh-CN': zhCN };

/** The page's language for a tag such as `zh-Hans-CN`; undefined where the page does not have it. */
function languageOfTag(tag: string): Language | undefined {
  const primary = tag.trim().toLowerCase().split('-')[0];
  if (primary === 'zh') return 'zh-CN';
  return primary === 'en' ? 'en' : undefined;
}

/** The language of the page: `?lang=`, else the preferred one of `Accept-Language`; English if neither is known. */
export function languageOf({ language, acceptLanguage }: PageRequest): Language {
  if (language !== undefined && language !== '') return languageOfTag(language) ?? 'en';
  let preferred: Language = 'en';
  let highest = 0;
  for (const range of acceptLanguage?.split(',') ?? []) {
    const [tag = ''] = range.split(';');
    const known = languageOfTag(tag);
    const quality = Number(/;\s*q\s*=\s*(\S*)/iu.exec(range)?.[1] ?? 1);
    if (known !== undefined && quality > highest) {
      preferred = known;
      highest = quality;
    }
  }
  return preferred;
}

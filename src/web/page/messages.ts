import { en } from './en.ts';
import type { Language } from './request.ts';
import { zhCN } from './zh-cn.ts';

/** The texts of the page in one language. English defines which there are; a missing one does not compile. */
export type Messages = typeof en;

export const MESSAGES: Readonly<Record<Language, Messages>> = { en, 'zh-CN': zhCN };

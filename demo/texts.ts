import type { Language } from 'shelfmate';
import { en, type Texts } from './texts/en.js';
import { zh } from './texts/zh.js';

export type { Texts };
export const TEXTS: Readonly<Record<Language, Texts>> = { en, zh };

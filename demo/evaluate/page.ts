import type { Language } from 'shelfmate';
import type { Texts } from './texts.js';

/** What every part of the page is given. */
export interface Page {
  readonly language: Language;
  readonly words: Texts;
  /** Says something to those who listen to the page. */
  announce(message: string): void;
}

export function numberText({ language }: Page, value: number, digits = 0): string {
  return value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** .3468 -> "34.7 %". */
export function percentText(page: Page, share: number, digits = 1): string {
  return `${numberText(page, 100 * share, digits)}\u00a0%`;
}

export function secondsText(page: Page, seconds: number): string {
  const { words } = page;
  if (seconds < 60) return words.seconds(numberText(page, seconds, seconds < 10 ? 1 : 0));
  return words.minutes(numberText(page, Math.floor(seconds / 60)), numberText(page, Math.floor(seconds % 60)));
}

/** For a clock that runs: no fractions. */
export function wholeSeconds(page: Page, ms: number): string {
  const { words } = page;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return words.seconds(numberText(page, seconds));
  return words.minutes(numberText(page, Math.floor(seconds / 60)), numberText(page, seconds % 60));
}

/** Milliseconds, finer where they are few. */
export function millisecondsText(page: Page, value: number): string {
  return `${numberText(page, value, value < 1 ? 3 : value < 10 ? 2 : 1)} ms`;
}

/** What a shop owner calls a model, and what the figures call it. */
export function modelLabel({ words }: Page, name: string): string {
  return words.modelNames[name] ?? name;
}

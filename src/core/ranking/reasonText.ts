import type { EventName, HistoryEvent, Language } from '../types.js';

interface Texts {
  readonly events: Readonly<Partial<Record<EventName, (title: string) => string>>>;
  readonly viewed: (title: string) => string;
  readonly session: (title: string) => string;
  readonly similar: (title: string) => string;
  readonly popular: string;
  readonly profile: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    events: {
      add_to_cart: (title) => `Because you put ${title} in your cart`,
      add_to_wishlist: (title) => `Because you saved ${title}`,
      begin_checkout: (title) => `Because you are buying ${title}`,
      purchase: (title) => `Because you bought ${title}`,
    },
    viewed: (title) => `Because you viewed ${title}`,
    session: (title) => `Often next after ${title}`,
    similar: (title) => `Similar to ${title}`,
    popular: 'Popular with other shoppers',
    profile: 'Chosen for your profile',
  },
  zh: {
    events: {
      add_to_cart: (title) => `因为您把「${title}」加入了购物车`,
      add_to_wishlist: (title) => `因为您收藏了「${title}」`,
      begin_checkout: (title) => `因为您正在购买「${title}」`,
      purchase: (title) => `因为您买过「${title}」`,
    },
    viewed: (title) => `因为您看过「${title}」`,
    session: (title) => `看过「${title}」之后常看`,
    similar: (title) => `与「${title}」相似`,
    popular: '很多顾客都在看',
    profile: '根据您的偏好挑选',
  },
};

export const LANGUAGES = Object.keys(TEXTS) as readonly Language[];

export function historyText(language: Language, event: HistoryEvent, title: string): string {
  const texts = TEXTS[language];
  return (texts.events[event as EventName] ?? texts.viewed)(title);
}

export function similarText(language: Language, title: string): string {
  return TEXTS[language].similar(title);
}

export function sessionText(language: Language, title: string): string {
  return TEXTS[language].session(title);
}

export function popularText(language: Language): string {
  return TEXTS[language].popular;
}

export function profileText(language: Language): string {
  return TEXTS[language].profile;
}

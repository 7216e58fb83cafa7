import type { BackendName, Language } from 'shelfmate';

/** What the page's address asks for. */
export interface Settings {
  readonly model: string;
  readonly backend: 'auto' | BackendName;
  readonly language: Language;
  /** Address of the shop's own catalogue; null when another model is open and the page must do with what the lists bring. */
  readonly catalog: string | null;
}

export const BACKENDS = ['auto', 'wasm', 'webgpu', 'webgl', 'cpu'] as const;

/** Reads the settings from an address; what it does not name, or names wrongly, takes its default. */
export function readSettings(address: URL, preferredLanguage: string): Settings {
  const { searchParams } = address;
  const model = searchParams.get('model');
  const language = searchParams.get('lang') ?? preferredLanguage;
  return {
    model: model ?? './model/',
    backend: BACKENDS.find((name) => name === searchParams.get('backend')) ?? 'auto',
    language: language.toLowerCase().startsWith('zh') ? 'zh' : 'en',
    catalog: searchParams.get('catalog') ?? (model ? null : './shop/catalog.jsonl'),
  };
}

/** The page's own address with one setting changed; the route in the hash stays. */
export function addressWith(name: string, value: string): string {
  const address = new URL(location.href);
  address.searchParams.set(name, value);
  return address.href;
}

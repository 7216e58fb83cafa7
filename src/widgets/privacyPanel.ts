/** `shelfmate/privacy-panel`: a custom element in which shoppers see what is kept of them, pause it, take it along and delete it. */
import { isRecommenderError } from '../core/errors.js';
import type { HistoryEntry, ItemId, Language } from '../core/types.js';
import type { Privacy } from '../privacyCalls.js';
import { privacyOf } from '../privacyCalls.js';
import type { Recommender } from '../recommenderApi.js';
import { PRIVACY_PANEL_STYLE } from './privacyPanelStyle.js';
import type { PrivacyPanelTexts } from './privacyPanelTexts.js';
import { PRIVACY_PANEL_TEXTS } from './privacyPanelTexts.js';

export type { PrivacyPanelTexts } from './privacyPanelTexts.js';
export { PRIVACY_PANEL_TEXTS } from './privacyPanelTexts.js';

const SHOWN_ENTRIES = 100;
type TitleOf = (itemId: ItemId) => string | undefined;

/** Without a DOM (on a server) there is nothing to extend; nothing is made of it there. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * `<shelfmate-privacy>`. Set `recommender`; `texts` replaces words, `titleOf` names products. The language is the element's own or
 * inherited `lang`. Parts: panel, title, status, list, button, danger, confirm, message.
 */
export class PrivacyPanelElement extends Base {
  #recommender: Recommender | null = null;
  #texts: Partial<PrivacyPanelTexts> = {};
  #titleOf: TitleOf = () => undefined;
  #stopListening = (): void => {};
  #parts: Parts | null = null;
  /** Answers that come late are of no interest. */
  #refreshes = 0;

  get recommender(): Recommender | null {
    return this.#recommender;
  }

  set recommender(recommender: Recommender | null) {
    this.#recommender = recommender;
    if (this.isConnected) this.connectedCallback();
  }

  /** Replaces some of the words. */
  set texts(texts: Partial<PrivacyPanelTexts>) {
    this.#texts = texts;
    this.#parts = null;
    if (this.isConnected) this.connectedCallback();
  }

  get titleOf(): TitleOf {
    return this.#titleOf;
  }

  /** What the shop calls a product; without it the id is shown. */
  set titleOf(titleOf: TitleOf) {
    this.#titleOf = titleOf;
    if (this.isConnected) void this.#refresh();
  }

  connectedCallback(): void {
    this.#takeEarlyProperties();
    this.#stopListening();
    this.#parts ??= this.#build();
    this.#stopListening = this.#recommender?.history.onChange(() => void this.#refresh()) ?? (() => {});
    void this.#refresh();
  }

  disconnectedCallback(): void {
    this.#stopListening();
  }

  /** What a page set before the element was defined lies on the node itself and hides the setters. */
  #takeEarlyProperties(): void {
    for (const name of ['recommender', 'texts', 'titleOf'] as const) {
      if (!Object.hasOwn(this, name)) continue;
      const value = (this as Record<string, unknown>)[name];
      delete (this as Record<string, unknown>)[name];
      (this as Record<string, unknown>)[name] = value;
    }
  }

  get #privacy(): Privacy {
    return privacyOf(this.#recommender!);
  }

  get #words(): PrivacyPanelTexts {
    const lang = (this.closest('[lang]') as HTMLElement | null)?.lang ?? '';
    const language: Language = /^zh\b/i.test(lang) ? 'zh' : 'en';
    return { ...PRIVACY_PANEL_TEXTS[language], ...this.#texts };
  }

  #build(): Parts {
    const words = this.#words;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    const style = new CSSStyleSheet();
    style.replaceSync(PRIVACY_PANEL_STYLE);
    root.adoptedStyleSheets = [style];
    const action = (label: string, work: () => unknown, part = 'button'): HTMLButtonElement => {
      const button = make('button', { type: 'button', part, class: part }, label);
      button.addEventListener('click', () => void this.#attempt(work));
      return button;
    };
    const file = make('input', { type: 'file', accept: 'application/json,.json', hidden: '' });
    file.addEventListener('change', () => void this.#attempt(() => this.#import(file)));
    const confirm = make('div', { role: 'group', part: 'confirm', 'aria-labelledby': 'question', hidden: '' });
    const clear = action(words.clear, () => this.#askToClear(true), 'danger');
    const cancel = action(words.cancel, () => this.#askToClear(false));
    confirm.append(
      make('p', { id: 'question' }, words.confirmClear),
      make(
        'div',
        { class: 'row' },
        action(words.confirm, () => this.#clear(), 'danger'),
        cancel,
      ),
    );
    confirm.addEventListener('keydown', (event) => event.key === 'Escape' && this.#askToClear(false));
    const parts: Parts = {
      status: make('p', { part: 'status' }),
      count: make('p', { part: 'status', class: 'muted' }),
      list: make('ul', { part: 'list', role: 'list' }),
      details: make('details', {}, make('summary', {}, words.show)),
      pause: action(words.pause, () => this.#togglePause()),
      export: action(words.export, () => this.#export()),
      clear,
      confirm,
      cancel,
      message: make('p', { part: 'message', role: 'status', 'aria-live': 'polite' }),
    };
    parts.details.append(parts.list);
    const row = make(
      'div',
      { class: 'row' },
      parts.pause,
      parts.export,
      action(words.import, () => file.click()),
      file,
      clear,
    );
    root.replaceChildren(
      make(
        'section',
        { part: 'panel', 'aria-labelledby': 'title' },
        make('h2', { id: 'title', part: 'title' }, words.title),
        make('p', { class: 'muted' }, words.intro),
        parts.status,
        parts.count,
        parts.details,
        row,
        confirm,
        parts.message,
      ),
    );
    return parts;
  }

  async #refresh(): Promise<void> {
    const [parts, recommender, words] = [this.#parts, this.#recommender, this.#words];
    if (!parts || !recommender) return;
    const refresh = ++this.#refreshes;
    const entries = await recommender.history.list().catch(() => []);
    const { history } = await recommender.status();
    if (refresh !== this.#refreshes) return;
    const { isPaused } = privacyOf(recommender);
    parts.status.textContent = words.modes[isPaused && history.mode !== 'off' ? 'paused' : history.mode];
    parts.count.textContent = entries.length === 0 ? words.empty : words.kept(entries.length);
    parts.pause.textContent = isPaused ? words.resume : words.pause;
    parts.pause.disabled = history.mode === 'off';
    parts.export.disabled = entries.length === 0;
    parts.details.hidden = entries.length === 0;
    const hadFocus = this.shadowRoot!.activeElement?.closest('li');
    const at = hadFocus ? [...parts.list.children].indexOf(hadFocus) : -1;
    const rest = entries.length - SHOWN_ENTRIES;
    parts.list.replaceChildren(
      ...entries.slice(0, SHOWN_ENTRIES).map((entry) => this.#line(entry)),
      ...(rest > 0 ? [make('li', { class: 'muted' }, words.more(rest))] : []),
    );
    // The line that had the focus is gone: the next one takes it, and on an empty list the panel's first button.
    if (at >= 0) (parts.list.children[Math.min(at, parts.list.children.length - 1)]?.querySelector('button') ?? parts.pause).focus();
  }

  #line({ event, itemId, timeMs }: HistoryEntry): HTMLLIElement {
    const words = this.#words;
    const title = this.titleOf(itemId) ?? itemId;
    const date = new Date(timeMs);
    const locale = words.title === PRIVACY_PANEL_TEXTS.zh.title ? 'zh-CN' : undefined;
    const time = make('time', { datetime: date.toISOString() }, date.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }));
    const button = make('button', { type: 'button', part: 'button', 'aria-label': words.forgetItem(title) }, words.forget);
    button.addEventListener(
      'click',
      () =>
        void this.#attempt(async () => {
          await this.#recommender?.history.forget({ itemId });
          this.#say(words.forgotten(title));
        }),
    );
    return make('li', {}, make('span', {}, `${words.events[event]} · ${title}`, time), button);
  }

  #togglePause(): void {
    const privacy = this.#privacy;
    if (privacy.isPaused) privacy.resume();
    else privacy.pause();
    void this.#refresh();
    this.#say(privacy.isPaused ? this.#words.paused : this.#words.resumed);
  }

  async #export(): Promise<void> {
    const file = await this.#privacy.export();
    const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: 'application/json' }));
    make('a', { href: url, download: 'shelfmate-export.json' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    this.#say(this.#words.exported(file.history.length));
  }

  async #import(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    if (!file) return;
    const text = await file.text();
    input.value = '';
    const { added } = await this.#privacy.import(text);
    this.#say(this.#words.imported(added));
  }

  #askToClear(isAsked: boolean): void {
    const { confirm, cancel, clear } = this.#parts!;
    confirm.hidden = !isAsked;
    (isAsked ? cancel : clear).focus();
  }

  async #clear(): Promise<void> {
    await this.#privacy.erase();
    this.#askToClear(false);
    this.#say(this.#words.cleared);
  }

  async #attempt(work: () => unknown): Promise<void> {
    try {
      if (this.#recommender) await work();
    } catch (error) {
      this.#say(isRecommenderError(error) && error.code === 'input/bad-file' ? this.#words.badFile : this.#words.failed);
    }
  }

  #say(message: string): void {
    this.#parts!.message.textContent = message;
  }
}

interface Parts {
  readonly status: HTMLElement;
  readonly count: HTMLElement;
  readonly list: HTMLUListElement;
  readonly details: HTMLDetailsElement;
  readonly pause: HTMLButtonElement;
  readonly export: HTMLButtonElement;
  readonly clear: HTMLButtonElement;
  readonly confirm: HTMLElement;
  readonly cancel: HTMLButtonElement;
  readonly message: HTMLElement;
}

/** Registers the element; once, however often it is called, and nowhere without a DOM. */
export function definePrivacyPanel(name = 'shelfmate-privacy'): void {
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, class extends PrivacyPanelElement {});
}

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

declare global {
  interface HTMLElementTagNameMap {
    'shelfmate-privacy': PrivacyPanelElement;
  }
}

import type { TabMessage } from './tabMessages.js';

const CHANNEL = 'shelfmate-history';

/** Tells the other tabs, and hears them. What they say is not to be trusted: see tabMessages.ts. */
export class TabChannel {
  #channel: BroadcastChannel | null = null;

  constructor(readonly onMessage: (message: unknown) => void) {
    this.open();
  }

  post(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  open(): void {
    if (this.#channel || typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(CHANNEL);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.onMessage(data));
  }

  /** A page in the back/forward cache must hold no open channel. */
  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }
}

/** The room of privacy: what the shopper orders, here or in another tab, and asks for by hand. Loaded when that happens. */
import { RecommenderError } from '../src/core/errors.js';
import type { Consent } from '../src/core/privacy/consent.js';
import type { EngineNotice } from '../src/core/protocol.js';
import type { HistoryExport, ImportResult } from '../src/core/privacy/historyExport.js';
import { readHistoryExport } from '../src/core/privacy/historyExport.js';
import type { PrivacyOrder, PrivacyRequest, ToldOrder } from '../src/core/privacy/privacyRequests.js';
import { readOrder } from '../src/core/privacy/privacyRequests.js';
import type { HistoryStore } from './historyStore.js';
import { DEVICE_EVENT } from './storedEntry.js';
import { afterWipe, wipe } from './wipe.js';

/** The engine's part in it. */
export interface PrivacyGround {
  consent: Consent;
  profile: string;
  history(): Promise<HistoryStore>;
  /** Opens the history that consent and profile allow, and answers from it. */
  serve(): Promise<HistoryStore>;
  /** Calls wait for this history. */
  waitFor(history: Promise<HistoryStore>): void;
  /** Drops what was derived from the history in memory. */
  forgetShopper(): Promise<void>;
  notify(notice: EngineNotice): void;
}

/** Orders are followed one after the other. */
const orders = new WeakMap<PrivacyGround, Promise<void>>();

export interface PrivacyRoom {
  /** Does what the page asks, or another tab was told. */
  readonly answer: (ground: PrivacyGround, request: PrivacyRequest | ToldOrder) => Promise<HistoryExport | ImportResult | null>;
}

export const privacyRoom: PrivacyRoom = { answer };

async function answer(ground: PrivacyGround, request: PrivacyRequest | ToldOrder): Promise<HistoryExport | ImportResult | null> {
  if (request.kind === 'export') return exportHistory(await ground.history());
  if (request.kind === 'import') return importHistory(await ground.history(), request.file);
  const isTold = request.kind === 'told';
  const order = readOrder(isTold ? request.order : request);
  if (!order) throw new RecommenderError('input/invalid', `There is no such consent, profile or order: ${JSON.stringify(request)}.`, {});
  // Of a wipe the other tabs are told when they can wait for its end.
  if (!isTold && !erases(order)) (await ground.history()).pass(order);
  await follow(ground, order, isTold ? afterWipe : () => wipe(order));
  return null;
}

function follow(ground: PrivacyGround, order: PrivacyOrder, wipeStored: () => Promise<void>): Promise<void> {
  const before = orders.get(ground) ?? Promise.resolve();
  const following = before.catch(() => {}).then(() => followNow(ground, order, wipeStored));
  orders.set(ground, following);
  return following;
}

async function followNow(ground: PrivacyGround, order: PrivacyOrder, wipeStored: () => Promise<void>): Promise<void> {
  if (order.kind === 'profile' && order.profile === ground.profile) return;
  if (order.kind === 'consent' && order.consent === ground.consent && !erases(order)) return;
  const before = await ground.history();
  let failure: unknown = null;
  const replacing = replace(ground, order, before, () => wipeStored().catch((error: unknown) => void (failure = error)));
  ground.waitFor(replacing);
  await replacing;
  ground.notify({ kind: 'privacy', consent: ground.consent, profile: ground.profile });
  if (failure) throw failure;
}

/**
 * Puts a new history in the place of the one there is; calls meanwhile wait for it. What was recorded while consent was pending moves
 * along when it is granted. Erasing, and refusal, drop what is in memory and still to be written; then, with the old history closed and
 * the new one not yet open, stored data go.
 */
async function replace(
  ground: PrivacyGround,
  order: PrivacyOrder,
  before: HistoryStore,
  wipeStored: () => Promise<void>,
): Promise<HistoryStore> {
  if (order.kind === 'consent') ground.consent = order.consent;
  if (order.kind === 'profile') ground.profile = order.profile;
  const carried = order.kind === 'consent' && order.consent === 'granted' ? before.entries() : [];
  await before.close(erases(order));
  await ground.forgetShopper();
  if (erases(order)) await wipeStored();
  const store = await ground.serve();
  await store.take(carried);
  return store;
}

function erases(order: PrivacyOrder): boolean {
  return order.kind === 'erase' || (order.kind === 'consent' && order.consent === 'denied');
}

function exportHistory(store: HistoryStore): HistoryExport {
  const { nowMs, profile } = store.options;
  // The id that experiments drew for this device is not to be taken to another.
  const entries = store.entries().filter(({ event }) => (event as string) !== DEVICE_EVENT);
  const history = entries.map(({ id, timeMs, event, itemId, quantity }) => ({ id, timeMs, event, itemId, quantity }));
  return { format: 'shelfmate-export', version: 1, exportedAtMs: nowMs(), profile, history };
}

/** Goes into the profile that is in use, whatever the file says: files are named by people. */
async function importHistory(store: HistoryStore, file: unknown): Promise<ImportResult> {
  const { history } = readHistoryExport(file);
  const nowMs = store.options.nowMs();
  const before = new Set(store.entries().map(({ id }) => id));
  // As in record(): a clock that ran ahead must not put an entry beyond every later one.
  await store.take(history.filter(({ id }) => !before.has(id)).map((entry) => ({ ...entry, timeMs: Math.min(entry.timeMs, nowMs) })));
  store.options.onChange();
  const added = store.entries().filter(({ id }) => !before.has(id)).length;
  return { added, skipped: history.length - added };
}

export { privacyRoom as room };

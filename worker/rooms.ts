/**
 * Parts of the worker that only some folders or calls need, each a self-contained file beside worker.js that is loaded once, when
 * first asked for. The URLs are written out so that bundlers see them and emit the files.
 *
 * Another room: an entry `worker/NAME.ts` that exports what is wanted as `room`, a bundle of it in rollup.config.mjs, a budget in
 * test/bench/size.mjs, and a line here. What it throws is not an instance of this bundle's RecommenderError: use isRecommenderError.
 */
import { RecommenderError } from '../src/core/errors.js';
import type { OpenNetwork } from '../src/core/models/sequence/network.js';
import type { readUserVector } from '../src/core/artifact/readModelFolder.js';
import type { DeliveryRoom } from './delivery.js';
import type { HistoryRoom } from './history.js';
import type { PrivacyRoom } from './privacy.js';
import type { WorkerSequenceRoom } from './sequence.js';
import type { StrategiesRoom } from './strategies.js';
import type { TuningRoom } from './tuning.js';

/** Resolves to a room; loads it at the first call, and again at the next one after a failure. Rejects with `worker/failed`. */
export type OpenRoom<Room> = () => Promise<Room>;

export interface Rooms {
  /** Sequence models: their files, ranking by session, and the state kept with the history. */
  readonly sequence: OpenRoom<WorkerSequenceRoom>;
  /** A kernel on relaxed SIMD, and the measurements that decide for it or for a GPU. */
  readonly tuning: OpenRoom<TuningRoom>;
  /** Lists with rules, and the strategies beside the plain ones. */
  readonly strategies: OpenRoom<StrategiesRoom>;
  /** TensorFlow.js, for a sequence model that is a network of the shop's own. */
  readonly network: OpenRoom<OpenNetwork>;
  /** Writing the history, and its mirror. */
  readonly history: OpenRoom<HistoryRoom>;
  /** What a shopper asks for by hand: export, import, erase. */
  readonly privacy: OpenRoom<PrivacyRoom>;
  /** Other revisions of the model, and signatures. */
  readonly delivery: OpenRoom<DeliveryRoom>;
  /** Factors of users that the folder ships. */
  readonly users: OpenRoom<typeof readUserVector>;
}

export const rooms: Rooms = {
  sequence: openRoom(() => new URL('./sequence.js', import.meta.url)),
  tuning: openRoom(() => new URL('./tuning.js', import.meta.url)),
  strategies: openRoom(() => new URL('./strategies.js', import.meta.url)),
  network: openRoom(() => new URL('./tfjs.js', import.meta.url)),
  history: openRoom(() => new URL('./history.js', import.meta.url)),
  privacy: openRoom(() => new URL('./privacy.js', import.meta.url)),
  delivery: openRoom(() => new URL('./delivery.js', import.meta.url)),
  users: openRoom(() => new URL('./users.js', import.meta.url)),
};

/** `locate` is asked late: a classic worker knows its own address only once it runs. `load` imports a file, whose export `room` is the room. */
export function openRoom<Room>(locate: () => URL, load: (url: string) => Promise<unknown> = importFile): OpenRoom<Room> {
  let room: Promise<Room> | null = null;
  let failures = 0;
  return () => {
    room ??= Promise.resolve()
      .then(() => load(addressOf(locate(), failures)))
      .then((file) => (file as { readonly room: Room }).room)
      .catch((cause: unknown) => {
        room = null;
        failures++;
        const url = locate().href;
        throw new RecommenderError(
          'worker/failed',
          `${url} could not be loaded. It must lie beside the worker's own file, and from another origin be sent with Access-Control-Allow-Origin.`,
          { url },
          cause,
        );
      });
    return room;
  };
}

/** Some browsers remember that a module failed and never ask for its address again: the next one is another. */
function addressOf(url: URL, failures: number): string {
  if (failures > 0) url.searchParams.set('retry', String(failures));
  return url.href;
}

function importFile(url: string): Promise<unknown> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ url);
}

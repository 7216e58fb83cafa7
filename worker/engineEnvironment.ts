import { backendLoaders } from './backends/chunks.js';
import type { Database } from './database.js';
import { openDatabase } from './database.js';
import type { ModelLoaderOptions } from './modelLoader.js';
import type { Rooms } from './rooms.js';
import { rooms } from './rooms.js';

/** What the engine takes from its surroundings, so that tests can hand in their own. */
export interface EngineEnvironment {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Milliseconds since the worker began; only differences are used. */
  readonly clockMs: () => number;
  readonly randomId: () => string;
  /** The models and the guest's history, or a profile's history. */
  readonly openDatabase: (profile?: string) => Promise<Database | null>;
  readonly backends: ModelLoaderOptions['backends'];
  readonly rooms: Rooms;
  readonly whenIdle: () => Promise<void>;
  /** See ModelStoreOptions. */
  readonly stallMs?: number;
}

/** Long enough for a page to have drawn itself before a GPU is tried. */
const IDLE_MS = 3_000;

export function browserEnvironment(): EngineEnvironment {
  return {
    fetch: (input, init) => fetch(input, init),
    nowMs: () => Date.now(),
    clockMs: () => performance.now(),
    randomId: () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    openDatabase,
    backends: backendLoaders,
    rooms,
    whenIdle: () => new Promise((resolve) => setTimeout(resolve, IDLE_MS)),
  };
}

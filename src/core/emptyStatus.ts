import type { RecommenderStatus } from './types.js';

/** The status before anything is loaded. */
export const EMPTY_STATUS: RecommenderStatus = {
  state: 'loading',
  backend: null,
  backendReason: '',
  attempts: [],
  adapter: '',
  modelName: '',
  modelRevision: '',
  itemCount: 0,
  availableItems: 0,
  dimensions: 0,
  modelBytes: 0,
  fromCache: false,
  loadMs: { manifest: 0, firstList: 0, files: 0, total: 0 },
  history: { mode: 'memory', entries: 0, restored: 0 },
  restarts: 0,
  delivery: { active: null, previous: null, pinned: null, lastUpdate: null },
  error: null,
};

import { startModuleWorker } from './moduleWorker.js';
import { createRecommenderWith } from './recommender.js';
import type { Recommender, RecommenderOptions } from './recommenderApi.js';

export { RecommenderError } from './core/errors.js';
export type { ErrorCode, ErrorDetails } from './core/errors.js';
export { VERSION } from './core/version.js';
export type * from './core/strategyTypes.js';
export type * from './core/types.js';
export type { Consent } from './core/privacy/consent.js';
export type { ExportedEntry, HistoryExport, ImportResult } from './core/privacy/historyExport.js';
export type { PublicKey } from './core/artifact/signature.js';
export type { Basket, CategoryListOptions, Recommender, RecommenderOptions } from './recommenderApi.js';

/**
 * Starts a recommender for a model folder. Returns at once; the model loads in a worker.
 * Throws `input/invalid` when an option cannot be; what goes wrong later rejects `ready` and the calls.
 */
export function createRecommender(options: RecommenderOptions): Recommender {
  return createRecommenderWith(options, () => startModuleWorker(options.worker));
}

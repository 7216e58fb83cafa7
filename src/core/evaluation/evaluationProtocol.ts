/** What crosses between page and evaluation worker: one call, told of its progress, with one outcome. */
import type { WireError } from '../errors.js';
import type { EventsFormat } from '../events/eventsFormat.js';
import type { TemporalTargets } from '../metrics/temporalSplit.js';
import type { BackendName } from '../types.js';
import type { EvaluationNote } from './buildTest.js';
import type { EvaluationPhase } from './evaluationHost.js';
import type { EvaluationFigures } from './evaluationReport.js';
import type { Protocol } from './protocols.js';

/** A file of the person's own, or one behind an address. */
export type FileSource = { readonly name: string; readonly blob: Blob } | { readonly name: string; readonly url: string };

/** A published model folder, or the files of one, each with its path as it was dropped. */
export type ModelSource =
  { readonly url: string } | { readonly files: readonly { readonly path: string; readonly blob: Blob }[]; readonly name: string };

export interface EvaluationRequest {
  readonly model: ModelSource;
  readonly events: FileSource;
  readonly test: FileSource | null;
  readonly options: EvaluationSettings;
  /** The backend that ranks. */
  readonly backend: 'auto' | BackendName;
  /** Backends whose latency is measured afterwards. */
  readonly measured: readonly BackendName[];
}

/** The options of `shelfmate evaluate`, complete. */
export interface EvaluationSettings {
  readonly protocol: Protocol;
  readonly at: readonly number[];
  readonly models: readonly string[] | null;
  readonly format: EventsFormat | null;
  readonly testFormat: EventsFormat | null;
  /** Role -> column name. */
  readonly columns: Readonly<Record<string, string>>;
  readonly seen: 'exclude' | 'include' | null;
  readonly targets: TemporalTargets;
  readonly testDays: number;
  readonly testShare: number;
  readonly maxCases: number | null;
  readonly minCoverage: number;
  readonly resamples: number;
  readonly seed: number;
}

export interface EvaluationProgress {
  readonly phase: 'model' | EvaluationPhase | 'latency';
  /** Share of this phase, 0 to 1. */
  readonly done: number;
  /** What is in hand: a file, a model, a backend. */
  readonly detail: string;
}

/** How long one list takes on one backend of this device: history -> folded-in vector -> candidates -> exact scores. */
export interface BackendLatency {
  readonly backend: BackendName;
  /** The GPU or renderer; empty for wasm and cpu. */
  readonly adapter: string;
  /** Why there are no figures; null where there are. */
  readonly missing: string | null;
  /** Milliseconds per list, in the order measured. */
  readonly samplesMs: readonly number[];
  /** Each sample is the mean of so many lists, as the browser's clock is too coarse for one. */
  readonly listsPerSample: number;
  /** Nearest rank; null without samples. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface EvaluationResult {
  /** What `shelfmate evaluate --json` writes for the same folder and files. */
  readonly figures: EvaluationFigures;
  /** The notes of the figures by kind, for texts in another language. */
  readonly notes: readonly EvaluationNote[];
  /** What ranked. */
  readonly backend: { readonly name: BackendName; readonly adapter: string };
  /** One for each backend asked for, in that order. */
  readonly latencies: readonly BackendLatency[];
}

/** Errors cross as plain values: Comlink would drop their code and details. */
export type EvaluationOutcome =
  { readonly kind: 'result'; readonly result: EvaluationResult } | { readonly kind: 'error'; readonly error: WireError };

/** What the worker lends the page, by Comlink. */
export interface EvaluationApi {
  evaluate(request: EvaluationRequest, report: (progress: EvaluationProgress) => void | Promise<void>): Promise<EvaluationOutcome>;
}

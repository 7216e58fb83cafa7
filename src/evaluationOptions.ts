import { RecommenderError, show } from './core/errors.js';
import type { EvaluationProgress, EvaluationRequest, FileSource, ModelSource } from './core/evaluation/evaluationProtocol.js';
import type { Protocol } from './core/evaluation/protocols.js';
import { PROTOCOLS } from './core/evaluation/protocols.js';
import { EVENT_COLUMNS } from './core/events/columnNames.js';
import type { EventColumn } from './core/events/columnNames.js';
import type { EventsFormat } from './core/events/eventsFormat.js';
import { EVENTS_FORMATS } from './core/events/eventsFormat.js';
import { TEMPORAL_TARGETS } from './core/metrics/temporalSplit.js';
import type { TemporalTargets } from './core/metrics/temporalSplit.js';
import type { BackendName } from './core/types.js';

/** A file of a model folder with its path: `webkitRelativePath`, or as a dropped folder gave it. */
export interface ModelFile {
  readonly path: string;
  readonly file: Blob;
}

/** The options of `shelfmate evaluate`, and where to find what. */
export interface EvaluationOptions {
  /** Address of a model folder, or its files. */
  readonly model: string | URL | readonly (ModelFile | File)[];
  /** Who met which item when: a file (also .gz) that stays on this device, or an address. */
  readonly events: File | string | URL;
  /** Events to be found, where `events` is the training part already. */
  readonly test?: File | string | URL;
  /** Default `leave-last-out`. */
  readonly protocol?: Protocol;
  /** List lengths to measure at. Default 10 and 20. */
  readonly at?: readonly number[];
  /** Only these models and baselines. Default: all. */
  readonly models?: readonly string[];
  /** How to read the files. Default: told by content. */
  readonly format?: EventsFormat;
  readonly testFormat?: EventsFormat;
  /** Which column plays which role. Default: found by their usual names. */
  readonly columns?: Readonly<Partial<Record<EventColumn, string>>>;
  /** Whether items of the history may be recommended. Default: as the protocol is published. */
  readonly seen?: 'exclude' | 'include';
  /** temporal: what is to be found. Default `next-visit`. */
  readonly targets?: TemporalTargets;
  /** temporal: ask about the last so many days. Default 30. */
  readonly testDays?: number;
  /** session-prefixes: ask about so many of the newest sessions. Default 0.1. */
  readonly testShare?: number;
  /** Ask at most so many questions, drawn by `seed`. Default: all. */
  readonly maxCases?: number;
  /** Least share of events whose item is in the folder. Default 0.5. */
  readonly minCoverage?: number;
  /** Bootstrap resamples for the intervals. Default 1,000; 0: none. */
  readonly resamples?: number;
  /** Default 1. */
  readonly seed?: number;
  /** What ranks; the figures are the same on each. Default `auto`. */
  readonly backend?: 'auto' | BackendName;
  /** Backends whose latency is measured. Default: all four. */
  readonly measured?: readonly BackendName[];
  /** Stops the evaluation at once; it rejects with `call/aborted`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
  /** Where evaluationWorker.js is, for bundlers that do not emit it by themselves; or a function that starts it. */
  readonly worker?: string | URL | (() => Worker);
}

const BACKENDS = ['wasm', 'webgpu', 'webgl', 'cpu'] as const satisfies readonly BackendName[];
const MAX_CUTOFF = 200;

/** Checks the options and fills in the defaults. Throws `input/invalid`. */
export function toRequest(options: EvaluationOptions): EvaluationRequest {
  const {
    protocol = 'leave-last-out',
    at = [10, 20],
    targets = 'next-visit',
    seen = null,
    backend = 'auto',
    measured = BACKENDS,
  } = options;
  const { testDays = 30, testShare = 0.1, maxCases = null, minCoverage = 0.5, resamples = 1_000, seed = 1 } = options;
  const { format = null, testFormat = null, columns = {} } = options;
  checkOneOf('protocol', protocol, PROTOCOLS);
  checkOneOf('targets', targets, TEMPORAL_TARGETS);
  checkOneOf('backend', backend, ['auto', ...BACKENDS]);
  for (const name of measured) checkOneOf('measured', name, BACKENDS);
  if (seen !== null) checkOneOf('seen', seen, ['exclude', 'include']);
  for (const [name, value] of Object.entries({ format, testFormat })) if (value !== null) checkOneOf(name, value, EVENTS_FORMATS);
  for (const role of Object.keys(columns)) checkOneOf('columns', role, Object.keys(EVENT_COLUMNS));
  const cutoffs = [...new Set(at)].sort((a, b) => a - b);
  if (cutoffs.length === 0 || cutoffs.some((k) => !Number.isInteger(k) || k < 1 || k > MAX_CUTOFF))
    throw invalid(`at is ${show(at)}. Use whole numbers from 1 to ${MAX_CUTOFF} such as [10, 20].`);
  if (!(testDays > 0)) throw invalid(`testDays is ${show(testDays)}. Use a number above 0.`);
  for (const [name, value] of Object.entries({ testShare, minCoverage }))
    if (!(value >= 0 && value <= 1)) throw invalid(`${name} is ${show(value)}. Use a number from 0 to 1.`);
  if (maxCases !== null && !(Number.isInteger(maxCases) && maxCases > 0))
    throw invalid(`maxCases is ${show(maxCases)}. Use a whole number above 0.`);
  if (!(Number.isInteger(resamples) && resamples >= 0 && resamples <= 100_000))
    throw invalid(`resamples is ${show(resamples)}. Use a whole number from 0 to 100,000.`);
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
    throw invalid(`seed is ${show(seed)}. Use a whole number from 0 to 4294967295.`);
  return {
    model: toModelSource(options.model),
    events: toFileSource('events', options.events),
    test: options.test === undefined ? null : toFileSource('test', options.test),
    options: {
      protocol,
      at: cutoffs,
      models: options.models ?? null,
      format,
      testFormat,
      columns: columns as Readonly<Record<string, string>>,
      seen,
      targets,
      testDays,
      testShare,
      maxCases,
      minCoverage,
      resamples,
      seed,
    },
    backend,
    measured,
  };
}

function toModelSource(model: EvaluationOptions['model']): ModelSource {
  if (typeof model === 'string' || model instanceof URL) {
    const url = toUrl('model', model);
    url.pathname = url.pathname.replace(/(manifest\.json|\/?)$/, (end) => (end === 'manifest.json' ? '' : '/'));
    return { url: url.href };
  }
  const files = model.map((one) =>
    'path' in one ? { path: one.path, blob: one.file } : { path: one.webkitRelativePath || one.name, blob: one },
  );
  if (files.length === 0) throw invalid('model holds no files. Choose the folder that shelfmate train or pack wrote.');
  return { files, name: files[0]!.path.split('/')[0]! };
}

function toFileSource(option: string, source: File | string | URL): FileSource {
  if (source instanceof File) return { name: source.name, blob: source };
  const url = toUrl(option, source);
  return { name: url.pathname.split('/').at(-1) || url.href, url: url.href };
}

function toUrl(option: string, address: string | URL): URL {
  try {
    return new URL(address, document.baseURI);
  } catch (cause) {
    throw new RecommenderError('input/invalid', `${option} is ${show(address)}, which is no address.`, { seen: show(address) }, cause);
  }
}

function checkOneOf(name: string, value: string, valid: readonly string[]): void {
  if (!valid.includes(value))
    throw new RecommenderError('input/invalid', `${name} is ${show(value)}. Use one of ${valid.join(', ')}.`, { seen: show(value), valid });
}

function invalid(message: string): RecommenderError {
  return new RecommenderError('input/invalid', message);
}

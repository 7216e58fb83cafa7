import { asRecommenderError, RecommenderError, show } from '../../src/core/errors.js';
import type { Backend, ItemMatrix, LoadedMatrix } from '../../src/core/kernels/topK.js';
import type { BackendAttempt, BackendName } from '../../src/core/types.js';
import { runSelfTest } from './selfTest.js';

/** From top to bottom: at catalogue sizes up to some 100,000 items a GPU's readback costs more than the whole scan on wasm. */
const LADDER: readonly BackendName[] = ['wasm', 'webgpu', 'webgl', 'cpu'];

const OPEN_TIMEOUT_MS = 5_000;
/** One that was asked for has nothing below it to hurry to. */
const OPEN_TIMEOUT_ASKED_MS = 20_000;
const LOAD_TIMEOUT_MS = 20_000;

const monotonicMs = () => performance.now();

export interface OpenBackendOptions {
  /** One backend and no other, or `auto`: the first rung that works. */
  readonly requested: 'auto' | BackendName;
  readonly matrix: ItemMatrix;
  /** Creates a backend; called only when its rung is reached. */
  readonly load: Readonly<Record<BackendName, () => Promise<Backend>>>;
  /** Tries the model's own self-test on the loaded matrix; rejects when the backend fails it. */
  readonly accept?: (loaded: LoadedMatrix) => Promise<void>;
  /** Milliseconds since any fixed point. Default: the thread's own clock. */
  readonly nowMs?: () => number;
  /** For creating a backend and its self-test. Default 5 s under `auto`, 20 s for one that was asked for. */
  readonly openTimeoutMs?: number;
  /** For handing it the matrix and the model's own self-test. Default 20 s. */
  readonly loadTimeoutMs?: number;
}

/** A backend that passed, with the matrix on it. */
export interface OpenBackend {
  readonly backend: Backend;
  readonly loaded: LoadedMatrix;
  /** The rungs as they were tried, the accepted one last. */
  readonly attempts: readonly BackendAttempt[];
  /** Why this one, in words. */
  readonly reason: string;
}

/** The GPU and how it scans the matrix: "nvidia hopper (NVIDIA H200); f16 rows". Empty for a processor. */
export function describeAdapter({ backend, loaded }: Pick<OpenBackend, 'backend' | 'loaded'>): string {
  return [backend.adapter, loaded.kernel].filter(Boolean).join('; ');
}

/**
 * Walks down the ladder: create, self-test, load; the first backend that passes all three is taken.
 * Throws `input/invalid` for an unknown name, `backend/unavailable` when the one that was asked for does not work,
 * `backend/failed` when none does, and `artifact/self-test-failed` when even the reference fails the model's own self-test.
 */
export async function openBackend(options: OpenBackendOptions): Promise<OpenBackend> {
  const { requested, nowMs = monotonicMs } = options;
  if (requested !== 'auto' && !LADDER.includes(requested)) {
    throw new RecommenderError('input/invalid', `There is no backend ${show(requested)}. Use ${listNames(['auto', ...LADDER])}.`, {
      seen: requested,
      valid: ['auto', ...LADDER],
    });
  }
  const attempts: BackendAttempt[] = [];
  for (const name of requested === 'auto' ? LADDER : [requested]) {
    const startMs = nowMs();
    try {
      const { backend, loaded } = await tryRung(name, options);
      const tookMs = Math.round(nowMs() - startMs);
      const reason = `${requested === 'auto' ? describeChoice(name, attempts) : 'It was asked for.'} Ready in ${tookMs} ms.`;
      attempts.push({ backend: name, accepted: true, reason });
      return { backend, loaded, attempts, reason };
    } catch (error) {
      const refusal = asRecommenderError(error, 'backend/failed', `The ${name} backend failed`);
      // The reference cannot be wrong: the model is.
      if (name === 'cpu' && refusal.code === 'artifact/self-test-failed') throw refusal;
      attempts.push({ backend: name, accepted: false, reason: refusal.message });
    }
  }
  const refusals = attempts.map(({ backend, reason }) => `${backend}: ${reason}`).join(' ');
  if (requested === 'auto') {
    throw new RecommenderError('backend/failed', `No backend works on this device. ${refusals}`, { attempts });
  }
  throw new RecommenderError(
    'backend/unavailable',
    `The backend ${show(requested)} was asked for and does not work here: ${attempts[0]!.reason} Ask for ${listNames(['auto', ...LADDER.filter((name) => name !== requested)])}.`,
    { requested, valid: ['auto', ...LADDER], attempts },
  );
}

async function tryRung(name: BackendName, options: OpenBackendOptions): Promise<{ backend: Backend; loaded: LoadedMatrix }> {
  const {
    matrix,
    load,
    accept,
    nowMs = monotonicMs,
    openTimeoutMs = options.requested === 'auto' ? OPEN_TIMEOUT_MS : OPEN_TIMEOUT_ASKED_MS,
    loadTimeoutMs = LOAD_TIMEOUT_MS,
  } = options;
  const opening = Promise.resolve().then(load[name]);
  const startedMs = nowMs();
  let backend: Backend;
  try {
    backend = await withTimeout(opening, openTimeoutMs, `The ${name} backend did not start within ${openTimeoutMs} ms.`);
  } catch (error) {
    // One that starts after all is not wanted any more.
    opening.then(
      (late) => late.close(),
      () => {},
    );
    throw error;
  }
  try {
    const testMs = Math.max(1, openTimeoutMs - (nowMs() - startedMs));
    await withTimeout(
      runSelfTest(backend, matrix.exactRows !== null),
      testMs,
      `The ${name} backend did not finish its self-test within ${openTimeoutMs} ms.`,
    );
    const accepted = backend.load(matrix).then(async (loaded) => {
      await accept?.(loaded);
      return loaded;
    });
    const loaded = await withTimeout(accepted, loadTimeoutMs, `The ${name} backend did not take the model within ${loadTimeoutMs} ms.`);
    return { backend, loaded };
  } catch (error) {
    backend.close();
    throw error;
  }
}

/** Rejects with `backend/failed` when `work` takes longer; `work` itself goes on. */
function withTimeout<T>(work: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new RecommenderError('backend/failed', message, { timeoutMs })), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function describeChoice(name: BackendName, refused: readonly BackendAttempt[]): string {
  if (refused.length === 0) return `${name} is the fastest at this size.`;
  return `${refused.map(({ backend }) => backend).join(', ')} did not work here.`;
}

function listNames(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

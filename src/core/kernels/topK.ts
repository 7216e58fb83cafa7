/**
 * The contract of the one hot operation: the best k rows of an item matrix for a query vector.
 *
 * Every backend only *finds candidates*; {@link selectTopK} then scores those exactly, with one
 * formula and one order, so that all backends return the same list to the last bit.
 */
import { RecommenderError, show } from '../errors.js';
import type { BackendName } from '../types.js';

/** How a row's score follows from its dot product with the query. */
export type ScoringRule =
  /** q · v_i + b_i: user -> item in matrix factorization. */
  | 'dot'
  /** q · v_i / (|q| |v_i|): item -> item. A zero row scores 0. */
  | 'cosine';

/**
 * Item factors, quantised per row: v_i[j] ≈ rows[i * stride + j] * scales[i].
 * Owned by whoever created it; backends may keep views of it.
 */
export interface ItemMatrix {
  readonly itemCount: number;
  readonly dimensions: number;
  /** Row length in `rows` and bytes: `dimensions` rounded up to 16; the padding is zero. */
  readonly stride: number;
  /** int8, itemCount x stride, row-major. May be a view of `memory`. */
  readonly rows: Int8Array;
  /** f32, itemCount: the quantisation step of each row. */
  readonly scales: Float32Array;
  /** f32, itemCount: scales[i] / |v_i|, 0 for a zero row. */
  readonly cosineScales: Float32Array;
  /** f32, itemCount, added under the rule `dot`; null when the model has none. */
  readonly biases: Float32Array | null;
  /** f32, itemCount x dimensions: the exact factors of an f16/f32 folder; null for an int8 folder. */
  readonly exactRows: Float32Array | null;
  /** The WebAssembly memory that the arrays above are views of, when they are. */
  readonly memory: WebAssembly.Memory | null;
}

export interface CandidateRequest {
  /** f32, `dimensions` long, all finite. */
  readonly query: Float32Array;
  readonly rule: ScoringRule;
  /** How many candidates are wanted; fewer come back only when fewer rows are allowed. */
  readonly count: number;
  /** Bit i (word i >> 5, bit i & 31) set: row i may not be returned. Null: all may. */
  readonly excluded: Uint32Array | null;
}

/** The same question for several queries: the users of an evaluation, say. */
export interface CandidateBatch {
  readonly queries: readonly Float32Array[];
  readonly rule: ScoringRule;
  readonly count: number;
  /** One bitmap for each query, as in {@link CandidateRequest}. Null: all rows may be returned for all. */
  readonly excluded: readonly (Uint32Array | null)[] | null;
}

/** An item matrix made ready on one backend. */
export interface LoadedMatrix {
  /** How the backend scans it, where it has several ways: "f16 rows". */
  readonly kernel?: string;
  /**
   * Returns the rows with the highest (approximate) scores, in any order, lower index on ties.
   * Rejects with `backend/failed` when the device is lost or gives a non-finite score.
   */
  findCandidates(request: CandidateRequest): Promise<Uint32Array>;
  /** As many calls of `findCandidates`, one list for each query, but faster: the rows are read once for many queries. */
  findCandidatesBatch(batch: CandidateBatch): Promise<Uint32Array[]>;
  /** Frees what the backend holds. The matrix itself stays. */
  dispose(): void;
}

export interface Backend {
  readonly name: BackendName;
  /** The GPU adapter or renderer, empty for wasm and cpu. */
  readonly adapter: string;
  load(matrix: ItemMatrix): Promise<LoadedMatrix>;
  close(): void;
}

export interface TopK {
  /** Row indexes, best first. */
  readonly indexes: Uint32Array;
  /** Exact scores, same order. */
  readonly scores: Float32Array;
}

export interface TopKRequest {
  readonly query: Float32Array;
  readonly rule: ScoringRule;
  readonly k: number;
  readonly excluded: Uint32Array | null;
}

export interface TopKBatchRequest {
  readonly queries: readonly Float32Array[];
  readonly rule: ScoringRule;
  readonly k: number;
  /** One bitmap for each query; null: none. */
  readonly excluded: readonly (Uint32Array | null)[] | null;
}

/** Candidates asked of a backend per wanted item: room for its rounding before the exact scoring. */
const CANDIDATES_PER_ITEM = 4;
/** And at least so many: a shop has more than four variants of one product, with all but equal factors. */
const MIN_CANDIDATES = 64;

/** So many candidates can be told apart in the 53 whole bits of a number, beside the 32 of a score. */
const MAX_CANDIDATES = 2 ** 21;

/** Finds the exact best k rows: the backend's candidates, scored once more by {@link selectTopK}. */
export async function topK(loaded: LoadedMatrix, matrix: ItemMatrix, request: TopKRequest): Promise<TopK> {
  checkQuery(matrix, request.query);
  const { query, rule, k, excluded } = request;
  const candidates = await loaded.findCandidates({ query, rule, count: candidateCount(matrix, k), excluded });
  const best = selectTopK(matrix, request, candidates);
  checkBest(matrix, best, excluded);
  return best;
}

/** A device that is failing may name rows that are not there, or the same one twice. */
function checkBest({ itemCount }: ItemMatrix, { indexes, scores }: TopK, excluded: Uint32Array | null): void {
  const isRight = (row: number, rank: number): boolean => row < itemCount && Number.isFinite(scores[rank]) && !isExcluded(excluded, row);
  if (indexes.every(isRight) && new Set(indexes).size === indexes.length) return;
  throw new RecommenderError('backend/failed', 'The backend named a row that cannot be, or the model holds infinite or NaN factors.');
}

/** {@link topK} for several queries at once: the same lists, sooner. */
export async function topKBatch(loaded: LoadedMatrix, matrix: ItemMatrix, request: TopKBatchRequest): Promise<TopK[]> {
  const { queries, rule, k, excluded } = request;
  for (const query of queries) checkQuery(matrix, query);
  if (excluded && excluded.length !== queries.length) {
    throw new RecommenderError(
      'input/invalid',
      `${excluded.length} exclusion bitmaps for ${queries.length} queries. Each query needs its own, or null.`,
    );
  }
  const found = await loaded.findCandidatesBatch({ queries, rule, count: candidateCount(matrix, k), excluded });
  return found.map((candidates, q) => selectTopK(matrix, { query: queries[q]!, rule, k, excluded: excluded?.[q] ?? null }, candidates));
}

function candidateCount(matrix: ItemMatrix, k: number): number {
  return k === 0 ? 0 : Math.min(matrix.itemCount, Math.max(MIN_CANDIDATES, k * CANDIDATES_PER_ITEM));
}

/**
 * Scores `candidates` exactly (float64 sums) and returns the best k, ties by lower index.
 * This is the definition of a score; nothing else in the project computes one.
 */
export function selectTopK(matrix: ItemMatrix, request: TopKRequest, candidates: Uint32Array): TopK {
  const rows = candidates.slice().sort();
  const toScore = rowScorer(matrix, request.query, request.rule);
  const scores = new Float32Array(rows.length);
  for (let c = 0; c < rows.length; c++) scores[c] = toScore(rows[c]!);
  // Sorted as plain numbers, by score and then the lower row: a comparison function would take longer than the scoring.
  const bits = new Uint32Array(scores.buffer);
  const keys = new Float64Array(rows.length);
  for (let c = 0; c < rows.length; c++) keys[c] = sortableBits(bits[c]!) * MAX_CANDIDATES + (MAX_CANDIDATES - 1 - c);
  keys.sort();
  const count = Math.min(request.k, rows.length);
  const best = { indexes: new Uint32Array(count), scores: new Float32Array(count) };
  for (let rank = 0; rank < count; rank++) {
    const key = keys[rows.length - 1 - rank]!;
    const c = MAX_CANDIDATES - 1 - (key - Math.floor(key / MAX_CANDIDATES) * MAX_CANDIDATES);
    best.indexes[rank] = rows[c]!;
    best.scores[rank] = scores[c]!;
  }
  return best;
}

/** An unsigned integer that sorts as the f32 with these bits does; -0 equals 0, NaN comes lowest. */
function sortableBits(bits: number): number {
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return 0;
  if (bits === 0x8000_0000) return 0x8000_0000;
  return bits >>> 31 ? ~bits >>> 0 : bits + 0x8000_0000;
}

/** Returns the function row index -> exact score for one query. */
export function rowScorer(matrix: ItemMatrix, query: Float32Array, rule: ScoringRule): (row: number) => number {
  const { dimensions, stride, rows, exactRows, scales, cosineScales, biases } = matrix;
  const cosine = rule === 'cosine';
  const queryFactor = cosine ? inverseNorm(query) : 1;
  return (row) => {
    let sum = 0;
    // An f32 folder holds the factors themselves; cosineScales / scales is then 1 / |v_i|.
    if (exactRows) {
      const start = row * dimensions;
      for (let j = 0; j < dimensions; j++) sum += query[j]! * exactRows[start + j]!;
      const scale = scales[row]!;
      if (cosine) sum *= scale === 0 ? 0 : cosineScales[row]! / scale;
    } else {
      const start = row * stride;
      for (let j = 0; j < dimensions; j++) sum += query[j]! * rows[start + j]!;
      sum *= cosine ? cosineScales[row]! : scales[row]!;
    }
    return Math.fround(cosine ? sum * queryFactor : sum + (biases ? biases[row]! : 0));
  };
}

/** 1 / |v|, or 0 for the zero vector. */
export function inverseNorm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < vector.length; j++) sum += vector[j]! * vector[j]!;
  return sum === 0 ? 0 : 1 / Math.sqrt(sum);
}

function checkQuery(matrix: ItemMatrix, query: Float32Array): void {
  if (query.length !== matrix.dimensions) {
    throw new RecommenderError(
      'input/invalid',
      `The query vector has ${query.length} values, the model has ${matrix.dimensions} factors. Hand in a vector of that length.`,
      { seen: query.length, expected: matrix.dimensions },
    );
  }
  const bad = query.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RecommenderError(
      'input/invalid',
      `The query vector holds ${show(query[bad])} at position ${bad}. Every value must be a finite number.`,
      { position: bad },
    );
  }
}

/** Whether row `index` is excluded by the bitmask. */
export function isExcluded(excluded: Uint32Array | null, index: number): boolean {
  return excluded !== null && ((excluded[index >> 5]! >>> (index & 31)) & 1) === 1;
}

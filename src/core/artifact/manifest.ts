/**
 * The model folder, format 1: a `manifest.json` beside content-hashed files.
 *
 *   manifest.json                      small, revalidated on every start
 *   catalog-000.<hash>.json            ids, popularity and catalogue fields of a range of rows, column by column
 *   als-000.<hash>.safetensors         factors of a range of rows: rows i8|f16|f32 [n, d], scales f32 [n], biases f32 [n]
 *   als-state.<hash>.safetensors       gram f32 [d, d]
 *
 * Row i means the same item in every file. Rows are sorted by falling popularity where it is known, so
 * that the first shard holds the items most worth having first and ties go to the more popular item.
 */

import type { SequenceConfig } from '../models/sequence/sequenceConfig.js';

export const MODEL_FORMAT = 'shelfmate-model';
export const FORMAT_VERSION = 1;
/** No shard is larger. */
export const MAX_SHARD_BYTES = 4 * 2 ** 20;

export type FactorDtype = 'int8' | 'float16' | 'float32';

/** One file beside the manifest. Its name holds its hash, so it never changes and may be cached for ever. */
export interface FileEntry {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hex, lower case. Checked before any byte is used. */
  readonly sha256: string;
}

/** A file that holds rows rowStart .. rowStart + rowCount - 1. */
export interface RowShard {
  readonly path: string;
  readonly rowStart: number;
  readonly rowCount: number;
}

export type FieldType = 'string' | 'number' | 'boolean' | 'strings';

export interface CatalogField {
  readonly name: string;
  readonly type: FieldType;
}

/**
 * How a user vector x follows from the history (items i with weights r_i):
 *
 * `als`: solve (gramScale Y'Y + L I + Σ m(r) y y') x = Σ t(r) y, with m(r) = matrixOffset + matrixSlope r,
 * t(r) = targetOffset + (targetSlope - targetBias b) r, where b is the item's bias,
 * L = regularization (userCount + regularizationOffset)^regularizationExponent,
 * where userCount is the number of items in the history; `isNonNegative`: the best x without negative entries. One formula, all sources:
 * implicit (Hu, Koren & Volinsky 2008, eq. 4, confidence alpha r): m = alpha r - 1, t = alpha r, exponent 0;
 * Spark: m = alpha r, t = 1 + alpha r, exponent 1; with explicit ratings gramScale 0, m = 1, t = r;
 * models of ratings (Surprise, Cornac MF): gramScale 0, m = r, t = r (highest rating - mean - b), exponent 1;
 * iALS (Rendle et al. 2021, eq. 3 and 4): gramScale alpha0, m = t = r, exponent nu, offset alpha0 itemCount.
 *
 * `non-negative`: min |r - H x|² over x >= 0 (NMF). `project`: x = Σ r y (truncated SVD).
 * `mean`: x = Σ r y / Σ r, for models that know no fold-in (BPR, LMF).
 */
export type FoldIn =
  | {
      readonly kind: 'als';
      readonly gramScale: number;
      readonly matrixOffset: number;
      readonly matrixSlope: number;
      readonly targetOffset: number;
      readonly targetSlope: number;
      /** Absent: 0. */
      readonly targetBias?: number;
      readonly regularization: number;
      readonly regularizationExponent: number;
      readonly regularizationOffset: number;
      /** Absent: false. */
      readonly isNonNegative?: boolean;
    }
  | { readonly kind: 'non-negative'; readonly regularization: number }
  | { readonly kind: 'project' }
  | { readonly kind: 'mean' };

/** A known answer that every device must reproduce before the model is used. */
export interface SelfTest {
  readonly rule: 'dot' | 'cosine';
  /** f32 query vector. */
  readonly query: readonly number[];
  /** The best rows, best first, and their scores. */
  readonly itemIndexes: readonly number[];
  readonly scores: readonly number[];
}

/** Item factors and how to use them. */
export interface FactorModelEntry {
  readonly name: string;
  readonly family: 'factors';
  /** Who trained it, in words: "als", "implicit bpr", ... */
  readonly algorithm: string;
  readonly dimensions: number;
  readonly dtype: FactorDtype;
  readonly hasBiases: boolean;
  /** user -> item. */
  readonly userRule: 'dot' | 'cosine';
  /** item -> item. */
  readonly itemRule: 'dot' | 'cosine';
  readonly foldIn: FoldIn;
  /** How much an event of each kind counts in fold-in; an event that is absent counts 0. */
  readonly eventWeights: Readonly<Record<string, number>>;
  /** The most that all events of a shopper on one item count together. Absent: no limit. */
  readonly maxPairWeight?: number;
  /** What it was trained with, by name, for people and for the next training; nothing else reads it. */
  readonly training?: Readonly<Record<string, number>>;
  readonly shards: readonly RowShard[];
  /** Tensors that are no rows (gram); null when the model has none. */
  readonly stateFile: string | null;
  /** Packed user rows, only when the shop chose to publish them. */
  readonly users: { readonly count: number; readonly idShards: readonly RowShard[]; readonly shards: readonly RowShard[] } | null;
  readonly selfTests: readonly SelfTest[];
}

/** A known answer of a sequence model: the best rows after these items. */
export interface SequenceSelfTest {
  readonly items: readonly number[];
  readonly itemIndexes: readonly number[];
  readonly scores: readonly number[];
}

/** A model that predicts the next item of a session. Its output rows are an item matrix like any other. */
export interface SequenceModelEntry {
  readonly name: string;
  readonly family: 'sequence';
  /** Who trained it, in words: "gru4rec", "keras gru", ... */
  readonly algorithm: string;
  readonly config: SequenceConfig;
  /** How rows are stored; all other weights are f32. */
  readonly dtype: FactorDtype;
  /** Events that step the state. */
  readonly events: readonly string[];
  readonly sessionGapMinutes: number;
  /** How much the session counts beside the factors, 0 to 1; 1 where there are no factors but its own rows. */
  readonly blendWeight: number;
  /** Everything but the rows of items. */
  readonly weightFiles: readonly string[];
  /** Output rows, and biases where the config has them. */
  readonly shards: readonly RowShard[];
  /** Input rows where they are not the output rows. */
  readonly inputShards: readonly RowShard[] | null;
  readonly selfTests: readonly SequenceSelfTest[];
}

export interface Manifest {
  readonly format: typeof MODEL_FORMAT;
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly name: string;
  /** `YYYYMMDDhhmmss-xxxxxxxx`: UTC time of making and a hash of the content; later is greater. */
  readonly revision: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Program and version that wrote the folder. */
  readonly producer: string;
  readonly itemCount: number;
  /** Whether row order is falling popularity. */
  readonly sortedByPopularity: boolean;
  readonly catalog: { readonly fields: readonly CatalogField[]; readonly shards: readonly RowShard[] };
  readonly models: readonly FactorModelEntry[];
  readonly sequences: readonly SequenceModelEntry[];
  /** Tables that are read when first asked for; checked by `readTables`. Null: none. */
  readonly tables: unknown;
  /** Share of devices, 0 to 1, that take this revision in place of the one they have. Absent: all. */
  readonly rollout?: number;
  /** This folder's own revision, to let devices go back to it from a later one. Absent: devices only go forward. */
  readonly rollbackTo?: string;
  readonly files: readonly FileEntry[];
}

/** Bytes of all files but the manifest. */
export function modelBytes(manifest: Manifest): number {
  return manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
}

/**
 * The files a page needs, in the order it needs them: fold-in, then catalogue and factors of the first rows, then of the
 * next. Packed user rows are not among them; they are read when one is asked for.
 */
export function readingOrder(manifest: Manifest): string[] {
  const model = manifest.models[0]!;
  const sequence = manifest.sequences[0];
  const sequenceShards = sequence ? [...(sequence.inputShards ?? []), ...sequence.shards] : [];
  const shards = [...manifest.catalog.shards, ...model.shards, ...sequenceShards].sort((a, b) => a.rowStart - b.rowStart);
  const wholes = [...(model.stateFile === null ? [] : [model.stateFile]), ...(sequence?.weightFiles ?? [])];
  return [...wholes, ...new Set(shards.map((shard) => shard.path))];
}

import type { KnownConfig } from '../../core/models/sequence/sequenceConfig.js';
import type { SequenceTensors } from '../../core/models/sequence/sequenceTensors.js';

/** Layouts of torch state dicts that are known by name. */
export const SEQUENCE_PRESETS = ['torch-rnn', 'torch-gru', 'torch-lstm', 'gru4rec', 'recbole-gru4rec', 'sasrec'] as const;
export type SequencePreset = (typeof SEQUENCE_PRESETS)[number];

/** What a model gives for an item: its score, or a function of the scores. */
export const SCORE_KINDS = ['score', 'softmax', 'sigmoid'] as const;
export type ScoreKind = (typeof SCORE_KINDS)[number];

/** A sequence model of another framework, in the canonical form. */
export interface SequenceSource {
  readonly config: KnownConfig;
  readonly tensors: SequenceTensors;
  /** In words: "keras gru", "recbole gru4rec". */
  readonly algorithm: string;
  /** Rows before the first item (padding, unknown) that were dropped. */
  readonly strippedRows: number;
  /** What the original gives for an item. */
  readonly scoreKind: ScoreKind;
  /** What was seen, for people: "Embedding 31 x 8 -> GRU 8 -> Dense 31". */
  readonly note: string;
}

export interface SequenceReadOptions {
  readonly preset?: SequencePreset;
  /** Path of a JSON description. */
  readonly describe?: string;
  /** Rows before the first item; undefined: told from the number of ids, or from what the source says. */
  readonly padRows?: number;
  /** Number of ids, where it is known. */
  readonly itemCount?: number;
  /** Attention heads, which no weight tells; 1 by default. */
  readonly heads?: number;
}

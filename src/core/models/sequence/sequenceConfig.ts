import type { ActivationName } from './activation.js';
import type { NetworkConfig } from './network.js';

/** Plain recurrent layer: h' = f(x K + b + h U). */
export interface RnnLayerConfig {
  readonly cell: 'rnn';
  readonly units: number;
  readonly activation: ActivationName;
  readonly hasBias: boolean;
}

/** Gate order z, r, h. The bias is [2, 3 units] (input, recurrent) with `resetAfter`, else [3 units]. */
export interface GruLayerConfig {
  readonly cell: 'gru';
  readonly units: number;
  readonly activation: ActivationName;
  readonly recurrentActivation: ActivationName;
  /** Whether the reset gate multiplies h U (Keras' default, torch) or h itself, before the product (Cho et al. 2014). */
  readonly resetAfter: boolean;
  readonly hasBias: boolean;
}

/** Gate order i, f, c, o. */
export interface LstmLayerConfig {
  readonly cell: 'lstm';
  readonly units: number;
  readonly activation: ActivationName;
  readonly recurrentActivation: ActivationName;
  readonly hasBias: boolean;
}

export type LayerConfig = RnnLayerConfig | GruLayerConfig | LstmLayerConfig;

export const INPUT_KINDS = ['tied', 'separate', 'one-hot'] as const;
/**
 * What goes into the first layer for an item: its output row, a row of a matrix of its own, or, for one-hot, its row of the first
 * layer's kernel (no product at all; that layer has no `kernel` tensor then).
 */
export type InputKind = (typeof INPUT_KINDS)[number];

export interface DenseLayerConfig {
  readonly units: number;
  readonly activation: ActivationName;
  readonly hasBias: boolean;
}

/** Any stack of recurrent cells between an input and a head. */
export interface RecurrentConfig {
  readonly kind: 'recurrent';
  readonly itemCount: number;
  readonly input: InputKind;
  /** Length of an input row; for one-hot it is the first layer's gates x units. */
  readonly inputDimensions: number;
  /** From the input up; at least one. */
  readonly layers: readonly LayerConfig[];
  /** Dense layers between the last state and the output rows, mostly none. */
  readonly projections: readonly DenseLayerConfig[];
  /** Whether each item has a bias that is added to its score. */
  readonly hasOutputBias: boolean;
}

/**
 * Self-attention over the last events (Kang & McAuley 2018, "Self-Attentive Sequential Recommendation", section III): input row times
 * `embeddingScale` plus a learned position, then blocks of
 *   q = norm(x), x = q + attention(q, x, x), x = norm(x), x = x + W₂ relu(W₁ x)
 * and a last norm. Input rows are output rows.
 */
export interface AttentionConfig {
  readonly kind: 'attention';
  readonly itemCount: number;
  readonly dimensions: number;
  /** Events that are looked at: the rows of the position matrix. */
  readonly maxLength: number;
  readonly blockCount: number;
  /** Divides `dimensions`. */
  readonly headCount: number;
  /** Square root of `dimensions` in the paper's code. */
  readonly embeddingScale: number;
  /** Added to the variance in each layer norm. */
  readonly normEpsilon: number;
  /** `right`: the newest event has the last position, whatever the length. `left`: the oldest has the first. */
  readonly alignment: 'right' | 'left';
  /** Whether the empty places before the first event are attended to, as when only a causal mask is used. With alignment `right` only. */
  readonly attendsPadding: boolean;
  readonly hasOutputBias: boolean;
}

/** Models whose weights are known one by one; a network's are not. */
export type KnownConfig = RecurrentConfig | AttentionConfig;
export type SequenceConfig = KnownConfig | NetworkConfig;

/** Gates of a cell: its kernels are that many times as wide as its state. */
export const GATE_COUNTS = { rnn: 1, gru: 3, lstm: 4 } as const;

/** Length of the vector that is multiplied with the output rows. */
export function queryDimensions(config: SequenceConfig): number {
  if (config.kind !== 'recurrent') return config.dimensions;
  const last = config.projections[config.projections.length - 1] ?? config.layers[config.layers.length - 1];
  return last!.units;
}

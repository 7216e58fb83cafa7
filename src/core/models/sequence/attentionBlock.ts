import { addProduct, setBias } from './denseProduct.js';
import type { AttentionConfig } from './sequenceConfig.js';

/** Where a block's keys and values lie in a state: maxLength x dimensions each. */
export interface KeyValueCache {
  readonly values: Float32Array;
  readonly keysAt: number;
  readonly valuesAt: number;
}

export interface AttentionBlock {
  /**
   * Replaces `x`, f64, by the block's output for the window's event `at`, and keeps its key and value. `paddingCount`: empty places
   * before the first event, which are attended to when the config says so.
   */
  run(x: Float64Array, at: number, paddingCount: number, cache: KeyValueCache): void;
}

/**
 * Creates a block from its checked tensors: q = norm(x), x = q + attention(q, x, x) W_o, x = norm(x), x = x + relu(x W₁ + b₁) W₂ + b₂.
 * `padding`: what an empty place holds below this block, null when none is attended to; it is overwritten by what it holds above.
 */
export function createAttentionBlock(
  config: AttentionConfig,
  prefix: string,
  values: (name: string) => Float32Array,
  padding: Float64Array | null,
): AttentionBlock {
  const { dimensions: d, maxLength, headCount, normEpsilon } = config;
  const part = (name: string) => ({ kernel: values(`${prefix}.${name}.kernel`), bias: values(`${prefix}.${name}.bias`) });
  const norm = (name: string) => ({ gain: values(`${prefix}.${name}.gain`), bias: values(`${prefix}.${name}.bias`) });
  const [query, key, value, out, feed1, feed2] = ['query', 'key', 'value', 'out', 'feed1', 'feed2'].map(part) as [
    Dense,
    Dense,
    Dense,
    Dense,
    Dense,
    Dense,
  ];
  const [attentionNorm, feedNorm] = [norm('attentionNorm'), norm('feedNorm')];
  const normed = new Float64Array(d);
  const sums = new Float64Array(d);
  const queries = new Float64Array(d);
  const mixed = new Float64Array(d);
  const weights = new Float64Array(maxLength + 1);
  const headSize = d / headCount;
  const scale = 1 / Math.sqrt(headSize);
  const paddingKey = new Float64Array(d);
  const paddingValue = new Float64Array(d);

  /** x -> x after the feed-forward part, given the attention's mix of values in `mixed` and norm(x) in `normed`. */
  const finish = (x: Float64Array): void => {
    dense(out, mixed, sums);
    for (let j = 0; j < d; j++) x[j] = normed[j]! + sums[j]!;
    normalize(x, feedNorm.gain, feedNorm.bias, normEpsilon);
    dense(feed1, x, normed);
    for (let j = 0; j < d; j++) normed[j] = Math.max(0, normed[j]!);
    dense(feed2, normed, sums);
    for (let j = 0; j < d; j++) x[j]! += sums[j]!;
  };

  if (padding) {
    dense(key, padding, paddingKey);
    dense(value, padding, paddingValue);
    // An empty place sees empty places only, all alike: their mix is the value itself.
    normed.set(padding);
    normalize(normed, attentionNorm.gain, attentionNorm.bias, normEpsilon);
    mixed.set(paddingValue);
    finish(padding);
  }

  return {
    run: (x, at, paddingCount, { values: cached, keysAt, valuesAt }) => {
      dense(key, x, sums);
      for (let j = 0; j < d; j++) cached[keysAt + at * d + j] = sums[j]!;
      dense(value, x, sums);
      for (let j = 0; j < d; j++) cached[valuesAt + at * d + j] = sums[j]!;
      normed.set(x);
      normalize(normed, attentionNorm.gain, attentionNorm.bias, normEpsilon);
      dense(query, normed, queries);
      mixed.fill(0);
      const empty = padding ? paddingCount : 0;
      for (let from = 0; from < d; from += headSize) {
        const to = from + headSize;
        let largest = -Infinity;
        for (let n = 0; n <= at; n++) {
          let dot = 0;
          for (let j = from; j < to; j++) dot += queries[j]! * cached[keysAt + n * d + j]!;
          weights[n] = dot * scale;
          largest = Math.max(largest, weights[n]!);
        }
        let emptyDot = 0;
        for (let j = from; j < to; j++) emptyDot += queries[j]! * paddingKey[j]!;
        if (empty > 0) largest = Math.max(largest, emptyDot * scale);
        const emptyWeight = empty > 0 ? empty * Math.exp(emptyDot * scale - largest) : 0;
        let total = emptyWeight;
        for (let n = 0; n <= at; n++) total += weights[n] = Math.exp(weights[n]! - largest);
        for (let j = from; j < to; j++) mixed[j] = (emptyWeight / total) * paddingValue[j]!;
        for (let n = 0; n <= at; n++) {
          const share = weights[n]! / total;
          for (let j = from; j < to; j++) mixed[j]! += share * cached[valuesAt + n * d + j]!;
        }
      }
      finish(x);
    },
  };
}

interface Dense {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

function dense({ kernel, bias }: Dense, x: Float64Array, out: Float64Array): void {
  setBias(out, bias, 0, bias.length);
  addProduct(x, 0, kernel, x.length, bias.length, out);
}

/** Layer norm (Ba, Kiros & Hinton 2016) in place: (x - mean) / sqrt(variance + epsilon) * gain + bias. */
export function normalize(x: Float64Array, gain: Float32Array, bias: Float32Array, epsilon: number): void {
  const d = x.length;
  let mean = 0;
  for (let j = 0; j < d; j++) mean += x[j]! / d;
  let variance = 0;
  for (let j = 0; j < d; j++) variance += (x[j]! - mean) ** 2 / d;
  const inverse = 1 / Math.sqrt(variance + epsilon);
  for (let j = 0; j < d; j++) x[j] = (x[j]! - mean) * inverse * gain[j]! + bias[j]!;
}

import { RecommenderError, show } from '../../errors.js';

/** Which end of the input the padding fills when fewer events than `length` have happened. */
export const PADDING_SIDES = ['left', 'right'] as const;
export type PaddingSide = (typeof PADDING_SIDES)[number];

/** What the network's output is: a score for each item, or a vector to be multiplied with the item rows. */
export const NETWORK_OUTPUTS = ['scores', 'vector'] as const;
export type NetworkOutput = (typeof NETWORK_OUTPUTS)[number];

export const NETWORK_FORMATS = ['layers-model', 'graph-model'] as const;
export type NetworkFormat = (typeof NETWORK_FORMATS)[number];

/**
 * A tfjs model of any architecture, run as it is: it takes the items of the last events and gives scores or a vector. Nothing but its
 * declared input and output is known of it, so each event costs a whole run.
 */
export interface NetworkConfig {
  readonly kind: 'network';
  readonly itemCount: number;
  /** Length of an item row: of the vector, where that is the output; for `scores` the rows serve neighbours only. */
  readonly dimensions: number;
  readonly format: NetworkFormat;
  /** Name of the input; empty: its only one. The tensor is [1, length]. */
  readonly input: string;
  /** Events that go in, the newest last. */
  readonly length: number;
  /** What stands where no event is. */
  readonly paddingValue: number;
  readonly paddingSide: PaddingSide;
  /** Index of the first item in the input. */
  readonly indexOffset: number;
  /** Name of the output; empty: its only one. */
  readonly output: string;
  readonly gives: NetworkOutput;
  /** Place of the first item among the scores. */
  readonly outputOffset: number;
  readonly hasOutputBias: false;
}

/** The files of a network: a tfjs topology, and what its weights are and hold. */
export interface NetworkFiles {
  readonly modelTopology: object;
  /** As in `weightsManifest`: name, shape, dtype, quantization. */
  readonly weightSpecs: readonly object[];
  /** The values of all weights, in the order of the specs. */
  readonly weights: Uint8Array;
}

/** A network ready to run. */
export interface Network {
  /** Runs on `length` indexes and returns the declared output, f32, flat. Throws `artifact/bad-tensor` on a shape it was not declared with. */
  run(indexes: Int32Array): Float32Array;
  dispose(): void;
}

/** Makes a network ready. Rejects with `artifact/bad-tensor` or `artifact/bad-file`. */
export type OpenNetwork = (files: NetworkFiles, config: NetworkConfig) => Promise<Network>;

/** For folders that are read where no tfjs is. */
export const refuseNetworks: OpenNetwork = () =>
  Promise.reject(new RecommenderError('backend/unavailable', 'The folder holds a network for tfjs, which is not loaded here.'));

/** Throws `artifact/bad-manifest` and says which value cannot be. */
export function checkNetworkConfig(config: NetworkConfig): void {
  const fail = (path: keyof NetworkConfig, expected: string): never => {
    throw new RecommenderError('artifact/bad-manifest', `${path} of the network is ${show(config[path])}; expected ${expected}.`, {
      path,
      seen: config[path],
    });
  };
  for (const name of ['itemCount', 'dimensions', 'length'] as const)
    if (!Number.isSafeInteger(config[name]) || config[name] < 1) fail(name, 'a whole number of at least 1');
  for (const name of ['indexOffset', 'outputOffset'] as const)
    if (!Number.isSafeInteger(config[name]) || config[name] < 0) fail(name, 'a whole number of at least 0');
  if (!Number.isSafeInteger(config.paddingValue)) fail('paddingValue', 'a whole number');
  for (const name of ['input', 'output'] as const) if (typeof config[name] !== 'string') fail(name, 'a name, or empty for the only one');
  if (!PADDING_SIDES.includes(config.paddingSide)) fail('paddingSide', PADDING_SIDES.join(' or '));
  if (!NETWORK_OUTPUTS.includes(config.gives)) fail('gives', NETWORK_OUTPUTS.join(' or '));
  if (!NETWORK_FORMATS.includes(config.format)) fail('format', NETWORK_FORMATS.join(' or '));
}

import type { ActivationName } from '../../core/models/sequence/activation.js';
import type { CanonicalLayer } from '../../core/models/sequence/canonicalize.js';
import type { DenseLayerConfig, LayerConfig, RecurrentConfig, SequenceConfig } from '../../core/models/sequence/sequenceConfig.js';
import { GATE_COUNTS } from '../../core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { checkTensors, INPUT_ROWS, OUTPUT_BIAS, OUTPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import { alignRows } from './alignRows.js';
import type { ScoreKind, SequenceReadOptions, SequenceSource } from './sequenceSource.js';

export interface RecurrentPart {
  /** Name in the source, for messages. */
  readonly label: string;
  readonly layer: LayerConfig;
  /** Canonical; the kernel is not looked at for layer 0 of a one-hot model. */
  readonly tensors: CanonicalLayer;
}

export interface ProjectionPart {
  /** [in, out]. */
  readonly kernel: FloatTensor;
  readonly bias: FloatTensor | null;
  readonly activation: ActivationName;
}

/** A recurrent model as its reader found it, rows of padding included. */
export interface RecurrentParts {
  readonly origin: string;
  readonly algorithm: string;
  /** [items, inputs]; null: tied to the output rows. */
  readonly inputRows: FloatTensor | null;
  /** Whether `inputRows` are rows of the first layer's kernel. */
  readonly isOneHot: boolean;
  readonly layers: readonly RecurrentPart[];
  readonly projections: readonly ProjectionPart[];
  /** [items, units]. */
  readonly outputRows: FloatTensor;
  /** [items] or [items, 1]. */
  readonly outputBias: FloatTensor | null;
  /** Whether the source is known to keep row 0 for padding. */
  readonly hasPadding: boolean;
  readonly scoreKind: ScoreKind;
}

/** Joins the parts to a checked model without padding rows. Throws `cli/bad-input` naming the tensor, the shape seen and expected. */
export function assembleRecurrent(parts: RecurrentParts, options: SequenceReadOptions): SequenceSource {
  const { origin, algorithm, inputRows, outputRows, outputBias, layers, projections, isOneHot, hasPadding, scoreKind } = parts;
  const rows = [
    { label: 'the output', tensor: outputRows },
    ...(inputRows ? [{ label: 'the input', tensor: inputRows }] : []),
    ...(outputBias ? [{ label: 'the output bias', tensor: outputBias }] : []),
  ];
  const aligned = alignRows(origin, rows, hasPadding, options);
  const [output, ...others] = aligned.tensors;
  const tensors = new Map<string, FloatTensor>([[OUTPUT_ROWS, output!]]);
  if (inputRows) tensors.set(INPUT_ROWS, others.shift()!);
  if (outputBias) tensors.set(OUTPUT_BIAS, { shape: [aligned.itemCount], values: others.shift()!.values });
  layers.forEach(({ tensors: { kernel, recurrent, bias } }, i) => {
    if (i > 0 || !isOneHot) tensors.set(`layers.${i}.kernel`, kernel);
    tensors.set(`layers.${i}.recurrent`, recurrent);
    if (bias) tensors.set(`layers.${i}.bias`, bias);
  });
  projections.forEach(({ kernel, bias }, i) => {
    tensors.set(`projections.${i}.kernel`, kernel);
    if (bias) tensors.set(`projections.${i}.bias`, bias);
  });
  const first = layers[0]?.layer;
  const config: RecurrentConfig = {
    kind: 'recurrent',
    itemCount: aligned.itemCount,
    input: isOneHot ? 'one-hot' : inputRows ? 'separate' : 'tied',
    inputDimensions: isOneHot && first ? GATE_COUNTS[first.cell] * first.units : (inputRows ?? outputRows).shape[1]!,
    layers: layers.map(({ layer }) => layer),
    projections: projections.map(({ kernel, bias, activation }): DenseLayerConfig => ({
      units: kernel.shape[1]!,
      activation,
      hasBias: bias !== null,
    })),
    hasOutputBias: outputBias !== null,
  };
  const note = describeStack(parts, aligned.strippedRows);
  checkSource(origin, config, tensors, note);
  return { config, tensors, algorithm, strippedRows: aligned.strippedRows, scoreKind, note };
}

/** Checks names and shapes. Throws `cli/bad-input` with the tensor, both shapes and what the model was read as. */
export function checkSource(origin: string, config: SequenceConfig, tensors: ReadonlyMap<string, FloatTensor>, note: string): void {
  try {
    checkTensors(config, tensors);
  } catch (cause) {
    throw badInput(
      `${origin}: ${(cause as Error).message} Read as: ${note}. Is a part of another model, or of another size?`,
      { origin },
      cause,
    );
  }
}

function describeStack(parts: RecurrentParts, strippedRows: number): string {
  const { inputRows, outputRows, isOneHot, layers, projections, scoreKind, outputBias } = parts;
  const stack = [
    isOneHot ? `one-hot ${inputRows!.shape[0]}` : `embedding ${(inputRows ?? outputRows).shape.join(' x ')}${inputRows ? '' : ' (tied)'}`,
    ...layers.map(
      ({ label, layer }) => `${label} ${layer.units}${layer.cell === 'gru' ? ` (reset ${layer.resetAfter ? 'after' : 'before'})` : ''}`,
    ),
    ...projections.map(({ kernel, activation }) => `dense ${kernel.shape[1]}${activation === 'linear' ? '' : ` ${activation}`}`),
    `head ${outputRows.shape[0]}${outputBias ? ' with bias' : ''}${scoreKind === 'score' ? '' : ` ${scoreKind}`}`,
  ].join(' -> ');
  return `${stack}${describeStripped(strippedRows)}`;
}

/** "; row 0 dropped as padding", or nothing. */
export function describeStripped(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '; row 0 dropped as padding' : `; rows 0 to ${count - 1} dropped as padding and "unknown"`;
}

import type { ActivationName } from '../../core/models/sequence/activation.js';
import { permuteColumns, transposeTensor } from '../../core/models/sequence/canonicalize.js';
import type { LayerConfig, RecurrentConfig } from '../../core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { INPUT_ROWS } from '../../core/models/sequence/sequenceTensors.js';
import type { ReadModel } from './compareWithOriginal.js';
import { compareWithOriginal, PARITY } from './compareWithOriginal.js';
import type { OriginalCase } from './selfTestFile.js';
import type { ScoreKind } from './sequenceSource.js';

/** A model as it would be if one thing were otherwise. `cause` completes "The answers agree when ...". */
interface Variant {
  readonly cause: string;
  readonly model: ReadModel;
}

const CELL_ACTIVATIONS: readonly ActivationName[] = ['tanh', 'relu', 'linear', 'sigmoid', 'elu-1'];
const GATE_ACTIVATIONS: readonly ActivationName[] = ['sigmoid', 'hard-sigmoid-fifth', 'hard-sigmoid-sixth'];
const GATES = { gru: ['z', 'r', 'h'], lstm: ['i', 'f', 'c', 'o'] } as const;

/** Tries the usual mistakes one by one and returns the first under which the answers agree with the original's; null when none does. */
export function likelyCause(source: ReadModel, cases: readonly OriginalCase[], kind: ScoreKind): string | null {
  // Scores alone: a padding row that was kept may stand in the lists.
  const agrees = (model: ReadModel, tried: readonly OriginalCase[]): boolean =>
    compareWithOriginal(model, tried, kind).largestDifference <= PARITY;
  for (const { cause, shifted } of shiftedCases(source, cases)) if (agrees(source, shifted)) return cause;
  for (const { cause, model } of source.config.kind === 'attention' ? attentionVariants(source) : recurrentVariants(source)) {
    if (agrees(model, cases)) return cause;
  }
  return null;
}

/** The cases with row numbers moved by one, as when a padding row was kept or an item's row was dropped. */
function* shiftedCases({ config }: ReadModel, cases: readonly OriginalCase[]): Generator<{ cause: string; shifted: OriginalCase[] }> {
  const isInside = (row: number): boolean => row >= 0 && row < config.itemCount;
  for (const [input, output] of [
    [1, 1],
    [-1, -1],
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    const shifted = cases
      .filter(({ items }) => items.every((row) => isInside(row + input)))
      .map(({ items, top, scores }) => {
        const kept = [...top.keys()].filter((rank) => isInside(top[rank]! + output));
        return {
          items: items.map((row) => row + input),
          top: kept.map((rank) => top[rank]! + output),
          scores: kept.map((rank) => scores[rank]!),
        };
      })
      .filter(({ top }) => top.length > 1);
    const side = input === 0 ? 'the rows of the output are' : output === 0 ? 'the rows of the input are' : 'all rows are';
    const by =
      input + output > 0
        ? 'a padding row was kept, or the ids lack one at their start'
        : 'a row that is no padding was dropped, or the ids have one too many at their start';
    if (shifted.length > 0)
      yield { cause: `${side} moved by one: ${by} (--pad-rows says how many rows stand before the first item)`, shifted };
  }
}

function* recurrentVariants(source: ReadModel): Generator<Variant> {
  const config = source.config as RecurrentConfig;
  const withLayers = (change: (layer: LayerConfig) => LayerConfig, tensors = source.tensors): ReadModel => ({
    ...source,
    config: { ...config, layers: config.layers.map(change) },
    tensors,
  });
  for (const cell of ['gru', 'lstm'] as const) {
    if (!config.layers.some((layer) => layer.cell === cell)) continue;
    const gates = GATES[cell];
    for (const order of permutations(gates.length).slice(1)) {
      const named = gates.map((_, at) => gates[order.indexOf(at)]).join(', ');
      yield {
        cause: `the gates of the ${cell.toUpperCase()} are taken in another order: where the file was read as ${gates.join(', ')} it has ${named}`,
        model: { ...source, tensors: mapGates(source, cell, (tensor, units) => permuteColumns(tensor, order, units)) },
      };
    }
    for (const name of GATE_ACTIVATIONS) {
      yield {
        cause: `the gates of the ${cell.toUpperCase()} use ${name} as their activation`,
        model: withLayers((layer) => (layer.cell === cell ? { ...layer, recurrentActivation: name } : layer)),
      };
    }
  }
  if (config.layers.some((layer) => layer.cell === 'gru')) {
    yield {
      cause: 'the update gate of the GRU keeps what it was read to renew (h = (1 - z) h + z c)',
      model: { ...source, tensors: mapGates(source, 'gru', negateFirst) },
    };
    yield {
      cause: 'the reset gate of the GRU is applied on the other side of the product (reset_after)',
      model: withLayers((layer) => (layer.cell === 'gru' ? { ...layer, resetAfter: !layer.resetAfter } : layer), swapResetBias(source)),
    };
  }
  for (const name of CELL_ACTIVATIONS) {
    yield { cause: `the cells use ${name} as their activation`, model: withLayers((layer) => ({ ...layer, activation: name })) };
  }
  if (config.layers.every((layer) => layer.cell === 'rnn')) {
    const tensors = new Map(
      [...source.tensors].map(([name, tensor]) => [name, name.endsWith('.recurrent') ? transposeTensor(tensor) : tensor]),
    );
    yield { cause: 'the recurrent kernel is transposed', model: { ...source, tensors } };
  }
}

function* attentionVariants(source: ReadModel): Generator<Variant> {
  const { config } = source;
  if (config.kind !== 'attention') return;
  for (let headCount = 1; headCount <= Math.min(16, config.dimensions); headCount++) {
    if (config.dimensions % headCount === 0 && headCount !== config.headCount)
      yield {
        cause: `the attention has ${headCount} heads (--heads ${headCount})`,
        model: { ...source, config: { ...config, headCount } },
      };
  }
  yield { cause: 'the empty places are masked', model: { ...source, config: { ...config, attendsPadding: false } } };
  yield {
    cause: 'the oldest event has the first position',
    model: { ...source, config: { ...config, attendsPadding: false, alignment: 'left' } },
  };
  for (const embeddingScale of [1, Math.sqrt(config.dimensions)])
    yield { cause: `embeddings are multiplied by ${embeddingScale}`, model: { ...source, config: { ...config, embeddingScale } } };
}

/** Changes kernel, recurrent kernel and bias of all layers of a cell; for one-hot the input rows are the first kernel. */
function mapGates(
  source: ReadModel,
  cell: LayerConfig['cell'],
  change: (tensor: FloatTensor, units: number) => FloatTensor,
): Map<string, FloatTensor> {
  const { layers, input } = source.config as RecurrentConfig;
  return new Map(
    [...source.tensors].map(([name, tensor]) => {
      const at = name === INPUT_ROWS && input === 'one-hot' ? 0 : Number(/^layers\.(\d+)\./.exec(name)?.[1] ?? -1);
      const layer = layers[at];
      return [name, layer?.cell === cell ? change(tensor, layer.units) : tensor];
    }),
  );
}

function negateFirst({ shape, values }: FloatTensor, units: number): FloatTensor {
  const width = shape.at(-1)!;
  return { shape, values: values.map((value, at) => (at % width < units ? -value : value)) };
}

function swapResetBias(source: ReadModel): Map<string, FloatTensor> {
  const { layers } = source.config as RecurrentConfig;
  const tensors = new Map(source.tensors);
  layers.forEach((layer, i) => {
    const bias = tensors.get(`layers.${i}.bias`);
    if (layer.cell !== 'gru' || !bias) return;
    const width = 3 * layer.units;
    const swapped: FloatTensor = layer.resetAfter
      ? { shape: [width], values: bias.values.slice(0, width).map((value, at) => value + bias.values[width + at]!) }
      : { shape: [2, width], values: Float32Array.from({ length: 2 * width }, (_, at) => bias.values[at] ?? 0) };
    tensors.set(`layers.${i}.bias`, swapped);
  });
  return tensors;
}

/** All orders of 0 .. n - 1, the given one first. */
function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  const all = permutations(n - 1).flatMap((rest) => Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]));
  return all.sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

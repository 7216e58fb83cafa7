import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import { assembleRecurrent } from './assembleRecurrent.js';
import type { NamedTensors } from './namedTensors.js';
import type { TorchCell } from './readTorchStack.js';
import { readTorchStack } from './readTorchStack.js';
import type { SequenceReadOptions, SequenceSource } from './sequenceSource.js';

/**
 * Reads torch.nn.Embedding -> RNN | GRU | LSTM -> Linear, whatever the attributes are called: the recurrent module is told by
 * `weight_ih_l0`, the embedding by its name or by having no bias, the head is the other matrix. Without a head, or with one that
 * equals the embedding, the input is tied. Activations are torch's own (tanh, sigmoid).
 */
export function readTorchModel(named: NamedTensors, cell: TorchCell, options: SequenceReadOptions): SequenceSource {
  const { origin } = named;
  const modules = named.names.filter((name) => name.endsWith('weight_ih_l0')).map((name) => name.slice(0, -'weight_ih_l0'.length));
  if (modules.length !== 1) {
    throw badInput(
      `${origin} has ${modules.length === 0 ? 'no' : modules.length} tensors named ...weight_ih_l0; --preset torch-${cell} reads one recurrent module. It holds: ${named.list()}. --describe reads any other.`,
      { origin, seen: named.names },
    );
  }
  const layers = readTorchStack(named, modules[0]!, cell);
  const { embedding, head } = chooseMatrices(named);
  const inputRows = named.take(embedding);
  const outputRows = head === null ? inputRows : named.take(head);
  const biasName = (head ?? embedding).replace(/weight$/, 'bias');
  const outputBias = named.takeIf(biasName);
  named.refuseRest(`Embedding -> ${cell.toUpperCase()} -> Linear`);
  return assembleRecurrent(
    {
      origin,
      algorithm: `torch ${cell}`,
      inputRows: isSame(inputRows, outputRows) ? null : inputRows,
      isOneHot: false,
      layers,
      projections: [],
      outputRows,
      outputBias,
      hasPadding: false,
      scoreKind: 'score',
    },
    options,
  );
}

function chooseMatrices(named: NamedTensors): { embedding: string; head: string | null } {
  const matrices = named.rest().filter((name) => name.endsWith('weight') && named.shape(name).length === 2);
  const [first, second] = matrices;
  if (first === undefined || matrices.length > 2) {
    throw badInput(
      `${named.origin}: besides the recurrent module there must be an embedding and a head, or one matrix for both; seen: ${named.list(named.rest()) || 'nothing'}. --describe reads any other model.`,
      { origin: named.origin, seen: named.rest() },
    );
  }
  if (second === undefined) return { embedding: first, head: null };
  const isEmbedding = (name: string): boolean => /emb/i.test(name);
  const hasBias = (name: string): boolean => named.has(name.replace(/weight$/, 'bias'));
  const isSwapped = isEmbedding(first) === isEmbedding(second) ? hasBias(first) && !hasBias(second) : isEmbedding(second);
  return isSwapped ? { embedding: second, head: first } : { embedding: first, head: second };
}

function isSame(a: FloatTensor, b: FloatTensor): boolean {
  return a === b || (a.shape.join() === b.shape.join() && a.values.every((value, at) => value === b.values[at]));
}

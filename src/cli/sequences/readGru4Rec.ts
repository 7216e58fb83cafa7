import { canonicalizeTheanoGru, transposeTensor } from '../../core/models/sequence/canonicalize.js';
import type { RecurrentPart } from './assembleRecurrent.js';
import { assembleRecurrent } from './assembleRecurrent.js';
import type { NamedTensors } from './namedTensors.js';
import { readTorchLayer, readTorchStack } from './readTorchStack.js';
import type { SequenceReadOptions, SequenceSource } from './sequenceSource.js';

/**
 * Reads the state dict of the PyTorch GRU4Rec (Hidasi et al. 2016; Hidasi & Karatzoglou 2018): output rows `Wy`, biases `By`, torch
 * GRU cells `G.<j>`. The input is `Wy` (constrained embedding), `E` (separate) or one-hot, where the first layer `GE` has Theano's
 * layout while the others have torch's. Row 0 is an item. Scores are those before the final activation.
 */
export function readGru4Rec(named: NamedTensors, options: SequenceReadOptions): SequenceSource {
  const outputRows = named.take('Wy.weight');
  const outputBias = named.takeIf('By.weight');
  const layers: RecurrentPart[] = [];
  let inputRows = named.takeIf('E.weight');
  const oneHot = named.names.find((name) => /^GE\.Wx0(\.weight)?$/.test(name));
  if (oneHot !== undefined) {
    const part = (name: string) => named.take(named.has(`GE.${name}.weight`) ? `GE.${name}.weight` : `GE.${name}`);
    const bh = part('Bh0');
    const tensors = canonicalizeTheanoGru({
      wx: named.take(oneHot),
      wrz: part('Wrz0'),
      wh: part('Wh0'),
      bh: { shape: [bh.values.length], values: bh.values },
    });
    inputRows = tensors.kernel;
    const units = tensors.recurrent.shape[0]!;
    const layer = { cell: 'gru', units, activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: false, hasBias: true } as const;
    layers.push({ label: 'GRU', layer, tensors });
  }
  for (let j = 0; named.has(`G.${j}.weight_ih`); j++) layers.push(readTorchLayer(named, 'gru', `G.${j}`, (name) => `G.${j}.${name}`));
  // Says which tensor is missing.
  if (layers.length === 0) named.take('G.0.weight_ih');
  named.refuseRest('GRU4Rec');
  return assembleRecurrent(
    {
      origin: named.origin,
      algorithm: 'gru4rec',
      inputRows,
      isOneHot: oneHot !== undefined,
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

/** Reads RecBole's GRU4Rec: `item_embedding` with padding in row 0, `gru_layers`, and `dense`; score = dense(h) · embedding. */
export function readRecBoleGru4Rec(named: NamedTensors, options: SequenceReadOptions): SequenceSource {
  const rows = named.take('item_embedding.weight');
  named.shape('gru_layers.weight_ih_l0');
  const layers = readTorchStack(named, 'gru_layers.', 'gru');
  const projections = [
    {
      kernel: transposeTensor(named.take('dense.weight'), 'dense.weight'),
      bias: named.takeIf('dense.bias'),
      activation: 'linear' as const,
    },
  ];
  named.refuseRest("RecBole's GRU4Rec");
  return assembleRecurrent(
    {
      origin: named.origin,
      algorithm: 'recbole gru4rec',
      inputRows: null,
      isOneHot: false,
      layers,
      projections,
      outputRows: rows,
      outputBias: null,
      hasPadding: true,
      scoreKind: 'score',
    },
    options,
  );
}

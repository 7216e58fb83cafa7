/** Writes ids and cases; `answer(rows)` gives one score for each item. */
const CASES = `json.dump([str(i) for i in item_ids], open('items.json', 'w'))
cases = []
for rows in ([0], [1, 2], [3, 1, 4, 1, 5]):
    scores = numpy.asarray(answer(rows), dtype='float64')
    top = numpy.argsort(-scores, kind='stable')[:20]
    cases.append({'items': [str(item_ids[i]) for i in rows], 'top': [str(item_ids[i]) for i in top], 'scores': scores[top].tolist()})
json.dump({'cases': cases}, open('self-test.json', 'w'))`;

const SAVE_TORCH = `import json, numpy, torch
from safetensors.torch import save_file

model.eval().cpu().requires_grad_(False)
save_file({k: v.float().clone().contiguous() for k, v in model.state_dict().items()}, 'model.safetensors')`;

const TORCH = `# model: your torch.nn.Module; item_ids: the ids in the order of the rows; PAD: rows before the first item, 0 or 1
${SAVE_TORCH}
PAD = 1
def answer(rows):
    scores = model(torch.tensor([[row + PAD for row in rows]]))
    return scores.reshape(-1, scores.shape[-1])[-1, -len(item_ids):]
${CASES}`;

const GRU4REC = `# gru: the trained GRU4Rec; item_ids: its itemidmap's ids in the order of their numbers
model = gru.model
${SAVE_TORCH}
def answer(rows):
    one_hot = hasattr(model, 'GE')
    cells = ([model.GE] if one_hot else []) + list(model.G)
    size = (model.GE.Wh0 if one_hot else model.G[0].weight_hh).shape[1]
    states = [torch.zeros(1, size if n == 0 else model.G[n - (1 if one_hot else 0)].weight_hh.shape[1]) for n in range(len(cells))]
    for row in rows:
        x = None if one_hot else (model.E if hasattr(model, 'E') else model.Wy).weight[[row]]
        for n, cell in enumerate(cells):
            if one_hot and n == 0:
                a, r, z = (cell.Wx0.weight[[row]] + cell.Bh0).chunk(3, 1)
                r, z = torch.sigmoid(torch.cat([r, z], 1) + states[0] @ cell.Wrz0).chunk(2, 1)
                states[0] = (1 - z) * states[0] + z * torch.tanh(a + (r * states[0]) @ cell.Wh0)
            else:
                states[n] = cell(x, states[n])
            x = states[n]
    return (x @ model.Wy.weight.T + model.By.weight.T)[0]
${CASES}`;

const RECBOLE = `# model, dataset: RecBole's GRU4Rec and the dataset it was trained on
item_ids = dataset.id2token(dataset.iid_field, range(1, dataset.item_num)).tolist()
${SAVE_TORCH}
def answer(rows):
    history = torch.tensor([[row + 1 for row in rows]])
    return (model.forward(history, torch.tensor([len(rows)])) @ model.item_embedding.weight.T)[0, 1:]
${CASES}`;

const SASREC = `# model: pmixer's SASRec, made with args.device 'cpu'; item_ids: the ids of items 1, 2, ... in that order
${SAVE_TORCH}
def answer(rows):
    history = numpy.zeros((1, model.pos_emb.num_embeddings - 1), dtype='int32')
    history[0, -len(rows):] = [row + 1 for row in rows]
    return model.predict(numpy.array([0]), history, numpy.arange(1, len(item_ids) + 1))[0]
${CASES}`;

const KERAS = `# model: your Keras model; item_ids: the ids in the order of the rows; PAD: rows before the first item, 0, 1 or 2
import json, numpy

model.save('model.keras')
PAD = 1
def answer(rows):
    history = [row + PAD for row in rows]
    length = model.input_shape[1]
    if length is not None:
        history = ([0] * length + history)[-length:]
    scores = numpy.asarray(model.predict(numpy.array([history]), verbose=0))
    return scores.reshape(-1, scores.shape[-1])[-1, -len(item_ids):]
${CASES}`;

const TFJS = `// model: your tf.LayersModel, in Node with @tensorflow/tfjs-node; itemIds: the ids in the order of the rows; PAD: rows before the first item
await model.save('file://model');
const PAD = 0;
fs.writeFileSync('items.json', JSON.stringify(itemIds));
const cases = [[0], [1, 2], [3, 1, 4, 1, 5]].map((rows) => {
  const scores = [...model.predict(tf.tensor2d([rows.map((row) => row + PAD)])).dataSync()].slice(-itemIds.length);
  const top = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]).slice(0, 20);
  return { items: rows.map((i) => itemIds[i]), top: top.map((i) => itemIds[i]), scores: top.map((i) => scores[i]) };
});
fs.writeFileSync('self-test.json', JSON.stringify({ cases }));`;

/** Code to run beside the original model: it writes the weights, the ids and answers to check the packed model against. */
export const SNIPPETS = { keras: KERAS, tfjs: TFJS, torch: TORCH, gru4rec: GRU4REC, recbole: RECBOLE, sasrec: SASREC } as const;

/** One line for a message; the rest is shown by --help. */
export const SAVE_STATE_DICT =
  "from safetensors.torch import save_file; save_file({k: v.float().clone().contiguous() for k, v in model.state_dict().items()}, 'model.safetensors')";

/** What `shelfmate pack --help` says about sequence models. */
export const SEQUENCE_HELP = `
Sequence models (Keras .keras and .h5, tfjs model.json, torch state dicts as safetensors):
  shelfmate pack model.keras --ids items.json --self-test self-test.json --out public/model
  shelfmate pack model.safetensors --preset torch-gru --ids items.json --self-test self-test.json --out public/model

In Python, from torch (--preset torch-rnn, torch-gru, torch-lstm):
${indent(TORCH)}

From Keras:
${indent(KERAS)}

The same for others: shelfmate pack --snippet tfjs|torch|gru4rec|recbole-gru4rec|sasrec; any other safetensors file can be described (--describe).`;

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

import { permuteColumns, transposeTensor } from '../../core/models/sequence/canonicalize.js';
import { GATE_COUNTS } from '../../core/models/sequence/sequenceConfig.js';
import type { FloatTensor } from '../../core/models/sequence/sequenceTensors.js';
import { badInput } from '../cliIo.js';
import { Description } from './description.js';
import type { NamedTensors } from './namedTensors.js';

type Cell = keyof typeof GATE_COUNTS;

/** Letters of the gates in the canonical order; others write n and g for the candidate. */
const GATES: Readonly<Record<Cell, string>> = { rnn: 'h', gru: 'zrh', lstm: 'ifco' };

/** The tensors of a description by canonical name. */
export class DescribedTensors {
  readonly #named: NamedTensors;
  readonly #references: Description;

  constructor(named: NamedTensors, description: Description) {
    this.#named = named;
    this.#references = description.object('tensors');
  }

  get names(): string[] {
    return this.#references.keys();
  }

  has(name: string): boolean {
    return this.#references.get(name) !== undefined;
  }

  /** One tensor, cut and transposed as described. Axes of length 1 beyond the second, or of a bias, are dropped. */
  take(name: string): FloatTensor {
    const [only, ...others] = this.#takeAll(name);
    if (others.length > 0) this.#references.fail(name, 'one tensor');
    return only!;
  }

  /** A kernel whose columns are put in the canonical order of gates. */
  gated(name: string, cell: Cell, gates: string | undefined): FloatTensor {
    return this.#permute(this.take(name), name, cell, gates);
  }

  /** A bias: [gates x units], or [2, 3 units] with `resetAfter`; two tensors become its two rows, else they are added up. */
  bias(name: string, cell: Cell, gates: string | undefined, resetAfter: boolean): FloatTensor {
    const parts = this.#takeAll(name);
    const [first, second, ...more] = parts.map(({ values }) => values);
    if (more.length > 0 || (second && second.length !== first!.length)) this.#references.fail(name, 'one tensor or two of one length');
    const rows = resetAfter ? 2 : 1;
    const values = !second
      ? first!
      : resetAfter
        ? Float32Array.from([...first!, ...second])
        : first!.map((value, at) => value + second[at]!);
    const shape = rows === 2 ? [2, values.length / 2] : [values.length];
    return this.#permute({ shape, values }, name, cell, gates);
  }

  #permute(tensor: FloatTensor, name: string, cell: Cell, gates: string | undefined): FloatTensor {
    const letters = (gates ?? GATES[cell]).toLowerCase().replace(/n/g, 'h').replace(/g/g, 'c');
    const order = [...GATES[cell]].map((gate) => letters.indexOf(gate));
    if (letters.length !== order.length || order.includes(-1))
      throw badInput(
        `${this.#references.file}: gates of ${name} are ${JSON.stringify(gates)}; expected the letters ${GATES[cell]} in the order of the file.`,
        { name },
      );
    const width = tensor.shape.at(-1)!;
    if (width % order.length !== 0) {
      throw badInput(
        `${this.#named.origin}: ${name} has shape (${tensor.shape.join(', ')}); its last axis must be ${order.length} gates x units. Does it need "transpose": true?`,
        { name, seen: tensor.shape },
      );
    }
    return permuteColumns(tensor, order, width / order.length);
  }

  #takeAll(name: string): FloatTensor[] {
    const reference = this.#references.get(name);
    if (typeof reference === 'string') return [squeeze(this.#named.take(reference), name)];
    if (reference === undefined) this.#references.fail(name, 'the name of a tensor, or {"from": name, "transpose": true}');
    const entry = this.#references.object(name);
    const from = entry.get('from');
    const names = Array.isArray(from) ? from : [from];
    if (names.length === 0 || !names.every((part) => typeof part === 'string')) entry.fail('from', 'a name or two');
    const isTransposed = entry.boolean('transpose', false);
    return names.map((part: string) => {
      const whole = squeeze(this.#named.take(part), name);
      const cut = entry.get('rows') === undefined ? whole : takeRows(whole, entry);
      return isTransposed ? transposeTensor(cut, part) : cut;
    });
  }
}

function squeeze(tensor: FloatTensor, name: string): FloatTensor {
  const shape = [...tensor.shape];
  const most = /bias$|gain$|padding$/.test(name) ? 1 : 2;
  while (shape.length > most && shape.includes(1)) shape.splice(shape.lastIndexOf(1), 1);
  return { shape, values: tensor.values };
}

function takeRows({ shape, values }: FloatTensor, entry: Description): FloatTensor {
  const [from, to] = (entry.get('rows') as unknown[]) ?? [];
  const [rows, ...rest] = shape;
  if (
    !Number.isInteger(from) ||
    !Number.isInteger(to) ||
    (from as number) < 0 ||
    (to as number) <= (from as number) ||
    (to as number) > rows!
  )
    return entry.fail('rows', `[from, to] within 0 and ${rows}`);
  const width = rest.reduce((product, size) => product * size, 1);
  return { shape: [(to as number) - (from as number), ...rest], values: values.slice((from as number) * width, (to as number) * width) };
}

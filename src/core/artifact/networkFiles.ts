import { RecommenderError } from '../errors.js';
import type { ItemMatrix } from '../kernels/topK.js';
import type { NetworkConfig, NetworkFiles, OpenNetwork } from '../models/sequence/network.js';
import { NetworkModel } from '../models/sequence/networkModel.js';
import { Checker, parseJson } from './checks.js';
import type { SequenceModelEntry } from './manifest.js';
import { readSafetensors, toFloat32 } from './safetensors.js';

/** f32, one per row of the folder: the item's place in the network. Whole numbers, exact in f32 up to 16 million. */
export const SOURCES = 'sources';
/** A page holds them in memory. */
const MAX_WEIGHT_BYTES = 256 * 2 ** 20;

/** Reads the files of a network (writeNetworkModel.ts) one by one; {@link finish} gives the model. */
export class NetworkReader {
  #sources: Float32Array | null = null;
  #described: Omit<NetworkFiles, 'weights'> | null = null;
  #weights = new Uint8Array(0);
  #filled = 0;

  constructor(
    readonly entry: SequenceModelEntry,
    readonly config: NetworkConfig,
    /** See NetworkModel. */
    readonly column: ItemMatrix | null,
  ) {}

  add(bytes: Uint8Array, file: string): void {
    if (file.endsWith('.safetensors')) {
      const tensor = readSafetensors(bytes, file).get(SOURCES);
      if (tensor?.shape.join() !== String(this.config.itemCount)) this.#fail();
      this.#sources = toFloat32(tensor, SOURCES, file).slice();
    } else if (file.endsWith('.json')) {
      const root = new Checker(file, parseJson(file, bytes, 'artifact/bad-file'), '', 'artifact/bad-file');
      this.#weights = new Uint8Array(root.get('weightBytes').integer(0, MAX_WEIGHT_BYTES));
      const { weightBytes: _, ...described } = root.value as Omit<NetworkFiles, 'weights'> & { readonly weightBytes: number };
      this.#described = described;
    } else {
      if (this.#filled + bytes.length > this.#weights.length) this.#fail();
      this.#weights.set(bytes, this.#filled);
      this.#filled += bytes.length;
    }
  }

  async finish(openNetwork: OpenNetwork): Promise<NetworkModel> {
    if (!this.#sources || !this.#described || this.#filled !== this.#weights.length) return this.#fail();
    const network = await openNetwork({ ...this.#described, weights: this.#weights }, this.config);
    return new NetworkModel(this.config, network, this.#sources, this.column);
  }

  #fail(): never {
    throw new RecommenderError(
      'artifact/bad-file',
      `The files of the network ${this.entry.name} hold ${this.#filled} bytes of weights, ${this.#weights.length} are described. Pack the model again.`,
      { name: this.entry.name, seen: this.#filled, expected: this.#weights.length },
    );
  }
}

import { RecommenderError, show } from '../../errors.js';
import type { Network, NetworkConfig, NetworkFiles, OpenNetwork } from './network.js';
import { checkNetworkOutput } from './networkModel.js';

interface TfjsTensor {
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
}
interface TfjsInput {
  readonly name: string;
  readonly shape?: readonly (number | null)[] | null | undefined;
  readonly dtype: string;
}
interface LayersModel {
  readonly inputs: readonly TfjsInput[];
  readonly outputs: readonly { readonly sourceLayer: { readonly name: string } }[];
  predict(input: TfjsTensor): TfjsTensor | TfjsTensor[];
  dispose(): unknown;
}
interface GraphModel {
  readonly inputs: readonly TfjsInput[];
  readonly outputs: readonly { readonly name: string }[];
  execute(input: Record<string, TfjsTensor>, output: string): TfjsTensor | TfjsTensor[];
  dispose(): unknown;
}
interface Artifacts {
  readonly modelTopology: object;
  readonly weightSpecs: readonly object[];
  readonly weightData: ArrayBuffer;
  readonly format: string;
}
interface LoadHandler {
  load(): Promise<Artifacts>;
}

/** The part of tfjs that a network needs. The ground imports no GPU library: the worker and the command line hand theirs in. */
export interface TfjsApi {
  tensor(values: Int32Array | Float32Array, shape: number[], dtype: 'int32' | 'float32'): TfjsTensor;
  tidy(work: () => TfjsTensor): TfjsTensor;
  dispose(tensor: TfjsTensor): void;
  loadLayersModel(handler: LoadHandler): Promise<LayersModel>;
  loadGraphModel(handler: LoadHandler): Promise<GraphModel>;
}

/** Runs networks on tfjs, whose backend must answer `dataSync` (cpu and wasm do). */
export function createOpenNetwork(tf: TfjsApi): OpenNetwork {
  return async (files, config) => {
    const handler = { load: async () => toArtifacts(files, config) };
    const read = async <Model>(load: (from: LoadHandler) => Promise<Model>): Promise<Model> => {
      try {
        return await load(handler);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new RecommenderError(
          'artifact/bad-file',
          `tfjs cannot load the network as a ${config.format}: ${message}`,
          { format: config.format },
          cause,
        );
      }
    };
    if (config.format === 'layers-model') {
      const model = await read(tf.loadLayersModel);
      const input = findInput(model.inputs, config);
      // By layer: a sequential model leaves `outputNames` empty.
      const names = model.outputs.map(({ sourceLayer }) => sourceLayer.name);
      const output = names.indexOf(pickName(names, config.output, 'output'));
      return openNetwork(
        tf,
        config,
        input,
        (x) => [model.predict(x)].flat()[output]!,
        () => void model.dispose(),
      );
    }
    const model = await read(tf.loadGraphModel);
    const input = findInput(model.inputs, config);
    const names = model.outputs.map(({ name }) => name);
    const output = config.output === '' ? pickName(names, '', 'output') : config.output;
    return openNetwork(
      tf,
      config,
      input,
      (x) => [model.execute({ [input.name]: x }, output)].flat()[0]!,
      () => void model.dispose(),
    );
  };
}

function openNetwork(
  tf: TfjsApi,
  config: NetworkConfig,
  { dtype }: TfjsInput,
  predict: (input: TfjsTensor) => TfjsTensor,
  dispose: () => void,
): Network {
  return {
    run: (indexes) => {
      const output = tf.tidy(() => {
        const values = dtype === 'int32' ? indexes : Float32Array.from(indexes);
        return predict(tf.tensor(values, [1, indexes.length], dtype === 'int32' ? 'int32' : 'float32'));
      });
      try {
        checkNetworkOutput(output.shape, config);
        return Float32Array.from(output.dataSync());
      } finally {
        tf.dispose(output);
      }
    },
    dispose,
  };
}

function toArtifacts({ modelTopology, weightSpecs, weights }: NetworkFiles, { format }: NetworkConfig): Artifacts {
  return { modelTopology, weightSpecs, weightData: weights.slice().buffer, format };
}

/** The declared input, checked for its length. Throws `artifact/bad-tensor`. */
function findInput(inputs: readonly TfjsInput[], { input, length }: NetworkConfig): TfjsInput {
  const name = pickName(
    inputs.map((one) => one.name),
    input,
    'input',
  );
  const found = inputs.find((one) => one.name === name)!;
  const { shape } = found;
  const fits =
    !shape || (shape.length === 2 && [null, undefined, -1, length].includes(shape[1]) && [null, undefined, -1, 1].includes(shape[0]));
  if (fits) return found;
  throw new RecommenderError(
    'artifact/bad-tensor',
    `The network's input ${name} has shape ${show(shape)}; expected [1, ${length}], the declared length.`,
    { name, seen: shape, expected: [1, length] },
  );
}

function pickName(names: readonly string[], wanted: string, what: string): string {
  if (wanted === '' && names.length === 1) return names[0]!;
  if (names.includes(wanted)) return wanted;
  throw new RecommenderError(
    'artifact/bad-tensor',
    wanted === ''
      ? `The network has the ${what}s ${show(names, 200)}; declare which one.`
      : `The network has no ${what} ${show(wanted)}; it has ${show(names, 200)}.`,
    { name: wanted, seen: names },
  );
}

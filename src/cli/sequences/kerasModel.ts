import { badInput } from '../cliIo.js';
import type { KerasConfig, KerasLayer, KerasModel } from './kerasLayer.js';

const SHAPE_OF_MODEL = 'Supported are Sequential models and functional ones in which each layer feeds the next.';

/**
 * Reads a model config (`config.json`, `model_config`, `modelTopology`, `model.to_json()`) as a straight line of layers.
 * `version`: "3.4.1", "2.11.0", "tfjs-layers 4.22.0" or undefined. Throws `cli/bad-input` naming the layer that does not fit.
 */
export function readKerasModel(origin: string, framework: string, topology: unknown, version: unknown): KerasModel {
  const { className, config } = readObject(origin, topology);
  const kerasMajor = readMajor(version);
  const base = { origin, framework, kerasMajor };
  if (className === 'Sequential') {
    const all = readLayers(origin, Array.isArray(config) ? config : (config as KerasConfig)['layers']);
    return { ...base, all: all.map(({ layer }) => layer), line: all.map(({ layer }) => layer) };
  }
  if (className !== 'Functional' && className !== 'Model') {
    throw badInput(`${origin} is a model of class ${JSON.stringify(className)}. ${SHAPE_OF_MODEL}`, { origin, seen: className });
  }
  const graph = readLayers(origin, (config as KerasConfig)['layers']);
  return { ...base, all: graph.map(({ layer }) => layer), line: followLine(origin, config as KerasConfig, graph) };
}

interface GraphLayer {
  readonly layer: KerasLayer;
  readonly inbound: unknown;
}

function readLayers(origin: string, list: unknown): GraphLayer[] {
  if (!Array.isArray(list) || list.length === 0) throw badInput(`${origin}: the model config lists no layers.`, { origin });
  return list.map((entry, i) => {
    const { className, config } = readObject(origin, entry);
    const { name: ownName, inbound_nodes: inbound, inboundNodes } = entry as Record<string, unknown>;
    const name = (config as KerasConfig)['name'] ?? ownName ?? `layer ${i}`;
    return { layer: { className, name: String(name), config: config as KerasConfig }, inbound: inbound ?? inboundNodes };
  });
}

function readObject(origin: string, value: unknown): { className: string; config: object } {
  const entry = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const className = entry['class_name'] ?? entry['className'];
  const { config } = entry;
  if (typeof className !== 'string' || typeof config !== 'object' || config === null) {
    throw badInput(`${origin}: no Keras model config: each layer is {"class_name": ..., "config": {...}}.`, { origin });
  }
  return { className: className.replace(/^.*>/, ''), config };
}

function readMajor(version: unknown): number | null {
  if (typeof version !== 'string') return null;
  if (/tfjs/i.test(version)) return 2;
  const major = /(\d+)/.exec(version)?.[1];
  return major === undefined ? null : Number(major);
}

/** Walks from the one output back to the input. */
function followLine(origin: string, config: KerasConfig, graph: readonly GraphLayer[]): KerasLayer[] {
  const outputs = historiesOf(config['output_layers'] ?? config['outputLayers']);
  if (outputs.length !== 1)
    throw badInput(`${origin} has ${outputs.length} outputs (${outputs.join(', ')}); one is needed. ${SHAPE_OF_MODEL}`, { origin });
  const byName = new Map(graph.map((entry) => [entry.layer.name, entry]));
  const line: KerasLayer[] = [];
  let next: string | undefined = outputs[0];
  while (next !== undefined) {
    const entry = byName.get(next);
    if (!entry || line.includes(entry.layer))
      throw badInput(`${origin}: the graph names layer ${JSON.stringify(next)}, which ${entry ? 'is used twice' : 'is not there'}.`);
    line.unshift(entry.layer);
    const inputs = inputsOf(entry.inbound);
    if (inputs.length > 1) {
      throw badInput(
        `${origin}: ${entry.layer.className} ${JSON.stringify(next)} has ${inputs.length} inputs (${inputs.join(', ')}). ${SHAPE_OF_MODEL}`,
        { origin, layer: next },
      );
    }
    next = inputs[0];
  }
  // Keras 3 shows the mask of an embedding as an operation beside the line.
  const beside = graph.find(({ layer }) => !line.includes(layer) && !['InputLayer', 'NotEqual'].includes(layer.className));
  if (beside) {
    const { className, name } = beside.layer;
    throw badInput(`${origin}: ${className} ${JSON.stringify(name)} is not on the way from the input to the output. ${SHAPE_OF_MODEL}`);
  }
  return line;
}

/** Names of the layers that a node takes its tensors from. Masks and flags among the keyword arguments are no inputs. */
function inputsOf(inbound: unknown): string[] {
  if (!Array.isArray(inbound)) return [];
  const names = new Set<string>();
  for (const node of inbound) {
    const isModern = typeof node === 'object' && node !== null && !Array.isArray(node);
    const { args, kwargs } = isModern ? (node as { args?: unknown; kwargs?: Record<string, unknown> }) : { args: node, kwargs: undefined };
    const others = Object.entries(kwargs ?? {}).filter(([name]) => name !== 'mask');
    for (const name of [...historiesOf(args), ...others.flatMap(([, value]) => historiesOf(value))]) names.add(name);
  }
  return [...names];
}

/** Layer names in ["gru", 0, 0], lists of them, or Keras tensors of Keras 3. */
function historiesOf(value: unknown): string[] {
  if (Array.isArray(value)) {
    if (typeof value[0] === 'string' && typeof value[1] === 'number') {
      const kwargs = Object.entries((value[3] ?? {}) as Record<string, unknown>).filter(([name]) => name !== 'mask');
      return [value[0], ...kwargs.flatMap(([, other]) => historiesOf(other))];
    }
    return value.flatMap(historiesOf);
  }
  const history = (value as { config?: { keras_history?: unknown } } | null)?.config?.keras_history;
  return history === undefined ? [] : historiesOf(history);
}

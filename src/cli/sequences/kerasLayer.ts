import type { ActivationName } from '../../core/models/sequence/activation.js';
import { PLAIN_ACTIVATIONS } from '../../core/models/sequence/activation.js';
import { badInput } from '../cliIo.js';

/** A layer as a Keras or tfjs model config describes it. */
export interface KerasLayer {
  /** "GRU", "Embedding". */
  readonly className: string;
  readonly name: string;
  readonly config: KerasConfig;
}

export type KerasConfig = Readonly<Record<string, unknown>>;

/** A straight line of layers, from the input to the output, and what it was made with. */
export interface KerasModel {
  /** File, for messages. */
  readonly origin: string;
  /** In words: "keras", "tfjs". */
  readonly framework: string;
  /** Major version of Keras; 2 for tfjs, null when the file does not say. */
  readonly kerasMajor: number | null;
  readonly line: readonly KerasLayer[];
  /** All layers in the order of the config: weights are numbered by it. */
  readonly all: readonly KerasLayer[];
}

/** What a layer's activation may be besides the cells' own. */
export type HeadActivation = ActivationName | 'softmax';

/**
 * Returns an activation's canonical name. Keras' "hard_sigmoid" is clip(0.2 x + 0.5) up to Keras 2 and in tfjs, relu6(x + 3) / 6 from
 * Keras 3 on. Throws `cli/bad-input` naming the layer and what is supported.
 */
export function kerasActivation(value: unknown, layer: KerasLayer, model: KerasModel): HeadActivation {
  const name = activationText(value);
  if (name === 'hard_sigmoid') {
    if (model.kerasMajor === null) {
      throw badInput(
        `${model.origin}: ${layer.className} ${JSON.stringify(layer.name)} uses hard_sigmoid, which Keras 2 and Keras 3 compute differently, and the file does not say which made it. Add "keras_version": "2" or "3" to the description.`,
      );
    }
    return model.kerasMajor >= 3 ? 'hard-sigmoid-sixth' : 'hard-sigmoid-fifth';
  }
  if (name === 'elu') {
    const alpha = (value as { config?: { alpha?: unknown } } | null)?.config?.alpha;
    return `elu-${typeof alpha === 'number' ? alpha : 1}`;
  }
  if (name === 'softmax') return name;
  const plain = PLAIN_ACTIVATIONS.find((activation) => activation === name);
  if (plain) return plain;
  throw badInput(
    `${model.origin}: ${layer.className} ${JSON.stringify(layer.name)} has the activation ${JSON.stringify(name)}. Supported are linear, tanh, sigmoid, hard_sigmoid, relu, elu, and softmax at the end.`,
    { layer: layer.name, seen: name },
  );
}

/** "hard_sigmoid" of a text, of null, or of a serialized function or object; tfjs writes "hardSigmoid" in places. */
function activationText(value: unknown): string {
  if (value === null || value === undefined) return 'linear';
  if (typeof value === 'object') {
    const { class_name: className, className: camel, config } = value as { class_name?: unknown; className?: unknown; config?: unknown };
    return activationText(typeof config === 'string' ? config : (className ?? camel ?? 'unknown'));
  }
  const text = String(value).replace(/^.*>/, '');
  return text === text.toUpperCase() ? text.toLowerCase() : snakeCase(text);
}

/** Keras' rule for names: "SimpleRNN" -> "simple_rnn", "GRU" -> "gru". */
export function snakeCase(text: string): string {
  return text
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

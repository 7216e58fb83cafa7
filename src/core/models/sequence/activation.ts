/**
 * The functions between the layers. Frameworks disagree on the hard sigmoid, so its two forms have names of their own:
 * `hard-sigmoid-fifth` is clip(0.2 x + 0.5, 0, 1) (Keras 2, tfjs, Theano), `hard-sigmoid-sixth` is relu6(x + 3) / 6 (Keras 3, torch).
 */
export const PLAIN_ACTIVATIONS = ['linear', 'tanh', 'sigmoid', 'relu', 'hard-sigmoid-fifth', 'hard-sigmoid-sixth'] as const;

/** A name from {@link PLAIN_ACTIVATIONS}, or `elu-` and its alpha above 0: `elu-0.5` is x above 0, 0.5 (e^x - 1) below. */
export type ActivationName = (typeof PLAIN_ACTIVATIONS)[number] | `elu-${number}`;

export type Activation = (x: number) => number;

/** Returns the function of a name, or null for a name that is none. */
export function activationOf(name: string): Activation | null {
  switch (name) {
    case 'linear':
      return (x) => x;
    case 'tanh':
      return Math.tanh;
    case 'sigmoid':
      return (x) => 1 / (1 + Math.exp(-x));
    case 'relu':
      return (x) => (x > 0 ? x : 0);
    case 'hard-sigmoid-fifth':
      return (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5));
    case 'hard-sigmoid-sixth':
      return (x) => Math.min(6, Math.max(0, x + 3)) / 6;
  }
  const alpha = /^elu-\d+(\.\d+)?$/.test(name) ? Number(name.slice(4)) : 0;
  return alpha > 0 ? (x) => (x > 0 ? x : alpha * Math.expm1(x)) : null;
}

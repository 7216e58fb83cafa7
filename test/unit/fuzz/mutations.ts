import fc from 'fast-check';

/** What a hostile or broken file may hold where something else should be. */
const hostileValue = fc.oneof(
  fc.constantFrom<unknown>(-1, 0, 0.5, 3, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308, 5e-324),
  fc.constantFrom<unknown>(null, true, '', 'x', [], {}, [[]], [null], [{}], '\u0000', '{own}'.repeat(40), 'ÿ'.repeat(5_000)),
  fc.constantFrom<unknown>('deep:40', 'deep:6000', '__proto__', 'constructor', 'javascript:alert(1)', '../../etc/passwd', 'manifest.json'),
  fc.jsonValue({ maxDepth: 3 }),
);

/** JSON text of this marker is replaced by brackets nested so deep; JSON.stringify itself could not write them. */
const DEEP = /"deep:(\d+)"(?!:)/g;

export interface JsonMutation {
  readonly at: number;
  readonly how: 'replace' | 'delete' | 'rename' | 'repeat';
  readonly value: unknown;
}

/** One to three changes at any places of a JSON value. */
export const jsonMutations: fc.Arbitrary<readonly JsonMutation[]> = fc.array(
  fc.record({ at: fc.nat(), how: fc.constantFrom('replace', 'replace', 'replace', 'delete', 'rename', 'repeat'), value: hostileValue }),
  { minLength: 1, maxLength: 3 },
);

/** Applies the changes and writes the value as JSON. */
export function mutateJson(original: unknown, mutations: readonly JsonMutation[]): Uint8Array {
  const root = { value: JSON.parse(JSON.stringify(original)) as unknown };
  for (const { at, how, value } of mutations) {
    const places = allPlaces(root);
    const [parent, key] = places[at % places.length] ?? [root, 'value'];
    const container = parent as Record<string, unknown>;
    // Copies: a value put into itself by the next mutation would be a circle.
    if (how === 'replace') setOwn(container, key, structuredClone(value));
    else if (how === 'delete' && Array.isArray(parent)) parent.splice(Number(key), 1);
    else if (how === 'delete') delete container[key];
    else if (how === 'repeat' && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
    else if (Array.isArray(parent)) parent.reverse();
    else setOwn(container, typeof value === 'string' ? value : '__proto__', structuredClone(container[key]));
  }
  return new TextEncoder().encode(
    JSON.stringify(root.value ?? null).replace(DEEP, (_, depth) => '['.repeat(Number(depth)) + ']'.repeat(Number(depth))),
  );
}

/** As JSON.parse would: an own key, also when it is `__proto__`. */
function setOwn(container: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

function allPlaces(value: object, places: [object, string][] = []): [object, string][] {
  for (const [key, inner] of Object.entries(value)) {
    places.push([value, key]);
    if (typeof inner === 'object' && inner !== null) allPlaces(inner as object, places);
  }
  return places;
}

export interface ByteMutation {
  readonly at: number;
  readonly how: 'flip' | 'set' | 'cut' | 'insert' | 'move' | 'number';
  readonly value: number;
}

export const byteMutations: fc.Arbitrary<readonly ByteMutation[]> = fc.array(
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom('flip', 'set', 'cut', 'insert', 'move', 'number'),
    value: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 255, 127, 128, 48, 57, 91, 93, 123, 125), fc.nat()),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Flips, sets, cuts, inserts and moves bytes; `number` writes a u32 or, where digits stand, other digits. Result: a new array. */
export function mutateBytes(original: Uint8Array, mutations: readonly ByteMutation[]): Uint8Array {
  let bytes = Uint8Array.from(original);
  for (const { at, how, value } of mutations) {
    // The header is where the sizes are: half of all changes go there.
    const place = (at % 2 === 0 ? at : at % 200) % Math.max(1, bytes.length);
    if (how === 'flip') bytes[place]! ^= 1 << (value & 7);
    else if (how === 'set') bytes[place] = value;
    else if (how === 'cut') bytes = bytes.slice(0, place);
    else if (how === 'insert') bytes = Uint8Array.of(...bytes.subarray(0, place), value, ...bytes.subarray(place));
    else if (how === 'move') bytes.copyWithin(place, value % Math.max(1, bytes.length), place + 16);
    else for (let i = 0; i < 4 && place + i < bytes.length; i++) bytes[place + i] = isDigit(bytes[place + i]!) ? 57 : value >>> (8 * i);
  }
  return bytes;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

import { oneLine } from '../plainWords.js';

/** Ids of two sides that should name the same items, most important first. */
export interface IdSides {
  readonly left: readonly string[];
  readonly right: ReadonlySet<string>;
  /** Columns of the right side whose values might be the ids that the left side uses: name -> values. */
  readonly alternatives?: ReadonlyMap<string, ReadonlySet<string>>;
}

const EXAMPLES = 10;

/** At most ten ids for a message. */
export function exampleIds(ids: Iterable<string>): string[] {
  const examples: string[] = [];
  for (const id of ids) {
    if (examples.length === EXAMPLES) break;
    examples.push(oneLine(id, 30));
  }
  return examples;
}

/** Spellings in which two systems' ids commonly differ. */
const SPELLINGS: readonly (readonly [string, (id: string) => string])[] = [
  ['upper and lower case', (id) => id.toLowerCase()],
  ['leading zeros', (id) => id.replace(/^0+(?=.)/, '')],
  ['a decimal ".0" at the end', (id) => id.replace(/\.0$/, '')],
  ['what stands before the last of : / _ -', (id) => id.replace(/^.*[:/_-]/, '')],
  ['punctuation and spaces', (id) => id.replace(/[^a-z0-9]/gi, '')],
];

/** Guesses why ids do not match, as one sentence to end a message with; null when nothing stands out. */
export function guessMismatch({ left, right, alternatives }: IdSides): string | null {
  for (const [name, values] of alternatives ?? []) {
    const matching = left.filter((id) => values.has(id)).length;
    if (matching > left.length / 2)
      return `They are the values of the catalogue's column ${JSON.stringify(name)}: say --catalog-columns ${/\s/.test(name) ? `"itemId=${name}"` : `itemId=${name}`}.`;
  }
  for (const [difference, spell] of SPELLINGS) {
    const spelled = new Set([...right].map(spell));
    const matching = left.filter((id) => spelled.has(spell(id))).length;
    if (matching > left.length / 2) return `The ids seem to differ only in ${difference}: make both sides write them alike.`;
  }
  const kinds = [kindOf(left), kindOf([...right])] as const;
  if (kinds[0] !== kinds[1] && kinds[0] !== 'mixed' && kinds[1] !== 'mixed')
    return `Ids on one side are ${kinds[0]}, on the other ${kinds[1]}: they come from two systems; export a column that both have.`;
  return null;
}

function kindOf(ids: readonly string[]): 'numbers' | 'texts' | 'mixed' {
  const numbers = ids.filter((id) => /^\d+(\.0)?$/.test(id)).length;
  if (numbers > 0.9 * ids.length) return 'numbers';
  return numbers < 0.1 * ids.length ? 'texts' : 'mixed';
}

/** Says when ids of one file differ only in a spelling that two exports of the same shop often have; null when none do. */
export function describeLookalikes(ids: readonly string[], noun: string): string | null {
  if (ids.length > MAX_COMPARED) return null;
  for (const [difference, spell] of SPELLINGS.slice(0, SAFE_SPELLINGS)) {
    const first = new Map<string, string>();
    const pairs: string[] = [];
    let count = 0;
    for (const id of ids) {
      const spelled = spell(id);
      const other = first.get(spelled);
      if (other === undefined) first.set(spelled, id);
      else if (count++ < MAX_PAIRS) pairs.push(`${oneLine(other, 30)} and ${oneLine(id, 30)}`);
    }
    if (count > 0)
      return `${count === 1 ? `1 ${noun} id differs from another` : `${count} ${noun} ids differ from others`} only in ${difference} (${pairs.join('; ')}) and count as different ones. If they are the same, make the export write them alike.`;
  }
  return null;
}

/** The first of SPELLINGS: ids that differ only there mean the same thing with little doubt. */
const SAFE_SPELLINGS = 3;
const MAX_PAIRS = 3;
/** Comparing more ids would cost more memory than the note is worth. */
const MAX_COMPARED = 1_000_000;

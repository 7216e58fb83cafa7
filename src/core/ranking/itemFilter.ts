import type { CatalogItem } from '../types.js';

export type Scalar = string | number | boolean;

/**
 * Tests on one catalogue field; all that are given must hold. A list field (tags, attributes) meets `eq`, `in`, `startsWith` and
 * `under` when one of its values does, and `ne`, `notIn` when none does. An item without the field meets only `ne`, `notIn` and
 * `exists: false`. Texts are compared to the letter.
 */
export interface FieldOperators {
  readonly eq?: Scalar;
  readonly ne?: Scalar;
  readonly in?: readonly Scalar[];
  readonly notIn?: readonly Scalar[];
  /** At least; texts by code units, so that ISO dates compare. */
  readonly min?: number | string;
  /** At most. */
  readonly max?: number | string;
  readonly exists?: boolean;
  /** A list field has this value; a text field has this text somewhere in it. */
  readonly contains?: string;
  /** A list field has one of these values. */
  readonly any?: readonly Scalar[];
  /** A list field has each of these values. */
  readonly all?: readonly Scalar[];
  readonly startsWith?: string;
  /** A category path, "Cameras > Lenses", or several: the field is that category or lies below it. */
  readonly under?: string | readonly string[];
}

export const OPERATORS = ['eq', 'ne', 'in', 'notIn', 'min', 'max', 'exists', 'contains', 'any', 'all', 'startsWith', 'under'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A bare value means "equals", an array "is one of". */
export type ItemFieldCondition = Scalar | readonly Scalar[] | FieldOperators;

/**
 * Everything named must hold: `{category: {under: 'Cameras'}, price: {max: 500}, not: {brand: 'Aro'}}`. The names `all`, `any` and
 * `not` combine filters and cannot be fields.
 */
export interface ItemFilter {
  readonly all?: readonly ItemFilter[];
  /** At least one must hold; an empty list lets nothing through. */
  readonly any?: readonly ItemFilter[];
  readonly not?: ItemFilter;
  readonly [field: string]: ItemFieldCondition | ItemFilter | readonly ItemFilter[] | undefined;
}

/** A filter in the shop's own words. It runs in the page, on the fields of the items; see judgeItems.ts. */
export type FilterFunction = (item: CatalogItem) => boolean;

import { badInput, badUsage } from './inputErrors.js';

/** The columns of an events file that are understood, each with its spellings in order of preference. */
export const EVENT_COLUMNS = {
  user: [
    'user',
    'userid',
    'userpseudoid',
    'customerid',
    'customer',
    'visitorid',
    'visitor',
    'clientid',
    'anonymousid',
    'uid',
    'reviewerid',
    'sessionid',
    'session',
    'gasessionid',
  ],
  item: ['item', 'itemid', 'productid', 'product', 'sku', 'stockcode', 'articleid', 'asin', 'variantid', 'iid', 'lineitemsku'],
  time: [
    'timestamp',
    'time',
    'ts',
    'timestampms',
    'eventtimestamp',
    'eventtime',
    'invoicedate',
    'datetime',
    'date',
    'createdat',
    'unixreviewtime',
  ],
  event: ['event', 'eventname', 'eventtype', 'behavior', 'behaviour', 'action'],
  quantity: ['quantity', 'qty', 'lineitemquantity'],
  order: ['invoiceno', 'invoice', 'orderid', 'order', 'transactionid'],
  title: ['title', 'itemname', 'productname', 'description', 'name'],
} as const;
export type EventColumn = keyof typeof EVENT_COLUMNS;

/** The columns of a catalogue that become named fields; any other is kept under its own name. */
export const CATALOG_COLUMNS = {
  itemId: ['itemid', 'id', 'productid', 'sku', 'stockcode', 'item', 'asin', 'articleid'],
  title: ['title', 'name', 'productname', 'itemname', 'description'],
  description: ['description', 'body', 'bodyhtml', 'longdescription'],
  brand: ['brand', 'vendor', 'manufacturer'],
  category: ['category', 'producttype', 'categories', 'type', 'googleproductcategory'],
  price: ['price', 'variantprice', 'regularprice', 'unitprice'],
  currency: ['currency', 'pricecurrency'],
  url: ['url', 'link', 'producturl'],
  image: ['image', 'imagelink', 'imageurl', 'imagesrc', 'productimageurl', 'images', 'thumbnail'],
  inStock: ['instock', 'availability', 'availabilitystatus', 'stock', 'inventoryquantity', 'variantinventoryqty'],
} as const;
export type CatalogColumn = keyof typeof CATALOG_COLUMNS;

/** "Invoice No" -> "invoiceno"; RecBole's "user_id:token" -> "userid". */
export function normalizeColumn(name: string): string {
  return name
    .replace(/:(token|float)(_seq)?$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/**
 * Finds which of `names` plays which role. `overrides` ("user=buyer") come first and must exist.
 * A name serves one role only, in the order of the roles.
 */
export function matchColumns<Role extends string>(
  names: readonly string[],
  aliases: Readonly<Record<Role, readonly string[]>>,
  overrides: ReadonlyMap<string, string>,
): Map<Role, string> {
  const matched = new Map<Role, string>();
  const taken = new Set<string>();
  const roles = Object.keys(aliases) as Role[];
  for (const role of roles) {
    const name = overrides.get(role);
    if (name === undefined) continue;
    if (!names.includes(name))
      throw badInput(`--columns says ${role}=${name}, but the file has no such column. It has: ${names.join(', ')}.`, { seen: names });
    matched.set(role, name);
    taken.add(name);
  }
  for (const role of roles) {
    if (matched.has(role)) continue;
    for (const alias of aliases[role]) {
      const name = names.find((candidate) => !taken.has(candidate) && normalizeColumn(candidate) === alias);
      if (name === undefined) continue;
      matched.set(role, name);
      taken.add(name);
      break;
    }
  }
  return matched;
}

/** Reads "user=buyer,item=article". Throws `input/invalid` on anything else. */
export function parseColumnOverrides(text: string | undefined, roles: readonly string[]): Map<string, string> {
  const overrides = new Map<string, string>();
  for (const part of text ? text.split(',') : []) {
    const at = part.indexOf('=');
    const role = part.slice(0, at).trim();
    if (at < 1 || !roles.includes(role) || at === part.length - 1) {
      throw badUsage(
        `--columns ${JSON.stringify(text)} is not understood at ${JSON.stringify(part)}. Write role=column, with a role of ${roles.join(', ')}: --columns user=buyer,item=article`,
      );
    }
    overrides.set(role, part.slice(at + 1).trim());
  }
  return overrides;
}

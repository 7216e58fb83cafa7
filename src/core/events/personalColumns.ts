import { normalizeColumn } from './columnNames.js';

const PERSON = '(customer|buyer|recipient|contact|user|billing|shipping|delivery)?';
const WHAT =
  '(e?mail(address)?|phone(number)?|mobile|fax|firstname|lastname|fullname|surname|street|address\\d*|company|city|zip(code)?|postcode|postalcode|province(name|code)?|state(code)?|country(code)?|dateofbirth|birthday|birthdate|password|iban|creditcard(number)?|ip(address)?|useragent|note)';
const PERSONAL = new RegExp(`^${PERSON}${WHAT}${PERSON}$|^(customer|buyer|recipient|contact|user|billing|shipping)(name)?$|^(e?mail)`);
/** Words that say something of a product as often as of a person. */
const HARMLESS = new Set(['company', 'city', 'country', 'countrycode', 'province', 'state', 'note', 'mobile', 'shipping', 'user']);

/** Whether a column by its name holds what identifies a person: such columns are never kept. */
export function isPersonalColumn(name: string): boolean {
  const spelled = normalizeColumn(name);
  return PERSONAL.test(spelled) && !HARMLESS.has(spelled);
}

/** Says which columns of a header were not kept, and that `key`, if it is one of them, only told people apart. '' where there is nothing to say. */
export function describePersonal(header: readonly string[], key: string | null): string {
  const isKeyPersonal = key !== null && isPersonalColumn(key);
  const personal = header.filter((name) => name !== key && isPersonalColumn(name));
  const more = personal.length > MAX_NAMED ? ` and ${personal.length - MAX_NAMED} more` : '';
  return [
    ...(isKeyPersonal ? [`${key} tells customers apart while reading and is kept nowhere`] : []),
    ...(personal.length > 0 ? [`personal columns dropped: ${personal.slice(0, MAX_NAMED).join(', ')}${more}`] : []),
  ].join('; ');
}

const MAX_NAMED = 6;

/** What the hash asks for. */
export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'item'; readonly itemId: string }
  | { readonly name: 'category'; readonly category: string }
  | { readonly name: 'search'; readonly query: string }
  | { readonly name: 'cart' | 'history' | 'rules' };

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads `#/`, `#/item/ID`, `#/category/NAME`, `#/search?q=...`, `#/cart`, `#/history` and `#/rules`; anything else is home. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/');
  const subject = decoded(rest.join('/'));
  if (name === 'item' && subject) return { name: 'item', itemId: subject };
  if (name === 'category' && subject) return { name: 'category', category: subject };
  if (name === 'search') return { name: 'search', query: new URLSearchParams(query).get('q') ?? '' };
  if (name === 'cart' || name === 'history' || name === 'rules') return { name };
  return { name: 'home' };
}

// Keeps the shop's own shell for a reload without network. The library looks after the model by itself.
// A classic script on purpose: no import and no export, so that every browser takes it.
{
  interface Extendable extends Event {
    waitUntil(work: Promise<unknown>): void;
  }
  interface Fetching extends Extendable {
    readonly request: Request;
    respondWith(response: Promise<Response>): void;
  }
  interface Scope {
    readonly registration: { readonly scope: string };
    readonly clients: { claim(): Promise<void> };
    skipWaiting(): Promise<void>;
    addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void;
    addEventListener(type: 'fetch', listener: (event: Fetching) => void): void;
  }
  const scope = self as unknown as Scope;
  const CACHE = 'shop-shell-1';
  const home = new URL('./', scope.registration.scope).href;

  /** The page, its scripts and styles, the catalogue and the library; not the model and not its pictures. */
  const keeps = (request: Request): boolean => {
    if (request.method !== 'GET' || !request.url.startsWith(home)) return false;
    const path = request.url.slice(home.length).split(/[?#]/)[0] ?? '';
    return (
      path === '' ||
      path === 'index.html' ||
      path.startsWith('shelfmate/') ||
      path === 'shop/catalog.jsonl' ||
      /\.(js|css|svg|webmanifest)$/.test(path)
    );
  };

  /** What is asked for, without the settings in the page's address. */
  const keyOf = (request: Request): string => (request.mode === 'navigate' ? home : request.url);

  async function networkFirst(request: Request): Promise<Response> {
    const cache = await caches.open(CACHE);
    try {
      const response = await fetch(request);
      if (response.ok) await cache.put(keyOf(request), response.clone());
      return response;
    } catch (error) {
      const kept = await cache.match(keyOf(request));
      if (kept) return kept;
      throw error;
    }
  }

  /** The first visit's files were fetched before this worker stood here, so it fetches them once more by the list. */
  async function keepShell(): Promise<void> {
    const cache = await caches.open(CACHE);
    const response = await fetch(new URL('shell.json', home));
    const paths: unknown = response.ok ? await response.json() : [];
    if (Array.isArray(paths)) await Promise.allSettled(paths.map((path) => cache.add(new URL(String(path), home).href)));
  }

  scope.addEventListener('install', (event) => event.waitUntil(Promise.allSettled([keepShell(), scope.skipWaiting()])));
  scope.addEventListener('activate', (event) =>
    event.waitUntil(
      caches
        .keys()
        .then((names) =>
          Promise.all(names.filter((name) => name.startsWith('shop-shell-') && name !== CACHE).map((name) => caches.delete(name))),
        )
        .then(() => scope.clients.claim()),
    ),
  );
  scope.addEventListener('fetch', (event) => {
    if (keeps(event.request)) event.respondWith(networkFirst(event.request));
  });
}

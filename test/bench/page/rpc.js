// A worker's messages have one receiver only.
/* oxlint-disable unicorn/require-post-message-target-origin */

/** Calls between the page and its workers: {id, method, argument} there, {id, result} or {id, error} back. */
export function callable(worker) {
  const waiting = new Map();
  let lastId = 0;
  worker.addEventListener('message', ({ data: { id, result, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    for (const { reject } of waiting.values()) reject(new Error(event.message || 'the worker script did not load'));
    waiting.clear();
  });
  return (method, argument) =>
    new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      worker.postMessage({ id: lastId, method, argument });
    });
}

/** Answers the page's calls with `methods`. */
export function answer(methods) {
  self.addEventListener('message', async ({ data: { id, method, argument } }) => {
    try {
      self.postMessage({ id, result: await methods[method](argument) });
    } catch (error) {
      self.postMessage({ id, error: String(error?.message ?? error) });
    }
  });
  self.postMessage({ id: 0 });
}

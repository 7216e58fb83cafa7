/** A made-up shop of so many items, in a page of the built package. */
import { progress } from './report.mjs';

const START_LIMIT_MS = 120_000;

/** A model of so many items, served. */
export async function serveModel({ server, folders, ...context }, name, { itemCount, isBare = false }) {
  let model = context.models.get(itemCount);
  if (!model) {
    progress(`${name}: packing ${itemCount} items`);
    const { makeModelFolder } = await import('./modelFolder.mjs');
    model = await makeModelFolder({ itemCount, dimensions: 64, isBare });
    context.models.set(itemCount, model);
    folders.push(model.path);
    server.mount(`/model-${itemCount}/`, model.path);
  }
  return model;
}

/** A page that shows the model of so many items, in a profile of its own. */
export async function openShop(context, name, { itemCount }) {
  await serveModel(context, name, { itemCount });
  const chromiumContext = await context.browser.newContext();
  const page = await chromiumContext.newPage();
  page.setDefaultTimeout(START_LIMIT_MS);
  const url = `${context.server.url}/bench/shop.html?model=/model-${itemCount}/`;
  return { page, url, close: () => chromiumContext.close() };
}

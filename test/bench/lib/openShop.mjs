/** A made-up shop of so many items, in a page of the built package. */
import { progress } from './report.mjs';

const START_LIMIT_MS = 120_000;

/** A model of so many items, served at `base`. */
export async function serveModel({ server, folders, ...context }, name, { itemCount, isBare = false, groups = null }) {
  const base = groups ? `/model-${itemCount}-${groups.count}x${groups.size}/` : `/model-${itemCount}/`;
  let model = context.models.get(base);
  if (!model) {
    progress(`${name}: packing ${itemCount} items`);
    const { makeModelFolder } = await import('./modelFolder.mjs');
    model = { ...(await makeModelFolder({ itemCount, dimensions: 64, isBare, groups })), base };
    context.models.set(base, model);
    folders.push(model.path);
    server.mount(base, model.path);
  }
  return model;
}

/** A page that shows the model of so many items, in a profile of its own. */
export async function openShop(context, name, { itemCount, groups = null }) {
  const { base } = await serveModel(context, name, { itemCount, groups });
  const chromiumContext = await context.browser.newContext();
  const page = await chromiumContext.newPage();
  page.setDefaultTimeout(START_LIMIT_MS);
  const url = `${context.server.url}/bench/shop.html?model=${base}`;
  return { page, url, close: () => chromiumContext.close() };
}

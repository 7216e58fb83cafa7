import { createRecommender } from 'shelfmate';

const asked = new URLSearchParams(location.search);
const backend = asked.get('backend') ?? 'auto';
const recommender = createRecommender({ model: asked.get('model') ?? '/model/', backend });
await recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
globalThis.list = await recommender.recommend({ limit: 4 });

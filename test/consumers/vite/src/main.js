import { createRecommender } from 'shelfmate';

const backend = new URLSearchParams(location.search).get('backend') ?? 'auto';
const recommender = createRecommender({ model: '/model/', backend });
await recommender.record({ event: 'view_item', items: [{ item_id: 'i7' }] });
globalThis.list = await recommender.recommend({ limit: 4 });

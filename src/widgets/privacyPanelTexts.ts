import type { HistoryEvent, Language } from '../core/types.js';

/** Every word of the panel; a shop may replace any of them. */
export interface PrivacyPanelTexts {
  readonly title: string;
  readonly intro: string;
  readonly modes: Readonly<Record<'persistent' | 'memory' | 'off' | 'paused', string>>;
  readonly kept: (count: number) => string;
  readonly empty: string;
  readonly show: string;
  readonly more: (count: number) => string;
  readonly forget: string;
  readonly forgetItem: (title: string) => string;
  readonly pause: string;
  readonly resume: string;
  readonly export: string;
  readonly import: string;
  readonly clear: string;
  readonly confirmClear: string;
  readonly confirm: string;
  readonly cancel: string;
  readonly paused: string;
  readonly resumed: string;
  readonly exported: (count: number) => string;
  readonly imported: (count: number) => string;
  readonly forgotten: (title: string) => string;
  readonly cleared: string;
  readonly badFile: string;
  readonly failed: string;
  readonly events: Readonly<Record<HistoryEvent, string>>;
}

const en: PrivacyPanelTexts = {
  title: 'Your data on this device',
  intro: 'The shop’s recommendations are worked out in this browser. What they are based on stays here: it is sent to nobody.',
  modes: {
    persistent: 'What you look at is remembered on this device.',
    memory: 'What you look at is remembered until you close this page.',
    off: 'Nothing is remembered.',
    paused: 'Paused: nothing new is remembered.',
  },
  kept: (count) => (count === 1 ? '1 entry is kept.' : `${count} entries are kept.`),
  empty: 'Nothing is kept.',
  show: 'Show what is kept',
  more: (count) => `and ${count} more; Export has them all`,
  forget: 'Forget',
  forgetItem: (title) => `Forget ${title}`,
  pause: 'Pause',
  resume: 'Resume',
  export: 'Export',
  import: 'Import',
  clear: 'Clear everything',
  confirmClear: 'Delete all that is kept on this device? Recommendations begin anew.',
  confirm: 'Delete',
  cancel: 'Keep',
  paused: 'Paused.',
  resumed: 'Resumed.',
  exported: (count) => (count === 1 ? '1 entry was exported.' : `${count} entries were exported.`),
  imported: (count) => (count === 1 ? '1 entry was added.' : `${count} entries were added.`),
  forgotten: (title) => `${title} is forgotten.`,
  cleared: 'Everything is deleted.',
  badFile: 'This file cannot be read. Choose one that Export made.',
  failed: 'That did not work. Please try again.',
  events: {
    view_item_list: 'Saw in a list',
    select_item: 'Clicked',
    view_item: 'Viewed',
    search: 'Searched',
    add_to_wishlist: 'Wished for',
    add_to_cart: 'Put in the cart',
    remove_from_cart: 'Took from the cart',
    begin_checkout: 'Went to checkout',
    purchase: 'Bought',
    dismiss: 'Not interested in',
  },
};

const zh: PrivacyPanelTexts = {
  title: '你在本机的数据',
  intro: '本店的推荐在这个浏览器里算出，所依据的数据只留在本机，不会发送给任何人。',
  modes: {
    persistent: '你浏览过的商品会记在本机。',
    memory: '你浏览过的商品只记到关闭此页面为止。',
    off: '什么也不会记录。',
    paused: '已暂停：不再记录新的内容。',
  },
  kept: (count) => `已保存 ${count} 条记录。`,
  empty: '没有保存任何记录。',
  show: '查看已保存的内容',
  more: (count) => `另有 ${count} 条，可用“导出”查看全部`,
  forget: '忘记',
  forgetItem: (title) => `忘记 ${title}`,
  pause: '暂停',
  resume: '继续',
  export: '导出',
  import: '导入',
  clear: '全部清除',
  confirmClear: '删除本机保存的全部内容？推荐将重新开始。',
  confirm: '删除',
  cancel: '保留',
  paused: '已暂停。',
  resumed: '已继续。',
  exported: (count) => `已导出 ${count} 条记录。`,
  imported: (count) => `已添加 ${count} 条记录。`,
  forgotten: (title) => `已忘记 ${title}。`,
  cleared: '已全部删除。',
  badFile: '无法读取该文件，请选择由“导出”生成的文件。',
  failed: '操作未成功，请重试。',
  events: {
    view_item_list: '列表中看到',
    select_item: '点击',
    view_item: '浏览',
    search: '搜索',
    add_to_wishlist: '收藏',
    add_to_cart: '加入购物车',
    remove_from_cart: '移出购物车',
    begin_checkout: '去结算',
    purchase: '购买',
    dismiss: '不感兴趣',
  },
};

export const PRIVACY_PANEL_TEXTS: Readonly<Record<Language, PrivacyPanelTexts>> = { en, zh };

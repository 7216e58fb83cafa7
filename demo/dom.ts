export type Child = Node | string | null | undefined | false;
type AttributeValue = string | number | boolean | undefined | ((event: Event) => void);

/** Creates an element. Functions become listeners (`onclick`), `true` an empty attribute; texts become text nodes, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return node;
}

const ICONS = {
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.500L20 20',
  clock: 'M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16M12 8v4.500l3 2',
  left: 'M14.5 6L8.5 12l6 6',
  right: 'M9.5 6l6 6l-6 6',
  up: 'M6 14.500l6-6l6 6',
  question: 'M9.5 9.500a2.5 2.5 0 1 1 3.6 2.300c-.8.4-1.1.9-1.1 1.700M12 16.600v.1M12 3.500a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17',
  close: 'M6.5 6.500l11 11M17.5 6.500l-11 11',
  lock: 'M7 11V8.500a5 5 0 0 1 10 0V11M6 11h12v8.500H6z',
  chart: 'M5 19.500V11M10 19.500V5M15 19.500V13.500M20 19.500V8.500',
  sliders: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5',
  cart: 'M4 5h2.500l2 10h9l2-7.500H7.200M10 19.200v.1M16.5 19.200v.1',
} as const;

const SVG = 'http://www.w3.org/2000/svg';

/** A line icon that stands beside a text; readers skip it. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const node = document.createElementNS(SVG, 'svg');
  node.setAttribute('viewBox', '0 0 24 24');
  node.setAttribute('class', 'icon');
  node.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  node.append(path);
  return node;
}

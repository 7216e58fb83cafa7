/** Runs `change` and lets the cards that stay glide to their new places; new ones fade in. Does nothing more where motion is unwanted. */
export function moveCards(list: HTMLElement, change: () => void): void {
  const places = new Map<string, DOMRect>();
  for (const slot of slots(list)) places.set(slot.id, slot.node.getBoundingClientRect());
  change();
  if (places.size === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  slots(list).forEach(({ id, node }, index) => {
    const before = places.get(id);
    const timing: KeyframeAnimationOptions = { duration: 480, delay: index * 18, easing: 'cubic-bezier(.2,.8,.2,1)', fill: 'backwards' };
    if (!before) {
      node.animate(
        [
          { opacity: 0, transform: 'translateY(14px) scale(.96)' },
          { opacity: 1, transform: 'none' },
        ],
        timing,
      );
      return;
    }
    const now = node.getBoundingClientRect();
    const dx = before.left - now.left;
    const dy = before.top - now.top;
    if (dx !== 0 || dy !== 0) node.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], timing);
  });
}

function slots(list: HTMLElement): { id: string; node: HTMLElement }[] {
  return [...list.querySelectorAll<HTMLElement>('.slot')].flatMap((node) => {
    const id = node.querySelector<HTMLElement>('[data-item-id]')?.dataset['itemId'];
    return id ? [{ id, node }] : [];
  });
}

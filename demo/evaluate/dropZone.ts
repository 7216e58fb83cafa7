import type { ModelFile } from 'shelfmate/evaluation';
import { element } from '../dom.js';
import { numberText, type Page } from './page.js';
import { pickFolder, readDropped } from './readDropped.js';

export interface DropZone {
  readonly node: HTMLElement;
  readonly files: readonly ModelFile[];
  clear(): void;
}

export interface DropZoneOptions {
  /** Stands in ids and in `data-drop`. */
  readonly name: string;
  readonly hint: string;
  readonly button: string;
  readonly takesFolder: boolean;
  /** Further buttons beside "Choose". */
  readonly more?: readonly HTMLElement[];
  readonly onChange: () => void;
}

/** A field for one file or one folder: dropped, or chosen with a button. */
export function createDropZone(page: Page, { name, hint, button, takesFolder, more = [], onChange }: DropZoneOptions): DropZone {
  const { words } = page;
  let files: readonly ModelFile[] = [];
  const input = element('input', {
    type: 'file',
    id: `file-${name}`,
    class: 'visually-hidden',
    tabindex: -1,
    'aria-hidden': 'true',
    multiple: takesFolder,
    // Phones have no folders to choose; several files do as well.
    webkitdirectory: takesFolder && matchMedia('(pointer: fine)').matches,
    onchange: () => {
      const chosen = [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      input.value = '';
      if (chosen.length > 0) set(chosen);
    },
  });
  const choose = element(
    'button',
    {
      class: 'button quiet small',
      type: 'button',
      'data-action': `choose-${name}`,
      onclick: () => void (takesFolder ? chooseFolder() : input.click()),
    },
    button,
  );
  const chosenName = element('strong', {});
  const remove = element('button', { class: 'text-button', type: 'button', onclick: () => set([]) }, words.clear);
  const chosen = element('p', { class: 'chosen', 'data-chosen': name, hidden: true }, chosenName, remove);
  const text = element('p', { class: 'drop-hint' }, hint);
  const node = element(
    'div',
    {
      class: 'drop',
      'data-drop': name,
      ondragover: (event) => (event.preventDefault(), node.classList.add('over')),
      ondragleave: () => node.classList.remove('over'),
      ondrop: (event) => {
        event.preventDefault();
        node.classList.remove('over');
        const { dataTransfer } = event as DragEvent;
        if (dataTransfer) void take(readDropped(dataTransfer));
      },
    },
    text,
    element('div', { class: 'drop-tools' }, choose, ...more),
    chosen,
    input,
  );

  async function chooseFolder(): Promise<void> {
    const picked = await pickFolder().catch(() => 'unsupported' as const);
    if (picked === 'unsupported') input.click();
    else if (picked && picked.length > 0) set(picked);
  }

  async function take(reading: Promise<readonly ModelFile[]>): Promise<void> {
    const dropped = await reading.catch(() => []);
    if (dropped.length > 0) set(takesFolder ? dropped : dropped.slice(0, 1));
  }

  function set(next: readonly ModelFile[]): void {
    files = next;
    const folder = next[0]?.path.split('/')[0] ?? '';
    chosen.hidden = next.length === 0;
    chosenName.textContent = next.length > 1 || takesFolder ? `${folder} · ${words.files(numberText(page, next.length))}` : folder;
    if (next.length > 0) page.announce(chosenName.textContent);
    onChange();
  }

  return {
    node,
    get files() {
      return files;
    },
    clear: () => set([]),
  };
}

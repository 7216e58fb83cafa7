import { describe, expect, it } from 'vitest';
import { isSafeUrl } from '../../../src/core/artifact/catalogShard.js';
import { allocateModel } from '../../../src/core/artifact/readModelFolder.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import type { Manifest } from '../../../src/core/artifact/manifest.js';
import { readFolder, smallFolder } from '../../fixtures/smallModel.js';

describe('addresses of a catalogue', () => {
  it.each([
    'https://shop.example/a?b#c',
    'http://shop.example',
    '//cdn.example/a.png',
    '/p/1',
    'p/1:2',
    '?a=b:c',
    '#x',
    '',
    './a:b',
    'é:b',
  ])('%j may be linked to', (url) => expect(isSafeUrl(url)).toBe(true));
  it.each([
    'javascript:alert(1)',
    ' \u0000\u001f JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'j\ta\rv\nascript\t:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'blob:https://shop.example/1',
    'file:///etc/passwd',
    'mailto:a@b.example',
  ])('%j may not', (url) => expect(isSafeUrl(url)).toBe(false));

  it('agree with the URL parser of the platform on what is a scheme', () => {
    const pieces = ['javascript', 'JAVA', '\n', '\t', ' ', '\u0000', ':', '/', 'a', '+', '.', '1', '&#58;', '\\', '?', '%3a', 'https'];
    for (let n = 0; n < 20_000; n++) {
      let text = '';
      for (let rest = n * 2_654_435_761; text.length < 40 && rest >= 1; rest = Math.floor(rest / pieces.length))
        text += pieces[rest % pieces.length]!;
      const seen = URL.canParse(text, 'https://shop.example/') ? new URL(text, 'https://shop.example/').protocol : 'https:';
      if (isSafeUrl(text)) expect([JSON.stringify(text), seen]).toEqual([JSON.stringify(text), expect.stringMatching(/^https?:$/)]);
    }
  });

  it('are left out of the item and counted when they are unsafe; texts are not looked at', async () => {
    const items = [
      {
        itemId: 'a',
        title: 'javascript: the good parts',
        url: 'javascript:alert(1)',
        image: '/a.png',
        images: ['/a.png', 'data:text/html,x'],
      },
      { itemId: 'b', title: 'b', url: '/b', image: 'data:image/svg+xml,<svg onload=x>', images: ['/b.png'] },
    ];
    const { catalog } = await readFolder((await smallFolder({ items, itemCount: 2 })).files);
    expect(catalog.item(0)).toEqual({ itemId: 'a', title: 'javascript: the good parts', image: '/a.png' });
    expect(catalog.item(1)).toEqual({ itemId: 'b', title: 'b', url: '/b', images: ['/b.png'] });
    expect(catalog.unsafeUrls).toBe(3);
  });
});

describe('sizes that a manifest makes up', () => {
  const claim = async (change: (manifest: Record<string, never>) => void): Promise<Manifest> => {
    const { files } = await smallFolder();
    const manifest = JSON.parse(new TextDecoder().decode(files.at(-1)!.bytes)) as Record<string, never>;
    change(manifest);
    return readManifest(new TextEncoder().encode(JSON.stringify(manifest)));
  };

  it('are refused before memory is taken, when the files cannot hold them', async () => {
    const manifest = await claim((claimed: Record<string, unknown>) => {
      const shards = [{ rowStart: 0, rowCount: 1_000_000 }];
      const path = (list: unknown): string => (list as { path: string }[])[0]!.path;
      const catalog = claimed['catalog'] as { shards: unknown; fields: unknown };
      const model = (claimed['models'] as { shards: unknown }[])[0]!;
      claimed['itemCount'] = 1_000_000;
      catalog.shards = [{ ...shards[0], path: path(catalog.shards) }];
      model.shards = [{ ...shards[0], path: path(model.shards) }];
    });
    expect(() => allocateModel(manifest, null, null)).toThrow(/1000000 rows of 16 factors are more than \d+ bytes hold/);
  });

  it('are refused when so many columns of so many items would not fit', async () => {
    const fields = Array.from({ length: 1_001 }, (_, i) => ({ name: `f${i}`, type: 'string' }));
    const claiming = claim((claimed: Record<string, unknown>) => ((claimed['catalog'] as { fields: unknown }).fields = fields));
    await expect(claiming).rejects.toThrow(/at most 1000 fields/);
  });
});

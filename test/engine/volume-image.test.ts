// `image` where there is but one.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempEngine } from './temp-engine.ts';

test('an image is not named in vain where a format holds one', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'one');
  writeSynthetic(source, [20, 16, 12]);
  const places = [source];
  for (const [format, name] of [
    ['nifti', 'one.nii'],
    ['nrrd', 'one.nrrd'],
    ['image-stack', 'pictures'],
  ] as const) {
    const out = join(at.folder, name);
    await at.result(at.client.volume.convert({ library: at.library, source, out, format }));
    places.push(out);
  }
  for (const place of places) {
    await expect(at.client.volume.describe({ source: place, image: 'x' }), place).rejects.toMatchObject({
      tag: 'invalid-input',
      message: expect.stringContaining('"x"'),
      hint: expect.stringContaining('Leave'),
    });
    expect((await at.client.volume.describe({ source: place })).value.levels[0]?.size).toEqual([20, 16, 12]);
  }
});

// What other programs put into tilespecs and matches, and need back to know their own stack again.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempEngine } from './temp-engine.ts';

const leaf = (name: string, dataString: string) => ({
  type: 'leaf',
  className: `mpicbg.trakem2.transform.${name}`,
  dataString,
});

/** Two sections that were numbered anew and kept their names, as Render keeps them. */
const specs = ['a', 'b'].map((tileId, z) => ({
  tileId,
  layout: { sectionId: `${1020 - z}.0` },
  z,
  width: 100,
  height: 80,
  mipmapLevels: { '0': { imageUrl: `${tileId}.png` } },
  transforms: {
    type: 'list',
    specList: [{ type: 'ref', refId: 'moved' }, leaf('TranslationModel2D', `${z} 5`)],
  },
}));
const odd = {
  ...specs[0],
  tileId: 'c',
  transforms: { type: 'list', specList: [leaf('PolynomialTransform2D', '1 2'), leaf('TranslationModel2D', '3 4')] },
};
const moved = { id: 'moved', ...leaf('AffineModel2D', '1 0 0 1 1000 2000') };

const matches = {
  ...{ pGroupId: '1020.0', pId: 'a', qGroupId: '1019.0', qId: 'b' },
  matches: { p: [[1, 50, 1], [1, 1, 50]], q: [[2, 51, 2], [1, 1, 50]], w: [1, 1, 1] }, // prettier-ignore
};

test('shared affine maps, what cannot be read and the names of sections come back as they came', async () => {
  const { client, library, folder, result } = tempEngine();
  const [source, out, file] = ['in.json', 'out.json', 'matches.json'].map((name) => join(folder, name));
  const given = {
    transformIdToSpecMap: { moved },
    tileIdToSpecMap: Object.fromEntries([...specs, odd].map((spec) => [spec.tileId, spec])),
  };
  writeFileSync(source!, JSON.stringify(given));
  const { stack, dataset } = await result<{ stack: string; dataset: string }>(
    client.stack.import({ library, source: source! }),
  );
  await client.stack.export({ library, stack, out: out! });
  expect(JSON.parse(readFileSync(out!, 'utf8'))).toEqual(given);
  const points = specs.map(({ tileId }) => ({ name: tileId, x: 10, y: 20 }));
  const { value } = await client.stack.localToWorld({ library, stack, points });
  expect(value.points.map(({ place }) => place)).toEqual([
    { x: 1010, y: 2025, section: 0 },
    { x: 1011, y: 2025, section: 1 },
  ]);

  writeFileSync(file!, JSON.stringify([matches]));
  const taken = await client.solve.importMatches({ library, dataset, file: file! });
  await client.solve.exportMatches({ library, stack: taken.stack, out: join(folder, 'again.json') });
  expect(JSON.parse(readFileSync(join(folder, 'again.json'), 'utf8'))).toEqual([{ ...matches, matchCount: 3 }]);
});

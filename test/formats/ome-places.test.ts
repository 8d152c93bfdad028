import { describe, expect, it } from 'vitest';
import { memoryStore } from '../conformance/memory-store.ts';
import { array, axesOf, group, image, open, opened, put, refusal, scale, translation, type Json } from './ome-image.ts';

describe('places of an OME-Zarr', () => {
  it('levels with their own corners, and what holds for the whole image after them', async () => {
    const places = [
      [scale(40, 4, 4), translation(20, 2, 2)],
      [scale(40, 8, 8), translation(20, 4, 4)],
    ];
    const mean = await opened(image(axesOf('zyx'), places), [
      [2, 8, 8],
      [2, 4, 4],
    ]);
    expect(mean.plan.levels.map((level) => level.originNm)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(mean.plan.levels.map((level) => level.stepXyz)).toEqual([
      [1, 1, 1],
      [2, 2, 1],
    ]);
    const whole = { coordinateTransformations: [scale(2, 2, 2), translation(0, 0, 100)] };
    const moved = await opened(image(axesOf('zyx'), places, whole), [
      [2, 8, 8],
      [2, 4, 4],
    ]);
    expect(moved.plan.levels[1]).toMatchObject({ voxelSizeNm: [16, 16, 80], originNm: [100, 0, 0] });
  });

  it('versions before 0.4 say none: by how much levels are smaller', async () => {
    const { plan, notes } = await opened(image(['z', 'y', 'x'], [undefined, undefined]), [
      [4, 9, 8],
      [4, 5, 4],
    ]);
    expect(plan.levels.map((level) => level.voxelSizeNm)).toEqual([
      [1, 1, 1],
      [2, 2, 1],
    ]);
    expect(notes.warnings?.join()).toContain('not known how large');
  });

  it('seconds from one time to the next', async () => {
    const axes = [{ name: 't', type: 'time', unit: 'millisecond' }, ...axesOf('yx')];
    expect((await opened(image(axes, [[scale(500, 1, 1)]]), [[3, 2, 2]])).plan.secondsPerTime).toBe(0.5);
    expect((await opened(image(axesOf('tyx'), [[scale(500, 1, 1)]]), [[3, 2, 2]])).plan.secondsPerTime).toBeNull();
  });

  it.each([
    [[scale(0, 1, 1)], 'a scale of 0'],
    [[scale(1, 1)], '"scale" must have 3 numbers'],
    [[{ scale: [1, 1, 1] }], 'has no type'],
    [[{ type: 'sequence', transformations: 3 }], 'a sequence must be'],
    [[{ type: 'mapAxis', mapAxis: [0, 0, 1] }], '"mapAxis" does not name'],
    [
      [
        {
          type: 'affine',
          affine: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
      '"affine" must be 3 rows of 4',
    ],
  ])('refuses %j', async (places, words) => {
    await expect(opened(image(axesOf('zyx'), [places]), [[4, 5, 6]])).rejects.toMatchObject(
      refusal('bad-source', '"zarr.json"', 'datasets.0.coordinateTransformations', words),
    );
  });

  it('refuses sequences in sequences in sequences without end', async () => {
    const depth = 100_000;
    const deep = `${'{"type":"sequence","transformations":['.repeat(depth)}${']}'.repeat(depth)}`;
    const store = memoryStore();
    put(store, '0/zarr.json', array([4, 5, 6]));
    const text = JSON.stringify(
      group({ ome: { version: '0.5', multiscales: [image(axesOf('zyx'), [['deep' as never]])] } }),
    );
    store.files.set('zarr.json', new TextEncoder().encode(text.replace('"deep"', deep)));
    await expect(open(store)).rejects.toMatchObject(refusal('bad-source', 'too deep'));
  });

  it.each(['displacements', 'coordinates', 'bijection', 'byDimension'])(
    '0.6: lists %s without applying them',
    async (type) => {
      const systems = { coordinateSystems: ['world', 'atlas'].map((name) => ({ name, axes: axesOf('zyx') })) };
      const to = (output: string, one: Json): Json => ({ ...one, input: output === 'world' ? '0' : 'world', output });
      const { axes: _axes, ...bare } = image([], [[to('world', scale(4, 2, 2))]], systems);
      const listed = { ...bare, coordinateTransformations: [to('atlas', { type, path: 'field' })] };
      const { plan } = await opened(listed, [[4, 5, 6]]);
      expect(plan.levels[0]).toMatchObject({ voxelSizeNm: [2, 2, 4], originNm: [-1, -1, -2] });
      expect(plan.transforms).toEqual([{ space: 'atlas', matrix: null, kind: type }]);
    },
  );

  it('0.6: levels of a turned image keep a common corner', async () => {
    const turned = (s: number): Json => ({
      type: 'affine',
      affine: [
        [s, 0, 0, s / 2],
        [0, 0, s, s / 2],
        [0, -s, 0, -s / 2],
      ],
    });
    const { plan } = await opened(image(axesOf('zyx'), [[turned(10)], [turned(20)]]), [
      [4, 4, 4],
      [2, 2, 2],
    ]);
    expect(plan.levels.map((level) => level.voxelSizeNm)).toEqual([
      [10, 10, 10],
      [20, 20, 20],
    ]);
    expect(plan.levels.map((level) => level.originNm)).toEqual([
      [-5, -5, -5],
      [-5, -5, -5],
    ]);
    expect(plan.transforms).toEqual([{ space: '', kind: 'sequence', matrix: [0, -1, 0, -5, 1, 0, 0, 5, 0, 0, 1, 5] }]);
  });
});

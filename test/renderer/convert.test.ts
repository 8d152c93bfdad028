import { expect, test } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { encodingsFor, endingOf, writables } from '../../renderer/state/writables.ts';

test('the window offers the formats, encodings and endings that the engine writes', () => {
  const offered = Object.fromEntries(
    writables.map(({ format, encodings, canShard, ending }) => [format, { encodings, canShard, ending }]),
  );
  const written = Object.fromEntries(
    volumeFormats.flatMap(({ id, write }) =>
      write
        ? [
            [
              id,
              {
                encodings: [...write.encodings],
                canShard: write.canShard,
                ending: write.as === 'folder' ? null : write.as.ending,
              },
            ],
          ]
        : [],
    ),
  );
  expect(offered).toEqual(written);
});

test('only encodings that can hold the voxels are offered', () => {
  const precomputed = writables.find(({ format }) => format === 'precomputed');
  if (!precomputed) throw new Error('precomputed is not offered');
  expect(encodingsFor(precomputed, { kind: 'image', dtype: 'uint8' })).toEqual(['raw', 'jpeg', 'png']);
  expect(encodingsFor(precomputed, { kind: 'segmentation', dtype: 'uint64' })).toEqual([
    'raw',
    'compressed_segmentation',
  ]);
  expect(encodingsFor(precomputed, { kind: 'image', dtype: 'float32' })).toEqual(['raw']);
});

test('a packed NIfTI says so in its name', () => {
  expect(endingOf('nifti', 'gzip')).toBe('.nii.gz');
  expect(endingOf('nifti', 'raw')).toBe('.nii');
  expect(endingOf('n5', 'gzip')).toBeNull();
});

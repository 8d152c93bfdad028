import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { VolumeDescription } from '../../../preload/contract/volume.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { Facts } from '../../ui/facts.tsx';
import type { Fact } from '../../ui/facts.tsx';
import {
  formatBytes,
  formatCount,
  formatExtent,
  formatExtentOf,
  formatNumber,
  formatSize,
  plural,
} from '../../ui/format.ts';

/** What a source says of itself: read from its metadata alone. */
export function Description({ description }: { readonly description: VolumeDescription }): ReactNode {
  const { warnings, channels, transforms } = description;
  return (
    <div className="stack description">
      {warnings.length > 0 && <Warnings warnings={warnings} />}
      <Facts facts={factsOf(description)} />
      <Levels description={description} />
      {channels.length > 1 && <Channels channels={channels} />}
      {transforms.length > 0 && <Transforms transforms={transforms} />}
    </div>
  );
}

function factsOf(description: VolumeDescription): readonly Fact[] {
  const { levels, axes, times, secondsPerTime, voxelBytes, storedBytes, dtype, kind, storage, unsized } = description;
  const level = levels[0];
  const packed = storedBytes !== null && storedBytes > 0 ? voxelBytes / storedBytes : null;
  return [
    { name: 'Format', value: description.formatLabel },
    { name: 'Holds', value: `${kind === 'image' ? 'Grey values' : 'Labels'}, ${dtype}` },
    {
      name: 'Axes',
      value: axes.map(({ name, size }) => `${name} ${formatCount(size)}`).join(', '),
      about: 'In the order of the dataset, slowest first',
    },
    ...(level
      ? [
          { name: 'Size', value: formatSize(level.size, 'voxels') },
          {
            name: 'Extent',
            value: formatExtentOf(
              map3((a) => level.size[a] * level.voxelSizeNm[a]),
              unsized,
            ),
          },
          { name: 'Voxel', value: formatExtentOf(level.voxelSizeNm, unsized) },
        ]
      : []),
    ...(times > 1
      ? [
          {
            name: 'Times',
            value: `${formatCount(times)}${secondsPerTime === null ? '' : `, ${formatNumber(secondsPerTime)} s apart`}`,
          },
        ]
      : []),
    { name: 'Stored as', value: storage },
    {
      name: 'On disk',
      value: `${formatBytes(storedBytes)}${packed === null ? '' : ` for ${formatBytes(voxelBytes)} of voxels`}`,
      ...(storedBytes === null ? { about: 'The place can’t be listed, or is too large to count' } : {}),
    },
  ];
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }): ReactNode {
  return (
    <div className="note warn">
      <TriangleAlert size={16} aria-hidden />
      <ul className="stack selectable" aria-label="Warnings">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </div>
  );
}

function Levels({ description: { levels, unsized } }: { readonly description: VolumeDescription }): ReactNode {
  return (
    // What scrolls must be reached by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-frame" role="region" aria-label="Levels" tabIndex={0}>
      <table className="plain-table">
        <caption>{plural(levels.length, 'level')}</caption>
        <thead>
          <tr>
            <th scope="col">Level</th>
            <th scope="col">Key</th>
            <th scope="col">Voxels</th>
            <th scope="col">Voxel</th>
            <th scope="col">Chunk</th>
            <th scope="col" className="number">
              Chunks
            </th>
          </tr>
        </thead>
        <tbody>
          {levels.map((level, index) => (
            <tr
              key={level.key}
              title={index === 0 ? undefined : `Each voxel is ${level.step.join(' × ')} of the level before`}
            >
              <th scope="row">{index}</th>
              <td className="mono truncate key" title={level.key}>
                {level.key || '–'}
              </td>
              <td className="mono">{level.size.map(formatCount).join(' × ')}</td>
              <td className="mono">{unsized ? '–' : formatExtent(level.voxelSizeNm)}</td>
              <td className="mono">{level.chunk.join(' × ')}</td>
              <td className="mono number">{formatCount(level.chunks)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Channels({ channels }: { readonly channels: VolumeDescription['channels'] }): ReactNode {
  return (
    <div>
      <h3 className="small-title">{plural(channels.length, 'channel')}</h3>
      <ul className="chips">
        {channels.map(({ name, color }, index) => (
          <li key={index} className="chip">
            <span className="swatch" style={{ background: color === null ? '#ffffff' : `#${color}` }} aria-hidden />
            {name || `Channel ${index}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Transforms({ transforms }: { readonly transforms: VolumeDescription['transforms'] }): ReactNode {
  return (
    <div>
      <h3 className="small-title">{plural(transforms.length, 'transform')}</h3>
      <ul className="stack">
        {transforms.map(({ space, kind, matrix }) => (
          <li key={`${space} ${kind}`} className="transform">
            <span>
              to <strong>{space || 'an unnamed space'}</strong>, {kind}
              {matrix === null && <span className="faint"> · listed, not applied</span>}
            </span>
            {matrix && <Matrix matrix={matrix} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** 3 x 4, row by row. */
function Matrix({ matrix }: { readonly matrix: readonly number[] }): ReactNode {
  return (
    <table className="matrix mono" aria-label="Matrix, 3 rows of 4">
      <tbody>
        {[0, 1, 2].map((row) => (
          <tr key={row}>
            {[0, 1, 2, 3].map((column) => (
              <td key={column}>{formatNumber(matrix[row * 4 + column] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import { MousePointerClick } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Tile } from '../../../preload/contract/dataset.ts';
import { tileMetricNames } from '../../../preload/contract/dataset.ts';
import { useBoard } from '../../state/board.ts';
import type { Thumbnail, TileHistogram } from '../../state/tile-detail.ts';
import { fetchThumbnails, fetchTileHistogram } from '../../state/tile-detail.ts';
import { Badge, ReviewBadge } from '../../ui/badge.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Facts } from '../../ui/facts.tsx';
import { formatBytes, formatNumber } from '../../ui/format.ts';
import { Histogram } from '../../ui/histogram.tsx';
import { Section } from '../../ui/section.tsx';
import { metricNames } from './metric-names.ts';

export function TileInspector(): ReactNode {
  const dataset = useBoard((s) => s.dataset);
  const tile = useBoard((s) => s.tiles?.find(({ id }) => id === s.selected) ?? null);
  if (!tile || dataset === null) {
    return (
      <Empty icon={MousePointerClick} title="No tile is selected">
        Click a tile, move with the arrow keys, or press N for the next flagged one. Its picture, histogram and
        measurements show here.
      </Empty>
    );
  }
  return <TileDetail key={tile.id} tile={tile} dataset={dataset} />;
}

export const verdictWords = { ok: ['Ok', 'good'], warn: ['Look at it', 'warn'], bad: ['Bad', 'bad'] } as const;

function TileDetail({ tile, dataset }: { readonly tile: Tile; readonly dataset: string }): ReactNode {
  const { thumbnail, histogram } = useTileDetail(dataset, tile.id);
  const [word, tone] = verdictWords[tile.verdict];
  return (
    <>
      <Section title="Tile">
        <h2 className="truncate selectable" title={tile.name}>
          {tile.name}
        </h2>
        <div className="row">
          <Badge tone={tone}>{word}</Badge>
          <ReviewBadge review={tile.review} />
        </div>
        {tile.reasons.length > 0 && (
          <ul className="reasons" aria-label="Why it is flagged">
            {tile.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        {thumbnail && <Picture thumbnail={thumbnail} name={tile.name} />}
      </Section>
      <Section title="Histogram" aside={<span className="faint">log scale</span>}>
        {histogram ? (
          <Histogram label={`Histogram of ${tile.name}`} counts={histogram.counts} range={histogram.range} />
        ) : (
          <p className="faint">Loading…</p>
        )}
      </Section>
      <Section title="Measurements">
        {tile.metrics ? (
          <Facts
            facts={tileMetricNames.map((name) => ({
              name: metricNames[name].title,
              about: metricNames[name].about,
              value: metricNames[name].format(tile.metrics?.[name] ?? 0),
            }))}
          />
        ) : (
          <p className="muted">Not measured: the file could not be read.</p>
        )}
      </Section>
      <Section title="File">
        <Facts
          facts={[
            { name: 'Section', value: tile.section },
            { name: 'Size', value: `${tile.widthPx} × ${tile.heightPx} px, ${tile.dtype}` },
            {
              name: 'Stage x, y',
              value: `${formatNumber(tile.stageFromTile[4])}, ${formatNumber(tile.stageFromTile[5])} px`,
            },
            { name: 'On disk', value: formatBytes(tile.bytes) },
            ...(tile.mipmapLevel > 0
              ? [
                  {
                    name: 'Read from',
                    value: `mipmap level ${tile.mipmapLevel}`,
                    about: 'Level 0 is absent, so this level serves, scaled.',
                  },
                ]
              : []),
          ]}
        />
        <Copyable label="file name" text={tile.fileName} />
        {tile.sha256 && <Copyable label="SHA-256" text={tile.sha256} shown={`sha256 ${tile.sha256.slice(0, 16)}…`} />}
      </Section>
    </>
  );
}

interface Detail {
  readonly thumbnail: Thumbnail | null;
  readonly histogram: TileHistogram | null;
}

/** What the list of tiles does not carry; a tile that can't be read simply has none. */
function useTileDetail(dataset: string, tile: number): Detail {
  const [detail, setDetail] = useState<Detail>({ thumbnail: null, histogram: null });
  useEffect(() => {
    const stop = new AbortController();
    const put = (change: Partial<Detail>): void => {
      if (!stop.signal.aborted) setDetail((now) => ({ ...now, ...change }));
    };
    fetchThumbnails(dataset, [tile], stop.signal).then(
      ([thumbnail]) => put({ thumbnail: thumbnail ?? null }),
      () => undefined,
    );
    fetchTileHistogram(dataset, tile, stop.signal).then(
      (histogram) => put({ histogram }),
      () => put({ histogram: { counts: [], range: [0, 0] } }),
    );
    return () => stop.abort();
  }, [dataset, tile]);
  return detail;
}

function Picture({ thumbnail, name }: { readonly thumbnail: Thumbnail; readonly name: string }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = new ImageData(thumbnail.widthPx, thumbnail.heightPx);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = ((thumbnail.grey[i] ?? 0) * 0x010101) | 0xff000000;
    context.putImageData(image, 0, 0);
  }, [thumbnail]);
  return (
    <canvas
      ref={canvas}
      className="tile-picture"
      width={thumbnail.widthPx}
      height={thumbnail.heightPx}
      role="img"
      aria-label={`Thumbnail of ${name}`}
    />
  );
}

import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Region } from '../../../preload/contract/atlas.ts';
import type { KnownAtlas } from '../../state/atlases.ts';
import { goToRegion } from '../../state/region-jump.ts';
import { shownOf } from '../../state/region-looks.ts';
import { useRegionSearch } from '../../state/region-search.ts';
import { pathText } from '../../state/region-tree.ts';
import { formatCount } from '../../ui/format.ts';
import { useLabelsOf } from './atlas-tree.tsx';
import { RegionRow } from './region-row.tsx';

interface RegionFindsProps {
  readonly atlas: KnownAtlas;
  readonly find: string;
  /** The one that was gone to. */
  readonly onFound: (region: Region) => void;
}

/** The regions that a search finds, the best first. */
export function RegionFinds({ atlas, find, onFound }: RegionFindsProps): ReactNode {
  const { found, total, problem } = useRegionSearch(atlas, find);
  const { layer, drawn } = useLabelsOf(atlas);
  const [current, setCurrent] = useState(0);
  if (problem !== '')
    return (
      <p className="problem" role="alert">
        {problem}
      </p>
    );
  if (found.length === 0) return total === null ? null : <p className="muted">No region is called that.</p>;
  const at = Math.min(current, found.length - 1);
  const press = (event: KeyboardEvent): void => {
    const region = found[at];
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) setCurrent(Math.max(0, Math.min(found.length - 1, at + by)));
    else if (event.key === 'Enter' && region) {
      goToRegion(atlas, region);
      onFound(region);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div
        className="atlas-tree"
        role="tree"
        tabIndex={0}
        aria-label="Regions found"
        aria-activedescendant={`found-${found[at]?.at ?? 0}`}
        onKeyDown={press}
      >
        {found.map((region, i) => (
          <div
            key={region.at}
            id={`found-${region.at}`}
            className="region-found"
            role="treeitem"
            aria-level={1}
            aria-selected={i === at}
          >
            <RegionRow
              atlas={atlas}
              region={region}
              layer={layer}
              shown={shownOf(atlas, region, drawn)}
              open={null}
              onChoose={() => {
                setCurrent(i);
                onFound(region);
              }}
              way={pathText(atlas.tree, region.at)}
            />
          </div>
        ))}
      </div>
      {total !== null && total > found.length && (
        <p className="faint">
          The first {formatCount(found.length)} of {formatCount(total)}.
        </p>
      )}
    </>
  );
}

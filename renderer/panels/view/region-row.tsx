import { Box, ChevronDown, ChevronRight, Crosshair, Eye, EyeOff, ScanEye } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Region } from '../../../preload/contract/atlas.ts';
import type { KnownAtlas } from '../../state/atlases.ts';
import type { LabelLayer } from '../../state/labels.ts';
import { goToRegion } from '../../state/region-jump.ts';
import { isMeshDrawn, toggleMesh } from '../../state/region-meshes.ts';
import type { Shown } from '../../state/region-looks.ts';
import { colourBranch, showBranchAlone, toggleBranch } from '../../state/region-looks.ts';
import { regionWords } from '../../state/region-tree.ts';
import { useView } from '../../state/view.ts';
import { IconButton } from '../../ui/button.tsx';

interface RegionRowProps {
  readonly atlas: KnownAtlas;
  readonly region: Region;
  /** The layer that shows the labels of the atlas; null: none does. */
  readonly layer: LabelLayer | null;
  readonly shown: Shown;
  /** Null for a region with nothing inside of it. */
  readonly open: boolean | null;
  readonly onFold?: () => void;
  readonly onChoose: () => void;
  /** Where it is, behind its name. */
  readonly way?: string;
}

const indentRem = 0.6;
/** Deeper ones stand no further in: names need their room. */
const deepest = 10;

/** One region of a tree or of what was found: keys do for the focused tree what its buttons do, so Tab passes them. */
export function RegionRow({ atlas, region, layer, shown, open, onFold, onChoose, way }: RegionRowProps): ReactNode {
  const words = regionWords(region);
  const empty = region.allVoxels === 0;
  const Chevron = open ? ChevronDown : ChevronRight;
  const indent = way === undefined ? Math.min(deepest, region.depth) * indentRem : 0;
  return (
    <div className={`region-row ${empty || shown === 'none' ? 'off' : ''}`} style={{ paddingLeft: `${indent}rem` }}>
      {open === null ? (
        way === undefined && <span className="region-leaf" />
      ) : (
        <button
          type="button"
          className="region-fold"
          tabIndex={-1}
          aria-label={`${open ? 'Fold' : 'Unfold'} ${words}`}
          onClick={onFold}
        >
          <Chevron size={14} aria-hidden />
        </button>
      )}
      <Colour atlas={atlas} region={region} layer={layer} words={words} />
      <button
        type="button"
        className="as-text region-name"
        tabIndex={-1}
        title={empty ? `${words}: no voxel of the annotation` : words}
        onClick={() => {
          onChoose();
          goToRegion(atlas, region);
        }}
      >
        <span className="region-acronym">{region.acronym}</span>
        {region.name !== region.acronym && <span className="truncate">{region.name}</span>}
        {way !== undefined && <span className="truncate faint region-way">{way}</span>}
      </button>
      {layer && !empty && <Tools atlas={atlas} region={region} layer={layer} shown={shown} words={words} />}
    </div>
  );
}

type Words = Pick<RegionRowProps, 'atlas' | 'region'> & { readonly words: string };

type ToolsProps = Words & { readonly layer: LabelLayer; readonly shown: Shown };

function Tools({ atlas, region, layer, shown, words }: ToolsProps): ReactNode {
  // Not told by a selector: that would look through the labels of each row at every move of the pointer.
  const layers = useView((s) => s.layers);
  const meshed = isMeshDrawn(layers, layer, region);
  return (
    <>
      <span className="region-on-hover">
        <IconButton
          icon={Box}
          iconSize={14}
          tabIndex={-1}
          label={`${words} in 3-D`}
          aria-pressed={meshed}
          onClick={() => toggleMesh(atlas, region)}
        />
        <IconButton
          icon={Crosshair}
          iconSize={14}
          tabIndex={-1}
          label={`Go to ${words}`}
          onClick={() => goToRegion(atlas, region)}
        />
        <IconButton
          icon={ScanEye}
          iconSize={14}
          tabIndex={-1}
          label={`${words} alone`}
          onClick={() => showBranchAlone(atlas, region)}
        />
      </span>
      <IconButton
        icon={shown === 'none' ? EyeOff : Eye}
        iconSize={14}
        className={`region-eye ${shown}`}
        tabIndex={-1}
        label={`${shown === 'all' ? 'Hide' : 'Show'} ${words}`}
        aria-pressed={shown === 'some' ? 'mixed' : shown === 'all'}
        onClick={() => toggleBranch(atlas, region)}
      />
    </>
  );
}

/** The colour that it is drawn in; another one is that of all inside of it, too. */
function Colour({ atlas, region, layer, words }: Words & { readonly layer: LabelLayer | null }): ReactNode {
  const colour = layer?.colours[region.id] ?? region.colour;
  if (!layer) return <span className="swatch region-swatch" style={{ background: region.colour }} aria-hidden />;
  return (
    <input
      type="color"
      className="region-colour"
      tabIndex={-1}
      aria-label={`Colour of ${words} and all inside of it`}
      value={colour}
      onChange={(event) => colourBranch(atlas, region, event.target.value)}
    />
  );
}

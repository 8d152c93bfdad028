import { BookOpenText, Ellipsis, Eye, Palette, Plus, Ruler, Table2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Region } from '../../../preload/contract/atlas.ts';
import { askForAtlas } from '../../state/atlas-draft.ts';
import {
  chooseAtlas,
  chosenAtlas,
  layersOfAtlas,
  removeAtlas,
  useAtlases,
  type KnownAtlas,
} from '../../state/atlases.ts';
import { colourAsAtlas, drawnOf, showAllRegions, showAnnotation } from '../../state/region-looks.ts';
import { askToMeasure, whyNoMeasure } from '../../state/region-measure.ts';
import { openResult, useRegionResults } from '../../state/region-results.ts';
import { goToFound } from '../../state/region-search.ts';
import { openAtFirst, openedTo } from '../../state/region-tree.ts';
import { useView } from '../../state/view.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SearchField, SelectField } from '../../ui/field.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { Section } from '../../ui/section.tsx';
import { AtlasTree } from './atlas-tree.tsx';
import { RegionFinds } from './region-finds.tsx';
import './atlas.css';

/** The atlases of the library: the regions of one as a tree, found by name, shown, hidden, coloured and gone to. */
export function AtlasSection(): ReactNode {
  const atlas = useAtlases(chosenAtlas);
  return (
    <Section
      title="Atlas"
      aside={
        atlas ? (
          <span className="section-tools">
            <span className="faint mono">{formatCount(atlas.regions)}</span>
            <More atlas={atlas} />
          </span>
        ) : (
          <Button size="small" tone="quiet" icon={Plus} onClick={() => askForAtlas()}>
            Import
          </Button>
        )
      }
    >
      {atlas ? (
        <Chosen key={atlas.id} atlas={atlas} />
      ) : (
        <p className="muted">None yet. With one, the region under the pointer has a name.</p>
      )}
    </Section>
  );
}

interface OfAtlas {
  readonly atlas: KnownAtlas;
}

function Chosen({ atlas }: OfAtlas): ReactNode {
  const [text, setText] = useState('');
  const place = useState(() => ({ open: openAtFirst(atlas.tree), current: 0 }));
  // What was found is the current one of the tree once the search is over.
  const found = ({ at }: Region): void =>
    place[1](({ open }) => ({ open: new Set([...open, ...openedTo(atlas.tree, at)]), current: at }));
  const find = text.trim();
  return (
    <>
      <Which atlas={atlas} />
      <SearchField
        label="Find a region"
        value={text}
        onText={setText}
        onEnter={() => find !== '' && void goToFound(atlas, find).then((best) => best && found(best))}
      />
      {find === '' ? (
        <AtlasTree atlas={atlas} place={place} />
      ) : (
        <RegionFinds atlas={atlas} find={find} onFound={found} />
      )}
      <Drawn atlas={atlas} />
      <Odd atlas={atlas} />
    </>
  );
}

/** Which of several atlases. */
function Which({ atlas }: OfAtlas): ReactNode {
  const atlases = useAtlases((s) => s.atlases);
  if (atlases.length < 2) return <p className="faint truncate">{atlas.name}</p>;
  const options = atlases.map(({ id, name }) => ({ value: id, label: name }));
  return <SelectField label="Its regions" value={atlas.id} options={options} onValue={chooseAtlas} />;
}

/** What was odd about it when it was imported. */
function Odd({ atlas: { warnings } }: OfAtlas): ReactNode {
  if (warnings.length === 0) return null;
  return (
    <details className="more atlas-odd">
      <summary>{plural(warnings.length, 'thing was', 'things were')} odd when it was imported</summary>
      <ul>
        {warnings.map(({ subject, message }) => (
          <li key={`${subject} ${message}`} className="selectable">
            {message}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** How many regions are drawn, where not all of them are. */
function Drawn({ atlas }: OfAtlas): ReactNode {
  const volumes = useView((s) => s.volumes);
  const layers = useView((s) => s.layers);
  const [layer] = layersOfAtlas(atlas, { layers, volumes });
  if (!layer)
    return (
      <div className="atlas-drawn">
        <span className="faint">Its annotation is not in this view.</span>
        <Button size="small" icon={Eye} onClick={() => showAnnotation(atlas)}>
          Show it
        </Button>
      </div>
    );
  const drawn = drawnOf(layer);
  if (!drawn) return null;
  const all = atlas.tree.filter(({ voxels }) => voxels > 0).length;
  return (
    <div className="atlas-drawn">
      <span className="faint" aria-label="Regions drawn">
        {formatCount(drawn.size)} of {formatCount(all)} drawn
      </span>
      <Button size="small" tone="quiet" onClick={() => showAllRegions(atlas)}>
        Show all
      </Button>
    </div>
  );
}

/** Results in the menu; the others are beside the one that is open. */
const mostListed = 5;

function More({ atlas }: OfAtlas): ReactNode {
  return (
    <Menu align="end" items={<Items atlas={atlas} />}>
      <IconButton icon={Ellipsis} iconSize={14} label={`${atlas.name}: more`} />
    </Menu>
  );
}

function Items({ atlas }: OfAtlas): ReactNode {
  const hasLayer = useView((s) => layersOfAtlas(atlas, s).length > 0);
  const results = useRegionResults((s) => s.results);
  const whyNot = hasLayer ? null : 'Show its annotation first';
  return (
    <>
      <MenuItem icon={BookOpenText} onChoose={() => showAnnotation(atlas)}>
        Show its annotation
      </MenuItem>
      <MenuItem icon={Palette} whyNot={whyNot} onChoose={() => colourAsAtlas(atlas)}>
        Colours of the atlas
      </MenuItem>
      <MenuItem icon={Eye} whyNot={whyNot} onChoose={() => showAllRegions(atlas)}>
        Show all regions
      </MenuItem>
      <MenuLine />
      <MenuItem icon={Ruler} whyNot={whyNoMeasure()} onChoose={() => askToMeasure()}>
        Measure by region…
      </MenuItem>
      {results.slice(0, mostListed).map(({ id, name }) => (
        <MenuItem key={id} icon={Table2} onChoose={() => void openResult(id)}>
          {name}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={Plus} onChoose={() => askForAtlas()}>
        Import an atlas…
      </MenuItem>
      <MenuItem icon={Trash2} onChoose={() => void removeAtlas(atlas)}>
        Take it out of the library
      </MenuItem>
    </>
  );
}

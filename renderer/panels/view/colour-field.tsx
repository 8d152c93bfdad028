import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { channelColours } from '../../state/layers.ts';
import type { ColourMap } from '../../ui/colour-map-list.ts';
import { colourMapOf, colourMaps, gradientOf } from '../../ui/colour-map-list.ts';
import { Menu, MenuItem, MenuLine, MenuTitle } from '../../ui/menu.tsx';

interface TintProps {
  readonly label: string;
  readonly value: string | null;
  readonly onTint: (tint: string) => void;
}

const colours = ['#ffffff', ...channelColours] as const;

/** The colour-blind-safe set, and any other colour. */
export function Swatches({ label, value, onTint }: TintProps): ReactNode {
  return (
    <div className="swatches" role="group" aria-label={label}>
      {colours.map((colour) => (
        <button
          key={colour}
          type="button"
          className="swatch-button"
          aria-label={`${label} ${colour}`}
          aria-pressed={colour === value}
          style={{ background: colour }}
          onClick={() => onTint(colour)}
        />
      ))}
      <label className="swatch-any" title="Any colour">
        <input
          type="color"
          aria-label={`${label}: any`}
          value={value ?? '#ffffff'}
          onChange={(event) => onTint(event.target.value)}
        />
      </label>
    </div>
  );
}

export type TintOrMap = { readonly tint: string } | { readonly map: string };

interface ColourFieldProps {
  readonly value: TintOrMap;
  readonly onColour: (colour: TintOrMap) => void;
}

/** Black to one colour, or a map of many. */
export function ColourField({ value, onColour }: ColourFieldProps): ReactNode {
  return (
    <>
      <Swatches label="Colour" value={'tint' in value ? value.tint : null} onTint={(tint) => onColour({ tint })} />
      <Menu items={<Maps onMap={(map) => onColour({ map })} current={'map' in value ? value.map : null} />}>
        <button
          type="button"
          className="input map-button"
          aria-label={`Colour map: ${'map' in value ? colourMapOf(value.map).title : 'No colour map'}`}
        >
          {'map' in value ? (
            <>
              <span className="map-bar" style={{ background: gradientOf(colourMapOf(value.map)) }} aria-hidden />
              <span className="truncate">{colourMapOf(value.map).title}</span>
            </>
          ) : (
            <span className="faint">No colour map</span>
          )}
          <ChevronDown size={14} aria-hidden />
        </button>
      </Menu>
    </>
  );
}

const groups: ReadonlyArray<{ readonly title: string; readonly has: (map: ColourMap) => boolean }> = [
  { title: 'Even steps look even', has: ({ kind }) => kind === 'even' },
  { title: 'From a middle, and around', has: ({ kind }) => kind === 'diverging' || kind === 'cyclic' },
  { title: 'Shows edges that the data has not', has: ({ kind }) => kind === 'uneven' || kind === 'rainbow' },
];

interface MapsProps {
  readonly current: string | null;
  readonly onMap: (name: string) => void;
}

function Maps({ current, onMap }: MapsProps): ReactNode {
  return groups.map(({ title, has }, i) => (
    <div key={title} role="group" aria-label={title}>
      {i > 0 && <MenuLine />}
      <MenuTitle>{title}</MenuTitle>
      {colourMaps.filter(has).map((map) => (
        <MenuItem key={map.name} checked={map.name === current} onChoose={() => onMap(map.name)}>
          <span className="map-choice">
            <span className="map-bar" style={{ background: gradientOf(map) }} aria-hidden />
            <span className="truncate">{map.title}</span>
            {map.kind === 'rainbow' && <span className="map-warning">misleads</span>}
          </span>
        </MenuItem>
      ))}
    </div>
  ));
}

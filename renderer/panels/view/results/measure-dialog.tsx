import { Ruler } from 'lucide-react';
import type { ReactNode } from 'react';
import { chosenAtlas, useAtlases } from '../../../state/atlases.ts';
import { useLibrary } from '../../../state/library.ts';
import { activeJob, useJobs } from '../../../state/jobs.ts';
import {
  changeMeasureDraft,
  dropMeasureDraft,
  measurableIn,
  measure,
  useMeasureDraft,
} from '../../../state/region-measure.ts';
import { mapFor, useRegionMaps } from '../../../state/region-maps.ts';
import { useView } from '../../../state/view.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { SelectField, TextField } from '../../../ui/field.tsx';
import { formatCount } from '../../../ui/format.ts';

/** What is to be measured by region, of the layers of the view. */
export function MeasureDialog(): ReactNode {
  const draft = useMeasureDraft((s) => s.draft);
  const atlas = useAtlases(chosenAtlas);
  const maps = useRegionMaps();
  const layers = useView((s) => s.layers);
  const running = useJobs((s) => activeJob(s.jobs, 'region.measure'));
  if (!draft || !atlas) return null;
  const s = { ...useView.getState(), layers };
  const things = measurableIn(s, atlas, (volume) => mapFor(maps, atlas.id, volume) !== null);
  const thing = things.find(({ layer }) => layer === draft.layer);
  const warpedFrom = warpSourceOf(thing?.space);
  const whyNot = running
    ? 'Another measurement is on its way'
    : (thing?.whyNot ?? (thing ? null : 'Choose what to measure'));
  return (
    <Dialog title="Measure by region" onClose={dropMeasureDraft}>
      <form
        className="dialog-content stack"
        onSubmit={(event) => {
          event.preventDefault();
          void measure();
        }}
      >
        <p className="muted">
          {aboutOf(thing?.of)} In each of the {formatCount(atlas.regions)} regions of {atlas.name}, and with those
          inside of it.
        </p>
        <SelectField
          label="What"
          value={draft.layer}
          options={things.map(({ layer, label }) => ({ value: layer, label }))}
          problem={thing?.whyNot}
          hint={
            warpedFrom === null
              ? undefined
              : `As it is seen through a map: its volumes are those of the atlas’s space. Those of the tissue are had of ${warpedFrom} itself.`
          }
          onValue={(layer) => changeMeasureDraft({ layer })}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={draft.hemispheres}
            onChange={() => changeMeasureDraft({ hemispheres: !draft.hemispheres })}
          />
          Left and right apart
        </label>
        <TextField
          label="Name"
          value={draft.name}
          maxLength={200}
          placeholder={thing?.label ?? ''}
          onText={(name) => changeMeasureDraft({ name })}
        />
        <div className="export-end">
          <span className="hint">It reads the data once; you can go on meanwhile.</span>
          <Button type="submit" tone="primary" icon={Ruler} whyNot={whyNot}>
            Measure
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The name of the volume that a warped one shows, or null. */
function warpSourceOf(id: string | undefined): string | null {
  const volumes = useLibrary.getState().library?.volumes ?? [];
  const source = volumes.find((one) => one.id === id)?.warp?.source;
  return volumes.find((one) => one.id === source)?.name ?? null;
}

const aboutOf = (of: object | undefined): string => {
  if (!of || 'volume' in of) return 'Volume, mean, deviation, least and most of the grey levels.';
  if ('segments' in of)
    return 'How many segments have their centroid there, how densely they lie, and how much they cover.';
  return 'How many lie there, and how densely.';
};

import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { LightReport } from '../../../preload/contract/intensity.ts';
import { type LightSteps, loadLight, toggleLightStep, useLight } from '../../state/light.ts';
import { ActionButton } from '../action-button.tsx';
import { SlicePlot } from './slice-plot.tsx';
import './light.css';

const steps: ReadonlyArray<{ readonly id: keyof LightSteps; readonly title: string; readonly about: string }> = [
  { id: 'flat', title: 'Flat field', about: 'How the camera darkens towards its corners, told from all tiles.' },
  { id: 'overlap', title: 'Overlaps', about: 'A gain and an offset a tile, so that neighbours agree.' },
  { id: 'seams', title: 'Seams', about: 'What steps are left, spread over the tiles (gradient domain).' },
  { id: 'flicker', title: 'Sections', about: 'Brightness and contrast alike from section to section.' },
];

/** Which corrections of grey levels to estimate, off, and what they did to the stack that is looked at. */
export function LightForm(): ReactNode {
  const state = useLight();
  const none = steps.every(({ id }) => !state[id]);
  useEffect(() => void loadLight(), []);
  return (
    <>
      {state.report && <LightResult report={state.report} />}
      <fieldset className="models">
        <legend>What to even out</legend>
        {steps.map(({ id, title, about }) => (
          <label key={id} className="check explained light-step">
            <input type="checkbox" checked={state[id]} onChange={() => toggleLightStep(id)} />
            <span>
              {title}
              <span className="muted">{about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p className="faint">Pixels stay as they are: a new version of the stack says how they are drawn and fused.</p>
      {none && <p className="faint">Choose at least one.</p>}
      <ActionButton id="light.start" tone={state.report ? 'plain' : 'primary'} />
      <ActionButton id="light.lens" />
    </>
  );
}

/** Steps, sections and camera, before and after. */
function LightResult({ report }: { readonly report: LightReport }): ReactNode {
  const { seamStep, sliceSd, nonUniformity, slices } = report;
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  const levels = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  const rows = [
    { name: 'Step at a seam', about: 'Mean over overlaps, grey levels', ...seamStep, show: levels },
    { name: 'Uneven camera', about: 'SD of the mean tile over its mean', ...nonUniformity, show: percent },
    ...(slices.length > 1
      ? [{ name: 'Section to section', about: 'SD of mean levels over their mean', ...sliceSd, show: percent }]
      : []),
  ];
  return (
    <div className="light-result">
      <table aria-label="Light before and after">
        <thead>
          <tr>
            <th scope="col">Light</th>
            <th scope="col">before</th>
            <th scope="col">after</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, about, before, after, show }) => (
            <tr key={name} title={about}>
              <th scope="row">{name}</th>
              <td className="mono faint">{show(before)}</td>
              <td className="mono">{show(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {slices.length > 2 && <SlicePlot slices={slices} />}
    </div>
  );
}

import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Layer } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { formatMatrix, identity34, parseMatrix } from '../../state/matrix-text.ts';
import { axisNames } from '../../state/volume-geometry.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField, TextArea } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';

/** Where a layer lies in the world: rarely touched, so folded away. */
export function TransformSection({ layer }: { readonly layer: Layer }): ReactNode {
  const matrix = layer.worldFromLayer;
  const shift = (axis: number): number => matrix?.[4 * axis + 3] ?? 0;
  const put = (axis: number, nm: number): void =>
    updateLayer(layer.id, { worldFromLayer: [...(matrix ?? identity34)].with(4 * axis + 3, nm) });
  return (
    <Section
      title="Place"
      folds
      startsFolded={matrix === null}
      aside={
        matrix && (
          <Button size="small" tone="quiet" onClick={() => updateLayer(layer.id, { worldFromLayer: null })}>
            As it was
          </Button>
        )
      }
    >
      <div className="three">
        {axisNames.map((name, axis) => (
          <NumberField key={name} label={`Shift ${name}, nm`} value={shift(axis)} onNumber={(nm) => put(axis, nm)} />
        ))}
      </div>
      <MatrixField key={formatMatrix(matrix)} layer={layer} />
    </Section>
  );
}

function MatrixField({ layer }: { readonly layer: Layer }): ReactNode {
  const written = formatMatrix(layer.worldFromLayer);
  const [text, setText] = useState(written);
  const parsed = parseMatrix(text);
  const problem = 'problem' in parsed ? parsed.problem : null;
  return (
    <>
      <TextArea
        label="World from layer: three rows of x, y, z and shift in nm"
        className="input mono"
        value={text}
        problem={problem}
        onText={setText}
      />
      <div className="row">
        <Button
          size="small"
          whyNot={problem ?? (text === written ? 'Change a number first' : null)}
          onClick={() => 'matrix' in parsed && updateLayer(layer.id, { worldFromLayer: parsed.matrix })}
        >
          Apply
        </Button>
      </div>
    </>
  );
}

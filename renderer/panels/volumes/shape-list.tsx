import { Layers2, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { goTo, useSession } from '../../state/session.ts';
import { askForShapes } from '../../state/shape-draft.ts';
import { removeShapes, showShapes } from '../../state/shapes.ts';
import { useView } from '../../state/view.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';

/** Meshes and skeletons of the library. */
export function ShapeList(): ReactNode {
  const shapes = useView((s) => s.shapes);
  const looking = useSession((s) => s.room !== 'volumes');
  return (
    <Section
      title="Meshes and skeletons"
      aside={
        <Button size="small" tone="quiet" onClick={askForShapes}>
          Add…
        </Button>
      }
    >
      {shapes.length === 0 && <p className="muted">None yet. Drop SWC, OBJ, PLY, STL, glTF or NML files here.</p>}
      <ul className="list" aria-label="Meshes and skeletons">
        {shapes.map((set) => (
          <li key={set.id} className="volume-row">
            <button
              type="button"
              className="list-item"
              title={`Show ${set.name} in the view: ${set.source.text}`}
              onClick={() => {
                showShapes(set);
                if (!looking) goTo('view');
              }}
            >
              <span className="truncate">{set.name}</span>
              <span className="sub">
                <span>{set.kind === 'mesh' ? 'Meshes' : 'Skeletons'}</span>
                <span>{set.count === null ? 'by id' : formatCount(set.count)}</span>
              </span>
            </button>
            <span className="volume-tools">
              <IconButton
                icon={Layers2}
                iconSize={14}
                label={`Add ${set.name} to this view`}
                onClick={() => showShapes(set)}
              />
              <IconButton
                icon={Trash2}
                iconSize={14}
                label={`Take ${set.name} out of the library`}
                onClick={() => void removeShapes(set)}
              />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

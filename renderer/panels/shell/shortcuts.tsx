import { Fragment } from 'react';
import type { ReactNode } from 'react';
import { actions } from '../../state/actions/registry.ts';
import { setOverlay } from '../../state/actions/everywhere.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Keys } from '../../ui/keys.tsx';

interface Row {
  readonly title: string;
  readonly keys: readonly string[];
}

/** What the pointer does, beside the registry's keys. */
const pointer: readonly Row[] = [
  { title: 'Zoom at the pointer', keys: ['Wheel'] },
  { title: 'Go through sections', keys: ['$mod+Wheel'] },
  { title: 'Pan', keys: ['Drag', 'Space+Drag'] },
  { title: 'Centre the cross-hair', keys: ['Click'] },
  { title: 'Maximise a pane', keys: ['Double-click'] },
];

export function Shortcuts(): ReactNode {
  const groups = groupByPlace();
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={() => setOverlay(null)}>
      <div className="dialog-content shortcuts">
        {groups.map(([name, rows]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {rows.map((row) => (
                <div key={row.title}>
                  <dt>{row.title}</dt>
                  <dd>
                    {row.keys.map((keys, i) => (
                      <Fragment key={keys}>
                        {i > 0 && <span className="faint"> or </span>}
                        <Keys keys={keys} />
                      </Fragment>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function groupByPlace(): ReadonlyArray<readonly [string, readonly Row[]]> {
  const keyed = actions().filter((action) => action.keys);
  const of = (place: (rooms: readonly string[] | undefined) => boolean): Row[] =>
    keyed.filter((action) => place(action.rooms)).map(({ title, keys }) => ({ title, keys: keys ?? [] }));
  return [
    ['Everywhere', of((rooms) => !rooms)],
    ['Acquire: the tile board', of((rooms) => rooms?.includes('acquire') ?? false)],
    ['View: the panes', [...pointer, ...of((rooms) => rooms?.includes('view') ?? false)]],
    ['Annotate', of((rooms) => (rooms?.includes('annotate') ?? false) && !rooms?.includes('view'))],
  ];
}

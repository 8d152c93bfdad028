import { Ellipsis, Link2, Maximize2, Plus, Unlink, Unlink2, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Freedom } from '../../state/panes.ts';
import {
  addPane,
  closePane,
  freeGroup,
  isFree,
  joinGroup,
  kindNames,
  linkGroup,
  paneKinds,
  paneTitle,
  whyNoClose,
  whyNoPane,
} from '../../state/panes.ts';
import { toggleMaximised } from '../../state/view-moves.ts';
import { paneOf, setView, useView } from '../../state/view.ts';
import { Menu, MenuItem, MenuLine, MenuTitle } from '../../ui/menu.tsx';

/** A quiet mark where a pane's group has a camera of its own. */
export function FreeMark({ pane }: { readonly pane: string }): ReactNode {
  const zoom = useView((s) => isFree(s, pane, 'zoom'));
  const orientation = useView((s) => isFree(s, pane, 'orientation'));
  const free = [zoom && 'zoom', orientation && 'orientation'].filter(Boolean).join(' and ');
  if (free === '') return null;
  return (
    <span className="pane-free" role="img" aria-label={`Its own ${free}`} title={`This group has its own ${free}`}>
      <Unlink size={12} aria-hidden />
    </span>
  );
}

/** What can be done with a pane. */
export function PaneMenu({ pane }: { readonly pane: string }): ReactNode {
  const title = useView((s) => {
    const spec = paneOf(s, pane);
    return spec ? paneTitle(s, spec) : '';
  });
  return (
    <Menu align="end" items={<Items pane={pane} />}>
      <button type="button" className="pane-menu" aria-label={`${title}: pane menu`}>
        <Ellipsis size={14} aria-hidden />
      </button>
    </Menu>
  );
}

const freedoms: readonly Freedom[] = ['zoom', 'orientation'];

function Items({ pane }: { readonly pane: string }): ReactNode {
  const s = useView.getState();
  const spec = paneOf(s, pane);
  return (
    <>
      <MenuItem icon={Maximize2} onChoose={() => toggleMaximised(pane)}>
        {s.alone === pane ? 'Show all panes' : 'Maximise'}
      </MenuItem>
      <MenuLine />
      <MenuTitle>Add beside</MenuTitle>
      {paneKinds.map((kind) => (
        <MenuItem
          key={kind}
          icon={Plus}
          whyNot={whyNoPane()}
          onChoose={() => {
            setView({ activePane: pane });
            addPane(kind);
          }}
        >
          {kindNames[kind]}
        </MenuItem>
      ))}
      <MenuLine />
      {freedoms.map((what) =>
        isFree(s, pane, what) ? (
          <MenuItem key={what} icon={Link2} onChoose={() => linkGroup(pane, what)}>
            Link the {what} again
          </MenuItem>
        ) : (
          <MenuItem key={what} icon={Unlink2} onChoose={() => freeGroup(pane, what)}>
            Free this pane’s {what}
          </MenuItem>
        ),
      )}
      {s.groups.length > 1 && (
        <>
          <MenuLine />
          <MenuTitle>Group</MenuTitle>
          {s.groups.map(({ id, name }) => (
            <MenuItem key={id} checked={spec?.group === id} onChoose={() => joinGroup(pane, id)}>
              {name}
            </MenuItem>
          ))}
        </>
      )}
      <MenuLine />
      <MenuItem icon={X} whyNot={whyNoClose()} onChoose={() => closePane(pane)}>
        Close
      </MenuItem>
    </>
  );
}

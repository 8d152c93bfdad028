import type { DockviewApi } from 'dockview-react';
import { useEffect, useMemo, useRef } from 'react';
import type { ReactNode } from 'react';
import type { PaneSpec } from '../../../preload/contract/view-state.ts';
import { usePaneReset } from '../../state/actions/everywhere.ts';
import { noteDockLayout, useDockLayout } from '../../state/dock-layout.ts';
import { paneTitle } from '../../state/panes.ts';
import { setView, useView } from '../../state/view.ts';
import { Dock, showAlone } from '../../ui/dock.tsx';
import { FreeMark, PaneMenu } from './pane-menu.tsx';

const kept = { read: () => useDockLayout.getState().text, write: noteDockLayout };

/** The panes of the view, where the user put them. */
export function PaneDock({ pane }: { readonly pane: (id: string) => ReactNode }): ReactNode {
  const resets = usePaneReset((s) => s.run);
  const restores = useDockLayout((s) => s.run);
  const panes = useView((s) => s.panes);
  // Groups change with every step of a zoom; what is written on the tabs does not.
  const titles = useView((s) => JSON.stringify(s.panes.map((spec) => paneTitle(s, spec))));
  const alone = useView((s) => s.alone);
  const api = useRef<DockviewApi | null>(null);
  const docked = useMemo(() => {
    const named = JSON.parse(titles) as readonly string[];
    return panes.map(({ id }, i) => ({
      id,
      title: named[i] ?? id,
      mark: <FreeMark pane={id} />,
      actions: <PaneMenu pane={id} />,
      content: pane(id),
    }));
  }, [panes, titles, pane]);
  useEffect(() => {
    if (api.current) showAlone(api.current, alone);
  }, [alone, restores]);
  return (
    <Dock
      resets={resets}
      restores={restores}
      kept={kept}
      label="Views"
      panes={docked}
      arrange={(dock) => arrange(dock, panes)}
      onOpened={(id) => setView({ activePane: id })}
      onReady={(made) => {
        api.current = made;
        if (alone !== null) showAlone(made, alone);
      }}
    />
  );
}

/** Groups side by side, each one column; the panes of a single group in two columns. */
function arrange(api: DockviewApi, panes: readonly PaneSpec[]): void {
  const groups = [...new Set(panes.map(({ group }) => group))];
  const columns = groups.length > 1 ? 1 : 2;
  groups.forEach((group, at) => {
    const members = panes.filter((pane) => pane.group === group);
    members.forEach(({ id }, i) => {
      const above = members[i - columns];
      const before = i > 0 ? members[i - 1] : panes.find((pane) => pane.group === groups[at - 1]);
      const position = above
        ? { referencePanel: above.id, direction: 'below' as const }
        : before && { referencePanel: before.id, direction: 'right' as const };
      api.addPanel({ id, component: 'pane', title: id, ...(position && { position }) });
    });
  });
}

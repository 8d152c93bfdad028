import { DockviewReact } from 'dockview-react';
import type { DockviewApi, DockviewReadyEvent, IDockviewPanelHeaderProps, IDockviewPanelProps } from 'dockview-react';
import { createContext, useContext, useEffect, useMemo, useRef } from 'react';
import type { FunctionComponent, ReactNode } from 'react';
import 'dockview-react/dist/styles/dockview.css';
import './dock.css';

export interface DockPane {
  readonly id: string;
  readonly title: string;
  readonly content: ReactNode;
}

interface DockProps {
  /** Names the stored layout. */
  readonly name: string;
  readonly label: string;
  readonly panes: readonly DockPane[];
  /** Puts the panes at their first places; `api.addPanel({ id, component: 'pane', title })`. */
  readonly arrange: (api: DockviewApi) => void;
  /** A change of it puts the panes back at their first places. */
  readonly resets: number;
  readonly onReady?: (api: DockviewApi) => void;
}

const theme = {
  name: 'lamella',
  className: 'dockview-theme-lamella',
  gap: 1,
  dndOverlayMounting: 'relative',
  tabAnimation: 'default',
} as const;

const PaneContent = createContext<ReadonlyMap<string, ReactNode>>(new Map());

const Pane: FunctionComponent<IDockviewPanelProps> = ({ api }) => (
  <div className="dock-pane">{useContext(PaneContent).get(api.id)}</div>
);

/** Only the title: the panes of a room belong to it, none can be closed and lost. */
const Tab: FunctionComponent<IDockviewPanelHeaderProps> = ({ api }) => <span className="dock-tab">{api.title}</span>;

const components = { pane: Pane };
const stored = (name: string): string => `lamella.dock.2.${name}`;

/** Panes that can be dragged, split, stacked and maximised; the layout is kept between starts. */
export function Dock({ name, label, panes, arrange, resets, onReady }: DockProps): ReactNode {
  const contents = useMemo(() => new Map(panes.map((pane) => [pane.id, pane.content])), [panes]);
  const first = useRef(arrange);
  const dock = useRef<DockviewApi | null>(null);
  const resetsSeen = useRef(resets);
  useEffect(() => {
    if (resetsSeen.current === resets || !dock.current) return;
    resetsSeen.current = resets;
    dock.current.clear();
    first.current(dock.current);
  }, [resets]);
  const ready = (event: DockviewReadyEvent): void => {
    dock.current = event.api;
    restore(event.api, name, panes, first.current);
    event.api.onDidLayoutChange(() => {
      if (!event.api.hasMaximizedGroup()) localStorage.setItem(stored(name), JSON.stringify(event.api.toJSON()));
    });
    onReady?.(event.api);
  };
  return (
    <section className="dock" aria-label={label}>
      <PaneContent.Provider value={contents}>
        <DockviewReact
          components={components}
          defaultTabComponent={Tab}
          theme={theme}
          onReady={ready}
          disableFloatingGroups
          getTabContextMenuItems={() => ['maximize']}
        />
      </PaneContent.Provider>
    </section>
  );
}

/** Puts back the stored layout; where it no longer fits the panes there are, the first one. */
function restore(
  api: DockviewApi,
  name: string,
  panes: readonly DockPane[],
  arrange: (api: DockviewApi) => void,
): void {
  const text = localStorage.getItem(stored(name));
  if (text !== null) {
    try {
      api.fromJSON(JSON.parse(text) as Parameters<DockviewApi['fromJSON']>[0]);
      if (panes.every((pane) => api.getPanel(pane.id)) && api.totalPanels === panes.length) return;
    } catch {
      localStorage.removeItem(stored(name));
    }
    api.clear();
  }
  arrange(api);
}

/** Shares of the dock's width and height that each group had before one of them was maximised. */
const shares = new WeakMap<DockviewApi, ReadonlyMap<string, readonly [width: number, height: number]>>();

/** Shows one pane alone, or all of them (null) in the proportions that they had, whatever the window's size is now. */
export function showAlone(api: DockviewApi, pane: string | null): void {
  if (api.hasMaximizedGroup()) {
    api.exitMaximizedGroup();
    giveShares(api);
  }
  const panel = pane === null ? undefined : api.getPanel(pane);
  if (!panel) return;
  shares.set(api, new Map(api.groups.map(({ id, width, height }) => [id, [width / api.width, height / api.height]])));
  panel.api.setActive();
  panel.api.maximize();
}

/** dockview keeps the hidden groups' pixels while one is maximised, so a window that was resized comes back skewed. */
function giveShares(api: DockviewApi): void {
  for (const group of api.groups) {
    const [width, height] = shares.get(api)?.get(group.id) ?? [];
    if (width !== undefined && height !== undefined)
      group.api.setSize({ width: width * api.width, height: height * api.height });
  }
}

import { DockviewReact } from 'dockview-react';
import type {
  DockviewApi,
  DockviewReadyEvent,
  IDockviewHeaderActionsProps,
  IDockviewPanelHeaderProps,
  IDockviewPanelProps,
} from 'dockview-react';
import { createContext, useContext, useEffect, useMemo, useRef } from 'react';
import type { FunctionComponent, ReactNode } from 'react';
import 'dockview-react/dist/styles/dockview.css';
import './dock.css';

export interface DockPane {
  readonly id: string;
  readonly title: string;
  /** A mark beside the title in its tab; nothing that can be pressed. */
  readonly mark?: ReactNode;
  /** At the right of the tabs while the pane is in front. */
  readonly actions?: ReactNode;
  readonly content: ReactNode;
}

/** Where a layout is kept; '' where there is none. */
export interface KeptLayout {
  readonly read: () => string;
  readonly write: (text: string) => void;
}

/** Keeps a layout between starts under a name. */
export function keptUnder(name: string): KeptLayout {
  const key = `lamella.dock.2.${name}`;
  return { read: () => localStorage.getItem(key) ?? '', write: (text) => localStorage.setItem(key, text) };
}

interface DockProps {
  readonly label: string;
  readonly kept: KeptLayout;
  /** A pane more or less opens or closes its panel; the others stay where they are. */
  readonly panes: readonly DockPane[];
  /** Puts the panes at their first places; `api.addPanel({ id, component: 'pane', title })`. */
  readonly arrange: (api: DockviewApi) => void;
  /** A change of it puts the panes back at their first places. */
  readonly resets: number;
  /** A change of it puts the panes where the kept layout has them. */
  readonly restores?: number;
  /** A panel was opened beside the active one. */
  readonly onOpened?: (pane: string) => void;
  readonly onReady?: (api: DockviewApi) => void;
}

const theme = {
  name: 'lamella',
  className: 'dockview-theme-lamella',
  gap: 1,
  dndOverlayMounting: 'relative',
  tabAnimation: 'default',
} as const;

const Panes = createContext<ReadonlyMap<string, DockPane>>(new Map());

const Pane: FunctionComponent<IDockviewPanelProps> = ({ api }) => (
  <div className="dock-pane">{useContext(Panes).get(api.id)?.content}</div>
);

const Tab: FunctionComponent<IDockviewPanelHeaderProps> = ({ api }) => {
  const pane = useContext(Panes).get(api.id);
  return (
    <span className="dock-tab">
      {pane?.title ?? api.title}
      {pane?.mark}
    </span>
  );
};

const Actions: FunctionComponent<IDockviewHeaderActionsProps> = ({ activePanel }) => (
  <div className="dock-actions">{useContext(Panes).get(activePanel?.id ?? '')?.actions}</div>
);

const components = { pane: Pane };
/** Made once: to be given another one makes dockview measure all its panes. */
const tabMenu = (): ['maximize'] => ['maximize'];

/** Panes that can be dragged, split, stacked and maximised; the layout is kept. */
export function Dock({ label, kept, panes, arrange, resets, restores = 0, onOpened, onReady }: DockProps): ReactNode {
  const known = useMemo(() => new Map(panes.map((pane) => [pane.id, pane])), [panes]);
  const dock = useRef<DockviewApi | null>(null);
  const seen = useRef({ resets, restores });
  useEffect(() => {
    const api = dock.current;
    if (!api) return;
    if (seen.current.resets !== resets) putBack(api, arrange);
    else if (seen.current.restores !== restores) restore(api, kept.read(), panes, arrange);
    else follow(api, panes, onOpened);
    giveTitles(api, panes);
    seen.current = { resets, restores };
  });
  const ready = ({ api }: DockviewReadyEvent): void => {
    dock.current = api;
    restore(api, kept.read(), panes, arrange);
    giveTitles(api, panes);
    api.onDidLayoutChange(() => {
      if (!api.hasMaximizedGroup()) kept.write(JSON.stringify(api.toJSON()));
    });
    onReady?.(api);
  };
  return (
    <section className="dock" aria-label={label}>
      <Panes.Provider value={known}>
        <DockviewReact
          components={components}
          defaultTabComponent={Tab}
          rightHeaderActionsComponent={Actions}
          theme={theme}
          onReady={ready}
          disableFloatingGroups
          getTabContextMenuItems={tabMenu}
        />
      </Panes.Provider>
    </section>
  );
}

/** dockview names tabs for screen readers by the panels' own titles. */
function giveTitles(api: DockviewApi, panes: readonly DockPane[]): void {
  for (const { id, title } of panes) {
    const panel = api.getPanel(id);
    if (panel && panel.title !== title) panel.api.setTitle(title);
  }
}

function putBack(api: DockviewApi, arrange: (api: DockviewApi) => void): void {
  api.clear();
  arrange(api);
  arranged.set(api, shapeOf(api.toJSON()));
}

type Layout = ReturnType<DockviewApi['toJSON']>;

/** How panes lay at their first places. */
const arranged = new WeakMap<DockviewApi, string>();

/** Which panes lie where and how large, in fiftieths: what a user sees of a layout. */
function shapeOf({ grid }: Layout): string {
  const shape = ({ data, size = 0 }: Layout['grid']['root'], of: number): unknown => {
    const share = Math.round((50 * size) / Math.max(1, of));
    if (!Array.isArray(data)) return [share, data.views, data.activeView];
    const whole = data.reduce((sum, part) => sum + (part.size ?? 0), 0);
    return [share, data.map((part) => shape(part, whole))];
  };
  return JSON.stringify([grid.orientation, shape({ ...grid.root, size: 1 }, 1)]);
}

/** Whether panes lie as a kept layout says: to put them there would make them anew, which takes long. */
function liesAs(api: DockviewApi, text: string, panes: readonly DockPane[]): boolean {
  if (api.totalPanels !== panes.length || !panes.every(({ id }) => api.getPanel(id))) return false;
  try {
    return shapeOf(api.toJSON()) === (text === '' ? arranged.get(api) : shapeOf(JSON.parse(text) as Layout));
  } catch {
    return false;
  }
}

/** Closes panels whose panes are gone and opens those that are new. */
function follow(api: DockviewApi, panes: readonly DockPane[], onOpened?: (pane: string) => void): void {
  for (const panel of api.panels) if (!panes.some(({ id }) => id === panel.id)) api.removePanel(panel);
  for (const { id, title } of panes) {
    if (api.getPanel(id)) continue;
    const beside = api.activePanel ?? api.panels.at(-1);
    const position = beside ? { position: { referencePanel: beside.id, direction: 'right' as const } } : {};
    api.addPanel({ id, component: 'pane', title, ...position });
    onOpened?.(id);
  }
}

/** Puts back a kept layout; where it does not fit the panes there are, the first one. */
function restore(
  api: DockviewApi,
  text: string,
  panes: readonly DockPane[],
  arrange: (api: DockviewApi) => void,
): void {
  if (liesAs(api, text, panes)) return;
  if (text !== '') {
    try {
      api.fromJSON(JSON.parse(text) as Parameters<DockviewApi['fromJSON']>[0]);
      if (panes.every((pane) => api.getPanel(pane.id)) && api.totalPanels === panes.length) return;
    } catch {
      // A layout that another version wrote: the panes go to their first places.
    }
  }
  putBack(api, arrange);
}

/** Shares of the dock's width and height that each group had before one of them was maximised. */
const shares = new WeakMap<DockviewApi, ReadonlyMap<string, readonly [width: number, height: number]>>();

/** Shows one pane alone, or all of them (null) in the proportions that they had, whatever the window's size is now. */
export function showAlone(api: DockviewApi, pane: string | null): void {
  // To do it again measures all panes anew.
  if (pane !== null && api.getPanel(pane)?.api.isMaximized()) return;
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

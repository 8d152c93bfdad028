import { Bookmark, Ellipsis, Image, LoaderCircle, Pencil, RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { SavedView } from '../../../preload/contract/view.ts';
import {
  removeNamedView,
  renameNamedView,
  showNamedView,
  updateNamedView,
  useNamedViews,
} from '../../state/named-views.ts';
import { formatAgo, formatTime } from '../../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { Section } from '../../ui/section.tsx';
import { ActionButton } from '../action-button.tsx';

/** Views that were kept under a name, newest first. */
export function NamedViews(): ReactNode {
  const { views, keeping } = useNamedViews();
  const isNew = keeping !== null && !views.some(({ name }) => name === keeping);
  return (
    <Section
      title="Named views"
      aside={
        <ActionButton id="view.keep" size="small" tone="quiet" icon={Bookmark}>
          Keep
        </ActionButton>
      }
    >
      {views.length === 0 && !isNew && (
        <p className="muted">Keep a view to come back to its place, layers and panes.</p>
      )}
      <ul className="named-views" aria-label="Named views">
        {isNew && (
          <li className="named-view">
            <span className="as-text named-view-show" role="status">
              <span className="named-view-picture" aria-hidden>
                <LoaderCircle size={16} className="spin" />
              </span>
              <span className="named-view-words">
                <span className="truncate">{keeping}</span>
                <span className="faint">Taking its picture…</span>
              </span>
            </span>
          </li>
        )}
        {views.map((view) => (
          <li key={view.id}>
            <NamedView view={view} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function NamedView({ view }: { readonly view: SavedView }): ReactNode {
  const [renaming, setRenaming] = useState(false);
  return (
    <div className="named-view">
      <button
        type="button"
        className="as-text named-view-show"
        aria-label={`Show ${view.name}`}
        onClick={() => showNamedView(view)}
      >
        {view.picture === '' ? (
          <span className="named-view-picture" aria-hidden>
            <Image size={16} />
          </span>
        ) : (
          <img className="named-view-picture" src={view.picture} alt="" />
        )}
        {!renaming && (
          <span className="named-view-words">
            <span className="truncate">{view.name}</span>
            <span className="faint" title={formatTime(view.updatedAt)}>
              {formatAgo(view.updatedAt)}
            </span>
          </span>
        )}
      </button>
      {renaming ? (
        <NameField view={view} onDone={() => setRenaming(false)} />
      ) : (
        <Menu align="end" items={<Items view={view} onRename={() => setRenaming(true)} />}>
          <button type="button" className="button icon quiet" aria-label={`${view.name}: more`}>
            <Ellipsis size={14} aria-hidden />
          </button>
        </Menu>
      )}
    </div>
  );
}

function NameField({ view, onDone }: { readonly view: SavedView; readonly onDone: () => void }): ReactNode {
  const [name, setName] = useState(view.name);
  const keep = (): void => {
    onDone();
    void renameNamedView(view, name);
  };
  return (
    <input
      className="input small"
      aria-label={`New name of ${view.name}`}
      value={name}
      maxLength={200}
      ref={(input) => input?.focus()}
      onChange={(event) => setName(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
        if (event.key === 'Escape') onDone();
      }}
    />
  );
}

function Items({ view, onRename }: { readonly view: SavedView; readonly onRename: () => void }): ReactNode {
  return (
    <>
      <MenuItem icon={RefreshCw} onChoose={() => void updateNamedView(view)}>
        Replace by what is shown now
      </MenuItem>
      {/* The menu gives the focus back when it closes; the field takes it after that. */}
      <MenuItem icon={Pencil} onChoose={() => setTimeout(onRename)}>
        Rename
      </MenuItem>
      <MenuLine />
      <MenuItem icon={Trash2} onChoose={() => void removeNamedView(view)}>
        Remove
      </MenuItem>
    </>
  );
}

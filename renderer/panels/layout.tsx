import type { ReactNode } from 'react';
import { useSession } from '../state/session.ts';
import { Later } from '../ui/later.tsx';

interface RoomLayoutProps {
  readonly name: string;
  readonly navigator: ReactNode;
  /** Null where there is nothing to inspect now: the work gets its place. */
  readonly inspector: ReactNode;
  readonly children: ReactNode;
}

/** Navigator, work, inspector: the same places in every room. Either side can be folded away. */
export function RoomLayout({ name, navigator, inspector, children }: RoomLayoutProps): ReactNode {
  const showsNavigator = useSession((s) => s.navigator);
  const showsInspector = useSession((s) => s.inspector);
  return (
    <div className="room">
      {showsNavigator ? (
        <aside className="navigator" aria-label={`${name}: navigator`}>
          <Later>{navigator}</Later>
        </aside>
      ) : (
        <span />
      )}
      <main className="room-main" aria-label={name}>
        {children}
      </main>
      {showsInspector && inspector !== null ? (
        <aside className="inspector" aria-label={`${name}: inspector`}>
          <Later>{inspector}</Later>
        </aside>
      ) : (
        <span />
      )}
    </div>
  );
}

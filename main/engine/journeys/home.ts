import type { Recents } from '../store/recents.ts';
import type { HandlersOf } from './call.ts';

export function homeHandlers(recents: Recents): HandlersOf<'home'> {
  return {
    recent: () => ({ value: { libraries: [...recents.list()] } }),
    forget: ({ library }) => ({ forgotten: recents.forget(library) }),
  };
}

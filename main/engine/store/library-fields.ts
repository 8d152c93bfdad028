import { libraryFieldRef } from '../../../preload/contract/reference.ts';
import type { LibraryStore } from './library-store.ts';

/** `fields/REGISTRATION/` of a library: what deformable registrations wrote. */
export const fieldsFolder = (library: Pick<LibraryStore, 'pathOf'>, registration: string): string =>
  library.pathOf('fields', registration);

export const fieldRef = (registration: string, file: string): string => `library:fields/${registration}/${file}`;

/** The absolute path of a field that is referred to as one of the library; null where it is referred to otherwise. */
export function pathOfField(library: Pick<LibraryStore, 'pathOf'>, ref: string): string | null {
  const [, registration, file] = libraryFieldRef.exec(ref) ?? [];
  return registration === undefined || file === undefined ? null : library.pathOf('fields', registration, file);
}

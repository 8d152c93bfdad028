import type { LibraryStore } from './library-store.ts';

const meshesRef = /^library:meshes\/(shape-[0-9a-z]{4,32})$/;

/** What stands in a row for `meshes/SHAPE/` of the library: it may lie elsewhere tomorrow. */
export const meshesRefOf = (shape: string): string => `library:meshes/${shape}`;

export const meshesFolder = (library: Pick<LibraryStore, 'pathOf'>, shape: string): string =>
  library.pathOf('meshes', shape);

/** The address of a set of shapes, with one that the library made as a path. */
export function addressOfShapes(library: Pick<LibraryStore, 'pathOf'>, address: string): string {
  const [, shape] = meshesRef.exec(address) ?? [];
  return shape === undefined ? address : meshesFolder(library, shape);
}

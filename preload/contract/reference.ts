import { z } from 'zod';

/**
 * How a caller names a file or folder. The window may only send `grant:<uuid>`, issued by the shell after a native
 * dialog or drop, optionally followed by `/name` for something inside a granted folder. Trusted callers (command line,
 * tests) may send plain paths. The engine resolves and checks; see `grants`.
 */
export const pathRefSchema = z.string().min(1).max(4096).meta({ pathRef: 'path' });

/**
 * What a string of the contract refers to, set as its schema's metadata: `path` = a file or folder, `library`, or
 * `source` = what `sourceRefSchema` says, `layout` = `render:FILE`, `tiles:FILE` and `temca:FILE`, whose FILE is looked for in the folder beside it in `source`. The engine
 * finds every such string by it.
 */
export type PathRefKind = 'path' | 'library' | 'layout' | 'source';

/** A library: its path (trusted callers), a grant, or the id that `library.open` returned. */
export const libraryRefSchema = z.string().min(1).max(4096).meta({ pathRef: 'library' });

/**
 * Where a volume is: the id of a volume of the library; a path (window: a grant); or an address: `https://…`, `http://…`,
 * `s3://bucket/key`, `gs://bucket/key`. A format may be put before it (`precomputed://https://…`, `zarr:PATH`), and a
 * file inside a zip after a bar (`PATH.zip|zip:inner/key`), as Neuroglancer writes them. Addresses of this computer and
 * of private networks are refused unless the user allowed that server: see `allowServerSchema`. Fields of a registration
 * are `library:fields/…`: files of the library itself.
 */
export const sourceRefSchema = z.string().min(1).max(4096).meta({ pathRef: 'source' });

/** A field that a registration of the library wrote. */
export const libraryFieldRef = /^library:fields\/(registration-[0-9a-z]{4,32})\/([a-z-]{1,40}\.nrrd)$/;

/** Ids are short, opaque and safe in file names: a prefix of the kind and 12 base-32 characters. */
export const idSchema = z.string().regex(/^[a-z]+-[0-9a-z]{4,32}$/, 'an id looks like dataset-0a1b2c3d4e5f');

export const inLibrary = { library: libraryRefSchema };

export const isoTimeSchema = z.string();

/** A thing that went wrong without stopping the work. `subject` names the tile, file or link. */
export const warningSchema = z.object({ subject: z.string(), message: z.string(), hint: z.string().optional() });
export type Warning = z.infer<typeof warningSchema>;

import type { z } from 'zod';
import type { sessionSchema } from '../../../../preload/contract/channels.ts';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import { type Vec3, voxelSizeNmSchema } from '../../../../preload/contract/space.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { ownChannelName } from '../../stacks/tile-rows.ts';
import { datasetRow } from '../../store/tiles.ts';
import { type AlignSection, sectionSource, type SectionSource } from './sections.ts';

export type SessionAsked = z.output<typeof sessionSchema>;

/** A session as it is matched: lengths in common pixels, which are those of the first. */
export interface Session {
  readonly asked: SessionAsked;
  readonly name: string;
  readonly pixelNm: number;
  readonly source: SectionSource;
  readonly bySection: ReadonlyMap<number, AlignSection>;
}

/** A session that cannot be used, and why. */
export interface Refused {
  readonly asked: SessionAsked;
  readonly name: string;
  readonly reason: string;
}

export interface Sessions {
  /** The first that was asked for, which the others are matched with, is the first here. */
  readonly used: readonly Session[];
  readonly refused: readonly Refused[];
  readonly frame: Session;
}

/** Sizes that differ by less than this part are one size. */
const sameSize = 1e-3;

/**
 * The sessions with their sections. One that cannot be used is refused with the reason; 'invalid-input' where a dataset
 * is named twice or the frame is not among them, and the error of the session where that is the first or the frame.
 */
export function sessionsOf(
  library: LibraryStore,
  asked: readonly SessionAsked[],
  frame = asked[0]?.dataset ?? '',
): Sessions {
  checkNames(asked, frame);
  const commonNm = voxelOf(library, asked[0]?.dataset ?? '')[0];
  const sectionNm = voxelOf(library, frame)[2];
  const used: Session[] = [];
  const refused: Refused[] = [];
  for (const [i, one] of asked.entries()) {
    try {
      used.push(sessionOf(library, one, commonNm, sectionNm));
    } catch (error) {
      if (!isLamellaError(error, 'bad-source', 'not-found') || i === 0 || one.dataset === frame) throw error;
      refused.push({ asked: one, name: nameOf(library, one.dataset), reason: error.message });
    }
  }
  if (used.length < 2) throw nothingLeft(refused);
  return { used, refused, frame: used.find((one) => one.asked.dataset === frame)! };
}

function checkNames(asked: readonly SessionAsked[], frame: string): void {
  const names = asked.map(({ dataset }) => dataset);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined && names.includes(frame)) return;
  const message =
    twice === undefined
      ? `The frame ${frame} is not one of the sessions.`
      : `The dataset ${twice} is asked for twice; all channels of a session move together.`;
  throw new LamellaError('invalid-input', message, {
    hint: 'Name each dataset once, and the frame among them.',
    fields: { dataset: twice ?? frame },
  });
}

const voxelOf = (library: LibraryStore, dataset: string): Vec3 =>
  voxelSizeNmSchema.parse(JSON.parse(datasetRow(library.read, dataset).voxel_size_nm));

const nameOf = (library: LibraryStore, dataset: string): string =>
  library.read.get<{ name: string }>('SELECT name FROM dataset WHERE id = ?', dataset)?.name ?? dataset;

function sessionOf(library: LibraryStore, asked: SessionAsked, commonNm: number, sectionNm: number): Session {
  const { dataset, stack = null } = asked;
  // The tiles' own pictures may be asked for by the name that they have in their tilespecs.
  const channel = asked.channel === ownChannelName(library.read, dataset) ? '' : asked.channel;
  const { name } = datasetRow(library.read, dataset);
  const [x, y, z] = voxelOf(library, dataset);
  if (Math.abs(x / y - 1) > sameSize) throw misfit(name, dataset, `its pixels are ${x} x ${y} nm: not square`);
  if (Math.abs(z / sectionNm - 1) > sameSize)
    throw misfit(name, dataset, `its sections are ${z} nm thick, those of the frame ${sectionNm} nm`);
  const source = sectionSource(library, { dataset, stack, channel }, 1, { name, pxScale: x / commonNm });
  const bySection = new Map(source.sections.map((one) => [one.section, one]));
  return { asked, name, pixelNm: x, source, bySection };
}

const misfit = (name: string, dataset: string, why: string): LamellaError =>
  new LamellaError('bad-source', `${name} cannot share the frame: ${why}.`, {
    hint: 'Import it again with the right voxelSizeNm.',
    fields: { dataset },
  });

const nothingLeft = (refused: readonly Refused[]): LamellaError =>
  new LamellaError(
    'bad-source',
    `No session is left to bring to the frame. ${refused.map(({ reason }) => reason).join(' ')}`,
    { hint: 'Mend the sessions that are named, or name others.', fields: { sessions: refused.length } },
  );

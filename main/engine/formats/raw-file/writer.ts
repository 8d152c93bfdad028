import { crc32Of } from '../../../../native-workers/crc32.ts';
import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import { badPlanBlock } from '../blocks.ts';
import { levelAt, mapAxes, voxelsIn } from '../pyramid.ts';
import type { Assembly, BlockAt, Part, VolumeNotes, VolumePlan, VolumeWriter } from '../volume-format.ts';
import { joinCrc32 } from './crc32.ts';

/** One file: a head, then the voxels of level 0, little-endian. */
export interface RawFileForm {
  /** One level, as the format will say it. */
  readonly plan: VolumePlan;
  /** How channels and times follow the sections of x, y and z. */
  readonly order: 'ct' | 'tc';
  readonly packing: 'raw' | 'gzip';
  /** Whether the head is packed together with the voxels. */
  readonly packHead: boolean;
  readonly blockBytes: number;
  head(notes: VolumeNotes): Uint8Array;
}

/** What of a block lies together in the file. */
interface Run {
  readonly key: string;
  readonly bytes: number;
}

/**
 * Writes blocks of whole sections, or of rows where one section is over the limit, one part for each channel.
 *
 * A packed file is one gzip member, because some readers stop after the first: parts are runs of deflate blocks that end
 * at a whole byte, and the checksum of all is put together from those of the parts, which their names carry.
 */
export class RawFileWriter implements VolumeWriter {
  readonly plan: VolumePlan;
  readonly #form: RawFileForm;
  #notes: VolumeNotes = {};

  constructor(form: RawFileForm) {
    this.plan = form.plan;
    this.#form = form;
  }

  blockXyz(level: number): Vec3 {
    const [x, y, z] = levelAt(this.plan, level).sizeXyz;
    const row = x * this.plan.channels.length * bytesPerVoxel[this.plan.dtype];
    const rows = Math.max(1, Math.floor(this.#form.blockBytes / row));
    return rows < y ? [x, rows, 1] : [x, y, Math.min(z, Math.floor(rows / y))];
  }

  async encodeBlock(at: BlockAt, voxels: Uint8Array): Promise<readonly Part[]> {
    const { sizeXyz } = levelAt(this.plan, at.level);
    const block = this.blockXyz(at.level);
    const size = mapAxes((i) => Math.min(block[i], sizeXyz[i] - at.xyz[i] * block[i]));
    const one = voxelsIn(size) * bytesPerVoxel[this.plan.dtype];
    const wanted = one * this.plan.channels.length;
    if (voxels.byteLength !== wanted) throw badPlanBlock(at, voxels.byteLength, wanted);
    return Promise.all(
      this.plan.channels.map(async (_, channel) => {
        const raw = voxels.subarray(channel * one, (channel + 1) * one);
        const key = runKey(at, channel);
        if (this.#form.packing === 'raw') return { key, bytes: raw };
        return { key: `${key}-${crc32Of(raw).toString(16)}`, bytes: await deflated(raw) };
      }),
    );
  }

  /** Nothing: the notes go into the head. */
  async metadata(notes: VolumeNotes): Promise<readonly Part[]> {
    this.#notes = notes;
    return [];
  }

  async assemble(sizes: ReadonlyMap<string, number>): Promise<Assembly> {
    const head = this.#form.head(this.#notes);
    const runs = [...this.#runs()];
    if (this.#form.packing === 'raw') return [{ bytes: head }, ...runs.map(({ key }) => ({ part: key }))];
    return this.#packed(head, runs, sizes);
  }

  async #packed(head: Uint8Array, runs: readonly Run[], sizes: ReadonlyMap<string, number>): Promise<Assembly> {
    const { packHead } = this.#form;
    let crc = packHead ? crc32Of(head) : 0;
    let length = packHead ? head.byteLength : 0;
    const named = new Map([...sizes.keys()].map((key) => [key.slice(0, key.lastIndexOf('-')), key]));
    const parts = runs.map((run) => {
      const part = named.get(run.key);
      if (!part) throw new Error(`the part ${run.key} was not written`);
      crc = joinCrc32(crc, Number.parseInt(part.slice(run.key.length + 1), 16), run.bytes);
      length += run.bytes;
      return { part };
    });
    const start = packHead
      ? [{ bytes: gzipStart }, { bytes: await deflated(head) }]
      : [{ bytes: head }, { bytes: gzipStart }];
    return [...start, ...parts, { bytes: gzipEnd(crc, length) }];
  }

  /** Every run in the order of the file. */
  *#runs(): Generator<Run> {
    const { channels, times } = this.plan;
    const outer = this.#form.order === 'ct' ? [times, channels.length] : [channels.length, times];
    const [slow = 1, fast = 1] = outer;
    for (let i = 0; i < slow; i++) {
      for (let j = 0; j < fast; j++) {
        const [time, channel] = this.#form.order === 'ct' ? [i, j] : [j, i];
        yield* this.#sections(time, channel);
      }
    }
  }

  *#sections(time: number, channel: number): Generator<Run> {
    const { sizeXyz } = levelAt(this.plan, 0);
    const block = this.blockXyz(0);
    const [, ny, nz] = mapAxes((i) => Math.ceil(sizeXyz[i] / block[i]));
    for (let z = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        const at: Vec3 = [0, y, z];
        const size = mapAxes((i) => Math.min(block[i], sizeXyz[i] - at[i] * block[i]));
        const bytes = voxelsIn(size) * bytesPerVoxel[this.plan.dtype];
        yield { key: runKey({ xyz: at, time }, channel), bytes };
      }
    }
  }
}

const runKey = ({ xyz, time }: Pick<BlockAt, 'xyz' | 'time'>, channel: number): string =>
  `voxels/t${time}-c${channel}-z${xyz[2]}-y${xyz[1]}`;

/** Deflate blocks without a last one, up to a whole byte: more may follow. */
const deflated = (raw: Uint8Array): Promise<Uint8Array> =>
  promisify<Uint8Array, object, Uint8Array>(deflateRaw)(raw, { level: 6, finishFlush: constants.Z_SYNC_FLUSH });

/** RFC 1952: deflate, no name, no time, unknown system. */
const gzipStart = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);

/** An empty last block, the checksum, and the length modulo 2^32. */
function gzipEnd(crc: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(10));
  view.setUint8(0, 3);
  view.setUint32(2, crc, true);
  view.setUint32(6, length % 2 ** 32, true);
  return new Uint8Array(view.buffer);
}

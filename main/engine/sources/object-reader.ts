import type { IncomingHttpHeaders } from 'node:http';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteRange, ByteSource } from '../formats/byte-store.ts';
import { decodeBody, isEncoded } from './content-encoding.ts';
import type { Reply } from './exchange.ts';
import { lengthOf, sameFile, tagOf, totalOf, type FileTag } from './file-tag.ts';
import { checkedKey, checkRange, checkSignal } from './keys.ts';
import type { Network, Prepared, Verdict } from './network.ts';
import { pageInstead } from './not-data.ts';

/** A source on a server: knows how files were when they were read in parts, so that parts of two versions never mix. */
export interface RemoteSource extends ByteSource {
  /** How the file is known; undefined until a part of it was read. */
  tagOf(key: string): string | undefined;
  /** Makes later reads of the file fail where it is not as `tag` says. */
  expectTag(key: string, tag: string): void;
  forgetTags(): void;
  /** When anything came of it last, by `performance.now()`; -Infinity where nothing did. */
  heardAt(): number;
  /** Whether the server has said "you may not" where it may mean "there is none". */
  denied(): boolean;
}

/** How a kind of server is asked, and what its refusals mean. */
export interface Protocol {
  readonly name: string;
  readonly network: Network;
  readonly allowPrivate: boolean;
  /** Of redirects: see `Ask`. */
  readonly follows?: boolean;
  prepare(key: string, method: 'GET' | 'HEAD', headers: Readonly<Record<string, string>>): Prepared;
  /** Looks at an answer first: 'again' where the next `prepare` will do better. */
  learn?(reply: Reply): 'again' | undefined;
  /** What a status from 400 on means for one key; throws what it must. */
  refused(reply: Reply, key: string): 'missing' | 'denied';
}

/** Bytes that are taken whole where a server does not do ranges. */
const smallBytes = 16 << 20;
/** What tells a page from data. */
const sniffBytes = 2048;
const maxBytes = 2 ** 30;
const maxTags = 50_000;

/** Reads objects over HTTP (RFC 9110): whole or in ranges, and what they measure. */
export class ObjectReader {
  readonly #protocol: Protocol;
  readonly #tags = new Map<string, FileTag>();
  #denied = false;
  #heardAt = -Infinity;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  get denied(): boolean {
    return this.#denied;
  }

  tagOf(key: string): string | undefined {
    const tag = this.#tags.get(key);
    return tag && JSON.stringify(tag);
  }

  expectTag(key: string, tag: string): void {
    this.#keepTag(key, JSON.parse(tag) as FileTag);
  }

  forgetTags(): void {
    this.#tags.clear();
    this.#denied = false;
  }

  async get(key: string, range: ByteRange | undefined, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    checkSignal(signal);
    checkedKey(key, this.#protocol.name);
    checkRange(range, key, this.#protocol.name);
    if (range === undefined) return this.#whole(key, maxBytes, signal);
    if (range.length > maxBytes) throw this.#tooLarge(key, range.length);
    if (range.length > 0) return this.#part(key, range, signal);
    return (await this.sizeOf(key, signal)) === undefined ? undefined : new Uint8Array();
  }

  async sizeOf(key: string, signal?: AbortSignal): Promise<number | undefined> {
    checkedKey(key, this.#protocol.name);
    const head = await this.#send(key, 'HEAD', {}, () => 0, judgeHead(key), signal);
    if (head.status === 404 || head.status === 410) return undefined;
    const size = head.status === 200 && !isEncoded(key, head.headers) ? lengthOf(head.headers) : undefined;
    if (size !== undefined) return size;
    if (isEncoded(key, head.headers)) return (await this.#whole(key, maxBytes, signal))?.byteLength;
    return this.#sizeByPart(key, signal);
  }

  /** For servers that refuse HEAD, or answer it without a length or a reason. */
  async #sizeByPart(key: string, signal?: AbortSignal): Promise<number | undefined> {
    const range = { offset: 0, length: 1 };
    const reply = await this.#send(key, 'GET', rangeHeader(range), () => smallBytes, judgePart(key, range), signal);
    if (reply.status >= 400 && reply.status !== 416) return this.#refused(reply, key);
    const total = totalOf(reply.headers) ?? (reply.status === 200 ? lengthOf(reply.headers) : undefined);
    if (total !== undefined) return total;
    if (reply.status === 416) return 0;
    if (reply.status === 200 && !reply.cut) return (await decodeBody(reply, key, maxBytes)).byteLength;
    throw this.#bad(key, 'the server does not say how large it is');
  }

  async #whole(key: string, most: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const reply = await this.#send(key, 'GET', {}, () => most, judgeWhole(key, most), signal);
    if (reply.status >= 400) return this.#refused(reply, key);
    if (reply.cut) throw this.#tooLarge(key, lengthOf(reply.headers) ?? most);
    const known = this.#tags.get(key);
    if (known && !sameFile(known, tagOf(reply))) throw this.#changed(key);
    return decodeBody(reply, key, most);
  }

  async #part(key: string, range: ByteRange, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const reply = await this.#send(key, 'GET', rangeHeader(range), partLimit(range), judgePart(key, range), signal);
    if (reply.status >= 400 && reply.status !== 416) return this.#refused(reply, key);
    this.#checkTag(key, reply);
    if (reply.status === 416) return this.#beyond(key, range, reply);
    if (isEncoded(key, reply.headers)) return this.#cutOut(key, range, signal);
    if (reply.status === 206) return reply.bytes;
    const end = range.offset + range.length;
    if (reply.cut && reply.bytes.byteLength < end) throw this.#ignoresRanges(key, reply);
    return reply.bytes.slice(range.offset, end);
  }

  #beyond(key: string, range: ByteRange, reply: Reply): Uint8Array {
    if ((totalOf(reply.headers) ?? 0) <= range.offset) return new Uint8Array();
    throw this.#bad(key, `the server refuses bytes from ${range.offset} of a file that is longer`);
  }

  /** Ranges of a packed body are of no use: the whole is unpacked. */
  async #cutOut(key: string, range: ByteRange, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const bytes = await this.#whole(key, smallBytes * 4, signal);
    return bytes?.slice(range.offset, range.offset + range.length);
  }

  async #send(
    key: string,
    method: 'GET' | 'HEAD',
    headers: Readonly<Record<string, string>>,
    limit: (status: number, received: IncomingHttpHeaders) => number,
    judge: (reply: Reply) => Verdict,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    const { network, allowPrivate, follows = true, name } = this.#protocol;
    return network.send(
      {
        method,
        allowPrivate,
        follows,
        subject: `"${key}" of ${name}`,
        prepare: () => this.#protocol.prepare(key, method, headers),
        limit,
        heard: () => (this.#heardAt = performance.now()),
        judge: (reply) => this.#protocol.learn?.(reply) ?? (reply.status >= 400 ? 'good' : judge(reply)),
      },
      signal,
    );
  }

  #refused(reply: Reply, key: string): undefined {
    if (this.#protocol.refused(reply, key) === 'denied') this.#denied = true;
    if (this.#tags.has(key)) throw this.#changed(key, true);
    return undefined;
  }

  #checkTag(key: string, reply: Reply): void {
    const [known, seen] = [this.#tags.get(key), tagOf(reply)];
    if (known && !sameFile(known, seen)) throw this.#changed(key);
    if (!known && Object.keys(seen).length > 0) this.#keepTag(key, seen);
  }

  #keepTag(key: string, tag: FileTag): void {
    const [oldest] = this.#tags.size >= maxTags ? this.#tags.keys() : [];
    if (oldest !== undefined) this.#tags.delete(oldest);
    this.#tags.set(key, tag);
  }

  #changed(key: string, gone = false): LamellaError {
    const hint = 'Refresh the volume to read it anew.';
    return this.#bad(key, 'the file changed while it was read', hint, { changed: true, gone });
  }

  #ignoresRanges(key: string, reply: Reply): LamellaError {
    const size = lengthOf(reply.headers);
    return this.#bad(
      key,
      `the server sends the whole file${size === undefined ? '' : ` (${size} bytes)`} where a part is asked for`,
      'Fetch the file and open it from disk, or use a server that does range requests.',
    );
  }

  #tooLarge(key: string, bytes: number): LamellaError {
    const { name } = this.#protocol;
    return new LamellaError(
      'over-budget',
      `"${key}" of ${name} is too large to read at once: ${bytes} bytes or more.`,
      {
        hint: 'Fetch it to disk, or use a format with chunks.',
        fields: { file: key, source: name, bytes },
      },
    );
  }

  #bad(key: string, why: string, hint = 'Ask who runs the server.', more: LamellaError['fields'] = {}): LamellaError {
    const { name } = this.#protocol;
    return new LamellaError('bad-source', `"${key}" of ${name} can't be read: ${why}.`, {
      hint,
      fields: { file: key, source: name, ...more },
    });
  }
}

const rangeHeader = ({ offset, length }: ByteRange): Record<string, string> => ({
  range: `bytes=${offset}-${offset + length - 1}`,
});

const wrong = (retry: string): Verdict => ({ retry, tag: 'bad-source' });

function judgeHead(key: string): (reply: Reply) => Verdict {
  return (reply) =>
    reply.status === 200 ? (pageInstead(reply, key, true) ?? 'good') : wrong(`it answers ${reply.status}`);
}

function judgeWhole(key: string, most: number): (reply: Reply) => Verdict {
  return (reply) => {
    if (reply.status !== 200) return wrong(`it answers ${reply.status}`);
    const length = lengthOf(reply.headers);
    if (!reply.cut && length !== undefined && length <= most && length !== reply.bytes.byteLength) {
      return wrong(`${reply.bytes.byteLength} bytes came, not ${length}`);
    }
    return pageInstead(reply, key, true) ?? 'good';
  };
}

function judgePart(key: string, range: ByteRange): (reply: Reply) => Verdict {
  return (reply) => {
    const page = pageInstead(reply, key, range.offset === 0 || reply.status === 200);
    if (page) return page;
    if (reply.status === 200) return 'good';
    if (reply.status !== 206) return wrong(`it answers ${reply.status}`);
    const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(reply.headers['content-range'] ?? '') ?? [];
    const [from, to] = [Number(first), Number(last)];
    const asked = range.offset + range.length;
    // Where the server does not know the total, only it can know that a shorter part is the last.
    const end = total === '*' ? Math.min(asked, to + 1) : Math.min(asked, Number(total));
    if (first === undefined || from !== range.offset || to + 1 !== end)
      return wrong('it sends other bytes than were asked for');
    const count = reply.bytes.byteLength;
    return count === to + 1 - from && !reply.cut ? 'good' : wrong(`${count} bytes came, not ${to + 1 - from}`);
  };
}

/** A whole file in place of a part is read only where it is small. */
function partLimit(range: ByteRange): (status: number, headers: IncomingHttpHeaders) => number {
  return (status, headers) => {
    if (status === 206) return range.length;
    const end = range.offset + range.length;
    if ((lengthOf(headers) ?? 0) > smallBytes || end > smallBytes) return 0;
    return lengthOf(headers) ?? Math.max(end, sniffBytes);
  };
}

import type { WireError } from '../../preload/contract/errors.ts';
import { partIsBroken, sourceAnswers, sourceIsAway } from './offline.ts';
import { toast } from './toasts.ts';
import { whatHelps } from './what-helps.ts';

/** What the drawing thread heard of a volume's source while it asked for bricks. */
export type BrickNews = { readonly volume: string } & (
  | { readonly is: 'there' }
  /** `partly`: other parts come. */
  | { readonly is: 'away'; readonly error: WireError | null; readonly partly: boolean }
  | { readonly is: 'broken'; readonly error: WireError }
);

export function adoptBrickNews({ volume, ...news }: BrickNews): void {
  if (news.is === 'there') sourceAnswers(volume);
  else if (news.is === 'away') sourceIsAway(volume, news);
  else sayOnce(volume, news.error);
}

const told = new Map<string, number>();

/** One message for a volume, however many of its bricks can't be read. */
function sayOnce(volume: string, error: WireError): void {
  partIsBroken(volume, error);
  const count = (told.get(volume) ?? 0) + 1;
  told.set(volume, count);
  if (count > 1) return;
  toast({
    tone: 'bad',
    topic: `bricks of ${volume}`,
    title: error.message,
    detail: `${error.hint} ${whatHelps(volume)}`,
    error,
  });
}

/** A volume that is opened again may say again what is wrong with it. */
export const forgetBadBricks = (volume: string): void => void told.delete(volume);

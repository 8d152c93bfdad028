import { useEffect, useState } from 'react';
import type { OutputOf } from '../../preload/contract/define.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { shapeProcedures } from '../../preload/contract/shape.ts';
import { engine } from '../engine.ts';
import { openLibraryId } from './library.ts';

export type ShapeKeys = OutputOf<(typeof shapeProcedures)['keys']>;

/** As many as a list shows; a search finds the others. */
const most = 200;
/** Typing rests this long before it is searched. */
const restMs = 200;

/** The ids and names in a set of shapes that hold a text, or why there are none. */
export function useShapeKeys(
  shape: string,
  find: string,
): { readonly found: ShapeKeys | null; readonly problem: string } {
  const [answer, setAnswer] = useState<{ found: ShapeKeys | null; problem: string }>({ found: null, problem: '' });
  useEffect(() => {
    const asking = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const { value } = await engine().shape.keys(
          { library: openLibraryId(), shape, find, most },
          { signal: asking.signal },
        );
        setAnswer({ found: value, problem: '' });
      } catch (error) {
        if (!asking.signal.aborted) setAnswer({ found: null, problem: toWireError(error).message });
      }
    };
    const timer = setTimeout(() => void ask(), restMs);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [shape, find]);
  return answer;
}

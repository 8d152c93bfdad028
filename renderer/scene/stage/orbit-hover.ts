import { pick, showCursor } from './stage-client.ts';

interface Place {
  readonly pane: string;
  /** CSS pixels from the upper left of the pane. */
  readonly px: number;
  readonly py: number;
}

/** Where the pointer is in a 3-D pane, until it was told what lies there. */
let wanted: Place | null = null;
let following = false;

const wantedNow = (): Place | null => wanted;

/** Tells what lies under the pointer in a 3-D pane: one ray a frame in the thread that draws, and never two at once. */
export function hoverOrbit(place: Place): void {
  wanted = place;
  if (!following) void follow();
}

/** The pointer is gone, or turns the view: what is still looked for is not told any more. */
export function endOrbitHover(): void {
  wanted = null;
}

async function follow(): Promise<void> {
  following = true;
  while (wantedNow()) {
    await new Promise(requestAnimationFrame);
    const place = wantedNow();
    const picked = place && (await pick(place.pane, place.px, place.py));
    const next = wantedNow();
    if (!place || next?.pane !== place.pane) continue;
    if (next === place) wanted = null;
    showCursor(
      picked && { positionNm: picked.positionNm, pane: place.pane, hit: { layer: picked.layer, key: picked.key } },
    );
  }
  following = false;
}

import { expect, test } from 'vitest';
import { packBricks } from '../../preload/contract/brick.ts';
import { BrickAtlas } from '../../renderer/scene/stage/brick-atlas.ts';
import { BrickFlow } from '../../renderer/scene/stage/brick-flow.ts';
import type { Graphics } from '../../renderer/scene/stage/graphics.ts';
import type { BrickOrder } from '../../renderer/scene/stage/messages.ts';
import { Uploads } from '../../renderer/scene/stage/uploads.ts';
import { planOf } from './plane-views.ts';
import { thinVolume } from './volume.ts';

test('a brick that is empty is news for the picture, also where the view is wanted anew before it is drawn', () => {
  const asked: Array<Extract<BrickOrder, { t: 'ask' }>> = [];
  const flow = new BrickFlow((message) => void (message.t === 'ask' && asked.push(message)), 64e6);
  const uploads = new Uploads(flow);
  // Nothing is uploaded here, so that no card is needed.
  const graphics = { atlas: new BrickAtlas(16e6, 2048) } as unknown as Graphics;
  const look = { positionNm: [3600, 3200, 200], nmPerPx: 4, size: { width: 900, height: 700 } } as const;
  flow.want({ shot: [], plans: [planOf(thinVolume(), look)], orbits: [], later: [], reachesOut: true }, 0);
  const [first] = asked;
  const [address] = first?.request.bricks ?? [];
  if (!first || !address) throw new Error('nothing was asked for');
  const empty = packBricks([{ address, size: [128, 128, 6], voxels: new Uint8Array() }]);
  uploads.add(flow.take(first.request.lane, empty));
  uploads.refill(graphics.atlas);
  expect(uploads.step(graphics, Infinity)).toBe(true);
  expect(uploads.step(graphics, Infinity)).toBe(false);
});

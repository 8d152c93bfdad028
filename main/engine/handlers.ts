import type { LamellaClient } from '../../preload/contract/api.ts';
import { alignHandlers } from './journeys/align.ts';
import { annotateHandlers } from './journeys/annotate.ts';
import { atlasHandlers } from './journeys/atlas.ts';
import { blockHandlers } from './journeys/block.ts';
import type { Handlers } from './journeys/call.ts';
import { figureHandlers } from './journeys/figure.ts';
import type { FilesInParts } from './journeys/figure/files-in-parts.ts';
import { homeHandlers } from './journeys/home.ts';
import { ingestHandlers } from './journeys/ingest.ts';
import { intensityHandlers } from './journeys/intensity.ts';
import { jobHandlers } from './journeys/job.ts';
import { libraryHandlers } from './journeys/library.ts';
import { publishHandlers } from './journeys/publish.ts';
import { regionHandlers } from './journeys/region.ts';
import { registerHandlers } from './journeys/register.ts';
import { renderHandlers } from './journeys/render.ts';
import { sampleHandlers } from './journeys/sample.ts';
import { shapeHandlers } from './journeys/shape.ts';
import type { HeldShapes } from './journeys/shape/held-shapes.ts';
import { stackHandlers } from './journeys/stack.ts';
import { solveHandlers } from './journeys/solve.ts';
import { stitchHandlers } from './journeys/stitch.ts';
import { tileHandlers } from './journeys/tile.ts';
import { viewHandlers } from './journeys/view.ts';
import type { BrickPatience } from './journeys/view/patience.ts';
import { volumeHandlers } from './journeys/volume.ts';
import { warpHandlers } from './journeys/warp.ts';
import { watchHandlers } from './journeys/watch.ts';
import type { LibraryAccess } from './library-access.ts';
import type { Recents } from './store/recents.ts';
import type { OpenVolumes } from './volumes/open-volumes.ts';

/** The journeys, joined: a procedure of the contract without a handler does not compile. */
export function handlersOf({
  access,
  recents,
  volumes,
  shapes,
  files,
  patience,
  client,
}: {
  readonly access: LibraryAccess;
  readonly recents: Recents;
  readonly volumes: OpenVolumes;
  readonly shapes: HeldShapes;
  readonly files: FilesInParts;
  readonly patience: BrickPatience | undefined;
  /** A trusted client within this process. */
  readonly client: () => LamellaClient;
}): Handlers {
  return {
    home: homeHandlers(recents),
    library: libraryHandlers({
      open: (ref, call, create) => access.open(ref, call, create),
      close: async (ref, call) => {
        await volumes.closeOf(access.idOf(ref, call));
        return access.close(ref, call);
      },
    }),
    sample: sampleHandlers,
    ingest: ingestHandlers,
    watch: watchHandlers(),
    tile: tileHandlers,
    stitch: stitchHandlers,
    stack: stackHandlers,
    solve: solveHandlers,
    align: alignHandlers,
    intensity: intensityHandlers,
    block: blockHandlers(volumes),
    render: renderHandlers(client),
    volume: volumeHandlers(volumes),
    warp: warpHandlers(volumes),
    register: registerHandlers(volumes, (library, id, kernels) => shapes.shown(library, id, kernels)),
    atlas: atlasHandlers(volumes, client),
    region: regionHandlers(volumes, (library, id, kernels) => shapes.shown(library, id, kernels)),
    view: viewHandlers(volumes, patience),
    shape: shapeHandlers(shapes),
    figure: figureHandlers(files, () => access.opened()),
    annotate: annotateHandlers,
    publish: publishHandlers(volumes),
    job: jobHandlers({ jobs: (ref, call) => access.jobs(ref, call), shown: (job, call) => access.shown(job, call) }),
  };
}

import { z } from 'zod';

/** Kernels of what happens at the microscope. */
export const scopeTasks = {
  'measure-tile': {
    version: 1,
    doc: 'Measure what a scan does to a tile, beyond what inspect-tile says: slow brightness change over the scan lines (rows), streaks, and how detail is spread over scales. Content that is the same along lines as across them cancels out.',
    input: z.object({ path: z.string() }),
    output: z.object({
      /** Range of the parabola through the means of rows less that of columns, in SDs within rows: about 0 where nothing charges. */
      charging: z.number(),
      /** ln of the median step from row to row over that from column to column: about 0 where the beam is steady. */
      streaks: z.number(),
      /** Doublings of Haar wavelet variance an octave, towards coarse: higher where fine detail is lost. */
      slope: z.number(),
    }),
  },
} as const;

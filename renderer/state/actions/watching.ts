import { isLive, acknowledge, resumeWatch, saveReport, stopWatch, useWatch } from '../watch.ts';
import type { Action } from './registry.ts';

const noWatch = (): string | null => (useWatch.getState().watch ? null : 'No watched folder is shown');

/** What is done with a folder that is watched. */
export const watchActions: readonly Action[] = [
  {
    id: 'watch.stop',
    title: 'End the watch',
    menu: 'Tools',
    whyNot: () => noWatch() ?? (isLive(useWatch.getState().watch) ? null : 'It is not under way'),
    run: () => void stopWatch(),
  },
  {
    id: 'watch.resume',
    title: 'Go on watching',
    menu: 'Tools',
    whyNot: () => noWatch() ?? (useWatch.getState().watch?.state === 'paused' ? null : 'It is not paused'),
    run: () => void resumeWatch(),
  },
  {
    id: 'watch.seen',
    title: 'Mark all alarms as seen',
    menu: 'Tools',
    whyNot: () => noWatch() ?? (useWatch.getState().alarms.some(({ seen }) => !seen) ? null : 'All alarms were seen'),
    run: () => void acknowledge(),
  },
  {
    id: 'watch.report',
    title: 'Write the report of the shift…',
    menu: 'Tools',
    whyNot: () => noWatch() ?? (useWatch.getState().readings.length > 0 ? null : 'No tile has come yet'),
    run: () => void saveReport(),
  },
];

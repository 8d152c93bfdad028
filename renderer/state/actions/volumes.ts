import { prepareConvert } from '../convert.ts';
import { chooseVolume } from '../volume-draft.ts';
import { auditVolume, refreshVolume, removeVolume, selectedVolume, toggleFavourite } from '../volumes.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Action } from './registry.ts';

const needsVolume = (): string | null => (selectedVolume() ? null : 'Add or fuse a volume first');

const rooms = ['volumes', 'view', 'annotate'] as const;

function withVolume(id: string, title: string, menu: Action['menu'], run: (volume: Volume) => unknown): Action {
  return {
    id,
    title,
    menu,
    rooms,
    whyNot: needsVolume,
    run: () => {
      const volume = selectedVolume();
      if (volume) void run(volume);
    },
  };
}

export const volumeActions: readonly Action[] = [
  { id: 'volume.add.file', title: 'Add a volume from a file…', menu: 'File', run: () => void chooseVolume('file') },
  {
    id: 'volume.add.folder',
    title: 'Add a volume from a folder…',
    menu: 'File',
    keys: ['$mod+Shift+o'],
    run: () => void chooseVolume('folder'),
  },
  withVolume('volume.convert', 'Convert the volume…', 'File', prepareConvert),
  withVolume('volume.audit', 'Audit the volume’s chunks', 'Tools', (volume) => auditVolume(volume, false)),
  withVolume('volume.refresh', 'Check the volume for changes', 'Tools', refreshVolume),
  withVolume('volume.favourite', 'Mark or unmark the volume as a favourite', 'Edit', toggleFavourite),
  withVolume('volume.remove', 'Take the volume out of the library', 'Edit', removeVolume),
];

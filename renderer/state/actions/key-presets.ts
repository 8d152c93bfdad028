/**
 * Keys that hands know from other viewers, by the id of the action. What is not here keeps its own keys, unless a preset
 * needs them.
 */

export const presetNames = ['lamella', 'neuroglancer', 'catmaid'] as const;
export type PresetName = (typeof presetNames)[number];

export const presetTitles: Readonly<Record<PresetName, string>> = {
  lamella: 'Lamella',
  neuroglancer: 'Neuroglancer',
  catmaid: 'CATMAID',
};

type Preset = Readonly<Record<string, readonly string[]>>;

const layerToggles = (): Preset =>
  Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`layer.toggle.${i + 1}`, [String(i + 1)]]));

/** What both have in common: arrows pan, comma and full stop go through the sections. */
const moves: Preset = {
  'view.left': ['ArrowLeft'],
  'view.right': ['ArrowRight'],
  'view.up': ['ArrowUp'],
  'view.down': ['ArrowDown'],
  'view.previous': [','],
  'view.next': ['.'],
  'view.previous.ten': ['Shift+<'],
  'view.next.ten': ['Shift+>'],
};

/** After src/ui/default_input_event_bindings.ts of Neuroglancer. */
const neuroglancer: Preset = {
  ...moves,
  'view.zoom.in': ['$mod+='],
  'view.zoom.out': ['$mod+-'],
  'view.turn.left': ['e'],
  'view.turn.right': ['r'],
  'view.tilt.up': ['Shift+ArrowUp'],
  'view.tilt.down': ['Shift+ArrowDown'],
  'view.tilt.left': ['Shift+ArrowLeft'],
  'view.tilt.right': ['Shift+ArrowRight'],
  'view.straighten': ['z'],
  'view.maximise': ['Space'],
  'view.slices': ['s'],
  'view.crosshair': ['a'],
  'labels.recolour': ['l'],
  'labels.clear': ['x'],
  'help.shortcuts': ['h'],
  'annotate.remove': ['Delete'],
  ...layerToggles(),
};

/** After CATMAID's navigator. */
const catmaid: Preset = {
  ...moves,
  'view.zoom.in': ['+', '=', 'Shift++'],
  'view.zoom.out': ['-'],
  'help.shortcuts': ['F1'],
  'help.palette': ['$mod+Space', '$mod+k', '$mod+Shift+p'],
};

export const keyPresets: Readonly<Record<PresetName, Preset>> = { lamella: {}, neuroglancer, catmaid };

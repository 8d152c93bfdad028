import type { Motion, Place, Plan } from './plan.ts';

/** How the panes lie: XY alone, or four of them. */
export type Layout = 'xy' | 'four';

export const windowSize = { width: 1280, height: 800 } as const;
const voxelNm = 8;

/** Names of the volumes in the library. */
export const volumeNames = { blank: 'Nothing to see', far: 'Far away', near: 'On this disk' } as const;

const told = 'performance.timeOrigin + performance.now()';

/** The scale to zoom to, past which the finest level has no more to show. */
const closeNmPerPx = 6;
const zoomSeconds = 2;
const pan = { by: [-300, -150], seconds: 2 } as const;
const scroll = { sections: 120, seconds: 2 } as const;

const boxOf = (selector: string): string => `(() => {
  const boxes = [...document.querySelectorAll('${selector}')].map((e) => e.getBoundingClientRect()).filter((b) => b.width > 1);
  const [x, y] = [Math.min(...boxes.map((b) => b.left)), Math.min(...boxes.map((b) => b.top))];
  const [right, bottom] = [Math.max(...boxes.map((b) => b.right)), Math.max(...boxes.map((b) => b.bottom))];
  return { x: Math.round(x), y: Math.round(y), width: Math.round(right - x), height: Math.round(bottom - y) };
})()`;

const choose = (name: string): string =>
  `[...document.querySelectorAll('[aria-label="Volumes"] button.list-item')].find((e) => e.textContent.includes('${name}')).click()`;

const layoutNames: Readonly<Record<Layout, string>> = { xy: 'XY', four: 'Four' };

interface OursOptions {
  readonly outcome: string;
  readonly origin: string;
  readonly volume: 'far' | 'near';
  /** Where not null, it is moved about from this scale, the one that it is shown at. */
  readonly moveFromNmPerPx: number | null;
}

const oursIsReady = `document.querySelectorAll('[aria-label="Volumes"] button.list-item').length >= ${Object.keys(volumeNames).length}`;
const allow = (origin: string): string => `lamella.allowServer('${origin}')`;
const oursReports = `(() => {
  const field = (text) => Number([...document.querySelectorAll('label')].find((e) => e.textContent.includes(text))?.control?.value);
  return { nmPerPx: field('Scale, nm'), positionNm: ['x, nm', 'y, nm', 'z, nm'].map(field) };
})()`;

/** What a user does with Lamella: another volume is open; this one is clicked in the list, and its view comes back. */
export function planForOurs({ outcome, origin, volume, moveFromNmPerPx }: OursOptions): Plan {
  return {
    outcome,
    window: windowSize,
    ready: oursIsReady,
    prepare: [allow(origin)],
    place: boxOf('[data-pane]'),
    pane: boxOf('[data-pane="xy"]'),
    show: `(() => { const at = ${told}; ${choose(volumeNames[volume])}; return at })()`,
    motions: moveFromNmPerPx === null ? [] : motionsByHand(moveFromNmPerPx),
    report: oursReports,
  };
}

/** Leaves each volume with the panes that are wanted and fitted into them, and the blank one open. */
export function planToArrange({
  outcome,
  origin,
  layout,
}: Pick<OursOptions, 'outcome' | 'origin'> & { readonly layout: Layout }): Plan {
  const rest = 'new Promise((rested) => setTimeout(rested, 1000))';
  const arrange = (name: string): readonly string[] => [
    choose(name),
    rest,
    `[...document.querySelectorAll('[role=radio]')].find((e) => e.textContent.trim() === '${layoutNames[layout]}').click()`,
    rest,
    `[...document.querySelectorAll('button')].find((e) => e.textContent.trim().startsWith('Fit')).click()`,
    rest,
  ];
  return {
    outcome,
    window: windowSize,
    ready: oursIsReady,
    prepare: [allow(origin), ...[volumeNames.far, volumeNames.near, volumeNames.blank].flatMap(arrange)],
    place: boxOf('[data-pane]'),
    pane: boxOf('[data-pane="xy"]'),
    motions: [],
    report: oursReports,
  };
}

/** Of wheel travel: what Lamella's scale is multiplied with is exp(0.0015 x travel). */
const scalePerPx = 0.0015;

const motionsByHand = (fromNmPerPx: number): readonly Motion[] => [
  {
    name: 'zoom',
    seconds: zoomSeconds,
    hand: { kind: 'wheel', deltaY: Math.log(closeNmPerPx / fromNmPerPx) / scalePerPx },
  },
  { name: 'pan', seconds: pan.seconds, hand: { kind: 'drag', by: pan.by, andBack: true } },
  { name: 'scroll', seconds: scroll.seconds, hand: { kind: 'keys', key: 'PageDown', times: scroll.sections } },
];

interface TheirsOptions {
  readonly outcome: string;
  readonly page: string;
  readonly origin: string;
  readonly layout: Layout;
  /** Of ours, so that both draw as many pixels of the same. */
  readonly place: Place;
  readonly nmPerPx: number;
}

/** Neuroglancer is up, with the panes that are wanted and no layer; then its state is set to one with the volume. */
export function planForTheirs({ outcome, page, origin, layout, place, nmPerPx }: TheirsOptions): Plan {
  const empty = {
    layout: layout === 'xy' ? 'xy' : '4panel',
    showAxisLines: false,
    showDefaultAnnotations: false,
    showSlices: true,
  };
  const voxel = [voxelNm * 1e-9, 'm'];
  const state = {
    ...empty,
    dimensions: { x: voxel, y: voxel, z: voxel },
    position: centre,
    crossSectionScale: nmPerPx / voxelNm,
    layers: [{ type: 'image', name: 'EM', source: `precomputed://${origin}` }],
  };
  const { x, y, width, height } = place;
  const style = `left: ${x}px; top: ${y}px; width: ${width}px; height: ${height}px`;
  return {
    outcome,
    window: windowSize,
    page,
    ready: `typeof viewer === 'object'`,
    prepare: [
      `document.getElementById('place').style.cssText += '; ${style}'`,
      `viewer.state.restoreState(${JSON.stringify(empty)})`,
    ],
    place: boxOf('#place'),
    // The first of four.
    pane: `(() => { const place = ${boxOf('#place')}; return ${layout === 'xy' ? 'place' : '{ ...place, width: place.width / 2, height: place.height / 2 }'} })()`,
    show: `(() => { const at = ${told}; viewer.state.restoreState(${JSON.stringify(state)}); return at })()`,
    motions: motionsByScript(nmPerPx),
    report: `({ nmPerPx: ${voxelNm} * viewer.crossSectionScale.value, positionNm: [...viewer.position.value].map((voxel) => ${voxelNm} * voxel) })`,
  };
}

const centre = [1024.5, 1024.5, 128.5] as const;

const motionsByScript = (fromNmPerPx: number): readonly Motion[] => {
  const across = pan.by.map((px) => (-px * closeNmPerPx) / voxelNm);
  const at = (x: string, y: string, z: string): string =>
    `viewer.position.value = Float32Array.of(${centre[0]} + ${x}, ${centre[1]} + ${y}, ${centre[2]} + ${z})`;
  return [
    {
      name: 'zoom',
      script: evenly(
        zoomSeconds,
        `viewer.crossSectionScale.value = ${fromNmPerPx / voxelNm} * (${closeNmPerPx / fromNmPerPx}) ** share`,
      ),
    },
    {
      name: 'pan',
      script: evenly(
        pan.seconds,
        `const far = 1 - Math.abs(1 - 2 * share); ${at(`far * ${across[0]}`, `far * ${across[1]}`, '0')}`,
      ),
    },
    { name: 'scroll', script: evenly(scroll.seconds, at('0', '0', `Math.floor(share * ${scroll.sections})`)) },
  ];
};

/** A script that does something each frame with the share of the time that is over. */
const evenly = (seconds: number, step: string): string => `new Promise((over) => {
  const started = performance.now();
  const frame = () => {
    const share = Math.min(1, (performance.now() - started) / ${1000 * seconds});
    ${step};
    if (share < 1) requestAnimationFrame(frame); else over();
  };
  requestAnimationFrame(frame);
})`;

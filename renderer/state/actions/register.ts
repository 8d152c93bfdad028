import { activeJob, useJobs } from '../jobs.ts';
import { startAffine } from '../register/affine.ts';
import { startCheck } from '../register/evaluate.ts';
import { acceptLevel, deformJob, startDeform } from '../register/deform.ts';
import { isNudged, keepNudge, nudgeBy, nudgeTurn, putNudgeBack, setNudging, useNudge } from '../register/nudge.ts';
import { moveCrossing, usePlanes } from '../register/planes.ts';
import { goToRegisterStep, registerNow, registerSteps, useRegister } from '../register/register.ts';
import { goTo } from '../session.ts';
import { needsLibrary } from './everywhere.ts';
import type { Action } from './registry.ts';

const register = ['register'] as const;

const busy = (kind: string): string | null =>
  activeJob(useJobs.getState().jobs, kind) ? 'It is running already' : null;

const whyNoPair = (): string | null => {
  const { fixed, moving } = registerNow();
  return needsLibrary() ?? (fixed === null || moving === null ? 'Choose two volumes in Register first' : null);
};
const needsTool = (): string | null => (useNudge.getState().active ? null : 'Move the volume by hand first (m)');
const needsNudge = (): string | null => needsTool() ?? (isNudged(useNudge.getState()) ? null : 'Move it first');

function toggleNudging(): void {
  const { active } = useNudge.getState();
  if (!active) goToRegisterStep('orient');
  setNudging(!active);
}

const inRoom = (action: Omit<Action, 'menu' | 'unlisted' | 'rooms'>): Action => ({
  ...action,
  menu: 'Tools',
  unlisted: true,
  rooms: register,
});

/** A picture's pixel, µm. */
const pixelUm = (): number => usePlanes.getState().pictures?.[0]?.spacingUm[0] ?? 0;

const far = 10;

/** Arrow keys move the volume while it is moved by hand, and else the point that the planes go through. */
const arrow = (id: string, word: string, key: string, x: number, y: number): readonly Action[] =>
  [1, far].map((px) =>
    inRoom({
      id: px === 1 ? `register.${id}` : `register.${id}.far`,
      title: `Move ${word} by ${px === 1 ? 'a pixel' : `${px} pixels`}`,
      keys: [px === 1 ? key : `Shift+${key}`],
      whyNot: whyNoPair,
      run: () => {
        if (useNudge.getState().active) nudgeBy(usePlanes.getState().active, px * x * pixelUm(), px * y * pixelUm());
        else moveCrossing(px * x, px * y, 0);
      },
    }),
  );

const into = (id: string, word: string, keys: readonly string[], by: number): Action =>
  inRoom({
    id: `register.${id}`,
    title: `Go ${word} through the plane`,
    keys,
    whyNot: whyNoPair,
    run: () => moveCrossing(0, 0, by),
  });

const turn = (id: string, word: string, key: string, degrees: number): Action =>
  inRoom({
    id: `register.turn.${id}`,
    title: `Turn the volume ${word} by a degree`,
    keys: [key],
    whyNot: needsTool,
    run: () => nudgeTurn(usePlanes.getState().active, degrees),
  });

const stepBy = (by: 1 | -1): void => {
  const next = registerSteps[registerSteps.indexOf(registerNow().step) + by];
  const needsResult = next === 'check' || next === 'use';
  if (next && (!needsResult || useRegister.getState().selected !== null)) goToRegisterStep(next);
};

export const registerActions: readonly Action[] = [
  {
    id: 'register.affine',
    title: 'Find how the moving volume lies',
    menu: 'Tools',
    whyNot: () => whyNoPair() ?? busy('register.affine'),
    run: () => {
      goTo('register');
      goToRegisterStep('orient');
      void startAffine();
    },
  },
  {
    id: 'register.lddmm',
    title: 'Bend the moving volume to fit',
    menu: 'Tools',
    whyNot: () => whyNoPair() ?? busy('register.lddmm'),
    run: () => {
      goTo('register');
      goToRegisterStep('deform');
      void startDeform();
    },
  },
  {
    id: 'register.evaluate',
    title: 'Measure how well the registration fits',
    menu: 'Tools',
    whyNot: () =>
      needsLibrary() ??
      (useRegister.getState().selected === null ? 'Choose a registration first' : busy('register.evaluate')),
    run: () => void startCheck(),
  },
  inRoom({
    id: 'register.accept',
    title: 'Accept the level that is under way',
    whyNot: () => (deformJob() ? null : 'Nothing is being bent'),
    run: () => void acceptLevel(),
  }),
  inRoom({
    id: 'register.nudge',
    title: 'Move the moving volume by hand',
    keys: ['m'],
    whyNot: whyNoPair,
    run: toggleNudging,
  }),
  inRoom({
    id: 'register.nudge.keep',
    title: 'Keep the volume where it was moved',
    keys: ['Enter'],
    whyNot: needsNudge,
    run: () => void keepNudge(),
  }),
  inRoom({
    id: 'register.nudge.back',
    title: 'Put the volume back',
    keys: ['Escape'],
    whyNot: needsNudge,
    run: putNudgeBack,
  }),
  ...arrow('left', 'to the left', 'ArrowLeft', -1, 0),
  ...arrow('right', 'to the right', 'ArrowRight', 1, 0),
  ...arrow('up', 'up', 'ArrowUp', 0, -1),
  ...arrow('down', 'down', 'ArrowDown', 0, 1),
  into('forth', 'forth', ['PageDown', ']'], 1),
  into('back', 'back', ['PageUp', '['], -1),
  turn('clockwise', 'clockwise', '.', 1),
  turn('anticlockwise', 'anticlockwise', ',', -1),
  inRoom({ id: 'register.next', title: 'Go to the next step', keys: ['n'], whyNot: whyNoPair, run: () => stepBy(1) }),
  inRoom({
    id: 'register.previous',
    title: 'Go to the step before',
    keys: ['Shift+n'],
    whyNot: whyNoPair,
    run: () => stepBy(-1),
  }),
];

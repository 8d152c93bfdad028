import { create } from 'zustand';
import { z } from 'zod';
import { lengthUnits } from './place-text.ts';

export const roomSchema = z.enum(['home', 'acquire', 'assemble', 'volumes', 'view', 'annotate', 'register', 'publish']);
/** The journeys of the rail, in the order that data lives through them. */
export type Room = z.infer<typeof roomSchema>;

/** How colours are shown: as they are, or as readers with a deficiency of colour vision see them. */
export const visions = ['none', 'protanopia', 'deuteranopia', 'tritanopia'] as const;

const sessionSchema = z.object({
  room: roomSchema.default('home'),
  /** Folder of the library that was open, to find it among the recent ones. */
  folder: z.string().nullable().default(null),
  dataset: z.string().nullable().default(null),
  stack: z.string().nullable().default(null),
  volume: z.string().nullable().default(null),
  navigator: z.boolean().default(true),
  inspector: z.boolean().default(true),
  theme: z.enum(['dark', 'light']).default('dark'),
  vision: z.enum(visions).default('none'),
  /** The unit that coordinates are written in; auto: whichever keeps their digits few. */
  lengthUnit: z.enum(['auto', ...lengthUnits]).default('auto'),
  /** Megabytes that drawing may take, of main memory and of the graphics card. */
  drawing: z
    .object({ memoryMb: z.number().min(16).max(16_384), graphicsMb: z.number().min(16).max(4096) })
    .readonly()
    .default({ memoryMb: 384, graphicsMb: 192 }),
});
export type Session = z.infer<typeof sessionSchema>;

const key = 'lamella.session.1';

function recall(): Session {
  try {
    return sessionSchema.parse(JSON.parse(localStorage.getItem(key) ?? '{}'));
  } catch {
    return sessionSchema.parse({});
  }
}

/** Where the user is: what the window comes back to after a restart or a crash. */
export const useSession = create<Session>(recall);

useSession.subscribe((session) => localStorage.setItem(key, JSON.stringify(session)));

export const session = (): Session => useSession.getState();
export const setSession = (change: Partial<Session>): void => useSession.setState(change);
export const goTo = (room: Room): void => setSession({ room });

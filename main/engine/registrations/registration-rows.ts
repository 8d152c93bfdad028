import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { type Registration, registrationSchema } from '../../../preload/contract/register.ts';
import type { ReadHandle, Row } from '../store/library-store.ts';

interface RegistrationRow {
  readonly id: string;
  readonly name: string;
  readonly fixed: string;
  readonly moving: string;
  readonly kind: string;
  readonly parent: string | null;
  readonly moving_from_fixed: string;
  readonly fixed_from_moving: string;
  readonly numbers: string;
  readonly verdict: string;
  readonly reasons: string;
  readonly job: string;
  readonly created_at: string;
}

/** Throws 'not-found' where there is none, or it was undone; 'library-damaged' where its row can't be read. */
export function registrationById(read: ReadHandle, id: string): Registration {
  const row = read.get<RegistrationRow>('SELECT * FROM registration WHERE id = ? AND removed = 0', id);
  if (!row) {
    throw new LamellaError('not-found', `There is no registration ${id} in this library.`, {
      hint: 'register list names those there are.',
      fields: { registration: id },
    });
  }
  const found = readRow(row);
  if (found) return found;
  throw new LamellaError('library-damaged', `The record of registration ${id} can't be read.`, {
    hint: 'Run library check; registering the volumes again makes a new one.',
    fields: { registration: id },
  });
}

/** Newest first; of one volume (fixed or moving) where it is named. Rows that can't be read are left out. */
export function registrations(read: ReadHandle, volume?: string): readonly Registration[] {
  const order = 'ORDER BY created_at DESC, rowid DESC';
  const rows =
    volume === undefined
      ? read.all<RegistrationRow>(`SELECT * FROM registration WHERE removed = 0 ${order}`)
      : read.all<RegistrationRow>(
          `SELECT * FROM registration WHERE removed = 0 AND (fixed = ? OR moving = ?) ${order}`,
          volume,
          volume,
        );
  return rows.flatMap((row) => readRow(row) ?? []);
}

export function registrationRow(registration: Registration): Row {
  const { id, name, fixed, moving, kind, parent, verdict, job, createdAt } = registration;
  return {
    ...{ id, name, fixed, moving, kind, parent, verdict, job },
    moving_from_fixed: JSON.stringify(registration.movingFromFixed),
    fixed_from_moving: JSON.stringify(registration.fixedFromMoving),
    numbers: JSON.stringify(registration.numbers),
    reasons: JSON.stringify(registration.reasons),
    created_at: createdAt,
    removed: 0,
  };
}

function readRow(row: RegistrationRow): Registration | null {
  const { moving_from_fixed, fixed_from_moving, created_at, numbers, reasons, ...rest } = row;
  const found = registrationSchema.safeParse({
    ...rest,
    movingFromFixed: parsed(moving_from_fixed),
    fixedFromMoving: parsed(fixed_from_moving),
    numbers: parsed(numbers),
    reasons: parsed(reasons),
    createdAt: created_at,
  });
  return found.success ? found.data : null;
}

function parsed(text: string): unknown {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

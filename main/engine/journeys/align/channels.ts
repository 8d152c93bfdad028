import type { z } from 'zod';
import type { alignProcedures } from '../../../../preload/contract/align.ts';
import type { RegisteredSession, Registration } from '../../../../preload/contract/channels.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { identityAffine } from '../../../../preload/contract/space.ts';
import { inTurns } from '../../jobs/in-turns.ts';
import type { JobEnding, JobKind, JobRun } from '../../jobs/job.ts';
import { groupBy } from '../../stacks/group-by.ts';
import { layStack, showStack } from '../../stacks/lay-stack.ts';
import type { NewStack } from '../../stacks/stack-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { WriteHandle } from '../../store/library-store.ts';
import { type Agreement, compareSections } from './judge.ts';
import type { PairLooks } from './match.ts';
import { placeAligned, type SectionPlace } from './result.ts';
import { matchSessions, type SessionPair, SessionLooks } from './session-match.ts';
import { pairOf, placeKey, type Registered, registrationSteps } from './session-report.ts';
import { sessionsOf } from './session-source.ts';
import { inOwnPixels, type SessionPlace, solveSessions } from './session-solve.ts';
import { type SectionMap, still } from './solve.ts';
import { medianOf } from './verdict.ts';

type Input = z.output<typeof alignProcedures.channels.input>;
type Output = z.output<typeof alignProcedures.channels.output>;

/** Channels: match every session with the first, solve section by section, tell all from the frame, compare, judge, store. */
export const channels: JobKind<Input, Output> = {
  kind: 'align.channels',
  label: ({ sessions }) => `Bring ${sessions.length} sessions to one frame`,
  run: async (job, input) => {
    const { used, refused, frame } = sessionsOf(job.library, input.sessions, input.frame);
    const at = used.indexOf(frame);
    const looks = new SessionLooks(job, used, input);
    const { pairs, contrasts, looksOf } = await matchSessions(job, used, at, looks);
    const { spacingPx } = looks;
    const places = await solveSessions(job, used, at, pairs, input, spacingPx);
    const found = {
      sessions: used,
      frame: at,
      contrasts,
      pairs,
      pairsAt: groupBy(pairs, ({ a }) => a.section),
      places: new Map(places.map((place) => [placeKey(place), place])),
      spacingPx,
      agreements: new Map(),
    };
    const all = { ...found, agreements: await compareAll(job, found, looksOf) };
    const stackOf = (dataset: string): string => idOfJob('stack', `${job.id} ${dataset}`);
    const registration = await inTurns(registrationSteps(all, refused, stackOf), job.signal);
    const stacks = registration.sessions.flatMap((session, i): NewStack[] =>
      session.stack === null ? [] : [newStack(job, input, registration, { ...session, stack: session.stack }, i, all)],
    );
    return finish(job, registration, stacks);
  },
};

/** Each section with that by which it was placed. */
async function compareAll(
  job: JobRun,
  all: Registered,
  looksOf: (pair: SessionPair) => PairLooks,
): Promise<ReadonlyMap<SessionPlace, Agreement>> {
  const mapOf = (session: number, section: number): SectionMap =>
    all.places.get(placeKey({ session, section }))?.map ?? still;
  const compared = [...all.places.values()].flatMap((place) => {
    const pair = place.session === all.frame ? null : pairOf(all, place);
    return pair ? [{ place, pair }] : [];
  });
  const pairs = compared.map(({ pair: { a, b, indexA, indexB } }) => ({
    a,
    b,
    before: [identityAffine, identityAffine] as const,
    after: [mapOf(indexA, a.section), mapOf(indexB, b.section)] as const,
  }));
  const agreements = await compareSections(job, pairs, (i) => looksOf(compared[i]!.pair));
  return new Map(compared.map(({ place }, i) => [place, agreements[i]!]));
}

function newStack(
  job: JobRun,
  input: Input,
  registration: Registration,
  session: RegisteredSession & { readonly stack: string },
  index: number,
  all: Registered,
): NewStack {
  const { asked, source } = all.sessions[index]!;
  const kept = session.sections.filter(({ state }) => state === 'kept');
  const toOwnPx = all.sessions[0]!.pixelNm * source.pxScale;
  const medianNm = new Map(kept.map((one) => [one.section, one.medianNm]));
  const maps = new Map(
    [...all.places.values()]
      .filter((place) => place.session === index && !session.isFrame)
      .map(({ section, map }): [number, SectionPlace] => {
        const rmsPx = (medianNm.get(section) ?? 0) / toOwnPx;
        return [section, { map: inOwnPixels(map, source.pxScale), placedBy: 'links', rmsPx }];
      }),
  );
  const { placed, shared } = placeAligned(source, maps, session.isFrame ? 'stay' : 'are left out');
  const { dataset, stack = null } = asked;
  return {
    id: session.stack,
    dataset,
    job: job.id,
    madeBy: 'channels',
    ...(stack !== null && { parent: stack }),
    model: input.model,
    parameters: { sessions: input.sessions, frame: registration.frame, model: input.model, spacingPx: all.spacingPx },
    placed,
    sharedTransforms: shared,
    links: [],
    quality: {
      links: session.sections.length,
      dropped: session.isFrame ? 0 : session.sections.length - kept.length,
      rmsPx: session.medianNm / toOwnPx,
      maxPx: Math.max(0, ...kept.map(({ p95Nm }) => p95Nm)) / toOwnPx,
      verdict: session.verdict,
      reasons: session.reasons,
    },
    facts: { registration },
  };
}

/** Where no session could be brought to the frame well, what there is is stored to be looked at, and the job fails. */
async function finish(
  job: JobRun,
  registration: Registration,
  stacks: readonly NewStack[],
): Promise<JobEnding<Output>> {
  const moving = registration.sessions.filter(({ isFrame }) => !isFrame);
  const label = `Bring ${registration.sessions.length} sessions to one frame`;
  for (const stack of stacks) await layStack(job, stack);
  const store = (tx: WriteHandle): void => stacks.forEach(({ id }) => showStack(tx, id));
  if (moving.every(({ verdict }) => verdict === 'fail')) {
    if (stacks.length > 1) job.library.edit(label, store);
    const why = moving.map(({ name, reasons }) => `${name}: ${reasons.join('; ')}`).slice(0, 3);
    throw new LamellaError('not-good-enough', `No session could be brought to the frame well. ${why.join('. ')}.`, {
      hint: 'See that all sessions show the same sections under the same numbers, and that the channel that is matched is a stain which all have; or widen the search.',
      fields: { sessions: moving.length },
    });
  }
  for (const { name, reasons } of moving)
    for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      store(tx);
      return outputOf(registration, stacks, moving);
    },
  };
}

function outputOf(
  { sessions }: Registration,
  stacks: readonly NewStack[],
  moving: readonly RegisteredSession[],
): Output {
  const sections = moving.flatMap((one) => one.sections);
  const kept = sections.filter(({ state }) => state === 'kept');
  return {
    stacks: stacks.map(({ id, dataset, quality }) => ({ dataset, stack: id, verdict: quality.verdict })),
    failed: sessions.filter(({ stack }) => stack === null).map(({ dataset }) => dataset),
    sections: sections.length,
    kept: kept.length,
    medianNm: medianOf(kept.map((one) => one.medianNm)),
    p95Nm: medianOf(kept.map((one) => one.p95Nm)),
    verdict: moving.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'warn',
  };
}

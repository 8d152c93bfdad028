import { bridge, connectEngine, onEngine } from '../engine.ts';
import { onDropped } from './drop.ts';
import { watchExactValues } from './exact-value.ts';
import { loadVolume } from './open-volume.ts';
import { wireActions } from './actions/wire.ts';
import { onJobOver, watchJobs } from './jobs.ts';
import { loadRecent, openLibrary, useLibrary } from './library.ts';
import { announceJob } from './next-steps.ts';
import { listenToSideButtons } from './places.ts';
import { goTo, session, useSession } from './session.ts';
import { loadShapes } from './shapes.ts';
import { watchTileBorders } from './tile-borders.ts';
import { clearNotices, toast } from './toasts.ts';

/** Connects the stores to the engine, the shell and the keys, and comes back to where the user was. Call once. */
export function start(): void {
  wireActions();
  loadVolume();
  watchExactValues();
  watchTileBorders();
  listenToSideButtons();
  void loadShapes();
  onJobOver(announceJob);
  useLibrary.subscribe((now, before) => {
    if (now.library?.library !== before.library?.library) watchJobs();
  });
  useSession.subscribe((now, before) => {
    if (now.room !== before.room) clearNotices();
  });
  onEngine((state) => void onEngineState(state));
  bridge.onDrop(onDropped);
  bridge.onLaunch(({ library }) => void (library && openLibrary(library.id, true)));
  connectEngine();
  void comeBack();
}

let startedBefore = false;

async function onEngineState(state: 'starting' | 'running' | 'failed'): Promise<void> {
  if (state === 'failed')
    toast({
      tone: 'bad',
      title: 'The engine does not start.',
      detail: 'Your work is saved. Close Lamella and start it again; if it comes back, report it with the log.',
    });
  if (state !== 'running') return;
  const { reference } = useLibrary.getState();
  if (startedBefore && reference !== null) {
    useLibrary.setState({ library: null });
    await openLibrary(reference);
    toast({ tone: 'info', title: 'The engine was restarted', detail: 'Nothing is lost: jobs go on where they were.' });
  }
  startedBefore = true;
}

/**
 * The library named at the start, or the one that was open last; home where there is neither. Who has gone elsewhere
 * meanwhile stays there.
 */
async function comeBack(): Promise<void> {
  const { room } = session();
  const { library } = await bridge.launch();
  if (library) {
    const opened = await openLibrary(library.id, true);
    if (opened && session().room === 'home') goTo(opened.volumes.length > 0 ? 'view' : 'acquire');
    return;
  }
  await loadRecent();
  const last = useLibrary.getState().recent?.find(({ folder, present }) => present && folder === session().folder);
  if (last) await openLibrary(last.library);
  else if (session().room === room) goTo('home');
}

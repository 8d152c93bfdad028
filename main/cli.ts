// The headless entry: `lamella <domain> <verb> --flag value ... [--json]`, with the engine in this process.
import type { LamellaClient } from '../preload/contract/api.ts';
import type { Procedure, WithBytes } from '../preload/contract/define.ts';
import { LamellaError, exitCodeByTag, fromWireError, isLamellaError, toWireError } from '../preload/contract/errors.ts';
import { isJobOver } from '../preload/contract/job.ts';
import type { Job } from '../preload/contract/job.ts';
import { inputFrom, parseCommandLine, procedureOf, verbsOf } from './cli-arguments.ts';
import type { CommandLine } from './cli-arguments.ts';
import { helpOf } from './cli-help.ts';
import { jsonReporter, plainReporter } from './cli-progress.ts';
import type { Reporter } from './cli-progress.ts';
import { shownResult } from './cli-show.ts';
import { createEngine } from './engine/index.ts';
import { s3Environment } from './engine/s3-environment.ts';
import { lamellaVersion } from './engine/version.ts';

/** SIGINT stops the work cleanly; a second one leaves at once. */
const EXIT_ON_INTERRUPT = 130;
const SECOND_INTERRUPT_AFTER_MS = 500;

interface Session {
  readonly client: LamellaClient;
  readonly report: Reporter;
  readonly interrupt: AbortSignal;
  readonly json: boolean;
}

type AnyCaller = (input: unknown, options?: object) => Promise<unknown>;

async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  let report = argv.includes('--json') ? jsonReporter(process.stderr) : plainReporter(process.stderr);
  onInterrupt(interrupt);
  try {
    const line = parseCommandLine(argv);
    if (line.version) return print(lamellaVersion);
    if (line.help || line.domain === null || line.verb === null) return await help(line);
    const procedure = procedureOf(line.domain, line.verb);
    const input = inputFrom(procedure, line.flags);
    report = line.json ? jsonReporter(process.stderr) : plainReporter(process.stderr);
    return await withEngine(line, report, (client) =>
      carryOut(line, procedure, input, { client, report, interrupt: interrupt.signal, json: line.json }),
    );
  } catch (error) {
    report.error(toWireError(error));
    if (interrupt.signal.aborted) return EXIT_ON_INTERRUPT;
    return exitCodeByTag[isLamellaError(error) ? error.tag : 'internal'];
  }
}

async function help(line: CommandLine): Promise<number> {
  const verbs = line.domain === null ? null : verbsOf(line.domain);
  if (line.json && !line.help)
    throw new LamellaError('invalid-input', verbs ? `Which verb of ${line.domain}?` : 'Which domain and verb?', {
      hint: verbs ? `There are ${Object.keys(verbs).join(', ')}.` : 'lamella --help lists them.',
    });
  await print(helpOf(line.domain, line.verb, lamellaVersion));
  return line.help ? 0 : exitCodeByTag['invalid-input'];
}

async function withEngine(
  line: CommandLine,
  report: Reporter,
  work: (client: LamellaClient) => Promise<number>,
): Promise<number> {
  const isVerbose = process.env['LAMELLA_LOG'] === '1';
  const engine = createEngine({
    ...(line.threads === undefined ? {} : { threads: line.threads }),
    credentials: s3Environment(process.env),
    log: (text) => void (isVerbose && report.note(text)),
  });
  const onEnd = (signal: NodeJS.Signals, code: number): void =>
    void process.once(signal, () => {
      report.error(toWireError(cancelled(`Ended by ${signal}.`)));
      void engine.close().finally(() => process.exit(code));
    });
  onEnd('SIGTERM', 143);
  onEnd('SIGHUP', 129);
  try {
    return await work(engine.client());
  } finally {
    await engine.close();
  }
}

async function carryOut(
  { domain, verb }: CommandLine,
  procedure: Procedure,
  input: Readonly<Record<string, unknown>>,
  session: Session,
): Promise<number> {
  const call = (session.client as unknown as Record<string, Record<string, AnyCaller>>)[domain ?? '']?.[verb ?? ''];
  if (!call)
    throw new LamellaError('not-found', `There is no ${domain} ${verb}.`, { hint: 'lamella --help lists them.' });
  const options = { signal: session.interrupt };
  switch (procedure.kind) {
    case 'job': {
      const { job } = (await call(input)) as { job: string };
      const result = await resultOf(job, input, session);
      await printValue(result, session, `${domain}.${verb}`);
      return exitCodeOfCheck(`${domain}.${verb}`, result);
    }
    case 'stream':
      await call(input, { ...options, onValue: (value: unknown) => void printValue(value, { json: true }) });
      return session.interrupt.aborted ? EXIT_ON_INTERRUPT : 0;
    case 'query': {
      const { value, bytes } = (await call(input, options)) as WithBytes<unknown>;
      if (bytes && !('out' in input))
        session.report.note(`${bytes.byteLength} bytes are not shown; --out FILE writes them where the verb has it.`);
      await printValue(value, session, `${domain}.${verb}`);
      return exitCodeOfCheck(`${domain}.${verb}`, value);
    }
    case 'command':
      return printValue(await command(`${domain}.${verb}`, call, input, session), session);
  }
}

/** A check that finds something ends with the code of what it found, so that scripts need not read its result. */
function exitCodeOfCheck(path: string, value: unknown): number {
  const { ok, problems } = (value ?? {}) as { readonly ok?: boolean; readonly problems?: readonly unknown[] };
  if (path === 'publish.plan' && problems && problems.length > 0) return exitCodeByTag['invalid-input'];
  if (ok !== false) return 0;
  return exitCodeByTag[path === 'library.check' ? 'library-damaged' : 'verification-failed'];
}

/** A job that is resumed from here runs here, so it is followed to its end. */
async function command(
  path: string,
  call: AnyCaller,
  input: Readonly<Record<string, unknown>>,
  session: Session,
): Promise<unknown> {
  const value = await call(input);
  if (path !== 'job.resume') return value;
  await resultOf(String(input['job']), input, session);
  const { value: list } = await session.client.job.list({ library: String(input['library']) });
  return list.jobs.find((job) => job.id === input['job']) ?? value;
}

/** Follows a job to its end and gives its result; throws the error that it ended with. */
async function resultOf(
  id: string,
  input: Readonly<Record<string, unknown>>,
  { client, report, interrupt }: Session,
): Promise<unknown> {
  const library = String(input['library']);
  const watching = new AbortController();
  let last: Job | null = null;
  interrupt.addEventListener(
    'abort',
    () => void client.job.cancel({ library, job: id }).catch(() => watching.abort()),
    { once: true },
  );
  if (interrupt.aborted) await client.job.cancel({ library, job: id });
  const others = new Set<string>();
  await client.job.watch(
    { library },
    {
      signal: watching.signal,
      onValue: (job) => {
        if (job.id !== id) {
          if (job.state === 'paused' && !others.has(job.id))
            report.note(`${job.label} is unfinished: lamella job resume --library ${library} --job ${job.id}`);
          others.add(job.id);
          return;
        }
        last = job;
        report.job(job);
        if (isJobOver(job.state)) watching.abort();
      },
    },
  );
  return ended(last);
}

function ended(job: Job | null): unknown {
  if (job?.error) throw fromWireError(job.error);
  if (!job || !isJobOver(job.state))
    throw new LamellaError('cancelled', 'The job was left before its end.', {
      hint: 'Start it again: what was finished is kept.',
    });
  return job.result;
}

const printValue = (value: unknown, { json }: { readonly json: boolean }, path = ''): Promise<number> =>
  print((json ? null : shownResult(path, value)) ?? JSON.stringify(value ?? null, null, json ? 0 : 2));

/** Settles when the text has left this process. A reader that has seen enough (`| head`) is no failure; a full disk is. */
function print(text: string): Promise<number> {
  return new Promise((resolve, reject) =>
    process.stdout.write(`${text}\n`, (error) =>
      error && codeOf(error) !== 'EPIPE' ? reject(unprinted(error)) : resolve(0),
    ),
  );
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

const unprinted = (error: Error): LamellaError =>
  new LamellaError(
    codeOf(error) === 'ENOSPC' ? 'disk-full' : 'not-writable',
    'The result could not be written to stdout.',
    {
      hint: 'The work itself is done and kept: job list shows its result. Free some space and run the same command again.',
      fields: { code: codeOf(error) },
      cause: error,
    },
  );

const cancelled = (message: string): LamellaError =>
  new LamellaError('cancelled', message, { hint: 'Run the same command again: what was finished is kept.' });

function onInterrupt(interrupt: AbortController): void {
  // Whoever reads the progress may leave; the work goes on. A result that cannot be told is noticed where it is printed.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let firstAt = Infinity;
  process.on('SIGINT', () => {
    // One Ctrl-C may come twice: from the terminal, and from a parent that hands it on.
    if (performance.now() - firstAt > SECOND_INTERRUPT_AFTER_MS) process.exit(EXIT_ON_INTERRUPT);
    if (interrupt.signal.aborted) return;
    firstAt = performance.now();
    interrupt.abort(cancelled('Interrupted.'));
  });
}

/** npm runs scripts in the package's folder; paths are meant from where the user stands. */
function goToCaller(): void {
  const from = process.env['INIT_CWD'];
  if (process.env['npm_lifecycle_event'] === 'lamella' && from !== undefined) process.chdir(from);
}

goToCaller();
// What is awaited may be a message within this process, which alone does not keep it alive.
setInterval(() => undefined, 2 ** 30);
void main(process.argv.slice(2)).then((code) => process.exit(code));

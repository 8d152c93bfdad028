// npm run demo: the whole job on a sample acquisition, measured against its truth. Exits with 1 if anything is off.
import { join, relative } from 'node:path';
import { type DemoReport, runDemo, type Step, target } from './job.ts';

const folder = join(import.meta.dirname, '..', '..', '.demo');
const stageWidth = 9;
const whatWidth = Math.max(60, Math.min(110, (process.stdout.columns ?? 100) - 20));

const row = (stage: string, what: string, right: string): string => {
  const [first = '', ...rest] = wrap(what, whatWidth);
  const more = rest.map((line) => `${' '.repeat(stageWidth)} ${line}`);
  return [`${stage.padEnd(stageWidth)} ${first.padEnd(whatWidth)} ${right.padStart(7)}`.trimEnd(), ...more].join('\n');
};

function wrap(text: string, width: number): readonly string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
    return lines;
  }, []);
}

const show = ({ stage, what, seconds }: Step): void => console.log(row(stage, what, `${seconds.toFixed(1)} s`));

function showSummary({ error, seconds, peakRssBytes, faults }: DemoReport): void {
  console.log('');
  console.log(
    row(
      'Accuracy',
      `${error.rmsPx.toFixed(3)} px RMS and ${error.maxPx.toFixed(3)} px most from the truth, over ${error.tiles} tiles (at most ${target.rmsPx} and ${target.maxPx})`,
      '',
    ),
  );
  console.log(row('Memory', `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB at most (at most 1024)`, ''));
  console.log(row('Total', '', `${seconds.toFixed(1)} s`));
  console.log('');
  for (const fault of faults) console.log(`Not right: ${fault}.`);
  if (faults.length === 0)
    console.log(
      `All is as it should be. Look at it in the window:\n  npm start -- --library ${relative(process.cwd(), join(folder, 'library')) || '.'}`,
    );
}

console.log(row('Stage', 'What', 'Time'));
const report = await runDemo(folder, show);
showSummary(report);
process.exitCode = report.faults.length === 0 ? 0 : 1;

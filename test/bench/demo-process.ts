// One run of the demo for the bench: tells its seconds to the parent.
import { runDemo } from '../demo/job.ts';

const report = await runDemo(process.argv[2] ?? '.demo');
for (const fault of report.faults) console.error(`demo: ${fault}`);
if (report.faults.length === 0) process.send?.(report.seconds);
else process.exitCode = 1;

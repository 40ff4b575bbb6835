import { tellLoad } from '../hub/load/load-report.ts';
import { runLoad } from '../hub/load/run-load.ts';

const SECONDS = Number(process.env['ROOTCELLAR_SECONDS'] ?? 120);

/** What a person still takes for an answer at once. */
const P95_MS_MAX = 200;

/** Memory may settle, and not grow. */
const GROWTH_MAX = 1.3;

/** Fifty phones at one hub, eight of them backing up all the time, two hundred pages that listen. */
export async function run(): Promise<void> {
  const report = await runLoad(
    { phones: 50, backingUp: 8, listeners: 200, profile: 'tiny', seconds: SECONDS },
    (phase) => console.log(`load: ${phase}`),
  );
  console.log(tellLoad(report));
  const [, middle, last] = report.thirdsRss;
  const wrong = [
    ...(report.p95Ms < P95_MS_MAX ? [] : [`p95 is over ${P95_MS_MAX} ms`]),
    ...(last < GROWTH_MAX * middle ? [] : ['memory grows']),
    ...(report.failed + report.backupsFailed + report.listenersLost === 0 ? [] : ['something failed']),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('; '));
}

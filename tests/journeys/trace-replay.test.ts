import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnosis } from '@rootcellar/operations';
import {
  diagnoseConnection,
  recordConversation,
  traceWriter,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import { type Replay, startReplay } from '@rootcellar/simulator';
import { afterEach, describe, expect, test } from 'vitest';
import { runProgram } from '../interop/run-program.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');

let stage: Stage;
let replay: Replay | undefined;

afterEach(async () => {
  await replay?.close();
  replay = undefined;
  await stage.close();
});

interface Recorded {
  readonly trace: string;
  readonly diagnosis: Diagnosis;
  readonly outcome: string;
}

async function record(address: string): Promise<Recorded> {
  let trace = '';
  const writer = traceWriter((line) => {
    trace += line;
  });
  const usbmux = usbmuxOfThisComputer(address, writer.witness);
  const { folder: dataFolder } = stage;
  const diagnosis = await diagnoseConnection({ usbmux, dataFolder, freeBytesOf: async () => 99e9 });
  const outcome = await recordConversation({ usbmux, trace: writer });
  return { trace, diagnosis, outcome };
}

/** The names of what was found: sentences and UDIDs differ between a phone and its trace. */
const findings = ({ checks }: Diagnosis) => checks.map(({ finding }) => finding);

/**
 * A replay has no keys and no TLS; everything else has to be the same. Where nothing was asked, it is chance
 * whether a greeting was still heard.
 */
function comparable(trace: string): readonly string[] {
  const lines = trace
    .replace(/"(EnableS\w+SSL)":true/g, '"$1":false')
    .trimEnd()
    .split('\n');
  const parsed = lines.map((line) => JSON.parse(line));
  const asked = new Set(
    parsed.filter(({ direction }) => direction === 'sent').map(({ connection }) => connection),
  );
  return lines.filter((_, at) => parsed[at].connection === undefined || asked.has(parsed[at].connection));
}

describe('a trace of a session with a phone', () => {
  test.each(['12.1.4', '18.6.2', '26.1'])(
    'with iOS %s replays to the same end, word for word',
    async (ios) => {
      stage = await openStage({ ios, profile: 'empty' });
      await pairStage(stage);
      const first = await record(stage.simulator.tcp);
      expect(first.outcome).toBe('done');
      expect(first.diagnosis.ok).toBe(true);

      replay = await startReplay(first.trace);
      const second = await record(replay.tcp);
      expect(replay.surprises).toEqual([]);
      expect(replay.unused()).toBe(0);
      expect(second.outcome).toBe('done');
      expect(findings(second.diagnosis)).toEqual(findings(first.diagnosis));
      expect(comparable(second.trace)).toEqual(comparable(first.trace));
    },
  );

  test('that nobody has unlocked since it started replays to the same refusal', async () => {
    stage = await openStage({ profile: 'empty' });
    await pairStage(stage);
    stage.phone.condition.passcode = '123456';
    stage.phone.lock();
    stage.phone.unlockedSinceBoot = false;
    const first = await record(stage.simulator.tcp);
    replay = await startReplay(first.trace);
    const second = await record(replay.tcp);
    expect(second.outcome).toBe(first.outcome);
    expect(second.outcome).toBe('lockdown.never-unlocked');
    expect(findings(second.diagnosis)).toEqual(findings(first.diagnosis));
    expect(findings(second.diagnosis)).toContain('never-unlocked');
  });

  test('that was never paired replays to the same refusal', async () => {
    stage = await openStage({ profile: 'empty' });
    const first = await record(stage.simulator.tcp);
    replay = await startReplay(first.trace);
    const second = await record(replay.tcp);
    expect([first.outcome, second.outcome]).toEqual(['lockdown.not-trusted', 'lockdown.not-trusted']);
    expect(findings(second.diagnosis)).toContain('trust-missing');
  });

  test('says when a client asks something else', async () => {
    stage = await openStage({ profile: 'empty' });
    const { trace } = await record(stage.simulator.tcp);
    replay = await startReplay(trace);
    const usbmux = usbmuxOfThisComputer(replay.tcp);
    await expect(usbmux.readBuid()).rejects.toMatchObject({ code: 'usbmux.frame-cut-short' });
    expect(replay.surprises).toEqual(['usbmux ReadBUID']);
  });
});

test('the command writes a trace that replays, for its owner only, and never over another file', async () => {
  stage = await openStage({ profile: 'empty' });
  await pairStage(stage);
  const file = join(stage.folder, 'trace.jsonl');
  const env = { ...stage.env, ROOTCELLAR_DATA: stage.dataFolder };
  const { exitCode, stdout } = await runProgram(PROGRAM, ['doctor', '--record', file, '--json'], { env });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, trace: file });
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  const trace = await readFile(file, 'utf8');
  expect(JSON.parse(trace.split('\n')[0] ?? '').note).toMatch(/read it before you give it to anybody/);
  expect(trace).not.toContain(stage.udid);
  replay = await startReplay(trace);
  expect((await record(replay.tcp)).outcome).toBe('done');

  const again = await runProgram(PROGRAM, ['doctor', '--record', file], { env });
  expect(again.exitCode).toBe(2);
  expect(await readFile(file, 'utf8')).toBe(trace);
});

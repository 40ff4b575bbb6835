import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT_CODES } from '@rootcellar/core';
import {
  type Check,
  type Diagnosis,
  diagnoseConnection,
  recordConversation,
  type TraceWriter,
  traceWriter,
  usbmuxOfThisComputer,
} from '@rootcellar/operations';
import type { Command } from 'commander';
import { type CommandContext, type CommonOptions, runCommand } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';
import { withCommonOptions } from './common-options.ts';

interface DoctorOptions extends CommonOptions {
  readonly record?: string;
}

const MARKS = { ok: '✓', problem: '✗', unknown: '·' } as const;

export function addDoctor(program: Command): void {
  withCommonOptions(program.command('doctor [device]'))
    .description('say why no iPhone is found, or what it still needs, and what helps')
    .option('--record <file>', 'write what is said to the iPhone into a new file, without names and contents')
    .action((device: string | undefined, options: DoctorOptions) =>
      runCommand(options, async (context) => {
        const { diagnosis, trace } =
          options.record === undefined
            ? { diagnosis: await diagnose(context, device), trace: undefined }
            : await record(context, device, resolve(options.record));
        const { checks, ok } = diagnosis;
        const text = describe(diagnosis) + (trace === undefined ? '' : describeTrace(trace));
        context.surface.finish(text, { checks, ok, ...(trace !== undefined && { trace }) });
        return ok ? undefined : EXIT_CODES.unchanged;
      }),
    );
}

function diagnose(
  { dataFolder, signal }: CommandContext,
  device: string | undefined,
  trace?: TraceWriter,
): Promise<Diagnosis> {
  return diagnoseConnection({
    usbmux: usbmuxOfThisComputer(undefined, trace?.witness),
    device,
    dataFolder,
    addressIsNamed: Boolean(process.env['USBMUXD_SOCKET_ADDRESS']),
    signal,
  });
}

async function record(context: CommandContext, device: string | undefined, path: string) {
  const file = openNew(path);
  try {
    const trace = traceWriter((line) => writeSync(file, line));
    const diagnosis = await diagnose(context, device, trace);
    const usbmux = usbmuxOfThisComputer(undefined, trace.witness);
    await recordConversation({ usbmux, trace, device, signal: context.signal });
    return { diagnosis, trace: path };
  } finally {
    closeSync(file);
  }
}

/** Never in place of another file, and not for other people of this computer. */
function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch {
    throw new UsageError(`${path} cannot be made: name a file that is not there yet, in a folder that is.`);
  }
}

function describe({ checks, ok }: Diagnosis): string {
  const severalDevices = new Set(checks.flatMap(({ udid }) => udid ?? [])).size > 1;
  const lines = checks.flatMap((check, index) => [
    ...(severalDevices && isFirstOfDevice(checks, index) ? ['', `${check.udid}`] : []),
    `${MARKS[check.state]} ${check.sentence}`,
    ...(check.help === undefined ? [] : [`    ${check.help}`]),
  ]);
  return [...lines, '', ok ? 'All is well.' : 'Not all is well yet: first what is marked with ✗.'].join('\n');
}

function describeTrace(path: string): string {
  return `\nWhat was said is in ${path}. Please read it before you give it to anybody.`;
}

function isFirstOfDevice(checks: readonly Check[], index: number): boolean {
  const udid = checks[index]?.udid;
  return udid !== undefined && udid !== checks[index - 1]?.udid;
}

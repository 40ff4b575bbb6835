import { confirm, isCancel, password, text } from '@clack/prompts';
import { OperationStopped } from '@rootcellar/core';
import type { Surface } from './surface.ts';

/** What a question needs of the terminal: it takes the place of the progress, and ends when the command is to end. */
export type Asking = Pick<Surface, 'clear' | 'signal'>;

/** @throws `OperationStopped` as `answered` */
export function askYes(message: string, asking: Asking): Promise<boolean> {
  return answered(confirm({ message, initialValue: false, ...onTerminal(asking) }));
}

/** What is typed is not shown. @throws `OperationStopped` as `answered` */
export function askUnseen(message: string, asking: Asking): Promise<string> {
  return answered(password({ message, ...onTerminal(asking) }));
}

/** @throws `OperationStopped` as `answered` */
export function askText(message: string, asking: Asking): Promise<string> {
  return answered(text({ message, ...onTerminal(asking) }));
}

function onTerminal({ clear, signal }: Asking) {
  clear();
  return { output: process.stderr, signal };
}

/**
 * What a person answered to a question.
 *
 * @throws `OperationStopped` if they pressed Ctrl-C instead, or somebody else ended the program: nothing is begun before
 *   the last question is answered
 */
async function answered<Answer>(answering: Promise<Answer>): Promise<Exclude<Answer, symbol>> {
  const answer = await answering;
  if (!isCancel(answer)) return answer as Exclude<Answer, symbol>;
  const yourData = 'Nothing was changed, neither here nor on the iPhone.';
  throw new OperationStopped({ dataState: 'unchanged', yourData }, undefined);
}

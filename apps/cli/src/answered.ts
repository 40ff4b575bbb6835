import { isCancel } from '@clack/prompts';
import { OperationStopped } from '@rootcellar/core';

/**
 * What a person answered to a question.
 *
 * @throws `OperationStopped` if they pressed Ctrl-C instead: nothing is begun before the last question is answered
 */
export function answered<Answer>(answer: Answer): Exclude<Answer, symbol> {
  if (!isCancel(answer)) return answer as Exclude<Answer, symbol>;
  const yourData = 'Nothing was changed, neither here nor on the iPhone.';
  throw new OperationStopped({ dataState: 'unchanged', yourData }, undefined);
}

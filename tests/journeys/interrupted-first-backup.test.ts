import { OperationStopped } from '@rootcellar/core';
import { backUpDevice, vaultTarget } from '@rootcellar/operations';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ backupAgent: { filesPerBatch: 5 } });
  await pairStage(stage);
});
afterEach(() => stage.close());

test('a first backup that was stopped says that it begins anew, and does', async () => {
  const target = vaultTarget(stage.dataFolder);
  const stop = new AbortController();
  const stopped = await backUpDevice({
    ...stage,
    target,
    signal: stop.signal,
    onProgress: ({ phase, files = 0 }) => phase === 'receiving' && files > 20 && stop.abort(),
  }).catch((error: unknown) => error);
  if (!(stopped instanceof OperationStopped)) throw stopped;
  expect(stopped.meaning.yourData).toMatch(
    /^There is no finished backup yet\. Of the unfinished one \d+ files \(.*\) had arrived; .* receives everything again\.$/,
  );
  const { resumed, changedFiles, files } = await backUpDevice({ ...stage, target });
  expect(resumed).toBe(false);
  expect(changedFiles).toBeGreaterThanOrEqual(files);
});

import { text } from '@clack/prompts';
import type { Secret } from '@rootcellar/core';
import type { StorageSignIn, VaultLocation } from '@rootcellar/operations';
import { answered } from './answered.ts';
import { readPassword } from './password-input.ts';
import type { Surface } from './surface.ts';
import { UsageError } from './usage-error.ts';

/** Asks how to sign in at a server; where nobody can be asked, it is not known. */
export function askStorageSignIn({
  canAsk,
}: Pick<Surface, 'canAsk'>): (location: VaultLocation) => Promise<StorageSignIn | undefined> {
  return async (location) => {
    if (!canAsk || location.kind === 'folder') return undefined;
    if (location.kind === 's3') {
      const accessKeyID = await ask('The access key of the S3 service (its name)');
      const secretAccessKey = await unseen('its secret', 'AWS_SECRET_ACCESS_KEY');
      return { kind: 's3', accessKeyID, secretAccessKey };
    }
    const username = location.username || (await ask('Your name at the server'));
    return {
      kind: 'rest',
      username,
      password: await unseen('your password at the server', 'RESTIC_REST_PASSWORD'),
    };
  };
}

const unseen = (purpose: string, environmentVariable: string): Promise<Secret> =>
  readPassword({ purpose, environmentVariable });

async function ask(message: string): Promise<string> {
  const answer = answered(await text({ message, output: process.stderr }));
  if (!answer) throw new UsageError('Nothing was changed.');
  return answer;
}

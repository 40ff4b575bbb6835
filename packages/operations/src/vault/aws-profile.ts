import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';

/** What stands in one section of the file of profiles that Amazon's programs share. */
export interface AwsProfile {
  readonly accessKeyID: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
  readonly region?: string | undefined;
}

/** Such a file has a few lines; who names a film by mistake is not to have it in memory. */
const FILE_BYTES_MAX = 1024 * 1024;

const DEFAULT_PROFILE = 'default';

/**
 * The profile that `AWS_PROFILE` names, or the one called "default", of `~/.aws/credentials` or the file that
 * `AWS_SHARED_CREDENTIALS_FILE` names.
 *
 * Source: Amazon, "AWS SDKs and Tools Reference Guide", Shared config and credentials files.
 *
 * @returns `undefined` if there is no such file, or nothing usable in it
 */
export async function awsProfile(environment: NodeJS.ProcessEnv): Promise<AwsProfile | undefined> {
  const file = environment['AWS_SHARED_CREDENTIALS_FILE'] || join(homedir(), '.aws', 'credentials');
  const text = await readStart(file);
  const settings = sectionOf(text ?? '', environment['AWS_PROFILE'] || DEFAULT_PROFILE);
  const accessKeyID = settings.get('aws_access_key_id');
  const secretAccessKey = settings.get('aws_secret_access_key');
  const sessionToken = settings.get('aws_session_token');
  if (!accessKeyID || !secretAccessKey) return undefined;
  return {
    accessKeyID,
    secretAccessKey: new Secret(secretAccessKey),
    ...(sessionToken && { sessionToken: new Secret(sessionToken) }),
    region: settings.get('region') || undefined,
  };
}

function sectionOf(text: string, name: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let isIn = false;
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    const heading = /^\[\s*(.*?)\s*\]/.exec(line)?.[1];
    if (heading !== undefined) isIn = heading === name;
    const [key = '', ...value] = line.split('=');
    if (isIn && heading === undefined && value.length > 0 && !/^[#;]/.test(line))
      settings.set(key.trim().toLowerCase(), value.join('=').trim());
  }
  return settings;
}

async function readStart(file: string): Promise<string | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(FILE_BYTES_MAX), 0, FILE_BYTES_MAX, 0);
    return Buffer.from(buffer.buffer, 0, bytesRead).toString();
  } catch {
    return undefined; // A folder, for example.
  } finally {
    await handle.close();
  }
}

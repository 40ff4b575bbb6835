import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { z } from 'zod';
import { operationError } from '../errors.ts';
import type { SecretOptions } from '../secrets/key-store-choice.ts';
import { keepSecret, readSecret, type SecretName } from '../secrets/secret-store.ts';
import { awsProfile } from './aws-profile.ts';
import type { RestLocation, S3Location, VaultLocation } from './vault-location.ts';

/** What a server wants to know before it lets us in. It is no key of the vault. */
export type StorageSignIn = S3SignIn | RestSignIn;

export interface S3SignIn {
  readonly kind: 's3';
  readonly accessKeyID: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
  readonly region?: string | undefined;
}

export interface RestSignIn {
  readonly kind: 'rest';
  /** Empty if the location names one. */
  readonly username: string;
  readonly password: Secret;
}

/** Which vault it is for, and where to look. */
export interface SignInOptions extends SecretOptions {
  readonly dataFolder: string;
  /** `undefined` if that is not known yet: then nothing was saved for it. */
  readonly udid: string | undefined;
}

/**
 * What signs in at a server: from the environment, by the names that restic and Amazon's programs know, else what was
 * saved for this vault, else Amazon's file of profiles.
 *
 * @returns `undefined` if it stands nowhere, or a folder needs none
 * @throws `operation.sign-in-damaged`, `operation.key-store-*`
 */
export async function findSignIn(
  location: VaultLocation,
  options: SignInOptions,
): Promise<StorageSignIn | undefined> {
  const { environment = process.env } = options;
  if (location.kind === 'folder') return undefined;
  if (location.kind === 'rest') return restSignIn(location, environment) ?? readSaved('rest', options);
  return (await s3SignIn(environment)) ?? (await readSaved('s3', options)) ?? profileSignIn(environment);
}

function restSignIn(location: RestLocation, environment: NodeJS.ProcessEnv): RestSignIn | undefined {
  const { RESTIC_REST_USERNAME: username = '', RESTIC_REST_PASSWORD: password } = environment;
  if (!password) return undefined;
  return { kind: 'rest', username: location.username || username, password: new Secret(password) };
}

/** A profile that the environment names is part of it. */
async function s3SignIn(environment: NodeJS.ProcessEnv): Promise<S3SignIn | undefined> {
  const { AWS_ACCESS_KEY_ID: accessKeyID, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN } = environment;
  if (!accessKeyID || !secret) return environment['AWS_PROFILE'] ? profileSignIn(environment) : undefined;
  return {
    kind: 's3',
    accessKeyID,
    secretAccessKey: new Secret(secret),
    ...(AWS_SESSION_TOKEN && { sessionToken: new Secret(AWS_SESSION_TOKEN) }),
    region: environment['AWS_DEFAULT_REGION'] || undefined,
  };
}

async function profileSignIn(environment: NodeJS.ProcessEnv): Promise<S3SignIn | undefined> {
  const profile = await awsProfile(environment);
  return profile && { kind: 's3', ...profile, region: environment['AWS_DEFAULT_REGION'] || profile.region };
}

const VERSION = 1;

const SAVED = z.discriminatedUnion('kind', [
  z.object({
    version: z.literal(VERSION),
    kind: z.literal('s3'),
    accessKeyID: z.string().min(1),
    secretAccessKey: z.string().min(1),
    sessionToken: z.string().optional(),
    region: z.string().optional(),
  }),
  z.object({
    version: z.literal(VERSION),
    kind: z.literal('rest'),
    username: z.string(),
    password: z.string(),
  }),
]);

type Whose = Pick<SignInOptions, 'dataFolder'> & { readonly udid: string };

/** What was saved to sign in where the vault of a phone lies. */
export function signInName({ dataFolder, udid }: Whose): SecretName {
  const file = join(dataFolder, 'keys', `${udid}.storage.json`);
  return { file, label: `Rootcellar: sign-in where the vault of ${udid} lies` };
}

/** Keeps it for this vault, where new secrets go. */
export async function saveSignIn(signIn: StorageSignIn, options: Whose & SecretOptions): Promise<void> {
  const saved: z.input<typeof SAVED> =
    signIn.kind === 's3'
      ? {
          version: VERSION,
          ...signIn,
          secretAccessKey: signIn.secretAccessKey.reveal(),
          sessionToken: signIn.sessionToken?.reveal(),
        }
      : { version: VERSION, ...signIn, password: signIn.password.reveal() };
  await keepSecret(signInName(options), new Secret(JSON.stringify(saved)), options);
}

/** What is saved for a server of another kind is passed over: the vault has moved since. */
async function readSaved(
  kind: (RestLocation | S3Location)['kind'],
  { dataFolder, udid, ...options }: SignInOptions,
): Promise<StorageSignIn | undefined> {
  if (udid === undefined) return undefined;
  const text = await readSecret(signInName({ dataFolder, udid }), options);
  if (text === undefined) return undefined;
  const saved = SAVED.safeParse(parseJson(text.reveal()));
  // The cause would quote what stands in the file.
  if (!saved.success) throw operationError('sign-in-damaged');
  if (saved.data.kind !== kind) return undefined;
  const { data } = saved;
  if (data.kind === 'rest')
    return { kind, username: data.username, password: new Secret(data.password) } as RestSignIn;
  return {
    kind: 's3',
    accessKeyID: data.accessKeyID,
    secretAccessKey: new Secret(data.secretAccessKey),
    ...(data.sessionToken && { sessionToken: new Secret(data.sessionToken) }),
    region: data.region,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

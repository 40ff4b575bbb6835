import { asArray, asData, asDict, asString, type PlistValue } from '@rootcellar/codecs';
import type { ByteChannel } from '@rootcellar/core';
import { plistStream } from '../../plist-stream.ts';
import { applicationsError } from '../errors.ts';

export const INSTALLATION_PROXY_SERVICE = 'com.apple.mobile.installation_proxy';

const ANSWER_TIMEOUT_MS = 60_000;

/** Our limits; a phone with thousands of apps sends a few hundred messages. */
const MESSAGES_MAX = 10_000;
const APPLICATIONS_MAX = 100_000;

/** An app that its owner installed. */
export interface InstalledApplication {
  readonly bundleID: string;
  readonly displayName?: string;
  readonly version?: string;
  /** What the App Store gave; absent for apps installed otherwise. A restore hands it back. */
  readonly sinf?: Uint8Array;
  readonly metadata?: Uint8Array;
}

/**
 * Lists the owner's apps.
 *
 * @throws `installation-proxy.unknown-answer`
 *
 * Source: device-protocols §9.3.
 */
export async function listUserApplications(channel: ByteChannel): Promise<readonly InstalledApplication[]> {
  const stream = plistStream(channel);
  await stream.send({
    Command: 'Browse',
    ClientOptions: {
      ApplicationType: 'User',
      ReturnAttributes: [
        'CFBundleIdentifier',
        'CFBundleDisplayName',
        'CFBundleShortVersionString',
        'ApplicationSINF',
        'iTunesMetadata',
      ],
    },
  });

  const applications: InstalledApplication[] = [];
  for (let messages = 0; messages < MESSAGES_MAX; messages += 1) {
    const answer = asDict(
      await stream.receive({ timeoutMs: ANSWER_TIMEOUT_MS, waitingFor: 'the list of apps' }),
    );
    if (answer === undefined || answer['Error'] !== undefined) {
      throw applicationsError('unknown-answer', { answer: answer ? 'an error' : 'nothing' });
    }
    for (const value of asArray(answer['CurrentList']) ?? []) {
      const application = parseApplication(value);
      if (application) applications.push(application);
    }
    if (applications.length > APPLICATIONS_MAX) break;
    if (asString(answer['Status']) === 'Complete') return applications;
  }
  throw applicationsError('unknown-answer', { answer: 'too many of them' });
}

function parseApplication(value: PlistValue): InstalledApplication | undefined {
  const dict = asDict(value);
  const bundleID = asString(dict?.['CFBundleIdentifier']);
  if (bundleID === undefined) return undefined;
  const displayName = asString(dict?.['CFBundleDisplayName']);
  const version = asString(dict?.['CFBundleShortVersionString']);
  const sinf = asData(dict?.['ApplicationSINF']);
  const metadata = asData(dict?.['iTunesMetadata']);
  return {
    bundleID,
    ...(displayName !== undefined && { displayName }),
    ...(version !== undefined && { version }),
    ...(sinf && { sinf }),
    ...(metadata && { metadata }),
  };
}

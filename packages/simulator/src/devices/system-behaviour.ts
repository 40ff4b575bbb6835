import { compareVersions } from './system-version.ts';

/** What systems do differently, by name. Nothing else in the simulator compares versions. */
export interface SystemBehaviour {
  /** Major number in the greeting of DeviceLink. */
  readonly deviceLinkMajor: 300 | 400;
  /** Services that StartService opens without TLS. */
  readonly servicesWithoutTls: readonly string[];
  readonly asksPasscodeForBackup: boolean;
  readonly asksPasscodeForPasswordChange: boolean;
  /** Do backups without a password hold the histories of calls and of pages? */
  readonly plainBackupsHoldHistory: boolean;
  /** Seen on no version. A switch for tests. */
  readonly asksPasscodeForRestore: boolean;
  /** Is Status.plist read a second time after the manifests? */
  readonly readsStatusTwice: boolean;
  /** Most files and bytes in one UploadFiles; a single file may be larger. */
  readonly filesPerBatch: number;
  readonly bytesPerBatch: number;
  /** What is asked for above the true shortage when the computer is full. */
  readonly purgeExtraBytes: number;
  /** How long a phone of some use says nothing; only phones that take their time do it. */
  readonly silentSeconds: SilentSeconds;
  readonly restore: RestoreBehaviour;
  /** What lockdown lists under `com.apple.mobile.wireless_lockdown` before anything was set. */
  readonly wirelessKeys: readonly string[];
  /** Is it on from the start? */
  readonly wifiDebugging: boolean;
  /** Which address stands in the Wi-Fi label: its own, one made up for this network, or a new one each start. */
  readonly wifiLabel: 'own-address' | 'private-address' | 'rotating-address';
  /** MobileGestalt answers only that it is deprecated. */
  readonly gestaltDeprecated: boolean;
}

export interface SilentSeconds {
  /** Between the request and the first message. */
  readonly beforeFirstMessage: number;
  /** In an incremental run between the reads and the first byte. */
  readonly beforeFirstUpload: number;
}

/** Which backups are taken back. */
export interface RestoreBehaviour {
  /** `..` and `/` in domain names. */
  readonly refusesPathsAsDomains: boolean;
  /** App domains that Manifest.plist does not list, and domains that nobody knows. */
  readonly refusesUnknownDomains: boolean;
  /** Files without digest in the domains that have them. */
  readonly demandsDigests: boolean;
  /** What is not in the backup is gone afterwards, whatever the computer asked for. */
  readonly dropsEverythingElse: boolean;
}

/** The oldest system there is here, in full. */
const OLDEST: SystemBehaviour = {
  deviceLinkMajor: 300,
  servicesWithoutTls: ['com.apple.afc'],
  asksPasscodeForBackup: false,
  asksPasscodeForPasswordChange: false,
  plainBackupsHoldHistory: true,
  asksPasscodeForRestore: false,
  readsStatusTwice: false,
  filesPerBatch: 280,
  bytesPerBatch: 64 * 1024 * 1024,
  purgeExtraBytes: 0,
  silentSeconds: { beforeFirstMessage: 2, beforeFirstUpload: 20 },
  restore: {
    refusesPathsAsDomains: false,
    refusesUnknownDomains: false,
    demandsDigests: false,
    dropsEverythingElse: false,
  },
  wirelessKeys: ['BonjourFullServiceName', 'SupportsWifi', 'SupportsWifiSyncing'],
  wifiDebugging: false,
  wifiLabel: 'own-address',
  gestaltDeprecated: false,
};

interface Change {
  /** The first version that does it. */
  readonly since: string;
  readonly source: string;
  readonly changes: Partial<Omit<SystemBehaviour, 'restore'>> & {
    readonly restore?: Partial<RestoreBehaviour>;
  };
}

/** What each version changed, oldest first: a system does what the last version at or below it began. */
const HISTORY: readonly Change[] = [
  {
    since: '13',
    source:
      'observed, sections 0, 5.1 (libimobiledevice #793) and 5.4 (libimobiledevice #919); backup-format, section 5.9',
    changes: {
      servicesWithoutTls: [],
      asksPasscodeForPasswordChange: true,
      plainBackupsHoldHistory: false,
      wirelessKeys: ['BonjourFullServiceName', 'EnableWifiDebugging', 'SupportsWifi', 'SupportsWifiSyncing'],
    },
  },
  {
    since: '14',
    source: 'observed, section 1.1 (libimobiledevice #998)',
    changes: {
      deviceLinkMajor: 400,
      silentSeconds: { beforeFirstMessage: 5, beforeFirstUpload: 20 },
    },
  },
  {
    since: '16',
    source: 'observed, sections 1.1 and 3 (libimobiledevice #1412)',
    changes: { silentSeconds: { beforeFirstMessage: 62, beforeFirstUpload: 60 } },
  },
  {
    since: '16.1',
    source: 'observed, sections 0 and 3 (libimobiledevice #1380)',
    changes: { asksPasscodeForBackup: true },
  },
  {
    since: '17.1',
    source: 'observed, section 6 (netmuxd #56)',
    changes: { wifiLabel: 'private-address' },
  },
  {
    since: '17.4',
    source: 'observed, section 5.3; device-protocols, section 9.5',
    changes: { gestaltDeprecated: true },
  },
  {
    since: '18.1',
    source: 'observed, section 4 (Nugget #21, #24, #38; 18.1 beta 5)',
    changes: { restore: { refusesPathsAsDomains: true } },
  },
  {
    since: '26',
    source:
      'observed, sections 0, 1.5, 1.7 and 3; pymobiledevice3 #1886 (the purge amount, by reverse engineering)',
    changes: {
      readsStatusTwice: true,
      filesPerBatch: 128,
      purgeExtraBytes: 2 * 1024 ** 3,
      silentSeconds: { beforeFirstMessage: 6, beforeFirstUpload: 564 },
      wifiDebugging: true,
    },
  },
  {
    since: '26.4',
    source: 'observed, sections 5.4 and 6 (netmuxd #56)',
    changes: {
      wirelessKeys: [
        'BonjourFullServiceName',
        'EnableWifiDebugging',
        'InstanceName',
        'SupportsWifi',
        'SupportsWifiSyncing',
      ],
      wifiLabel: 'rotating-address',
    },
  },
  {
    since: '27',
    source: 'observed, sections 0, 4 and 7.3 (GoldenNugget; iPad16,2 with 27.0)',
    changes: { restore: { refusesUnknownDomains: true, demandsDigests: true, dropsEverythingElse: true } },
  },
];

/** What a version does: everything that it or a version before it began. */
export function behaviourOf(version: string): SystemBehaviour {
  let behaviour = OLDEST;
  for (const { since, changes } of HISTORY) {
    if (compareVersions(version, since) < 0) break;
    behaviour = { ...behaviour, ...changes, restore: { ...behaviour.restore, ...changes.restore } };
  }
  return behaviour;
}

/** Parts of a phone that people know by another name than the backup does. */
const KNOWN: Readonly<Record<string, string>> = {
  CameraRollDomain: 'Camera Roll',
  HomeDomain: 'Home',
  MediaDomain: 'Media',
  HealthDomain: 'Health',
  KeychainDomain: 'Keychain',
  WirelessDomain: 'Wireless',
  SystemPreferencesDomain: 'System Preferences',
  ManagedPreferencesDomain: 'Managed Preferences',
  DatabaseDomain: 'Databases',
  TonesDomain: 'Tones',
  BooksDomain: 'Books',
  HomeKitDomain: 'HomeKit',
  InstallDomain: 'Install',
  KeyboardDomain: 'Keyboard',
  MobileDeviceDomain: 'Mobile Device',
  NetworkDomain: 'Network',
  ProtectedDomain: 'Protected',
  RootDomain: 'Root',
};

/** "AppDomain-com.example.App" → "com.example.App": short, and still what it is. */
export function domainName(domain: string): string {
  return (
    KNOWN[domain] ??
    domain.replace(/^(?:AppDomain(?:Group|Plugin)?|SysContainerDomain|SysSharedContainerDomain)-/, '')
  );
}

/** "com.example.bluefox" → "bluefox": the part that people would know. The whole stands in its hint. */
export function appName(bundleID: string): string {
  return bundleID.split('.').at(-1) || bundleID;
}

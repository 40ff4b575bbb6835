/** What a phone keeps while its backups have a password. On a real one it lies in the keychain. */
export interface BackupEncryption {
  /** As it came from the computer, in its Unicode form. */
  readonly password: string;
  /** As it goes into Manifest.plist: the class keys, locked with the password. */
  readonly keybag: Uint8Array;
  /** Protection class → 32 bytes. */
  readonly classKeys: ReadonlyMap<number, Uint8Array>;
  /** What the keys of files are drawn from: a version of a file always gets the same one. */
  readonly fileSecret: Uint8Array;
}

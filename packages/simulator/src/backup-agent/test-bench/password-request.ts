import type { PlistDict } from '@rootcellar/codecs';
import { UDID } from './bench-phone.ts';

/** Sets, changes or removes the backup password. */
export function passwordRequest(passwords: { readonly old?: string; readonly new?: string }): PlistDict {
  return {
    MessageName: 'ChangePassword',
    TargetIdentifier: UDID,
    OldPassword: passwords.old,
    NewPassword: passwords.new,
  };
}

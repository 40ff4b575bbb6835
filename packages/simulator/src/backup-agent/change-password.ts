import { asString } from '@rootcellar/codecs';
import { refusals } from './answers.ts';
import { encryptionWith, setEncryption, stretchingOf } from './encryption/phone-encryption.ts';
import { type AgentSession, askPasscode } from './session.ts';

/** Our limit; the longest passwords that people paste have some hundred characters. */
const PASSWORD_CHARACTERS_MAX = 4096;

/**
 * Gives backups a password, another one, or none any more.
 *
 * Source: device-protocols specification, section 8.8. Unknown: whether the passcode is asked for before
 * or after the old password is looked at; what a phone says to a password that is too long.
 *
 * @throws a `Refusal`: 207 for a wrong old password, 208 without passcode, 1 if management forbids it
 */
export async function changePassword(session: AgentSession): Promise<void> {
  const { phone, request, options } = session;
  const given = { old: passwordIn(request['OldPassword']), new: passwordIn(request['NewPassword']) };
  if (phone.behaviour.asksPasscodeForPasswordChange) await askPasscode(session, 'backup-password');
  if (given.old !== phone.encryption?.password) throw refusals.passwordNotAccepted();
  if (given.new === undefined) {
    if (phone.encryption === undefined) throw refusals.passwordNotAccepted();
    if (phone.condition.requiresEncryption) throw refusals.encryptionForced();
  }
  const encryption =
    given.new === undefined ? undefined : await encryptionWith(given.new, phone, stretchingOf(options));
  setEncryption(phone, encryption);
  await phone.save();
}

/** Absent and empty are the same: no password. */
function passwordIn(value: Parameters<typeof asString>[0]): string | undefined {
  const password = asString(value) ?? '';
  if (password.length > PASSWORD_CHARACTERS_MAX) throw refusals.passwordNotAccepted();
  return password === '' ? undefined : password;
}

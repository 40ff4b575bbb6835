import type { PasswordSource } from '@rootcellar/operations';
import { readPassword } from './password-input.ts';
import type { Surface } from './surface.ts';

const ENVIRONMENT_VARIABLE = 'ROOTCELLAR_VAULT_PASSWORD';

/** The key of a vault; gives `undefined` where nobody gave one and nobody can be asked. */
export function vaultKey(
  { file, purpose }: { readonly file: string | undefined; readonly purpose: string },
  surface: Pick<Surface, 'canAsk' | 'clear' | 'signal'>,
): PasswordSource {
  return async () => {
    if (file === undefined && !process.env[ENVIRONMENT_VARIABLE] && !surface.canAsk) return undefined;
    return readPassword(
      {
        purpose,
        environmentVariable: ENVIRONMENT_VARIABLE,
        file,
        fileOption: '--key-file',
      },
      surface,
    );
  };
}

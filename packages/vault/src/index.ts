export { vaultError } from './errors.ts';

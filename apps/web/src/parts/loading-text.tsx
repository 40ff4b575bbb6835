import { useLanguage } from '../words/language.tsx';

/** Words instead of a spinner, and only after a moment: what comes at once needs no announcement. */
export function LoadingText({ text }: { readonly text?: string }) {
  const { words } = useLanguage();
  return (
    <p className="loading two" role="status">
      {text ?? words.shell.loading}
    </p>
  );
}

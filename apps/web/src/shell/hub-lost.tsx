import { Note } from '../parts/note.tsx';
import { useLanguage } from '../words/language.tsx';

/** At the bottom of every page while the hub does not answer: what the page shows is a memory. */
export function HubLost({ since }: { readonly since: Date }) {
  const { words, format } = useLanguage();
  const { title, text, next } = words.shell.lost;
  return (
    <div className="hub-lost" role="alert">
      <Note tone="wait" title={title}>
        <p>{text(format.clock(since))}</p>
        <p>{next}</p>
      </Note>
    </div>
  );
}

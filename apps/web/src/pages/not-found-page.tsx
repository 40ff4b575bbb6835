import { LinkButton } from '../parts/link-button.tsx';
import { linkTo } from '../router/route.ts';
import { useLanguage } from '../words/language.tsx';

export function NotFoundPage() {
  const { words } = useLanguage();
  return (
    <main id="main" tabIndex={-1} className="lone">
      <h1>{words.shell.notFound}</h1>
      <p className="lead">{words.shell.notFoundText}</p>
      <div className="actions">
        <LinkButton to={linkTo([])} variant="filled">
          {words.shell.toDevices}
        </LinkButton>
      </div>
    </main>
  );
}

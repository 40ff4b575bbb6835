import type { ReactNode } from 'react';
import { Icon, type IconName } from '../drawing/icon.tsx';

const ICON_OF: Readonly<Record<'plain' | 'wait' | 'danger' | 'safe', IconName>> = {
  plain: 'info',
  wait: 'alert',
  danger: 'stop',
  safe: 'check',
};

/** What must be seen and must stay. At most one to a page. */
export function Note({
  tone = 'plain',
  title,
  children,
  action,
}: {
  readonly tone?: 'plain' | 'wait' | 'danger' | 'safe';
  readonly title?: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={`note ${tone}`}>
      <Icon name={ICON_OF[tone]} />
      <div className="grow">
        {title && (
          <p>
            <strong>{title}</strong>
          </p>
        )}
        {children && <div className={title ? 'cap' : undefined}>{children}</div>}
      </div>
      {action}
    </div>
  );
}

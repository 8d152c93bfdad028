import { Check, CircleAlert, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';

export type Tone = 'plain' | 'good' | 'warn' | 'bad';

const icons = { plain: null, good: Check, warn: TriangleAlert, bad: CircleAlert } as const;

/** A word with a colour and an icon: colour alone says nothing. */
export function Badge({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  const Icon = icons[tone];
  return (
    <span className={`badge ${tone}`}>
      {Icon && <Icon size={12} aria-hidden />}
      {children}
    </span>
  );
}

/** What people decided, beside what was measured. */
export function ReviewBadge({ review }: { readonly review: 'accepted' | 'rejected' | 'unreviewed' }): ReactNode {
  if (review === 'unreviewed') return <span className="badge">Not reviewed</span>;
  const Icon = review === 'accepted' ? Check : X;
  return (
    <span className={`badge ${review === 'accepted' ? 'good' : 'bad'}`}>
      <Icon size={12} aria-hidden />
      {review === 'accepted' ? 'Accepted' : 'Rejected'}
    </span>
  );
}

import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  /** At the right of the title. */
  readonly aside?: ReactNode;
  readonly folds?: boolean;
  readonly startsFolded?: boolean;
  readonly children: ReactNode;
}

/** A titled part of a navigator or inspector. */
export function Section({ title, aside, folds = false, startsFolded = false, children }: SectionProps): ReactNode {
  const id = useId();
  const [folded, setFolded] = useState(startsFolded);
  const Chevron = folded ? ChevronRight : ChevronDown;
  return (
    <section className="section" aria-labelledby={id}>
      <header>
        {folds ? (
          <h3 id={id}>
            <button type="button" className="fold" aria-expanded={!folded} onClick={() => setFolded(!folded)}>
              <Chevron size={14} aria-hidden />
              {title}
            </button>
          </h3>
        ) : (
          <h3 id={id}>{title}</h3>
        )}
        {aside}
      </header>
      {!folded && children}
    </section>
  );
}

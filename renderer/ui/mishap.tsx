import { CircleAlert, RefreshCw, RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Component } from 'react';
import { Button } from './button.tsx';
import { Empty } from './empty.tsx';

interface MishapProps {
  /** What could not be shown: a room, the window. */
  readonly what: string;
  readonly children: ReactNode;
}

interface MishapState {
  /** In words; null while all is well. */
  readonly failed: string | null;
}

/** Keeps what fails while it is being shown from taking the window with it: says so in its place, with ways on. */
export class Mishap extends Component<MishapProps, MishapState> {
  override state: MishapState = { failed: null };

  static getDerivedStateFromError(error: unknown): MishapState {
    return { failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === null) return this.props.children;
    const actions = (
      <>
        <Button tone="primary" icon={RotateCcw} onClick={() => this.setState({ failed: null })}>
          Try again
        </Button>
        <Button icon={RefreshCw} onClick={() => location.reload()}>
          Reload the window
        </Button>
      </>
    );
    return (
      <div role="alert" data-mishap>
        <Empty icon={CircleAlert} title={`${this.props.what} can’t be shown`} actions={actions}>
          Your data is safe: the engine goes on. Please report this with what it says:{' '}
          <code className="mono selectable">{failed}</code>
        </Empty>
      </div>
    );
  }
}

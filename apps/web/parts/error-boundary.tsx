import { Component, type ReactNode } from 'react';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** Where the shop or the staff's pages begin. */
  readonly home: string;
}

/** Takes the place of a page that broke, so that nobody is left before a white one. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <div className="panel centred" role="alert" data-testid="broken">
        <h1>Something went wrong on this page</h1>
        <p>What you have done so far is kept.</p>
        <div className="buttons">
          <button type="button" className="button" onClick={() => location.reload()}>
            Load it again
          </button>
          <a className="button secondary" href={this.props.home}>
            To the start
          </a>
        </div>
      </div>
    );
  }
}

import '@fontsource-variable/inter/standard.css';
import '@fontsource-variable/jetbrains-mono';
import './ui/tokens.css';
import './ui/controls.css';
import { startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './app.tsx';
import { start } from './state/start.ts';
import { Mishap } from './ui/mishap.tsx';

// zod would otherwise probe for `eval`, which the content security policy reports.
z.config({ jitless: true });
start();

const root = document.getElementById('root');
// In small steps, so that the window answers while it is made.
if (root)
  startTransition(() =>
    createRoot(root).render(
      <Mishap what="The window">
        <App />
      </Mishap>,
    ),
  );

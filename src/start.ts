#!/usr/bin/env node
// The entry of the built program. Source maps are read only for files that are loaded after they are switched on.
process.setSourceMapsEnabled(true);
await import('./main.ts');

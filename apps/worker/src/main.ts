import 'reflect-metadata';
import { runProcess } from '@gatehouse/platform';
import { readConfig } from './config.js';
import { startWorker } from './worker.js';

await runProcess(() => startWorker(readConfig()));

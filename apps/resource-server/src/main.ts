import 'reflect-metadata';
import { runProcess } from '@gatehouse/platform';
import { startResourceServer } from '@gatehouse/resource-kit';
import { AppModule, resources } from './app.module.js';
import { readConfig } from './config.js';

await runProcess(() =>
  startResourceServer(
    { name: 'resource-server', resources: resources(), module: (options) => AppModule.with(options) },
    readConfig(),
  ),
);

/** Prints what the authorization server has to know about these resources, from the tools' own declarations. */
import 'reflect-metadata';
import { describeResources } from '@gatehouse/resource-kit';
import { resources } from './app.module.js';
import { readConfig } from './config.js';

const { PUBLIC_URL } = readConfig();
process.stdout.write(`${JSON.stringify(describeResources(PUBLIC_URL, resources()), null, 2)}\n`);

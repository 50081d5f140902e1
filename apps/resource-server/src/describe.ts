/** Prints what the authorization server has to know about these resources, from the tools' own declarations. */
import 'reflect-metadata';
import { printDescription } from '@gatehouse/resource-kit';
import { resources } from './app.module.js';
import { publicUrl } from './config.js';

printDescription(resources(), publicUrl);
